# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled smoothing of large images; the twin in NumPy is in `lsst.portable.arrays.smooth`.

Sums run in float64, from the ends of the kernel to its middle as `scipy.ndimage.correlate1d` has them, and
the rows are rounded to float32 between the two axes, so that the results are the same to the bit.
"""

import numpy as np

from lsst.portable.jit import njit

__all__ = ("smooth_rows",)


@njit(nogil=True)
def _add_down(array, top, weights, half, total):
    """Correlate along the columns, for the row of outputs whose kernel starts at row ``top``."""
    middle = array[top + half]
    weight = weights[half]
    for x in range(len(total)):
        total[x] = np.float64(middle[x]) * weight
    t = half
    while t >= 2:
        a, b, c, d = (
            array[top + half - t],
            array[top + half + t],
            array[top + half - t + 1],
            array[top + half + t - 1],
        )
        outer, inner = weights[half - t], weights[half - t + 1]
        for x in range(len(total)):
            value = total[x] + (np.float64(a[x]) + np.float64(b[x])) * outer
            total[x] = value + (np.float64(c[x]) + np.float64(d[x])) * inner
        t -= 2
    if t == 1:
        a, b, outer = array[top + half - 1], array[top + half + 1], weights[half - 1]
        for x in range(len(total)):
            total[x] += (np.float64(a[x]) + np.float64(b[x])) * outer


@njit(nogil=True)
def _add_across(line, weights, half, total):
    """Correlate one row."""
    middle = line[half : half + len(total)]
    weight = weights[half]
    for x in range(len(total)):
        total[x] = middle[x] * weight
    t = half
    while t >= 2:
        a, b = line[half - t :], line[half + t :]
        c, d = line[half - t + 1 :], line[half + t - 1 :]
        outer, inner = weights[half - t], weights[half - t + 1]
        for x in range(len(total)):
            value = total[x] + (a[x] + b[x]) * outer
            total[x] = value + (c[x] + d[x]) * inner
        t -= 2
    if t == 1:
        a, b, outer = line[half - 1 :], line[half + 1 :], weights[half - 1]
        for x in range(len(total)):
            total[x] += (a[x] + b[x]) * outer


@njit("void(float32[:, ::1], float64[::1], int64, int64, float32[:, ::1])", cache=True, nogil=True)
def smooth_rows(array, weights, start, stop, out):
    """Correlate with a symmetric kernel along both axes, where it does not leave the array.

    Parameters
    ----------
    array : `numpy.ndarray`, (ny, nx), float32
        Pixels.
    weights : `numpy.ndarray`, (n,), float64
        Kernel of odd length.
    start, stop : `int`
        Rows of ``out`` to fill.
    out : `numpy.ndarray`, (ny - n + 1, nx - n + 1), float32
        Filled with the smoothed pixels.
    """
    half = len(weights) // 2
    total, line = np.empty(array.shape[1]), np.empty(array.shape[1])
    across = np.empty(out.shape[1])
    for y in range(start, stop):
        _add_down(array, y, weights, half, total)
        for x in range(len(total)):
            line[x] = np.float64(np.float32(total[x]))
        _add_across(line, weights, half, across)
        row = out[y]
        for x in range(len(across)):
            row[x] = np.float32(across[x])
