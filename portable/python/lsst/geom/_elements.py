# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixed-size tuples of elements, the base of coordinates and of their comparisons."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from typing import Any, ClassVar, Self, SupportsFloat, SupportsIndex, TypeVar

__all__ = (
    "INT_MAX",
    "INT_MIN",
    "CoordinateExpr2",
    "CoordinateExpr3",
    "ElementTuple",
    "all",
    "any",
    "as_float",
    "as_int",
    "divide",
    "need",
    "number",
)

INT_MIN = -(2**31)
INT_MAX = 2**31 - 1


def as_int(value: SupportsIndex) -> int:
    """Return ``value`` as a 32-bit integer.

    Parameters
    ----------
    value : `int` or similar
        An `int`, a numpy integer, or anything with ``__index__``.

    Returns
    -------
    value : `int`
        The same number.

    Raises
    ------
    TypeError
        Raised if ``value`` is not an integer (a `float` never is) or does not fit into 32 bits.
    """
    result = operator.index(value)
    if not INT_MIN <= result <= INT_MAX:
        raise TypeError(f"{result} does not fit into a 32-bit integer.")
    return result


def as_float(value: SupportsFloat | SupportsIndex) -> float:
    """Return ``value`` as a `float`; strings are rejected.

    Parameters
    ----------
    value : number
        Anything with ``__float__`` or ``__index__``.

    Returns
    -------
    value : `float`
        The same number.

    Raises
    ------
    TypeError
        Raised if ``value`` is not a number.
    """
    if type(value) is float:
        return value
    if isinstance(value, str | bytes):
        raise TypeError(f"Expected a number, not {value!r}.")
    return float(value)


def number(value: object) -> float | None:
    """Return ``value`` as a `float` if it is a single number.

    Parameters
    ----------
    value : `object`
        Operand of any type.

    Returns
    -------
    value : `float` or `None`
        The number; `None` for anything else, including an array of several numbers.
    """
    if isinstance(value, float | int):
        return float(value)
    if getattr(value, "ndim", 0) or not hasattr(value, "__float__"):
        return None
    return float(value)


def divide(dividend: float, divisor: float) -> float:
    """Divide as floating-point hardware does: division by zero gives infinity or NaN, not an error.

    Parameters
    ----------
    dividend, divisor : `float`
        The operands.

    Returns
    -------
    quotient : `float`
        The quotient.
    """
    try:
        return dividend / divisor
    except ZeroDivisionError:
        if dividend == 0 or math.isnan(dividend):
            return math.nan
        return math.copysign(math.inf, dividend) * math.copysign(1.0, divisor)


_T = TypeVar("_T")


def need(kind: type[_T], value: object, what: str) -> _T:
    """Return ``value`` if it has the required type.

    Parameters
    ----------
    kind : `type`
        The required type.
    value : `object`
        The argument.
    what : `str`
        What needs the argument, for the message.

    Returns
    -------
    value : `object`
        The same argument.

    Raises
    ------
    TypeError
        Raised if it has another type.
    """
    if isinstance(value, kind):
        return value
    raise TypeError(f"{what} needs {_article(kind.__name__)}, not {_article(type(value).__name__)}.")


def _article(name: str) -> str:
    return f"an {name}" if name[0] in "AEIOaeio" else f"a {name}"


class ElementTuple:
    """A fixed number of elements that can be read and assigned individually."""

    __slots__ = ("_v",)
    dimensions: ClassVar[int]
    _convert: ClassVar[Any]
    _v: tuple

    @classmethod
    def _make(cls, values: tuple) -> Self:
        """Make an instance from values known to have the right number and type."""
        self = cls.__new__(cls)
        self._v = values
        return self

    def __len__(self) -> int:
        return self.dimensions

    def __iter__(self) -> Iterator[float]:
        return iter(self._v)

    def __getitem__(self, index: SupportsIndex) -> float:
        return self._v[operator.index(index)]

    def __setitem__(self, index: SupportsIndex, value: SupportsFloat | SupportsIndex) -> None:
        values = list(self._v)
        values[operator.index(index)] = type(self)._convert(value)
        self._v = tuple(values)

    def __str__(self) -> str:
        return "({})".format(", ".join(f"{v:0.5g}" for v in self._v))

    def __repr__(self) -> str:
        elements = (f"{v:0.17g}" if math.isfinite(v) else f"float('{v}')" for v in self._v)
        return f"{type(self).__name__}({', '.join(elements)})"

    def __reduce__(self) -> tuple:
        return type(self), self._v

    __hash__ = None  # type: ignore[assignment]  # mutable, as in the stack


class _CoordinateExpr(ElementTuple):
    """The result of comparing two coordinates element by element."""

    __slots__ = ()
    _convert = bool

    def __init__(self, *values: bool) -> None:
        if not values:
            values = (False,)
        if len(values) == 1:
            values = values * self.dimensions
        if len(values) != self.dimensions:
            raise TypeError(f"{type(self).__name__} takes {self.dimensions} values, not {len(values)}.")
        self._v = tuple(bool(v) for v in values)

    def and_(self, other: Self) -> Self:
        """Return ``self and other``, element by element."""
        return self._make(tuple(a and b for a, b in zip(self._v, other._v, strict=True)))

    def or_(self, other: Self) -> Self:
        """Return ``self or other``, element by element."""
        return self._make(tuple(a or b for a, b in zip(self._v, other._v, strict=True)))

    def not_(self) -> Self:
        """Return ``not self``, element by element."""
        return self._make(tuple(not a for a in self._v))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._v == self._v


class CoordinateExpr2(_CoordinateExpr):
    """The result of comparing two-dimensional coordinates: a pair of `bool`."""

    __slots__ = ()
    dimensions = 2


class CoordinateExpr3(_CoordinateExpr):
    """The result of comparing three-dimensional coordinates: three `bool`."""

    __slots__ = ()
    dimensions = 3


def all(expr: _CoordinateExpr) -> bool:
    """Return whether all elements of a comparison are true."""
    return False not in need(_CoordinateExpr, expr, "all")._v


def any(expr: _CoordinateExpr) -> bool:
    """Return whether any element of a comparison is true."""
    return True in need(_CoordinateExpr, expr, "any")._v
