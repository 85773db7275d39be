# SPDX-License-Identifier: GPL-3.0-or-later
"""Convolution of arrays with separable and two-dimensional kernels, where the kernel fits."""

import numpy as np

__all__ = ("convolve_mask", "convolve_plane", "convolve_separable", "window_or")


def convolve_separable(plane: np.ndarray, x_kernel: np.ndarray, y_kernel: np.ndarray) -> np.ndarray:
    """Correlate a plane with the outer product of two kernels.

    Parameters
    ----------
    plane : `numpy.ndarray`, (ny, nx)
        Pixel values. NaN spreads over the kernel's size.
    x_kernel, y_kernel : `numpy.ndarray`, (kx,), (ky,)
        Kernels along the axes, no longer than the plane.

    Returns
    -------
    smoothed : `numpy.ndarray`, (ny - ky + 1, nx - kx + 1)
        Values, float64, of the pixels at which the kernel fits into the plane.
    """
    rows = _correlate_axis(np.asarray(plane, dtype=np.float64), x_kernel, axis=1)
    return _correlate_axis(rows, y_kernel, axis=0)


def _correlate_axis(plane: np.ndarray, kernel: np.ndarray, axis: int) -> np.ndarray:
    """Correlate along one axis, keeping only pixels at which the kernel fits."""
    from scipy.ndimage import correlate1d  # slower to import than to process a small image

    size = len(kernel)
    full = correlate1d(plane, kernel, axis=axis, mode="constant")
    start = size // 2
    keep = slice(start, start + plane.shape[axis] - size + 1)
    return full[:, keep] if axis else full[keep]


def convolve_plane(plane: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Correlate a plane with a two-dimensional kernel.

    Parameters
    ----------
    plane : `numpy.ndarray`, (ny, nx)
        Pixel values.
    kernel : `numpy.ndarray`, (ky, kx)
        Kernel, no larger than the plane.

    Returns
    -------
    smoothed : `numpy.ndarray`, (ny - ky + 1, nx - kx + 1)
        Values, float64, of the pixels at which the kernel fits into the plane.
    """
    height, width = plane.shape[0] - kernel.shape[0] + 1, plane.shape[1] - kernel.shape[1] + 1
    result = np.zeros((height, width))
    for (dy, dx), weight in np.ndenumerate(kernel):
        if weight != 0:
            result += weight * plane[dy : dy + height, dx : dx + width]
    return result


def window_or(mask: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return the OR of a mask over a window at all its positions.

    Parameters
    ----------
    mask : `numpy.ndarray`, (ny, nx)
        Mask bits.
    width, height : `int`
        Size of the window, no larger than the mask.

    Returns
    -------
    bits : `numpy.ndarray`, (ny - height + 1, nx - width + 1)
        OR over the window that starts at each pixel.
    """
    return _running_or(_running_or(mask.T, width).T, height)


def _running_or(mask: np.ndarray, size: int) -> np.ndarray:
    """Return the OR over ``size`` successive rows, by doubling."""
    reach = 1
    while 2 * reach <= size:
        mask = mask[:-reach] | mask[reach:]
        reach *= 2
    rest = size - reach
    return mask[:-rest] | mask[rest:] if rest else mask


def convolve_mask(mask: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the OR of a mask over the nonzero part of a kernel.

    Parameters
    ----------
    mask : `numpy.ndarray`, (ny, nx)
        Mask bits.
    kernel : `numpy.ndarray`, (ky, kx)
        Kernel, no larger than the mask.

    Returns
    -------
    bits : `numpy.ndarray`, (ny - ky + 1, nx - kx + 1)
        Bits of the pixels at which the kernel fits into the mask.
    """
    if (kernel != 0).all():
        return window_or(mask, kernel.shape[1], kernel.shape[0])
    height, width = mask.shape[0] - kernel.shape[0] + 1, mask.shape[1] - kernel.shape[1] + 1
    result = np.zeros((height, width), dtype=mask.dtype)
    for dy, dx in np.argwhere(kernel):
        result |= mask[dy : dy + height, dx : dx + width]
    return result
