# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking back what was done to an exposure in place."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF

__all__ = ("undoneOnError",)

#: Bytes of a copy that is kept in memory. A larger one (128 MB for a detector of 4096 x 4096 pixels) is kept
#: in a temporary file, because it is hardly ever needed and the memory of workers is short.
_IN_MEMORY = 32 << 20
_ROWS = 256


@contextlib.contextmanager
def undoneOnError(exposure: ExposureF) -> Iterator[None]:
    """Give an exposure its image, mask and metadata back where the body raises.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The exposure, which the body changes in place.

    Raises
    ------
    OSError
        Raised if there is no room for the copy, before the body begins.
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
