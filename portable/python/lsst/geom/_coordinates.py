# SPDX-License-Identifier: GPL-3.0-or-later
"""Points and extents in two and three dimensions, with integer or floating-point elements.

A point is a position, an extent a difference between positions, and their arithmetic follows from that: point
- point = extent, point + extent = point, extent + extent = extent; points cannot be added. A result is
integer only if both operands are. Elements of the integer classes are 32-bit.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Self, SupportsIndex

from lsst.utils import TemplateMeta

from ._elements import (
    CoordinateExpr2,
    CoordinateExpr3,
    ElementTuple,
    _CoordinateExpr,
    as_float,
    as_int,
    divide,
    need,
    number,
)

__all__ = (
    "CoordinateExpr",
    "Extent",
    "Extent2D",
    "Extent2I",
    "Extent3D",
    "Extent3I",
    "ExtentD",
    "ExtentI",
    "Point",
    "Point2D",
    "Point2I",
    "Point3D",
    "Point3I",
    "PointD",
    "PointI",
    "ceil",
    "floor",
    "truncate",
)


class _Coordinate(ElementTuple):
    """What points and extents have in common."""

    __slots__ = ()
    _integral: ClassVar[bool]
    _is_point: ClassVar[bool]
    _kin: ClassVar[dict[tuple[bool, bool], type]]
    _expr: ClassVar[type[_CoordinateExpr]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs:
            args = self._positional(args, kwargs)
        if len(args) == self.dimensions:
            self._v = self._from_scalars(args)
        elif not args:
            self._v = (type(self)._convert(0),) * self.dimensions
        elif len(args) == 1:
            self._v = self._from_one(args[0])
        else:
            raise TypeError(self._usage(args))

    @classmethod
    def _positional(cls, args: tuple, kwargs: dict[str, Any]) -> tuple:
        if set(kwargs) == {"value"} and not args:
            return (kwargs["value"],)
        names = "xyz"[len(args) : cls.dimensions]
        if set(kwargs) != set(names):
            raise TypeError(
                f"{cls.__name__} takes no arguments named {sorted(kwargs)} after {len(args)} others."
            )
        return args + tuple(kwargs[name] for name in names)

    @classmethod
    def _usage(cls, args: tuple) -> str:
        kinds = ", ".join(type(a).__name__ for a in args)
        what = f"{cls.dimensions} numbers, one number, a Point or an Extent"
        return f"Cannot make a {cls.__name__} from ({kinds}); give {what} of {cls.dimensions} dimensions."

    @classmethod
    def _from_scalars(cls, args: tuple) -> tuple:
        convert = cls._convert
        try:
            return tuple([convert(a) for a in args])
        except TypeError:
            if not cls._integral:
                raise TypeError(cls._usage(args)) from None
        # truncate fractions, as the conversion from double to int does in the stack
        try:
            return tuple([as_int(int(as_float(a))) for a in args])
        except (TypeError, ValueError, OverflowError) as exc:
            raise TypeError(f"{cls._usage(args)} {exc}") from None

    @classmethod
    def _from_one(cls, arg: object) -> tuple:
        if isinstance(arg, _Coordinate) and arg.dimensions == cls.dimensions:
            return cls._from_coordinate(arg)
        if isinstance(arg, int | float) or not hasattr(arg, "__len__"):
            try:
                return (cls._convert(arg),) * cls.dimensions
            except TypeError:
                raise TypeError(cls._usage((arg,))) from None
        values = arg if isinstance(arg, tuple | list) else getattr(arg, "flat", None)
        if values is not None and len(arg) == cls.dimensions:
            return tuple([cls._convert(v) for v in values])
        raise TypeError(cls._usage((arg,)))

    @classmethod
    def _from_coordinate(cls, other: _Coordinate) -> tuple:
        if other._integral == cls._integral:
            return other._v
        if not cls._integral:
            return tuple([float(v) for v in other._v])
        if cls._is_point:  # a position rounds to the pixel it lies in
            if other._is_point:
                return tuple([_checked(math.floor, v + 0.5) for v in other._v])
            return tuple([_checked(int, v) for v in other._v])
        raise TypeError(
            f"{cls.__name__} cannot be made from {type(other).__name__}; use its floor, ceil or truncate."
        )

    @property
    def x(self) -> float:
        """First element."""
        return self._v[0]

    @x.setter
    def x(self, value: float) -> None:
        self[0] = value

    @property
    def y(self) -> float:
        """Second element."""
        return self._v[1]

    @y.setter
    def y(self, value: float) -> None:
        self[1] = value

    def getX(self) -> float:
        """Return the first element."""
        return self._v[0]

    def getY(self) -> float:
        """Return the second element."""
        return self._v[1]

    def setX(self, value: float) -> None:
        """Set the first element."""
        self[0] = value

    def setY(self, value: float) -> None:
        """Set the second element."""
        self[1] = value

    def clone(self) -> Self:
        """Return a copy."""
        return self._make(self._v)

    __copy__ = clone

    def __deepcopy__(self, memo: dict) -> Self:
        return self._make(self._v)

    def __eq__(self, other: object) -> bool:
        return self._v == other._v if type(other) is type(self) else NotImplemented

    def _compare(self, other: Self | float, compare: Callable[[float, float], bool]) -> _CoordinateExpr:
        if isinstance(other, type(self)):
            return self._expr._make(tuple(compare(a, b) for a, b in zip(self._v, other._v, strict=True)))
        scalar = type(self)._convert(other)
        return self._expr._make(tuple(compare(a, scalar) for a in self._v))

    def eq(self, other: Self | float) -> _CoordinateExpr:
        """Compare with ``==`` element by element; ``other`` is a number or of the same class."""
        return self._compare(other, operator.eq)

    def ne(self, other: Self | float) -> _CoordinateExpr:
        """Compare with ``!=`` element by element; ``other`` is a number or of the same class."""
        return self._compare(other, operator.ne)

    def lt(self, other: Self | float) -> _CoordinateExpr:
        """Compare with ``<`` element by element; ``other`` is a number or of the same class."""
        return self._compare(other, operator.lt)

    def le(self, other: Self | float) -> _CoordinateExpr:
        """Compare with ``<=`` element by element; ``other`` is a number or of the same class."""
        return self._compare(other, operator.le)

    def gt(self, other: Self | float) -> _CoordinateExpr:
        """Compare with ``>`` element by element; ``other`` is a number or of the same class."""
        return self._compare(other, operator.gt)

    def ge(self, other: Self | float) -> _CoordinateExpr:
        """Compare with ``>=`` element by element; ``other`` is a number or of the same class."""
        return self._compare(other, operator.ge)

    def _combine(self, other: _Coordinate, is_point: bool, combine: Callable[[float, float], float]) -> Any:
        """Return the sum or difference with another coordinate, as a point or an extent."""
        cls = self._kin[is_point, self._integral and other._integral]
        return cls._make(tuple(map(combine, self._v, other._v)))  # type: ignore[attr-defined]

    def _combine_in_place(self, other: Any, combine: Callable[[float, float], float]) -> Self:
        fits = isinstance(other, _Coordinate) and not other._is_point and other.dimensions == self.dimensions
        if not fits or (self._integral and not other._integral):
            raise TypeError(
                f"A {type(self).__name__} cannot be changed in place by a {type(other).__name__}."
            )
        self._v = tuple(map(combine, self._v, other._v))
        return self

    def __iadd__(self, other: object) -> Self:
        return self._combine_in_place(other, operator.add)

    def __isub__(self, other: object) -> Self:
        return self._combine_in_place(other, operator.sub)


def _checked(rounding: Callable[[float], int], value: float) -> int:
    """Round ``value`` to an integer; raise `TypeError` if the result does not fit into 32 bits."""
    try:
        return as_int(rounding(value))
    except (ValueError, OverflowError):
        raise TypeError(f"{value} has no 32-bit integer near it.") from None


class _Point(_Coordinate):
    """What all points have in common."""

    __slots__ = ()
    _is_point = True

    def __add__(self, other: object) -> Any:
        if isinstance(other, _Extent) and other.dimensions == self.dimensions:
            return self._combine(other, True, operator.add)
        return NotImplemented

    def __sub__(self, other: object) -> Any:
        if isinstance(other, _Coordinate) and other.dimensions == self.dimensions:
            return self._combine(other, not other._is_point, operator.sub)
        return NotImplemented

    def asExtent(self) -> Any:
        """Return the extent from the origin to this point."""
        return self._kin[False, self._integral]._make(self._v)  # type: ignore[attr-defined]

    def shift(self, offset: _Extent) -> None:
        """Shift this point, in place.

        Parameters
        ----------
        offset : extent with the same element type
            How far to shift.
        """
        self += offset

    def scale(self, factor: float) -> None:
        """Multiply all elements by a number, in place."""
        factor = type(self)._convert(factor)
        self._v = tuple([v * factor for v in self._v])

    def distanceSquared(self, other: _Point) -> float:
        """Return the square of the distance to another point."""
        need(_Point, other, "A distance")
        return float(sum((a - b) ** 2 for a, b in zip(self._v, other._v, strict=True)))

    def toString(self) -> str:
        """Return the elements as a string, e.g. ``(1,2)``."""
        return "({})".format(",".join(f"{v:g}" for v in self._v))


class _Extent(_Coordinate):
    """What all extents have in common."""

    __slots__ = ()
    _is_point = False

    def __add__(self, other: object) -> Any:
        if isinstance(other, _Coordinate) and other.dimensions == self.dimensions:
            return self._combine(other, other._is_point, operator.add)
        return NotImplemented

    def __sub__(self, other: object) -> Any:
        if isinstance(other, _Extent) and other.dimensions == self.dimensions:
            return self._combine(other, False, operator.sub)
        return NotImplemented

    def __neg__(self) -> Self:
        return self._make(tuple([-v for v in self._v]))

    def __pos__(self) -> Self:
        return self._make(self._v)

    def __mul__(self, factor: float) -> Any:
        value = number(factor)
        if value is None:
            return NotImplemented
        integral = self._integral and hasattr(factor, "__index__")
        factor = int(factor) if integral else value
        return self._kin[False, integral]._make(tuple([v * factor for v in self._v]))  # type: ignore[attr-defined]

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> Any:
        value = number(divisor)
        if value is None:
            return NotImplemented
        return self._kin[False, False]._make(tuple([divide(v, value) for v in self._v]))  # type: ignore[attr-defined]

    def __floordiv__(self, divisor: SupportsIndex) -> Self:
        if not self._integral or not hasattr(divisor, "__index__"):
            return NotImplemented
        return self._make(tuple([v // int(divisor) for v in self._v]))

    def __imul__(self, factor: float) -> Self:
        factor = type(self)._convert(factor)
        self._v = tuple([v * factor for v in self._v])
        return self

    def __itruediv__(self, divisor: float) -> Self:
        if self._integral:
            raise TypeError(
                f"In-place division of {type(self).__name__} is not integer; use a = a / b or a //= b."
            )
        value = number(divisor)
        if value is None:
            return NotImplemented
        self._v = tuple([divide(v, value) for v in self._v])
        return self

    def __ifloordiv__(self, divisor: SupportsIndex) -> Self:
        if not self._integral:
            raise TypeError(f"{type(self).__name__} has no floor division.")
        self._v = tuple([v // as_int(divisor) for v in self._v])
        return self

    def asPoint(self) -> Any:
        """Return the point at this extent from the origin."""
        return self._kin[True, self._integral]._make(self._v)  # type: ignore[attr-defined]

    def computeSquaredNorm(self) -> float:
        """Return the square of the length."""
        return sum(v * v for v in self._v)

    def computeNorm(self) -> float:
        """Return the length; for an integer extent it is truncated to an integer."""
        return type(self)._convert(int(math.hypot(*self._v)) if self._integral else math.hypot(*self._v))


class _Rounding:
    """Conversions of floating-point extents to integer ones."""

    __slots__ = ()

    def truncate(self) -> Any:
        """Return an integer extent with all elements rounded toward zero."""
        return truncate(self)

    def floor(self) -> Any:
        """Return an integer extent with all elements rounded down."""
        return floor(self)

    def ceil(self) -> Any:
        """Return an integer extent with all elements rounded up."""
        return ceil(self)


class _Z:
    """The third element."""

    __slots__ = ()
    _v: tuple

    @property
    def z(self) -> float:
        """Third element."""
        return self._v[2]

    @z.setter
    def z(self, value: float) -> None:
        self[2] = value  # type: ignore[index]

    def getZ(self) -> float:
        """Return the third element."""
        return self._v[2]

    def setZ(self, value: float) -> None:
        """Set the third element."""
        self[2] = value  # type: ignore[index]


class Point2I(_Point):
    """A position on the integer plane: a pixel.

    Parameters
    ----------
    *args : two numbers, one number for both, a `tuple`, or a point or extent
        The elements. Fractions are truncated, except that a `Point2D` is rounded to the pixel it lies in.
    **kwargs : numbers
        ``x`` and ``y`` by keyword.

    Raises
    ------
    TypeError
        Raised if the arguments do not define a point, or an element does not fit into 32 bits.
    """

    __slots__ = ()
    dimensions, _integral, _convert, _expr = 2, True, staticmethod(as_int), CoordinateExpr2

    if TYPE_CHECKING:  # whole numbers, unlike those of other points and extents
        x: int
        y: int

        def __iter__(self) -> Iterator[int]: ...
        def __getitem__(self, index: SupportsIndex) -> int: ...
        def getX(self) -> int: ...
        def getY(self) -> int: ...


class Point2D(_Point):
    """A position in the plane.

    Parameters
    ----------
    *args : two numbers, one number for both, a `tuple`, or a point or extent
        The elements.
    **kwargs : numbers
        ``x`` and ``y`` by keyword.

    Raises
    ------
    TypeError
        Raised if the arguments do not define a point.
    """

    __slots__ = ()
    dimensions, _integral, _convert, _expr = 2, False, staticmethod(as_float), CoordinateExpr2


class Extent2I(_Extent):
    """A difference between pixel positions, such as the size of a box.

    Parameters
    ----------
    *args : two numbers, one number for both, or an integer point or extent
        The elements. Fractions are truncated.
    **kwargs : numbers
        ``x`` and ``y`` by keyword.

    Raises
    ------
    TypeError
        Raised if the arguments do not define an extent, or an element does not fit into 32 bits.
    """

    __slots__ = ()
    dimensions, _integral, _convert, _expr = 2, True, staticmethod(as_int), CoordinateExpr2

    if TYPE_CHECKING:  # whole numbers, unlike those of other points and extents
        x: int
        y: int

        def __iter__(self) -> Iterator[int]: ...
        def __getitem__(self, index: SupportsIndex) -> int: ...
        def getX(self) -> int: ...
        def getY(self) -> int: ...


class Extent2D(_Rounding, _Extent):
    """A difference between positions in the plane.

    Parameters
    ----------
    *args : two numbers, one number for both, or a point or extent
        The elements.
    **kwargs : numbers
        ``x`` and ``y`` by keyword.

    Raises
    ------
    TypeError
        Raised if the arguments do not define an extent.
    """

    __slots__ = ()
    dimensions, _integral, _convert, _expr = 2, False, staticmethod(as_float), CoordinateExpr2


class Point3I(_Z, _Point):
    """A position on an integer grid in space; see `Point2I`."""

    __slots__ = ()
    dimensions, _integral, _convert, _expr = 3, True, staticmethod(as_int), CoordinateExpr3


class Point3D(_Z, _Point):
    """A position in space; see `Point2D`."""

    __slots__ = ()
    dimensions, _integral, _convert, _expr = 3, False, staticmethod(as_float), CoordinateExpr3


class Extent3I(_Z, _Extent):
    """A difference between positions on an integer grid in space; see `Extent2I`."""

    __slots__ = ()
    dimensions, _integral, _convert, _expr = 3, True, staticmethod(as_int), CoordinateExpr3


class Extent3D(_Z, _Rounding, _Extent):
    """A difference between positions in space; see `Extent2D`."""

    __slots__ = ()
    dimensions, _integral, _convert, _expr = 3, False, staticmethod(as_float), CoordinateExpr3


for _kin in ((Point2I, Point2D, Extent2I, Extent2D), (Point3I, Point3D, Extent3I, Extent3D)):
    for _cls in _kin:
        _cls._kin = {(other._is_point, other._integral): other for other in _kin}


class CoordinateExpr(metaclass=TemplateMeta):
    """Common name of comparison results, ``CoordinateExpr[2]`` and ``CoordinateExpr[3]``."""

    TEMPLATE_PARAMS = ("dimensions",)


class Point(metaclass=TemplateMeta):
    """Common name and factory of points: ``Point[int, 2]``, ``Point(1, 2, dtype=int)``."""

    TEMPLATE_PARAMS = ("dtype", "dimensions")
    TEMPLATE_DEFAULTS = (None, 2)


class Extent(metaclass=TemplateMeta):
    """Common name and factory of extents: ``Extent[int, 2]``, ``Extent(1, 2, dtype=int)``."""

    TEMPLATE_PARAMS = ("dtype", "dimensions")
    TEMPLATE_DEFAULTS = (None, 2)


def _register() -> None:
    CoordinateExpr.register(2, CoordinateExpr2)
    CoordinateExpr.register(3, CoordinateExpr3)
    for template, classes in (
        (Point, (Point2I, Point2D, Point3I, Point3D)),
        (Extent, (Extent2I, Extent2D, Extent3I, Extent3D)),
    ):
        for cls in classes:
            template.register((int if cls._integral else float, cls.dimensions), cls)


_register()

PointI = Point2I
PointD = Point2D
ExtentI = Extent2I
ExtentD = Extent2D


def _round(extent: Any, rounding: Callable[[float], int]) -> Any:
    need(_Extent, extent, "Rounding")
    return extent._kin[False, True]._make(tuple([_checked(rounding, v) for v in extent._v]))


def truncate(extent: _Extent | _Rounding) -> Any:
    """Round all elements of a floating-point extent toward zero and return an integer extent."""
    return _round(extent, math.trunc)


def floor(extent: _Extent | _Rounding) -> Any:
    """Round all elements of a floating-point extent down and return an integer extent."""
    return _round(extent, math.floor)


def ceil(extent: _Extent | _Rounding) -> Any:
    """Round all elements of a floating-point extent up and return an integer extent."""
    return _round(extent, math.ceil)
