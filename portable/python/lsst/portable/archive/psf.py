# SPDX-License-Identifier: GPL-3.0-or-later
"""PSFs, which are passed through files and not evaluated."""

from ._kept import KeptPersistable

__all__ = ("Psf",)


class Psf(KeptPersistable):
    """A PSF of any kind, kept as it was read; `lsst.afw.detection` offers it.

    Archives name the exact kind, of which there are many, in several packages; whatever an exposure stores as
    its PSF is treated as one.
    """

    __module__ = "lsst.afw.detection"
