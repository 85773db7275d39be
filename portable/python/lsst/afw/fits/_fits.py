# SPDX-License-Identifier: GPL-3.0-or-later
"""FITS files that are read or written HDU by HDU."""

from __future__ import annotations

import os
import weakref
from types import TracebackType
from typing import Self

import numpy as np

from lsst.daf.base import PropertyList, PropertySet
from lsst.portable.fits import (
    DEFAULT_HDU,
    FitsError,
    FitsReader,
    FitsTypeError,
    FitsWriter,
    MemFileManager,
)

__all__ = ("Fits",)


class _Output:
    """A file being written, and the cards of an HDU without data at its end, which may still grow."""

    def __init__(self, writer: FitsWriter) -> None:
        self.writer = writer
        self.cards: PropertyList | None = None
        self._before = len(writer)

    def __len__(self) -> int:
        return len(self.writer) + (self.cards is not None)

    def flush(self) -> FitsWriter:
        """Return the writer, after the last HDU has been added to it."""
        if self.cards is not None:
            cards, self.cards = self.cards, None
            self.writer.write_image(None, cards)
        return self.writer

    def finish(self) -> None:
        """Write the file if it has changed."""
        if len(self.flush()) > self._before:
            self.writer.commit()


class Fits:
    """A FITS file that is read or written HDU by HDU; works as a context manager.

    Images, masks, masked images and exposures take one in place of a file name: they read from its current
    HDU, and append to it. A file is written when it is closed, completely or not at all.

    Parameters
    ----------
    filename : `str`, `os.PathLike` or `MemFileManager`
        The file.
    mode : `str`
        ``r`` to read, ``w`` for a new file, ``a`` to append HDUs to an existing one; ``rb``, ``wb`` and
        ``ab`` mean the same.
    behavior : `int`, optional
        Kept for callers of the compiled stack; errors are always raised, and files always closed.

    Raises
    ------
    FitsError
        Raised if the mode is unknown, or the file cannot be read.
    """

    status = 0
    """Always zero: errors are raised."""

    def __init__(
        self, filename: str | os.PathLike[str] | MemFileManager, mode: str, behavior: int = 3
    ) -> None:
        kind = mode.removesuffix("b")
        if kind not in ("r", "w", "a"):
            raise FitsError(f"Unknown mode {mode!r} for the file {filename}; expected 'r', 'w' or 'a'.")
        self._reader = FitsReader(filename) if kind == "r" else None
        self._output = None if kind == "r" else _Output(FitsWriter(filename, kind))
        if kind == "a" and not self._output:
            raise FitsError(f"{self.getFileName()}: there is no file to append to.")
        #: Number of the current HDU; `None` for the last one, whichever it is.
        self._current: int | None = None if self._reader is None else self._reader.selected or 0
        self._closed = False
        if self._output is not None:
            # Writes a file that nobody closes, at the latest when the process ends.
            self._at_end = weakref.finalize(self, self._output.finish)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.closeFile()
        else:
            self._let_go()

    def closeFile(self) -> None:
        """Close the file, and write it if it is open for writing.

        Raises
        ------
        FitsError
            Raised if it cannot be written; then nothing is left of it, and an older file stays unchanged.
        """
        if not self._closed:
            self._let_go()
            if self._output is not None:
                self._output.finish()

    def _let_go(self) -> None:
        """Close the file without writing it."""
        self._closed = True
        if self._reader is not None:
            self._reader.close()
        else:
            self._at_end.detach()

    def _growing(self) -> _Output:
        """Return the open file to write."""
        if self._output is None or self._closed:
            raise FitsError(f"{self.getFileName()}: the file is not open for writing.")
        return self._output

    def writer(self) -> FitsWriter:
        """Return the writer to which further HDUs are added.

        Raises
        ------
        FitsError
            Raised if the file is open for reading, or closed.
        """
        self._current = None
        return self._growing().flush()

    def reader(self) -> FitsReader:
        """Return a reader of the HDUs so far.

        Raises
        ------
        FitsError
            Raised if the file is closed, or has no HDU yet.
        """
        if self._closed:
            raise FitsError(f"{self.getFileName()}: the file is closed.")
        if self._reader is not None:
            return self._reader
        return FitsReader(self._growing().flush().contents())

    def getFileName(self) -> str:
        """Return the name of the file."""
        if self._reader is not None:
            return self._reader.name
        return "" if self._output is None else self._output.writer.name

    def getHdu(self) -> int:
        """Return the number of the current HDU, from 0."""
        if self._current is not None:
            return self._current
        return max(len(self._output or ()) - 1, 0)  # the last one

    def setHdu(self, hdu: int | str, relative: bool = False) -> None:
        """Go to an HDU.

        Parameters
        ----------
        hdu : `int` or `str`
            Its number, or its name. `DEFAULT_HDU` goes from an empty primary HDU to the next one, and stays
            anywhere else.
        relative : `bool`, optional
            Whether the number counts from the current HDU.

        Raises
        ------
        FitsError
            Raised if there is no such HDU.
        """
        reader = self.reader()
        if isinstance(hdu, str):
            self._current = reader.named(hdu)
        elif hdu != DEFAULT_HDU:
            number = self.getHdu() + hdu if relative else hdu
            reader.hdu(number)
            self._current = number
        elif self.getHdu() == 0 and len(reader) > 1 and not reader.hdu(0).get("NAXIS"):
            self._current = 1

    def gotoFirstHdu(self) -> None:
        """Go from an empty primary HDU to the next one."""
        self.setHdu(DEFAULT_HDU)

    def countHdus(self) -> int:
        """Return the number of HDUs."""
        return len(self._growing() if self._reader is None else self.reader())

    def createEmpty(self) -> None:
        """Add an HDU without data, and go to it."""
        output = self._growing()
        output.flush()
        output.cards = PropertyList()
        self._current = None

    def writeMetadata(self, metadata: PropertySet) -> None:
        """Add cards to the header of the HDU that `createEmpty` has added.

        Parameters
        ----------
        metadata : `lsst.daf.base.PropertySet`
            The cards.

        Raises
        ------
        FitsError
            Raised if the last HDU has been added in another way.
        """
        cards = self._growing().cards
        if cards is None:
            raise FitsError(f"{self.getFileName()}: cards are added to an HDU made by createEmpty only.")
        cards.combine(metadata)

    def readMetadata(self, strip: bool = False) -> PropertyList:
        """Return the header of the current HDU, with the cards that it inherits from the primary HDU.

        Parameters
        ----------
        strip : `bool`, optional
            Whether to drop the cards that describe the layout of the HDU.
        """
        return self.reader().metadata(self.getHdu(), strip)

    def readImageI(self) -> np.ndarray:
        """Return the pixels of the current HDU as int32, shape ``(ny, nx)``; fractions are cut off.

        Raises
        ------
        FitsTypeError
            Raised if a pixel has no such value.
        """
        pixels = self.reader().read_image(self.getHdu())
        limits = np.iinfo(np.int32)
        whole = np.trunc(pixels)
        if not np.all((whole >= limits.min) & (whole <= limits.max)):
            raise FitsTypeError(f"{self.getFileName()}[{self.getHdu()}]: there are pixels that are no int32.")
        return whole.astype(np.int32)

    def checkCompressedImagePhu(self) -> bool:
        """Return whether the current HDU is the empty one before a compressed image; if so, go to that."""
        reader = self.reader()
        found = self.getHdu() == 0 and len(reader) > 1 and not reader.hdu(0).get("NAXIS")
        if found and reader.hdu(1).is_compressed:
            self._current = 1
            return True
        return False


Fits.__module__ = "lsst.afw.fits"
