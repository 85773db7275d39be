# SPDX-License-Identifier: GPL-3.0-or-later
"""Polygons of the plane, such as the outline of the valid pixels of an exposure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

import numpy as np

from lsst.geom import Box2D, Box2I, Extent2I, Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError, RuntimeError
from lsst.portable.archive import PickledThroughFits
from lsst.portable.arrays import polygons

from ._transform import TransformPoint2ToPoint2

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ("Polygon", "SinglePolygonException")

PlaneTransform: TypeAlias = TransformPoint2ToPoint2 | Callable[[Point2D], Iterable[float]]
"""What moves the vertices of a polygon: a transform, or a function of points."""

_ROUNDING = 1e-12
"""Part of the size of a polygon by which vertices may differ that count as the same."""


class SinglePolygonException(RuntimeError):
    """Two polygons do not meet in one polygon."""


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
    A union or difference that has a hole cannot be held; the packages shapely and lsst-images can.
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

    @overload
    def contains(self, point: Point2D | Point2I) -> bool: ...
    @overload
    def contains(self, point: Sequence[Point2D] | Sequence[Point2I]) -> list[bool]: ...
    @overload
    def contains(self, point: float, y: float) -> bool: ...
    @overload
    def contains(self, point: np.ndarray, y: np.ndarray) -> np.ndarray: ...
    def contains(self, point: Any, y: Any = None) -> Any:
        """Whether points are inside; one on an edge is not.

        Parameters
        ----------
        point : `lsst.geom.Point2D`, `lsst.geom.Point2I`, sequence of these, `float` or `numpy.ndarray`
            One point, or many; or their x.
        y : `float` or `numpy.ndarray`, optional
            Their y, if the first is x.

        Returns
        -------
        inside : `bool`, `list` of `bool`, or `numpy.ndarray` of `bool`
            One for each point, in an array of the same shape as ``x`` and ``y``.
        """
        if y is not None:
            x, y = np.broadcast_arrays(np.asarray(point, dtype=float), np.asarray(y, dtype=float))
            inside = polygons.contains(self._ring, np.stack([x.ravel(), y.ravel()], axis=1)).reshape(x.shape)
            return inside if inside.ndim else bool(inside)
        if isinstance(point, Point2D | Point2I):
            return bool(
                polygons.contains(self._ring, np.array([[point.getX(), point.getY()]], dtype=float))[0]
            )
        points = np.array([(each.getX(), each.getY()) for each in point], dtype=float).reshape(-1, 2)
        return polygons.contains(self._ring, points).tolist()

    def overlaps(self, other: Polygon | Box2D) -> bool:
        """Whether another polygon, or a box, has any point in common with this one, be it on their edges."""
        return polygons.overlap(self._ring, _polygon(other)._ring)

    def intersection(self, other: Polygon | Box2D) -> list[Polygon]:
        """Return the areas in common with another polygon, or a box.

        Parameters
        ----------
        other : `Polygon` or `lsst.geom.Box2D`
            The other one.

        Returns
        -------
        polygons : `list` of `Polygon`
            As many as it takes.
        """
        return self._combine(other, "intersection")

    def intersectionSingle(self, other: Polygon | Box2D) -> Polygon:
        """Return the one area in common with another polygon, or a box; see `intersection`.

        Raises
        ------
        SinglePolygonException
            Raised if there is none, or more than one.
        """
        return _single("intersection", self.intersection(other))

    def union(self, other: Polygon | Box2D) -> list[Polygon]:
        """Return the areas in this polygon, in another (or in a box), or in both.

        Parameters
        ----------
        other : `Polygon` or `lsst.geom.Box2D`
            The other one.

        Returns
        -------
        polygons : `list` of `Polygon`
            One, or both if they have no area or edge in common.

        Raises
        ------
        NotImplementedError
            Raised if there is a hole between the two.
        """
        return self._combine(other, "union")

    def unionSingle(self, other: Polygon | Box2D) -> Polygon:
        """Return the one area in this polygon, in another (or in a box), or in both; see `union`.

        Raises
        ------
        SinglePolygonException
            Raised if there are two.
        """
        return _single("union", self.union(other))

    def symDifference(self, other: Polygon | Box2D) -> list[Polygon]:
        """Return the areas that are in only one of this polygon and another, or a box.

        Parameters
        ----------
        other : `Polygon` or `lsst.geom.Box2D`
            The other one.

        Returns
        -------
        polygons : `list` of `Polygon`
            As many as it takes.

        Raises
        ------
        NotImplementedError
            Raised if one is within the other, so that what is left has a hole.
        """
        other = _polygon(other)
        return self._combine(other, "difference") + other._combine(self, "difference")

    def _combine(
        self, other: Polygon | Box2D, how: Literal["intersection", "union", "difference"]
    ) -> list[Polygon]:
        rings = polygons.combine(self._ring, _polygon(other)._ring, how)
        if any(_cross(ring - ring[0]).sum() > 0 for ring in rings):
            raise NotImplementedError(
                f"The {how} of these polygons has a hole, which a Polygon of the portable stack cannot have; "
                "shapely.Polygon of the vertices can."
            )
        return [Polygon(ring) for ring in rings]

    def createImage(self, box: Box2I | Extent2I) -> Any:
        """Return an image of how much of each pixel is within the polygon; ``import lsst.afw.image`` first.

        Parameters
        ----------
        box : `lsst.geom.Box2I` or `lsst.geom.Extent2I`
            The box of the image; or its size, if it begins at (0, 0).

        Returns
        -------
        image : `lsst.afw.image.ImageF`
            Parts of the pixels, from 0 to 1.
        """
        raise RuntimeError("Images of polygons are made by lsst.afw.image, which has to be imported first")

    def plot(self, axes: Axes | None = None, **kwargs: Any) -> Axes:
        """Draw the edges with matplotlib.

        Parameters
        ----------
        axes : `matplotlib.axes.Axes`, optional
            What to draw on; new axes by default.
        **kwargs : `object`
            Properties of the lines.

        Returns
        -------
        axes : `matplotlib.axes.Axes`
            What was drawn on.
        """
        if axes is None:
            import matplotlib.pyplot as plt  # an optional dependency, which takes half a second

            axes = plt.axes()
        for begin, end in self.getEdges():
            axes.plot((begin.getX(), end.getX()), (begin.getY(), end.getY()), **kwargs)
        return axes

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


Polygon.__module__ = SinglePolygonException.__module__ = "lsst.afw.geom"


def _polygon(shape: Polygon | Box2D) -> Polygon:
    """Return a polygon, also of a box."""
    if isinstance(shape, Polygon):
        return shape
    if isinstance(shape, Box2D):
        return Polygon(shape)
    raise TypeError(f"A polygon is combined with another or a Box2D, not a {type(shape).__name__}")


def _single(what: str, results: list[Polygon]) -> Polygon:
    """Return the only one of some polygons."""
    if len(results) != 1:
        raise SinglePolygonException(f"The {what} is a single polygon if there is one, not {len(results)}")
    return results[0]


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
