"""Arithmetic on arrays of pixels, in blocks."""

import numpy as np
import pytest

from lsst.afw.image import _arithmetic


@pytest.fixture(params=[1, 5, 64, 1 << 16], autouse=True)
def _block(request, monkeypatch):
    """Results do not depend on the size of the blocks."""
    monkeypatch.setattr(_arithmetic, "_BLOCK", request.param)


@pytest.fixture
def arrays():
    rng = np.random.default_rng(5)
    return [rng.uniform(1, 9, (11, 7)).astype(np.float32) for _ in range(4)]


def test_combine_scaled(arrays):
    pixels, rhs, *_ = arrays
    expected = pixels - np.float32(0.3) * rhs
    _arithmetic.combine_scaled(np.subtract, pixels, np.float32(0.3), rhs)
    np.testing.assert_array_equal(pixels, expected)


def test_product_variance(arrays):
    a, b, var_a, var_b = arrays
    expected = 4 * (a.astype(float) ** 2 * var_b + b.astype(float) ** 2 * var_a)
    _arithmetic.product_variance(var_a, a, b, var_b, 2.0)
    np.testing.assert_allclose(var_a, expected, rtol=1e-6)


def test_quotient_variance(arrays):
    a, b, var_a, var_b = arrays
    expected = (a.astype(float) ** 2 * var_b + b.astype(float) ** 2 * var_a) / (4 * b.astype(float) ** 4)
    _arithmetic.quotient_variance(var_a, a, b, var_b, 2.0)
    np.testing.assert_allclose(var_a, expected, rtol=1e-6)


def test_an_operand_may_be_the_result(arrays):
    a, _, var_a, _ = arrays
    expected = 2 * a.astype(float) ** 2 * var_a
    _arithmetic.product_variance(var_a, a, a, var_a, 1.0)
    np.testing.assert_allclose(var_a, expected, rtol=1e-6)


def test_zero_divisor_is_nan_without_warning(arrays):
    a, b, var_a, var_b = arrays
    a[0], b[0], var_a[0], var_b[0] = 0, 0, 0, 0
    _arithmetic.quotient_variance(var_a, a, b, var_b, 1.0)
    assert np.isnan(var_a[0]).all()
    assert np.isfinite(var_a[1:]).all()


def test_parts_of_arrays(arrays):
    """Views with a stride are changed in place, and nothing around them."""
    a, b, var_a, var_b = arrays
    before = var_a.copy()
    part = slice(2, 9), slice(1, 5)
    _arithmetic.product_variance(var_a[part], a[part], b[part], var_b[part], 1.0)
    outside = np.ones(a.shape, bool)
    outside[part] = False
    np.testing.assert_array_equal(var_a[outside], before[outside])
    assert (var_a[part] != before[part]).all()
