# SPDX-License-Identifier: GPL-3.0-or-later
"""Arithmetic on arrays of pixels, in place and by blocks of rows, so that intermediate results stay in cache.

All arrays have shape ``(ny, nx)``. Floating-point exceptions are not reported: zero over zero is NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

__all__ = ("combine_scaled", "divide_integers", "product_variance", "quotient_variance")

#: Number of pixels in a block.
_BLOCK = 1 << 16


def _blocks(pixels: np.ndarray) -> Iterator[slice]:
    """Yield slices of rows that cover an array."""
    ny, nx = pixels.shape
    step = max(1, _BLOCK // max(nx, 1))
    for start in range(0, ny, step):
        yield slice(start, start + step)


def combine_scaled(
    operation: Callable[..., np.ndarray], pixels: np.ndarray, c: np.number, rhs: np.ndarray
) -> None:
    """Apply ``pixels = operation(pixels, c * rhs)``.

    The factor and the product are rounded to the type of the pixels.

    Parameters
    ----------
    operation : `collections.abc.Callable`
        A numpy function of two arrays.
    pixels : `numpy.ndarray`
        The left-hand side. Modified in place.
    c : `numpy.number`
        Factor, of the type of the pixels.
    rhs : `numpy.ndarray`
        The right-hand side, of the same type and shape.
    """
    with np.errstate(all="ignore"):
        for rows in _blocks(pixels):
            operation(pixels[rows], np.multiply(rhs[rows], c, dtype=pixels.dtype), out=pixels[rows])


def divide_integers(pixels: np.ndarray, divisor: np.ndarray | np.integer) -> None:
    """Divide integers, truncating toward zero.

    Parameters
    ----------
    pixels : `numpy.ndarray`
        The dividend. Modified in place.
    divisor : `numpy.ndarray` or `numpy.number`
        The divisor, nowhere zero.
    """
    quotient = np.abs(pixels) // np.abs(divisor)
    np.copyto(pixels, np.where((pixels < 0) != (divisor < 0), -quotient, quotient))


def product_variance(
    variance: np.ndarray, a: np.ndarray, b: np.ndarray, variance_b: np.ndarray, c: float
) -> None:
    """Replace the variance of ``a`` with that of ``c * a * b``, ``c**2 (a**2 var(b) + b**2 var(a))``.

    Parameters
    ----------
    variance : `numpy.ndarray`
        Variance of ``a``. Modified in place.
    a, b : `numpy.ndarray`
        The factors.
    variance_b : `numpy.ndarray`
        Variance of ``b``.
    c : `float`
        Factor without variance.
    """
    with np.errstate(all="ignore"):
        for rows in _blocks(a):
            x, y = a[rows], b[rows]
            total = x * x * variance_b[rows] + y * y * variance[rows]
            np.multiply(total, c * c, out=variance[rows], casting="same_kind")


def quotient_variance(
    variance: np.ndarray, a: np.ndarray, b: np.ndarray, variance_b: np.ndarray, c: float
) -> None:
    """Replace the variance of ``a`` with that of ``a / (c * b)``.

    It is ``(a**2 var(b) + b**2 var(a)) / (c**2 b**4)``.

    Parameters
    ----------
    variance : `numpy.ndarray`
        Variance of ``a``. Modified in place.
    a, b : `numpy.ndarray`
        Dividend and divisor.
    variance_b : `numpy.ndarray`
        Variance of ``b``.
    c : `float`
        Factor of the divisor, without variance.
    """
    with np.errstate(all="ignore"):
        for rows in _blocks(a):
            x, y = a[rows], b[rows]
            square = y * y
            total = x * x * variance_b[rows] + square * variance[rows]
            np.divide(total, c * c * square * square, out=variance[rows], casting="same_kind")
