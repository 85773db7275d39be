# SPDX-License-Identifier: GPL-3.0-or-later
"""A FITS file held in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._reader import DEFAULT_HDU, FitsReader, default_hdu

if TYPE_CHECKING:
    from lsst.daf.base import PropertyList

__all__ = ("MemFileManager",)


class MemFileManager:
    """The bytes of a FITS file that lives in memory.

    Objects with ``writeFits`` and ``readFits`` accept one instead of a file name.

    Parameters
    ----------
    data : `bytes` or `int`, optional
        File to read, or number of bytes to expect, which takes no memory until something is written.
    """

    def __init__(self, data: bytes | bytearray | memoryview | int = b"") -> None:
        self._data = b"" if isinstance(data, int) else bytes(data)

    def getData(self) -> bytes:
        """Return the bytes of the file."""
        return self._data

    def setData(self, data: bytes, size: int | None = None) -> None:
        """Set the contents of the file.

        Parameters
        ----------
        data : `bytes`
            The file.
        size : `int`, optional
            Number of bytes to use; all by default.
        """
        self._data = bytes(data if size is None else data[:size])

    def getLength(self) -> int:
        """Return the number of bytes."""
        return len(self._data)

    def readMetadata(self, hdu: int = DEFAULT_HDU, strip: bool = False) -> PropertyList:
        """Read the header of an HDU.

        Parameters
        ----------
        hdu : `int`, optional
            Number of the HDU, from 0; by default, the first one with data.
        strip : `bool`, optional
            Whether to drop the cards that describe the layout of the HDU.

        Returns
        -------
        metadata : `lsst.daf.base.PropertyList`
            The header, with the cards that it inherits from the primary HDU.

        Raises
        ------
        FitsError
            Raised if there is no file yet, or no such HDU in it.
        """
        with FitsReader(self) as reader:
            return reader.metadata(default_hdu(reader) if hdu == DEFAULT_HDU else hdu, strip)

    def reset(self) -> None:
        """Discard the file."""
        self._data = b""


MemFileManager.__module__ = "lsst.afw.fits"
