# SPDX-License-Identifier: GPL-3.0-or-later
"""The compiled smoothing agrees with that of NumPy to the bit."""

import numpy as np
import pytest

from lsst.portable import threads
from lsst.portable.arrays.smooth import gaussian_kernel, kernel_width, smooth_inside


@pytest.mark.parametrize("shape", [(35, 35), (200, 47), (41, 180), (131, 97)])
@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.3, 5.0])
@pytest.mark.parametrize("kind", ["plain", "nan", "inf", "large"])
def test_compiled_is_numpy(monkeypatch, shape, sigma, kind):
    rng = np.random.default_rng(3)
    array = rng.normal(100, 10, shape).astype(np.float32)
    if kind in ("nan", "inf"):
        array[rng.random(shape) < 0.002] = np.nan if kind == "nan" else np.inf
    elif kind == "large":
        array[rng.random(shape) < 0.01] = 3e37
    kernel = gaussian_kernel(sigma, kernel_width(sigma, 7.0))
    for weights in (kernel, kernel**2):
        monkeypatch.setattr(threads, "LARGE", 1 << 60)
        with np.errstate(all="ignore"):
            expected = smooth_inside(array, weights)
        for number in (1, 3):
            monkeypatch.setattr(threads, "thread_count", lambda number=number: number)
            monkeypatch.setattr(threads, "LARGE", 0)
            out = np.empty_like(expected)
            assert smooth_inside(array, weights, out=out) is out
            np.testing.assert_array_equal(out, expected)


def test_other_types_and_views(monkeypatch):
    monkeypatch.setattr(threads, "LARGE", 0)
    array = np.random.default_rng(4).normal(100, 10, (60, 70))
    kernel = gaussian_kernel(2.0, 15)
    double = smooth_inside(array, kernel)
    assert double.dtype == np.float64
    single = array.astype(np.float32)
    np.testing.assert_array_equal(
        smooth_inside(single[:, 3:50], kernel), smooth_inside(single[:, 3:50].copy(), kernel)
    )
    np.testing.assert_allclose(smooth_inside(single, kernel), double, rtol=1e-6)
