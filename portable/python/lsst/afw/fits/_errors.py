# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong with a FITS file."""

from __future__ import annotations

from lsst.pex.exceptions import IoError

__all__ = ("FitsError", "FitsTypeError")


class FitsError(IoError):
    """A FITS file cannot be read or written; the message names the file and the HDU."""


class FitsTypeError(FitsError):
    """A FITS HDU holds pixels of a type that cannot become the one asked for."""


for _cls in (FitsError, FitsTypeError):
    _cls.__module__ = "lsst.afw.fits"
