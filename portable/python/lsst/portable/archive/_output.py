# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing of archives.

IDs, rows and catalogs are in the order used by the compiled stack: an object gets its ID before the objects
it refers to, and its rows after them; its first catalog counts as made before them, the others after.
Catalogs whose fields have the same names and formats share one table, whatever the class.
"""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from lsst.daf.base import PropertyList
from lsst.portable.fits import Column, FitsError, FitsWriter, MemFileManager

from ._catalog import TABLE_VERSION, ArchiveCatalog
from ._registry import find_writer

__all__ = ("OutputArchive", "write_persistable")

_INDEX = (
    Column("id", "1J", "Archive ID of the persistable object that owns the records pointed at by this entry"),
    Column(
        "cat.archive", "1J", "index of the catalog this entry points to, from the perspective of the archive"
    ),
    Column(
        "cat.persistable",
        "1J",
        "index of the catalog this entry points to, from the perspective of the Persistable",
    ),
    Column("row0", "1J", "first row used by the persistable object in this catalog"),
    Column("nrows", "1J", "number of rows used by the persistable object in this catalog"),
    Column("name", "64A", "unique name for the persistable object's class", "", "String"),
    Column(
        "module",
        "64A",
        "Python module that should be imported to register the object's factory",
        "",
        "String",
    ),
)
_NUMBER_COMMENT = "# of this catalog relative to the start of this archive"
_COUNT_COMMENT = "# of catalogs in this archive, including the index"
_NAME_COMMENT = "Class name for objects stored here"


@dataclasses.dataclass
class _Table:
    """One table of the archive, shared by all objects with such rows."""

    columns: tuple[Column, ...]
    version: int
    made: int
    names: list[str] = dataclasses.field(default_factory=list)
    rows: list[dict[str, Any]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class _Entry:
    """One row of the index, before its table has a number."""

    id: int
    table: _Table
    order: int
    row0: int
    nrows: int
    name: str
    module: str


class OutputArchive:
    """A collection of objects to be written to a file."""

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self._kept: list[Any] = []
        self._tables: dict[tuple[Any, ...], _Table] = {}
        self._entries: list[_Entry] = []
        self._clock = 0

    def __len__(self) -> int:
        """Count the objects."""
        return len(self._ids)

    def put(self, obj: object) -> int:
        """Add an object, and everything it refers to.

        Parameters
        ----------
        obj : object or `None`
            Object of a class registered with a writer, or kept as read.

        Returns
        -------
        id : `int`
            Its archive ID, the same if it was added before; 0 for `None`.

        Raises
        ------
        FitsError
            Raised if the object cannot be stored in an archive.
        """
        if obj is None:
            return 0
        if id(obj) in self._ids:
            return self._ids[id(obj)]
        found = find_writer(obj)
        if found is None:
            msg = f"An object of type {type(obj).__name__} cannot be stored in an archive."
            raise FitsError(msg)
        name, module, write = found
        number = len(self._ids) + 1
        self._ids[id(obj)] = number
        self._kept.append(obj)  # keeps it alive while the archive identifies it by its address
        start = self._tick()
        for order, catalog in enumerate(write(obj, self)):
            table = self._table(catalog, start if order == 0 else self._tick())
            entry = _Entry(number, table, order, len(table.rows), len(catalog.rows), name, module)
            self._entries.append(entry)
            table.rows.extend(catalog.rows)
        return number

    def _tick(self) -> int:
        """Count the events that decide the order of the tables."""
        self._clock += 1
        return self._clock

    def _table(self, catalog: ArchiveCatalog, made: int) -> _Table:
        """Find the table for rows of this form, or create it."""
        version = catalog.version or TABLE_VERSION
        form = tuple((column.name, column.format.partition("(")[0]) for column in catalog.columns)
        table = self._tables.setdefault((version, form), _Table(catalog.columns, version, made))
        table.made = min(table.made, made)
        if catalog.name not in table.names:
            table.names.append(catalog.name)
        return table

    def write(self, writer: FitsWriter) -> None:
        """Write the index and the tables as the next HDUs of a file."""
        tables = sorted(self._tables.values(), key=lambda table: table.made)
        numbers = {id(table): number for number, table in enumerate(tables, start=1)}
        index = [
            {
                "id": entry.id,
                "cat.archive": numbers[id(entry.table)],
                "cat.persistable": entry.order,
                "row0": entry.row0,
                "nrows": entry.nrows,
                "name": entry.name,
                "module": entry.module,
            }
            for entry in self._entries
        ]
        writer.write_table(_INDEX, index, _index_header(len(tables) + 1))
        versions: dict[str, int] = {}
        for number, table in enumerate(tables, start=1):
            name = table.names[-1]
            versions[name] = versions.get(name, 0) + 1
            writer.write_table(table.columns, table.rows, _table_header(number, table, versions[name]))


def _index_header(count: int) -> PropertyList:
    """Cards of the index."""
    header = PropertyList()
    header.set("EXTTYPE", "ARCHIVE_INDEX")
    header.set("EXTNAME", "ARCHIVE_INDEX")
    header.set("AR_CATN", 0, _NUMBER_COMMENT)
    header.set("AR_NCAT", count, _COUNT_COMMENT)
    header.set("AFW_TABLE_VERSION", TABLE_VERSION)
    return header


def _table_header(number: int, table: _Table, extver: int) -> PropertyList:
    """Cards of a table."""
    header = PropertyList()
    header.set("EXTTYPE", "ARCHIVE_DATA")
    header.set("AR_CATN", number, _NUMBER_COMMENT)
    if extver > 1:
        header.set("EXTVER", extver)
    header.set("AR_NAME", table.names if len(table.names) > 1 else table.names[0], _NAME_COMMENT)
    header.set("EXTNAME", table.names[-1])
    header.set("AFW_TABLE_VERSION", table.version)
    return header


def write_persistable(obj: object, target: str | os.PathLike[str] | MemFileManager) -> None:
    """Write an object to its own file.

    Parameters
    ----------
    obj : object
        Object, as for `OutputArchive.put`.
    target : `str`, `os.PathLike` or `MemFileManager`
        File to write.

    Raises
    ------
    FitsError
        Raised if the object cannot be stored in an archive, or the file cannot be written.
    """
    archive = OutputArchive()
    archive.put(obj)
    with FitsWriter(target) as writer:
        archive.write(writer)
