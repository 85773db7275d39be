# SPDX-License-Identifier: GPL-3.0-or-later
"""Compressed images that are read after their file has been closed."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable

import numpy as np

from ._errors import FitsError
from ._hdu import Hdu
from ._tiles import TiledImage

__all__ = ("HeldFile", "LaterImage")


class HeldFile:
    """A file that stays open even if it is deleted or replaced.

    Parameters
    ----------
    descriptor : `int`
        The open file; a duplicate of it is held as long as this object exists.
    name : `str`
        Its name, for messages.

    Raises
    ------
    OSError
        Raised if too many files are open.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor, self._name = os.dup(descriptor), name
        weakref.finalize(self, os.close, self._descriptor)
        self._state = self._current_state()

    def _current_state(self) -> tuple[int, int]:
        found = os.fstat(self._descriptor)
        return found.st_size, found.st_mtime_ns

    def read(self, start: int, size: int) -> memoryview:
        """Read some bytes.

        Raises
        ------
        FitsError
            Raised if the file cannot be read, or was changed since it was opened.
        """
        data = np.empty(size, np.uint8)  # by NumPy, which asks the system for large pages
        done = 0
        try:
            unchanged = self._current_state() == self._state
            while unchanged and done < size:
                count = os.preadv(self._descriptor, [data.data[done:]], start + done)
                unchanged, done = count > 0, done + count
        except OSError as exc:
            msg = f"{self._name}: cannot be read any more: {exc}."
            raise FitsError(msg) from exc
        if unchanged:
            return data.data
        msg = (
            f"{self._name}: the file was changed in place after it was opened and before all of it was read. "
            "Read it again; and replace files (os.replace) instead of writing over them."
        )
        raise FitsError(msg)


class LaterImage:
    """A compressed image whose bytes are loaded when it is read.

    Parameters
    ----------
    hdu : `Hdu`
        Its header, with offsets into the file.
    data : `memoryview`
        The file, which is not needed afterwards.
    load : `collections.abc.Callable`
        Returns the bytes of the HDU.

    Raises
    ------
    FitsError
        Raised if the HDU is not a compressed image, or is truncated.
    """

    def __init__(self, hdu: Hdu, data: memoryview, load: Callable[[], memoryview]) -> None:
        self.shape = TiledImage(hdu, data).shape
        self._hdu, self._load = hdu.moved_to_start(), load

    def read(self, wanted: np.dtype | None = None) -> np.ndarray:
        """Read the image; see `FitsReader.read_image`."""
        rows, columns = (slice(0, length) for length in self.shape)
        return self._hdu.scale(TiledImage(self._hdu, self._load()).read(rows, columns), wanted)
