# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and writing of headers without pixels."""

from __future__ import annotations

import os

from lsst.daf.base import PropertyList
from lsst.portable.fits import (
    FitsError,
    FitsReader,
    FitsWriter,
    MemFileManager,
    default_hdu,
    merge_inherited,
    properties_from_cards,
)

__all__ = ("DEFAULT_HDU", "readMetadata", "writeMetadata")

DEFAULT_HDU = -2147483648
"""The first HDU with an image (or, for headers, with anything beyond the standard cards)."""


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
            number = _named_hdu(reader, name, hduVer)
        else:
            number = default_hdu(reader) if hdu == DEFAULT_HDU else int(hdu)
        found = reader.hdu(number)
        metadata = properties_from_cards(found.cards, strip=strip, table=found.is_table)
        if number == 0 or "INHERIT" not in metadata:
            return metadata
        inherit = metadata.getScalar("INHERIT")
        if strip:
            metadata.remove("INHERIT")
        if inherit is not True:
            return metadata
        return merge_inherited(properties_from_cards(reader.hdu(0).cards, strip=strip), metadata)


def _named_hdu(reader: FitsReader, name: str, version: int) -> int:
    """Find an HDU by name (case-insensitively) and version."""
    names = []
    for number in range(len(reader)):
        found = reader.hdu(number)
        names.append(str(found.get("EXTNAME") or "").strip())
        if names[-1].upper() == name.strip().upper() and version in (0, found.get("EXTVER") or 1):
            return number
    which = f"{name!r}, version {version}" if version else repr(name)
    raise FitsError(f"{reader.name}: there is no HDU named {which}; the names are {names}.")


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


for _function in (readMetadata, writeMetadata):
    _function.__module__ = "lsst.afw.fits"
