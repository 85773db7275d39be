"""Masked images in memory: planes, views, arithmetic."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.afw.image import (
    LOCAL,
    Image,
    ImageD,
    ImageF,
    Mask,
    MaskedImage,
    MaskedImageD,
    MaskedImageF,
    MaskedImageI,
    MaskedImageL,
    MaskedImageU,
    MaskX,
    X,
    Y,
    imagesOverlap,
    makeMaskedImage,
    makeMaskedImageFromArrays,
)
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import LengthError
from lsst.pex.exceptions import RuntimeError as PexRuntimeError

CLASSES = {
    MaskedImageF: np.float32,
    MaskedImageD: np.float64,
    MaskedImageI: np.int32,
    MaskedImageU: np.uint16,
    MaskedImageL: np.uint64,
}
BOX = Box2I(Point2I(-3, 5), Extent2I(7, 4))


def make(cls=MaskedImageF, seed=1):
    rng = np.random.default_rng(seed)
    masked_image = cls(BOX)
    masked_image.image.array = rng.integers(1, 90, (4, 7)).astype(CLASSES[cls])
    masked_image.mask.array = rng.integers(0, 512, (4, 7)).astype(np.int32)
    masked_image.variance.array = rng.uniform(1, 4, (4, 7)).astype(np.float32)
    return masked_image


def planes(masked_image):
    return tuple(array.copy() for array in masked_image.getArrays())


def assert_planes(masked_image, image, mask, variance, rtol=0.0):
    np.testing.assert_allclose(masked_image.image.array, image, rtol=rtol)
    np.testing.assert_array_equal(masked_image.mask.array, mask)
    np.testing.assert_allclose(masked_image.variance.array, variance, rtol=rtol)


@pytest.mark.parametrize(("cls", "dtype"), CLASSES.items())
def test_template(cls, dtype):
    assert MaskedImage[dtype] is MaskedImage[cls.__name__[-1]] is cls
    masked_image = MaskedImage(BOX, dtype=dtype)
    assert type(masked_image) is cls
    assert isinstance(masked_image, MaskedImage)
    assert type(masked_image.image) is Image[dtype]
    assert type(masked_image.variance) is ImageF
    assert cls.__module__ == "lsst.afw.image._maskedImage"
    assert cls.dtype is dtype


def test_construct():
    for masked_image in (
        MaskedImageF(7, 4),
        MaskedImageF(width=7, height=4),
        MaskedImageF(Extent2I(7, 4)),
        MaskedImageF(dimensions=Extent2I(7, 4)),
    ):
        assert masked_image.getBBox() == Box2I(Point2I(0, 0), Extent2I(7, 4))
        assert not any(array.any() for array in masked_image.getArrays())
    assert MaskedImageF().getDimensions() == Extent2I(0, 0)
    assert MaskedImageF(bbox=BOX).mask.getBBox() == BOX
    assert MaskedImageF(BOX, {"A": 3}).mask.getMaskPlaneDict() == {"A": 3}


def test_construct_from_planes():
    image, mask, variance = ImageF(BOX), Mask(BOX), ImageF(BOX)
    for masked_image in (
        MaskedImageF(image, mask, variance),
        MaskedImageF(image=image, mask=mask, variance=variance),
        makeMaskedImage(image, mask, variance),
    ):
        assert masked_image.image is image
        assert masked_image.mask is mask
        assert masked_image.variance is variance
    only = MaskedImageF(image)
    assert only.mask.getBBox() == only.variance.getBBox() == BOX
    assert type(makeMaskedImage(ImageD(BOX))) is MaskedImageD


def test_construct_from_arrays():
    image, mask = np.ones((4, 7), np.float64), np.zeros((4, 7), np.int32)
    masked_image = makeMaskedImageFromArrays(image, mask)
    assert type(masked_image) is MaskedImageD
    assert masked_image.image.array is image
    assert masked_image.mask.array is mask
    assert not masked_image.variance.array.any()


def test_construct_errors():
    with pytest.raises(LengthError, match="mask is"):
        MaskedImageF(ImageF(BOX), Mask(2, 2))
    with pytest.raises(LengthError, match="variance is"):
        MaskedImageF(ImageF(BOX), None, ImageF(2, 2))
    with pytest.raises(TypeError, match="image must be ImageF, got ImageD"):
        MaskedImageF(ImageD(BOX))
    with pytest.raises(TypeError, match="mask must be MaskX"):
        MaskedImageF(ImageF(BOX), ImageF(BOX))


def test_replace_planes():
    masked_image = make()
    new = ImageF(BOX, 3.0)
    masked_image.image = new
    assert masked_image.getImage() is new
    masked_image.setVariance(new)
    assert masked_image.variance is new
    mask = Mask(BOX)
    masked_image.mask = mask
    assert masked_image.getMask() is mask
    masked_image.image += 1
    assert (new.array == 4).all()
    with pytest.raises(LengthError, match="image is"):
        masked_image.image = ImageF(2, 2)


def test_copies():
    masked_image = make()
    for deep in (
        masked_image.clone(),
        copy.copy(masked_image),
        copy.deepcopy(masked_image),
        MaskedImageF(masked_image, True),
    ):
        assert_planes(deep, *masked_image.getArrays())
        assert deep.getBBox() == BOX
        assert not imagesOverlap(deep, masked_image)
    shallow = masked_image.Factory(masked_image)
    assert imagesOverlap(shallow, masked_image)
    double = masked_image.convertD()
    assert type(double) is MaskedImageD
    assert_planes(double, *masked_image.getArrays())
    assert type(double.convertF()) is MaskedImageF


def test_grid():
    masked_image = make()
    assert (masked_image.getWidth(), masked_image.getHeight()) == (7, 4)
    assert masked_image.getDimensions() == Extent2I(7, 4)
    assert masked_image.getBBox(LOCAL).getMin() == Point2I(0, 0)
    assert masked_image.indexToPosition(0, X) == -3.0
    assert masked_image.positionToIndex(5.25, Y) == (0, 0.25)
    masked_image.setXY0(10, 20)
    masked_image.setXY0(Point2I(11, 21))
    assert (masked_image.getX0(), masked_image.getY0()) == (11, 21)
    for plane in (masked_image.image, masked_image.mask, masked_image.variance):
        assert plane.getXY0() == masked_image.getXY0() == Point2I(11, 21)


def test_sub_image_is_view():
    masked_image = make()
    box = Box2I(Point2I(-1, 6), Extent2I(2, 3))
    view = masked_image[box]
    assert view.getBBox() == view.mask.getBBox() == view.variance.getBBox() == box
    view *= 2
    view.mask |= 1 << 10
    assert (masked_image.mask.array[1:4, 2:4] >= 1 << 10).all()
    assert (masked_image.mask.array[0] < 1 << 10).all()
    assert imagesOverlap(masked_image[0:2, 5:7], masked_image)
    assert not imagesOverlap(MaskedImageF(masked_image, box, deep=True), masked_image)


def test_pixels():
    masked_image = make()
    image, mask, variance = masked_image.getArrays()
    assert masked_image[1, 6] == (image[1, 4], mask[1, 4], variance[1, 4])
    masked_image[1, 6] = (3.0, 5, 7.0)
    assert masked_image[4, 1, LOCAL] == (3.0, 5, 7.0)
    masked_image[0:2, 5:7] = (1.0, 2, 3.0)
    assert masked_image[0, 5] == masked_image[1, 6] == (1.0, 2, 3.0)
    masked_image.set(4.0, 5, 6.0)
    assert_planes(masked_image, np.full((4, 7), 4.0), np.full((4, 7), 5), np.full((4, 7), 6.0))
    masked_image[:] = 2.0
    assert_planes(masked_image, np.full((4, 7), 2.0), np.zeros((4, 7)), np.zeros((4, 7)))


def test_assign():
    masked_image, other = make(), make(seed=2)
    masked_image.assign(other)
    assert_planes(masked_image, *other.getArrays())
    third = make(seed=3)
    masked_image[0:2, 5:7] = third[1:3, 6:8]
    assert masked_image[1, 6] == third[2, 7]
    assert masked_image[2, 6] == other[2, 6]
    with pytest.raises(TypeError, match="expected MaskedImageF"):
        masked_image.assign(ImageF(BOX))


def test_add_and_subtract():
    a, b = make(), make(seed=2)
    (ai, am, av), (bi, bm, bv) = planes(a), planes(b)
    a += b
    assert_planes(a, ai + bi, am | bm, av + bv)
    a -= b
    assert_planes(a, ai + bi - bi, am | bm, av + bv + bv)
    a += 2
    a -= b.image
    assert_planes(a, ai + bi - bi + 2 - bi, am | bm, av + bv + bv)


def test_multiply_and_divide_by_number():
    a = make()
    ai, am, av = planes(a)
    a *= 3
    assert_planes(a, ai * 3, am, av * 9)
    a = make()
    a /= 1.7
    number = np.float32(1.7)
    reciprocal = np.float32(1) / number
    assert_planes(a, ai * reciprocal, am, av * (np.float32(1) / (number * number)))


@pytest.mark.parametrize("cls", [MaskedImageF, MaskedImageD])
def test_multiply_and_divide_by_masked_image(cls):
    a, b = make(cls), make(cls, seed=2)
    (ai, am, av), (bi, bm, bv) = planes(a), planes(b)
    a *= b
    assert_planes(a, ai * bi, am | bm, ai**2 * bv + bi**2 * av, rtol=1e-6)
    a = make(cls)
    a /= b
    assert_planes(a, ai / bi, am | bm, (ai**2 * bv + bi**2 * av) / bi**4, rtol=1e-6)


def test_multiply_and_divide_by_image():
    a, b = make(), make(seed=2)
    (ai, am, av), (bi, _, _) = planes(a), planes(b)
    a *= b.image
    assert_planes(a, ai * bi, am, av * bi**2, rtol=1e-6)
    a = make()
    a /= b.image
    assert_planes(a, ai / bi, am, av / bi**2, rtol=1e-6)


def test_scaled():
    b = make(seed=2)
    bi, bm, bv = planes(b)
    for name, image, variance in (
        ("scaledPlus", lambda a, av: a + 0.5 * bi, lambda a, av: av + 0.25 * bv),
        ("scaledMinus", lambda a, av: a - 0.5 * bi, lambda a, av: av + 0.25 * bv),
        ("scaledMultiplies", lambda a, av: a * 0.5 * bi, lambda a, av: 0.25 * (a**2 * bv + bi**2 * av)),
        (
            "scaledDivides",
            lambda a, av: a / (0.5 * bi),
            lambda a, av: (a**2 * bv + bi**2 * av) / (0.25 * bi**4),
        ),
    ):
        masked_image = make()
        ai, am, av = planes(masked_image)
        getattr(masked_image, name)(0.5, b)
        assert_planes(masked_image, image(ai, av), am | bm, variance(ai, av), rtol=1e-6)


def test_failed_arithmetic_changes_nothing():
    a = make()
    before = planes(a)
    other = MaskedImageF(BOX, {"A": 0})
    other.set(1.0, 1, 1.0)
    for operator in ("__iadd__", "__isub__", "__imul__", "__itruediv__"):
        with pytest.raises(PexRuntimeError, match="dictionaries differ"):
            getattr(a, operator)(other)
        with pytest.raises(LengthError, match="different size"):
            getattr(a, operator)(MaskedImageF(2, 2))
        with pytest.raises(TypeError, match="cannot be combined"):
            getattr(a, operator)(MaskedImageD(BOX))
    assert_planes(a, *before)
    with pytest.raises(NotImplementedError, match="in-place"):
        a + 1


def test_swap_and_text():
    a, b = make(), MaskedImageF(2, 1)
    a.swap(b)
    assert a.getDimensions() == Extent2I(2, 1)
    assert repr(a).startswith("lsst.afw.image._maskedImage.MaskedImageF=(image=[[0. 0.]],\nmask=[[0 0]]")


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.floats(0.125, 100, width=32))
def test_division_undoes_multiplication(seed, number):
    a = make(seed=seed)
    before = planes(a)
    a *= number
    a /= number
    assert_planes(a, *before, rtol=1e-6)


def test_no_image_at_all():
    for cls in (MaskedImageF, ImageF, MaskX):
        assert cls(None).getBBox() == cls(Extent2I(0, 0)).getBBox()


def test_integers_with_fractions():
    image, other = MaskedImageI(2, 1), MaskedImageI(2, 1)
    image.set((10, 1, 1.0))
    other.set((3, 2, 4.0))
    image.scaledPlus(1.5, other)
    assert [plane.flat[0] for plane in image.getArrays()] == [14, 3, 10.0]
