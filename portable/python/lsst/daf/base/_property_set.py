# SPDX-License-Identifier: GPL-3.0-or-later
"""The hierarchical property container, and the base of the flat one."""

from __future__ import annotations

import builtins
import copy
import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar

from lsst.pex.exceptions import InvalidParameterError, NotFoundError, TypeError

from ._accessors import add_accessors
from ._dict_like import DictLike
from ._entry import Entry
from ._types import CONVERTERS, TYPE_INFOS, TypeInfo, check_name, choose_type, iterate

__all__ = ("PropertySet",)

_T = TypeVar("_T")


@add_accessors
class PropertySet(DictLike):
    """Properties by name, possibly hierarchical: ``a.b`` names property ``b`` of the property set ``a``.

    Each property has a type and one or more values of that type. Setting replaces all values; adding appends
    and requires the same type. Reading a single value gives the last one. As a `dict`, the container maps
    top-level names to single values. For each type ``X`` among ``Bool``, ``Short``, ``Int``, ``Long``,
    ``LongLong``, ``UnsignedLongLong``, ``Float``, ``Double``, ``String``, ``DateTime``, ``Undef`` and
    ``PropertySet`` there are methods ``setX``, ``addX``, ``getX`` and ``getArrayX`` and the attribute
    ``TYPE_X``.

    Parameters
    ----------
    source : `PropertyList`, optional
        Properties to copy; dots in their names become levels.
    flat : `bool`, optional
        Whether dots in names have no special meaning.
    """

    def __init__(self, source: PropertySet | bool | None = None, flat: bool = False) -> None:
        self._map: dict[str, Entry] = {}
        if isinstance(source, bool):
            flat = source
        self._flat = flat
        if isinstance(source, PropertySet):
            for name in source.paramNames(False):
                self.copy(name, source, name)

    # storage

    def _find(self, name: str) -> Entry | None:
        check_name(name)
        entry = self._map.get(name)
        if entry is not None or self._flat or "." not in name:
            return entry
        head, _, rest = name.partition(".")
        parent = self._map.get(head)
        if parent is None or parent.type_name != "PropertySet" or parent.values[-1] is None:
            return None
        return parent.values[-1]._find(rest)

    def _require(self, name: str) -> Entry:
        entry = self._find(name)
        if entry is None:
            raise NotFoundError(f"{name} not found")
        return entry

    def _store(self, name: str, entry: Entry) -> None:
        check_name(name)
        if self._flat and entry.type_name == "PropertySet":
            self._flatten(name, entry.values[-1])
            return
        head, dot, rest = name.partition(".")
        if self._flat or not dot:
            self._map[name] = entry
            return
        parent = self._map.get(head)
        if parent is None:
            parent = self._map[head] = Entry("PropertySet", [PropertySet()])
        elif parent.type_name != "PropertySet":
            raise InvalidParameterError(
                f"{head} exists but does not contain a PropertySet; cannot set {name} below it."
            )
        parent.values[-1]._store(rest, entry)

    def _flatten(self, name: str, source: PropertySet) -> None:
        """Append the properties of a property set, prefixing their names with ``name`` and a dot."""
        for below in source.paramNames(False):
            self._append(f"{name}.{below}", source._require(below))

    def _append(self, name: str, entry: Entry) -> None:
        """Append values to those of a property of the same type, or store them if it does not exist."""
        mine = self._find(name)
        if mine is None:
            self._store(name, entry.clone())
        elif mine.type_name != entry.type_name:
            raise TypeError(
                f"{name} has mismatched type: it holds {mine.type_name} and cannot take {entry.type_name} "
                "values."
            )
        else:
            mine.values.extend(entry.values)

    def _convert(self, type_name: str, name: str, value: Any) -> list:
        """Convert the elements of a value to a type."""
        if type_name == "PropertySet":
            values = list(iterate(value))
            for v in values:
                self._check_cycle(name, v)
            return values
        convert = CONVERTERS[type_name]
        try:
            return [convert(v) for v in iterate(value)]
        except (builtins.TypeError, ValueError) as exc:
            raise builtins.TypeError(f"Cannot set {name!r} as {type_name}: {exc}.") from None

    def _check_cycle(self, name: str, value: object) -> None:
        if not isinstance(value, PropertySet):
            raise builtins.TypeError(f"Cannot set {name!r} as PropertySet: it is a {type(value).__name__}.")
        below = [value]
        while below:
            candidate = below.pop()
            if candidate is self:
                raise InvalidParameterError(f"{name} would cause a cycle")
            for entry in candidate._map.values():
                if entry.type_name == "PropertySet":
                    below.extend(entry.values)

    def _set_typed(self, type_name: str, name: str, value: Any) -> None:
        values = self._convert(type_name, name, value)
        if values:
            self._store(name, Entry(type_name, values))

    def _add_typed(self, type_name: str, name: str, value: Any) -> None:
        values = self._convert(type_name, name, value)
        if values:
            self._append(name, Entry(type_name, values))

    def _get_typed(self, type_name: str, name: str) -> list:
        entry = self._require(name)
        if entry.type_name != type_name:
            raise TypeError(f"{name} is of type {entry.type_name}, not {type_name}.")
        return entry.values

    def _auto(self, name: str) -> Any:
        """Return a single value as it is, and multiple values as a list."""
        values = self._get_values(name)
        return (
            list(values)
            if len(values) > 1 and self.typeOf(name) is not TYPE_INFOS["PropertySet"]
            else values[-1]
        )

    def _get_values(self, name: str) -> list:
        entry = self._find(name)
        if entry is None:
            raise KeyError(f"{name} not found")
        return entry.values

    # contents

    def names(self, topLevelOnly: bool = True) -> list[str]:
        """Return the names of all properties and property sets.

        Parameters
        ----------
        topLevelOnly : `bool`, optional
            Whether to leave out names below the top level.
        """
        result = []
        for name, entry in self._map.items():
            result.append(name)
            if entry.type_name == "PropertySet" and not topLevelOnly:
                result.extend(f"{name}.{below}" for below in entry.values[-1].names(False))
        return result

    def paramNames(self, topLevelOnly: bool = True) -> list[str]:
        """Return the names of all properties that are not property sets; see `names`."""
        result = []
        for name, entry in self._map.items():
            if entry.type_name != "PropertySet":
                result.append(name)
            elif not topLevelOnly:
                result.extend(f"{name}.{below}" for below in entry.values[-1].paramNames(False))
        return result

    def propertySetNames(self, topLevelOnly: bool = True) -> list[str]:
        """Return the names of all property sets; see `names`."""
        result = []
        for name, entry in self._map.items():
            if entry.type_name == "PropertySet":
                result.append(name)
                if not topLevelOnly:
                    result.extend(f"{name}.{below}" for below in entry.values[-1].propertySetNames(False))
        return result

    def nameCount(self, topLevelOnly: bool = True) -> int:
        """Return the number of names; see `names`."""
        return len(self._map) if topLevelOnly else len(self.names(False))

    def exists(self, name: str) -> bool:
        """Return whether a property with a (possibly hierarchical) name exists."""
        return self._find(name) is not None

    def isArray(self, name: str) -> bool:
        """Return whether a property has multiple values."""
        entry = self._find(name)
        return entry is not None and len(entry.values) > 1

    def isUndefined(self, name: str) -> bool:
        """Return whether a property exists but has no value (`None`)."""
        entry = self._find(name)
        return entry is not None and entry.type_name == "Undef"

    def isPropertySetPtr(self, name: str) -> bool:
        """Return whether a property is a property set."""
        entry = self._find(name)
        return entry is not None and entry.type_name == "PropertySet"

    def valueCount(self, name: str | None = None) -> int:
        """Return the number of values of a property (0 if it does not exist), or of all properties."""
        if name is None:
            return sum(self.valueCount(n) for n in self.paramNames(False))
        entry = self._find(name)
        return 0 if entry is None else len(entry.values)

    def typeOf(self, name: str) -> TypeInfo:
        """Return the type of a property, for comparison with ``TYPE_Int`` and so on.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if there is no such property.
        """
        return TYPE_INFOS[self._require(name).type_name]

    # reading

    def get(self, name: str, default: Any = None) -> Any:
        """Return the (last) value of a property, or ``default`` if there is no such property."""
        entry = self._find(name)
        return default if entry is None else entry.values[-1]

    def getScalar(self, name: str) -> Any:
        """Return the (last) value of a property.

        Raises
        ------
        KeyError
            Raised if there is no such property.
        """
        return self._get_values(name)[-1]

    def getArray(self, name: str) -> Any:
        """Return all values of a property as a list; a property set is returned as it is.

        Raises
        ------
        KeyError
            Raised if there is no such property.
        """
        values = self._get_values(name)
        return values[-1] if isinstance(values[-1], PropertySet) else list(values)

    def _get_as(self, name: str, allowed: Iterable[str], convert: Callable[..., _T]) -> _T:
        entry = self._require(name)
        if entry.type_name not in allowed:
            raise TypeError(
                f"{name} is of type {entry.type_name}, which does not convert to {convert.__name__}."
            )
        return convert(entry.values[-1])

    def getAsBool(self, name: str) -> bool:
        """Return the (last) value of a ``Bool`` property."""
        return self._get_as(name, ("Bool",), bool)

    def getAsInt(self, name: str) -> int:
        """Return the (last) value of a property of at most 32 bits as an integer."""
        return self._get_as(name, ("Bool", "Short", "Int"), int)

    def getAsInt64(self, name: str) -> int:
        """Return the (last) value of a property of at most 64 bits as a signed integer."""
        return self._get_as(name, ("Bool", "Short", "Int", "Long", "LongLong"), int)

    def getAsUInt64(self, name: str) -> int:
        """Return the (last) value of a property of at most 64 bits as an unsigned integer.

        A negative value wraps around, as in the stack: -1 gives 2**64 - 1.
        """
        kinds = ("Bool", "Short", "Int", "Long", "LongLong", "UnsignedLongLong")
        return self._get_as(name, kinds, int) % 2**64

    def getAsDouble(self, name: str) -> float:
        """Return the (last) value of a numeric property as a `float`."""
        numeric = ("Bool", "Short", "Int", "Long", "LongLong", "UnsignedLongLong", "Float", "Double")
        return self._get_as(name, numeric, float)

    def getAsString(self, name: str) -> str:
        """Return the (last) value of a ``String`` property."""
        return self._get_as(name, ("String",), str)

    def getAsPropertySetPtr(self, name: str) -> PropertySet:
        """Return the property set that is the value of a property."""
        return self._get_typed("PropertySet", name)[-1]

    # writing

    def _current_type(self, name: str) -> str | None:
        entry = self._find(name)
        return None if entry is None else entry.type_name

    def set(self, name: str, value: Any) -> None:
        """Set a property, replacing all its values.

        Parameters
        ----------
        name : `str`
            Name, possibly hierarchical.
        value : `bool`, `int`, `float`, `str`, `DateTime`, `None`, `PropertySet`, or sequence
            Value, or values of one of these types; an empty sequence changes nothing.

        Raises
        ------
        TypeError
            Raised if a property cannot hold such a value.
        lsst.pex.exceptions.InvalidParameterError
            Raised if a level of the name is not a property set.
        """
        type_name = choose_type(name, value, self._current_type(name))
        if type_name is not None:
            self._set_typed(type_name, name, value)

    def add(self, name: str, value: Any) -> None:
        """Append to the values of a property, or set it if it does not exist.

        Parameters
        ----------
        name : `str`
            Name, possibly hierarchical.
        value : as for `set`
            Value or values.

        Raises
        ------
        TypeError
            Raised if a property cannot hold such a value.
        lsst.pex.exceptions.TypeError
            Raised if the property holds values of another type.
        """
        type_name = choose_type(name, value, self._current_type(name))
        if type_name is not None:
            self._add_typed(type_name, name, value)

    def remove(self, name: str) -> None:
        """Remove a property if it exists."""
        check_name(name)
        if self._map.pop(name, None) is None and not self._flat and "." in name:
            head, _, rest = name.partition(".")
            parent = self._map.get(head)
            if parent is not None and parent.type_name == "PropertySet":
                parent.values[-1].remove(rest)

    def copy(self, dest: str, source: PropertySet, name: str, asScalar: bool = False) -> None:
        """Copy the values of a property from another container.

        Parameters
        ----------
        dest : `str`
            Name of the property to set.
        source : `PropertySet`
            Container to copy from.
        name : `str`
            Name of the property to copy.
        asScalar : `bool`, optional
            Whether to copy only the last value.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the source has no such property.
        """
        entry = _container(source)._find(name)
        if entry is None:
            raise InvalidParameterError(f"{name} not in source")
        entry = Entry(entry.type_name, entry.values[-1:]) if asScalar else entry.clone()
        self.remove(dest)
        self._store(dest, entry)

    def combine(self, source: PropertySet | Mapping[str, Any]) -> None:
        """Append all values of another container to the properties with the same names.

        Parameters
        ----------
        source : `PropertySet` or mapping
            Container to copy from; a mapping may be nested.

        Raises
        ------
        lsst.pex.exceptions.TypeError
            Raised if a property has another type here; those before it have already been appended.
        TypeError
            Raised if the source is neither a container nor a mapping.
        """
        source = _container(source)
        for name in source.paramNames(False):
            self._append(name, source._require(name))

    def update(self, addition: PropertySet | Mapping[str, Any]) -> None:
        """Set all properties of another container or mapping.

        Parameters
        ----------
        addition : `PropertySet` or mapping
            Names and values.
        """
        if isinstance(addition, PropertySet):
            for name in addition:
                self.copy(name, addition, name)
        elif not isinstance(addition, Mapping):
            raise builtins.TypeError(
                f"A property container is updated from another or a mapping, not a {type(addition).__name__}."
            )
        else:
            for name, value in addition.items():
                self[name] = value

    @classmethod
    def from_mapping(cls, metadata: object) -> Self:
        """Make a container from a mapping.

        Parameters
        ----------
        metadata : mapping, dataclass, or object with ``to_dict``, ``toDict`` or ``dict``
            Names and values, possibly nested.

        Returns
        -------
        container : `PropertySet`
            The same names and values.

        Raises
        ------
        ValueError
            Raised if ``metadata`` cannot be converted to a mapping.
        """
        result = cls()
        if isinstance(metadata, Mapping):
            result.update(metadata)
            return result
        if dataclasses.is_dataclass(metadata) and not isinstance(metadata, type):
            result.update(dataclasses.asdict(metadata))
            return result
        for name in ("to_dict", "toDict", "dict"):
            if hasattr(metadata, name):
                result.update(getattr(metadata, name)())
                return result
        raise ValueError(f"Unable to extract mappings from the supplied metadata of type {type(metadata)}")

    def deepCopy(self) -> Self:
        """Return a copy that shares nothing with this container."""
        result = type(self)()
        result._flat = self._flat
        for name, entry in self._map.items():
            clone = entry.clone()
            if entry.type_name == "PropertySet":
                clone.values = [v.deepCopy() for v in entry.values]
            result._map[name] = clone
        return result

    # conversion of the whole container

    def toDict(self) -> dict[str, Any]:
        """Return all properties as a nested `dict`, with multiple values as a `list`."""
        result = {}
        for name in self._map:
            value = self._auto(name)
            result[name] = value.toDict() if isinstance(value, PropertySet) else value
        return result

    def get_dict(self, key: str) -> dict[str, Any]:
        """Return a property set as a `dict`; empty if it does not exist."""
        if not self.exists(key):
            return {}
        value = self.getScalar(key)
        if not isinstance(value, PropertySet):
            raise builtins.TypeError(f"{key} is a {type(value).__name__}, not a nested dict.")
        return value.toDict()

    def set_dict(self, key: str, value: Mapping[str, Any]) -> None:
        """Set a property to a (possibly nested) mapping."""
        self.set(key, PropertySet.from_mapping(value))

    def toString(self, topLevelOnly: bool = False, indent: str = "") -> str:
        """Return all properties as human-readable text, sorted by name.

        Parameters
        ----------
        topLevelOnly : `bool`, optional
            Whether to leave out the contents of property sets.
        indent : `str`, optional
            Prefix of each line.
        """
        result = ""
        for name in sorted(self._map):
            entry = self._map[name]
            if entry.type_name != "PropertySet":
                result += f"{indent}{name} = {entry.text()}\n"
            elif topLevelOnly:
                result += f"{indent}{name} = {{ ... }}\n"
            else:
                below = entry.values[-1].toString(False, indent + "..")
                result += f"{indent}{name} = {{\n{below}{indent}}}\n"
        return result

    def __str__(self) -> str:
        return self.toString()

    def __setitem__(self, name: str, value: Any) -> None:
        self.set(name, PropertySet.from_mapping(value) if isinstance(value, Mapping) else value)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self._map == other._map

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> Self:
        result = type(self)()
        for name in self:
            result.copy(name, self, name)
        return result

    def __deepcopy__(self, memo: dict) -> Self:
        result = self.deepCopy()
        memo[id(self)] = result
        return result

    def _get_state(self) -> list[tuple]:
        """Return names, types and values, as expected by `_make_property_set`."""
        return [(name, entry.type_name, copy.copy(self._auto(name))) for name, entry in self._map.items()]

    def _set_state(self, state: Iterable[Sequence[Any]]) -> None:
        for name, type_name, *rest in state:
            self._set_state_item(type_name, name, *rest)

    def _set_state_item(self, type_name: str, name: str, value: Any) -> None:
        if type_name not in TYPE_INFOS:
            raise ValueError(f"Unrecognized type {type_name!r} of {name}: {value!r}")
        self._set_typed(type_name, name, value)

    def __reduce__(self) -> tuple:
        return _make, (type(self), self._get_state())


def _container(source: PropertySet | Mapping[str, Any]) -> PropertySet:
    """Return a container, made from a mapping if necessary."""
    if isinstance(source, Mapping):
        return PropertySet.from_mapping(source)
    if isinstance(source, PropertySet):
        return source
    raise builtins.TypeError(f"Expected a PropertySet or PropertyList, not a {type(source).__name__}.")


def _make(cls: type[PropertySet], state: Iterable[tuple]) -> PropertySet:
    """Make a container from its state."""
    result = cls()
    result._set_state(state)
    return result
