# SPDX-License-Identifier: GPL-3.0-or-later
"""Decompression by astropy's codecs of what may be damaged.

They are CFITSIO's routines, which trust what they read: sizes that a stream states about itself lead them
beyond the memory of the tile, and the end of a stream beyond that of the buffer. So what a stream states is
checked first, and it is followed by as many bytes as a routine can read before it notices the end.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ("decode_other",)

_LARGEST = 1 << 28
"""Pixels of a tile; the routines count in 32 bits."""
_MOST_PLANES = 64
_HCOMPRESS_HEAD = 25
"""Bytes: magic (2), rows, columns, scale (4 each), sum (8), numbers of bit planes (3)."""
_HCOMPRESS_MAGIC = b"\xdd\x99"
_NO_FORMAT = 0x11
"""Where a bit plane of HCOMPRESS_1 should begin, no four bits of this, however shifted, are valid."""
_PLIO_HEAD = 7
"""Words of the longer form of a header."""
_ONE_AT_A_TIME = threading.Lock()
"""HCOMPRESS_1 keeps its place in the stream in variables of the process."""


def decode_other(name: str, parameters: Mapping[str, Any], shape: tuple[int, int], raw: np.ndarray) -> Any:
    """Decompress a tile of an algorithm other than gzip.

    Parameters
    ----------
    name : `str`
        Header card ZCMPTYPE.
    parameters : `~collections.abc.Mapping`
        Parameters from the ZNAMEn and ZVALn cards, with BYTEPIX filled in.
    shape : `tuple` [`int`, `int`]
        Shape of the tile ``(ny, nx)``.
    raw : `numpy.ndarray`
        The stream: bytes, or numbers as in the file.

    Returns
    -------
    numbers : `numpy.ndarray`
        Pixels in the order of the tile, flat.

    Raises
    ------
    Exception
        Raised if the algorithm is unknown, a parameter is not valid, or the stream is damaged; the codecs
        have no class of their own.
    """
    if shape[0] * shape[1] > _LARGEST:
        msg = f"{shape[0] * shape[1]} pixels, more than the {_LARGEST} that can be decompressed at once"
        raise ValueError(msg)
    # A third of a second to import, and most images are gzip.
    from astropy.io.fits.hdu.compressed import _compression

    stream = raw.astype(raw.dtype.newbyteorder("="), copy=False).view(np.uint8)
    if name in ("RICE_1", "RICE_ONE"):
        block, width = int(parameters.get("BLOCKSIZE", 32)), int(parameters["BYTEPIX"])
        return _rice(_compression.decompress_rice_1_c, stream, shape[0] * shape[1], block, width)
    if name == "PLIO_1":
        return _plio(_compression.decompress_plio_1_c, stream, shape[0] * shape[1])
    if name == "HCOMPRESS_1":
        smooth = bool(parameters.get("SMOOTH", 0))
        return _hcompress(_compression.decompress_hcompress_1_c, stream, shape, smooth)
    msg = f"unknown compression algorithm {name!r}"
    raise ValueError(msg)


def _followed(stream: np.ndarray, count: int, value: int) -> np.ndarray:
    """Return a stream with bytes after its end."""
    out = np.empty(len(stream) + count, np.uint8)
    out[: len(stream)] = stream
    out[len(stream) :] = value
    out.flags.writeable = False  # what is writeable is not handed on
    return out


def _rice(decode: Any, stream: np.ndarray, size: int, block: int, width: int) -> np.ndarray:
    """Decompress RICE_1: the end is looked for after each block, whose pixels take at most 4 bytes each."""
    if width not in (1, 2, 4) or not 1 <= block <= _LARGEST:
        msg = f"pixels of {width} bytes in blocks of {block}"
        raise ValueError(msg)
    # All bits set, so that a run of zeros ends.
    padded = _followed(stream, 4 * min(block, size) + 16, 0xFF)
    return np.frombuffer(decode(padded[: len(stream)], block, width, size), f"i{width}")


def _plio(decode: Any, stream: np.ndarray, size: int) -> np.ndarray:
    """Decompress PLIO_1, whose header states which words, counted from 1, are instructions."""
    words = stream[: len(stream) // 2 * 2].view(np.int16)
    if len(words) < 3 or (words[2] <= 0 and len(words) < _PLIO_HEAD):
        msg = f"{len(words)} words"
        raise ValueError(msg)
    first = 4 if words[2] > 0 else int(words[1]) + 1
    last = int(words[2]) if words[2] > 0 else (int(words[4]) << 15) + int(words[3])
    if first < 1 or last > len(words):
        msg = f"{len(words)} words of which numbers {first} to {last} should be instructions"
        raise ValueError(msg)
    return np.frombuffer(decode(_followed(words.view(np.uint8), 2, 0), size), "i4")


def _hcompress(decode: Any, stream: np.ndarray, shape: tuple[int, int], smooth: bool) -> np.ndarray:
    """Decompress HCOMPRESS_1, whose stream states its shape and the number of bit planes."""
    head = stream[:_HCOMPRESS_HEAD].tobytes()
    if len(head) < _HCOMPRESS_HEAD or head[:2] != _HCOMPRESS_MAGIC:
        msg = f"a stream that begins with {head[:2].hex()}"
        raise ValueError(msg)
    stated = (int.from_bytes(head[2:6], "big"), int.from_bytes(head[6:10], "big"))
    if stated != shape:
        msg = f"a stream of {stated[0]} x {stated[1]} pixels (rows, columns)"
        raise ValueError(msg)
    if max(head[22:]) > _MOST_PLANES:
        msg = f"{max(head[22:])} bit planes"
        raise ValueError(msg)
    quarter = (shape[0] // 2 + 1) * (shape[1] // 2 + 1)
    # Six bits for each four of the pixels of a plane, and for each four of these; and a sign for each pixel.
    most = (head[22] + 2 * head[23] + head[24]) * (quarter // 4 + 64) + quarter
    with _ONE_AT_A_TIME:
        return np.frombuffer(
            decode(_followed(stream, most, _NO_FORMAT), shape[1], shape[0], 0, int(smooth), 8), "i4"
        )
