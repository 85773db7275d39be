# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled growth of regions on large images; the twin in NumPy is `lsst.portable.arrays.regions.grow`."""

import numpy as np

from lsst.portable.jit import njit

__all__ = ("grow_rows",)

_TILE = 64  # rows that are grown at once


@njit(nogil=True)
def _find_runs(above, top, bottom, first, edges):
    """List where runs start and stop in the rows from ``top`` on, and at ``first`` where each row begins."""
    count = np.uint64(0)
    for y in range(top, bottom):
        first[y - top] = np.int64(count)
        row = above[y]
        before = False
        for x in range(len(row)):
            if row[x] != before:
                edges[count] = x
                count += np.uint64(1)
                before = row[x]
        if before:
            edges[count] = len(row)
            count += np.uint64(1)
    first[bottom - top] = np.int64(count)


@njit("void(boolean[:, ::1], int64[::1], int64, int64, boolean[:, ::1])", cache=True, nogil=True)
def grow_rows(above, half_widths, start, stop, out):
    """Grow all regions by a shape that is convex along rows; what leaves the array is cut off.

    Parameters
    ----------
    above : `numpy.ndarray`, (ny, nx), bool
        Regions.
    half_widths : `numpy.ndarray`, (2 * r + 1,), int64
        Half widths of the shape in its rows.
    start, stop : `int`
        Rows of ``out`` to fill.
    out : `numpy.ndarray`, (ny, nx), bool
        Filled with the grown regions.
    """
    ny, nx = above.shape
    radius = len(half_widths) // 2
    most = min(_TILE + 2 * radius, ny)
    edges = np.empty(most * (nx + 1), np.int32)
    first = np.empty(most + 1, np.int64)
    depth = np.empty(nx + 1, np.int32)
    for tile in range(start, stop, _TILE):
        end = min(tile + _TILE, stop)
        top, bottom = max(tile - radius, 0), min(end + radius, ny)
        _find_runs(above, top, bottom, first, edges)
        for y in range(tile, end):
            low, high = max(y - radius, top), min(y + radius + 1, bottom)
            row = out[y]
            if first[low - top] == first[high - top]:
                row[:] = False
                continue
            depth[:] = 0
            for source in range(low, high):
                reach = half_widths[radius + source - y]
                for i in range(first[source - top], first[source - top + 1], 2):
                    depth[max(edges[i] - reach, 0)] += 1
                    depth[min(edges[i + 1] + reach, nx)] -= 1
            over = 0
            for x in range(nx):
                over += depth[x]
                row[x] = over > 0
