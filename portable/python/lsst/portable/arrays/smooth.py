# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoothing with a Gaussian kernel of given width, where the kernel fits into the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsst.portable.threads import is_large, run_threads

from . import compiled as loops

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ("RepeatedSmoothing", "RowSmoother", "gaussian_kernel", "kernel_width", "smooth_inside")

#: Number of pixels to sum at a time: few enough for the cache of a core.
_BLOCK = 1 << 14


def kernel_width(sigma: float, n_sigma: float) -> int:
    """Return the full width of a kernel of ``n_sigma`` standard deviations, rounded to an odd number."""
    return (int(sigma * n_sigma + 0.5) // 2) * 2 + 1


def gaussian_kernel(sigma: float, width: int) -> NDArray[np.float64]:
    """Return a Gaussian at the centres of ``width`` pixels, normalized to a sum of 1."""
    x = np.arange(width) - width // 2
    kernel = np.exp(-0.5 * (x / sigma) ** 2)
    return kernel / kernel.sum()


def smooth_inside(
    array: NDArray[np.floating], kernel: NDArray[np.float64], out: NDArray[np.floating] | None = None
) -> NDArray[np.floating]:
    """Correlate with a kernel along both axes, where the kernel fits into the array.

    Parameters
    ----------
    array : `numpy.ndarray`
        Pixels, shape ``(ny, nx)``, at least as large as the kernel on each side. A NaN makes every output NaN
        whose kernel covers it.
    kernel : `numpy.ndarray`
        Symmetric kernel of odd length ``n``.
    out : `numpy.ndarray`, optional
        Output array, with shape and type of the result; new by default.

    Returns
    -------
    smoothed : `numpy.ndarray`
        Smoothed pixels, shape ``(ny - n + 1, nx - n + 1)``, type of the input; summed in float64.
    """
    smoother = RowSmoother(array, kernel)
    if out is None:
        out = np.empty(smoother.shape, dtype=array.dtype)
    if smoother.compiled:
        run_threads(lambda start, stop: smoother.fill(start, stop, out[start:stop]), len(out), least=64)
    else:
        smoother.fill(0, len(out), out)
    return out


class RowSmoother:
    """Smoothing by rows, for callers that do not need the whole smoothed image at once.

    Parameters
    ----------
    array, kernel : `numpy.ndarray`
        As for `smooth_inside`.
    """

    def __init__(self, array: NDArray[np.floating], kernel: NDArray[np.float64]) -> None:
        self._array, self._kernel = array, np.ascontiguousarray(kernel, dtype=np.float64)
        around = len(kernel) - 1
        self.shape = (array.shape[0] - around, array.shape[1] - around)
        self.compiled = is_large(array.size) and array.dtype == np.float32 and array.flags.carray

    def rows(self, start: int, stop: int) -> NDArray[np.floating]:
        """Return the smoothed rows from ``start`` to ``stop``, excluded."""
        out = np.empty((stop - start, self.shape[1]), dtype=self._array.dtype)
        self.fill(start, stop, out)
        return out

    def fill(self, start: int, stop: int, out: NDArray[np.floating]) -> None:
        """Write the smoothed rows from ``start`` to ``stop``, excluded, to an array."""
        source = self._array[start : stop + len(self._kernel) - 1]
        if self.compiled and out.dtype == np.float32 and out.flags.carray:
            loops.smooth.smooth_rows(source, self._kernel, 0, len(out), out)
            return
        down = _correlate_down(source, self._kernel)
        out[:] = _correlate_down(down.T, self._kernel).T


class RepeatedSmoothing:
    """An array with cached results, so that it is smoothed only once with each kernel.

    Parameters
    ----------
    array : `numpy.ndarray`
        Pixels, as for `smooth_inside`; must not change while this object is in use.
    """

    def __init__(self, array: NDArray[np.floating]) -> None:
        self.array = array
        self._smoothed: dict[bytes, NDArray[np.floating]] = {}

    def smooth(self, kernel: NDArray[np.float64]) -> NDArray[np.floating]:
        """Return the result of `smooth_inside` for a kernel."""
        key = kernel.tobytes()
        if key not in self._smoothed:
            self._smoothed[key] = smooth_inside(self.array, kernel)
        return self._smoothed[key]


def _correlate_down(array: NDArray[np.floating], kernel: NDArray[np.float64]) -> NDArray[np.floating]:
    """Correlate with a symmetric kernel along the columns, where the kernel fits into the array.

    The sums, in float64 from the ends of the kernel to its middle, are those of `scipy.ndimage.correlate1d`,
    which takes longer to import than a small image takes to smooth.
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
