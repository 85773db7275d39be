# SPDX-License-Identifier: GPL-3.0-or-later
"""Boxes in the plane."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from ._box import Box, by_name
from ._coordinates import Extent2D, Point2D
from ._elements import as_float, need
from ._interval import IntervalD

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ("Box2D",)


class Box2D(Box):
    """A rectangle in the plane that includes its minimum and excludes its maximum.

    Build one from two corners, from a corner and dimensions, from two intervals, from a `Box2I` (whose pixels
    extend 0.5 to each side), or from another box; without arguments it is empty. A box of zero width or
    height is empty; all empty boxes are equal, with NaN as minimum and maximum.

    Parameters
    ----------
    *args : `Point2D` and `Point2D` or `Extent2D`, `IntervalD` and `IntervalD`, `Box2I`, or `Box2D`
        What to build the box from. After points and extents, a third argument ``invert`` says whether to swap
        a minimum above its maximum and flip negative dimensions (the default) or to return an empty box.
    **kwargs : `object`
        The same by keyword: ``minimum``, ``maximum``, ``corner`` (or ``minimum``), ``dimensions``,
        ``invert``, ``x``, ``y``, ``other``.

    Raises
    ------
    TypeError
        Raised if the arguments do not define a box.
    """

    __slots__ = ("_x0", "_x1", "_y0", "_y1")
    integral = False

    Point = Point2D
    Extent = Extent2D
    EPSILON = 2 * sys.float_info.epsilon
    """Relative distance by which the maximum exceeds a point that the box must contain."""
    INVALID = math.nan
    """Coordinate of the corners of an empty box."""

    @overload
    def __init__(self) -> None: ...
    @overload
    def __init__(self, minimum: Point2D, maximum: Point2D, invert: bool = ...) -> None: ...
    @overload
    def __init__(self, corner: Point2D, dimensions: Extent2D, invert: bool = ...) -> None: ...
    @overload
    def __init__(self, x: IntervalD, y: IntervalD) -> None: ...
    @overload
    def __init__(self, other: Box) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs:
            args = by_name(args, kwargs)
        first = args[0] if args else None
        second = args[1] if len(args) > 1 else None
        if isinstance(first, Point2D) and isinstance(second, Point2D | Extent2D) and len(args) <= 3:
            end = second if isinstance(second, Point2D) else first + second
            invert = args[2] if len(args) == 3 else True
            self._set_corners(first.x, first.y, end.x, end.y, invert)
        elif isinstance(first, IntervalD) and isinstance(second, IntervalD) and len(args) == 2:
            self._set(first._min, second._min, first._max, second._max)
        elif isinstance(first, Box) and first.integral and len(args) == 1:
            if first.isEmpty():
                self._clear()
            else:
                self._set(first.minX - 0.5, first.minY - 0.5, first.maxX + 0.5, first.maxY + 0.5)
        elif isinstance(first, Box2D) and len(args) == 1:
            self._assign(first)
        elif not args:
            self._clear()
        else:
            kinds = ", ".join(type(a).__name__ for a in args)
            raise TypeError(
                f"Cannot make a Box2D from ({kinds}); give (Point2D, Point2D), (Point2D, Extent2D), "
                "(IntervalD, IntervalD), a Box2I, a Box2D or nothing."
            )

    def _clear(self) -> None:
        self._x0 = self._y0 = self._x1 = self._y1 = math.nan

    def _set(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Set from bounds; the box is empty unless each maximum exceeds its minimum."""
        if x0 < x1 and y0 < y1:
            self._x0, self._y0, self._x1, self._y1 = x0, y0, x1, y1
        else:
            self._clear()

    def _set_corners(self, x0: float, y0: float, x1: float, y1: float, invert: bool) -> None:
        if invert:
            x0, x1 = min(x0, x1), max(x0, x1)
            y0, y1 = min(y0, y1), max(y0, y1)
        self._set(x0, y0, x1, y1)

    def _assign(self, other: Box2D) -> None:
        self._x0, self._y0, self._x1, self._y1 = other._x0, other._y0, other._x1, other._y1

    @classmethod
    def _bounds(cls, x0: float, y0: float, x1: float, y1: float) -> Self:
        self = cls.__new__(cls)
        self._set(x0, y0, x1, y1)
        return self

    @classmethod
    def makeCenteredBox(cls, center: Point2D, size: Extent2D) -> Self:
        """Return a box centred on a point.

        Parameters
        ----------
        center : `Point2D`
            Centre of the box.
        size : `Extent2D`
            Width and height; a zero or negative size gives an empty box.

        Returns
        -------
        box : `Box2D`
            The box.
        """
        cx, cy = need(Point2D, center, "The centre of a Box2D")._v
        width, height = need(Extent2D, size, "The size of a Box2D")._v
        x0, y0 = cx - 0.5 * width, cy - 0.5 * height
        return cls._bounds(x0, y0, x0 + width, y0 + height)

    def getMinX(self) -> float:
        """Return the lower bound in x."""
        return self._x0

    def getMinY(self) -> float:
        """Return the lower bound in y."""
        return self._y0

    def getMaxX(self) -> float:
        """Return the upper bound in x."""
        return self._x1

    def getMaxY(self) -> float:
        """Return the upper bound in y."""
        return self._y1

    def getWidth(self) -> float:
        """Return the size in x; 0 for an empty box."""
        return 0.0 if self.isEmpty() else self._x1 - self._x0

    def getHeight(self) -> float:
        """Return the size in y; 0 for an empty box."""
        return 0.0 if self.isEmpty() else self._y1 - self._y0

    def getArea(self) -> float:
        """Return the area; 0 for an empty box."""
        return self.getWidth() * self.getHeight()

    def getMin(self) -> Point2D:
        """Return the lower left corner."""
        return Point2D._make((self._x0, self._y0))

    def getMax(self) -> Point2D:
        """Return the upper right corner, which the box excludes."""
        return Point2D._make((self._x1, self._y1))

    def getDimensions(self) -> Extent2D:
        """Return width and height."""
        return Extent2D._make((self.getWidth(), self.getHeight()))

    def getCenterX(self) -> float:
        """Return the x coordinate of the centre."""
        return (self._x0 + self._x1) * 0.5

    def getCenterY(self) -> float:
        """Return the y coordinate of the centre."""
        return (self._y0 + self._y1) * 0.5

    def getCenter(self) -> Point2D:
        """Return the centre; NaN for an empty box."""
        return Point2D._make((self.getCenterX(), self.getCenterY()))

    def getX(self) -> IntervalD:
        """Return the interval in x."""
        return IntervalD._make(self._x0, self._x1)

    def getY(self) -> IntervalD:
        """Return the interval in y."""
        return IntervalD._make(self._y0, self._y1)

    minX = property(getMinX, doc="Lower bound in x.")
    minY = property(getMinY, doc="Lower bound in y.")
    maxX = property(getMaxX, doc="Upper bound in x.")
    maxY = property(getMaxY, doc="Upper bound in y.")
    width = property(getWidth, doc="Size in x.")
    height = property(getHeight, doc="Size in y.")
    area = property(getArea, doc="Area.")
    centerX = property(getCenterX, doc="X of the centre.")
    centerY = property(getCenterY, doc="Y of the centre.")
    x = property(getX, doc="Interval in x.")
    y = property(getY, doc="Interval in y.")

    def isEmpty(self) -> bool:
        """Return whether the box is empty."""
        return math.isnan(self._x0)

    @overload
    def contains(self, other: Point2D | Box2D, /) -> bool: ...
    @overload
    def contains(self, x: float, y: float) -> bool: ...
    @overload
    def contains(self, x: np.ndarray | Sequence, y: npt.ArrayLike) -> np.ndarray: ...
    @overload
    def contains(self, x: npt.ArrayLike, y: np.ndarray | Sequence) -> np.ndarray: ...
    def contains(self, *args: Any, **kwargs: Any) -> bool | np.ndarray:
        """Return whether a point, a box, or points given as arrays lie inside the box.

        Parameters
        ----------
        *args : `Point2D`, `Box2D`, or arrays ``x`` and ``y``
            What to test; an empty box lies inside every box.
        **kwargs : `object`
            ``x`` and ``y`` by keyword.

        Returns
        -------
        inside : `bool` or `numpy.ndarray` of `bool`
            Whether it lies inside; for arrays, an array of the shape of ``x`` and ``y``.
        """
        if kwargs or len(args) == 2:
            x, y = (np.asarray(v, dtype=float) for v in (args or (kwargs["x"], kwargs["y"])))
            result = (x >= self._x0) & (x < self._x1) & (y >= self._y0) & (y < self._y1)
            return result if result.ndim else bool(result)
        (other,) = args
        if isinstance(other, Point2D):
            return self._x0 <= other.x < self._x1 and self._y0 <= other.y < self._y1
        if isinstance(other, Box2D):
            return other.isEmpty() or (
                self._x0 <= other._x0
                and self._y0 <= other._y0
                and other._x1 <= self._x1
                and other._y1 <= self._y1
            )
        raise TypeError(
            f"A Box2D can contain a Point2D, a Box2D or arrays x and y, not a {type(other).__name__}."
        )

    def overlaps(self, other: Box2D) -> bool:
        """Return whether the boxes overlap; sharing an edge is not enough."""
        need(Box2D, other, "Box2D.overlaps")
        return self._x0 < other._x1 and other._x0 < self._x1 and self._y0 < other._y1 and other._y0 < self._y1

    def dilatedBy(self, buffer: float | Extent2D) -> Self:
        """Return the box grown by ``buffer`` on each side; a negative ``buffer`` shrinks it.

        Parameters
        ----------
        buffer : `float` or `Extent2D`
            How much to add on each side, or on each side in x and in y.

        Returns
        -------
        box : `Box2D`
            The larger box; empty if this one is, or if nothing is left.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if ``buffer`` is not finite.
        """
        bx, by = buffer._v if isinstance(buffer, Extent2D) else (as_float(buffer),) * 2
        _check_finite(bx, by, "grow or shrink")
        return self._bounds(self._x0 - bx, self._y0 - by, self._x1 + bx, self._y1 + by)

    def shiftedBy(self, offset: Extent2D) -> Self:
        """Return the box shifted by an `Extent2D`.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if ``offset`` is not finite.
        """
        dx, dy = need(Extent2D, offset, "A Box2D that moves")._v
        _check_finite(dx, dy, "move")
        return self._bounds(self._x0 + dx, self._y0 + dy, self._x1 + dx, self._y1 + dy)

    def reflectedAboutX(self, x: float) -> Self:
        """Return the box mirrored left to right about ``x``."""
        x = as_float(x)
        return self._bounds(2 * x - self._x1, self._y0, 2 * x - self._x0, self._y1)

    def reflectedAboutY(self, y: float) -> Self:
        """Return the box mirrored top to bottom about ``y``."""
        y = as_float(y)
        return self._bounds(self._x0, 2 * y - self._y1, self._x1, 2 * y - self._y0)

    def clippedTo(self, other: Box2D) -> Self:
        """Return the intersection with another box."""
        need(Box2D, other, "Box2D.clippedTo")
        if self.isEmpty() or other.isEmpty():
            return type(self)()
        return self._bounds(
            max(self._x0, other._x0),
            max(self._y0, other._y0),
            min(self._x1, other._x1),
            min(self._y1, other._y1),
        )

    def include(self, other: Point2D | Box2D) -> None:
        """Expand the box, in place, to contain a point or another box.

        A point at or beyond the maximum moves the maximum just past it, by the relative step `EPSILON`.
        """
        if isinstance(other, Point2D):
            x, y = other._v
            self._x0, self._x1 = _include(self._x0, self._x1, x)
            self._y0, self._y1 = _include(self._y0, self._y1, y)
        elif not isinstance(other, Box2D):
            raise TypeError(f"A Box2D can include a Point2D or a Box2D, not a {type(other).__name__}.")
        elif self.isEmpty():
            self._assign(other)
        elif not other.isEmpty():
            self._x0, self._y0 = min(self._x0, other._x0), min(self._y0, other._y0)
            self._x1, self._y1 = max(self._x1, other._x1), max(self._y1, other._y1)

    def flipLR(self, xExtent: float) -> None:
        """Mirror the box left to right within a parent that extends from 0 to ``xExtent``, in place."""
        xExtent = as_float(xExtent)
        self._set(xExtent - self._x1, self._y0, xExtent - self._x0, self._y1)

    def flipTB(self, yExtent: float) -> None:
        """Mirror the box top to bottom within a parent that extends from 0 to ``yExtent``, in place."""
        yExtent = as_float(yExtent)
        self._set(self._x0, yExtent - self._y1, self._x1, yExtent - self._y0)

    def getCorners(self) -> list[Point2D]:
        """Return the corners, counterclockwise from the lower left."""
        x0, y0, x1, y1 = self._x0, self._y0, self._x1, self._y1
        return [Point2D._make(xy) for xy in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]

    def toString(self) -> str:
        """Return minimum and maximum as a string."""
        return f"Box2D(Point({self._x0:g},{self._y0:g}),Point({self._x1:g},{self._y1:g}))"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Box2D):
            return NotImplemented
        if self.isEmpty() or other.isEmpty():
            return self.isEmpty() and other.isEmpty()
        return (self._x0, self._y0, self._x1, self._y1) == (other._x0, other._y0, other._x1, other._y1)

    def __reduce__(self) -> tuple:
        return type(self), (self.getMin(), self.getMax())


def _include(minimum: float, maximum: float, value: float) -> tuple[float, float]:
    """Expand a half-open range to contain a value; a range of NaN is empty."""
    if not minimum <= value:
        empty = math.isnan(minimum)
        minimum = value
        if not empty:
            return minimum, maximum
        maximum = value
    if value >= maximum:
        step = Box2D.EPSILON
        maximum = value * (1.0 + math.copysign(step, value)) if value else step
    return minimum, maximum


def _check_finite(dx: float, dy: float, what: str) -> None:
    if not (math.isfinite(dx) and math.isfinite(dy)):
        raise InvalidParameterError(f"Cannot {what} a box by ({dx}, {dy}), which is not finite.")
