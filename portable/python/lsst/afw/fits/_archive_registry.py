# SPDX-License-Identifier: GPL-3.0-or-later
"""Which function makes an object of the catalogs it was stored in."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ._table import Column

if TYPE_CHECKING:
    from ._archive_in import InputArchive

__all__ = ("TABLE_VERSION", "ArchiveCatalog", "find_reader", "register_reader")

TABLE_VERSION = 3
"""Version of the table layout that is written (header card AFW_TABLE_VERSION)."""


@dataclasses.dataclass
class ArchiveCatalog:
    """The part of a catalog that belongs to one object.

    Attributes
    ----------
    name : `str`
        Name of the class of the object (header card AR_NAME).
    columns : `tuple` [`Column`, ...]
        The fields.
    rows : `list` [`dict`]
        Values by field name.
    version : `int`
        Version of the table layout.
    """

    name: str
    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]
    version: int = TABLE_VERSION


Reader = Callable[["InputArchive", list[ArchiveCatalog]], Any]

_readers: dict[str, Reader] = {}


def register_reader(name: str, module: str, reader: Reader) -> None:
    """Say how objects of a class are read.

    Parameters
    ----------
    name : `str`
        Name of the class in archives.
    module : `str`
        Python module that registers it when imported, as archives name it.
    reader : callable
        Called with the archive (for the objects that this one refers to) and the catalogs of the object.

    Raises
    ------
    ValueError
        Raised if the module is not one of ``lsst``: archives are not to make other modules be imported.
    """
    if not module.startswith("lsst."):
        msg = f"Archive class {name!r} is registered for module {module!r}; expected a module of lsst."
        raise ValueError(msg)
    _readers[name] = reader


def find_reader(name: str, module: str) -> Reader | None:
    """Find how objects of a class are read, importing its module (one of ``lsst`` only) if need be.

    Returns
    -------
    reader : callable or `None`
        `None` for a class that is not known here.
    """
    if name not in _readers and module.startswith("lsst."):
        parts = module.split(".")
        for end in range(2, len(parts) + 1):
            path = ".".join(parts[:end])
            try:
                importlib.import_module(path)
            except ModuleNotFoundError as exc:
                if exc.name != path:
                    raise
                break
    return _readers.get(name)
