# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemas of catalogs: names and types of fields, without records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lsst.pex.exceptions import InvalidParameterError, NotFoundError, TypeError

__all__ = ("Field", "Schema", "SourceTable")

_TYPES = (
    "B",
    "U",
    "I",
    "L",
    "F",
    "D",
    "Angle",
    "Flag",
    "String",
    "ArrayB",
    "ArrayU",
    "ArrayI",
    "ArrayF",
    "ArrayD",
)


@dataclass(frozen=True)
class Field:
    """A field of a schema.

    Parameters
    ----------
    name : `str`
        Name of the field.
    type : `str`
        Type of the field, e.g. ``Flag``.
    doc : `str`
        Description of the field.
    units : `str`
        Unit of its values.
    size : `int` or `None`
        Number of elements of strings and arrays.
    """

    name: str
    type: str
    doc: str = ""
    units: str = ""
    size: int | None = None

    def getName(self) -> str:
        """Return the name."""
        return self.name

    def getTypeString(self) -> str:
        """Return the type."""
        return self.type

    def getDoc(self) -> str:
        """Return the description."""
        return self.doc

    def getUnits(self) -> str:
        """Return the unit of the values."""
        return self.units


class Schema:
    """The fields of a catalog. Tasks add fields to it; the portable stack has no records to store them in.

    Parameters
    ----------
    other : `Schema`, optional
        Schema to copy.
    """

    def __init__(self, other: Schema | None = None) -> None:
        self._fields: dict[str, Field] = {} if other is None else dict(other._fields)

    def addField(
        self,
        field: str | Field,
        type: str | None = None,
        doc: str = "",
        units: str = "",
        size: int | None = None,
        doReplace: bool = False,
    ) -> Field:
        """Add a field.

        Parameters
        ----------
        field : `str` or `Field`
            Name of the field, or the field itself.
        type : `str`, optional
            Type of the field, e.g. ``Flag``; required if ``field`` is a name.
        doc : `str`, optional
            Description of the field.
        units : `str`, optional
            Unit of its values.
        size : `int`, optional
            Number of elements of strings and arrays.
        doReplace : `bool`, optional
            Whether to replace a field of the same name.

        Returns
        -------
        field : `Field`
            The field, which is also its key.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if a field of that name already exists.
        lsst.pex.exceptions.TypeError
            Raised if there is no such type.
        """
        if not isinstance(field, Field):
            if type not in _TYPES:
                raise TypeError(
                    f"Field {field!r} cannot be of type {type!r}; the types are {', '.join(_TYPES)}."
                )
            field = Field(field, type, doc, units, size)
        if field.name in self._fields and not doReplace:
            raise InvalidParameterError(f"Field with name '{field.name}' already present in schema.")
        self._fields[field.name] = field
        return field

    def find(self, name: str) -> Field:
        """Return a field by name.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if there is no such field.
        """
        if name not in self._fields:
            raise NotFoundError(f"Field with name '{name}' not found; the schema has {list(self._fields)}.")
        return self._fields[name]

    def getNames(self) -> set[str]:
        """Return the names of all fields."""
        return set(self._fields)

    def getOrderedNames(self) -> list[str]:
        """Return the names of all fields in the order in which they were added."""
        return list(self._fields)

    def getFieldCount(self) -> int:
        """Return the number of fields."""
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())

    def __eq__(self, other: object) -> bool:
        return self._fields == other._fields if isinstance(other, Schema) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


class SourceTable:
    """Source of the minimal schema of a source catalog; tables themselves are not offered."""

    def __init__(self) -> None:
        raise NotImplementedError("The portable stack has schemas but no tables and catalogs.")

    @staticmethod
    def makeMinimalSchema() -> Schema:
        """Return the minimal schema of a source catalog: ID, position and parent."""
        schema = Schema()
        schema.addField("id", "L", doc="unique ID")
        schema.addField("coord_ra", "Angle", doc="position in ra/dec")
        schema.addField("coord_dec", "Angle", doc="position in ra/dec")
        schema.addField("parent", "L", doc="unique ID of parent source")
        return schema
