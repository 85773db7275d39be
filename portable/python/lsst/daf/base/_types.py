# SPDX-License-Identifier: GPL-3.0-or-later
"""The types a property can have, and the rules by which a Python value gets one of them."""

from __future__ import annotations

import numbers
import operator
import struct
from collections.abc import Callable, Iterator
from typing import Any

from ._date_time import DateTime

__all__ = ("CONVERTERS", "TYPE_INFOS", "TypeInfo", "choose_type", "iterate")


class TypeInfo:
    """Identity of a type of properties, as returned by ``typeOf``.

    Parameters
    ----------
    name : `str`
        Name used in method names, e.g. ``Double``.
    mangled : `str`
        Name the compiled stack gives the type.
    """

    __slots__ = ("_mangled", "_name")

    def __init__(self, name: str, mangled: str) -> None:
        self._name = name
        self._mangled = mangled

    def name(self) -> str:
        """Return the name the compiled stack gives the type."""
        return self._mangled

    def __repr__(self) -> str:
        return f"<TypeInfo {self._name}>"

    def __reduce__(self) -> tuple:
        return _type_info, (self._name,)


def _type_info(name: str) -> TypeInfo:
    return TYPE_INFOS[name]


_MANGLED = {
    "Bool": "b",
    "Short": "s",
    "Int": "i",
    "Long": "l",
    "LongLong": "x",
    "UnsignedLongLong": "y",
    "Float": "f",
    "Double": "d",
    "String": "NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE",
    "DateTime": "N4lsst3daf4base8DateTimeE",
    "PropertySet": "St10shared_ptrIN4lsst3daf4base11PropertySetEE",
    "Undef": "Dn",
}

TYPE_INFOS = {name: TypeInfo(name, mangled) for name, mangled in _MANGLED.items()}
"""The types of properties, by name."""

_INT = (-(2**31), 2**31 - 1)
_LONG_LONG = (-(2**63), 2**63 - 1)
_UNSIGNED = (0, 2**64 - 1)


def _integer(low: int, high: int) -> Callable[[Any], int]:
    def convert(value: Any) -> int:
        result = operator.index(value)
        if not low <= result <= high:
            raise TypeError(f"{result} is not in the range {low} to {high}")
        return result

    return convert


def _bool(value: Any) -> bool:
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return bool(value)
    raise TypeError(f"{value!r} is not a bool")


def _double(value: Any) -> float:
    if isinstance(value, str | bytes):
        raise TypeError(f"{value!r} is not a number")
    return float(value)


def _float(value: Any) -> float:
    """Return the number as single precision holds it."""
    value = _double(value)
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _string(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{value!r} is not a str")


def _date_time(value: Any) -> DateTime:
    if isinstance(value, DateTime):
        return value
    raise TypeError(f"{value!r} is not a DateTime")


def _undef(value: Any) -> None:
    if value is not None:
        raise TypeError(f"{value!r} is not None")


CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "Bool": _bool,
    "Short": _integer(-(2**15), 2**15 - 1),
    "Int": _integer(*_INT),
    "Long": _integer(*_LONG_LONG),
    "LongLong": _integer(*_LONG_LONG),
    "UnsignedLongLong": _integer(*_UNSIGNED),
    "Float": _float,
    "Double": _double,
    "String": _string,
    "DateTime": _date_time,
    "Undef": _undef,
}
"""For each type the function that returns a value as that type, or raises `TypeError`."""


def iterate(value: Any) -> Iterator[Any]:
    """Iterate over the elements of a value; text, and what cannot be iterated over, is its own only element.

    Parameters
    ----------
    value : any
        The value.

    Yields
    ------
    element : any
        Its elements, or the value itself.
    """
    if isinstance(value, str) or hasattr(value, "propertySetNames"):
        yield value
        return
    try:
        elements = iter(value)
    except TypeError:
        yield value
        return
    yield from elements


def choose_type(name: str, value: Any, current: str | None) -> str | None:
    """Choose the type of a property from a Python value.

    Integers are ``Int`` when 32 bits hold them (all of them, in an array), then ``LongLong``, then
    ``UnsignedLongLong``; the type the property has already is kept when it is a wider one.

    Parameters
    ----------
    name : `str`
        Name of the property, for messages.
    value : any
        A value, or a sequence of values of one type.
    current : `str` or `None`
        Type the property has now, if it exists.

    Returns
    -------
    type_name : `str` or `None`
        Name of the type; `None` when there is no element to tell it by.

    Raises
    ------
    TypeError
        Raised if properties cannot hold such a value.
    RuntimeError
        Raised if an integer does not even fit into 64 bits.
    """
    elements = list(iterate(value))
    if not elements:
        return None
    first = elements[0]
    if all(isinstance(v, numbers.Integral) and not isinstance(v, bool) for v in elements):
        return _choose_integer(name, [int(v) for v in elements], current)
    if isinstance(first, bool):
        return "Bool"
    if first is None:
        return "Undef"
    if isinstance(first, float):
        return "Double"
    if isinstance(first, str):
        return "String"
    if isinstance(first, DateTime):
        return "DateTime"
    if hasattr(first, "propertySetNames"):
        return "PropertySet"
    return _refuse(name, first)


def _refuse(name: str, value: Any) -> str:
    raise TypeError(
        f"Unknown value type for key '{name}': {type(value)}; a property holds bool, int, float, str, "
        "DateTime, None, a PropertySet, or a sequence of one of these."
    )


def _choose_integer(name: str, values: list[int], current: str | None) -> str:
    low, high = min(values), max(values)
    candidates = [("Int", _INT), ("LongLong", _LONG_LONG), ("UnsignedLongLong", _UNSIGNED)]
    names = [candidate[0] for candidate in candidates]
    start = names.index(current) if current in names else 0
    for type_name, (minimum, maximum) in candidates[start:]:
        if minimum <= low and high <= maximum:
            return type_name
    if start == 2 and _LONG_LONG[0] <= low and high <= _LONG_LONG[1]:
        return "LongLong"
    raise RuntimeError(f"Unable to guess an integer type for key '{name}': values from {low} to {high}")
