# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoothing with a Gaussian whose kernel ends at a given width, where the kernel fits into the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.math._threads import LARGE, run_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ("gaussian_kernel", "kernel_width", "smooth_inside")


def kernel_width(sigma: float, n_sigma: float) -> int:
    """Full width of a kernel of ``n_sigma`` standard deviations, made odd."""
    return (int(sigma * n_sigma + 0.5) // 2) * 2 + 1


def gaussian_kernel(sigma: float, width: int) -> NDArray[np.float64]:
    """Gaussian at the centres of ``width`` pixels, of sum 1."""
    x = np.arange(width) - width // 2
    kernel = np.exp(-0.5 * (x / sigma) ** 2)
    return kernel / kernel.sum()


def smooth_inside(
    array: NDArray[np.floating], kernel: NDArray[np.float64], out: NDArray[np.floating] | None = None
) -> NDArray[np.floating]:
    """Correlate with a kernel along both axes, where it does not leave the array.

    Parameters
    ----------
    array
        Pixels, shape ``(ny, nx)``, of at least the length of the kernel on each side. NaN makes all outputs
        NaN whose kernel covers it.
    kernel
        Symmetric kernel of odd length ``n``.
    out
        Where to, of the shape and type of what is returned; by default a new array.

    Returns
    -------
    smoothed
        Shape ``(ny - n + 1, nx - n + 1)``, of the type of the input; sums run in float64.
    """
    half = len(kernel) // 2
    ny, nx = array.shape
    if out is None:
        out = np.empty((ny - 2 * half, nx - 2 * half), dtype=array.dtype)
    planes = (array, out)
    if array.size >= LARGE and all(p.dtype == np.float32 and p.flags.carray for p in planes):
        from . import _kernels

        weights = np.ascontiguousarray(kernel, dtype=np.float64)
        run_threads(
            lambda start, stop: _kernels.smooth_rows(array, weights, start, stop, out), len(out), least=64
        )
        return out
    from scipy.ndimage import correlate1d

    rows = correlate1d(array, kernel, axis=0, mode="constant")[half : ny - half]
    out[:] = correlate1d(rows, kernel, axis=1, mode="constant")[:, half : nx - half]
    return out
