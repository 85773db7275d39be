"""Backgrounds: known answers, styles, boxes, approximation, pickling and bad input."""

import pickle

import numpy as np
import pytest

from lsst.afw import math as afw_math
from lsst.afw.fits import FitsError
from lsst.afw.image import ImageD, ImageF, MaskedImageF
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError, OutOfRangeError, RuntimeError
from lsst.portable.arrays.cells import cell_centers, cell_edges

BOX = Box2I(Point2I(-31, 17), Extent2I(60, 45))


def plane(box=BOX):
    y, x = np.mgrid[: box.getHeight(), : box.getWidth()]
    return (100.0 + 0.25 * x - 0.5 * y).astype(np.float32)


@pytest.fixture
def image():
    image = ImageF(BOX)
    image.array[:] = plane()
    return image


@pytest.mark.parametrize(("length", "count"), [(120, 7), (33, 33), (5, 3), (64, 1), (4072, 32)])
def test_cells_cover_the_axis(length, count):
    edges = cell_edges(length, count)
    assert edges[0] == 0
    assert edges[-1] == length
    sizes = np.diff(edges)
    assert sizes.min() >= 1
    assert sizes.max() - sizes.min() <= 1
    assert cell_centers(np.array([0, 4, 5])).tolist() == [1.5, 4.0]


@pytest.mark.parametrize("style", ["LINEAR", "NATURAL_SPLINE", "CUBIC_SPLINE", "AKIMA_SPLINE"])
def test_background_of_a_plane_is_the_plane(image, style):
    background = afw_math.makeBackground(image, afw_math.BackgroundControl(6, 5, prop=afw_math.MEAN))
    result = background.getImageF(style)
    assert result.getBBox() == BOX
    np.testing.assert_allclose(result.array, image.array, rtol=1e-6)


def test_box_is_cut_from_the_whole(image):
    image.array[:] += np.random.default_rng(4).normal(size=image.array.shape)
    background = afw_math.makeBackground(image, afw_math.BackgroundControl(6, 5))
    box = Box2I(Point2I(-20, 30), Extent2I(13, 7))
    part = background.getImageF(box, "AKIMA_SPLINE")
    assert part.getBBox() == box
    np.testing.assert_allclose(part.array, background.getImageF()[box].array, rtol=1e-6)
    assert isinstance(background.getImageD(), ImageD)
    np.testing.assert_array_equal(background.getImage(bbox=box).array, part.array)


@pytest.mark.parametrize("box", [Box2I(Point2I(-32, 17), Extent2I(2, 2)), Box2I()])
def test_box_outside_is_refused(image, box):
    background = afw_math.makeBackground(image, afw_math.BackgroundControl(6, 5))
    with pytest.raises(LengthError, match="empty or out of range"):
        background.getImageF(box, "LINEAR")


def test_empty_cells_are_bridged(image):
    image.array[:9, :10] = np.nan
    background = afw_math.makeBackground(image, afw_math.BackgroundControl(6, 5, prop="MEAN"))
    assert np.isnan(background.getStatsImage().image.array).sum() == 1
    result = background.getImageF("AKIMA_SPLINE", "REDUCE_INTERP_ORDER").array
    np.testing.assert_allclose(result, plane(), rtol=1e-6)
    with pytest.raises(OutOfRangeError, match="4 good value"):
        background.getImageF("AKIMA_SPLINE", "THROW_EXCEPTION")


def test_scattered_empty_cells_in_rows(image):
    background = afw_math.makeBackground(image, afw_math.BackgroundControl(6, 5, prop="MEAN"))
    background.getStatsImage().image.array[:, 2] = np.nan
    result = background.getImageF("LINEAR", "REDUCE_INTERP_ORDER").array
    np.testing.assert_allclose(result, plane(), rtol=1e-6)
    background.getStatsImage().image.array[:] = np.nan
    assert np.isnan(background.getImageF("LINEAR", "REDUCE_INTERP_ORDER").array).all()


def test_undersampling(image):
    background = afw_math.makeBackground(image, afw_math.BackgroundControl(2, 5))
    with pytest.raises(InvalidParameterError, match="2 x 5 background cells are too few"):
        background.getImageF("AKIMA_SPLINE")
    with pytest.raises(InvalidParameterError, match="INCREASE_NXNYSAMPLE is not supported"):
        background.getImageF("AKIMA_SPLINE", "INCREASE_NXNYSAMPLE")
    background.getImageF("AKIMA_SPLINE", "REDUCE_INTERP_ORDER")
    assert background.getAsUsedInterpStyle() == afw_math.Interpolate.LINEAR
    assert background.getAsUsedUndersampleStyle() == afw_math.UndersampleStyle.REDUCE_INTERP_ORDER


def test_defaults_of_the_control_are_used(image):
    control = afw_math.BackgroundControl(
        "LINEAR", 4, 3, "REDUCE_INTERP_ORDER", afw_math.StatisticsControl(), "MEDIAN"
    )
    background = afw_math.makeBackground(image, control)
    background.getImageF()
    assert background.getAsUsedInterpStyle() == afw_math.Interpolate.LINEAR
    assert background.getAsUsedUndersampleStyle() == afw_math.REDUCE_INTERP_ORDER
    assert background.getBackgroundControl().getStatisticsProperty() == afw_math.MEDIAN
    assert (control.getNxSample(), control.getNySample()) == (4, 3)


def test_errors_of_cells_are_in_the_variance_plane():
    image = MaskedImageF(40, 40)
    image.image.array[:] = np.random.default_rng(1).normal(0, 2.0, (40, 40))
    background = afw_math.makeBackground(image, afw_math.BackgroundControl(2, 2, prop="MEAN"))
    np.testing.assert_allclose(background.getStatsImage().variance.array, 2.0 / 20, rtol=0.1)


def test_weighted_background():
    image = MaskedImageF(8, 8)
    image.image.array[:] = np.tile([1.0, 3.0], 32).reshape(8, 8)
    image.variance.array[:] = np.tile([1.0, 4.0], 32).reshape(8, 8)
    control = afw_math.StatisticsControl()
    control.setWeighted(True)
    background = afw_math.makeBackground(image, afw_math.BackgroundControl(2, 2, control, "MEAN"))
    np.testing.assert_allclose(background.getStatsImage().image.array, (1.0 + 3.0 / 4) / 1.25)
    with pytest.raises(InvalidParameterError, match="need a MaskedImage"):
        afw_math.makeBackground(image.image, afw_math.BackgroundControl(2, 2, control, "MEAN"))


def test_adding_a_constant(image):
    background = afw_math.makeBackground(image, afw_math.BackgroundControl(6, 5))
    before = background.getImageF("LINEAR").array
    background += 10.0
    np.testing.assert_allclose(background.getImageF("LINEAR").array, before + 10.0, rtol=1e-6)
    background -= 10.0
    np.testing.assert_allclose(background.getImageF("LINEAR").array, before, rtol=1e-6)


def test_pickle(image):
    background = afw_math.makeBackground(image, afw_math.BackgroundControl(6, 5))
    copy = pickle.loads(pickle.dumps(background))
    assert copy.getImageBBox() == BOX
    np.testing.assert_array_equal(copy.getImageF("LINEAR").array, background.getImageF("LINEAR").array)


def test_pickle_keeps_the_control(image):
    control = afw_math.BackgroundControl("LINEAR", 6, 5, "REDUCE_INTERP_ORDER", prop="MEDIAN")
    copy = pickle.loads(pickle.dumps(afw_math.makeBackground(image, control))).getBackgroundControl()
    assert copy.getInterpStyle() == afw_math.Interpolate.LINEAR
    assert copy.getUndersampleStyle() == afw_math.REDUCE_INTERP_ORDER
    assert copy.getStatisticsProperty() == afw_math.MEDIAN
    assert (copy.getNxSample(), copy.getNySample()) == (6, 5)


@pytest.mark.parametrize("weighting", [False, True])
def test_chebyshev_of_a_parabola(weighting):
    y, x = np.mgrid[:45, :60]
    image = ImageF(BOX)
    image.array[:] = 5.0 + 0.1 * x + 0.002 * x * y - 0.01 * y
    approximation = afw_math.ApproximateControl(afw_math.ApproximateControl.CHEBYSHEV, 2, 2, weighting)
    control = afw_math.BackgroundControl(12, 9, prop="MEAN")
    background = afw_math.makeBackground(image, control)
    fit = background.getApproximate(approximation)
    np.testing.assert_allclose(fit.getImage().array, image.array, rtol=1e-4)
    assert fit.getMaskedImage().getBBox() == Box2I(Point2I(0, 0), BOX.getDimensions())
    assert np.ptp(fit.getImage(0).array) == 0
    control.setApproximateControl(approximation)
    box = Box2I(Point2I(-20, 30), Extent2I(13, 7))
    part = background.getImageF(box, "LINEAR")
    assert part.getBBox() == box
    expected = fit.getImage()[box.shiftedBy(Point2I(0, 0) - BOX.getMin())]
    np.testing.assert_array_equal(part.array, expected.array)
    with pytest.raises(InvalidParameterError, match="at most 2"):
        fit.getImage(3)


def test_bad_control():
    with pytest.raises(LengthError, match="nxSample = 0"):
        afw_math.BackgroundControl(0, 3)
    with pytest.raises(InvalidParameterError, match="Unknown undersample style 'SQUEEZE'"):
        afw_math.BackgroundControl("LINEAR", 2, 2, "SQUEEZE")
    with pytest.raises(InvalidParameterError, match="orders must be equal"):
        afw_math.ApproximateControl(afw_math.ApproximateControl.CHEBYSHEV, 2, 3)
    with pytest.raises(TypeError, match="unexpected or repeated argument 'cells'"):
        afw_math.BackgroundControl(3, 3, cells=2)
    box = Box2I(Point2I(0, 0), Extent2I(4, 4))
    control = afw_math.ApproximateControl(afw_math.ApproximateControl.UNKNOWN, 1)
    with pytest.raises(InvalidParameterError, match=r"Only ApproximateControl\.CHEBYSHEV"):
        afw_math.makeApproximate([1.5], [1.5], MaskedImageF(1, 1), box, control)


def test_what_is_no_image():
    with pytest.raises(TypeError, match="needs an Image or a MaskedImage, got ndarray"):
        afw_math.makeBackground(np.ones((3, 3)), afw_math.BackgroundControl(1, 1))


def test_more_cells_than_pixels(image):
    with pytest.raises(InvalidParameterError, match="contains no pixels"):
        afw_math.makeBackground(image, afw_math.BackgroundControl(61, 5))
    with pytest.raises(InvalidParameterError, match="contains no pixels"):
        afw_math.makeBackground(ImageF(0, 0), afw_math.BackgroundControl(1, 1))


@pytest.mark.parametrize(("weighting", "cure"), [(False, "use larger cells"), (True, "try weighting=False")])
def test_no_cell_to_approximate(weighting, cure):
    approximation = afw_math.ApproximateControl(afw_math.ApproximateControl.CHEBYSHEV, 2, 2, weighting)
    cells = MaskedImageF(5, 4)
    cells.image.array[:] = np.nan
    cells.variance.array[:] = 1.0
    background = afw_math.BackgroundMI(BOX, cells)
    with pytest.raises(RuntimeError, match=f"0 of 20 cells have a finite value.*{cure}"):
        background.getApproximate(approximation)
    with pytest.raises(RuntimeError, match="No valid points to fit"):
        afw_math.makeApproximate(np.arange(5), np.arange(4), cells, BOX, approximation)


def test_no_weight_to_approximate_with():
    approximation = afw_math.ApproximateControl(afw_math.ApproximateControl.CHEBYSHEV, 2, 2, True)
    cells = MaskedImageF(5, 4)
    background = afw_math.BackgroundMI(BOX, cells)
    for variance in (0.0, np.nan, np.inf):
        cells.variance.array[:] = variance
        with pytest.raises(RuntimeError, match="20 of 20 cells have a finite value, and none of"):
            background.getApproximate(approximation)


def test_styles_are_unknown_until_an_image_is_made():
    background = afw_math.makeBackground(ImageF(BOX), afw_math.BackgroundControl("LINEAR", 4, 4))
    assert background.getAsUsedInterpStyle() == afw_math.Interpolate.UNKNOWN
    assert background.getAsUsedUndersampleStyle() == afw_math.THROW_EXCEPTION
    assert afw_math.BackgroundList(background)[0][1] == afw_math.Interpolate.LINEAR
    background.getImageF("NATURAL_SPLINE", "REDUCE_INTERP_ORDER")
    assert background.getAsUsedInterpStyle() == afw_math.Interpolate.NATURAL_SPLINE


def test_centers_of_cells_are_in_pixels_of_the_parent():
    background = afw_math.makeBackground(ImageF(BOX), afw_math.BackgroundControl(3, 5))
    np.testing.assert_array_equal(background.getBinCentersX(), BOX.getMinX() + np.array([9.5, 29.5, 49.5]))
    np.testing.assert_array_equal(background.getBinCentersY(), BOX.getMinY() + np.arange(4.0, 45.0, 9.0))


def test_list_with_more_cells_where_needed(image, tmp_path):
    """INCREASE_NXNYSAMPLE is a style for measuring: lists keep it, and need enough cells to make an image."""
    style, unknown = afw_math.UndersampleStyle.INCREASE_NXNYSAMPLE, afw_math.ApproximateControl.UNKNOWN
    path = str(tmp_path / "list.fits")
    for cells in (6, 2):
        background = afw_math.makeBackground(image, afw_math.BackgroundControl(cells, cells))
        entry = (background, afw_math.Interpolate.AKIMA_SPLINE, style, unknown, 0, 0, False)
        made = afw_math.BackgroundList(entry)
        made.writeFits(path)
        if cells == 6:
            found = afw_math.BackgroundList.readFits(path)
            assert found[0][2] == style
            np.testing.assert_allclose(found.getImage().array, plane(), rtol=1e-3)
            continue
        with pytest.raises(InvalidParameterError, match="INCREASE_NXNYSAMPLE is not supported"):
            made.getImage()
        with pytest.raises(FitsError, match="INCREASE_NXNYSAMPLE is not supported"):
            afw_math.BackgroundList.readFits(path)
