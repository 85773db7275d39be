"""What one would not expect of the compiled stack, but results depend on; see doc/deviations.md."""

import numpy as np
import pytest

import lsst.afw.math as afwMath
from lsst.afw.image import ImageF, ImageI, Mask, MaskedImageF
from lsst.geom import Box2I, Extent2I, Point2I


def masked_image(values, variances):
    image = MaskedImageF(len(values), 1)
    image.image.array[:] = [values]
    image.variance.array[:] = [variances]
    return image


def test_integer_median_depends_on_the_order_where_quartiles_are_wanted_too():
    values = [[3, 5, 5, 0, 3, 1, 4, 4, 3], [3, 3, 5, 4, 0, 4, 1, 5, 3]]
    assert sorted(values[0]) == sorted(values[1])
    found = []
    for each in values:
        image = ImageI(9, 1)
        image.array[:] = [each]
        assert afwMath.makeStatistics(image, afwMath.MEDIAN).getValue() == pytest.approx(10 / 3)
        both = afwMath.makeStatistics(image, afwMath.MEDIAN | afwMath.IQRANGE)
        found.append((both.getValue(afwMath.MEDIAN), both.getValue(afwMath.IQRANGE)))
    assert found == [(3.0, 1.75), (pytest.approx(10 / 3), 1.75)]


def test_clipped_variance_and_quartile_range_have_no_error():
    image = masked_image([1, 2, 3, 5], [1, 1, 1, 1])
    for flag in (afwMath.VARIANCECLIP, afwMath.IQRANGE):
        value, error = afwMath.makeStatistics(image, flag | afwMath.ERRORS).getResult(flag)
        assert value > 0
        assert np.isnan(error)


def test_weighted_extrema_may_lie_outside_of_the_values():
    control = afwMath.StatisticsControl()
    control.setWeighted(True)
    image = masked_image([1, 2, 3], [0.001, 0.001, 0.001])
    statistics = afwMath.makeStatistics(image, afwMath.MIN | afwMath.MAX | afwMath.MEAN, control)
    assert statistics.getValue(afwMath.MEAN) == pytest.approx(2)
    assert statistics.getValue(afwMath.MIN) == 1
    # The sum of weight times value over the number of pixels, from which the search for extrema begins.
    assert statistics.getValue(afwMath.MAX) == pytest.approx(2000)


def test_pixels_that_are_not_finite_count_as_masked():
    control = afwMath.StatisticsControl()
    control.setAndMask(Mask.getPlaneBitMask("BAD"))
    image = masked_image([1, np.nan, 3, 4], [1, 1, 1, 1])
    image.mask.array[0, 3] = Mask.getPlaneBitMask("BAD")
    statistics = afwMath.makeStatistics(image, afwMath.NPOINT | afwMath.NMASKED, control)
    assert statistics.getValue(afwMath.NPOINT) == 2
    assert statistics.getValue(afwMath.NMASKED) == 2


def test_constant_interpolation_steps_in_the_middle_to_the_mean():
    interpolate = afwMath.makeInterpolate(
        [0.0, 1.0, 3.0, 4.0], [0.0, 10.0, 20.0, 30.0], afwMath.Interpolate.CONSTANT
    )
    points = [-1, 0.4, 0.6, 1.9, 2.1, 3.4, 3.6, 4.4, 4.6, 9]
    assert list(interpolate.interpolate(np.array(points))) == [0, 0, 5, 5, 15, 15, 25, 25, 30, 30]


def test_single_cell_errors_are_in_the_variance_plane():
    """The variance plane of the image of cells holds errors, not their squares."""
    rng = np.random.default_rng(8)
    image = MaskedImageF(40, 40)
    image.image.array[:] = rng.normal(0, 10, (40, 40))
    background = afwMath.makeBackground(image, afwMath.BackgroundControl(2, 2, prop="MEAN"))
    cell = image[Box2I(Point2I(0, 0), Extent2I(20, 20))]
    _, error = afwMath.makeStatistics(cell, afwMath.MEAN | afwMath.ERRORS).getResult(afwMath.MEAN)
    assert background.getStatsImage().variance.array[0, 0] == pytest.approx(error, rel=1e-6)


def test_one_nan_without_nan_safety_is_nan():
    control = afwMath.StatisticsControl()
    control.setNanSafe(False)
    image = ImageF(3, 1)
    image.array[:] = [[1, np.nan, 2]]
    for flags in (afwMath.MEAN, afwMath.MIN, afwMath.MAX, afwMath.SUM, afwMath.STDEV):
        assert np.isnan(afwMath.makeStatistics(image, flags, control).getValue())
    both = afwMath.makeStatistics(image, afwMath.MIN | afwMath.MAX | afwMath.MEAN, control)
    assert all(np.isnan(both.getValue(flag)) for flag in (afwMath.MIN, afwMath.MAX, afwMath.MEAN))


@pytest.mark.parametrize("size", [50, 777])
@pytest.mark.parametrize("flag", [afwMath.MEDIAN, afwMath.MEANCLIP])
def test_quantiles_and_clipping_mostly_survive_a_nan(size, flag):
    control = afwMath.StatisticsControl()
    control.setNanSafe(False)
    rng, finite = np.random.default_rng(size), 0
    for _ in range(50):
        values = rng.normal(100.0, 1.0, size).astype(np.float32)
        values[rng.integers(size)] = np.nan
        found = afwMath.makeStatistics(values, flag, control).getValue()
        finite += abs(found - 100.0) < 4.0
    assert finite > 40


def test_infinity_without_nan_safety():
    control = afwMath.StatisticsControl()
    control.setNanSafe(False)
    both = afwMath.makeStatistics(
        np.array([1.0, np.inf, 2.0]), afwMath.MIN | afwMath.MAX | afwMath.MEAN, control
    )
    assert (both.getValue(afwMath.MIN), both.getValue(afwMath.MAX)) == (1.0, np.inf)
    assert np.isnan(both.getValue(afwMath.MEAN))


def test_nan_among_the_weights_leaves_no_extremum():
    image = MaskedImageF(3, 1)
    image.image.array[:] = [[1, 5, 2]]
    image.variance.array[:] = [[1, np.nan, 1]]
    control = afwMath.StatisticsControl()
    control.setWeighted(True)
    both = afwMath.makeStatistics(image, afwMath.MIN | afwMath.MAX, control)
    assert np.isnan(both.getValue(afwMath.MIN))
    assert np.isnan(both.getValue(afwMath.MAX))


def test_nothing_is_clipped_unless_a_clipped_statistic_is_wanted():
    image = ImageI(np.array([[1, 2, 2, 3, 1000]], dtype=np.int32))
    plain = afwMath.makeStatistics(image, afwMath.MEDIAN)
    both = afwMath.makeStatistics(image, afwMath.MEDIAN | afwMath.NCLIPPED)
    assert both.getValue(afwMath.NCLIPPED) == 0
    assert both.getValue(afwMath.MEDIAN) == plain.getValue()
    clipped = afwMath.makeStatistics(image, afwMath.MEANCLIP | afwMath.NCLIPPED)
    assert clipped.getValue(afwMath.NCLIPPED) == 1


def test_errors_of_mosaics_are_not_computed():
    control = afwMath.StatisticsControl()
    assert not control.getCalcErrorMosaicMode()
    control.setCalcErrorMosaicMode(True)
    assert control.getCalcErrorMosaicMode()
    with pytest.raises(NotImplementedError, match="Errors of mosaics"):
        afwMath.makeStatistics(ImageF(2, 2), afwMath.MEAN, control)
