# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoothing with a Gaussian whose kernel ends at a given width, where the kernel fits into the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.math._threads import LARGE, run_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ("gaussian_kernel", "kernel_width", "smooth_inside")

#: Pixels that are summed at a time: few enough for the cache of a core.
_BLOCK = 1 << 14


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
    array : `numpy.ndarray`
        Pixels, shape ``(ny, nx)``, of at least the length of the kernel on each side. NaN makes all outputs
        NaN whose kernel covers it.
    kernel : `numpy.ndarray`
        Symmetric kernel of odd length ``n``.
    out : `numpy.ndarray`, optional
        Where to, of the shape and type of what is returned; by default a new array.

    Returns
    -------
    smoothed : `numpy.ndarray`
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
    rows = _correlate_down(array, kernel)
    out[:] = _correlate_down(rows.T, kernel).T
    return out


def _correlate_down(array: NDArray[np.floating], kernel: NDArray[np.float64]) -> NDArray[np.floating]:
    """Correlate with a symmetric kernel along the columns, where it does not leave the array.

    The sums, in float64 from the ends of the kernel to its middle, are those of `scipy.ndimage.correlate1d`,
    whose import would take longer than a small image does.
    """
    half = len(kernel) // 2
    size = len(array) - 2 * half
    out = np.empty((size, array.shape[1]), dtype=array.dtype)
    step = max(1, _BLOCK // max(1, array.shape[1]))
    with np.errstate(invalid="ignore", over="ignore"):
        for start in range(0, size, step):
            stop = min(start + step, size)
            block = array[start : stop + 2 * half].astype(np.float64)
            total = block[half : len(block) - half] * kernel[half]
            for t in range(half, 0, -1):
                pair = block[half - t : len(block) - half - t] + block[half + t : len(block) - half + t]
                pair *= kernel[half - t]
                total += pair
            out[start:stop] = total
    return out
