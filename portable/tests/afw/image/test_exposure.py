"""Exposure and ExposureInfo in memory."""

import copy
import pickle

import numpy as np
import pytest

import lsst.pex.exceptions
from lsst.afw.image import (
    LOCAL,
    Exposure,
    ExposureD,
    ExposureF,
    ExposureI,
    ExposureInfo,
    ExposureU,
    FilterLabel,
    ImageF,
    MaskedImageF,
    MaskX,
    PhotoCalib,
    VisitInfo,
    makeExposure,
)
from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2I, Point2D, Point2I, SpherePoint, degrees

BOX = Box2I(Point2I(-3, 5), Extent2I(7, 4))


def make_exposure(dtype=np.float32):
    """An exposure with different values in every pixel and a bit of everything in its info."""
    exposure = Exposure(BOX, dtype=dtype)
    rng = np.random.default_rng(3)
    exposure.image.array = rng.integers(0, 1000, (4, 7)).astype(dtype)
    exposure.mask.array[...] = rng.integers(0, 8, (4, 7))
    exposure.variance.array[...] = rng.uniform(1, 2, (4, 7))
    exposure.setFilter(FilterLabel("r", "r_03"))
    exposure.setPhotoCalib(PhotoCalib(2.0, 0.1))
    exposure.info.setVisitInfo(VisitInfo(exposureTime=30.0, id=7))
    exposure.info.id = 12
    exposure.metadata.set("KEY", "value", "comment")
    return exposure


def assert_same_pixels(left, right):
    assert left.getBBox() == right.getBBox()
    for plane in ("image", "mask", "variance"):
        np.testing.assert_array_equal(getattr(left, plane).array, getattr(right, plane).array)


@pytest.mark.parametrize("args", [(7, 4), (Extent2I(7, 4),), (BOX,)], ids=["width", "dimensions", "box"])
def test_empty(args):
    exposure = ExposureF(*args)
    assert exposure.getDimensions() == Extent2I(7, 4)
    assert (exposure.getWidth(), exposure.getHeight(), exposure.width, exposure.height) == (7, 4, 7, 4)
    assert exposure.getXY0() == (BOX.getMin() if args[0] == BOX else Point2I(0, 0))
    assert not exposure.image.array.any()
    assert exposure.image.array.dtype == np.float32
    assert isinstance(exposure.metadata, PropertyList)
    assert exposure.wcs is exposure.psf is exposure.detector is exposure.filter is exposure.photoCalib is None
    assert exposure.visitInfo is exposure.apCorrMap is exposure.validPolygon is exposure.info.id is None


@pytest.mark.parametrize(
    ("dtype", "key", "cls"),
    [
        (np.float32, "F", ExposureF),
        (np.float64, "D", ExposureD),
        (np.int32, "I", ExposureI),
        (np.uint16, "U", ExposureU),
    ],
)
def test_template(dtype, key, cls):
    exposure = Exposure(7, 4, dtype=dtype)
    assert type(exposure) is cls is Exposure[key] is Exposure[dtype]
    assert isinstance(exposure, Exposure)
    assert issubclass(cls, Exposure)
    assert exposure.image.array.dtype == dtype
    assert exposure.variance.array.dtype == np.float32
    assert exposure.dtype is dtype


def test_of_masked_image():
    planes = make_exposure().maskedImage
    exposure = makeExposure(planes)
    assert type(exposure) is ExposureF
    assert_same_pixels(exposure, planes)
    exposure.image.array[0, 0] = -1
    assert planes.image.array[0, 0] == -1
    info = ExposureInfo()
    assert ExposureF(planes, info).info is info
    assert ExposureF(maskedImage=planes).getBBox() == BOX
    assert ExposureF(planes, exposureInfo=info).info is info


def test_nonsense_is_refused():
    with pytest.raises(TypeError, match="ExposureF cannot be made from float"):
        ExposureF(3.0)


def test_shallow_copy_shares_pixels_and_cards_but_not_info():
    exposure = make_exposure()
    other = ExposureF(exposure)
    assert_same_pixels(exposure, other)
    other.image.array[1, 2] = -5
    assert exposure.image.array[1, 2] == -5
    other.metadata.set("NEW", 1)
    assert exposure.metadata.exists("NEW")
    other.setFilter(None)
    other.info.id = 13
    assert exposure.filter == FilterLabel("r", "r_03")
    assert exposure.info.id == 12
    assert other.visitInfo is exposure.visitInfo


@pytest.mark.parametrize(
    "duplicate",
    [
        lambda e: ExposureF(e, True),
        lambda e: e.clone(),
        copy.copy,
        copy.deepcopy,
        lambda e: e.Factory(e, deep=True),
    ],
)
def test_deep_copy_shares_nothing(duplicate):
    exposure = make_exposure()
    other = duplicate(exposure)
    assert_same_pixels(exposure, other)
    for plane in ("image", "mask", "variance"):
        assert not np.shares_memory(getattr(exposure, plane).array, getattr(other, plane).array)
    other.metadata.set("NEW", 1)
    assert not exposure.metadata.exists("NEW")
    assert other.metadata.getComment("KEY") == "comment"
    assert other.filter == exposure.filter
    assert other.info.id == 12


def test_part():
    exposure = make_exposure()
    box = Box2I(Point2I(-1, 6), Extent2I(3, 2))
    for part in (
        exposure[box],
        exposure.subset(box),
        ExposureF(exposure, box),
        exposure.Factory(exposure, box),
        exposure[Box2I(Point2I(2, 1), Extent2I(3, 2)), LOCAL],
        exposure[2:5, 1:3, LOCAL],
    ):
        assert type(part) is ExposureF
        assert part.getBBox() == box
        assert part.getBBox(LOCAL) == Box2I(Point2I(0, 0), Extent2I(3, 2))
        np.testing.assert_array_equal(part.image.array, exposure.image.array[1:3, 2:5])
        assert np.shares_memory(part.mask.array, exposure.mask.array)
        assert part.metadata is exposure.metadata
        assert part.filter == exposure.filter
        assert part.info.id == 12
    deep = ExposureF(exposure, bbox=box, deep=True)
    assert not np.shares_memory(deep.image.array, exposure.image.array)
    assert deep.metadata is not exposure.metadata
    with pytest.raises(lsst.pex.exceptions.LengthError, match="does not fit"):
        exposure[Box2I(Point2I(0, 0), Extent2I(3, 2))]


def test_single_pixels_are_those_of_the_masked_image():
    exposure = make_exposure()
    point = exposure.getXY0()
    exposure[point] = (2.5, 4, 0.5)
    assert exposure[point] == exposure.maskedImage[point] == (2.5, 4, 0.5)
    assert exposure[0, 0, LOCAL] == (2.5, 4, 0.5)
    with pytest.raises(IndexError, match="outside the image"):
        exposure[point - Extent2I(1, 0)]
    with pytest.raises(TypeError, match="assign to its maskedImage"):
        exposure[BOX] = exposure
    exposure.maskedImage[BOX] = exposure.maskedImage.clone()


def test_aperture_corrections_and_cutouts_by_name():
    exposure = make_exposure()
    exposure.setApCorrMap(None)
    assert exposure.apCorrMap is None
    box = Box2I(exposure.getXY0(), Extent2I(2, 1))
    assert exposure.getCutout(box=box).getBBox() == box


def test_planes_can_be_replaced():
    exposure = make_exposure()
    image = ImageF(BOX, 3.0)
    exposure.image = image
    assert np.shares_memory(exposure.image.array, image.array)
    exposure.mask = MaskX(BOX)
    exposure.variance = ImageF(BOX, 2.0)
    assert not exposure.getMask().array.any()
    assert (exposure.getVariance().array == 2.0).all()
    assert (exposure.getImage().array == 3.0).all()
    with pytest.raises(lsst.pex.exceptions.LengthError):
        exposure.image = ImageF(3, 3)
    planes = MaskedImageF(3, 2)
    exposure.setMaskedImage(planes)
    assert exposure.getBBox() == planes.getBBox()
    with pytest.raises(TypeError, match="must be MaskedImageF, got ImageF"):
        exposure.maskedImage = image


def test_moving():
    exposure = make_exposure()
    exposure.setXY0(Point2I(10, 20))
    assert exposure.getBBox() == Box2I(Point2I(10, 20), Extent2I(7, 4))
    assert (exposure.getX0(), exposure.getY0()) == (10, 20)
    assert exposure.mask.getXY0() == exposure.variance.getXY0() == Point2I(10, 20)


def test_conversion():
    exposure = make_exposure(np.int32)
    for converted, cls in ((exposure.convertF(), ExposureF), (exposure.convertD(), ExposureD)):
        assert type(converted) is cls
        np.testing.assert_array_equal(converted.image.array, exposure.image.array)
        np.testing.assert_array_equal(converted.mask.array, exposure.mask.array)
        assert converted.filter == exposure.filter


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.uint16])
def test_pickle(dtype):
    exposure = make_exposure(dtype)
    other = pickle.loads(pickle.dumps(exposure))
    assert type(other) is type(exposure)
    assert_same_pixels(exposure, other)
    assert other.filter == exposure.filter
    assert other.visitInfo == exposure.visitInfo
    assert other.photoCalib == exposure.photoCalib
    assert other.info.id == 12
    assert other.metadata.getScalar("KEY") == "value"


def test_info_components():
    info = ExposureInfo(photoCalib=PhotoCalib(3.0), visitInfo=VisitInfo(id=3))
    assert info.hasPhotoCalib()
    assert info.hasVisitInfo()
    assert not any(
        (
            info.hasWcs(),
            info.hasPsf(),
            info.hasDetector(),
            info.hasFilter(),
            info.hasValidPolygon(),
            info.hasId(),
        )
    )
    label = FilterLabel(band="r")
    info.setComponent(ExposureInfo.KEY_FILTER, label)
    assert info.getFilter() is info.getComponent("FILTER") is label
    info.setComponent("EXTRA", PhotoCalib())
    assert info.hasComponent("EXTRA")
    assert list(info._components) == ["EXTRA", "FILTER", "PHOTOCALIB"]
    info.removeComponent("EXTRA")
    info.removeComponent("EXTRA")
    assert info.getComponent("EXTRA") is None
    info.setFilter(None)
    assert not info.hasFilter()
    assert "PHOTOCALIB, visit" in repr(info)


def test_info_copies():
    info = ExposureInfo(metadata=PropertyList(), photoCalib=PhotoCalib(3.0))
    assert ExposureInfo(info).getMetadata() is info.getMetadata()
    assert ExposureInfo(other=info).getPhotoCalib() is info.getPhotoCalib()
    assert ExposureInfo(info, True).getMetadata() is not info.getMetadata()
    assert ExposureInfo(other=info, copyMetadata=True).getMetadata() is not info.getMetadata()


def test_info_number():
    info = ExposureInfo()
    info.setId(2024032800001)
    assert info.hasId()
    assert info.getId() == info.id == 2024032800001
    info.clearId()
    assert not info.hasId()
    assert info.id is None
    info.id = 3
    info.id = None
    assert info.getId() is None


def make_square():
    """An exposure of 5 x 5 pixels at (10, 20), each with a value of its own."""
    exposure = ExposureF(Box2I(Point2I(10, 20), Extent2I(5, 5)))
    exposure.image.array = np.arange(25.0).reshape(5, 5)
    exposure.variance.array = 1.0
    exposure.metadata.set("CARD", 1)
    return exposure


def test_cutout_inside():
    exposure = make_square()
    cutout = exposure.getCutout(Point2D(12.0, 22.0), Extent2I(3, 3))
    assert type(cutout) is ExposureF
    assert cutout.getBBox() == Box2I(Point2I(11, 21), Extent2I(3, 3))
    np.testing.assert_array_equal(cutout.image.array, exposure.image.array[1:4, 1:4])
    assert not cutout.mask.array.any()
    cutout.image.array = -1.0
    cutout.metadata.set("CARD", 2)
    assert exposure.image.array.min() == 0.0
    assert exposure.metadata.getScalar("CARD") == 1
    assert exposure.getCutout(cutout.getBBox()).getBBox() == cutout.getBBox()


def test_cutout_beyond_the_edge():
    exposure = make_square()
    cutout = exposure.getCutout(Point2I(10, 24), Extent2I(3, 3))
    assert cutout.getBBox() == Box2I(Point2I(9, 23), Extent2I(3, 3))
    outside = np.array([[True, False, False], [True, False, False], [True, True, True]])
    np.testing.assert_array_equal(np.isnan(cutout.image.array), outside)
    np.testing.assert_array_equal(np.isnan(cutout.variance.array), outside)
    no_data = cutout.mask.getPlaneBitMask("NO_DATA")
    np.testing.assert_array_equal(cutout.mask.array, np.where(outside, no_data, 0))
    assert cutout.image[10, 24] == exposure.image[10, 24]


def test_cutouts_that_cannot_be():
    exposure = make_square()
    with pytest.raises(lsst.pex.exceptions.InvalidParameterError, match="outside the image"):
        exposure.getCutout(Point2D(0.0, 0.0), Extent2I(3, 3))
    with pytest.raises(lsst.pex.exceptions.InvalidParameterError, match="positive size"):
        exposure.getCutout(Point2D(12.0, 22.0), Extent2I(0, 3))
    with pytest.raises(lsst.pex.exceptions.LogicError, match="needs a WCS"):
        exposure.getCutout(SpherePoint(1.0, 2.0, degrees), Extent2I(3, 3))
    with pytest.raises(TypeError, match="needs a size"):
        exposure.getCutout(Point2D(12.0, 22.0))


def test_no_metadata_at_all(tmp_path):
    exposure = make_square()
    exposure.setMetadata(None)
    assert exposure.getMetadata() is None
    assert exposure.clone().getMetadata() is None
    exposure.writeFits(tmp_path / "exposure.fits")
    assert ExposureF(tmp_path / "exposure.fits").getBBox() == exposure.getBBox()


def test_copies_are_exposures_of_their_own():
    exposure = make_square()
    other = copy.copy(exposure)
    assert other is not exposure
    assert other.info is not exposure.info
