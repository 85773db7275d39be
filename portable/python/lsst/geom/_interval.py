# SPDX-License-Identifier: GPL-3.0-or-later
"""Intervals on one axis: of pixels (`IntervalI`) and of the real line (`IntervalD`)."""

from __future__ import annotations

import builtins
import enum
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, SupportsIndex, overload

import numpy as np

from lsst.pex.exceptions import InvalidParameterError, OverflowError

from ._elements import INT_MAX, INT_MIN, as_float, as_int, need, number

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ("IntervalD", "IntervalI", "check_int")

_USAGE = "needs one of the keyword pairs (min, max), (center, size), (min, size), (max, size)"


def check_int(value: float, what: str) -> int:
    """Return a bound or size of a box or interval if it fits into 32 bits.

    Parameters
    ----------
    value : `int` or `float`
        Number to check; a fraction is truncated.
    what : `str`
        What the number is, for the message.

    Returns
    -------
    value : `int`
        The same number, as an integer.

    Raises
    ------
    lsst.pex.exceptions.OverflowError
        Raised if it does not fit.
    """
    if not INT_MIN <= value <= INT_MAX:
        raise OverflowError(f"{what} {value} does not fit into a 32-bit integer.")
    return int(value)


class _EdgeHandling(enum.Enum):
    """How to treat pixels that lie only partly inside."""

    EXPAND = 0
    """Include them."""

    SHRINK = 1
    """Leave them out."""


class _Interval:
    """What both kinds of interval have in common. Intervals are immutable."""

    __slots__ = ("_max", "_min")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if len(args) == 1 and not kwargs:
            self._min, self._max = self._from_other(args[0])
        elif args:
            raise TypeError(f"{type(self).__name__} {_USAGE}, or another interval.")
        elif not kwargs:
            self._min, self._max = self._empty()
        else:
            self._min, self._max = self._from_pair(kwargs)

    @classmethod
    def _make(cls, minimum: Any, maximum: Any) -> Self:
        return cls(min=minimum, max=maximum)

    @classmethod
    def _empty(cls) -> tuple:
        raise NotImplementedError

    @classmethod
    def _from_other(cls, other: object) -> tuple:
        raise NotImplementedError

    @classmethod
    def _from_pair(cls, given: Mapping[str, Any]) -> tuple:
        raise NotImplementedError

    @classmethod
    def fromSpannedPoints(cls, points: Iterable) -> Self:
        """Return the smallest interval that contains all points of a sequence."""
        result = cls()
        for point in points:
            result = result.expandedTo(point)
        return result

    def getMin(self) -> float:
        """Return the lower bound."""
        return self._min

    def getMax(self) -> float:
        """Return the upper bound; it is included."""
        return self._max

    min = property(getMin, doc="Lower bound.")
    max = property(getMax, doc="Upper bound; it is included.")

    def isEmpty(self) -> bool:
        """Return whether the interval is empty."""
        return not self._min <= self._max

    @overload
    def contains(self, other: Self | float) -> bool: ...
    @overload
    def contains(self, other: np.ndarray | Sequence[float]) -> np.ndarray: ...
    def contains(self, other: Self | float | np.ndarray | Sequence[float]) -> bool | np.ndarray:
        """Return whether another interval, a number, or each number of an array lies inside this interval.

        An empty interval lies inside every interval.
        """
        if isinstance(other, type(self)):
            return other.isEmpty() or (self._min <= other._min and other._max <= self._max)
        if isinstance(other, np.ndarray | list):
            values = np.asarray(other)
            return (values >= self._min) & (values <= self._max)
        value = number(other)
        if value is None:
            raise TypeError(
                f"{type(self).__name__} contains intervals, numbers or arrays, not a {type(other).__name__}."
            )
        return self._min <= value <= self._max

    def __contains__(self, other: Self | float) -> bool:
        return self.contains(other)

    def overlaps(self, other: Self) -> bool:
        """Return whether the intervals overlap."""
        return not self.isDisjointFrom(other)

    intersects = overlaps

    def isDisjointFrom(self, other: Self) -> bool:
        """Return whether the intervals do not overlap."""
        need(type(self), other, "isDisjointFrom")
        return self.isEmpty() or other.isEmpty() or self._min > other._max or self._max < other._min

    def _finite(self, value: Any) -> float:
        raise NotImplementedError

    def dilatedBy(self, buffer: float) -> Self:
        """Return the interval grown by ``buffer`` on each side."""
        buffer = self._finite(buffer)
        return type(self)() if self.isEmpty() else self._make(self._min - buffer, self._max + buffer)

    def erodedBy(self, buffer: float) -> Self:
        """Return the interval shrunk by ``buffer`` on each side; empty if nothing is left."""
        return self.dilatedBy(-buffer)

    def shiftedBy(self, offset: float) -> Self:
        """Return the interval shifted by ``offset``."""
        offset = self._finite(offset)
        return type(self)() if self.isEmpty() else self._make(self._min + offset, self._max + offset)

    def reflectedAbout(self, point: float) -> Self:
        """Return the interval mirrored about ``point``."""
        point = self._finite(point)
        return type(self)() if self.isEmpty() else self._make(2 * point - self._max, 2 * point - self._min)

    def expandedTo(self, other: Self | float) -> Self:
        """Return the smallest interval that contains this one and another, or a number."""
        if not isinstance(other, type(self)):
            other = self._make(self._finite(other), self._finite(other))
        if other.isEmpty():
            return self
        if self.isEmpty():
            return other
        return self._make(min(self._min, other._min), max(self._max, other._max))

    def clippedTo(self, other: Self) -> Self:
        """Return the intersection with another interval."""
        need(type(self), other, "clippedTo")
        if self.isEmpty() or other.isEmpty():
            return type(self)()
        return self._make(max(self._min, other._min), min(self._max, other._max))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        if self.isEmpty() or other.isEmpty():
            return self.isEmpty() and other.isEmpty()
        return self._min == other._min and self._max == other._max

    def __hash__(self) -> int:
        return hash(()) if self.isEmpty() else hash((self._min, self._max))

    def toString(self) -> str:
        """Return the bounds as a string."""
        spec = "d" if isinstance(self._min, int) else "g"
        return f"(min={self._min:{spec}}, max={self._max:{spec}})"

    __str__ = toString

    def __repr__(self) -> str:
        return f"{type(self).__name__}()" if self.isEmpty() else f"{type(self).__name__}{self}"

    def __reduce__(self) -> tuple:
        return _unpickle, (type(self), None if self.isEmpty() else (self._min, self._max))


def _unpickle(cls: type[_Interval], bounds: tuple | None) -> _Interval:
    return cls() if bounds is None else cls._make(*bounds)


class IntervalI(_Interval):
    """An interval of pixels that includes both bounds.

    Parameters
    ----------
    *args : `IntervalI` or `IntervalD`, optional
        Interval to convert; without arguments the interval is empty. A second argument, or
        ``edgeHandling``, says how to treat pixels partly inside an `IntervalD`. The default, ``EXPAND``,
        also includes pixels that the interval merely touches.
    **kwargs : `int`
        Two of ``min``, ``max``, ``size`` and ``center`` (with ``size``; it may be a `float`). An interval
        with a maximum below the minimum or a size below 1 is empty.

    Raises
    ------
    lsst.pex.exceptions.OverflowError
        Raised if a bound or the size does not fit into 32 bits.
    lsst.pex.exceptions.InvalidParameterError
        Raised if the interval to convert is not finite.
    """

    __slots__ = ()
    EdgeHandlingEnum = _EdgeHandling

    if TYPE_CHECKING:  # whole numbers, unlike the bounds of the other kind

        def getMin(self) -> int: ...
        def getMax(self) -> int: ...

    @overload
    def __init__(self) -> None: ...
    @overload
    def __init__(self, *, min: int, max: int) -> None: ...
    @overload
    def __init__(self, *, min: int, size: int) -> None: ...
    @overload
    def __init__(self, *, max: int, size: int) -> None: ...
    @overload
    def __init__(self, *, center: float, size: int) -> None: ...
    @overload
    def __init__(self, other: IntervalI) -> None: ...
    @overload
    def __init__(self, other: IntervalD, edgeHandling: _EdgeHandling = ...) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and isinstance(args[0], IntervalD):
            handling = args[1] if len(args) > 1 else kwargs.get("edgeHandling", _EdgeHandling.EXPAND)
            self._min, self._max = self._from_real(args[0], handling)
        else:
            super().__init__(*args, **kwargs)

    @classmethod
    def _empty(cls) -> tuple[int, int]:
        return 0, -1

    @classmethod
    def _from_other(cls, other: object) -> tuple[int, int]:
        if isinstance(other, IntervalI):
            return other._min, other._max
        raise TypeError(f"IntervalI {_USAGE}, or another interval, not {type(other).__name__}.")

    @classmethod
    def _from_real(cls, other: IntervalD, handling: _EdgeHandling) -> tuple[int, int]:
        if other.isEmpty():
            return cls._empty()
        if not other.isFinite():
            raise InvalidParameterError(f"Cannot convert {other}, which is not finite, to an IntervalI.")
        margin = 0.5 if handling is _EdgeHandling.EXPAND else -0.5
        return cls._checked(math.ceil(other._min - margin), math.floor(other._max + margin))

    @classmethod
    def _from_pair(cls, given: Mapping[str, Any]) -> tuple[int, int]:
        if set(given) == {"center", "size"}:
            size = as_int(given["size"])
            minimum = as_float(given["center"]) - 0.5 * size + 0.5
            check_int(minimum + size - 1, "Interval maximum")
            return cls._checked(check_int(minimum, "Interval minimum"), size=size)
        values = {name: as_int(value) for name, value in given.items()}
        if set(given) == {"min", "max"}:
            return cls._checked(values["min"], values["max"])
        if set(given) == {"min", "size"}:
            return cls._checked(values["min"], size=values["size"])
        if set(given) == {"max", "size"}:
            return cls._checked(values["max"] - values["size"] + 1, values["max"])
        raise TypeError(f"IntervalI {_USAGE}, not {tuple(given)}.")

    @classmethod
    def _checked(cls, minimum: int, maximum: int = 0, size: int | None = None) -> tuple[int, int]:
        if size is not None:
            maximum = minimum + size - 1
        if maximum < minimum:
            return cls._empty()
        check_int(minimum, "Interval minimum")
        check_int(maximum, "Interval maximum")
        check_int(maximum - minimum + 1, "Interval size")
        return minimum, maximum

    @classmethod
    def _make(cls, minimum: int, maximum: int) -> Self:
        self = cls.__new__(cls)
        self._min, self._max = cls._checked(minimum, maximum)
        return self

    def _finite(self, value: SupportsIndex) -> int:
        return as_int(value)

    def getSize(self) -> int:
        """Return the number of pixels."""
        return self._max - self._min + 1

    def getBegin(self) -> int:
        """Return the first pixel."""
        return self._min

    def getEnd(self) -> int:
        """Return one past the last pixel."""
        return self._max + 1

    size = property(getSize, doc="Number of pixels.")
    begin = property(getBegin, doc="First pixel.")
    end = property(getEnd, doc="One more than the last pixel.")

    def range(self) -> builtins.range:
        """Return all pixels as a `range`."""
        return range(self._min, self._max + 1)

    def arange(self, dtype: npt.DTypeLike = np.int32) -> np.ndarray:
        """Return all pixels as an array.

        Parameters
        ----------
        dtype : data type, optional
            Type of the elements.

        Returns
        -------
        pixels : `numpy.ndarray`, (size,)
            Pixel coordinates.
        """
        return np.arange(self._min, self._max + 1, dtype=dtype)

    def slice(self) -> builtins.slice:
        """Return the `slice` that selects these pixels from a sequence that starts at pixel 0."""
        return slice(self._min, self._max + 1)


class IntervalD(_Interval):
    """An interval on the real line that includes both bounds.

    Parameters
    ----------
    *args : `IntervalI` or `IntervalD`, optional
        Interval to convert; without arguments the interval is empty. Pixels reach 0.5 to either side.
    **kwargs : `float`
        Two of ``min``, ``max``, ``size`` and ``center`` (with ``size``). A maximum below the minimum, or
        NaN, gives an empty interval; a single point is not empty. Bounds may be infinite.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if infinite values do not determine the bounds.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        @overload
        def __init__(self) -> None: ...
        @overload
        def __init__(self, *, min: float, max: float) -> None: ...
        @overload
        def __init__(self, *, min: float, size: float) -> None: ...
        @overload
        def __init__(self, *, max: float, size: float) -> None: ...
        @overload
        def __init__(self, *, center: float, size: float) -> None: ...
        @overload
        def __init__(self, other: IntervalD | IntervalI) -> None: ...
        def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    @classmethod
    def _empty(cls) -> tuple[float, float]:
        return math.nan, math.nan

    @classmethod
    def _from_other(cls, other: object) -> tuple[float, float]:
        if isinstance(other, IntervalD):
            return other._min, other._max
        if isinstance(other, IntervalI):
            return cls._empty() if other.isEmpty() else (other._min - 0.5, other._max + 0.5)
        raise TypeError(f"IntervalD {_USAGE}, or another interval, not {type(other).__name__}.")

    @classmethod
    def _from_pair(cls, given: Mapping[str, Any]) -> tuple[float, float]:
        values = {name: as_float(value) for name, value in given.items()}
        if set(given) == {"min", "max"}:
            return cls._checked(values["min"], values["max"])
        if set(given) not in ({"center", "size"}, {"min", "size"}, {"max", "size"}):
            raise TypeError(f"IntervalD {_USAGE}, not {tuple(given)}.")
        if any(math.isinf(value) for value in values.values()):
            raise InvalidParameterError(
                f"{values} does not determine the bounds; give min and max for an infinite interval."
            )
        size = values["size"]
        if "center" in values:
            minimum = values["center"] - 0.5 * size
            return cls._checked(minimum, minimum + size)
        if "min" in values:
            return cls._checked(values["min"], values["min"] + size)
        return cls._checked(values["max"] - size, values["max"])

    @classmethod
    def _checked(cls, minimum: float, maximum: float) -> tuple[float, float]:
        if not minimum <= maximum:
            return cls._empty()
        if minimum == math.inf or maximum == -math.inf:
            raise InvalidParameterError(f"An interval cannot extend from {minimum} to {maximum}.")
        return minimum, maximum

    @classmethod
    def _make(cls, minimum: float, maximum: float) -> Self:
        self = cls.__new__(cls)
        self._min, self._max = cls._checked(minimum, maximum)
        return self

    def _finite(self, value: float) -> float:
        value = as_float(value)
        if not math.isfinite(value):
            raise InvalidParameterError(
                f"An interval cannot be moved, grown, shrunk or stretched by or to {value}."
            )
        return value

    @overload
    def contains(self, other: Self | float) -> bool: ...
    @overload
    def contains(self, other: np.ndarray | Sequence[float]) -> np.ndarray: ...
    def contains(self, other: Self | float | np.ndarray | Sequence[float]) -> bool | np.ndarray:
        """Return whether another interval, a number, or each number of an array lies inside this interval.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if a number is NaN.
        """
        if isinstance(other, np.ndarray | list | float | int) and np.any(np.isnan(other)):
            raise InvalidParameterError("Cannot tell whether NaN lies inside an interval.")
        return super().contains(other)

    def isFinite(self) -> bool:
        """Return whether both bounds are finite; an empty interval is finite."""
        return not (math.isinf(self._min) or math.isinf(self._max))

    def getSize(self) -> float:
        """Return the length; 0 for an empty interval."""
        return 0.0 if self.isEmpty() else self._max - self._min

    def getCenter(self) -> float:
        """Return the middle; NaN for an empty interval."""
        return 0.5 * (self._min + self._max)

    size = property(getSize, doc="Length; 0 for an empty interval.")
    center = property(getCenter, doc="Middle; NaN for an empty interval.")
