# SPDX-License-Identifier: GPL-3.0-or-later
"""Compression of the bytes of one tile; all but gzip through astropy, loaded on first use.

libdeflate reads gzip streams faster than zlib. They are written by zlib, so that files match those of CFITSIO
to the byte.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from deflate import DeflateError, gzip_decompress

from ._limits import LIMIT_VARIABLE, most_bytes

__all__ = (
    "deflate",
    "gunzip",
    "gzip_file",
    "inflate",
    "inflate_all",
    "other_codec",
    "promised_size",
    "unshuffle",
)

_GZIP_LEVEL = 1
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_LEAST = 18  # bytes of header and trailer
_GZIP_WINDOW = 31  # a gzip header and trailer round the stream
_GZIP_START = b"\x1f\x8b"
_GUNZIP_STEP = 1 << 16
_ANY_WINDOW = 47  # the same, or zlib's


def inflate(data: bytes | memoryview, size: int) -> bytes | bytearray:
    """Decompress a gzip stream.

    Parameters
    ----------
    data : bytes-like
        The stream.
    size : `int`
        Expected number of bytes, which is never exceeded.

    Returns
    -------
    raw : `bytes` or `bytearray`
        The decompressed bytes.

    Raises
    ------
    ValueError
        Raised if the stream is damaged or has another length.
    """
    # The last four bytes promise the size: libdeflate, which is faster than zlib, produces no more than that.
    if data[:2] == _GZIP_MAGIC and int.from_bytes(data[-4:], "little") == size:
        with contextlib.suppress(DeflateError):
            raw = gzip_decompress(data)
            if len(raw) == size:
                return raw
    return _inflate_unusual(data, size)


def promised_size(data: bytes | memoryview) -> int | None:
    """Return the length stated in the last bytes of a gzip stream, or `None` if it is not one."""
    if len(data) < _GZIP_LEAST or data[:2] != _GZIP_MAGIC:
        return None
    return int.from_bytes(data[-4:], "little")


def inflate_all(data: memoryview, start: np.ndarray, stop: np.ndarray, out: np.ndarray) -> bool:
    """Decompress gzip streams of equal decompressed length, with as little Python between them as possible.

    Parameters
    ----------
    data : `memoryview`
        Buffer that contains the streams.
    start, stop : `numpy.ndarray`
        Start and end of each stream, shape ``(n,)``.
    out : `numpy.ndarray`
        Output: uint8, C-contiguous, shape ``(n, size)``.

    Returns
    -------
    done : `bool`
        False if any stream is damaged or unusual and should be handled separately with `inflate`.
    """
    if not out.size or (stop - start).min() < _GZIP_LEAST:
        return False
    size = out.shape[1]
    content = np.frombuffer(data, np.uint8)
    promised = content[stop[:, np.newaxis] - np.arange(4, 0, -1)].view("<u4")
    magic = content[start[:, np.newaxis] + np.arange(2)].view(f"S{len(_GZIP_MAGIC)}")
    if (magic != _GZIP_MAGIC).any() or (promised != size).any():
        return False
    target = out.data.cast("B")
    place = 0
    try:
        for first, last in zip(start.tolist(), stop.tolist(), strict=True):
            target[place : place + size] = gzip_decompress(data[first:last])
            place += size
    except (DeflateError, ValueError):  # the latter if the size is different
        return False
    return True


def _inflate_unusual(data: bytes | memoryview, size: int) -> bytes:
    """Decompress with zlib a stream that is damaged, has zlib's header or is followed by something."""
    stream = zlib.decompressobj(_ANY_WINDOW)
    try:
        raw = stream.decompress(data, size)
        extra = stream.decompress(stream.unconsumed_tail, 1) if not stream.eof else b""
    except zlib.error as exc:
        msg = f"damaged gzip data ({exc})"
        raise ValueError(msg) from exc
    if len(raw) != size or extra or not stream.eof:
        msg = f"damaged gzip data ({len(raw)}{'+' if extra else ''} bytes come out; expected {size})"
        raise ValueError(msg)
    return raw


def gunzip(data: bytes | memoryview) -> bytearray:
    """Decompress a FITS file that is compressed as a whole.

    Parameters
    ----------
    data : bytes-like
        The file: one gzip stream, or several, one after the other.

    Returns
    -------
    raw : `bytearray`
        The decompressed file, no larger than `most_bytes` allows.

    Raises
    ------
    ValueError
        Raised if the file is damaged, is larger than that, or its contents do not begin like FITS.
    """
    view = memoryview(data)
    most = most_bytes(len(view))
    raw = bytearray()
    stream = zlib.decompressobj(_GZIP_WINDOW)
    pos = 0
    while not stream.eof or view[pos : pos + 2] == _GZIP_START:
        if stream.eof:
            stream = zlib.decompressobj(_GZIP_WINDOW)
        piece = view[pos : pos + _GUNZIP_STEP]
        pos += len(piece)
        try:
            made = stream.decompress(piece)
        except zlib.error as exc:
            msg = f"damaged gzip file ({exc})"
            raise ValueError(msg) from exc
        pos -= len(stream.unused_data)
        raw += made
        if not raw.startswith(b"SIMPLE"[: len(raw)]):
            msg = f"not a FITS file in a gzip file: it begins with {bytes(raw[:20])!r}"
            raise ValueError(msg)
        if len(raw) > most:
            msg = (
                f"a gzip file of {len(view)} bytes that is more than {most} when decompressed; if it is "
                f"sound, raise the limit by the environment variable {LIMIT_VARIABLE}"
            )
            raise ValueError(msg)
        if not piece and not stream.eof:
            msg = f"damaged gzip file (cut off after {len(raw)} bytes of content)"
            raise ValueError(msg)
    return raw


def gzip_file(parts: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """Compress a file as a whole, piece by piece; the same file gives the same bytes.

    Parameters
    ----------
    parts : iterable of bytes-like
        The file.

    Yields
    ------
    piece : `bytes`
        Pieces of the compressed file.
    """
    stream = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    for part in parts:
        yield stream.compress(part)
    yield stream.flush()


def deflate(raw: bytes | memoryview) -> bytes:
    """Compress to a gzip stream, as CFITSIO does (fastest level)."""
    stream = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    return stream.compress(raw) + stream.flush()


def unshuffle(raw: np.ndarray, out: np.ndarray, scratch: np.ndarray | None = None) -> None:
    """Reassemble numbers whose bytes are sorted by significance.

    Parameters
    ----------
    raw : `numpy.ndarray`
        Bytes, uint8, shape ``(n_tiles, itemsize, n_pixels)``, most significant first.
    out : `numpy.ndarray`
        Receives the numbers: native, C-contiguous, shape ``(n_tiles, n_pixels)``.
    scratch : `numpy.ndarray`, optional
        Working memory: unsigned integers of that size and shape.
    """
    numbers = out.view(f"u{out.dtype.itemsize}")
    first, last = 0, out.dtype.itemsize - 1
    while first < last and not raw[:, first].max(initial=0):  # as in masks, whose high bits are unused
        first += 1
    if first == last:
        numbers[...] = raw[:, last]
        return
    made = np.empty_like(numbers) if scratch is None else scratch
    made[...] = raw[:, first]
    for i in range(first + 1, last + 1):
        np.left_shift(made, 8, out=made)
        np.bitwise_or(made, raw[:, i], out=made if i < last else numbers)


def other_codec(name: str, parameters: dict[str, Any], shape: tuple[int, int]) -> Any:
    """Return the codec for an algorithm other than gzip.

    Parameters
    ----------
    name : `str`
        Header card ZCMPTYPE.
    parameters : `dict`
        Parameters from the ZNAMEn and ZVALn cards, with BYTEPIX filled in.
    shape : `tuple` [`int`, `int`]
        Shape of the tile ``(ny, nx)``.

    Returns
    -------
    codec : object
        Codec with ``decode(bytes)`` and ``encode(array)``.

    Raises
    ------
    ValueError
        Raised for an unknown algorithm.
    """
    # A third of a second to import, and most images are gzip.
    from astropy.io.fits.hdu.compressed import _codecs

    size = shape[0] * shape[1]
    bytepix = int(parameters.get("BYTEPIX", 4))
    if name in ("RICE_1", "RICE_ONE"):
        return _codecs.Rice1(blocksize=int(parameters.get("BLOCKSIZE", 32)), bytepix=bytepix, tilesize=size)
    if name == "PLIO_1":
        return _codecs.PLIO1(tilesize=size)
    if name == "HCOMPRESS_1":
        smooth = bool(parameters.get("SMOOTH", 0))
        scale = int(parameters.get("SCALE", 0))
        return _codecs.HCompress1(scale=scale, smooth=smooth, bytepix=8, nx=shape[0], ny=shape[1])
    msg = f"unknown compression algorithm {name!r}"
    raise ValueError(msg)
