"""Convolution: kernels, edges, masks, variances and bad input."""

import numpy as np
import pytest
from scipy.ndimage import correlate

from lsst.afw import math as afw_math
from lsst.afw.image import ImageD, ImageF, MaskedImageF, MaskX
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arrays.convolve import window_or

BOX = Box2I(Point2I(-4, 7), Extent2I(21, 16))


@pytest.fixture
def image():
    rng = np.random.default_rng(9)
    image = MaskedImageF(BOX)
    image.image.array[:] = rng.normal(10, 1, (16, 21))
    image.mask.array[8, 9] = 4
    image.variance.array[:] = rng.uniform(1, 2, (16, 21))
    return image


def separable(width=7, height=5, sigma=1.5):
    return afw_math.SeparableKernel(
        width, height, afw_math.GaussianFunction1D(sigma), afw_math.GaussianFunction1D(sigma)
    )


def test_gaussian_functions():
    assert afw_math.GaussianFunction1D(2.0)(0.0) == pytest.approx(1 / (2 * np.sqrt(2 * np.pi)))
    assert afw_math.GaussianFunction1D(2.0)(np.arange(-40, 41)).sum() == pytest.approx(1.0)
    y, x = np.mgrid[-20:21, -20:21]
    ellipse = afw_math.GaussianFunction2D(3.0, 1.5, 0.4)(x, y)
    assert ellipse.sum() == pytest.approx(1.0)
    assert (ellipse * x * y).sum() == pytest.approx((3.0**2 - 1.5**2) * np.sin(0.8) / 2)
    with pytest.raises(InvalidParameterError, match="sigma of a Gaussian has to be positive"):
        afw_math.GaussianFunction1D(0.0)


def test_kernel_geometry():
    kernel = separable()
    assert kernel.getCtr() == Point2I(3, 2)
    assert kernel.getBBox() == Box2I(Point2I(-3, -2), Extent2I(7, 5))
    good = kernel.shrinkBBox(BOX)
    assert good == Box2I(Point2I(-1, 9), Extent2I(15, 12))
    assert kernel.growBBox(good) == BOX
    picture = ImageD(7, 5)
    assert kernel.computeImage(picture, True) == 1.0
    assert picture.array.sum() == pytest.approx(1.0)
    assert picture.getBBox() == kernel.getBBox()
    assert 0.8 < kernel.computeImage(picture, False) < 1.0
    with pytest.raises(InvalidParameterError, match="cannot hold"):
        kernel.computeImage(ImageD(5, 5), True)
    with pytest.raises(InvalidParameterError, match="smaller than the kernel"):
        kernel.shrinkBBox(Box2I(Point2I(0, 0), Extent2I(6, 9)))
    with pytest.raises(InvalidParameterError, match="positive width"):
        separable(0, 3)


@pytest.mark.parametrize("copy_edge", [False, True])
@pytest.mark.parametrize("kind", ["separable", "analytic", "fixed", "even"])
def test_against_direct_sums(image, kind, copy_edge):
    kernel = separable(4, 6) if kind == "even" else separable()
    array = kernel.kernel_array(doNormalize=True)
    if kind == "analytic":
        kernel = afw_math.AnalyticKernel(7, 5, afw_math.GaussianFunction2D(1.5, 1.5))
    elif kind == "fixed":
        kernel = afw_math.FixedKernel(ImageD(array))
    out = MaskedImageF(Extent2I(21, 16))
    before = MaskedImageF(image, True)
    afw_math.convolve(out, image, kernel, afw_math.ConvolutionControl(True, copy_edge))
    assert out.getXY0() == BOX.getMin()
    good = kernel.shrinkBBox(BOX)
    height, width = array.shape
    center = kernel.getCtr()
    for y, x in ((center.getY(), center.getX()), (7, 8), (9, 11)):
        top, left = y - center.getY(), x - center.getX()
        window = (slice(top, top + height), slice(left, left + width))
        assert out.image.array[y, x] == pytest.approx((image.image.array[window] * array).sum(), rel=1e-6)
        variance = (image.variance.array[window] * array**2).sum()
        assert out.variance.array[y, x] == pytest.approx(variance, rel=1e-6)
        assert out.mask.array[y, x] == np.bitwise_or.reduce(image.mask.array[window], axis=None)
    edge = np.ones((16, 21), dtype=bool)
    edge[
        good.getMinY() - BOX.getMinY() : good.getMaxY() - BOX.getMinY() + 1,
        good.getMinX() - BOX.getMinX() : good.getMaxX() - BOX.getMinX() + 1,
    ] = False
    if copy_edge:
        np.testing.assert_array_equal(out.image.array[edge], image.image.array[edge])
        assert (out.mask.array[edge] & MaskX.getPlaneBitMask("EDGE")).all()
    else:
        assert np.isnan(out.image.array[edge]).all()
        assert (out.mask.array[edge] == MaskX.getPlaneBitMask("NO_DATA")).all()
        assert np.isinf(out.variance.array[edge]).all()
    assert np.isfinite(out.image.array[~edge]).all()
    np.testing.assert_array_equal(image.image.array, before.image.array)


def test_nan_spreads_over_the_kernel(image):
    image.image.array[8, 10] = np.nan
    out = ImageF(Extent2I(21, 16))
    afw_math.convolve(out, image.image, separable())
    bad = np.zeros((16, 21), dtype=bool)
    bad[6:11, 7:14] = True
    inner = (slice(2, -2), slice(3, -3))
    np.testing.assert_array_equal(np.isnan(out.array[inner]), bad[inner])


def test_without_normalisation(image):
    out = ImageF(Extent2I(21, 16))
    afw_math.convolve(out, image.image, separable(), afw_math.ConvolutionControl(False))
    expected = correlate(image.image.array.astype(float), separable().kernel_array(doNormalize=False))
    np.testing.assert_allclose(out.array[2:-2, 3:-3], expected[2:-2, 3:-3], rtol=1e-6)


@pytest.mark.parametrize("width", range(1, 10))
def test_or_over_windows(width):
    mask = np.random.default_rng(width).integers(0, 8, (9, 14)).astype(np.int32) & 5
    expected = np.bitwise_or.reduce(np.lib.stride_tricks.sliding_window_view(mask, (3, width)), axis=(2, 3))
    np.testing.assert_array_equal(window_or(mask, width, 3), expected)


def test_bad_input(image):
    with pytest.raises(InvalidParameterError, match="The result has"):
        afw_math.convolve(ImageF(3, 3), image.image, separable())
    with pytest.raises(InvalidParameterError, match="smaller than the kernel"):
        afw_math.convolve(ImageF(3, 3), ImageF(3, 3), separable())
    with pytest.raises(TypeError, match="Cannot convolve"):
        afw_math.convolve(ImageF(Extent2I(21, 16)), image, separable())


def test_flags_in_place_of_a_control():
    image = ImageF(Box2I(Point2I(0, 0), Extent2I(9, 8)), 1.0)
    kernel = afw_math.AnalyticKernel(3, 3, lambda x, y: 1.0 + 0.0 * (x + y))
    summed, copied = ImageF(image.getBBox()), ImageF(image.getBBox())
    afw_math.convolve(summed, image, kernel, False)
    assert np.isnan(summed.array[0, 0])
    assert summed.array[4, 4] == 9.0
    afw_math.convolve(copied, image, kernel, True, True)
    np.testing.assert_allclose(copied.array, 1.0)
    by_name = ImageF(image.getBBox())
    afw_math.convolve(convolvedImage=by_name, inImage=image, kernel=kernel, doNormalize=True, doCopyEdge=True)
    np.testing.assert_array_equal(by_name.array, copied.array)
