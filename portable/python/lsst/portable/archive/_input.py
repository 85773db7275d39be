# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading of archives: the objects in a file by archive ID, each made on first use."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, TypeVar

from lsst.portable.fits import FitsError, FitsReader, FitsTable, FitsTypeError, MemFileManager

from ._catalog import ArchiveCatalog
from ._registry import find_reader, unknown_classes

__all__ = ("InputArchive", "read_persistable")


_T = TypeVar("_T")


@dataclasses.dataclass(frozen=True)
class _Entry:
    """One row of the index: some rows of a catalog that belong to an object."""

    catalog: int
    order: int
    row0: int
    nrows: int
    name: str
    module: str


class InputArchive:
    """The objects of an archive.

    Parameters
    ----------
    name : `str`
        File name for messages.
    index : `FitsTable`
        The index.
    tables : `list` [`FitsTable`]
        The catalogs, in order.
    """

    def __init__(self, name: str, index: FitsTable, tables: list[FitsTable]) -> None:
        self._name = name
        self._tables = tables
        self._entries: dict[int, list[_Entry]] = {}
        self._objects: dict[int, Any] = {}
        self._busy: set[int] = set()
        try:
            for row in index.rows:
                # Tables without a version have underscores for all dots.
                entry = _Entry(
                    row["cat.archive"] if "cat.archive" in row else row["cat_archive"],
                    row["cat.persistable"] if "cat.persistable" in row else row["cat_persistable"],
                    row["row0"],
                    row["nrows"],
                    row["name"],
                    row["module"],
                )
                self._check(entry, row["id"])
                self._entries.setdefault(row["id"], []).append(entry)
        except KeyError as exc:
            msg = f"{name}: the archive index has no column {exc}."
            raise FitsError(msg) from exc
        for entries in self._entries.values():
            entries.sort(key=lambda entry: entry.order)

    def _check(self, entry: _Entry, id: int) -> None:
        """Reject an entry that points nowhere."""
        if not 1 <= entry.catalog <= len(self._tables):
            msg = f"{self._name}: object {id} is in catalog {entry.catalog}; there are {len(self._tables)}."
            raise FitsError(msg)
        rows = len(self._tables[entry.catalog - 1].rows)
        if entry.row0 < 0 or entry.nrows < 0 or entry.row0 + entry.nrows > rows:
            msg = (
                f"{self._name}: object {id} has rows {entry.row0} to {entry.row0 + entry.nrows} of catalog "
                f"{entry.catalog}, which has {rows}."
            )
            raise FitsError(msg)

    @classmethod
    def read(cls, reader: FitsReader, index_hdu: int) -> InputArchive:
        """Read the tables of an archive.

        Parameters
        ----------
        reader : `FitsReader`
            The file, which is not needed afterwards.
        index_hdu : `int`
            0-based number of the HDU with the index; the catalogs follow it.

        Raises
        ------
        FitsError
            Raised if this is not an archive, or is damaged.
        """
        hdu = reader.hdu(index_hdu)
        if hdu.get("EXTTYPE") != "ARCHIVE_INDEX":
            msg = f"{hdu.name}: EXTTYPE is {hdu.get('EXTTYPE')!r}; expected 'ARCHIVE_INDEX'."
            raise FitsError(msg)
        index = reader.read_table(index_hdu)
        count = hdu.get_int("AR_NCAT", 0)
        if not 1 <= count <= len(reader) - index_hdu:
            msg = f"{hdu.name}: AR_NCAT is {count}; the file has {len(reader) - index_hdu} HDUs from here on."
            raise FitsError(msg)
        return cls(reader.name, index, [reader.read_table(index_hdu + i) for i in range(1, count)])

    @property
    def name(self) -> str:
        """Name of the file, for messages."""
        return self._name

    def __contains__(self, id: int) -> bool:
        return id in self._entries

    def ids(self) -> list[int]:
        """Return the archive IDs of all objects, in the order of the index."""
        return list(self._entries)

    def get(self, id: int) -> Any:
        """Get an object.

        Parameters
        ----------
        id : `int`
            Its archive ID; 0 stands for `None`.

        Returns
        -------
        obj : object
            The object, the same one on every call; kept as stored if its class is not known here.

        Raises
        ------
        FitsError
            Raised if there is no such object, or it cannot be made from the stored data.
        """
        if id == 0:
            return None
        if id in self._objects:
            return self._objects[id]
        catalogs = self.catalogs(id)
        first = self._entries[id][0]
        if id in self._busy:
            msg = f"{self._name}: archive object {id} ({first.name}) refers to itself."
            raise FitsError(msg)
        reader = find_reader(first.name, first.module)
        if reader is None:
            obj = unknown_classes().read(self, id, first.name, first.module, catalogs)
        else:
            self._busy.add(id)
            try:
                obj = reader(self, catalogs)
            except FitsError:
                raise
            except Exception as exc:
                msg = f"{self._name}: archive object {id} ({first.name}) cannot be read: {exc!r}."
                raise FitsError(msg) from exc
            finally:
                self._busy.discard(id)
        self._objects[id] = obj
        return obj

    def get_as(self, id: int, cls: type[_T]) -> _T:
        """Get an object that must have a given class.

        Parameters
        ----------
        id : `int`
            Its archive ID.
        cls : `type`
            The class.

        Raises
        ------
        FitsError
            Raised if there is no such object, it cannot be made from the stored data, or it has another
            class.
        """
        obj = self.get(id)
        if isinstance(obj, cls):
            return obj
        found = "nothing" if obj is None else f"{self._entries[id][0].name!r} (archive object {id})"
        msg = f"{self._name}: has {found} where a {cls.__name__} should be."
        raise FitsTypeError(msg)

    def catalogs(self, id: int) -> list[ArchiveCatalog]:
        """Get the stored data of an object.

        Raises
        ------
        FitsError
            Raised if there is no such object.
        """
        if id not in self._entries:
            msg = f"{self._name}: the archive has no object {id}; it has {len(self._entries)} others."
            raise FitsError(msg)
        result = []
        for entry in self._entries[id]:
            table = self._tables[entry.catalog - 1]
            version = (
                table.header.getScalar("AFW_TABLE_VERSION") if "AFW_TABLE_VERSION" in table.header else 0
            )
            rows = table.rows[entry.row0 : entry.row0 + entry.nrows]
            result.append(ArchiveCatalog(entry.name, table.columns, rows, version))
        return result


def read_persistable(source: str | os.PathLike[str] | bytes | MemFileManager) -> Any:
    """Read an object from its own file.

    Parameters
    ----------
    source : `str`, `os.PathLike`, `bytes` or `MemFileManager`
        The file.

    Returns
    -------
    obj : object
        Object 1 of the archive in the file.

    Raises
    ------
    FitsError
        Raised if the file cannot be read or has no archive.
    """
    with FitsReader(source) as reader:
        index = next((i for i in range(len(reader)) if reader.hdu(i).get("EXTTYPE") == "ARCHIVE_INDEX"), None)
        if index is None:
            msg = f"{reader.name}: has no archive (no HDU with EXTTYPE = 'ARCHIVE_INDEX')."
            raise FitsError(msg)
        return InputArchive.read(reader, index).get(1)
