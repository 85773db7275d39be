# SPDX-License-Identifier: GPL-3.0-or-later
"""Pickling through FITS; pickles name `unreduceFromFits` by the path of this module."""

from lsst.portable.archive import reduceToFits, unreduceFromFits

__all__ = ("reduceToFits", "unreduceFromFits")
