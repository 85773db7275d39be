"""What users of the stack type every day: images and masked images."""

import copy
import pickle

import numpy as np
import pytest

import lsst.afw.image as afwImage
import lsst.geom as geom
import lsst.pex.exceptions as pexExceptions

BBOX = geom.Box2I(geom.Point2I(10, 20), geom.Extent2I(8, 6))
PART = geom.Box2I(geom.Point2I(12, 21), geom.Extent2I(3, 2))


@pytest.fixture
def image():
    image = afwImage.ImageF(BBOX)
    image.array[:] = np.arange(48).reshape(6, 8)
    return image


@pytest.fixture
def mi(image):
    mi = afwImage.MaskedImageF(image)
    mi.variance.set(2.0)
    mi.mask.array[2, 3] = afwImage.Mask.getPlaneBitMask("SAT")
    return mi


def test_ways_to_make_an_image(image):
    extent = geom.Extent2I(3, 4)
    for made in (
        afwImage.ImageF(3, 4),
        afwImage.ImageF(extent),
        afwImage.ImageF(3, 4, 5.0),
        afwImage.ImageF(width=3, height=4, initialValue=2),
        afwImage.Image(extent, dtype=np.float32),
        afwImage.Image["F"](extent),
        afwImage.ImageF(np.zeros((4, 3), np.float32)),
        afwImage.ImageF(array=np.zeros((4, 3), np.float32), deep=True, xy0=geom.Point2I(1, 2)),
        afwImage.makeImageFromArray(np.zeros((4, 3), np.float32)),
    ):
        assert isinstance(made, afwImage.ImageF)
        assert isinstance(made, afwImage.Image)
        assert made.getDimensions() == extent
        assert made.array.shape == (4, 3)
        assert made.array.dtype == made.dtype == np.float32
    assert afwImage.ImageF(bbox=BBOX, initialValue=1.0).getBBox() == BBOX
    assert image.Factory(image.getBBox()).getXY0() == BBOX.getMin()
    assert type(image)(image, deep=True).array is not image.array
    assert afwImage.ImageF().getBBox().isEmpty()


def test_subimages_are_views(image):
    for view in (
        image[PART],
        image[PART, afwImage.PARENT],
        image[12:15, 21:23],
        image[2:5, 1:3, afwImage.LOCAL],
        afwImage.ImageF(image, PART),
        image.Factory(image, PART, afwImage.PARENT),
        image.subset(PART),
    ):
        assert view.getBBox() == PART
        assert np.shares_memory(view.array, image.array)
    for copied in (image[PART].clone(), afwImage.ImageF(image, PART, afwImage.PARENT, True)):
        assert copied.getBBox() == PART
        assert not np.shares_memory(copied.array, image.array)
    local = geom.Box2I(geom.Point2I(2, 1), PART.getDimensions())
    assert image[local, afwImage.LOCAL].getBBox() == PART


def test_pixels(image):
    assert image[10, 20] == image[0, 0, afwImage.LOCAL] == image[geom.Point2I(10, 20)] == 0
    assert image[-1, -1, afwImage.LOCAL] == 47
    image[11, 21] = 5
    image[1, 2, afwImage.LOCAL] = 7
    assert (image.array[1, 1], image.array[2, 1]) == (5, 7)
    image[PART] = 3
    assert (image[PART].array == 3).all()
    image[PART] = afwImage.ImageF(PART, 4)
    image[:] = image
    image[...] = 2
    assert (image.array == 2).all()
    image.array = np.ones((6, 8))
    image.array[image.array > 0] = 9
    image.set(1)
    assert image.getArray().sum() == 48


def test_arithmetic(image):
    before = image.array.copy()
    image += 3
    image -= afwImage.ImageF(BBOX, 1)
    image *= 2
    image /= 4
    np.testing.assert_allclose(image.array, (before + 2) / 2)
    image.scaledPlus(2.0, afwImage.ImageF(BBOX, 3))
    image.scaledMinus(1.0, afwImage.ImageF(BBOX, 3))
    np.testing.assert_allclose(image.array, (before + 2) / 2 + 3)


def test_masked_image_arithmetic(mi):
    before = mi.clone()
    mi.image += 3
    mi -= before
    assert (mi.image.array == 3).all()
    assert (mi.variance.array == 4).all()
    mi *= 2
    assert (mi.variance.array == 16).all()
    mi -= mi.image
    assert not mi.image.array.any()
    mi.variance *= 0.5
    mi.scaledPlus(2, before)
    mi += 5
    mi /= 2
    assert mi[13, 22][1] == afwImage.Mask.getPlaneBitMask("SAT")


def test_ways_to_make_a_masked_image(image, mi):
    for made in (
        afwImage.MaskedImageF(image, mi.mask, mi.variance),
        afwImage.MaskedImageF(image=image, mask=None, variance=None),
        afwImage.makeMaskedImage(image),
        afwImage.makeMaskedImage(image, mi.mask, mi.variance),
        mi.Factory(mi, BBOX, afwImage.PARENT, True),
        mi.Factory(mi.getBBox()),
        mi[BBOX].clone(),
        afwImage.MaskedImageF(BBOX),
    ):
        assert made.getBBox() == BBOX
        assert [plane.array.shape for plane in (made.image, made.mask, made.variance)] == [(6, 8)] * 3
    arrays = afwImage.makeMaskedImageFromArrays(image.array, mi.mask.array, mi.variance.array)
    assert np.shares_memory(arrays.image.array, image.array)
    assert len(mi.getArrays()) == 3


def test_masked_image_pixels(mi):
    assert mi[10, 20] == (0.0, 0, 2.0)
    mi[11, 21] = (1.0, 2, 3.0)
    assert mi[1, 1, afwImage.LOCAL] == (1.0, 2, 3.0)
    mi[:] = mi.clone()
    mi.set(3.0, 0, 4.0)
    assert mi[17, 25] == (3.0, 0, 4.0)
    mi.setXY0(1, 2)
    assert mi.image.getXY0() == mi.mask.getXY0() == mi.getXY0() == geom.Point2I(1, 2)


def test_copies_and_text(image, mi):
    for original in (image, mi.mask):
        for same in (copy.copy(original), copy.deepcopy(original), original.clone()):
            assert type(same) is type(original)
            np.testing.assert_array_equal(same.array, original.array)
        back = pickle.loads(pickle.dumps(original))
        assert back.getBBox() == BBOX
        np.testing.assert_array_equal(back.array, original.array)
        assert "bbox=" in str(original)
        assert repr(original)
    back = pickle.loads(pickle.dumps(mi))
    np.testing.assert_array_equal(back.variance.array, mi.variance.array)
    assert str(mi)


def test_conversions(image):
    assert image.convertD().array.dtype == np.float64
    for cls in (afwImage.ImageI, afwImage.ImageU):
        assert isinstance(cls(BBOX, 3).convertF(), afwImage.ImageF)
    assert image.positionToIndex(11.7, afwImage.X) == (2, pytest.approx(-0.3))
    assert afwImage.positionToIndex(3.4) == 3
    assert afwImage.positionToIndex(3.5, True) == (4, -0.5)
    assert afwImage.indexToPosition(3) == 3.0


def test_errors(image):
    with pytest.raises(pexExceptions.LengthError):
        image[geom.Box2I(geom.Point2I(0, 0), geom.Extent2I(2, 2))]
    with pytest.raises(pexExceptions.LengthError):
        image += afwImage.ImageF(2, 2)
    with pytest.raises(IndexError):
        image[100, 100]
    with pytest.raises(NotImplementedError):
        image + 3
    with pytest.raises(OSError, match="nonexistent"):
        afwImage.ImageF.readFits("/nonexistent.fits")
