"""Stacks: agreement with statistics one pixel at a time, masks, weights and bad input."""

import numpy as np
import pytest

from lsst.afw import math as afw_math
from lsst.afw.image import LOCAL, ImageD, ImageF, MaskedImageF, MaskX
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError

BOX = Box2I(Point2I(-3, 8), Extent2I(5, 4))


def make_stack(seed, members=7):
    rng = np.random.default_rng(seed)
    images = []
    for _ in range(members):
        image = MaskedImageF(BOX)
        image.image.array[:] = rng.standard_t(2, (4, 5)) + 50
        image.mask.array[:] = rng.integers(0, 4, (4, 5)) * (rng.random((4, 5)) < 0.4)
        image.variance.array[:] = rng.uniform(0.5, 2.0, (4, 5))
        images.append(image)
    images[0].image.array[1, 1] = np.nan
    return images


@pytest.mark.parametrize(
    "flag", ["MEAN", "MEDIAN", "MEANCLIP", "NPOINT", "SUM", "STDEV", "MAX", "VARIANCECLIP"]
)
@pytest.mark.parametrize("mode", ["plain", "variance", "vector", "input errors"])
def test_agrees_with_statistics_of_each_pixel(flag, mode):
    images = make_stack(2)
    flag = afw_math.Property[flag]
    control = afw_math.StatisticsControl(2.0, 3, 2)
    weights = []
    if mode == "variance":
        control.setWeighted(True)
    elif mode == "vector":
        control.setWeighted(True)
        weights = [1.0, 2.0, 0.5, 1.5, 1.0, 3.0, 0.25]
    elif mode == "input errors":
        control.setCalcErrorFromInputVariance(True)
    stacked = afw_math.statisticsStack(images, flag, control, weights)
    for y, x in np.ndindex(4, 5):
        column = MaskedImageF(len(images), 1)
        for i, image in enumerate(images):
            for plane in ("image", "mask", "variance"):
                getattr(column, plane).array[0, i] = getattr(image, plane).array[y, x]
        args = [ImageF(np.array([weights], dtype=np.float32))] if weights else []
        expected = afw_math.makeStatistics(column, *args, flag | afw_math.ERRORS, control)
        value, error = expected.getResult(flag)
        assert stacked.image.array[y, x] == pytest.approx(value, rel=1e-6, nan_ok=True)
        assert stacked.variance.array[y, x] == pytest.approx(error**2, rel=1e-5, nan_ok=True)
        assert stacked.mask.array[y, x] == expected.getOrMask()


def test_masks_of_rejected_and_absent_pixels():
    images = [MaskedImageF(3, 1) for _ in range(3)]
    for image in images:
        image.mask.array[0, 0] = 1
    images[1].mask.array[0, 1] = 1
    control = afw_math.StatisticsControl(andMask=1)
    control.setNoGoodPixelsMask(64)
    stacked = afw_math.statisticsStack(images, afw_math.MEAN, control, [], 0, [(1, 32)])
    np.testing.assert_array_equal(stacked.mask.array, [[64 | 32, 32, 0]])
    stacked = afw_math.statisticsStack(images, afw_math.MEAN, control, [], 128)
    np.testing.assert_array_equal(stacked.mask.array, [[64 | 128, 128, 0]])
    stacked = afw_math.statisticsStack(images, afw_math.MEAN, control, [], 128, excuse=1)
    np.testing.assert_array_equal(stacked.mask.array, [[64, 0, 0]])


def test_clipped_pixels_are_marked():
    images = make_stack(4, 12)
    images[3].image.array[2, 2] = 1e6
    images[3].mask.array[2, 2] = 0
    stacked = afw_math.statisticsStack(images, afw_math.MEANCLIP, afw_math.StatisticsControl(), [], 256)
    assert stacked.mask.array[2, 2] & 256


def test_images_and_vectors():
    images = [ImageF(np.full((4, 5), value, dtype=np.float32), xy0=BOX.getMin()) for value in (1, 2, 6)]
    stacked = afw_math.statisticsStack(images, afw_math.MEAN)
    assert isinstance(stacked, ImageF)
    assert stacked.getBBox() == Box2I(Point2I(0, 0), BOX.getDimensions())
    np.testing.assert_array_equal(stacked.array, 3.0)
    assert afw_math.statisticsStack([[1.0, 5.0], [2.0, 7.0], [6.0, 9.0]], afw_math.MEDIAN) == [2.0, 7.0]


def test_bad_input():
    with pytest.raises(LengthError, match="at least one object"):
        afw_math.statisticsStack([], afw_math.MEAN)
    images = make_stack(1)
    with pytest.raises(InvalidParameterError, match="different length"):
        afw_math.statisticsStack(images, afw_math.MEAN, afw_math.StatisticsControl(), [1.0])
    with pytest.raises(InvalidParameterError, match="Exactly one statistic"):
        afw_math.statisticsStack(images, afw_math.MEAN | afw_math.MEDIAN)
    with pytest.raises(InvalidParameterError, match="Bad dimensions for member 1"):
        afw_math.statisticsStack([images[0], MaskedImageF(2, 2)], afw_math.MEAN)
    with pytest.raises(TypeError, match="All members"):
        afw_math.statisticsStack([images[0], images[0].image], afw_math.MEAN)
    control = afw_math.StatisticsControl(useWeights=afw_math.WEIGHTS_TRUE)
    with pytest.raises(InvalidParameterError, match="need MaskedImages"):
        afw_math.statisticsStack([images[0].image], afw_math.MEAN, control)


def test_inputs_stay():
    images = make_stack(6)
    before = [MaskedImageF(image, True) for image in images]
    afw_math.statisticsStack(
        images, afw_math.MEANCLIP, afw_math.StatisticsControl(andMask=MaskX.getPlaneBitMask("BAD"))
    )
    for image, copy in zip(images, before, strict=True):
        np.testing.assert_array_equal(image.image.array, copy.image.array)
        np.testing.assert_array_equal(image.mask.array, copy.mask.array)


def test_weights_of_masked_images_need_a_weighted_control(caplog):
    images, weights = make_stack(3, 3), [1.0, 5.0, 2.0]
    plain = afw_math.statisticsStack(images, afw_math.MEAN)
    for control in (
        afw_math.StatisticsControl(),
        afw_math.StatisticsControl(useWeights=afw_math.WEIGHTS_FALSE),
    ):
        caplog.clear()
        ignored = afw_math.statisticsStack(images, afw_math.MEAN, control, weights)
        assert "call setWeighted(True) to use them" in caplog.text
        np.testing.assert_array_equal(ignored.image.array, plain.image.array)
    caplog.clear()
    control.setWeighted(True)
    used = afw_math.statisticsStack(images, afw_math.MEAN, control, weights)
    assert not caplog.records
    assert (used.image.array != plain.image.array).any()


@pytest.mark.parametrize("flags", [afw_math.WEIGHTS_NONE, afw_math.WEIGHTS_FALSE, afw_math.WEIGHTS_TRUE])
def test_weights_of_images_and_vectors_are_used_always(flags):
    control = afw_math.StatisticsControl(useWeights=flags)
    images = [ImageF(np.full((2, 3), value, dtype=np.float32)) for value in (1, 2, 6)]
    stacked = afw_math.statisticsStack(images, afw_math.MEAN, control, [1.0, 1.0, 2.0])
    np.testing.assert_array_equal(stacked.array, 3.75)
    assert afw_math.statisticsStack([[1.0], [2.0], [6.0]], afw_math.MEAN, control, [1.0, 1.0, 2.0]) == [3.75]


def test_arguments_by_name():
    images = make_stack(5)
    control = afw_math.StatisticsControl(andMask=1)
    expected = afw_math.statisticsStack(images, afw_math.MEDIAN, control, [], 4, [(1, 8)])
    found = afw_math.statisticsStack(
        maskMap=[(1, 8)], clipped=4, wvector=[], sctrl=control, flags=afw_math.MEDIAN, images=images
    )
    np.testing.assert_array_equal(found.image.array, expected.image.array)
    np.testing.assert_array_equal(found.mask.array, expected.mask.array)
    vectors = [[1.0, 5.0], [2.0, 7.0], [6.0, 9.0]]
    assert afw_math.statisticsStack(vectors=vectors, flags=afw_math.MEAN) == [3.0, 7.0]


@pytest.mark.parametrize("kind", ["image", "masked image"])
def test_an_image_is_filled(kind):
    images = make_stack(7) if kind == "masked image" else [image.image for image in make_stack(7)]
    expected = afw_math.statisticsStack(images, afw_math.MEANCLIP)
    out = type(images[0])(BOX)
    assert afw_math.statisticsStack(out, images, afw_math.MEANCLIP) is None
    assert out.getBBox() == BOX
    planes = ("image", "mask", "variance") if kind == "masked image" else ("",)
    for plane in planes:
        ours, theirs = (getattr(each, plane) if plane else each for each in (out, expected))
        np.testing.assert_array_equal(ours.array, theirs.array)
    assert afw_math.statisticsStack(out=out, images=images, flags=afw_math.MEAN) is None
    with pytest.raises(InvalidParameterError, match="Bad dimensions for the image to fill"):
        afw_math.statisticsStack(type(out)(2, 2), images, afw_math.MEAN)
    with pytest.raises(TypeError, match="cannot fill a ImageD"):
        afw_math.statisticsStack(ImageD(BOX), images, afw_math.MEAN)


@pytest.mark.parametrize("kind", ["image", "masked image"])
@pytest.mark.parametrize("dimensions", ["x", "y"])
@pytest.mark.parametrize("flag", [afw_math.MEAN, afw_math.MEDIAN, afw_math.MEANCLIP, afw_math.MAX])
def test_one_image_is_collapsed(kind, dimensions, flag):
    given = make_stack(8)[0]
    given = given if kind == "masked image" else given.image
    control = afw_math.StatisticsControl(andMask=2 if kind == "masked image" else 0)
    stacked = afw_math.statisticsStack(given, flag, dimensions, control)
    assert isinstance(stacked, MaskedImageF)
    assert stacked.getDimensions() == (Extent2I(1, 4) if dimensions == "x" else Extent2I(5, 1))
    assert not stacked.mask.array.any()
    for i in range(4 if dimensions == "x" else 5):
        box = (
            Box2I(Point2I(0, i), Extent2I(5, 1))
            if dimensions == "x"
            else Box2I(Point2I(i, 0), Extent2I(1, 4))
        )
        part = given.Factory(given, box, LOCAL)
        value, error = afw_math.makeStatistics(part, flag | afw_math.ERRORS, control).getResult(flag)
        assert stacked.image.array.reshape(-1)[i] == pytest.approx(value, rel=1e-6)
        assert stacked.variance.array.reshape(-1)[i] == pytest.approx(error**2, rel=1e-5)


def test_forms_that_do_not_exist():
    image = make_stack(1)[0]
    with pytest.raises(InvalidParameterError, match="along 'x' or 'y', not along 'z'"):
        afw_math.statisticsStack(image, afw_math.MEAN, "z")
    with pytest.raises(TypeError, match="Only an Image or a MaskedImage can be collapsed"):
        afw_math.statisticsStack([image], afw_math.MEAN, "x")
    with pytest.raises(TypeError, match="Unexpected or repeated argument 'members'"):
        afw_math.statisticsStack(members=[image], flags=afw_math.MEAN)
    with pytest.raises(TypeError, match=r"takes \(images, flags, .*got 1 arguments"):
        afw_math.statisticsStack([image])
