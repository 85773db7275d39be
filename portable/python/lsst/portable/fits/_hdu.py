# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout of the HDUs of a FITS file, and what their headers say about the data."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from ._cards import BLOCK, Card, Undefined, end_of_header, parse_cards
from ._errors import FitsError, FitsTypeError

__all__ = ("Hdu", "dtype_of_bitpix", "scan")

_DTYPES = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
_OTHER_COMPRESSIONS = {
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x1f\x9d": "compress",
    b"PK\x03\x04": "zip",
}


@dataclasses.dataclass
class Hdu:
    """One header and data unit of a file.

    Attributes
    ----------
    name : `str`
        File and HDU number, for messages.
    header_start, data_start, data_size : `int`
        Offsets and length (bytes, without filling).
    available : `int`
        How many bytes of data the file has; less than ``data_size`` in a truncated file.
    """

    name: str
    cards: list[Card]
    header_start: int
    data_start: int
    data_size: int
    available: int

    def __post_init__(self) -> None:
        self._index: dict[str, Any] = {}
        for card in self.cards:
            self._index.setdefault(card.key, card.value)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a keyword (of its first card), or ``default`` if it is missing or undefined."""
        value = self._index.get(key, default)
        return default if value is Undefined else value

    def get_int(self, key: str, default: int | None = None) -> int:
        """Return the value of a keyword that must be an integer.

        Raises
        ------
        FitsError
            Raised if it is missing (and there is no default) or something else.
        """
        value = self.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            msg = f"{self.name}: header card {key} is {value!r}; expected an integer."
            raise FitsError(msg)
        return value

    @property
    def is_compressed(self) -> bool:
        """Return whether this is a table that stores a tile-compressed image."""
        return self.get("ZIMAGE") is True

    @property
    def is_table(self) -> bool:
        """Return whether this is a binary table of any kind."""
        return self.get("XTENSION") in ("BINTABLE", "A3DTABLE")

    def image_shape(self) -> tuple[int, ...]:
        """Return the shape of the image, slowest axis first; empty for an HDU without data.

        Axes of length one beyond the second are dropped.

        Raises
        ------
        FitsError
            Raised if this is not an image or its axes make no sense.
        """
        z = "Z" if self.is_compressed else ""
        if self.is_table and not z:
            msg = f"{self.name}: holds a table, not an image."
            raise FitsError(msg)
        shape = tuple(self.get_int(f"{z}NAXIS{i}") for i in range(self.get_int(f"{z}NAXIS"), 0, -1))
        while len(shape) > 2 and shape[0] == 1:  # further axes of length one do not matter
            shape = shape[1:]
        if any(length < 0 for length in shape):
            msg = f"{self.name}: the image has the impossible shape {shape}."
            raise FitsError(msg)
        return shape

    def stored_dtype(self) -> np.dtype:
        """Return the type of the pixels as stored (before BZERO and BSCALE), big endian."""
        return dtype_of_bitpix(self.get_int("ZBITPIX" if self.is_compressed else "BITPIX"), self.name)

    def image_dtype(self) -> np.dtype:
        """Return the type of the pixels as read, in native byte order.

        It is the one that CFITSIO chooses: the smallest for all numbers that BZERO and BSCALE can make.
        """
        stored = self.stored_dtype().newbyteorder("=")
        bzero, bscale = self.scaling()
        if stored.kind == "f" or (bscale == 1 and bzero == 0):
            return stored
        if stored.itemsize == 8:
            return np.dtype(np.uint64) if bscale == 1 and bzero == 1 << 63 else stored
        whole = float(bzero).is_integer() and float(bscale).is_integer() and bzero < 1 << 31
        if not whole and bzero != 1 << 31:
            return np.dtype(np.float32 if stored.itemsize <= 2 else np.float64)
        return _smallest_dtype(stored, bzero, bscale)

    def scaling(self) -> tuple[float, float]:
        """Return BZERO and BSCALE; both must be numbers, the second one nonzero."""
        bzero, bscale = self.get("BZERO", 0), self.get("BSCALE", 1)
        for key, value in (("BZERO", bzero), ("BSCALE", bscale)):
            if isinstance(value, str | bool) or not math.isfinite(value) or (key == "BSCALE" and value == 0):
                msg = f"{self.name}: header card {key} is {value!r}; expected a finite number that can scale."
                raise FitsError(msg)
        return bzero, bscale

    def scale(self, pixels: np.ndarray, wanted: np.dtype | None = None) -> np.ndarray:
        """Apply BZERO and BSCALE to pixels as stored.

        Parameters
        ----------
        pixels : `numpy.ndarray`
            Pixels as stored, in native byte order.
        wanted : `numpy.dtype`, optional
            Type for which they are read. For a floating-point type, integers that mark missing values become
            NaN; in integer images they stay as they are.

        Returns
        -------
        pixels : `numpy.ndarray`
            Pixels of the type of `image_dtype`, or of ``wanted`` if integers became NaN or fractions; the
            same array if there is nothing to do.
        """
        missing = self._missing(pixels, wanted)
        scaled = self._scaled(pixels, wanted)
        if missing is None or not missing.any():
            return scaled
        if scaled.dtype.kind != "f":
            scaled = scaled.astype(wanted)
        scaled[missing] = np.nan
        return scaled

    def _missing(self, pixels: np.ndarray, wanted: np.dtype | None) -> np.ndarray | None:
        """Return which integers mark missing values, if the result can represent those."""
        blank = self.get("ZBLANK", self.get("BLANK")) if self.is_compressed else self.get("BLANK")
        floating = self.image_dtype().kind == "f" or (wanted is not None and np.dtype(wanted).kind == "f")
        if not isinstance(blank, int) or not floating or pixels.dtype.kind not in "iu":
            return None
        return pixels == blank

    def _scaled(self, pixels: np.ndarray, wanted: np.dtype | None) -> np.ndarray:
        """Apply BZERO and BSCALE; if they do nothing, return the same array."""
        bzero, bscale = self.scaling()
        if bscale == 1 and bzero == 0:
            return pixels
        kind = self.image_dtype()
        if kind.kind == "u" and bscale == 1 and bzero == 1 << (8 * pixels.itemsize - 1):
            return pixels.view(kind) ^ kind.type(int(bzero))  # which only flips the most significant bit
        if kind == np.int8:
            return (pixels ^ np.uint8(128)).view(np.int8)
        if kind.kind in "iu" and wanted is not None and np.dtype(wanted).kind == "f":
            kind = np.dtype(wanted)
        scaled = pixels.astype(np.float64) * bscale + bzero
        if kind.kind in "iu" and pixels.size and not abs(scaled).max() < float(1 << 63):
            raise FitsError(
                f"{self.name}: BZERO and BSCALE make numbers of the pixels that {kind} cannot hold."
            )
        with np.errstate(over="ignore"):
            return scaled.astype(kind)

    def moved_to_start(self) -> Hdu:
        """Return the same HDU for a buffer that begins with its data."""
        return dataclasses.replace(self, header_start=0, data_start=0)


def _smallest_dtype(stored: np.dtype, bzero: float, bscale: float) -> np.dtype:
    """Return the smallest type for the range of scaled integers, as CFITSIO finds it."""
    limits = np.iinfo(stored)
    if bscale >= 0:
        least, most = bzero + bscale * float(limits.min), bzero + bscale * float(limits.max)
    else:
        most = bzero + bscale * float(limits.min)
        least = bzero + bscale * most  # not that of the largest number, but CFITSIO has it so
    if (least, most) == (-128, 127):
        return np.dtype(np.int8)
    for kind in (np.int16, np.uint16, np.int32, np.uint32):
        if least >= np.iinfo(kind).min and most <= np.iinfo(kind).max:
            return np.dtype(kind)
    return np.dtype(np.float64)


def dtype_of_bitpix(bitpix: int, name: str) -> np.dtype:
    """Return the big-endian type that BITPIX stands for.

    Raises
    ------
    FitsTypeError
        Raised for a value that the standard does not know.
    """
    try:
        return np.dtype(_DTYPES[bitpix])
    except KeyError:
        msg = f"{name}: BITPIX is {bitpix}; expected one of {sorted(_DTYPES)}."
        raise FitsTypeError(msg) from None


def scan(data: memoryview, name: str) -> list[Hdu]:
    """Find the HDUs of a file.

    Parameters
    ----------
    data : `memoryview`
        The whole file, of which only headers are read.
    name : `str`
        File name for messages.

    Returns
    -------
    hdus : `list` [`Hdu`]
        At least one HDU. Anything after the last HDU that does not look like one is ignored, as allowed.

    Raises
    ------
    FitsError
        Raised if the file does not begin with a FITS header, or a header has no end or is invalid.
    """
    if bytes(data[:6]) != b"SIMPLE":
        start = bytes(data[:20])
        for magic, algorithm in _OTHER_COMPRESSIONS.items():
            if start.startswith(magic):
                msg = f"{name}: is compressed by {algorithm}; only gzip can be read. Decompress it first."
                raise FitsError(msg)
        msg = f"{name}: not a FITS file: it begins with {start!r} ({len(data)} bytes); expected 'SIMPLE  ='."
        raise FitsError(msg)
    hdus: list[Hdu] = []
    pos = 0
    while pos < len(data) and (not hdus or bytes(data[pos : pos + 8]) == b"XTENSION"):
        label = f"{name}[{len(hdus)}]"
        end = end_of_header(data, pos)
        if end < 0:
            msg = f"{label}: the header that begins at byte {pos} has no END card; truncated or damaged."
            raise FitsError(msg)
        hdu = Hdu(label, parse_cards(bytes(data[pos:end])), pos, end, 0, 0)
        hdu.data_size = _data_size(hdu)
        hdu.available = max(0, min(hdu.data_size, len(data) - end))
        hdus.append(hdu)
        pos = end + -(-hdu.data_size // BLOCK) * BLOCK
    return hdus


def _data_size(hdu: Hdu) -> int:
    """Length of the data unit (bytes) after the standard, equation 1 and 2."""
    naxis = hdu.get_int("NAXIS")
    axes = [hdu.get_int(f"NAXIS{i}") for i in range(1, naxis + 1)] if 0 <= naxis <= 999 else [-1]
    if axes and axes[0] == 0 and hdu.get("GROUPS") is True:  # random groups
        axes = axes[1:]
    itemsize = dtype_of_bitpix(hdu.get_int("BITPIX"), hdu.name).itemsize
    pcount, gcount = hdu.get_int("PCOUNT", 0), hdu.get_int("GCOUNT", 1)
    if min([*axes, pcount, gcount], default=0) < 0:
        msg = f"{hdu.name}: NAXISn {axes}, PCOUNT {pcount}, GCOUNT {gcount}: none of these may be negative."
        raise FitsError(msg)
    return itemsize * gcount * (pcount + math.prod(axes)) if axes else 0
