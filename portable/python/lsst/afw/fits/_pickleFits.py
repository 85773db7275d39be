# SPDX-License-Identifier: GPL-3.0-or-later
"""Pickling through FITS; pickles refer to `unreduceFromFits` by this module's path."""

from lsst.portable.archive import reduceToFits, unreduceFromFits

__all__ = ("reduceToFits", "unreduceFromFits")
