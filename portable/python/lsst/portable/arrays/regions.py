# SPDX-License-Identifier: GPL-3.0-or-later
"""Detected regions of an image as arrays: threshold, connect, grow.

All functions work on boolean arrays of shape ``(ny, nx)`` (True: detected) or on `Runs`, which are the same
regions as horizontal runs of pixels. Nothing here loops over regions, so the cost does not depend on the
number of objects.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from . import compiled as loops

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = (
    "Runs",
    "above_threshold",
    "circle_half_widths",
    "connect_runs",
    "diamond_half_widths",
    "find_runs",
    "grow",
    "noise_levels",
    "select_regions",
)


@dataclasses.dataclass(frozen=True)
class Runs:
    """Horizontal runs of pixels, ordered by row and then column."""

    y: NDArray[np.intp]
    """Row of each run."""

    x0: NDArray[np.intp]
    """First column of each run."""

    x1: NDArray[np.intp]
    """Last column of each run (inclusive)."""


def above_threshold(
    values: NDArray[np.floating], level: float | NDArray[np.floating], positive: bool = True
) -> NDArray[np.bool_]:
    """Find the pixels at or beyond a level.

    Parameters
    ----------
    values : `numpy.ndarray`
        Pixels, shape ``(ny, nx)``. NaN is never beyond a level.
    level : `float` or `numpy.ndarray`
        The level: one number, or one per pixel; a NaN level is never reached.
    positive : `bool`, optional
        Whether to look for ``values >= level`` (True) or ``values <= -level`` (False).

    Returns
    -------
    above : `numpy.ndarray`
        True where the level is reached, shape ``(ny, nx)``.
    """
    with np.errstate(invalid="ignore"):
        return values >= level if positive else values <= np.negative(level)


def noise_levels(
    variance: NDArray[np.floating], factor: float, multiplier: float = 1.0
) -> NDArray[np.floating]:
    """Return multiples of the standard deviation of pixels, as levels for `above_threshold`.

    Parameters
    ----------
    variance : `numpy.ndarray`
        Variances of the pixels, shape ``(ny, nx)``.
    factor : `float`
        Level in standard deviations.
    multiplier : `float`, optional
        A further factor, applied after the first.

    Returns
    -------
    levels : `numpy.ndarray`
        Levels, shape ``(ny, nx)``; NaN, which is never reached, where the variance is NaN or negative.
    """
    with np.errstate(invalid="ignore"):
        levels = np.sqrt(variance)
        levels *= factor
        if multiplier != 1.0:
            levels *= multiplier
    return levels


def find_runs(above: NDArray[np.bool_]) -> Runs:
    """List the horizontal runs of True pixels.

    Parameters
    ----------
    above : `numpy.ndarray`
        Regions, shape ``(ny, nx)``.

    Returns
    -------
    runs : `Runs`
        The runs, row by row.
    """
    ny, nx = above.shape
    padded = np.zeros((ny, nx + 2), dtype=np.bool_)
    padded[:, 1:-1] = above
    flat = padded.ravel()
    # Each row is padded with False at both ends, so that changes come in pairs: start, one past the end.
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    starts, stops = changes[0::2], changes[1::2]
    y, x0 = np.divmod(starts, nx + 2)
    return Runs(y=y, x0=x0, x1=x0 + (stops - starts) - 1)


def connect_runs(runs: Runs) -> tuple[NDArray[np.integer], int]:
    """Group runs into 8-connected regions.

    Parameters
    ----------
    runs : `Runs`
        Runs, as from `find_runs`.

    Returns
    -------
    labels : `tuple` [`numpy.ndarray`, `int`]
        Number of the region, from 0, to which each run belongs.
    count : `tuple` [`numpy.ndarray`, `int`]
        Number of regions.
    """
    size = len(runs.y)
    if size == 0:
        return np.zeros(0, dtype=np.intp), 0
    # A run touches those of the next row that end at x0 - 1 or later and start at x1 + 1 or earlier. Rows are
    # laid end to end, far enough apart not to touch, which makes both searches one sorted search each.
    stride = int(runs.x1.max()) + 4
    begin = np.searchsorted(runs.y * stride + runs.x1, (runs.y + 1) * stride + runs.x0 - 1, side="left")
    end = np.searchsorted(runs.y * stride + runs.x0, (runs.y + 1) * stride + runs.x1 + 1, side="right")
    touching = np.maximum(end - begin, 0)
    upper = np.repeat(np.arange(size), touching)
    offset = np.arange(len(upper)) - np.repeat(np.cumsum(touching) - touching, touching)
    lower = np.repeat(begin, touching) + offset
    first = _first_connected(size, upper, lower)
    number = np.cumsum(first == np.arange(size)) - 1
    return number[first], int(number[-1]) + 1


def _first_connected(size: int, one: NDArray[np.integer], other: NDArray[np.integer]) -> NDArray[np.intp]:
    """Find the first element to which each element is connected, directly or indirectly.

    Each element points to one that comes no later. Each iteration joins the targets of neighbouring pairs,
    and then lets all elements point to the end of their chain.

    Parameters
    ----------
    size : `int`
        Number of elements.
    one, other : `numpy.ndarray`
        Pairs of elements that are neighbours.
    """
    first = np.arange(size)
    while True:
        a, b = first[one], first[other]
        apart = a != b
        if not apart.any():
            return first
        one, other, a, b = one[apart], other[apart], a[apart], b[apart]
        np.minimum.at(first, np.maximum(a, b), np.minimum(a, b))
        while True:
            ahead = first[first]
            if np.array_equal(ahead, first):
                break
            first = ahead


def select_regions(
    above: NDArray[np.bool_], min_pixels: int, peak: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Keep the regions that are large enough and, if requested, contain a peak.

    Parameters
    ----------
    above : `numpy.ndarray`
        Regions, shape ``(ny, nx)``.
    min_pixels : `int`
        Smallest number of pixels in a region.
    peak : `numpy.ndarray`, optional
        Pixels of which a region must contain at least one, shape ``(ny, nx)``.

    Returns
    -------
    kept : `numpy.ndarray`
        The regions kept, shape ``(ny, nx)``; ``above`` itself if nothing had to be tested.
    """
    if min_pixels <= 1 and peak is None:
        return above
    runs = find_runs(above)
    labels, count = connect_runs(runs)
    keep = np.bincount(labels, weights=runs.x1 - runs.x0 + 1, minlength=count) >= min_pixels
    if peak is not None:
        in_run = np.cumsum(np.pad(peak & above, ((0, 0), (1, 0))), axis=1, dtype=np.int32)
        peaks = in_run[runs.y, runs.x1 + 1] - in_run[runs.y, runs.x0]
        keep &= np.bincount(labels, weights=peaks, minlength=count) > 0
    kept = keep[labels]
    return _paint(runs.y[kept], runs.x0[kept], runs.x1[kept] + 1, above.shape, most=1)


def circle_half_widths(radius: int) -> NDArray[np.intp]:
    """Return the half widths, row by row from ``-radius`` to ``radius``, of the pixels within a circle.

    A pixel is inside if its centre is at most ``radius`` from the centre: ``dx**2 + dy**2 <= radius**2``.
    """
    dy = np.arange(-radius, radius + 1)
    return np.sqrt(radius**2 - dy**2).astype(np.intp)


def diamond_half_widths(radius: int) -> NDArray[np.intp]:
    """Return the half widths, row by row from ``-radius`` to ``radius``, of ``|dx| + |dy| <= radius``."""
    return radius - np.abs(np.arange(-radius, radius + 1))


def grow(
    above: NDArray[np.bool_],
    half_widths: NDArray[np.intp],
    rows: slice = slice(None),
    *,
    compiled: bool = False,
) -> NDArray[np.bool_]:
    """Grow all regions by a shape that is convex along rows, clipped to the array.

    Parameters
    ----------
    above : `numpy.ndarray`
        Regions, shape ``(ny, nx)``.
    half_widths : `numpy.ndarray`
        Half widths of the shape in its ``2 * r + 1`` rows, see `circle_half_widths`.
    rows : `slice`, optional
        Rows to return, without a step; all by default.
    compiled : `bool`, optional
        Whether to use the compiled loops, which give the same result.

    Returns
    -------
    grown : `numpy.ndarray`
        The union of the shape centred on every detected pixel: of shape ``(ny, nx)``, or of the requested
        rows.
    """
    ny, nx = above.shape
    if compiled:
        return _grow_compiled(above, half_widths, rows)
    radius = len(half_widths) // 2
    runs = find_runs(above)
    y = (runs.y[:, np.newaxis] + np.arange(-radius, radius + 1)).ravel()
    starts = (runs.x0[:, np.newaxis] - half_widths).ravel()
    stops = (runs.x1[:, np.newaxis] + half_widths + 1).ravel()
    inside = (y >= 0) & (y < ny)
    # At most the runs of each row within reach overlap a pixel, and two of them are never adjacent.
    most = len(half_widths) * (int(half_widths.max()) + 1)
    grown = _paint(y[inside], np.maximum(starts[inside], 0), np.minimum(stops[inside], nx), above.shape, most)
    return grown[rows]


def _grow_compiled(above: NDArray[np.bool_], half_widths: NDArray[np.intp], rows: slice) -> NDArray[np.bool_]:
    """Do the same with the compiled loops."""
    out = np.empty(above.shape, dtype=np.bool_)
    widths = np.ascontiguousarray(half_widths, dtype=np.int64)
    start, stop, _ = rows.indices(len(out))
    loops.regions.grow_rows(np.require(above, requirements=("C", "W")), widths, start, stop, out)
    return out[rows]


def _paint(
    rows: NDArray[np.intp],
    starts: NDArray[np.intp],
    stops: NDArray[np.intp],
    shape: tuple[int, ...],
    most: int,
) -> NDArray[np.bool_]:
    """Return an array that is True within ``[start, stop)`` of each given row; at most ``most`` overlap."""
    ny, nx = shape
    depth: NDArray[np.integer] = np.zeros(ny * (nx + 1), dtype=np.int16 if most < 2**15 else np.int32)
    one = depth.dtype.type(1)
    first = rows * (nx + 1)
    # One axis, and a number of the array's own type, keep this on the fast path of numpy.
    np.add.at(depth, first + starts, one)
    np.subtract.at(depth, first + stops, one)
    # All runs end within their row, so that each row starts from zero again.
    np.cumsum(depth, out=depth)
    return depth.reshape(ny, nx + 1)[:, :-1] > 0
