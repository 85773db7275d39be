"""The Gaussian of detection."""

import numpy as np
import pytest
from scipy import ndimage

from lsst.portable.arrays import smooth


@pytest.mark.parametrize(("sigma", "width"), [(5.0, 35), (3.0, 21), (1.5, 11), (0.1, 1)])
def test_kernel_width_is_odd(sigma, width):
    assert smooth.kernel_width(sigma, 7.0) == width


def test_smoothing_of_a_point_gives_the_kernel():
    kernel = smooth.gaussian_kernel(1.5, 11)
    image = np.zeros((21, 25), dtype=np.float32)
    image[10, 12] = 1.0
    smoothed = smooth.smooth_inside(image, kernel)
    assert smoothed.shape == (11, 15)
    assert smoothed.dtype == np.float32
    np.testing.assert_allclose(smoothed[:, 2:13], np.outer(kernel, kernel), rtol=1e-6)
    assert not smoothed[:, :2].any()


def test_nan_spreads_over_the_kernel_and_no_further():
    kernel = smooth.gaussian_kernel(1.0, 7)
    image = np.ones((20, 24), dtype=np.float32)
    image[9, 11] = np.nan
    smoothed = smooth.smooth_inside(image, kernel)
    expected = np.zeros(smoothed.shape, dtype=bool)
    expected[9 - 6 : 9 + 1, 11 - 6 : 11 + 1] = True
    np.testing.assert_array_equal(np.isnan(smoothed), expected)
    np.testing.assert_allclose(smoothed[~expected], 1.0, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "width"), [((7, 9), 7), ((41, 52), 1), ((160, 500), 35)])
def test_sums_are_those_of_scipy_to_the_bit(shape, width, dtype):
    rng = np.random.default_rng(5)
    image = rng.normal(100, 10, shape).astype(dtype)
    image[rng.random(shape) < 0.002] = np.nan
    image[rng.random(shape) < 0.002] = np.inf
    kernel = smooth.gaussian_kernel(width / 7, width)
    half = width // 2
    with np.errstate(invalid="ignore"):
        rows = ndimage.correlate1d(image, kernel, axis=0, mode="constant")[half : shape[0] - half]
        expected = ndimage.correlate1d(rows, kernel, axis=1, mode="constant")[:, half : shape[1] - half]
    np.testing.assert_array_equal(smooth.smooth_inside(image, kernel), expected)
