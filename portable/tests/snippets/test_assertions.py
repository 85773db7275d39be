"""What users of the stack type every day: assertions on images in their own tests."""

import subprocess
import sys

import numpy as np
import pytest

import lsst.utils.tests
from lsst.afw.image import ImageD, ImageI, MaskedImageF
from lsst.afw.image.testUtils import imagesDiffer, makeGaussianNoiseMaskedImage, makeRampImage
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
    with pytest.raises(AssertionError, match=r"at position \(2, 1\); value=7.0 vs. 7.0\d+; 1 of 12"):
        case.assertImagesEqual(image, other)
    other.array[1, 2] = np.nan
    with pytest.raises(AssertionError, match="I say: NaNs differ"):
        case.assertImagesAlmostEqual(image, other, msg="I say")
    case.assertImagesEqual(image, other, skipMask=np.isnan(other.array))
    case.assertImagesEqual(other, other.clone())


def test_masked_images(case):
    image = MaskedImageF(makeRampImage(BOX, 1))
    other = image.clone()
    case.assertMaskedImagesEqual(image, other)
    other.mask.array[0, 0] = 4
    other.variance.array[0, 0] = 1
    with pytest.raises(
        AssertionError,
        match=r"mask planes differ: maxDiff=4.*; variance planes differ: .*",
    ):
        case.assertMaskedImagesAlmostEqual(image, other)
    case.assertMaskedImagesAlmostEqual(image, other, doMask=False, doVariance=False)
    case.assertMaskedImagesEqual(image, other, skipMask=other.mask)
    with pytest.raises(AssertionError, match="Masks differ"):
        case.assertMasksEqual(image.mask, other.mask)


def test_what_differs():
    assert makeRampImage(BOX, 0, 5.5, ImageD).array[-1, -1] == 5.5
    assert makeRampImage(BOX, imageClass=ImageI).array.tolist()[1] == [4, 5, 6, 7]
    with pytest.raises(TypeError, match=r"the shapes are \(2, 3\) and \(3, 2\)"):
        imagesDiffer(np.zeros((2, 3)), np.zeros((3, 2)))
    with pytest.raises(TypeError, match=r"pixels to skip \(1, 1\)"):
        imagesDiffer(np.zeros((2, 3)), np.zeros((2, 3)), np.zeros((1, 1)))
    assert imagesDiffer(np.array([[2**63]], np.uint64), np.array([[2**63 + 1]], np.uint64), rtol=0, atol=0)
    assert imagesDiffer(np.array([[1, np.inf]]), np.array([[1, -np.inf]])) == "+infs differ; -infs differ"


def test_wrong_types_are_named(case):
    image, masked = ImageI(BOX), MaskedImageF(BOX)
    for wrong in (masked, None, 3, [1], np.zeros(3), np.array([["a"]])):
        with pytest.raises(TypeError, match=r"image1=[\s\S]* is not a supported type"):
            case.assertImagesEqual(image, wrong)
    with pytest.raises(TypeError, match=r"image0=[\s\S]* is not a supported type"):
        case.assertImagesAlmostEqual(masked, image)
    with pytest.raises(TypeError, match=r"maskedImage1=[\s\S]* is not a supported type"):
        case.assertMaskedImagesEqual(masked, image)


def test_noise():
    np.random.seed(3)  # noqa: NPY002
    noise = makeGaussianNoiseMaskedImage(Extent2I(200, 100), 2.0, 4.0)
    assert noise.getDimensions() == Extent2I(200, 100)
    assert abs(noise.image.array.std() - 2.0) < 0.05
    assert set(noise.variance.array.flat) == {4.0}
    assert not noise.mask.array.any()


def test_importing_images_is_enough():
    code = (
        "import lsst.afw.image, lsst.utils.tests as t; t.TestCase().assertMaskedImagesEqual; print('there')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "there"
