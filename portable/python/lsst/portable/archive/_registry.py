# SPDX-License-Identifier: GPL-3.0-or-later
"""Which functions turn an object into catalogs, and catalogs into an object."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
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
    """An archive as readers see it."""

    @property
    def name(self) -> str:
        """Name of the file, for messages."""

    def get(self, id: int) -> Any:
        """Get another object by its number."""


class ArchiveSink(Protocol):
    """An archive as writers see it."""

    def put(self, obj: Any) -> int:
        """Add another object; return its number."""


Reader = Callable[[Any, list[ArchiveCatalog]], Any]
"""From an `ArchiveSource` and the catalogs of an object to the object."""
Writer = Callable[[Any, Any], list[ArchiveCatalog]]
"""From an object and an `ArchiveSink` to the catalogs of the object."""


@dataclasses.dataclass(frozen=True)
class UnknownClasses:
    """What becomes of objects of classes that nobody registered.

    Attributes
    ----------
    cls : `type`
        The class they get, whose attributes ``name`` and ``module`` say what an archive calls them.
    read : callable
        From an `ArchiveSource`, the number, name and module of an object, and its catalogs, to the object.
    write : callable
        From the object and an `ArchiveSink` to its catalogs.
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
    """Say how the objects of a class are read from archives and written to them.

    Parameters
    ----------
    cls : `type`
        The class; the writer serves its subclasses, too.
    name : `str`
        What archives call the class.
    module : `str`
        Python module that registers the class when imported, as archives name it; empty where they name none.
    read : callable, optional
        Called with the archive (for the objects that this one refers to) and the catalogs of the object. A
        class that is stored under several names has a reader for each.
    write : callable, optional
        Called with the object and the archive (to put in the objects that this one refers to); returns the
        catalogs.

    Raises
    ------
    ValueError
        Raised if the module is not one of ``lsst``: archives are not to make other modules be imported.
    """
    if module and not module.startswith("lsst."):
        msg = f"Archive class {name!r} is registered for module {module!r}; expected a module of lsst."
        raise ValueError(msg)
    if read is not None:
        _readers[name] = read
    if write is not None:
        _writers[cls] = (name, module, write)


def register_unknown(classes: UnknownClasses) -> None:
    """Say what becomes of objects of classes that nobody registered."""
    _unknown[:] = [classes]


def unknown_classes() -> UnknownClasses:
    """Return what becomes of objects of classes that nobody registered."""
    return _unknown[0]


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


def find_writer(obj: object) -> tuple[str, str, Writer] | None:
    """Find how an object is written.

    Returns
    -------
    name, module : `str`
        What archives call its class, and the module with it.
    write : callable
        See `register`. `None` in place of the three for an object that does not go into archives.
    """
    unknown = unknown_classes()
    if isinstance(obj, unknown.cls):
        return obj.name, obj.module, unknown.write  # type: ignore[attr-defined]
    return next((_writers[cls] for cls in type(obj).__mro__ if cls in _writers), None)


def is_persistable(obj: object) -> bool:
    """Return whether an object can be written to an archive."""
    return find_writer(obj) is not None
