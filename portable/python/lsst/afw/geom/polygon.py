# SPDX-License-Identifier: GPL-3.0-or-later
"""Polygons of the plane, such as the outline of the valid pixels of an exposure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from lsst.geom import Box2D, Point2D
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.archive import PickledThroughFits

from ._transform import TransformPoint2ToPoint2

__all__ = ("Polygon",)

PlaneTransform: TypeAlias = TransformPoint2ToPoint2 | Callable[[Point2D], Iterable[float]]
"""What moves the vertices of a polygon: a transform, or a function of points."""

_ROUNDING = 1e-12
"""Part of the size of a polygon by which vertices may differ that count as the same."""


class Polygon(PickledThroughFits):
    """A polygon without holes.

    The vertices are held in clockwise order (y pointing up), and the first is repeated at their end.

    Parameters
    ----------
    vertices : iterable of `lsst.geom.Point2D` or `lsst.geom.Box2D`
        The vertices in order, either way round, with or without the first at the end; or a box.
    transform : `TransformPoint2ToPoint2` or `lsst.geom.AffineTransform`, optional
        What the corners of the box are transformed by.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there are fewer than three vertices.
    TypeError
        Raised if these are no points.

    Notes
    -----
    Intersections and unions are not offered; the packages shapely and lsst-images have them.
    """

    __slots__ = ("_ring",)

    def __init__(
        self, vertices: Iterable[Point2D | Sequence[float]] | Box2D, transform: PlaneTransform | None = None
    ) -> None:
        if isinstance(vertices, Box2D):
            box = vertices
            xs, ys = (box.getMinX(), box.getMaxX()), (box.getMinY(), box.getMaxY())
            corners = [(xs[0], ys[0]), (xs[0], ys[1]), (xs[1], ys[1]), (xs[1], ys[0])]
            ring = _transformed(np.array(corners), transform)
        elif transform is not None:
            raise TypeError("Only a polygon that is made of a Box2D takes a transform")
        else:
            ring = np.array([(float(x), float(y)) for x, y in vertices]).reshape(-1, 2)
        if len(ring) and (ring[0] == ring[-1]).all():
            ring = ring[:-1]
        if len(ring) < 3:
            raise InvalidParameterError(f"A polygon needs at least three vertices, got {len(ring)}")
        self._ring = np.concatenate([ring, ring[:1]])
        if _cross(self._ring).sum() > 0:
            self._ring = self._ring[::-1].copy()

    def getNumEdges(self) -> int:
        """Number of edges, which is that of different vertices."""
        return len(self._ring) - 1

    def getVertices(self) -> list[Point2D]:
        """Vertices in clockwise order, the first of them at the end again."""
        return [Point2D(x, y) for x, y in self._ring.tolist()]

    def getEdges(self) -> list[tuple[Point2D, Point2D]]:
        """Pairs of the points where each edge begins and ends."""
        vertices = self.getVertices()
        return list(itertools.pairwise(vertices))

    def getBBox(self) -> Box2D:
        """Return the smallest box that all vertices are in."""
        return Box2D(Point2D(*self._ring.min(axis=0)), Point2D(*self._ring.max(axis=0)))

    def calculateArea(self) -> float:
        """Area inside."""
        return float(-_cross(self._ring - self._ring[0]).sum() / 2)

    def calculatePerimeter(self) -> float:
        """Length of all edges."""
        return float(np.hypot(*np.diff(self._ring, axis=0).T).sum())

    def calculateCenter(self) -> Point2D:
        """Centre of gravity of the area."""
        ring = self._ring - self._ring[0]
        cross = _cross(ring)
        center = ((ring[:-1] + ring[1:]) * cross[:, np.newaxis]).sum(axis=0) / (3 * cross.sum())
        return Point2D(*(center + self._ring[0]))

    def contains(self, point: Point2D) -> bool:
        """Whether a point is inside; one on an edge is not.

        Parameters
        ----------
        point : `lsst.geom.Point2D`
            The point.
        """
        start = self._ring[:-1] - (point.getX(), point.getY())
        stop = self._ring[1:] - (point.getX(), point.getY())
        cross = start[:, 0] * stop[:, 1] - stop[:, 0] * start[:, 1]
        on_edge = (cross == 0) & ((start * stop).sum(axis=1) <= 0)
        upwards = (start[:, 1] <= 0) & (stop[:, 1] > 0) & (cross > 0)
        downwards = (start[:, 1] > 0) & (stop[:, 1] <= 0) & (cross < 0)
        return not on_edge.any() and bool(np.count_nonzero(upwards) != np.count_nonzero(downwards))

    def convexHull(self) -> Polygon:
        """Return the smallest polygon without inward corners that all vertices are in."""
        points = np.unique(self._ring, axis=0).tolist()
        return Polygon(_half_hull(points)[:-1] + _half_hull(points[::-1])[:-1])

    def transform(self, transform: PlaneTransform) -> Polygon:
        """Return the polygon with every vertex transformed.

        Parameters
        ----------
        transform : `TransformPoint2ToPoint2` or `lsst.geom.AffineTransform`
            The transform.
        """
        return Polygon(_transformed(self._ring[:-1], transform))

    def subSample(self, num: float) -> Polygon:
        """Return the same polygon with more vertices.

        Parameters
        ----------
        num : `int` or `float`
            Number of parts of each edge; or, as a `float`, their greatest length.
        """
        parts: list[np.ndarray] = []
        for start, stop in itertools.pairwise(self._ring):
            length = math.hypot(*(stop - start))
            count = num if isinstance(num, int) else max(1, math.ceil(length / num))
            parts.append(start + (stop - start) / count * np.arange(count)[:, np.newaxis])
        return Polygon(np.concatenate(parts))

    def _corners(self) -> np.ndarray:
        """Vertices at which the direction changes, beginning with the leftmost (lowest) one."""
        ring = self._ring[:-1]
        before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
        turn = np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0])
        ring = ring[turn > _ROUNDING * np.ptp(ring, axis=0).max() ** 2]
        return ring

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Polygon):
            return NotImplemented
        mine, others = self._corners(), other._corners()
        if len(mine) != len(others):
            return False
        near = _ROUNDING * max(np.abs(mine).max(initial=0), np.abs(others).max(initial=0))
        return any(
            (np.abs(mine - np.roll(others, shift, axis=0)) <= near).all() for shift in range(len(mine))
        )

    def __hash__(self) -> int:
        # Vertices that are equal but for rounding must not differ here.
        return hash(("Polygon", len(self._corners())))

    def __len__(self) -> int:
        return self.getNumEdges()

    def __iter__(self) -> Iterator[Point2D]:
        return iter(self.getVertices())

    def __getitem__(self, index: int) -> Point2D:
        return self.getVertices()[index]

    def __copy__(self) -> Polygon:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Polygon:
        return self

    def __repr__(self) -> str:
        return f"Polygon([{', '.join(str(point) for point in self.getVertices())}])"

    def __getattr__(self, name: str) -> Any:
        if name in _NOT_OFFERED:
            raise NotImplementedError(
                f"Polygon.{name} is not part of the portable stack; shapely.Polygon of the vertices has it."
            )
        raise AttributeError(f"'Polygon' object has no attribute {name!r}")


_NOT_OFFERED = frozenset(
    ("createImage", "intersection", "intersectionSingle", "overlaps", "plot", "simplify", "symDifference")
    + ("union", "unionSingle")
)

Polygon.__module__ = "lsst.afw.geom"


def _cross(ring: np.ndarray) -> np.ndarray:
    """Twice the area between each edge and the origin, positive counter-clockwise."""
    x, y = ring.T
    return x[:-1] * y[1:] - x[1:] * y[:-1]


def _half_hull(points: list[list[float]]) -> list[list[float]]:
    """Points, in order along an axis, that no other is to the right of."""
    hull: list[list[float]] = []
    for point in points:
        while len(hull) > 1 and (
            (hull[-1][0] - hull[-2][0]) * (point[1] - hull[-2][1])
            <= (hull[-1][1] - hull[-2][1]) * (point[0] - hull[-2][0])
        ):
            hull.pop()
        hull.append(point)
    return hull


def _transformed(points: np.ndarray, transform: PlaneTransform | None) -> np.ndarray:
    """Transform points, shape ``(n, 2)``."""
    if transform is None:
        return points
    if isinstance(transform, TransformPoint2ToPoint2):
        return transform.applyForward(points.T).T
    if not callable(transform):
        raise TypeError(f"A polygon is transformed by a transform, got {type(transform).__name__}")
    return np.array([tuple(transform(Point2D(x, y))) for x, y in points.tolist()])
