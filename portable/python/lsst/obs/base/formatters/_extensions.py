# SPDX-License-Identifier: GPL-3.0-or-later
"""Extensions of files that are read as FITS."""

__all__ = ("FITS_EXTENSIONS",)

FITS_EXTENSIONS = frozenset({".fits", ".fits.gz", ".fits.fz", ".fz", ".fit"})
