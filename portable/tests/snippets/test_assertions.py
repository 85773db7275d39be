"""What users of the stack type every day: assertions on images in their own tests."""

import numpy as np
import pytest

import lsst.utils.tests
from lsst.afw.image import ImageD, ImageI, MaskedImageF
from lsst.afw.image.testUtils import imagesDiffer, makeRampImage
from lsst.geom import Box2I, Extent2I, Point2I

BOX = Box2I(Point2I(-2, 5), Extent2I(4, 3))


@pytest.fixture
def case():
    return lsst.utils.tests.TestCase()


def test_images(case):
    image = makeRampImage(BOX, 1)
    other = image.clone()
    other.array[1, 2] *= 1 + 1e-6
    case.assertImagesEqual(image, image.clone())
    case.assertImagesAlmostEqual(image, other)
    case.assertImagesAlmostEqual(image.array, other, rtol=1e-5, atol=0)
    with pytest.raises(AssertionError, match="1 of 12 pixels differ; the first is at x=2, y=1"):
        case.assertImagesEqual(image, other)
    other.array[1, 2] = np.nan
    with pytest.raises(AssertionError, match="I say: 1 of 12"):
        case.assertImagesAlmostEqual(image, other, msg="I say")
    case.assertImagesEqual(image, other, skipMask=np.isnan(other.array))
    case.assertImagesEqual(other, other.clone())


def test_masked_images(case):
    image = MaskedImageF(makeRampImage(BOX, 1))
    other = image.clone()
    case.assertMaskedImagesEqual(image, other)
    other.mask.array[0, 0] = 4
    other.variance.array[0, 0] = 1
    with pytest.raises(AssertionError, match=r"mask: 1 of 12 .*; variance: 1 of 12"):
        case.assertMaskedImagesAlmostEqual(image, other)
    case.assertMaskedImagesAlmostEqual(image, other, doMask=False, doVariance=False)
    case.assertMaskedImagesEqual(image, other, skipMask=other.mask)
    with pytest.raises(AssertionError, match="Masks differ"):
        case.assertMasksEqual(image.mask, other.mask)


def test_what_differs():
    assert makeRampImage(BOX, 0, 5.5, ImageD).array[-1, -1] == 5.5
    assert makeRampImage(BOX, imageClass=ImageI).array.tolist()[1] == [4, 5, 6, 7]
    assert imagesDiffer(np.zeros((2, 3)), np.zeros((3, 2))) == "the shapes are (2, 3) and (3, 2)"
    assert "pixels to skip (1, 1)" in imagesDiffer(np.zeros((2, 3)), np.zeros((2, 3)), np.zeros((1, 1)))
    assert imagesDiffer(np.array([[2**63]], np.uint64), np.array([[2**63 + 1]], np.uint64), rtol=0, atol=0)
    assert imagesDiffer(np.array([[1, np.inf]]), np.array([[1, -np.inf]])).startswith("1 of 2")
