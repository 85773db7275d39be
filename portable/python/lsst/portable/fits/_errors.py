# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong with a FITS file."""

from __future__ import annotations

from lsst.pex.exceptions import IoError
from lsst.pex.exceptions import TypeError as PexTypeError

__all__ = ("FitsClassError", "FitsError", "FitsTypeError")


class FitsError(IoError):
    """A FITS file cannot be read or written; the message names the file and the HDU."""


class FitsTypeError(FitsError):
    """A FITS HDU holds pixels of a type that cannot become the one asked for."""


class FitsClassError(FitsError, PexTypeError):
    """A FITS file holds an object of another class than the one asked for."""


# The names of the stack.
for _cls in (FitsError, FitsTypeError):
    _cls.__module__ = "lsst.afw.fits"
