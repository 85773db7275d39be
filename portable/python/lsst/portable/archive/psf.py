# SPDX-License-Identifier: GPL-3.0-or-later
"""PSFs, which are carried through files and not evaluated."""

from ._kept import KeptPersistable

__all__ = ("Psf",)


class Psf(KeptPersistable):
    """A PSF of any kind, kept as it was read; `lsst.afw.detection` offers it.

    Archives name the exact kind, of which there are many, in several packages: what an exposure has as its
    PSF is taken for one.
    """

    __module__ = "lsst.afw.detection"
