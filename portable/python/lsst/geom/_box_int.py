# SPDX-License-Identifier: GPL-3.0-or-later
"""Boxes of pixels."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from ._box import Box, by_name
from ._coordinates import Extent2I, Point2D, Point2I
from ._elements import INT_MAX, INT_MIN, as_int, need
from ._interval import IntervalI, check_int

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ("Box2I",)


class _EdgeHandling(enum.Enum):
    """How to treat pixels that lie only partly inside a floating-point box."""

    EXPAND = 0
    """Include them in the integer box."""

    SHRINK = 1
    """Leave them out."""


class Box2I(Box):
    """A rectangle of pixels that includes its maximum.

    Build one from two corners, from a corner and dimensions, from two intervals, from a `Box2D`, or from
    another box; without arguments it is empty. All empty boxes are equal, with minimum (0, 0), maximum (-1,
    -1) and dimensions (0, 0).

    Parameters
    ----------
    *args : `Point2I` and `Point2I` or `Extent2I`, `IntervalI` and `IntervalI`, `Box2D`, or `Box2I`
        What to build the box from. After points and extents, a third argument ``invert`` says whether to swap
        a minimum above its maximum and flip negative dimensions (the default) or to return an empty box.
        After a `Box2D`, a second argument ``edgeHandling`` is ``Box2I.EXPAND`` (default) or ``Box2I.SHRINK``.
    **kwargs : `object`
        The same by keyword: ``minimum``, ``maximum``, ``corner`` (or ``minimum``), ``dimensions``,
        ``invert``, ``x``, ``y``, ``other``, ``edgeHandling``.

    Raises
    ------
    lsst.pex.exceptions.OverflowError
        Raised if a corner or a dimension does not fit into 32 bits.
    lsst.pex.exceptions.InvalidParameterError
        Raised if a `Box2D` is not finite.
    TypeError
        Raised if the arguments do not define a box.
    """

    __slots__ = ("_height", "_width", "_x0", "_y0")
    integral = True

    Point = Point2I
    Extent = Extent2I
    EdgeHandlingEnum = _EdgeHandling
    EXPAND = _EdgeHandling.EXPAND
    SHRINK = _EdgeHandling.SHRINK

    @overload
    def __init__(self) -> None: ...
    @overload
    def __init__(self, minimum: Point2I, maximum: Point2I, invert: bool = ...) -> None: ...
    @overload
    def __init__(self, corner: Point2I, dimensions: Extent2I, invert: bool = ...) -> None: ...
    @overload
    def __init__(self, x: IntervalI, y: IntervalI) -> None: ...
    @overload
    def __init__(self, other: Box, edgeHandling: _EdgeHandling = ...) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs:
            args = by_name(args, kwargs)
        first = args[0] if args else None
        second = args[1] if len(args) > 1 else None
        if isinstance(first, Point2I) and len(args) <= 3:
            invert = args[2] if len(args) == 3 else True
            if isinstance(second, Extent2I):
                self._set(*_span_of_size(first._v, second._v, invert))
                return
            if isinstance(second, Point2I):
                self._set(*_span_of_corners(first._v, second._v, invert))
                return
        elif isinstance(first, IntervalI) and isinstance(second, IntervalI) and len(args) == 2:
            self._set(first._min, second._min, first._max, second._max)
            return
        elif isinstance(first, Box) and not first.integral and len(args) <= 2:
            handling = IntervalI.EdgeHandlingEnum[(second or Box2I.EXPAND).name]
            sides: Any = first.getX(), first.getY()  # of the plane
            x, y = (IntervalI(side, handling) for side in sides)
            self._set(x._min, y._min, x._max, y._max)
            return
        elif isinstance(first, Box2I) and len(args) == 1:
            self._assign(first)
            return
        elif not args:
            self._x0 = self._y0 = self._width = self._height = 0
            return
        kinds = ", ".join(type(a).__name__ for a in args)
        raise TypeError(
            f"Cannot make a Box2I from ({kinds}); give (Point2I, Point2I), (Point2I, Extent2I), "
            "(IntervalI, IntervalI), a Box2D, a Box2I or nothing."
        )

    def _set(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """Set from inclusive bounds; the box is empty if a maximum is below its minimum."""
        width, height = x1 - x0 + 1, y1 - y0 + 1
        if width <= 0 or height <= 0:
            self._x0 = self._y0 = self._width = self._height = 0
            return
        if not (INT_MIN <= x0 and INT_MIN <= y0 and x1 <= INT_MAX and y1 <= INT_MAX):
            for value in (x0, y0, x1, y1):
                check_int(value, "Box corner")
        if width > INT_MAX or height > INT_MAX:
            check_int(max(width, height), "Box dimension")
        self._x0, self._y0, self._width, self._height = x0, y0, width, height

    def _assign(self, other: Box2I) -> None:
        self._x0, self._y0, self._width, self._height = other._x0, other._y0, other._width, other._height

    @classmethod
    def _bounds(cls, x0: int, y0: int, x1: int, y1: int) -> Self:
        """Make a box from inclusive bounds."""
        self = cls.__new__(cls)
        self._set(x0, y0, x1, y1)
        return self

    @classmethod
    def makeCenteredBox(cls, center: Point2D, size: Extent2I) -> Self:
        """Return a box centred on a point, as closely as whole pixels allow.

        Parameters
        ----------
        center : `Point2D`
            Where the centre should be; the centre of the box is within half a pixel of it.
        size : `Extent2I`
            Width and height; a zero or negative size gives an empty box.

        Returns
        -------
        box : `Box2I`
            The box.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if ``center`` is not finite.
        lsst.pex.exceptions.OverflowError
            Raised if the box does not fit into 32 bits.
        """
        cx, cy = need(Point2D, center, "The centre of a Box2I")._v
        width, height = need(Extent2I, size, "The size of a Box2I")._v
        if not (math.isfinite(cx) and math.isfinite(cy)):
            raise InvalidParameterError(f"Cannot make a box around a center that is not finite, {center}.")
        if width <= 0 or height <= 0:
            return cls()
        x0 = math.floor(cx - 0.5 * width + 0.5 + 0.5)
        y0 = math.floor(cy - 0.5 * height + 0.5 + 0.5)
        return cls._bounds(x0, y0, x0 + width - 1, y0 + height - 1)

    def getMinX(self) -> int:
        """Return the first column."""
        return self._x0

    def getMinY(self) -> int:
        """Return the first row."""
        return self._y0

    def getMaxX(self) -> int:
        """Return the last column."""
        return self._x0 + self._width - 1

    def getMaxY(self) -> int:
        """Return the last row."""
        return self._y0 + self._height - 1

    def getEndX(self) -> int:
        """Return one past the last column."""
        return self._x0 + self._width

    def getEndY(self) -> int:
        """Return one past the last row."""
        return self._y0 + self._height

    def getWidth(self) -> int:
        """Return the number of columns."""
        return self._width

    def getHeight(self) -> int:
        """Return the number of rows."""
        return self._height

    def getArea(self) -> int:
        """Return the number of pixels."""
        return self._width * self._height

    def getMin(self) -> Point2I:
        """Return the lower left pixel."""
        return Point2I._make((self._x0, self._y0))

    def getMax(self) -> Point2I:
        """Return the upper right pixel, which the box includes."""
        return Point2I._make((self.getMaxX(), self.getMaxY()))

    def getEnd(self) -> Point2I:
        """Return the pixel one past the upper right one in x and in y."""
        return Point2I._make((self.getEndX(), self.getEndY()))

    def getDimensions(self) -> Extent2I:
        """Return width and height."""
        return Extent2I._make((self._width, self._height))

    def getCenter(self) -> Point2D:
        """Return the centre; NaN for an empty box."""
        return Point2D._make((self.getCenterX(), self.getCenterY()))

    def getCenterX(self) -> float:
        """Return the x coordinate of the centre; NaN for an empty box."""
        return math.nan if self.isEmpty() else self._x0 + 0.5 * (self._width - 1)

    def getCenterY(self) -> float:
        """Return the y coordinate of the centre; NaN for an empty box."""
        return math.nan if self.isEmpty() else self._y0 + 0.5 * (self._height - 1)

    def getX(self) -> IntervalI:
        """Return the interval of columns."""
        return IntervalI._make(self._x0, self.getMaxX())

    def getY(self) -> IntervalI:
        """Return the interval of rows."""
        return IntervalI._make(self._y0, self.getMaxY())

    def getSlices(self) -> tuple[slice, slice]:
        """Return the slices (rows, columns) that select this box from an array starting at pixel (0, 0)."""
        return slice(self._y0, self.getEndY(), 1), slice(self._x0, self.getEndX(), 1)

    getBegin, getBeginX, getBeginY = getMin, getMinX, getMinY

    minX = beginX = property(getMinX, doc="First column.")
    minY = beginY = property(getMinY, doc="First row.")
    maxX = property(getMaxX, doc="Last column.")
    maxY = property(getMaxY, doc="Last row.")
    endX = property(getEndX, doc="One more than the last column.")
    endY = property(getEndY, doc="One more than the last row.")
    width = property(getWidth, doc="Number of columns.")
    height = property(getHeight, doc="Number of rows.")
    area = property(getArea, doc="Number of pixels.")
    centerX = property(getCenterX, doc="X of the centre.")
    centerY = property(getCenterY, doc="Y of the centre.")
    x = property(getX, doc="Interval of columns.")
    y = property(getY, doc="Interval of rows.")
    slices = property(getSlices, doc="Slices (rows, columns) into an array that starts at pixel (0, 0).")

    def isEmpty(self) -> bool:
        """Return whether the box contains no pixels."""
        return self._width == 0

    def grid(self, dtype: npt.DTypeLike = np.int32) -> tuple[np.ndarray, np.ndarray]:
        """Return the coordinates of all pixels in the box.

        Parameters
        ----------
        dtype : data type, optional
            Type of the elements.

        Returns
        -------
        x, y : `numpy.ndarray`, (height, width)
            Coordinates of each pixel.
        """
        x, y = np.meshgrid(self.getX().arange(dtype=dtype), self.getY().arange(dtype=dtype))
        return x, y

    @overload
    def contains(self, other: Point2I | Box2I, /) -> bool: ...
    @overload
    def contains(self, x: float, y: float) -> bool: ...
    @overload
    def contains(self, x: np.ndarray | Sequence, y: npt.ArrayLike) -> np.ndarray: ...
    @overload
    def contains(self, x: npt.ArrayLike, y: np.ndarray | Sequence) -> np.ndarray: ...
    def contains(self, *args: Any, **kwargs: Any) -> bool | np.ndarray:
        """Return whether a pixel, a box, or pixels given as arrays lie inside the box.

        Parameters
        ----------
        *args : `Point2I`, `Box2I`, or arrays ``x`` and ``y``
            What to test; an empty box lies inside every box. Fractional parts of array elements are
            truncated, as in the stack.
        **kwargs : `object`
            ``x`` and ``y`` by keyword.

        Returns
        -------
        inside : `bool` or `numpy.ndarray` of `bool`
            Whether it lies inside; for arrays, an array of the shape of ``x`` and ``y``.
        """
        if kwargs or len(args) == 2:
            x, y = args or (kwargs["x"], kwargs["y"])
            return _inside(x, self._x0, self.getEndX()) & _inside(y, self._y0, self.getEndY())
        (other,) = args
        if isinstance(other, Point2I):
            x, y = other._v
            return 0 <= x - self._x0 < self._width and 0 <= y - self._y0 < self._height
        if isinstance(other, Box2I):
            return other._width == 0 or (
                self._x0 <= other._x0
                and self._y0 <= other._y0
                and other.getEndX() <= self.getEndX()
                and other.getEndY() <= self.getEndY()
            )
        raise TypeError(
            f"A Box2I can contain a Point2I, a Box2I or integer arrays x and y, not a {type(other).__name__}."
        )

    def overlaps(self, other: Box2I) -> bool:
        """Return whether the boxes have a pixel in common."""
        return not self.clippedTo(need(Box2I, other, "Box2I.overlaps")).isEmpty()

    def dilatedBy(self, buffer: int | Extent2I) -> Self:
        """Return the box grown by ``buffer`` pixels on each side; a negative ``buffer`` shrinks it.

        Parameters
        ----------
        buffer : `int` or `Extent2I`
            Pixels to add on each side, or on each side in x and in y.

        Returns
        -------
        box : `Box2I`
            The larger box; empty if this one is, or if nothing is left.
        """
        bx, by = _pair(buffer)
        if self._width == 0:
            return type(self)()
        return self._bounds(self._x0 - bx, self._y0 - by, self.getMaxX() + bx, self.getMaxY() + by)

    def shiftedBy(self, offset: Extent2I) -> Self:
        """Return the box shifted by an `Extent2I`."""
        dx, dy = need(Extent2I, offset, "A Box2I that moves")._v
        if self._width == 0:
            return type(self)()
        return self._bounds(self._x0 + dx, self._y0 + dy, self.getMaxX() + dx, self.getMaxY() + dy)

    def reflectedAboutX(self, x: int) -> Self:
        """Return the box mirrored left to right about column ``x``."""
        return type(self)(self.getX().reflectedAbout(x), self.getY())

    def reflectedAboutY(self, y: int) -> Self:
        """Return the box mirrored top to bottom about row ``y``."""
        return type(self)(self.getX(), self.getY().reflectedAbout(y))

    def clippedTo(self, other: Box2I) -> Self:
        """Return the intersection with another box."""
        need(Box2I, other, "Box2I.clippedTo")
        if self._width == 0 or other._width == 0:
            return type(self)()
        return self._bounds(
            max(self._x0, other._x0),
            max(self._y0, other._y0),
            min(self.getMaxX(), other.getMaxX()),
            min(self.getMaxY(), other.getMaxY()),
        )

    def include(self, other: Point2I | Box2I) -> None:
        """Expand the box, in place, to contain a pixel or another box."""
        if isinstance(other, Point2I):
            other = Box2I._bounds(*other._v, *other._v)
        elif not isinstance(other, Box2I):
            raise TypeError(f"A Box2I can include a Point2I or a Box2I, not a {type(other).__name__}.")
        if other._width == 0:
            return
        if self._width == 0:
            self._assign(other)
            return
        self._set(
            min(self._x0, other._x0),
            min(self._y0, other._y0),
            max(self.getMaxX(), other.getMaxX()),
            max(self.getMaxY(), other.getMaxY()),
        )

    def flipLR(self, xExtent: int) -> None:
        """Mirror the box left to right, in place, within a parent of columns 0 to ``xExtent`` - 1."""
        if self._width:
            self._x0 = as_int(xExtent) - self.getEndX()

    def flipTB(self, yExtent: int) -> None:
        """Mirror the box top to bottom, in place, within a parent of rows 0 to ``yExtent`` - 1."""
        if self._width:
            self._y0 = as_int(yExtent) - self.getEndY()

    def getCorners(self) -> list[Point2I]:
        """Return the corner pixels, counterclockwise from the lower left."""
        x0, y0, x1, y1 = self._x0, self._y0, self.getMaxX(), self.getMaxY()
        return [Point2I._make(xy) for xy in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]

    def toString(self) -> str:
        """Return minimum and dimensions as a string."""
        return f"Box2I(Point({self._x0},{self._y0}),Extent({self._width},{self._height}))"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Box2I):
            return NotImplemented
        return (self._x0, self._y0, self._width, self._height) == (
            other._x0,
            other._y0,
            other._width,
            other._height,
        )

    def __reduce__(self) -> tuple:
        return type(self), (
            (self.getMin(), self.getDimensions()) if self.isEmpty() else (self.getMin(), self.getMax())
        )


def _span_of_corners(first: tuple, second: tuple, invert: bool) -> tuple[int, int, int, int]:
    (x0, y0), (x1, y1) = first, second
    if invert:
        if x1 < x0:
            x0, x1 = x1, x0
        if y1 < y0:
            y0, y1 = y1, y0
    return x0, y0, x1, y1


def _span_of_size(corner: tuple, size: tuple, invert: bool) -> tuple[int, int, int, int]:
    (x0, y0), (width, height) = corner, size
    if width == 0 or height == 0:
        return 0, 0, -1, -1
    if invert:
        if width < 0:
            x0, width = x0 + width + 1, -width
        if height < 0:
            y0, height = y0 + height + 1, -height
    return x0, y0, x0 + width - 1, y0 + height - 1


def _inside(values: Any, begin: int, end: int) -> bool | np.ndarray:
    values = np.asarray(values)
    if values.dtype.kind == "f" and values.ndim:
        values = np.trunc(values)  # as the stack does with arrays, but not with single numbers
    elif values.dtype.kind not in "iu":
        raise TypeError(f"A Box2I holds integer positions, not {values.dtype}; convert them or use a Box2D.")
    result = (values >= begin) & (values < end)
    return result if values.ndim else bool(result)


def _pair(buffer: int | Extent2I) -> tuple[int, int]:
    return buffer._v if isinstance(buffer, Extent2I) else (as_int(buffer),) * 2
