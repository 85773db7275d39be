# SPDX-License-Identifier: GPL-3.0-or-later
"""Base of the classes whose objects are only carried through files."""

from __future__ import annotations

import os
from typing import Any, Self

from ._archive_in import InputArchive, OpaquePersistable, read_persistable
from ._archive_registry import ArchiveCatalog
from ._errors import FitsTypeError
from ._memfile import MemFileManager

__all__ = ("KeptPersistable",)


class KeptPersistable(OpaquePersistable):
    """An object of a class of the stack that is not interpreted here, but kept as it was read.

    It can be held, compared, copied, pickled and written to a file; it cannot be made or evaluated.

    Raises
    ------
    NotImplementedError
        Always, when called.
    """

    _archive_module = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        raise NotImplementedError(
            f"{cls.__module__}.{cls.__name__} is not part of the portable stack: one that was read from a "
            "file is kept and written back as it is, but cannot be made or evaluated."
        )

    @classmethod
    def _keep(cls, archive: InputArchive, catalogs: list[ArchiveCatalog]) -> Self:
        """Take what an archive holds of an object; a reader as archives want it."""
        self = cls.__new__(cls)
        OpaquePersistable.__init__(self, archive, 0, catalogs[0].name, cls._archive_module, catalogs)
        return self

    @classmethod
    def adopt(cls, obj: Any) -> Self | None:
        """Make an object one of this class because of where it was found.

        Archives name the exact class of an object. There are many kinds of PSF, say, and whatever an exposure
        has in that place is one.

        Parameters
        ----------
        obj : object
            One of this class, one of a class that is not known here, or `None`.

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
    def readFits(cls, source: str | os.PathLike[str] | bytes | MemFileManager) -> Self | None:
        """Read an object that has a file to itself.

        Parameters
        ----------
        source : `str`, `os.PathLike`, `bytes` or `MemFileManager`
            The file.

        Raises
        ------
        FitsError
            Raised if the file cannot be read or holds something else.
        """
        return cls.adopt(read_persistable(source))

    def _content(self) -> bytes:
        """The object as a file."""
        manager = MemFileManager()
        self.writeFits(manager)
        return bytes(manager.getData())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).readFits, (self._content(),)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeptPersistable):
            return NotImplemented
        return self is other or (type(self) is type(other) and self._content() == other._content())

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.name))

    def __repr__(self) -> str:
        kind = type(self).__name__
        return f"{kind}(kept as read)" if self.name == kind else f"{kind}({self.name} kept as read)"
