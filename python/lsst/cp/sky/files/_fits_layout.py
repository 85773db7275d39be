# SPDX-License-Identifier: GPL-3.0-or-later
"""The structure of a FITS file, looked at before its bytes are handed to a library that believes them.

Only the cards that say how long something is are understood here, in the plain form of all writers; what
stays within these bounds can be read in time and memory in proportion to the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lsst.afw.fits import FitsError

__all__ = ("check_layout",)

_BLOCK, _CARD = 2880, 80
_LARGEST_HEADER = 1 << 22
"""Bytes; the inputs of a dataset that are listed in its header take up to a quarter of that."""
_LENGTHS = re.compile(r"BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|TFORM\d*|ZIMAGE|GROUPS|THEAP|TDIM\d*")
_INTEGER = re.compile(r"= *([+-]?\d{1,12}) *(/.*)?")
_TEXT_COLUMN = re.compile(r"= '(\d{1,9})A *' *(/.*)?")
_SIZES = {8: 1, 16: 2, 32: 4, 64: 8, -32: 4, -64: 8}


def check_layout(content: bytes, names: Sequence[str], name: str) -> int:
    """Look at the first HDUs of a file: an empty one, images of two axes, and a table of one column of text.

    Parameters
    ----------
    content : `bytes`
        The file.
    names : `~collections.abc.Sequence` [`str`]
        What the HDUs are called in messages.
    name : `str`
        What the file is called.

    Returns
    -------
    length : `int`
        Bytes that the HDUs take.

    Raises
    ------
    lsst.afw.fits.FitsError
        Raised if one of the HDUs is not there as a whole, or is of another kind; the message names it.
    """
    position = 0
    for number, label in enumerate(names):
        try:
            if position >= len(content):
                raise ValueError(f"the file has {number} HDUs")
            start, cards = _read_header(content, position)
            kind = "'BINTABLE'" if number == len(names) - 1 else "'IMAGE   '"
            first = "SIMPLE  =                    T" if number == 0 else f"XTENSION= {kind}"
            if not content.startswith(first.encode(), position):
                raise ValueError(f"it begins with {content[position : position + 30]!r}; expected {first!r}")
            need = _table_bytes(cards) if "TABLE" in kind else _image_bytes(cards, 0 if number == 0 else 2)
            if start + need > len(content):
                raise ValueError(
                    f"truncated: {need} bytes of data from byte {start} on, the file has {len(content)}"
                )
        except ValueError as exc:
            where = f"{name}[{number}] ({label})" if label else f"{name}[{number}]"
            raise FitsError(f"{where}: no focal-plane model can be read from it: {exc}.") from exc
        position = start + -(-need // _BLOCK) * _BLOCK
    return min(position, len(content))


def _read_header(content: bytes, position: int) -> tuple[int, dict[str, str]]:
    """Give where a header ends, and those of its cards that say how long something is."""
    cards: dict[str, str] = {}
    for start in range(position, min(len(content), position + _LARGEST_HEADER), _CARD):
        card = content[start : start + _CARD].decode("latin-1")
        if re.match("END(?![A-Z0-9_-])", card):
            if card.rstrip(" ") != "END" or len(card) < _CARD:
                raise ValueError(f"its header ends in {card[:20]!r}")
            return position + -(-(start + _CARD - position) // _BLOCK) * _BLOCK, cards
        hierarch = card[:9].upper() == "HIERARCH "
        key = (card[9:].partition("=")[0] if hierarch else card[:8]).strip().upper()
        if _LENGTHS.fullmatch(key):
            if hierarch or key in cards:
                raise ValueError(f"{key} is there twice, or as a HIERARCH card")
            cards[key] = card[8:]
    raise ValueError(f"truncated: its header has no end within {_LARGEST_HEADER} bytes of the file")


def _image_bytes(cards: Mapping[str, str], axes: int) -> int:
    """Size of the pixels of an image that has to have so many axes."""
    bits = _integer(cards, "BITPIX")
    if bits not in _SIZES:
        raise ValueError(f"BITPIX is {bits}")
    _expect(cards, "NAXIS", axes)
    _expect(cards, "PCOUNT", 0, missing=0)
    _expect(cards, "GCOUNT", 1, missing=1)
    axis_keys = [f"NAXIS{axis}" for axis in range(1, axes + 1)]
    _only(cards, "BITPIX", "NAXIS", "PCOUNT", "GCOUNT", *axis_keys)
    need = _SIZES[bits] if axes else 0
    for key in axis_keys:
        need *= _count(cards, key)
    return need


def _table_bytes(cards: Mapping[str, str]) -> int:
    """Size of a table that has to be a column of text and nothing else."""
    expected = {"BITPIX": 8, "NAXIS": 2, "PCOUNT": 0, "GCOUNT": 1, "TFIELDS": 1}
    for key, value in expected.items():
        _expect(cards, key, value)
    _only(cards, *expected, "NAXIS1", "NAXIS2", "TFORM1")
    width, rows = _count(cards, "NAXIS1"), _count(cards, "NAXIS2")
    column = _TEXT_COLUMN.fullmatch(cards.get("TFORM1", "").rstrip())
    if column is None or int(column[1]) != width:
        raise ValueError(f"TFORM1 is {cards.get('TFORM1', '')[:30]!r}; expected {width} characters (A)")
    return width * rows


def _integer(cards: Mapping[str, str], key: str) -> int:
    """Value of a card that has to be there and hold a whole number."""
    found = _INTEGER.fullmatch(cards.get(key, "").rstrip())
    if found is None:
        raise ValueError(f"{key} is {cards[key][:30]!r}" if key in cards else f"there is no {key}")
    return int(found[1])


def _count(cards: Mapping[str, str], key: str) -> int:
    value = _integer(cards, key)
    if value < 0:
        raise ValueError(f"{key} is {value}")
    return value


def _expect(cards: Mapping[str, str], key: str, expected: int, missing: int | None = None) -> None:
    value = missing if missing is not None and key not in cards else _integer(cards, key)
    if value != expected:
        raise ValueError(f"{key} is {value}; expected {expected}")


def _only(cards: Mapping[str, str], *keys: str) -> None:
    for key in cards.keys() - set(keys):
        raise ValueError(f"{key} has no place in it")
