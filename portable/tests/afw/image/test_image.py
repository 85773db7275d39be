"""Images in memory: construction, views, indexing, arithmetic."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.afw.image import (
    LOCAL,
    PARENT,
    ExposureF,
    Image,
    ImageD,
    ImageF,
    ImageI,
    ImageL,
    ImageOrigin,
    ImageU,
    MaskedImageF,
    MaskX,
    X,
    Y,
    imagesOverlap,
    makeImageFromArray,
)
from lsst.afw.math import PolynomialFunction2D
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError

CLASSES = {ImageF: np.float32, ImageD: np.float64, ImageI: np.int32, ImageU: np.uint16, ImageL: np.uint64}
PLANE = PolynomialFunction2D([1.5, 0.25, -2.0])
BOX = Box2I(Point2I(-3, 5), Extent2I(7, 4))


def make_image(cls=ImageF, box=BOX, seed=1):
    rng = np.random.default_rng(seed)
    image = cls(box)
    image.array = rng.integers(1, 100, (box.getHeight(), box.getWidth())).astype(CLASSES[cls])
    return image


@pytest.mark.parametrize(("cls", "dtype"), CLASSES.items())
def test_template(cls, dtype):
    assert Image[dtype] is cls
    assert Image[cls.__name__[-1]] is cls
    assert cls.dtype is dtype
    image = Image(BOX, dtype=dtype)
    assert type(image) is cls
    assert isinstance(image, Image)
    assert issubclass(cls, Image)
    assert not isinstance(image, MaskX)
    assert image.array.dtype == dtype
    assert image.array.shape == (4, 7)
    assert cls.__module__ == "lsst.afw.image._image"


def test_template_needs_type():
    with pytest.raises(TypeError, match="No registered subclass"):
        Image(BOX)


def test_construct_by_size():
    for image in (
        ImageF(7, 4),
        ImageF(width=7, height=4),
        ImageF(Extent2I(7, 4)),
        ImageF(dimensions=Extent2I(7, 4)),
    ):
        assert image.getBBox() == Box2I(Point2I(0, 0), Extent2I(7, 4))
        assert not image.array.any()
    assert ImageF().getDimensions() == Extent2I(0, 0)
    for image in (ImageF(7, 4, 2.5), ImageF(Extent2I(7, 4), 2.5), ImageF(BOX, initialValue=2.5)):
        np.testing.assert_array_equal(image.array, np.full((4, 7), 2.5, np.float32))


def test_construct_negative_size():
    with pytest.raises(LengthError, match="-1"):
        ImageF(Extent2I(-1, 4))


def test_construct_from_array():
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    shared = ImageF(array, xy0=Point2I(2, -1))
    assert shared.array is array
    assert shared.getBBox() == Box2I(Point2I(2, -1), Extent2I(4, 3))
    deep = ImageF(array, deep=True)
    assert not np.shares_memory(deep.array, array)
    assert type(makeImageFromArray(array.astype(np.uint16))) is ImageU
    assert makeImageFromArray(None) is None


@pytest.mark.parametrize("bad", [np.zeros((3, 4)), np.zeros(3, np.float32), np.zeros((3, 4), ">f4")])
def test_construct_from_wrong_array(bad):
    with pytest.raises(TypeError, match="2-D array of float32"):
        ImageF(bad)


def test_grid():
    image = make_image()
    assert (image.getWidth(), image.getHeight()) == (7, 4)
    assert (image.getX0(), image.getY0()) == (-3, 5)
    assert image.getXY0() == Point2I(-3, 5)
    assert image.getBBox() == image.getBBox(PARENT) == BOX
    assert image.getBBox(LOCAL) == Box2I(Point2I(0, 0), Extent2I(7, 4))
    image.setXY0(3, 4)
    assert image.getXY0() == Point2I(3, 4)
    image.setXY0(Point2I(-1, -2))
    assert image.getBBox().getMin() == Point2I(-1, -2)


def test_positions():
    image = make_image()
    assert image.indexToPosition(2, X) == -1.0
    assert image.indexToPosition(2, Y) == 7.0
    assert image.positionToIndex(-1.0, X) == (2, 0.0)
    assert image.positionToIndex(7.5, Y) == (3, -0.5)
    index, residual = image.positionToIndex(-5.7, X)
    assert index == -3
    assert residual == pytest.approx(0.3)


def test_copies():
    image = make_image()
    for deep in (
        image.clone(),
        copy.copy(image),
        copy.deepcopy(image),
        ImageF(image, True),
        image.Factory(image, deep=True),
    ):
        assert type(deep) is ImageF
        assert deep.getBBox() == BOX
        np.testing.assert_array_equal(deep.array, image.array)
        assert not imagesOverlap(deep, image)
    assert imagesOverlap(ImageF(image), image)
    assert imagesOverlap(ImageF(src=image, deep=False), image)
    assert image != image.clone()


@pytest.mark.parametrize("cls", CLASSES)
def test_convert(cls):
    image = make_image(cls)
    for suffix, target in (("F", ImageF), ("D", ImageD), ("I", ImageI), ("U", ImageU), ("L", ImageL)):
        converted = getattr(image, "convert" + suffix)()
        assert type(converted) is target
        assert converted.getXY0() == image.getXY0()
        np.testing.assert_array_equal(converted.array, image.array)
        assert not imagesOverlap(converted, image)


def test_convert_needs_deep():
    with pytest.raises(InvalidParameterError, match="deep=True"):
        ImageD(make_image())


def test_array_setter():
    image = make_image()
    before = image.array
    image.array = np.ones((4, 7))
    assert image.array is before
    assert (before == 1).all()
    image.array += 2
    assert (before == 3).all()
    image.array[:] = 4
    assert (image.getArray() == 4).all()
    with pytest.raises(ValueError, match="broadcast"):
        image.array = np.ones((4, 6))
    image.array = 5
    assert (before == 5).all()
    image.array = np.arange(7)
    assert before[:, 3].tolist() == [3, 3, 3, 3]
    integers = ImageI(7, 4)
    integers.array = image.array + 0.75
    assert integers.array[0].tolist() == list(range(7))


@pytest.mark.parametrize("cls", [ImageF, MaskX, MaskedImageF, ExposureF])
def test_size_and_place_are_properties(cls):
    image = cls(Box2I(Point2I(-3, 5), Extent2I(7, 4)))
    assert (image.width, image.height, image.x0, image.y0) == (7, 4, -3, 5)
    assert all(type(value) is int for value in (image.width, image.height, image.x0, image.y0))


@pytest.mark.parametrize("cls", [ImageF, MaskX, MaskedImageF])
def test_absurd_sizes_are_refused(cls):
    with pytest.raises(LengthError, match="65536x32768"):
        cls(Extent2I(65536, 32768))


@pytest.mark.parametrize("cls", [ImageF, ImageD, ImageI, MaskedImageF])
def test_functions_are_added_at_positions_of_the_parent(cls):
    bbox = Box2I(Point2I(-3, 5), Extent2I(7, 4))
    image = cls(bbox)
    image += PLANE
    pixels = getattr(image, "image", image).array
    x, y = np.meshgrid(np.arange(-3, 4), np.arange(5, 9))
    expected = np.zeros((4, 7), pixels.dtype)
    expected[...] = 1.5 + 0.25 * x - 2.0 * y
    np.testing.assert_array_equal(pixels, expected)
    image -= PLANE
    assert not pixels.any()


def test_integers_take_fractions_of_other_images():
    image, other = ImageI(3, 1), ImageI(3, 1)
    image.array = [10, 10, 10]
    other.array = [3, -3, 5]
    image.scaledPlus(1.5, other)
    assert image.array[0].tolist() == [14, 6, 17]
    image.scaledMinus(0.5, other)
    assert image.array[0].tolist() == [13, 7, 15]
    image.scaledMultiplies(1.5, other)
    assert image.array[0].tolist() == [52, -28, 105]
    image.scaledDivides(1.5, other)
    assert image.array[0].tolist() == [13, 7, 15]
    with pytest.raises(ZeroDivisionError):
        image.scaledDivides(0.1, other)


@pytest.mark.parametrize(("factor", "product"), [(1e39, np.inf), (-1e39, -np.inf), (1e-46, 0.0)])
def test_numbers_that_pixels_cannot_hold(factor, product):
    image = ImageF(2, 1, 1.0)
    image *= factor
    assert image.array[0].tolist() == [product, product]


def test_pixel_access():
    image = make_image()
    assert image[0, 5] == image.array[0, 3]
    assert isinstance(image[0, 5], float)
    assert isinstance(make_image(ImageI)[0, 5], int)
    assert image[Point2I(-3, 8)] == image.array[3, 0]
    assert image[Point2I(0, 3), LOCAL] == image.array[3, 0]
    assert image[2, 1, LOCAL] == image.array[1, 2]
    assert image[-1, -2, LOCAL] == image.array[2, 6]
    image[0, 5] = 17
    assert image.array[0, 3] == 17
    image[Point2I(0, 0), LOCAL] = 18
    assert image.array[0, 0] == 18


def test_pixel_access_errors():
    image = make_image()
    with pytest.raises(IndexError, match="negative"):
        image[-3, 5]
    with pytest.raises(IndexError, match="outside"):
        image[4, 5]
    with pytest.raises(IndexError, match="outside"):
        image[-8, 0, LOCAL]
    with pytest.raises(IndexError, match="outside"):
        image[Point2I(-4, 5)] = 3
    with pytest.raises(TypeError, match="expected image"):
        image[3]
    with pytest.raises(TypeError, match="mixed"):
        image[1:2, 5]
    with pytest.raises(TypeError, match="expected image"):
        image[1:2]
    with pytest.raises(ValueError, match="step"):
        image[0:4:2, 5:6]
    with pytest.raises(IndexError, match="no pixels"):
        image[2:2, 5:6]
    with pytest.raises(TypeError):
        image[1.5, 5]


def test_slices():
    image = make_image()
    for part in (image[:], image[...], image[:, :], image[:, :, LOCAL], image[BOX]):
        assert part.getBBox() == BOX
        assert np.shares_memory(part.array, image.array)
    part = image[0:3, 6:]
    assert part.getBBox() == Box2I(Point2I(0, 6), Extent2I(3, 3))
    np.testing.assert_array_equal(part.array, image.array[1:, 3:6])
    part = image[-3:, :-1, LOCAL]
    assert part.getXY0() == Point2I(1, 5)
    np.testing.assert_array_equal(part.array, image.array[:-1, -3:])


def test_sub_image_outside():
    image = make_image()
    for box, origin in (
        (BOX.dilatedBy(1), PARENT),
        (BOX, LOCAL),
        (Box2I(Point2I(0, 0), Extent2I(8, 1)), LOCAL),
    ):
        with pytest.raises(LengthError, match="does not fit"):
            image[box, origin]


def test_sub_image_constructor():
    image = make_image()
    box = Box2I(Point2I(-1, 6), Extent2I(2, 3))
    view = ImageF(image, box)
    assert np.shares_memory(view.array, image.array)
    deep = ImageF(image, box, PARENT, True)
    assert not np.shares_memory(deep.array, image.array)
    np.testing.assert_array_equal(deep.array, image.array[1:4, 2:4])
    local = ImageF(image, bbox=Box2I(Point2I(2, 1), Extent2I(2, 3)), origin=LOCAL)
    assert local.getBBox() == box
    with pytest.raises(TypeError, match="cannot be a part"):
        ImageD(image, box)


def test_assignment():
    image = make_image()
    box = Box2I(Point2I(-1, 6), Extent2I(2, 3))
    image[box] = 5
    assert (image.array[1:4, 2:4] == 5).all()
    image[box] = ImageF(Extent2I(2, 3), 6.0)
    assert (image.array[1:4, 2:4] == 6).all()
    image[0:2, 0:2, LOCAL] = ImageF(2, 2, 7.0)
    assert (image.array[:2, :2] == 7).all()
    image[:] = 8
    assert (image.array == 8).all()
    image[box] += 1
    assert (image.array[1:4, 2:4] == 9).all()
    assert image.array.sum() == 8 * 28 + 6
    image.set(1)
    assert (image.array == 1).all()
    image.assign(ImageF(BOX, 3.0))
    assert (image.array == 3).all()


def test_assignment_errors():
    image = make_image()
    with pytest.raises(LengthError, match="different size"):
        image[:] = ImageF(3, 3)
    with pytest.raises(TypeError):
        image[:] = ImageD(BOX)
    with pytest.raises(TypeError):
        image[:] = np.zeros((4, 7), np.float32)
    with pytest.raises(TypeError):
        ImageI(BOX)[:] = 1.5
    with pytest.raises(TypeError, match="uint16"):
        ImageU(BOX)[:] = -1


def test_arithmetic_in_place_only():
    image = make_image()
    for expression in (lambda: image + 1, lambda: 1 - image, lambda: image * image, lambda: image / 2):
        with pytest.raises(NotImplementedError, match="in-place"):
            expression()


@pytest.mark.parametrize("cls", CLASSES)
def test_arithmetic(cls):
    image, other = make_image(cls), make_image(cls, seed=2)
    other.setXY0(100, 100)
    expected = image.array.copy()
    same = image
    image += other
    expected += other.array
    image *= other
    expected *= other.array
    image -= other
    expected -= other.array
    image += 3
    expected += CLASSES[cls](3)
    image *= 2
    expected *= CLASSES[cls](2)
    image -= 1
    expected -= CLASSES[cls](1)
    assert image is same
    assert image.array.dtype == CLASSES[cls]
    np.testing.assert_array_equal(image.array, expected)


def test_arithmetic_errors():
    image = make_image()
    with pytest.raises(LengthError, match="different size"):
        image += ImageF(3, 3)
    with pytest.raises(TypeError, match="convert one"):
        image += ImageD(BOX)
    with pytest.raises(TypeError, match="expected a number"):
        image += np.zeros((4, 7), np.float32)
    with pytest.raises(TypeError):
        image.scaledPlus(2.0, 3.0)
    integers = make_image(ImageI)
    with pytest.raises(ZeroDivisionError, match="ImageI"):
        integers /= 0
    with pytest.raises(TypeError):
        integers += 1.5


def test_division_by_number_is_by_reciprocal():
    image = make_image()
    expected = image.array * (np.float32(1) / np.float32(3.3))
    image /= 3.3
    np.testing.assert_array_equal(image.array, expected)


def test_division_by_zero():
    image = ImageF(2, 1)
    image.array = np.array([[0, 1]], np.float32)
    image /= 0.0
    np.testing.assert_array_equal(image.array, np.array([[np.nan, np.inf]], np.float32))


def test_integer_division_truncates():
    image = ImageI(np.array([[-7, 7, 6]], np.int32))
    image /= 2
    np.testing.assert_array_equal(image.array, [[-3, 3, 3]])
    image /= ImageI(np.array([[-2, 2, 1]], np.int32))
    np.testing.assert_array_equal(image.array, [[1, 1, 3]])


def test_scaled_arithmetic():
    other = make_image(seed=3)
    scaled = np.float32(0.1) * other.array
    for name, operation in (
        ("scaledPlus", np.add),
        ("scaledMinus", np.subtract),
        ("scaledMultiplies", np.multiply),
        ("scaledDivides", np.divide),
    ):
        image = make_image()
        expected = operation(image.array, scaled)
        getattr(image, name)(0.1, other)
        np.testing.assert_array_equal(image.array, expected)


def test_sqrt_and_swap():
    image, other = make_image(), make_image(seed=4, box=Box2I(Point2I(1, 1), Extent2I(2, 2)))
    expected = np.sqrt(image.array)
    image.sqrt()
    np.testing.assert_array_equal(image.array, expected)
    image.swap(other)
    assert image.getDimensions() == Extent2I(2, 2)
    np.testing.assert_array_equal(other.array, expected)
    with pytest.raises(TypeError, match="expected ImageF"):
        image.swap(ImageD(2, 2))


def test_text():
    image = ImageF(Box2I(Point2I(1, 2), Extent2I(2, 1)))
    assert str(image).startswith("[[0. 0.]], bbox=")
    assert repr(image).startswith("lsst.afw.image._image.ImageF=[[0. 0.]]")


@st.composite
def boxes_in_boxes(draw):
    x0, y0 = (draw(st.integers(-20, 20)) for _ in range(2))
    nx, ny = (draw(st.integers(1, 12)) for _ in range(2))
    left, bottom = draw(st.integers(0, nx - 1)), draw(st.integers(0, ny - 1))
    width, height = draw(st.integers(1, nx - left)), draw(st.integers(1, ny - bottom))
    return (
        Box2I(Point2I(x0, y0), Extent2I(nx, ny)),
        Box2I(Point2I(x0 + left, y0 + bottom), Extent2I(width, height)),
        (slice(bottom, bottom + height), slice(left, left + width)),
    )


@settings(deadline=None, max_examples=60)
@given(boxes_in_boxes(), st.sampled_from(list(CLASSES)), st.sampled_from(list(ImageOrigin)))
def test_views_share_memory(boxes, cls, origin):
    full, part, slices = boxes
    image = make_image(cls, full)
    asked = part if origin is PARENT else part.shiftedBy(-Extent2I(full.getMin()))
    view = image[asked, origin]
    assert type(view) is cls
    assert view.getBBox() == part
    np.testing.assert_array_equal(view.array, image.array[slices])
    expected = image.array.copy()
    expected[slices] += 7
    view += 7
    np.testing.assert_array_equal(image.array, expected)


@settings(deadline=None, max_examples=60)
@given(boxes_in_boxes(), st.data())
def test_local_slices_are_numpy_slices(boxes, data):
    full, _, _ = boxes
    image = make_image(ImageF, full)
    ny, nx = image.array.shape
    ends = st.one_of(st.none(), st.integers(-nx, nx - 1)), st.one_of(st.none(), st.integers(-ny, ny - 1))
    x, y = (slice(data.draw(each), data.draw(each)) for each in ends)
    expected = image.array[y, x]
    if expected.size == 0:
        with pytest.raises(IndexError, match="no pixels"):
            image[x, y, LOCAL]
    else:
        np.testing.assert_array_equal(image[x, y, LOCAL].array, expected)


@settings(deadline=None, max_examples=60)
@given(
    st.floats(-1e6, 1e6, width=32),
    st.sampled_from(["__iadd__", "__isub__", "__imul__"]),
    st.sampled_from([ImageF, ImageD]),
)
def test_scalar_arithmetic_is_in_the_pixel_type(value, operator, cls):
    image = make_image(cls)
    expected = image.array.copy()
    getattr(expected, operator)(CLASSES[cls](value))
    getattr(image, operator)(value)
    np.testing.assert_array_equal(image.array, expected)
