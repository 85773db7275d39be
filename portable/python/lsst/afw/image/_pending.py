# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels that are read on first use."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

__all__ = ("PendingPixels",)


class PendingPixels:
    """Pixels of a known shape that may be needed later.

    Images that share pixels share this object, so that the first use reads them for all.

    Parameters
    ----------
    shape : `tuple` [`int`, `int`]
        Shape of the pixels ``(ny, nx)``.
    load : `collections.abc.Callable`
        Makes the array; called once, or again after an exception.
    """

    def __init__(self, shape: tuple[int, int], load: Callable[[], np.ndarray]) -> None:
        self.shape = shape
        self._load: Callable[[], np.ndarray] | None = load
        self._array: np.ndarray | None = None
        self._changes: list[Callable[[np.ndarray], object]] = []
        self._lock = threading.Lock()

    def get(self) -> np.ndarray:
        """Return the pixels, always the same array, and release their source.

        Raises
        ------
        lsst.afw.fits.FitsError
            Raised if they cannot be read; the message names the file.
        """
        with self._lock:
            if self._array is None and self._load is not None:
                array = self._load()
                for change in self._changes:
                    change(array)
                self._array, self._load = array, None
                self._changes.clear()
            assert self._array is not None
            return self._array

    def change(self, change: Callable[[np.ndarray], object]) -> None:
        """Change the pixels in place, as soon as they are read.

        Parameters
        ----------
        change : `collections.abc.Callable`
            Changes the array in place. Anything else it uses must not change in the meantime.
        """
        with self._lock:
            if self._array is None:
                self._changes.append(change)
                return
        change(self._array)

    def part(self, rows: slice, columns: slice) -> PendingPixels:
        """Return a part, which becomes a view of these pixels.

        Parameters
        ----------
        rows, columns : `slice`
            Rows and columns, with start and stop inside.
        """
        return _PendingPart(self, rows, columns)


class _PendingPart(PendingPixels):
    """A part of pixels that may be needed later."""

    def __init__(self, whole: PendingPixels, rows: slice, columns: slice) -> None:
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        super().__init__(shape, lambda: whole.get()[rows, columns])
        self._whole, self._rows, self._columns = whole, rows, columns

    def change(self, change: Callable[[np.ndarray], object]) -> None:
        self._whole.change(lambda array: change(array[self._rows, self._columns]))
