"""Filling and smoothing of small arrays."""

import numpy as np
import pytest

from lsst.afw.math import Interpolate
from lsst.pipe.tasks.background import interpolate1D, interpolateBadPixels, smoothArray


def test_smoothing_out_of_reach_of_good_pixels_is_nan():
    bad = np.ones((9, 40), dtype=bool)
    bad[4, 3] = False
    smoothed = smoothArray(np.full(bad.shape, 7.0, dtype=np.float32), bad, 1.0)
    np.testing.assert_allclose(smoothed[:, :8][np.isfinite(smoothed[:, :8])], 7.0, rtol=1e-6)
    assert np.isnan(smoothed[:, 20:]).all()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9])
def test_interpolation_backs_off_to_what_the_samples_allow(count):
    x = np.arange(count, dtype=float)
    y = 3.0 + 2.0 * x
    found = interpolate1D(Interpolate.AKIMA_SPLINE, x, y, np.array([0.0, count - 1.0]))
    np.testing.assert_allclose(found, [y[0], y[-1]], atol=1e-12)


def test_interpolation_without_samples_is_nan():
    nothing = np.array([])
    assert np.isnan(interpolate1D(Interpolate.LINEAR, nothing, nothing, np.arange(3.0))).all()


@pytest.mark.parametrize("style", ["CONSTANT", "LINEAR", "NATURAL_SPLINE", "AKIMA_SPLINE"])
def test_bad_pixels_are_filled_by_row_and_then_by_column(style):
    rng = np.random.default_rng(1)
    y, x = np.indices((8, 11), dtype=np.float32)
    truth = (10 + x + 2 * y).astype(np.float32)
    bad = rng.random(truth.shape) < 0.2
    bad[5] = True
    array = np.where(bad, np.nan, truth).astype(np.float32)
    interpolateBadPixels(array, bad, style)
    np.testing.assert_array_equal(array[~bad], truth[~bad])
    if style == "CONSTANT":
        assert np.isfinite(array).all()
    else:
        np.testing.assert_allclose(array, truth, rtol=1e-5)


def test_no_good_pixel_is_an_error():
    with pytest.raises(
        RuntimeError, match=r"No good pixels in image array: all 6 of shape \(ny, nx\) = \(2, 3\)"
    ):
        interpolateBadPixels(np.zeros((2, 3)), np.ones((2, 3), dtype=bool), "LINEAR")


def test_robust_mean_is_left_out_on_purpose():
    import lsst.pipe.tasks.background

    with pytest.raises(AttributeError, match="takes the maximum for the upper quartile"):
        _ = lsst.pipe.tasks.background.robustMean
    with pytest.raises(AttributeError, match="SkyThing is not part of the portable stack"):
        _ = lsst.pipe.tasks.background.SkyThing
