# SPDX-License-Identifier: GPL-3.0-or-later
"""Tile compression of images: from an array to header cards and the bytes of a table."""

from __future__ import annotations

import dataclasses
import math
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from lsst.portable import thread_count

from ._cards import Card
from ._codecs import deflate, other_codec
from ._errors import FitsError, FitsOptionError
from ._options import (
    CompressionAlgorithm,
    CompressionOptions,
    DitherAlgorithm,
    QuantizationOptions,
    ScalingAlgorithm,
)
from ._quantize import NULL_VALUE, masked_sigma, quantize, tile_noise

__all__ = ("CompressedHdu", "compress_image")

#: Integers of 32 bits for the range of an image: less ten with a meaning of their own, and one at each end.
_RANGE_LEVELS = (1 << 32) - 1 - 10 - 2
_BITPIX = {"u1": 8, "i2": 16, "i4": 32, "i8": 64, "f4": -32, "f8": -64}


@dataclasses.dataclass(frozen=True)
class CompressedHdu:
    """A compressed image, ready to be written.

    Attributes
    ----------
    cards : `list` [`Card`]
        Cards from XTENSION to the last one that describes the compression.
    trailing : `list` [`Card`]
        Cards that belong at the end of the header.
    data : `bytes`
        Data unit, not padded to a block.
    """

    cards: list[Card]
    trailing: list[Card]
    data: bytes


@dataclasses.dataclass(frozen=True)
class _Tile:
    """One compressed tile: its bytes, and its scaling if it was quantized."""

    data: bytes
    scale: float = 0.0
    zero: float = 0.0
    fallback: bool = False


def compress_image(
    stored: np.ndarray, options: CompressionOptions, ignore: np.ndarray | None = None
) -> CompressedHdu | None:
    """Compress an image.

    Parameters
    ----------
    stored : `numpy.ndarray`
        Pixels as they are to be stored, shape ``(ny, nx)``, native byte order; unsigned types already
        shifted.
    options : `CompressionOptions`
        Compression options.
    ignore : `numpy.ndarray`, optional
        Pixels to ignore when choosing the quantization step (bool, same shape).

    Returns
    -------
    hdu : `CompressedHdu` or `None`
        The compressed image, or `None` if it cannot be compressed this way and should be written plainly: it
        is empty, or has 64-bit integers (which the standard does not allow).

    Raises
    ------
    FitsError
        Raised if the options do not suit the image: floating-point pixels with Rice but no quantization, or
        integers with quantization.
    """
    is_float = stored.dtype.kind == "f"
    if is_float and options.quantization is None and options.algorithm is CompressionAlgorithm.RICE_1:
        msg = "RICE_1 cannot compress floating-point pixels without quantisation; set it, or use GZIP_2."
        raise FitsOptionError(msg)
    if not is_float and options.quantization is not None:
        msg = f"Pixels of type {stored.dtype} are integers; take the quantisation out of their options."
        raise FitsOptionError(msg)
    if stored.size == 0 or stored.dtype in (np.dtype(np.int64), np.dtype(np.uint64)):
        return None
    job = _Job(stored, options, ignore)
    tiles = job.run()
    return CompressedHdu(job.cards(tiles), job.trailing(), _table_bytes(tiles, quantized=job.quantized))


class _Job:
    """The compression of one image: common preparation, then tile by tile."""

    def __init__(self, stored: np.ndarray, options: CompressionOptions, ignore: np.ndarray | None) -> None:
        self.stored = stored
        self.options = options
        ny, nx = stored.shape
        self.tile_shape = (options.tile_height or ny, options.tile_width or nx)
        self.tile_shape = (min(self.tile_shape[0], ny), min(self.tile_shape[1], nx))
        self.grid = (-(-ny // self.tile_shape[0]), -(-nx // self.tile_shape[1]))
        self.scale: float | None = None
        self.seed = 1
        self.quantization = options.quantization if stored.dtype.kind == "f" else None
        if self.quantization is not None:
            self.scale = _step(stored, self.quantization, ignore)
            self.seed = _seed(self.quantization, self.tile(0))
        self.quantized = self.quantization is not None and (self.scale is None or self.scale > 0)

    def tile(self, index: int) -> np.ndarray:
        """Return the pixels of a tile."""
        row, col = divmod(index, self.grid[1])
        height, width = self.tile_shape
        return self.stored[row * height : (row + 1) * height, col * width : (col + 1) * width]

    def run(self) -> list[_Tile]:
        """Compress all tiles, in threads; the result does not depend on how many."""
        count = math.prod(self.grid)
        step = max(1, (1 << 20) // (math.prod(self.tile_shape) * self.stored.itemsize))
        chunks = [range(i, min(i + step, count)) for i in range(0, count, step)]
        threads = min(thread_count(), len(chunks))
        if threads == 1:
            return [self.compress(index) for chunk in chunks for index in chunk]
        with ThreadPoolExecutor(threads) as pool:
            done = pool.map(lambda chunk: [self.compress(index) for index in chunk], chunks)
            return [tile for chunk in done for tile in chunk]

    def compress(self, index: int) -> _Tile:
        """Compress one tile."""
        pixels = self.tile(index)
        if not self.quantized or self.quantization is None:
            return _Tile(self.encode(pixels))
        flat = np.ascontiguousarray(pixels).ravel()
        scale = self.scale
        if scale is None:
            scale = tile_noise(flat) / (self.quantization.level or 4.0)
        result = quantize(flat, scale, self.quantization.dither, index, self.seed) if scale > 0 else None
        if result is None:
            return _Tile(deflate(flat.astype(flat.dtype.newbyteorder(">")).tobytes()), fallback=True)
        values, zero = result
        return _Tile(self.encode(values.reshape(pixels.shape)), scale, zero)

    def encode(self, numbers: np.ndarray) -> bytes:
        """Compress numbers with the algorithm of the options."""
        algorithm = self.options.algorithm
        if algorithm is CompressionAlgorithm.RICE_1:
            parameters = {"BLOCKSIZE": 32, "BYTEPIX": numbers.itemsize}
            shape = (numbers.shape[0], numbers.shape[1])
            return bytes(other_codec("RICE_1", parameters, shape).encode(np.ascontiguousarray(numbers)))
        big = numbers.astype(numbers.dtype.newbyteorder(">"), order="C")
        if algorithm is CompressionAlgorithm.GZIP_2:
            big = np.ascontiguousarray(big.view(np.uint8).reshape(-1, numbers.itemsize).T)
        return deflate(big.tobytes())

    def cards(self, tiles: list[_Tile]) -> list[Card]:
        """Return the header cards of the table and of the compression, in CFITSIO's order."""
        columns = [("COMPRESSED_DATA", f"1PB({_longest(tiles, fallback=False)})")]
        if self.quantized:
            if any(tile.fallback for tile in tiles):
                columns.append(("GZIP_COMPRESSED_DATA", f"1PB({_longest(tiles, fallback=True)})"))
            columns += [("ZSCALE", "1D"), ("ZZERO", "1D")]
        kinds = {"1D": "data format of field: 8-byte DOUBLE"}
        width = sum(8 for _ in columns)
        cards = [
            Card("XTENSION", "BINTABLE", "binary table extension"),
            Card("BITPIX", 8, "8-bit bytes"),
            Card("NAXIS", 2, "2-dimensional binary table"),
            Card("NAXIS1", width, "width of table in bytes"),
            Card("NAXIS2", len(tiles), "number of rows in table"),
            Card("PCOUNT", sum(len(tile.data) for tile in tiles), "size of special data area"),
            Card("GCOUNT", 1, "one data group (required keyword)"),
            Card("TFIELDS", len(columns), "number of fields in each row"),
        ]
        for i, (name, form) in enumerate(columns, start=1):
            cards.append(Card(f"TTYPE{i}", name, f"label for field {i:3d}"))
            cards.append(
                Card(f"TFORM{i}", form, kinds.get(form, "data format of field: variable length array"))
            )
        return cards + self._compression_cards()

    def _compression_cards(self) -> list[Card]:
        """Return the header cards needed for decompression."""
        ny, nx = self.stored.shape
        cards = [
            Card("ZIMAGE", True, "extension contains compressed image"),
            Card("ZBITPIX", _BITPIX[self.stored.dtype.str[1:]], "data type of original image"),
            Card("ZNAXIS", 2, "dimension of original image"),
            Card("ZNAXIS1", nx, "length of original image axis"),
            Card("ZNAXIS2", ny, "length of original image axis"),
            Card("ZTILE1", self.tile_shape[1], "size of tiles to be compressed"),
            Card("ZTILE2", self.tile_shape[0], "size of tiles to be compressed"),
        ]
        if self.quantized and self.quantization is not None:
            cards.append(Card("ZQUANTIZ", self.quantization.dither.name, "Pixel Quantization Algorithm"))
            if self.quantization.dither is not DitherAlgorithm.NO_DITHER:
                cards.append(Card("ZDITHER0", self.seed, "dithering offset when quantizing floats"))
        elif self.stored.dtype.kind == "f":
            cards.append(Card("ZQUANTIZ", "NONE", "Lossless compression without quantization"))
        cards.append(Card("ZCMPTYPE", self._algorithm_name(), "compression algorithm"))
        if self.quantized:
            cards.append(Card("ZBLANK", NULL_VALUE, "null value in the compressed integer array"))
        if self.options.algorithm is CompressionAlgorithm.RICE_1:
            bytepix = 4 if self.quantized else self.stored.itemsize
            cards += [
                Card("ZNAME1", "BLOCKSIZE", "compression block size"),
                Card("ZVAL1", 32, "pixels per block"),
                Card("ZNAME2", "BYTEPIX", "bytes per pixel (1, 2, 4, or 8)"),
                Card("ZVAL2", bytepix, "bytes per pixel (1, 2, 4, or 8)"),
            ]
        return cards

    def _algorithm_name(self) -> str:
        """Return CFITSIO's name of the algorithm: Rice has a different one if zeros are kept."""
        name = self.options.algorithm.name
        quantization = self.quantization if self.quantized else None
        if name == "RICE_1" and quantization and quantization.dither is DitherAlgorithm.SUBTRACTIVE_DITHER_2:
            return "RICE_ONE"
        return name

    def trailing(self) -> list[Card]:
        """Return the step of the whole image, which the stack adds at the end of the header."""
        return [Card("UZSCALE", self.scale)] if self.quantized and self.scale else []


def _longest(tiles: list[_Tile], *, fallback: bool) -> int:
    """Return the length of the longest tile, as quoted in the column format."""
    return max((len(tile.data) for tile in tiles if tile.fallback is fallback), default=0)


def _step(pixels: np.ndarray, options: QuantizationOptions, ignore: np.ndarray | None) -> float | None:
    """Return the quantization step of an image; `None` for one per tile, 0 if it cannot be determined."""
    scaling = options.scaling
    if scaling is ScalingAlgorithm.STDEV_CFITSIO:
        return None
    if scaling is ScalingAlgorithm.MANUAL:
        step = options.level
    elif scaling is ScalingAlgorithm.STDEV_MASKED:
        step = masked_sigma(pixels, ignore) / options.level if options.level > 0 else -1.0
    else:
        good = np.isfinite(pixels) if ignore is None else np.isfinite(pixels) & ~ignore
        step = _range_step(pixels[good]) if good.any() else 0.0
    if step < 0 or (step == 0 and scaling is ScalingAlgorithm.MANUAL):
        msg = f"Quantisation level {options.level} is not positive; {scaling.name} needs one that is."
        raise FitsError(msg)
    return float(np.float32(step)) if math.isfinite(step) else 0.0


def _range_step(values: np.ndarray) -> float:
    """Return the range of pixels, divided by the number of integers, as the stack computes it."""
    least, most = values.min(), values.max()
    if least == most:
        return 0.0
    # The stack looks for the largest value from the least positive one upwards.
    most = max(most, np.finfo(values.dtype).tiny)
    return float((most - least) / values.dtype.type(_RANGE_LEVELS))


def _seed(options: QuantizationOptions, first: np.ndarray) -> int:
    """Return the start of the dithering sequence, from 1 to 10000."""
    if options.seed > 0:
        if options.seed > 10000:
            msg = f"Dithering seed {options.seed} is larger than 10000."
            raise FitsError(msg)
        return options.seed
    if options.seed == 0:
        return time.time_ns() // 1000 % 10000 + 1
    return zlib.crc32(np.ascontiguousarray(first).tobytes()) % 10000 + 1


def _table_bytes(tiles: list[_Tile], *, quantized: bool) -> bytes:
    """Return the rows of the table, followed by the compressed tiles."""
    fallback = quantized and any(tile.fallback for tile in tiles)
    fields: list[Any] = [("data", ">i4", 2)]
    if fallback:
        fields.append(("gzip", ">i4", 2))
    if quantized:
        fields += [("scale", ">f8"), ("zero", ">f8")]
    table = np.zeros(len(tiles), np.dtype(fields))
    lengths = np.array([len(tile.data) for tile in tiles], dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    if offsets[-1] >= 1 << 31:
        msg = f"The compressed image takes {offsets[-1]} bytes, more than its table can point into (2 GiB)."
        raise FitsError(msg)
    for name, chosen in (("data", False), ("gzip", True)):
        if name in (table.dtype.names or ()):
            mine = np.array([tile.fallback is chosen for tile in tiles])
            table[name][mine, 0] = lengths[mine]
            table[name][mine, 1] = offsets[:-1][mine]
    if quantized:
        table["scale"] = [tile.scale for tile in tiles]
        table["zero"] = [tile.zero for tile in tiles]
    return table.tobytes() + b"".join(tile.data for tile in tiles)
