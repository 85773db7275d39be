# SPDX-License-Identifier: GPL-3.0-or-later
"""Compact storage of flags of all pixels of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ("PackedFlags",)


class PackedFlags:
    """An array of flags stored as one bit per pixel, read and written by rows.

    Packing costs less than moving whole bytes to and from memory. Different threads may write different rows.

    Parameters
    ----------
    shape : `tuple` [`int`, `int`]
        Rows and columns; all flags start as False.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self._bytes = np.zeros((shape[0], -(-shape[1] // 8)), dtype=np.uint8)

    def rows(self, start: int, stop: int) -> NDArray[np.bool_]:
        """Return a copy of the rows from ``start`` to ``stop``, excluded, as a boolean array."""
        flags = np.unpackbits(self._bytes[start:stop], axis=1, count=self.shape[1])
        return flags.view(np.bool_)

    def set_rows(self, start: int, flags: NDArray[np.bool_]) -> None:
        """Replace rows, beginning at ``start``, with those of a boolean array."""
        self._bytes[start : start + len(flags)] = np.packbits(flags, axis=1)
