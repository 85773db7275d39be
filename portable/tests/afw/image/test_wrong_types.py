"""Arguments of a wrong type end in TypeError, before anything has changed."""

import re

import numpy as np
import pytest

import lsst.afw.image as afwImage
from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2D, Extent2I, Point2D, Point2I


@pytest.fixture
def image():
    result = afwImage.ImageF(Box2I(Point2I(2, 3), Extent2I(5, 4)))
    result.array = 1.0
    return result


@pytest.fixture
def exposure(image):
    return afwImage.ExposureF(afwImage.MaskedImageF(image))


#: What is called, and a part of what is said.
IMAGE_CALLS = {
    "array": (lambda image: setattr(image, "array", None), "expected pixels, got None"),
    "set": (lambda image: image.set("a"), "expected a number"),
    "add text": (lambda image: image.__iadd__("a"), "expected a number"),
    "add nothing": (lambda image: image.__iadd__(None), "expected a number"),
    "scaledPlus": (lambda image: image.scaledPlus("a", image), "expected a number"),
    "subset": (lambda image: image.subset(3), "by a Box2I, got int"),
    "masked subset": (lambda image: afwImage.MaskedImageF(image).subset("a"), "by a Box2I, got str"),
    "assign": (lambda image: image.assign(image, "a"), "by a Box2I, got str"),
    "index": (lambda image: image[Point2D(2, 3)], "expected image"),
    "origin": (lambda image: image.getBBox("LOCAL"), "expected PARENT or LOCAL, got 'LOCAL'"),
    "axis": (lambda image: image.positionToIndex(1.0, 3), "expected X or Y, got 3"),
    "setXY0": (lambda image: image.setXY0(1.5, 2), "float"),
    "variance": (lambda image: afwImage.MaskedImageF(image, None, 3), "variance must be ImageF"),
    "header": (lambda image: image.writeFits("never.fits", 3), "PropertySet or PropertyList, got int"),
}


@pytest.mark.parametrize("name", IMAGE_CALLS)
def test_images(image, name):
    call, message = IMAGE_CALLS[name]
    with pytest.raises(TypeError, match=message):
        call(image)
    assert (image.array == 1.0).all()
    assert image.getXY0() == Point2I(2, 3)


@pytest.mark.parametrize(
    "arguments", [(3.5, 2), (3,), ([1, 2],), (Extent2D(1, 2),), (3, "a"), (3, None)], ids=str
)
@pytest.mark.parametrize("cls", [afwImage.ImageF, afwImage.MaskX, afwImage.MaskedImageF, afwImage.ExposureF])
def test_constructors(cls, arguments):
    with pytest.raises(TypeError):
        cls(*arguments)


@pytest.mark.parametrize("method", ["addMaskPlane", "getMaskPlane", "removeMaskPlane", "getPlaneBitMask"])
def test_names_of_mask_planes(method):
    before = afwImage.Mask(1, 1).getMaskPlaneDict()
    with pytest.raises(TypeError, match="name of a mask plane"):
        getattr(afwImage.Mask, method)(3)
    with pytest.raises(TypeError, match=r"names to bits|name of a mask plane"):
        afwImage.MaskX(1, 1, planeDefs={3: "a"})
    assert afwImage.Mask(1, 1).getMaskPlaneDict() == before


@pytest.mark.parametrize(
    ("setter", "wrong", "message"),
    [
        ("setMetadata", {"A": 1}, "metadata must be PropertySet or None, got dict"),
        ("setVisitInfo", PropertyList(), "visitInfo must be VisitInfo or None, got PropertyList"),
        ("setFilter", "r", "filterLabel must be FilterLabel or None, got str"),
        ("setPhotoCalib", 27.0, "photoCalib must be PhotoCalib or None, got float"),
        ("setId", 1.5, "float"),
        ("setId", "7", "str"),
    ],
)
def test_information(exposure, setter, wrong, message):
    with pytest.raises(TypeError, match=message):
        getattr(exposure.info, setter)(wrong)
    assert repr(exposure.info) == "ExposureInfo(id=None, no components)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: afwImage.makeExposure(np.zeros((2, 2))), "from a masked image, got ndarray"),
        (lambda: afwImage.makeMaskedImage(np.zeros((2, 2))), "from an image, got ndarray"),
        (lambda: afwImage.ExposureF(1, 1).setInfo(3), "expected an ExposureInfo, got int"),
        (lambda: afwImage.setVisitInfoMetadata(PropertyList(), 3), "expected a VisitInfo, got int"),
        (lambda: afwImage.PhotoCalib(1.0, 0.1, 3), "bbox must be a Box2I or a BoundedField, got int"),
    ],
)
def test_functions(call, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        call()
