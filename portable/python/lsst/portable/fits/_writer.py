# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing of FITS files: complete under their name, or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.daf.base import PropertyList

from ._cards import BLOCK, Card, pack_header
from ._codecs import gunzip, gzip_file
from ._errors import FitsError, FitsTypeError
from ._hdu import scan
from ._header import STANDARD_COMMENTS, cards_from_properties
from ._memfile import MemFileManager
from ._options import CompressionOptions
from ._place import place_file
from ._table import Column, encode_table
from ._tile_writer import CompressedHdu, compress_image

if TYPE_CHECKING:
    from lsst.afw.image import MaskX

__all__ = ("FitsWriter",)

_OTHER_COMPRESSIONS = (".bz2", ".xz", ".zst", ".Z", ".zip")
_BITPIX = {"u1": 8, "i2": 16, "i4": 32, "i8": 64, "f4": -32, "f8": -64}
_SHIFTED = {"u2": ("i2", 1 << 15), "u4": ("i4", 1 << 31), "u8": ("i8", 1 << 63), "i1": ("u1", -128)}


class FitsWriter:
    """A FITS file being written.

    HDUs are collected in memory; `commit`, or leaving the ``with`` block without an exception, writes the
    whole file under its name in one step.

    Parameters
    ----------
    target : `str`, `os.PathLike` or `MemFileManager`
        File to write; if its name ends in ``.gz``, it is compressed as a whole.
    mode : `str`, optional
        ``w`` for a new file, replacing an older one of that name; ``a`` to append HDUs.

    Raises
    ------
    FitsError
        Raised if the mode is unknown, or the file to append to cannot be read.
    """

    def __init__(self, target: str | os.PathLike[str] | MemFileManager, mode: str = "w") -> None:
        if mode not in ("w", "a"):
            msg = f"Unknown mode {mode!r} for writing {target}; expected 'w' or 'a'."
            raise FitsError(msg)
        self._target = target
        if self.name.endswith(_OTHER_COMPRESSIONS):
            msg = f"{self.name}: files are compressed by gzip (.gz) or not at all; choose another ending."
            raise FitsError(msg)
        self._parts: list[bytes | memoryview] = []
        self._count = 0
        self._done = False
        if mode == "a":
            self._load()

    def _load(self) -> None:
        """Load the existing HDUs."""
        if isinstance(self._target, MemFileManager):
            raw = self._target.getData()
        elif os.path.exists(self._target):
            with open(self._target, "rb") as stream:
                raw = stream.read()
        else:
            return
        if raw[:2] == b"\x1f\x8b":
            try:
                raw = bytes(gunzip(raw))
            except ValueError as exc:
                msg = f"{self.name}: {exc}."
                raise FitsError(msg) from exc
        if raw:
            self._count = len(scan(memoryview(raw), self.name))
            self._parts.append(raw + b"\0" * (-len(raw) % BLOCK))

    @property
    def name(self) -> str:
        """Name of the file, for messages."""
        return "<memory>" if isinstance(self._target, MemFileManager) else os.fspath(self._target)

    def __len__(self) -> int:
        """Count the HDUs so far."""
        return self._count

    def __enter__(self) -> FitsWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and not self._done:
            self.commit()

    def write_image(
        self,
        array: np.ndarray | None,
        header: PropertyList | None = None,
        *,
        extname: str | None = None,
        compression: CompressionOptions | None = None,
        mask: MaskX | np.ndarray | None = None,
    ) -> None:
        """Add an image.

        Parameters
        ----------
        array : `numpy.ndarray` or `None`
            Pixels, shape ``(ny, nx)``; `None` gives an HDU without data.
        header : `lsst.daf.base.PropertyList`, optional
            Further cards.
        extname : `str`, optional
            Name of the HDU; overrides an EXTNAME in the header.
        compression : `CompressionOptions`, optional
            Compression; none by default. A compressed image cannot be the primary HDU, so an empty one is
            added before it if necessary.
        mask : `lsst.afw.image.Mask` or `numpy.ndarray`, optional
            For lossy compression: pixels to ignore when choosing the quantization step. For a mask, those
            with any of the planes named by the options; for an array, those that are not zero.

        Raises
        ------
        FitsError
            Raised if the header cannot be written, or the compression does not suit the pixels.
        FitsTypeError
            Raised if FITS does not have the type of the pixels.
        """
        cards = _named_cards(header, extname)
        if array is None:
            self._add(self._image_cards(8, ()) + cards, b"")
            return
        array = np.asarray(array)
        if array.ndim != 2:
            msg = (
                f"{self.name}: an image of shape {array.shape} cannot be written; expected two axes (ny, nx)."
            )
            raise FitsError(msg)
        stored, bzero = _to_stored(array, self.name)
        scaling = (
            []
            if bzero is None
            else [Card("BZERO", bzero, "offset of the stored integers"), Card("BSCALE", 1)]
        )
        packed = compression and compress_image(
            stored, compression, _ignored(mask, compression, stored.shape)
        )
        if isinstance(packed, CompressedHdu):
            if not self._count:
                self._add(self._image_cards(8, ()), b"")
            self._add(packed.cards + scaling + cards + packed.trailing, packed.data)
            return
        layout = self._image_cards(_BITPIX[stored.dtype.str[1:]], stored.shape)
        big = stored.astype(stored.dtype.newbyteorder(">"), order="C")
        self._add(layout + scaling + cards, big.view(np.uint8).reshape(-1).data)

    def write_table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Mapping[str, Any]],
        header: PropertyList | None = None,
        extname: str | None = None,
    ) -> None:
        """Add a binary table.

        Parameters
        ----------
        columns : sequence of `Column`
            The fields.
        rows : sequence of `~collections.abc.Mapping`
            Values by field name.
        header : `lsst.daf.base.PropertyList`, optional
            Further cards.
        extname : `str`, optional
            Name of the HDU; overrides an EXTNAME in the header.

        Raises
        ------
        FitsError
            Raised if a value is missing or does not match its field.
        """
        layout, data = encode_table(columns, rows)
        cards = _named_cards(header, extname)
        if not self._count:
            self._add(self._image_cards(16, ()), b"")
        self._add(layout + cards, data)

    def _image_cards(self, bitpix: int, shape: tuple[int, ...]) -> list[Card]:
        """Return the cards that describe an uncompressed image, primary or extension."""
        primary = self._count == 0
        if primary:
            cards = [Card("SIMPLE", True, "file does conform to FITS standard")]
        else:
            cards = [Card("XTENSION", "IMAGE", "IMAGE extension")]
        cards.append(Card("BITPIX", bitpix, "number of bits per data pixel"))
        cards.append(Card("NAXIS", len(shape), "number of data axes"))
        for i, length in enumerate(reversed(shape), start=1):
            cards.append(Card(f"NAXIS{i}", length, f"length of data axis {i}"))
        if primary:
            cards.append(Card("EXTEND", True, "FITS dataset may contain extensions"))
            return cards + [Card("COMMENT", None, text) for text in STANDARD_COMMENTS]
        return cards + [
            Card("PCOUNT", 0, "required keyword; must = 0"),
            Card("GCOUNT", 1, "required keyword; must = 1"),
        ]

    def _add(self, cards: list[Card], data: bytes | memoryview) -> None:
        """Add an HDU."""
        try:
            self._parts.append(pack_header(cards))
        except FitsError as exc:
            msg = f"{self.name}[{self._count}]: {exc}"
            raise FitsError(msg) from exc
        if data:
            self._parts.append(data)
            self._parts.append(b"\0" * (-len(data) % BLOCK))
        self._count += 1

    def contents(self) -> bytes:
        """Return the bytes of the file so far."""
        return b"".join(self._parts)

    def commit(self) -> None:
        """Write the file under its name.

        Raises
        ------
        FitsError
            Raised if the file cannot be written; nothing is left of it, and an older file stays unchanged.
        """
        if self._done:
            return
        if isinstance(self._target, MemFileManager):
            self._target.setData(self.contents())
        else:
            path = os.fspath(self._target)
            try:
                place_file(path, gzip_file(self._parts) if path.endswith(".gz") else self._parts)
            except OSError as exc:
                msg = f"{path}: cannot be written: {exc}."
                raise FitsError(msg) from exc
        self._parts.clear()
        self._done = True


def _named_cards(header: PropertyList | None, extname: str | None) -> list[Card]:
    """Return the cards of a header, with the name of the HDU if one is given."""
    cards = cards_from_properties(header)
    if extname is None:
        return cards
    return [card for card in cards if card.key != "EXTNAME"] + [Card("EXTNAME", extname)]


def _to_stored(array: np.ndarray, name: str) -> tuple[np.ndarray, int | None]:
    """Return pixels as stored in FITS (native byte order), and BZERO for types that it does not have."""
    code = array.dtype.str[1:]
    if code == "b1":
        return array.astype(np.uint8), None
    if code in _BITPIX:
        return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("=")), None
    if code not in _SHIFTED:
        msg = f"{name}: pixels of type {array.dtype} cannot be written to FITS."
        raise FitsTypeError(msg)
    stored, bzero = _SHIFTED[code]
    native = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    top = native.dtype.type(abs(bzero)) if native.dtype.kind == "u" else np.int8(-128)
    return (native ^ top).view(stored), bzero


def _ignored(mask: Any, options: CompressionOptions, shape: tuple[int, ...]) -> np.ndarray | None:
    """Return the pixels to ignore when choosing the quantization step."""
    if mask is None or options.quantization is None or not options.quantization.uses_mask:
        return None
    if hasattr(mask, "getPlaneBitMask"):
        planes = mask.getMaskPlaneDict()
        bits = sum(1 << planes[name] for name in set(options.quantization.mask_planes) if name in planes)
        # The highest bit of a mask is the sign of its pixels.
        ignored = (mask.array & np.array(bits, np.int64).astype(mask.array.dtype)) != 0
    else:
        ignored = np.asarray(mask) != 0
    if ignored.shape != shape:
        msg = f"The mask for lossy compression has the shape {ignored.shape}, the image {shape}."
        raise FitsError(msg)
    return ignored
