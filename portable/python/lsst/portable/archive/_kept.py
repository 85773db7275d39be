# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that are only passed through files, because their class is unknown or not implemented."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Self, cast

import numpy as np

from lsst.portable.fits import FitsTypeError, MemFileManager

from ._catalog import ArchiveCatalog, reference_columns
from ._input import read_persistable
from ._persistable import Persistable
from ._registry import ArchiveSink, ArchiveSource, UnknownClasses, register, register_unknown

__all__ = ("KeptPersistable", "OpaquePersistable", "register_kept")


class OpaquePersistable(Persistable):
    """An object of an unknown class, kept as it was stored.

    It can be copied, pickled and written to another archive, together with everything it refers to; nothing
    else can be done with it.

    Parameters
    ----------
    archive : `ArchiveSource`
        Archive from which it was read.
    id : `int`
        Its archive ID there.
    name, module : `str`
        Its class, as named in the archive.
    catalogs : `list` [`ArchiveCatalog`]
        Its stored data.
    """

    def __init__(
        self, archive: ArchiveSource, id: int, name: str, module: str, catalogs: list[ArchiveCatalog]
    ) -> None:
        self.archive = archive
        self.id = id
        self.name = name
        self.module = module
        self.catalogs = catalogs

    def __repr__(self) -> str:
        return f"OpaquePersistable({self.name!r} of {self.module!r}, archive ID {self.id})"

    def __copy__(self) -> OpaquePersistable:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> OpaquePersistable:
        return self

    def clone(self) -> OpaquePersistable:
        """Return the object itself, which is immutable."""
        return self

    @classmethod
    def readFits(cls, fileName: str | os.PathLike[str] | bytes | MemFileManager) -> Any:
        """Read an object from its own file; not as an opaque one if its class is known by now.

        Parameters
        ----------
        fileName : `str`, `os.PathLike`, `bytes` or `lsst.afw.fits.MemFileManager`
            Name of the file, or a file in memory.

        Raises
        ------
        lsst.afw.fits.FitsError
            Raised if the file cannot be read.
        """
        return read_persistable(fileName)

    def _content(self) -> bytes:
        """Return the object as a file."""
        manager = MemFileManager()
        self.writeFits(manager)
        return bytes(manager.getData())

    def __reduce__(self) -> tuple[Callable[..., object], tuple[bytes]]:
        return type(self).readFits, (self._content(),)

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        msg = (
            f"{self.__dict__.get('name', 'object')!r} has no {attribute!r} here: objects of this class are "
            "kept as they were stored, and written back unchanged, but not interpreted."
        )
        raise AttributeError(msg)


class KeptPersistable(OpaquePersistable):
    """An object of a class of the stack that is not implemented here, but kept as it was read.

    It can be held, compared, copied, pickled and written to a file; it cannot be created or evaluated.

    Raises
    ------
    NotImplementedError
        Raised when called.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        raise NotImplementedError(
            f"{cls.__module__}.{cls.__name__} is not part of the portable stack: one that was read from a "
            "file is kept and written back as it is, but cannot be made or evaluated."
        )

    @classmethod
    def adopt(cls, obj: object) -> Self | None:
        """Convert an object to this class because of where it was found.

        Archives name the exact class of an object. There are many kinds of PSF, for example, and whatever an
        exposure stores as its PSF is one.

        Parameters
        ----------
        obj : object
            An object of this class or of an unknown class, or `None`.

        Raises
        ------
        FitsTypeError
            Raised if the object is known to be something else.
        """
        if obj is None or isinstance(obj, cls):
            return obj
        if type(obj) is not OpaquePersistable:
            raise FitsTypeError(f"Expected a {cls.__name__}; the file holds a {type(obj).__name__}.")
        self = cls.__new__(cls)
        OpaquePersistable.__init__(self, obj.archive, obj.id, obj.name, obj.module, obj.catalogs)
        return self

    @classmethod
    def readFits(cls, fileName: str | os.PathLike[str] | bytes | MemFileManager) -> Self:
        """Read an object from its own file.

        Parameters
        ----------
        fileName : `str`, `os.PathLike`, `bytes` or `MemFileManager`
            The file.

        Raises
        ------
        FitsError
            Raised if the file cannot be read or holds something else.
        """
        return cast(Self, cls.adopt(read_persistable(fileName)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeptPersistable):
            return NotImplemented
        return self is other or (type(self) is type(other) and self._content() == other._content())

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.name))

    def __repr__(self) -> str:
        kind = type(self).__name__
        return f"{kind}(kept as read)" if self.name == kind else f"{kind}({self.name} kept as read)"


def register_kept(cls: type[KeptPersistable], name: str, module: str) -> None:
    """Register a class whose objects are kept as read.

    Parameters
    ----------
    cls : `type`
        The class; it may be registered under several names.
    name, module : `str`
        Name and module of the class in archives; see `register`.
    """

    def read(archive: ArchiveSource, catalogs: list[ArchiveCatalog]) -> KeptPersistable:
        obj = cls.__new__(cls)
        OpaquePersistable.__init__(obj, archive, 0, name, module, catalogs)
        return obj

    register(cls, name, module, read=read)


def _write(obj: OpaquePersistable, archive: ArchiveSink) -> list[ArchiveCatalog]:
    """Return the stored data of an object, with new archive IDs for the objects it refers to."""
    result = []
    for catalog in obj.catalogs:
        rows = [dict(row) for row in catalog.rows]
        for column in reference_columns(catalog.columns):
            for row in rows:
                row[column.name] = _renumber(obj, archive, row[column.name])
        result.append(ArchiveCatalog(catalog.name, catalog.columns, rows, catalog.version))
    return result


def _renumber(obj: OpaquePersistable, archive: ArchiveSink, old: Any) -> Any:
    """Add the objects that a field refers to, and return their IDs in the new archive."""
    if isinstance(old, np.ndarray):
        return np.array([_renumber(obj, archive, int(each)) for each in old.ravel()], dtype=old.dtype)
    return archive.put(obj.archive.get(int(old)))


register_unknown(UnknownClasses(OpaquePersistable, OpaquePersistable, _write))
