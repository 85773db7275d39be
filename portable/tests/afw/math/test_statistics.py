"""Statistics: known answers, invariants and bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lsst.afw import math as afw_math
from lsst.afw.image import ImageF, ImageI, MaskedImageF, MaskX
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError

VALUES = arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e6, 1e6, width=32))
BOX = Box2I(Point2I(-7, 12), Extent2I(9, 5))


@pytest.fixture
def image():
    rng = np.random.default_rng(11)
    image = MaskedImageF(BOX)
    image.image.array[:] = rng.normal(100.0, 3.0, (5, 9))
    image.mask.array[1, 2] = 1
    image.variance.array[:] = rng.uniform(8.0, 10.0, (5, 9))
    return image


def value(data, flag, *args):
    return afw_math.makeStatistics(data, flag, *args).getValue()


def test_small_known_answers():
    numbers = [1.0, 2.0, 3.0, 4.0, 100.0]
    assert value(numbers, afw_math.MEAN) == 22.0
    assert value(numbers, afw_math.MEDIAN) == 3.0
    assert value(numbers, afw_math.IQRANGE) == 2.0
    assert value(numbers, afw_math.SUM) == 110.0
    assert value(numbers, afw_math.NPOINT) == 5
    assert value(numbers, afw_math.MIN) == 1.0
    assert value(numbers, afw_math.MAX) == 100.0
    assert value(numbers, afw_math.VARIANCE) == pytest.approx(np.var(numbers, ddof=1))
    assert value(numbers, afw_math.STDEV) == pytest.approx(np.std(numbers, ddof=1))
    assert value(numbers, afw_math.MEANSQUARE) == pytest.approx(np.mean(np.square(numbers)))
    assert value(numbers, afw_math.MEANCLIP) == 2.5
    assert (
        afw_math.makeStatistics(numbers, afw_math.MEANCLIP | afw_math.NCLIPPED).getValue(afw_math.NCLIPPED)
        == 1
    )
    assert value(numbers, afw_math.NCLIPPED) == 0


def test_weights():
    numbers, weights = [1.0, 2.0, 6.0], [1.0, 2.0, 0.5]
    statistics = afw_math.makeStatistics(np.array(numbers), weights, afw_math.MEAN | afw_math.ERRORS)
    assert statistics.getValue() == pytest.approx(np.average(numbers, weights=weights))
    assert statistics.getError(afw_math.MEAN) > 0
    control = afw_math.StatisticsControl()
    control.setWeighted(False)
    with pytest.raises(InvalidParameterError, match="not to use weights"):
        afw_math.makeStatistics(numbers, weights, afw_math.MEAN, control)


def test_mask_and_nan(image):
    control = afw_math.StatisticsControl()
    assert value(image, afw_math.NPOINT, control) == 45
    control.setAndMask(1)
    image.image.array[0, 0] = np.nan
    image.image.array[0, 1] = np.inf
    assert value(image, afw_math.NPOINT, control) == 42
    assert value(image, afw_math.NMASKED, control) == 3
    assert np.isfinite(value(image, afw_math.MEAN, control))
    control.setNanSafe(False)
    assert not np.isfinite(value(image, afw_math.MEAN, control))
    assert value(image, afw_math.NPOINT, control) == 44


def test_too_large_for_single_precision_does_not_count():
    assert value(np.array([1.0, 3.0, 1e300]), afw_math.MEAN) == 2.0


def test_or_mask_of_counted_pixels(image):
    image.mask.array[2, 2] = 8
    image.mask.array[3, 3] = 16
    control = afw_math.StatisticsControl(andMask=16)
    statistics = afw_math.makeStatistics(image, afw_math.MEAN | afw_math.ORMASK, control)
    assert statistics.getOrMask() == 9
    assert statistics.getValue(afw_math.ORMASK) == 9


def test_mask_propagation():
    image = MaskedImageF(10, 1)
    image.mask.array[0, :3] = 4
    control = afw_math.StatisticsControl(andMask=4)
    assert control.getMaskPropagationThreshold(2) == 1.0
    assert afw_math.makeStatistics(image, afw_math.MEAN, control).getOrMask() == 0
    control.setMaskPropagationThreshold(2, 0.25)
    assert afw_math.makeStatistics(image, afw_math.MEAN, control).getOrMask() == 4
    control.setMaskPropagationThreshold(2, 0.3)
    assert afw_math.makeStatistics(image, afw_math.MEAN, control).getOrMask() == 0


def test_sub_image_is_measured_alone(image):
    part = image[Box2I(Point2I(-5, 13), Extent2I(3, 2))]
    assert value(part, afw_math.MEAN) == pytest.approx(image.image.array[1:3, 2:5].mean(dtype=float))


def test_image_and_mask():
    image = ImageF(np.arange(6, dtype=np.float32).reshape(2, 3))
    mask = MaskX(np.array([[0, 0, 1], [1, 1, 1]], dtype=np.int32))
    control = afw_math.StatisticsControl(andMask=1)
    assert afw_math.makeStatistics(image, mask, afw_math.MEAN, control).getValue() == 0.5


def test_statistics_of_mask():
    mask = MaskX(np.array([[1, 2, 0]], dtype=np.int32))
    statistics = afw_math.makeStatistics(mask, afw_math.NPOINT | afw_math.SUM)
    assert statistics.getValue(afw_math.NPOINT) == 3
    assert statistics.getValue(afw_math.SUM) == 3
    with pytest.raises(InvalidParameterError, match="only NPOINT and SUM"):
        afw_math.makeStatistics(mask, afw_math.MEAN)


def test_bad_input(image):
    with pytest.raises(InvalidParameterError, match="contains no pixels"):
        afw_math.makeStatistics(ImageF(0, 0), afw_math.MEAN)
    with pytest.raises(InvalidParameterError, match="differs from"):
        afw_math.makeStatistics(image.image, MaskX(2, 2), afw_math.MEAN)
    with pytest.raises(InvalidParameterError, match="was not computed"):
        afw_math.makeStatistics(image, afw_math.MEAN).getValue(afw_math.MEDIAN)
    with pytest.raises(InvalidParameterError, match="more than one"):
        afw_math.makeStatistics(image, afw_math.MEAN | afw_math.MEDIAN).getValue()
    control = afw_math.StatisticsControl()
    control.setWeighted(True)
    with pytest.raises(InvalidParameterError, match="need weights"):
        afw_math.makeStatistics(image.image, afw_math.MEAN, control)
    control = afw_math.StatisticsControl()
    control.setCalcErrorFromInputVariance(True)
    with pytest.raises(InvalidParameterError, match="need a variance plane"):
        afw_math.makeStatistics(image.image, afw_math.MEAN, control)
    with pytest.raises(InvalidParameterError, match="Unknown statistics property 'MEEN'"):
        afw_math.stringToStatisticsProperty("MEEN")
    with pytest.raises(TypeError, match="real numbers"):
        afw_math.makeStatistics(["a"], afw_math.MEAN)
    with pytest.raises(TypeError, match="needs flags"):
        afw_math.makeStatistics(image)


@pytest.mark.parametrize("name", ["numSigmaClip", "numIter"])
@pytest.mark.parametrize("bad", [0, -1])
def test_control_refuses_what_is_not_positive(name, bad):
    with pytest.raises(InvalidParameterError, match=f"{name} has to be positive"):
        afw_math.StatisticsControl(**{name: bad})


def test_control_properties():
    control = afw_math.StatisticsControl(2.5, 4, 3, False, afw_math.WEIGHTS_TRUE)
    assert (control.numSigmaClip, control.numIter, control.andMask, control.nanSafe, control.weighted) == (
        2.5,
        4,
        3,
        False,
        True,
    )
    assert control.getNoGoodPixelsMask() == MaskX.getPlaneBitMask("NO_DATA")
    control.noGoodPixelsMask = 7
    assert control.getNoGoodPixelsMask() == 7
    assert not afw_math.StatisticsControl().getWeightedIsSet()


@settings(max_examples=50, deadline=None)
@given(VALUES, st.randoms(use_true_random=False))
def test_order_does_not_matter(values, random):
    shuffled = values.copy()
    random.shuffle(shuffled)
    flags = afw_math.MEAN | afw_math.MEDIAN | afw_math.IQRANGE | afw_math.MIN | afw_math.MAX
    one, other = (afw_math.makeStatistics(data, flags) for data in (values, shuffled))
    for flag in (afw_math.MEDIAN, afw_math.IQRANGE, afw_math.MIN, afw_math.MAX):
        assert one.getValue(flag) == other.getValue(flag)
    assert one.getValue(afw_math.MEAN) == pytest.approx(other.getValue(afw_math.MEAN), rel=1e-9, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(VALUES, st.floats(0.5, 5), st.integers(1, 5))
def test_clipping_keeps_what_is_near_the_middle(values, sigma, rounds):
    control = afw_math.StatisticsControl(sigma, rounds)
    statistics = afw_math.makeStatistics(
        values, afw_math.MEANCLIP | afw_math.NCLIPPED | afw_math.NPOINT, control
    )
    clipped, count = statistics.getValue(afw_math.NCLIPPED), statistics.getValue(afw_math.NPOINT)
    assert 0 <= clipped <= count
    mean = statistics.getValue(afw_math.MEANCLIP)
    if clipped < count:
        assert values.min() - 1e-6 <= mean <= values.max() + 1e-6
    if clipped == 0:
        assert mean == pytest.approx(values.mean(), rel=1e-9, abs=1e-6)


def test_median_of_integer_image():
    image = ImageI(np.array([[1, 1, 1], [2, 2, 9]], dtype=np.int32))
    assert value(image, afw_math.MEDIAN) == 1.5


def test_arguments_by_name():
    image, control = ImageF(4, 3, 2.0), afw_math.StatisticsControl(andMask=1)
    mask = MaskX(4, 3)
    mask.array[1, 2] = 1
    masked = MaskedImageF(image, mask)
    weights = ImageF(4, 3, 0.5)
    for named, expected in (
        ({"img": image}, 24.0),
        ({"img": image, "msk": mask}, 22.0),
        ({"mimg": masked}, 22.0),
        ({"mimg": masked, "weights": weights}, 11.0),
        ({"v": [1.0, 2.0]}, 3.0),
        ({"v": [1.0, 2.0], "vweights": [3.0, 1.0]}, 5.0),
        ({"msk": mask}, 1.0),
    ):
        assert afw_math.makeStatistics(flags=afw_math.SUM, sctrl=control, **named).getValue() == expected
    assert afw_math.makeStatistics(image, msk=mask, flags=afw_math.SUM, sctrl=control).getValue() == 22.0
    for wrong in ({"image": image}, {"img": image, "mimg": masked}, {}):
        with pytest.raises(TypeError, match="makeStatistics"):
            afw_math.makeStatistics(flags=afw_math.SUM, **wrong)
