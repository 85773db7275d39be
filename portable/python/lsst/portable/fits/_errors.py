# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors about FITS files."""

from __future__ import annotations

from lsst.pex.exceptions import InvalidParameterError, IoError
from lsst.pex.exceptions import TypeError as PexTypeError

__all__ = ("FitsClassError", "FitsError", "FitsOptionError", "FitsTypeError")


class FitsError(IoError):
    """A FITS file cannot be read or written; the message names the file and the HDU."""


class FitsTypeError(FitsError):
    """A FITS HDU contains pixels of a type that cannot be converted to the requested one."""


class FitsOptionError(FitsError, InvalidParameterError):
    """An image cannot be compressed as its options say."""


class FitsClassError(FitsError, PexTypeError):
    """A FITS file contains an object of a different class than requested."""


# The names of the stack.
for _cls in (FitsError, FitsTypeError):
    _cls.__module__ = "lsst.afw.fits"
