# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled evaluation of piecewise polynomials; the twin is that of `lsst.portable.arrays.interpolate`."""

import numpy as np

from lsst.portable.jit import njit

__all__ = ("evaluate_rows",)


@njit("void(float64[:, :, ::1], int64[::1], float64[::1], float32[:, ::1])", cache=True, nogil=True)
def evaluate_rows(coefficients, edges, deltas, out):
    """Evaluate cubic polynomials along rows.

    Parameters
    ----------
    coefficients : `numpy.ndarray`, (pieces, order, ny), float64
        Coefficients of ascending powers, at most four, of each piece and row.
    edges : `numpy.ndarray`, (pieces + 1,), int64
        First column of each piece, and the end of the last.
    deltas : `numpy.ndarray`, (nx,), float64
        Distance of each column from the origin of its piece.
    out : `numpy.ndarray`, (ny, nx), float32
        Filled with the values.
    """
    order = coefficients.shape[1]
    for y in range(len(out)):
        for i in range(len(edges) - 1):
            c0 = coefficients[i, 0, y]
            c1 = coefficients[i, 1, y] if order > 1 else 0.0
            c2 = coefficients[i, 2, y] if order > 2 else 0.0
            c3 = coefficients[i, 3, y] if order > 3 else 0.0
            part, delta = out[y, edges[i] : edges[i + 1]], deltas[edges[i] : edges[i + 1]]
            for x in range(len(part)):
                t = delta[x]
                part[x] = np.float32(((c3 * t + c2) * t + c1) * t + c0)
