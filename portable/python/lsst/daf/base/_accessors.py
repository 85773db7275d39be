# SPDX-License-Identifier: GPL-3.0-or-later
"""The per-type methods of property containers: ``setInt``, ``getInt`` and so on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ._types import TYPE_INFOS

if TYPE_CHECKING:
    from ._property_set import PropertySet

__all__ = ("add_accessors",)

_C = TypeVar("_C", bound=type)


def add_accessors(cls: _C) -> _C:
    """Add the per-type methods and attributes to a property container.

    Parameters
    ----------
    cls : `type`
        A class with the methods ``_set_typed``, ``_add_typed`` and ``_get_typed``.

    Returns
    -------
    cls : `type`
        The same class.
    """
    for type_name, info in TYPE_INFOS.items():
        for prefix, make in (
            ("get", _getter),
            ("getArray", _array_getter),
            ("set", _setter),
            ("add", _adder),
        ):
            method = make(type_name)
            method.__name__ = prefix + type_name
            method.__qualname__ = f"{cls.__name__}.{method.__name__}"
            setattr(cls, method.__name__, method)
        setattr(cls, f"TYPE_{type_name}", info)
    return cls


def _getter(type_name: str) -> Callable:
    def method(self: PropertySet, name: str, *defaultValue: Any) -> Any:
        if defaultValue and not self.exists(name):
            return defaultValue[0]
        return self._get_typed(type_name, name)[-1]

    method.__doc__ = f"Return the (last) value of a property of type {type_name}, or the default."
    return method


def _array_getter(type_name: str) -> Callable:
    def method(self: PropertySet, name: str) -> list:
        return list(self._get_typed(type_name, name))

    method.__doc__ = f"Return all values of a property of type {type_name}."
    return method


def _setter(type_name: str) -> Callable:
    def method(self: PropertySet, name: str, value: Any, *comment: str) -> None:
        self._set_typed(type_name, name, value, *comment)

    method.__doc__ = f"Set a property to a value, or a sequence of values, of type {type_name}."
    return method


def _adder(type_name: str) -> Callable:
    def method(self: PropertySet, name: str, value: Any, *comment: str) -> None:
        self._add_typed(type_name, name, value, *comment)

    method.__doc__ = f"Append a value, or a sequence of values, of type {type_name} to a property."
    return method
