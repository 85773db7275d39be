# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in FITS files: images, masks, variances and weights, found by their headers alone."""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import os
import pathlib
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

import numpy as np
from astropy.io import fits

from ._errors import IngestError

__all__ = ("Kind", "Plane", "find_planes", "read_plane")


class Kind(Enum):
    """What the pixels of an HDU are."""

    IMAGE = "image"
    MASK = "mask"
    """Integers; 0 is good."""
    VARIANCE = "variance"
    WEIGHT = "weight"
    """Inverse variance; 0 is no data."""


_NAMES = {
    Kind.IMAGE: ("IMAGE", "SCI", "SCIENCE"),
    Kind.MASK: ("MASK", "DQ", "MSK", "FLAGS"),
    Kind.VARIANCE: ("VARIANCE", "VAR"),
    Kind.WEIGHT: ("WEIGHT", "WGT", "WHT", "IVAR", "INVVAR"),
}
"""Names of extensions, alone or as a part of the name: SCI, SCI1, CCD1_MASK, CCD1-WEIGHT."""
_FILES = {
    Kind.MASK: ("ood", "mask", "dq", "flags"),
    Kind.WEIGHT: ("oow", "weight", "wht", "ivar", "invvar"),
    Kind.VARIANCE: ("variance", "var"),
    Kind.IMAGE: ("ooi", "image", "sci"),
}
"""Words in names of files, between characters that are neither letters nor digits."""
_NOT_INHERITED = {
    "SIMPLE",
    "BITPIX",
    "NAXIS",
    "EXTEND",
    "EXTNAME",
    "COMMENT",
    "HISTORY",
    "CHECKSUM",
    "DATASUM",
    "",
}


@dataclasses.dataclass(frozen=True)
class Plane:
    """One two-dimensional HDU of a file."""

    path: pathlib.Path
    hdu: int
    kind: Kind
    header: fits.Header
    """Its own cards, and those of the primary HDU that it does not have."""
    shape: tuple[int, int]
    """Rows and columns."""
    part: str
    """Name of the extension without the word for its kind, which planes of a detector have in common."""
    stem: str
    """Name of the file without the word for its kind."""

    def __str__(self) -> str:
        name = self.header.get("EXTNAME")
        return f"{self.path}[{self.hdu}{f', {name}' if name else ''}]"


def find_planes(
    paths: Iterable[str | os.PathLike[str]], patterns: Mapping[Kind, str] | None = None
) -> list[Plane]:
    """Look for the two-dimensional images in FITS files; no pixel is read.

    Parameters
    ----------
    paths : `~collections.abc.Iterable` [`str` or `os.PathLike`]
        The files.
    patterns : `~collections.abc.Mapping` [`Kind`, `str`], optional
        Patterns of names of files (as of the shell) that hold planes of a kind. Files that none fits are told
        by words in the names of their extensions, and else in their own; what is left is an image.

    Returns
    -------
    planes : `list` [`Plane`]

    Raises
    ------
    IngestError
        Raised if a file cannot be read, is given twice, or has no image in it.
    """
    found, seen = [], set()
    for path in map(pathlib.Path, paths):
        if path.resolve() in seen:
            raise IngestError(f"{path} is given twice.", file=str(path))
        seen.add(path.resolve())
        planes = _planes_of(path, patterns or {})
        if not planes:
            raise IngestError(f"{path} has no two-dimensional image in it.", file=str(path))
        found += planes
    return found


def _planes_of(path: pathlib.Path, patterns: Mapping[Kind, str]) -> list[Plane]:
    given = next((kind for kind, pattern in patterns.items() if fnmatch.fnmatch(path.name, pattern)), None)
    by_file, stem = _split(path.name.split(".fits")[0].split(".fit")[0], _FILES)
    found = []
    try:
        with _open(path) as hdus:
            for number, hdu in enumerate(hdus):
                if not hdu.is_image or len(hdu.shape) != 2:
                    continue
                by_name, part = _split(str(hdu.header.get("EXTNAME", "")), _NAMES)
                kind = given or by_name or by_file or Kind.IMAGE
                header = _inherit(hdu.header, hdus[0].header) if number else hdu.header.copy()
                shape = (int(hdu.shape[0]), int(hdu.shape[1]))
                found.append(Plane(path, number, kind, header, shape, part, stem))
    except (OSError, TypeError, ValueError, fits.VerifyError) as error:
        raise IngestError(f"{path} cannot be read as FITS: {error}.", file=str(path)) from error
    return found


@contextlib.contextmanager
def _open(path: pathlib.Path) -> Iterator[fits.HDUList]:
    """Open a file; one that breaks off is an error, which to astropy is a warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with fits.open(path, memmap=False) as hdus:
            yield hdus
    for one in caught:
        if "truncated" in str(one.message):
            raise ValueError("it breaks off before its end")


def _split(name: str, words: Mapping[Kind, tuple[str, ...]]) -> tuple[Kind | None, str]:
    """Kind that a name has a word for, and the name without it."""
    pieces = re.split(r"([^A-Za-z0-9]+)", name)
    for kind, known in words.items():
        for place, piece in enumerate(pieces):
            word, digits = re.fullmatch(r"(.*?)(\d*)", piece).groups()  # type: ignore[union-attr]
            if word.lower() in {one.lower() for one in known}:
                rest = [*pieces[:place], digits, *pieces[place + 1 :]]
                return kind, "".join(rest).strip("_-. ").lower()
    return None, name.strip().lower()


def _inherit(own: fits.Header, primary: fits.Header) -> fits.Header:
    """Header of an extension with the cards of the primary HDU that it does not have itself."""
    header = own.copy()
    for card in primary.cards:
        if card.keyword not in _NOT_INHERITED and card.keyword not in header:
            header.append(card, end=True)
    return header


def read_plane(plane: Plane) -> np.ndarray:
    """Read the pixels of a plane, ``(ny, nx)``, in the byte order of this machine.

    Raises
    ------
    IngestError
        Raised if they cannot be read.
    """
    try:
        with _open(plane.path) as hdus:
            data = hdus[plane.hdu].data
            if data is None or data.shape != plane.shape:
                raise ValueError(f"its pixels are not the {plane.shape[1]} x {plane.shape[0]} of its header")
            return np.ascontiguousarray(data.astype(data.dtype.newbyteorder("=")))
    except (OSError, TypeError, ValueError, fits.VerifyError) as error:
        raise IngestError(f"{plane} cannot be read: {error}.", file=str(plane.path)) from error
