# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of properties, and the rules that assign one of them to a Python value."""

from __future__ import annotations

import numbers
import operator
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any, SupportsIndex

from ._date_time import DateTime

__all__ = ("CONVERTERS", "TYPE_INFOS", "TypeInfo", "check_name", "choose_type", "iterate")


class TypeInfo:
    """The type of a property, as returned by ``typeOf``.

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
_INTEGERS = ("Int", "Long", "LongLong", "UnsignedLongLong")
"""The types that integers are given, from the narrowest."""


def _integer(low: int, high: int) -> Callable[[SupportsIndex], int]:
    def convert(value: SupportsIndex) -> int:
        result = operator.index(value)
        if not low <= result <= high:
            raise TypeError(f"{result} is not in the range {low} to {high}")
        return result

    return convert


def _bool(value: object) -> bool:
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return bool(value)
    raise TypeError(f"{value!r} is not a bool")


def _double(value: Any) -> float:
    if isinstance(value, str | bytes):
        raise TypeError(f"{value!r} is not a number")
    return float(value)


def _float(value: Any) -> float:
    """Round a number to single precision."""
    value = _double(value)
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _string(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{value!r} is not a str")


def _date_time(value: object) -> DateTime:
    if isinstance(value, DateTime):
        return value
    raise TypeError(f"{value!r} is not a DateTime")


def _undef(value: object) -> None:
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
"""For each type, the function that converts a value to it or raises `TypeError`."""


def check_name(name: object) -> None:
    """Reject a name that is not a string.

    Parameters
    ----------
    name : `object`
        The purported name of a property.

    Raises
    ------
    TypeError
        Raised if it is not a `str`.
    """
    if not isinstance(name, str):
        raise TypeError(f"The name of a property must be a str, not {name!r}.")


def iterate(value: Any) -> Iterator[Any]:
    """Iterate over the elements of a value.

    Parameters
    ----------
    value : any
        The value.

    Yields
    ------
    element : any
        The elements of a sequence or an array; any other value, including a string, is its own only element.
    """
    if isinstance(value, str) or hasattr(value, "propertySetNames") or not _is_sequence(value):
        yield value
    else:
        yield from value


def _is_sequence(value: object) -> bool:
    """Return whether a value is an ordered sequence, which bytes, mappings, sets and generators are not."""
    if isinstance(value, Sequence):
        return not isinstance(value, bytes | bytearray | memoryview)
    return getattr(value, "ndim", 0) > 0


def choose_type(name: str, value: object, current: str | None) -> str | None:
    """Choose the type of a property from a Python value.

    Integers are ``Int`` if 32 bits hold them (all of them, for an array), otherwise ``LongLong``, otherwise
    ``UnsignedLongLong``. A property that already has a wider type keeps it, and so does one that is ``Long``,
    as those of headers are.

    Parameters
    ----------
    name : `str`
        Name of the property, for messages.
    value : any
        A value, or a sequence of values of one type.
    current : `str` or `None`
        Current type of the property, if it exists.

    Returns
    -------
    type_name : `str` or `None`
        Name of the type; `None` if there is no element to infer it from.

    Raises
    ------
    TypeError
        Raised if a property cannot hold such a value.
    RuntimeError
        Raised if an integer does not fit into 64 bits.
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


def _refuse(name: str, value: object) -> str:
    raise TypeError(
        f"Unknown value type for key '{name}': {type(value)}; a property holds bool, int, float, str, "
        "DateTime, None, a PropertySet, or a sequence of one of these."
    )


def _choose_integer(name: str, values: list[int], current: str | None) -> str:
    """Choose a type that holds the smallest and the largest value; there may be none that covers both."""
    if current not in _INTEGERS:
        current = None
    chosen = {_integer_type(name, value, current) for value in (min(values), max(values))}
    # The widest; negative values among those that need it are refused where they are converted.
    return max(chosen, key=_INTEGERS.index)


def _integer_type(name: str, value: int, current: str | None) -> str:
    if _INT[0] <= value <= _INT[1] and current in (None, "Int"):
        return "Int"
    signed = "Long" if current == "Long" else "LongLong"
    if _LONG_LONG[0] <= value < 0:
        return signed
    if 0 <= value <= _LONG_LONG[1] and current != "UnsignedLongLong":
        return signed
    if 0 <= value <= _UNSIGNED[1]:
        return "UnsignedLongLong"
    raise RuntimeError(f"Unable to guess an integer type for key '{name}': {value} needs more than 64 bits.")
