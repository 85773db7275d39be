# SPDX-License-Identifier: GPL-3.0-or-later
"""File extensions that are read as FITS."""

__all__ = ("FITS_EXTENSIONS",)

FITS_EXTENSIONS = frozenset({".fits", ".fits.gz", ".fits.fz", ".fz", ".fit"})
