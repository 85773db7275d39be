# SPDX-License-Identifier: GPL-3.0-or-later
"""Bins of all exposures on disk: a solve asks for them again and again, and holds one detector at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, overload

import numpy as np

from ._bins import Bins

__all__ = ("BinSpool",)

_PLANES = 3
"""Mean, count and variance."""


class BinSpool(Sequence[Bins]):
    """Bins ``(E, ny, nx)`` of each detector, in a temporary file that vanishes with the object.

    Parameters
    ----------
    exposures : `int`
        Number of exposures, E.
    shapes : `~collections.abc.Sequence` [`tuple` [`int`, `int`]]
        Rows and columns of bins of each detector.

    Notes
    -----
    The file has 12 bytes for each bin of each exposure: 64 000 bins, 189 detectors and 100 exposures take
    15 GB, of which 77 MB, those of one detector, are in memory.
    """

    def __init__(self, exposures: int, shapes: Sequence[tuple[int, int]]) -> None:
        self._shapes = list(shapes)
        size = [exposures * _PLANES * rows * columns * 4 for rows, columns in self._shapes]
        self._start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="cpSkyBins-")
        self._filled: set[tuple[int, int]] = set()
        self._rows, self._places = list(range(exposures)), list(range(len(self._shapes)))

    def put(self, exposure: int, detector: int, planes: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
        """Store mean, count and variance of an exposure of a detector, both by position."""
        rows, columns = self._shapes[detector]
        block = np.stack([np.asarray(plane, dtype=np.float32).reshape(rows, columns) for plane in planes])
        self._file.seek(int(self._start[detector]) + exposure * block.nbytes)
        self._file.write(block.tobytes())
        self._filled.add((exposure, detector))

    def drop_empty(self) -> tuple[list[int], list[int]]:
        """Forget exposures and detectors of which nothing was stored; return the positions of the others."""
        self._rows = sorted({exposure for exposure, _ in self._filled})
        self._places = sorted({detector for _, detector in self._filled})
        return self._rows, self._places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, detector: int) -> Bins: ...

    @overload
    def __getitem__(self, detector: slice) -> list[Bins]: ...

    def __getitem__(self, detector: int | slice) -> Bins | list[Bins]:
        if isinstance(detector, slice):
            return [self[d] for d in range(*detector.indices(len(self)))]
        place = self._places[detector]
        rows, columns = self._shapes[place]
        planes = np.empty((_PLANES, len(self._rows), rows, columns), dtype=np.float32)
        for index, exposure in enumerate(self._rows):
            if (exposure, place) not in self._filled:
                planes[:, index] = np.array([np.nan, 0, 1])[:, np.newaxis, np.newaxis]
                continue
            size = _PLANES * rows * columns * 4
            self._file.seek(int(self._start[place]) + exposure * size)
            planes[:, index] = np.frombuffer(self._file.read(size), dtype=np.float32).reshape(
                _PLANES, rows, columns
            )
        return Bins(*planes)

    def __iter__(self) -> Iterator[Bins]:
        return (self[detector] for detector in range(len(self)))

    def close(self) -> None:
        """Give the file up."""
        self._file.close()
