# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and writing of headers without pixels."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Collection

from lsst.daf.base import PropertyList, PropertySet
from lsst.portable.fits import (
    DEFAULT_HDU,
    FitsError,
    FitsReader,
    FitsWriter,
    MemFileManager,
    default_hdu,
    merge_inherited,
)

__all__ = ("combineMetadata", "makeLimitedFitsHeader", "readMetadata", "writeMetadata")

_LOG = logging.getLogger("lsst.afw.fits")
_CARD_LENGTH = 80
_MOST_KEY = 8


def readMetadata(
    fileName: str | os.PathLike[str] | MemFileManager,
    hdu: int | str = DEFAULT_HDU,
    strip: bool = False,
    *,
    hduName: str | None = None,
    hduVer: int = 0,
) -> PropertyList:
    """Read the header of an HDU.

    Parameters
    ----------
    fileName : `str`, `os.PathLike` or `MemFileManager`
        The file.
    hdu : `int` or `str`, optional
        Number of the HDU, from 0, or its name; `DEFAULT_HDU` is the first one with data.
    strip : `bool`, optional
        Whether to drop the cards that describe the layout of the HDU.
    hduName : `str`, optional
        Name of the HDU (its EXTNAME), instead of its number.
    hduVer : `int`, optional
        EXTVER of the HDU of that name; 0 for the first one.

    Returns
    -------
    metadata : `lsst.daf.base.PropertyList`
        The header; if the HDU has INHERIT, preceded by the cards of the primary HDU, which it overrides.

    Raises
    ------
    FitsError
        Raised if the file cannot be read or has no such HDU.
    """
    with FitsReader(fileName) as reader:
        name = hdu if isinstance(hdu, str) else hduName
        if name is not None:
            number = reader.named(name, hduVer)
        else:
            number = default_hdu(reader) if hdu == DEFAULT_HDU else int(hdu)
        return reader.metadata(number, strip)


def writeMetadata(
    fileName: str | os.PathLike[str] | MemFileManager, metadata: PropertyList, mode: str = "w"
) -> None:
    """Write a header as an HDU without data.

    Parameters
    ----------
    fileName : `str`, `os.PathLike` or `MemFileManager`
        The file.
    metadata : `lsst.daf.base.PropertyList`
        The cards.
    mode : `str`, optional
        ``w`` for a new file, ``a`` to append an HDU to an existing one.

    Raises
    ------
    FitsError
        Raised if the metadata cannot be written.
    """
    if mode not in ("w", "a"):
        msg = f"Unknown mode {mode!r} for writing {fileName}; expected 'w' or 'a'."
        raise FitsError(msg)
    with FitsWriter(fileName, mode) as writer:
        writer.write_image(None, metadata)


def combineMetadata(first: PropertyList, second: PropertyList) -> PropertyList:
    """Merge two headers.

    Parameters
    ----------
    first, second : `lsst.daf.base.PropertyList`
        The headers. Cards of the second replace those of the first; COMMENT and HISTORY are kept from both.

    Returns
    -------
    combined : `lsst.daf.base.PropertyList`
        A new header, with only the last value of any other repeated keyword. COMMENT and HISTORY that are no
        text are left out.
    """
    for header in (first, second):
        if not isinstance(header, PropertyList):
            raise TypeError(f"headers are merged as PropertyList, got {type(header).__name__}")
    return merge_inherited(first, second)


def makeLimitedFitsHeader(metadata: PropertySet, excludeNames: Collection[str] = ()) -> str:
    """Format the simple cards of a header.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        The header. Of a repeated keyword, the last value is used.
    excludeNames : `collections.abc.Collection` [`str`], optional
        Keywords to leave out.

    Returns
    -------
    header : `str`
        Cards of 80 characters each, without comments. Keywords of more than eight characters, and text that
        does not fit in a card, are left out; NaN has no value, with a warning.
    """
    cards = []
    for name in (
        metadata.getOrderedNames() if isinstance(metadata, PropertyList) else metadata.paramNames(False)
    ):
        key = name.rpartition(".")[-1]
        card = f"{key:8}= {_limited_value(metadata, name)}"
        if name not in excludeNames and len(key) <= _MOST_KEY and len(card) <= _CARD_LENGTH:
            cards.append(card.ljust(_CARD_LENGTH))
    return "".join(cards)


def _limited_value(metadata: PropertySet, name: str) -> str:
    """Return a value as it stands in a card."""
    value = metadata.getScalar(name)
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int):
        return f"{value:20}"
    if isinstance(value, str):
        return f"'{value}'"
    if not isinstance(value, float):
        return ""
    if math.isnan(value):
        _LOG.warning("The value of %s is NaN, which a header cannot hold; it is left undefined", name)
        return ""
    digits = 15 if metadata.typeOf(name) == metadata.TYPE_Float else 17  # type: ignore[attr-defined]
    return f"{value:#20.{digits}G}"


for _function in (combineMetadata, makeLimitedFitsHeader, readMetadata, writeMetadata):
    _function.__module__ = "lsst.afw.fits"
