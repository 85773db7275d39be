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
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        for plane in planes:
            _save(plane, file)
        try:
            yield
        except BaseException:
            file.seek(0)
            for plane in planes:
                _restore(plane, file)
            exposure.setMetadata(metadata)
            raise


def _save(array: np.ndarray, file: IO[bytes]) -> None:
    for top in range(0, len(array), _ROWS):
        file.write(np.ascontiguousarray(array[top : top + _ROWS]).data)


def _restore(array: np.ndarray, file: IO[bytes]) -> None:
    for top in range(0, len(array), _ROWS):
        part = array[top : top + _ROWS]
        part[:] = np.frombuffer(file.read(part.nbytes), array.dtype).reshape(part.shape)
