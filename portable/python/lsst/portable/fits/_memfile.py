# SPDX-License-Identifier: GPL-3.0-or-later
"""A FITS file held in memory."""

from __future__ import annotations

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

    def reset(self) -> None:
        """Discard the file."""
        self._data = b""


MemFileManager.__module__ = "lsst.afw.fits"
