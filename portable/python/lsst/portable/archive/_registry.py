# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of functions that convert objects to catalogs and back."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ._catalog import ArchiveCatalog

__all__ = (
    "ArchiveSink",
    "ArchiveSource",
    "UnknownClasses",
    "find_reader",
    "find_writer",
    "is_persistable",
    "register",
    "register_unknown",
    "unknown_classes",
)


class ArchiveSource(Protocol):
    """An archive as seen by readers."""

    @property
    def name(self) -> str:
        """Name of the file, for messages."""

    def get(self, id: int) -> Any:
        """Get another object by its archive ID."""


class ArchiveSink(Protocol):
    """An archive as seen by writers."""

    def put(self, obj: object) -> int:
        """Add another object and return its archive ID."""


Reader = Callable[[Any, list[ArchiveCatalog]], Any]
"""Converts an `ArchiveSource` and the catalogs of an object to the object."""
Writer = Callable[[Any, Any], Iterable[ArchiveCatalog]]
"""Converts an object and an `ArchiveSink` to the catalogs of the object.

A generator may add objects, to fill in their IDs, after it has yielded a catalog; their rows then follow its
own.
"""


@dataclasses.dataclass(frozen=True)
class UnknownClasses:
    """How to treat objects of unregistered classes.

    Attributes
    ----------
    cls : `type`
        Class of these objects, whose attributes ``name`` and ``module`` are those in the archive.
    read : callable
        Converts an `ArchiveSource`, the ID, name and module of an object, and its catalogs to the object.
    write : callable
        Converts the object and an `ArchiveSink` to its catalogs.
    """

    cls: type
    read: Callable[[Any, int, str, str, list[ArchiveCatalog]], Any]
    write: Writer


_readers: dict[str, Reader] = {}
_writers: dict[type, tuple[str, str, Writer]] = {}
_unknown: list[UnknownClasses] = []


def register(
    cls: type, name: str, module: str, *, read: Reader | None = None, write: Writer | None = None
) -> None:
    """Register how objects of a class are read from and written to archives.

    Parameters
    ----------
    cls : `type`
        The class; the writer serves its subclasses, too.
    name : `str`
        Name of the class in archives.
    module : `str`
        Python module, as named in archives, that registers the class on import; empty if they name none.
    read : callable, optional
        Called with the archive (to get the objects it refers to) and the catalogs of the object. A class
        stored under several names has a reader for each.
    write : callable, optional
        Called with the object and the archive (to add the objects it refers to); returns the catalogs.

    Raises
    ------
    ValueError
        Raised if the module is not part of ``lsst``: archives must not cause other modules to be imported.
    """
    if module and not module.startswith("lsst."):
        msg = f"Archive class {name!r} is registered for module {module!r}; expected a module of lsst."
        raise ValueError(msg)
    if read is not None:
        _readers[name] = read
    if write is not None:
        _writers[cls] = (name, module, write)


def register_unknown(classes: UnknownClasses) -> None:
    """Register how to treat objects of unregistered classes."""
    _unknown[:] = [classes]


def unknown_classes() -> UnknownClasses:
    """Return how objects of unregistered classes are treated."""
    return _unknown[0]


def find_reader(name: str, module: str) -> Reader | None:
    """Find the reader of a class, importing its module (only if part of ``lsst``) if necessary.

    Returns
    -------
    reader : callable or `None`
        The reader, or `None` for an unknown class.
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


def find_writer(obj: object) -> tuple[str, str, Writer] | None:
    """Find the writer of an object.

    Returns
    -------
    name, module : `str`
        Name and module of its class in archives.
    write : callable
        The writer, see `register`. `None` instead of all three if the object cannot be stored.
    """
    unknown = unknown_classes()
    if isinstance(obj, unknown.cls):
        return obj.name, obj.module, unknown.write  # type: ignore[attr-defined]
    return next((_writers[cls] for cls in type(obj).__mro__ if cls in _writers), None)


def is_persistable(obj: object) -> bool:
    """Return whether an object can be written to an archive."""
    return find_writer(obj) is not None
