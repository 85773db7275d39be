# SPDX-License-Identifier: GPL-3.0-or-later
"""Restoring an exposure that was modified in place."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF

__all__ = ("undoneOnError",)

#: Largest copy to keep in memory (bytes). A larger one (128 MB for a detector of 4096 x 4096 pixels) goes to
#: a temporary file, because it is hardly ever needed and workers are short of memory.
_IN_MEMORY = 32 << 20
_ROWS = 256


@contextlib.contextmanager
def undoneOnError(exposure: ExposureF) -> Iterator[None]:
    """Restore image, mask and metadata of an exposure if the body raises.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        Exposure that the body modifies in place.

    Raises
    ------
    OSError
        Raised, before the body begins, if there is no room for the copy.
    """
    metadata = exposure.getMetadata().deepCopy()
    planes = [exposure.getImage().array, exposure.getMask().array]
    kinds = [planes[0].dtype, _smallest(planes[1])]
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        for plane, kind in zip(planes, kinds, strict=True):
            _save(plane, kind, file)
        try:
            yield
        except BaseException:
            file.seek(0)
            for plane, kind in zip(planes, kinds, strict=True):
                _restore(plane, kind, file)
            exposure.setMetadata(metadata)
            raise


def _smallest(mask: np.ndarray) -> np.dtype:
    """Return the smallest type that holds all values of a mask; most have few planes in use."""
    lowest, highest = int(mask.min(initial=0)), int(mask.max(initial=0))
    return mask.dtype if lowest < 0 else np.min_scalar_type(highest)


def _save(array: np.ndarray, kind: np.dtype, file: IO[bytes]) -> None:
    for top in range(0, len(array), _ROWS):
        file.write(np.ascontiguousarray(array[top : top + _ROWS], kind).data)


def _restore(array: np.ndarray, kind: np.dtype, file: IO[bytes]) -> None:
    for top in range(0, len(array), _ROWS):
        part = array[top : top + _ROWS]
        part[:] = np.frombuffer(file.read(part.size * kind.itemsize), kind).reshape(part.shape)
