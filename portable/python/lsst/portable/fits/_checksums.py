# SPDX-License-Identifier: GPL-3.0-or-later
"""Checksums of HDUs, verified where that is asked for."""

from __future__ import annotations

import os

import numpy as np

from ._cards import BLOCK
from ._errors import FitsError
from ._hdu import Hdu

__all__ = ("VERIFY_VARIABLE", "verify")

VERIFY_VARIABLE = "LSST_PORTABLE_FITS_VERIFY"
"""Environment variable that asks for it: 1. By default 0, because all is read of what is needed in part."""
_ONES = 0xFFFFFFFF


def verify(hdu: Hdu, data: memoryview) -> None:
    """Compare an HDU with its checksums, where it has them and the environment asks for it.

    Parameters
    ----------
    hdu : `Hdu`
        The HDU.
    data : `memoryview`
        The whole file.

    Raises
    ------
    FitsError
        Raised if the data do not match DATASUM, or the HDU as a whole does not match CHECKSUM; or if the
        environment variable is neither 0 nor 1.
    """
    asked = os.environ.get(VERIFY_VARIABLE, "0")
    if asked not in ("0", "1"):
        raise FitsError(f"The environment variable {VERIFY_VARIABLE} is {asked!r}; expected 0 or 1.")
    recorded, whole = hdu.get("DATASUM"), hdu.get("CHECKSUM")
    if asked == "0" or (recorded is None and whole is None):
        return
    end = hdu.data_start + -(-hdu.data_size // BLOCK) * BLOCK
    found = _sum(data[hdu.data_start : end])
    if recorded is not None and not _same(str(recorded).strip(), found):
        raise FitsError(
            f"{hdu.name}: the data do not match their checksum (DATASUM): {recorded}, not {found}."
        )
    if whole is not None and _fold(found + _sum(data[hdu.header_start : hdu.data_start])) not in (0, _ONES):
        raise FitsError(f"{hdu.name}: header and data do not match their checksum (CHECKSUM).")


def _same(recorded: str, found: int) -> bool:
    return recorded.isdecimal() and len(recorded) <= 10 and int(recorded) == found


def _sum(part: memoryview) -> int:
    """Ones' complement sum of the 32-bit words of a part of a file."""
    words = len(part) // 4
    total = int(np.frombuffer(part, ">u4", words).sum(dtype=np.uint64))
    return _fold(total + int.from_bytes(bytes(part[4 * words :]).ljust(4, b"\0"), "big"))


def _fold(total: int) -> int:
    """Add what is beyond 32 bits to the rest, until nothing is."""
    while total > _ONES:
        total = (total & _ONES) + (total >> 32)
    return total
