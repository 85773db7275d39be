# SPDX-License-Identifier: GPL-3.0-or-later
"""The limit on the size of decompressed data."""

from __future__ import annotations

import os

from ._errors import FitsError

__all__ = ("LIMIT_VARIABLE", "most_bytes")

LIMIT_VARIABLE = "LSST_PORTABLE_FITS_LIMIT"
"""Environment variable that raises (or lowers) the limit: a number of bytes."""
_MOST = 1 << 30
_MOST_RATIO = 100


def most_bytes(compressed: int) -> int:
    """Return the largest allowed size of decompressed data.

    Parameters
    ----------
    compressed : `int`
        Number of compressed bytes.

    Returns
    -------
    most : `int`
        A hundred times as many, or 1 GiB if that is more; the environment variable LSST_PORTABLE_FITS_LIMIT
        replaces the latter. Constant planes shrink by a factor of a thousand, so large ones may need it.

    Raises
    ------
    FitsError
        Raised if the variable is not a number of bytes.
    """
    text = os.environ.get(LIMIT_VARIABLE, str(_MOST))
    if not text.isdecimal():
        msg = f"The environment variable {LIMIT_VARIABLE} is {text!r}; expected a number of bytes."
        raise FitsError(msg)
    return max(int(text), _MOST_RATIO * compressed)
