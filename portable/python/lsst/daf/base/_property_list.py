# SPDX-License-Identifier: GPL-3.0-or-later
"""The flat, ordered property container with comments: the container of a FITS header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from lsst.pex.exceptions import NotFoundError

from ._astropy_header import header_items, make_header
from ._entry import Entry
from ._property_set import PropertySet
from ._types import check_name, choose_type

if TYPE_CHECKING:
    from astropy.io.fits import Header

__all__ = ("PropertyList",)


class PropertyList(PropertySet):
    """Properties by name, in order, each with a comment. Dots in names have no special meaning.

    When the values of a property change, it keeps its place, and its comment unless a new one is given.
    Setting a name to a `PropertySet` adds its properties, with that name and a dot as a prefix. Otherwise it
    behaves like a `PropertySet`, and the methods that set and add values also accept a comment.
    """

    COMMENTSUFFIX = "#COMMENT"
    """Suffix that makes a name refer to the comment, as in ``header["EXPTIME#COMMENT"] = "seconds"``."""

    def __init__(self) -> None:
        super().__init__(flat=True)
        self._comments: dict[str, str] = {}

    # storage

    def _store(self, name: str, entry: Entry) -> None:
        super()._store(name, entry)
        if name in self._map:  # except a property set, which is flattened
            self._comments.setdefault(name, "")

    def _flatten(self, name: str, source: PropertySet) -> None:
        super()._flatten(name, source)
        if isinstance(source, PropertyList):
            self._comments.update((f"{name}.{key}", comment) for key, comment in source._comments.items())

    def _set_typed(self, type_name: str, name: str, value: Any, comment: str | None = None) -> None:
        super()._set_typed(type_name, name, value)
        if comment is not None and name in self._map:
            self._comments[name] = str(comment)

    def _add_typed(self, type_name: str, name: str, value: Any, comment: str | None = None) -> None:
        if type_name == "PropertySet":
            self._flatten(name, self._convert(type_name, name, value)[-1])
            return
        super()._add_typed(type_name, name, value)
        if comment is not None and name in self._map:
            self._comments[name] = str(comment)

    # comments and order

    def getComment(self, name: str) -> str:
        """Return the comment of a property.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if there is no such property.
        """
        if name not in self._map:
            raise NotFoundError(f"{name} not found")
        return self._comments[name]

    def setComment(self, name: str, comment: str) -> None:
        """Set the comment of an existing property.

        Raises
        ------
        KeyError
            Raised if there is no such property.
        """
        if name not in self._map:
            raise KeyError(f"{name} not found")
        self._comments[name] = str(comment)

    def getOrderedNames(self) -> list[str]:
        """Return all names, in order."""
        return list(self._map)

    # writing

    def set(self, name: str, value: Any, comment: str | None = None) -> None:
        """Set a property, replacing all its values; see `PropertySet.set`.

        Parameters
        ----------
        name : `str`
            Name.
        value : `bool`, `int`, `float`, `str`, `DateTime`, `None`, `PropertySet`, or sequence
            Value, or values of one of these types; an empty sequence changes nothing.
        comment : `str`, optional
            New comment; by default the old one stays.
        """
        type_name = choose_type(name, value, self._current_type(name))
        if type_name is not None:
            self._set_typed(type_name, name, value, comment)

    def add(self, name: str, value: Any, comment: str | None = None) -> None:
        """Append to the values of a property, or set it if it does not exist; see `PropertySet.add`.

        Parameters
        ----------
        name : `str`
            Name.
        value : as for `set`
            Value or values.
        comment : `str`, optional
            New comment; by default the old one stays.
        """
        type_name = choose_type(name, value, self._current_type(name))
        if type_name is not None:
            self._add_typed(type_name, name, value, comment)

    def remove(self, name: str) -> None:
        """Remove a property if it exists."""
        check_name(name)
        self._map.pop(name, None)
        self._comments.pop(name, None)

    def copy(self, dest: str, source: PropertySet, name: str, asScalar: bool = False) -> None:
        """Copy values and comment of a property from another container; see `PropertySet.copy`."""
        super().copy(dest, source, name, asScalar)
        if isinstance(source, PropertyList) and dest in self._map:
            self._comments[dest] = source._comments[name]

    def combine(self, source: PropertySet | Mapping[str, Any]) -> None:
        """Append all values of another container, including its comments; see `PropertySet.combine`."""
        super().combine(source)
        if isinstance(source, PropertyList):
            self._comments.update(source._comments)

    def deepCopy(self) -> Self:
        """Return a copy that shares nothing with this container."""
        result = super().deepCopy()
        result._comments = dict(self._comments)
        return result

    # conversion of the whole container

    def toOrderedDict(self) -> dict[str, Any]:
        """Return all properties as a `dict`, in order, with multiple values as a `list`, without comments."""
        return {name: self._auto(name) for name in self._map}

    toDict = toOrderedDict

    def toList(self) -> list[tuple[str, Any, str]]:
        """Return name, value and comment of each property, in order; multiple values give multiple items."""
        return [
            (name, value, self._comments[name]) for name, entry in self._map.items() for value in entry.values
        ]

    def toString(self, topLevelOnly: bool = False, indent: str = "") -> str:
        """Return all properties as human-readable text, in order, with comments on separate lines.

        Parameters
        ----------
        topLevelOnly : `bool`, optional
            No effect, because there is only one level.
        indent : `str`, optional
            No effect.
        """
        result = ""
        for name, entry in self._map.items():
            result += f"{name} = {entry.text()}\n"
            if self._comments[name]:
                result += f"// {self._comments[name]}\n"
        return result

    def get_dict(self, key: str) -> dict[str, Any]:
        """Return the properties whose names begin with a key and a dot as a nested `dict`.

        Parameters
        ----------
        key : `str`
            Prefix of the names.

        Returns
        -------
        nested : `dict`
            Values by the rest of the name, one level per dot; empty if there are none.
        """
        result: dict[str, Any] = {}
        for name in self._map:
            if name.startswith(f"{key}."):
                *levels, last = name[len(key) + 1 :].split(".")
                level = result
                for part in levels:
                    level = level.setdefault(part, {})
                level[last] = self._auto(name)
        return result

    def set_dict(self, key: str, value: Mapping[str, Any]) -> None:
        """Set properties from a (possibly nested) mapping, prefixing their names with the key and a dot."""
        for name, element in value.items():
            if isinstance(element, Mapping):
                self.set_dict(f"{key}.{name}", element)
            else:
                self.set(f"{key}.{name}", element)

    @classmethod
    def from_astropy_header(cls, header: Header) -> Self:
        """Make a list of a header of astropy.

        Parameters
        ----------
        header : `astropy.io.fits.Header`
            The header. Cards that are blank, or whose value cannot be parsed, are left out; those without a
            value are undefined.

        Returns
        -------
        properties : `PropertyList`
            In the order of the header, a keyword that is repeated at its first place.
        """
        result = cls()
        for name, value, comment in header_items(header):
            result.add(name, value, comment)
        return result

    def to_astropy_header(self) -> Header:
        """Make a header of astropy.

        Returns
        -------
        header : `astropy.io.fits.Header`
            A card for each value, in order. A `DateTime` becomes its TAI string; undefined values and numbers
            that are not finite, become cards without a value.
        """
        return make_header(self.toList())

    def __getitem__(self, name: str) -> Any:
        if name.endswith(self.COMMENTSUFFIX):
            return self.getComment(name[: -len(self.COMMENTSUFFIX)])
        return super().__getitem__(name)

    def __setitem__(self, name: str, value: Any) -> None:
        check_name(name)
        if name.endswith(self.COMMENTSUFFIX):
            self.setComment(name[: -len(self.COMMENTSUFFIX)], value)
        else:
            super().__setitem__(name, value)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self._map == other._map and self._comments == other._comments

    __hash__ = None

    def _get_state(self) -> list[tuple]:
        return [(*item, self._comments[item[0]]) for item in super()._get_state()]

    def _set_state(self, state: Iterable[Sequence[Any]]) -> None:
        for name, type_name, value, comment in state:
            self._set_state_item(type_name, name, value)
            self._comments[name] = comment
