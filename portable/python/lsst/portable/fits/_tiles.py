# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading of tile-compressed images, or of boxes without touching other tiles."""

from __future__ import annotations

import dataclasses
import math
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import numpy as np

from lsst.portable import thread_count

from ._codecs import inflate, inflate_all, promised_size, unshuffle
from ._errors import FitsError
from ._guarded import decode_other
from ._hdu import Hdu
from ._limits import LIMIT_VARIABLE, most_bytes
from ._quantize import dequantize, dither_sequence

__all__ = ("TiledImage",)

_MAX_RATIO = {"PLIO_1": 20_000, "HCOMPRESS_1": math.inf}
"""No algorithm compresses by more than this factor; a header that claims so is damaged."""
_MAX_OTHER_RATIO = 1100

_TASKS = 4
"""Parts per thread, so that none waits long for another."""

_SCRATCH_BYTES = 1 << 19
"""Decompressed bytes to hold before reassembling them: few enough for the cache of a core."""

_LEAST_BYTES = 1 << 22
"""Size of pixels (bytes) from which threads pay.

Each tile hands over the lock of Python, which takes as long as decompressing a row of a mask; but allocating
memory for the pixels takes longest, and two threads need half the time for that.
"""

_ELEMENT = {"L": 1, "A": 1, "B": 1, "I": 2, "J": 4, "K": 8, "E": 4, "D": 8, "C": 8, "M": 16}
_CHUNKS = ("COMPRESSED_DATA", "GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA")
_NUMBERS = ("ZSCALE", "ZZERO", "ZBLANK")


def _field_bytes(code: str, count: int) -> int:
    """Return the number of bytes of a field within the table itself."""
    return -(-count // 8) if code == "X" else _ELEMENT[code] * count


@dataclasses.dataclass(frozen=True)
class _Chunks:
    """Positions of the compressed tiles: offset into the file and length, shape ``(n_tiles,)``."""

    offset: np.ndarray
    length: np.ndarray


class TiledImage:
    """A compressed image in a file.

    Parameters
    ----------
    hdu : `Hdu`
        Its header.
    data : `memoryview`
        The whole file.

    Raises
    ------
    FitsError
        Raised if the header is not that of a compressed two-dimensional image, or promises more than the file
        can hold.
    """

    def __init__(self, hdu: Hdu, data: memoryview) -> None:
        self._hdu = hdu
        self._data = data
        shape = hdu.image_shape()
        if len(shape) != 2:
            self._fail(f"a compressed image of {len(shape)} axes; only two can be read")
        self.shape: tuple[int, int] = (shape[0], shape[1])
        self.stored = hdu.stored_dtype()
        self.tile = (
            max(1, min(hdu.get_int("ZTILE2", 1), max(1, shape[0]))),
            max(1, min(hdu.get_int("ZTILE1", shape[1]), max(1, shape[1]))),
        )
        self.grid = (-(-shape[0] // self.tile[0]), -(-shape[1] // self.tile[1]))
        self.algorithm = str(hdu.get("ZCMPTYPE", ""))
        self._check_sizes()
        self._read_columns()
        self._quantized = "ZSCALE" in self._numbers or hdu.get("ZSCALE") is not None
        dither = str(hdu.get("ZQUANTIZ", "NO_DITHER"))
        self._dithered = self._quantized and dither.startswith("SUBTRACTIVE_DITHER")
        self._keep_zero = dither == "SUBTRACTIVE_DITHER_2"
        self._seed = hdu.get_int("ZDITHER0", 1)
        self.parameters = self._codec_parameters()

    def _fail(self, what: str) -> NoReturn:
        msg = f"{self._hdu.name}: {what}."
        raise FitsError(msg)

    def _check_sizes(self) -> None:
        """Reject impossible sizes before any memory is allocated."""
        hdu = self._hdu
        if hdu.available < hdu.data_size:
            self._fail(f"truncated: {hdu.available} bytes of data are there, {hdu.data_size} should be")
        tiles = math.prod(self.grid)
        if hdu.get_int("NAXIS2") != tiles:
            self._fail(
                f"{hdu.get_int('NAXIS2')} tiles in the table; the image {self.shape} should have {tiles}"
            )
        ratio = _MAX_RATIO.get(self.algorithm, _MAX_OTHER_RATIO)
        if math.prod(self.shape) * self.stored.itemsize > ratio * max(hdu.data_size, 1):
            self._fail(f"an image of shape {self.shape} cannot come out of {hdu.data_size} bytes")

    def _read_columns(self) -> None:
        """Read the table itself: positions of the tiles, and parameters given per tile."""
        hdu = self._hdu
        width, rows = hdu.get_int("NAXIS1"), hdu.get_int("NAXIS2")
        table = np.frombuffer(self._data, np.uint8, width * rows, hdu.data_start).reshape(rows, width)
        heap = hdu.data_start + hdu.get_int("THEAP", width * rows)
        if heap < hdu.data_start + width * rows:
            self._fail(f"THEAP is {heap - hdu.data_start}, within the table")
        heap_end = hdu.data_start + hdu.data_size
        self._chunks: dict[str, tuple[_Chunks, int]] = {}
        self._numbers: dict[str, np.ndarray] = {}
        pos = 0
        for i in range(1, hdu.get_int("TFIELDS") + 1):
            name, form = str(hdu.get(f"TTYPE{i}", "")).upper(), str(hdu.get(f"TFORM{i}", "")).strip()
            match = re.fullmatch(r"(\d{0,9})([PQ]?)([LXABIJKEDCM])(?:\(\d*\))?.*", form)
            if match is None:
                self._fail(f"column {name} of a compressed image has the format {form!r}")
            count, descriptor, code = int(match[1] or 1), match[2], match[3]
            size = {"P": 8, "Q": 16}[descriptor] * count if descriptor else _field_bytes(code, count)
            cell = np.ascontiguousarray(table[:, pos : pos + size])
            pos += size
            if name not in _CHUNKS + _NUMBERS:
                continue
            if cell.shape[1] != size or count > 1 or code in "LXACM" or bool(descriptor) != (name in _CHUNKS):
                self._fail(f"column {name} with format {form!r} does not fit rows of {width} bytes")
            if descriptor and size:
                # Descriptors of 32 bits reach beyond 2 GiB: they have no sign.
                pair = cell.view(">u4" if descriptor == "P" else ">i8").astype(np.int64).reshape(-1, 2)
                # Beyond the file already before they are multiplied or added up.
                if rows and (pair.min() < 0 or pair.max() > hdu.data_size):
                    self._fail(f"column {name} points outside the data of the HDU")
                length = pair[:, 0] * _ELEMENT[code]
                offset = pair[:, 1] + heap
                if rows and (offset + length).max() > heap_end:
                    self._fail(f"column {name} points outside the data of the HDU")
                self._chunks[name] = (_Chunks(offset, length), _ELEMENT[code])
            elif size:
                kind = {"E": ">f4", "D": ">f8", "J": ">i4", "I": ">i2", "K": ">i8", "B": "u1"}[code]
                self._numbers[name] = cell.view(kind).ravel()
        if "COMPRESSED_DATA" not in self._chunks:
            self._fail("a compressed image without a column COMPRESSED_DATA")

    def _codec_parameters(self) -> dict[str, Any]:
        """Return the parameters in the ZNAMEn and ZVALn cards; BYTEPIX defaults to 4, whatever ZBITPIX."""
        parameters: dict[str, Any] = {}
        for i in range(1, 1000):
            name = self._hdu.get(f"ZNAME{i}")
            if name is None:
                break
            parameters[str(name)] = self._hdu.get(f"ZVAL{i}")
        parameters.setdefault("BYTEPIX", 4)
        return parameters

    def read(self, y: slice, x: slice) -> np.ndarray:
        """Decompress a box.

        Parameters
        ----------
        y, x : `slice`
            Rows and columns, with start and stop inside the image and no step.

        Returns
        -------
        pixels : `numpy.ndarray`
            Pixels, shape ``(ny, nx)``, native byte order, as stored (BZERO and BSCALE not applied).

        Raises
        ------
        FitsError
            Raised if a tile is damaged.
        """
        self._check_limit(y, x)
        out = np.empty((y.stop - y.start, x.stop - x.start), self.stored.newbyteorder("="))
        if out.size == 0:
            return out
        rows = range(y.start // self.tile[0], -(-y.stop // self.tile[0]))
        threads = thread_count()
        if threads == 1 or len(rows) == 1 or out.nbytes < _LEAST_BYTES:
            self._read_rows(rows, y, x, out)
        else:
            step = -(-len(rows) // (_TASKS * threads))
            tasks = [rows[i : i + step] for i in range(0, len(rows), step)]
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lambda task: self._read_rows(task, y, x, out), tasks))
        return out

    def _check_limit(self, y: slice, x: slice) -> None:
        """Refuse to decompress far more than usual for an image, unless the user allows it."""
        pixels = max((y.stop - y.start) * (x.stop - x.start), math.prod(self.tile))
        most = most_bytes(self._hdu.data_size)
        if pixels * self.stored.itemsize > most:
            self._fail(
                f"{self._hdu.data_size} bytes that become {pixels * self.stored.itemsize} when decompressed, "
                f"more than {most}; if the file is sound, raise the limit by the environment variable "
                f"{LIMIT_VARIABLE}"
            )

    def _read_rows(self, rows: range, y: slice, x: slice, out: np.ndarray) -> None:
        """Decompress the tiles of some rows of tiles into the output."""
        if self._read_whole_rows(rows, y, x, out):
            return
        for row in rows:
            y0 = row * self.tile[0]
            for col in range(x.start // self.tile[1], -(-x.stop // self.tile[1])):
                x0 = col * self.tile[1]
                tile = self._decode(row * self.grid[1] + col, self._tile_shape(row, col))
                top, left = max(y0, y.start), max(x0, x.start)
                bottom, right = min(y0 + tile.shape[0], y.stop), min(x0 + tile.shape[1], x.stop)
                out[top - y.start : bottom - y.start, left - x.start : right - x.start] = tile[
                    top - y0 : bottom - y0, left - x0 : right - x0
                ]

    def _read_whole_rows(self, rows: range, y: slice, x: slice, out: np.ndarray) -> bool:
        """Handle the common case (byte-sorted gzip, a tile per row, whole rows), or return `False`."""
        nx = self.shape[1]
        if (
            self._quantized
            or self.algorithm != "GZIP_2"
            or self.tile != (1, nx)
            or (x.start, x.stop) != (0, nx)
        ):
            return False
        chunks = self._chunks["COMPRESSED_DATA"][0]
        if not chunks.length[rows.start : rows.stop].all():
            return False
        item = self.stored.itemsize
        # Reused memory: getting new pages takes as long as decompressing into them.
        step = min(len(rows), max(1, _SCRATCH_BYTES // (nx * item)))
        raw, scratch = np.empty((step, nx * item), np.uint8), np.empty((step, nx), f"u{item}")
        for first in range(rows.start, rows.stop, step):
            last = min(first + step, rows.stop)
            count, begin = last - first, chunks.offset[first:last]
            if not inflate_all(self._data, begin, begin + chunks.length[first:last], raw[:count]):
                return False
            planes = raw[:count].reshape(count, item, nx)
            unshuffle(planes, out[first - y.start : last - y.start], scratch[:count])
        return True

    def _tile_shape(self, row: int, col: int) -> tuple[int, int]:
        """Return the shape of a tile, which is smaller at the upper and right edges of the image."""
        return (
            min(self.tile[0], self.shape[0] - row * self.tile[0]),
            min(self.tile[1], self.shape[1] - col * self.tile[1]),
        )

    def _inflate(self, chunks: _Chunks, tile: int, size: int) -> bytes | bytearray:
        """Decompress the gzip stream of a tile."""
        start = int(chunks.offset[tile])
        try:
            return inflate(self._data[start : start + int(chunks.length[tile])], size)
        except ValueError as exc:
            msg = f"{self._hdu.name}: tile {tile}: {exc}."
            raise FitsError(msg) from exc

    def _decode(self, tile: int, shape: tuple[int, int]) -> np.ndarray:
        """Decompress one tile."""
        size = shape[0] * shape[1]
        if self._chunks["COMPRESSED_DATA"][0].length[tile] == 0:
            return self._decode_fallback(tile, size).reshape(shape)
        if not self._quantized:
            return self._narrowed(tile, self._decode_numbers(tile, self.stored, shape)).reshape(shape)
        values = self._decode_numbers(tile, np.dtype(">i4"), shape)
        pixels = dequantize(
            values,
            float(self._number("ZSCALE", tile, 1.0)),
            float(self._number("ZZERO", tile, 0.0)),
            dither_sequence(tile, self._seed, size) if self._dithered else None,
            blank=self._number("ZBLANK", tile, None),
            keep_zero=self._keep_zero,
        )
        with np.errstate(over="ignore"):  # a damaged or absurd step gives infinities
            return pixels.astype(self.stored.newbyteorder("=")).reshape(shape)

    def _narrowed(self, tile: int, numbers: np.ndarray) -> np.ndarray:
        """Convert the numbers of a tile, which may have another width, to the type of the image."""
        native = self.stored.newbyteorder("=")
        if self.algorithm == "PLIO_1" and native.kind == "i" and self._hdu.image_dtype().kind == "u":
            # CFITSIO applies no offset within such tiles: subtract it, to be added when all are scaled.
            numbers = numbers.astype(np.int64) - (1 << (8 * native.itemsize - 1))
        pixels = numbers.astype(native, copy=False)
        if numbers.dtype.itemsize > native.itemsize and native.kind in "iu" and (pixels != numbers).any():
            self._fail(f"tile {tile} has numbers that {native.name} cannot hold")
        return pixels

    def _number(self, name: str, tile: int, default: Any) -> Any:
        """Return the number that a column or a header card gives."""
        if name in self._numbers:
            return self._numbers[name][tile]
        value = self._hdu.get(name, default)
        if value is not default and (isinstance(value, bool) or not isinstance(value, (int, float))):
            self._fail(f"{name} is {value!r}, which is no number")
        return value

    def _decode_fallback(self, tile: int, size: int) -> np.ndarray:
        """Return the pixels of a tile that could not be quantized or compressed."""
        for name in ("GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA"):
            if name not in self._chunks or self._chunks[name][0].length[tile] == 0:
                continue
            chunks = self._chunks[name][0]
            if name.startswith("GZIP"):
                raw: bytes | bytearray | memoryview = self._inflate(chunks, tile, size * self.stored.itemsize)
            else:
                raw = self._raw(chunks, tile)
            if len(raw) == size * self.stored.itemsize:
                return np.frombuffer(raw, self.stored).astype(self.stored.newbyteorder("="))
        self._fail(f"tile {tile} has no data, or not {size} pixels of it")

    def _raw(self, chunks: _Chunks, tile: int) -> memoryview:
        """Return the bytes of a tile as they are in the file."""
        start = int(chunks.offset[tile])
        return self._data[start : start + int(chunks.length[tile])]

    def _kind_of_stream(self, chunks: _Chunks, tile: int, size: int, kind: np.dtype) -> np.dtype:
        """Return the type of the numbers in a gzip stream, whose width follows from its decompressed size."""
        promised = promised_size(self._raw(chunks, tile))
        widths = (4, 8) if kind.kind == "f" else (1, 2, 4, 8)
        for width in widths:
            if promised == width * size and width != kind.itemsize:
                return np.dtype("u1" if width == 1 else f">{'f' if kind.kind == 'f' else 'i'}{width}")
        return kind

    def _decode_numbers(self, tile: int, kind: np.dtype, shape: tuple[int, int]) -> np.ndarray:
        """Decompress the numbers of a tile, big endian or native, flat."""
        size = shape[0] * shape[1]
        chunks, element = self._chunks["COMPRESSED_DATA"]
        if self.algorithm.startswith("GZIP"):
            kind = self._kind_of_stream(chunks, tile, size, kind)
        if self.algorithm == "GZIP_1":
            return np.frombuffer(self._inflate(chunks, tile, size * kind.itemsize), kind)
        if self.algorithm == "GZIP_2":
            raw = np.frombuffer(self._inflate(chunks, tile, size * kind.itemsize), np.uint8)
            out = np.empty((1, size), kind.newbyteorder("="))
            unshuffle(raw.reshape(1, kind.itemsize, size), out)
            return out[0]
        if self.algorithm == "NOCOMPRESS":
            raw_bytes = self._raw(chunks, tile)
            if len(raw_bytes) != size * kind.itemsize:
                self._fail(f"tile {tile} has {len(raw_bytes)} bytes; expected {size * kind.itemsize}")
            return np.frombuffer(raw_bytes, kind)
        raw_array = np.frombuffer(self._raw(chunks, tile), f">i{element}" if element > 1 else np.uint8)
        try:
            numbers = decode_other(self.algorithm, self.parameters, shape, raw_array)
        except Exception as exc:
            self._fail(f"tile {tile} cannot be decompressed ({self.algorithm}): {exc}")
        if numbers.size < size:
            self._fail(f"tile {tile} has {numbers.size} pixels; expected {size}")
        numbers = numbers[:size]
        return numbers.view(np.uint8) if numbers.dtype == np.int8 else numbers
