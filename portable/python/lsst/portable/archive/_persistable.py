# SPDX-License-Identifier: GPL-3.0-or-later
"""Base classes of classes whose objects are stored in FITS files."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Self

from lsst.portable.fits import FitsClassError, MemFileManager

from ._input import read_persistable
from ._output import write_persistable
from ._pickling import reduceToFits

__all__ = ("Persistable", "PickledThroughFits")


class Persistable:
    """Base of classes whose objects can be written to FITS files; see `register`."""

    __slots__ = ()

    def isPersistable(self) -> bool:
        """Return whether this can be written to a file (always)."""
        return True

    def writeFits(self, fileName: str | os.PathLike[str] | MemFileManager) -> None:
        """Write to a FITS file.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Name of the file, or a file in memory.

        Raises
        ------
        lsst.afw.fits.FitsError
            Raised if the file cannot be written.
        """
        write_persistable(self, fileName)

    @classmethod
    def readFits(cls, fileName: str | os.PathLike[str] | bytes | MemFileManager) -> Self:
        """Read a FITS file written by `writeFits`.

        Parameters
        ----------
        fileName : `str`, `os.PathLike`, `bytes` or `lsst.afw.fits.MemFileManager`
            Name of the file, or a file in memory.

        Raises
        ------
        lsst.afw.fits.FitsError
            Raised if the file cannot be read, or holds something else; in this case it is also a
            `lsst.pex.exceptions.TypeError`.
        """
        found = read_persistable(fileName)
        if not isinstance(found, cls):
            where = fileName if isinstance(fileName, str | os.PathLike) else "<memory>"
            raise FitsClassError(f"{where} holds {type(found).__name__}, not a {cls.__name__}")
        return found


class PickledThroughFits(Persistable):
    """Base of classes whose objects are pickled as the bytes of their FITS files."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Callable[..., object], tuple[type, bytes, int]]:
        return reduceToFits(self)
