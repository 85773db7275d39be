# SPDX-License-Identifier: GPL-3.0-or-later
"""Polygons, which this package only passes through files."""

from lsst.portable.archive import KeptPersistable

__all__ = ("Polygon",)


class Polygon(KeptPersistable):
    """The outline of the valid pixels of an exposure, kept as it was read.

    Raises
    ------
    NotImplementedError
        Raised when called.
    """


Polygon.__module__ = "lsst.afw.geom"
