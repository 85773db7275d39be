# SPDX-License-Identifier: GPL-3.0-or-later
"""Areas bounded by closed polygons: points in them, what two of them share, and how they cover pixels.

A ring has shape ``(n + 1, 2)``: the vertices in clockwise order (y pointing up), and the first of them again.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Points = NDArray[np.float64]
    """Points, shape ``(n, 2)``."""
    Edges = NDArray[np.float64]
    """Where edges begin and end, shape ``(n, 2, 2)``."""

__all__ = ("combine", "contains", "coverage", "overlap")

_INSIDE, _OUTSIDE, _ALONG, _AGAINST = range(4)
"""Where an edge of one polygon lies: within or without the other, or on its edge, with or against it."""

_ROUNDING = 1e-12
"""Part of the size of two polygons by which points may differ that count as one."""


def contains(ring: Points, points: Points) -> NDArray[np.bool_]:
    """Return whether points are within a polygon, its edges excluded.

    Parameters
    ----------
    ring : `numpy.ndarray`
        The polygon, shape ``(n + 1, 2)``.
    points : `numpy.ndarray`
        The points, shape ``(m, 2)``.

    Returns
    -------
    inside : `numpy.ndarray` of `bool`
        For each point; shape ``(m,)``.
    """
    inside = np.zeros(len(points), dtype=bool)
    on_edge = np.zeros(len(points), dtype=bool)
    for begin, end in itertools.pairwise(ring):
        start, stop = begin - points, end - points
        cross = start[:, 0] * stop[:, 1] - stop[:, 0] * start[:, 1]
        on_edge |= (cross == 0) & ((start * stop).sum(axis=1) <= 0)
        # A ray to the right of the point crosses the edge.
        inside ^= (start[:, 1] <= 0) & (stop[:, 1] > 0) & (cross > 0)
        inside ^= (start[:, 1] > 0) & (stop[:, 1] <= 0) & (cross < 0)
    return inside & ~on_edge


def overlap(ring: Points, other: Points) -> bool:
    """Return whether two polygons have any point in common, be it on their edges.

    Parameters
    ----------
    ring, other : `numpy.ndarray`
        The polygons, shapes ``(n + 1, 2)`` and ``(m + 1, 2)``.
    """
    if (ring.max(axis=0) < other.min(axis=0)).any() or (other.max(axis=0) < ring.min(axis=0)).any():
        return False
    tolerance = _tolerance(ring, other)
    for one, two in ((ring, other), (other, ring)):
        edges = _edges(one, tolerance)
        # If no edge is cut, one may be within the other, or they may share whole edges or vertices.
        if len(_cut(one, two, tolerance)) > len(edges) or (_locate(edges, two, tolerance) != _OUTSIDE).any():
            return True
    distances = np.abs(ring[:, np.newaxis] - other[np.newaxis]).max(axis=2)
    return bool((distances <= tolerance).any())


def combine(ring: Points, other: Points, how: Literal["intersection", "union", "difference"]) -> list[Points]:
    """Return the rings around the area that two polygons have in common, or together, or that one has alone.

    Parameters
    ----------
    ring, other : `numpy.ndarray`
        The polygons, shapes ``(n + 1, 2)`` and ``(m + 1, 2)``.
    how : {"intersection", "union", "difference"}
        What is asked for; the difference is what is in ``ring`` only.

    Returns
    -------
    rings : `list` of `numpy.ndarray`
        The rings, without vertices at which the direction does not change. One that is not clockwise goes
        around a hole in another.
    """
    tolerance = _tolerance(ring, other)
    mine, others = _cut(ring, other, tolerance), _cut(other, ring, tolerance)
    where, where_others = _locate(mine, other, tolerance), _locate(others, ring, tolerance)
    if how == "intersection":
        chosen = [mine[(where == _INSIDE) | (where == _ALONG)], others[where_others == _INSIDE]]
    elif how == "union":
        chosen = [mine[(where == _OUTSIDE) | (where == _ALONG)], others[where_others == _OUTSIDE]]
    else:
        chosen = [mine[(where == _OUTSIDE) | (where == _AGAINST)], others[where_others == _INSIDE][:, ::-1]]
    return _join(np.concatenate(chosen), tolerance)


def coverage(ring: Points, x0: int, y0: int, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return how much of each pixel of an image is within a polygon.

    Parameters
    ----------
    ring : `numpy.ndarray`
        The polygon, shape ``(n + 1, 2)``; the centres of pixels have integer coordinates.
    x0, y0 : `int`
        Coordinates of the first pixel.
    shape : pair of `int`
        Numbers of rows and columns.

    Returns
    -------
    covered : `numpy.ndarray`
        Parts of the pixels, from 0 to 1; shape ``(ny, nx)``.

    Notes
    -----
    Each edge is cut at the borders of pixels. A piece that goes up or down by ``dy`` adds, or takes away,
    ``dy`` times the distance to the right border in its own pixel, and ``dy`` in every pixel further right.
    """
    height, width = shape
    # One more column takes what is right of the image.
    within = np.zeros((height, width + 1))
    right_of = np.zeros((height, width + 2))
    lower_left = np.array([x0 - 0.5, y0 - 0.5])
    for begin, end in zip(ring[:-1] - lower_left, ring[1:] - lower_left, strict=True):
        pieces = _cut_at_integers(begin, end, width, height)
        middle = (pieces[:-1] + pieces[1:]) / 2
        rise = np.diff(pieces[:, 1])
        row = np.floor(middle[:, 1]).astype(int)
        used = (row >= 0) & (row < height) & (rise != 0)
        row, rise = row[used], rise[used]
        x = np.clip(middle[used, 0], 0, width)
        column = np.floor(x).astype(int)
        np.add.at(within, (row, column), rise * (column + 1 - x))
        np.add.at(right_of, (row, column + 1), rise)
    covered = within + np.cumsum(right_of[:, :-1], axis=1)
    return np.clip(covered[:, :width], 0.0, 1.0)


def _cut_at_integers(begin: Points, end: Points, width: int, height: int) -> Points:
    """Return points along an edge, from its begin to its end, also where it enters another pixel."""
    places = [np.array([0.0, 1.0])]
    for axis, most in ((0, width), (1, height)):
        low, high = sorted((begin[axis], end[axis]))
        borders = np.arange(max(np.ceil(low), 0.0), min(np.floor(high), most) + 1)
        if high > low:
            places.append((borders - begin[axis]) / (end[axis] - begin[axis]))
    along = np.unique(np.clip(np.concatenate(places), 0.0, 1.0))
    return begin + along[:, np.newaxis] * (end - begin)


def _tolerance(ring: Points, other: Points) -> float:
    return _ROUNDING * float(max(np.abs(ring).max(), np.abs(other).max()))


def _edges(ring: Points, tolerance: float) -> Edges:
    edges = np.stack([ring[:-1], ring[1:]], axis=1)
    return edges[np.hypot(*(edges[:, 1] - edges[:, 0]).T) > tolerance]


def _cut(ring: Points, other: Points, tolerance: float) -> Edges:
    """Return the edges of a ring, cut where another crosses, touches or leaves them."""
    begin, end = other[:-1], other[1:]
    pieces = []
    for start, stop in _edges(ring, tolerance):
        along, length = stop - start, float(np.hypot(*(stop - start)))
        # Distances of the ends of the other edges from the line of this one, and their places along it.
        off_begin, off_end = (_cross(along, point - start) / length for point in (begin, end))
        places_begin, places_end = ((point - start) @ along / length**2 for point in (begin, end))
        touches = places_begin[np.abs(off_begin) <= tolerance]
        crosses = (np.abs(off_begin) > tolerance) & (np.abs(off_end) > tolerance)
        crosses &= (off_begin > 0) != (off_end > 0)
        part = off_begin[crosses] / (off_begin[crosses] - off_end[crosses])
        crossings = places_begin[crosses] + part * (places_end[crosses] - places_begin[crosses])
        places = np.unique(np.concatenate([touches, crossings]))
        slack = tolerance / length
        places = places[(places > slack) & (places < 1 - slack)]
        places = places[np.diff(places, prepend=-1.0) > slack]
        points = np.vstack([start, start + places[:, np.newaxis] * along, stop])
        pieces.append(np.stack([points[:-1], points[1:]], axis=1))
    return np.concatenate(pieces)


def _locate(edges: Edges, ring: Points, tolerance: float) -> NDArray[np.int64]:
    """Return where edges, which do not cross a ring, lie with respect to it."""
    middle, direction = edges.mean(axis=1), edges[:, 1] - edges[:, 0]
    where = np.where(contains(ring, middle), _INSIDE, _OUTSIDE)
    for start, stop in _edges(ring, tolerance):
        along, length = stop - start, float(np.hypot(*(stop - start)))
        place = (middle - start) @ along / length
        near = np.abs(_cross(along, middle - start)) <= 2 * tolerance * length
        near &= (place > -tolerance) & (place < length + tolerance)
        # An edge that only touches with its middle would have been cut there: near ones are parallel.
        where[near] = np.where(direction[near] @ along > 0, _ALONG, _AGAINST)
    return where


def _join(edges: Edges, tolerance: float) -> list[Points]:
    """Join edges to rings; where several leave a point, areas to their right become rings of their own."""
    names = _name_points(edges.reshape(-1, 2), tolerance).reshape(-1, 2).tolist()
    leaving: dict[int, list[int]] = {}
    for number, (begin, _) in enumerate(names):
        leaving.setdefault(begin, []).append(number)
    rings = []
    for first in range(len(edges)):
        if first not in leaving[names[first][0]]:
            continue
        chain: list[int] = []
        number = first
        while not chain or number != first:
            chain.append(number)
            came = edges[number, 1] - edges[number, 0]
            following = leaving.get(names[number][1])
            if not following:
                raise ArithmeticError("the edges of the two polygons are too close to be told apart")
            number = max(following, key=lambda after: _turn_right(came, edges[after, 1] - edges[after, 0]))
            if number != first:
                leaving[names[number][0]].remove(number)
        leaving[names[first][0]].remove(first)
        corners = _without_straight_corners(edges[chain, 0], tolerance)
        if len(corners) > 2:
            rings.append(np.concatenate([corners, corners[:1]]))
    return rings


def _name_points(points: Points, tolerance: float) -> NDArray[np.int64]:
    """Number points so that those that differ by rounding have the same number."""
    names = np.full(len(points), -1)
    for number in range(len(points)):
        if names[number] < 0:
            same = (np.abs(points - points[number]) <= 8 * tolerance).all(axis=1) & (names < 0)
            names[same] = number
    return names


def _turn_right(came: Points, goes: Points) -> float:
    """Return by how much a direction turns to the right, in radians."""
    return float(-np.arctan2(_cross(came, goes), came @ goes))


def _without_straight_corners(points: Points, tolerance: float) -> Points:
    before, after = points - np.roll(points, 1, axis=0), np.roll(points, -1, axis=0) - points
    size = np.hypot(*before.T) + np.hypot(*after.T)
    return points[np.abs(_cross(before, after)) > 2 * tolerance * size]


def _cross(first: Points, second: Points) -> Points:
    return first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
