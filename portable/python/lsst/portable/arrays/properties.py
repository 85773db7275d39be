# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and bits of the statistics of pixels."""

import enum

__all__ = ("Property",)


class Property(enum.IntFlag):
    """Statistics that can be computed, to be combined with ``|``."""

    __module__ = "lsst.afw.math._statistics"
    __str__ = enum.Enum.__str__

    NOTHING = 0x0
    """Nothing; for `lsst.afw.math.Statistics.getValue`, the one statistic that was requested."""
    ERRORS = 0x1
    """Errors of the requested quantities."""
    NPOINT = 0x2
    """Number of pixels used."""
    MEAN = 0x4
    """Mean."""
    STDEV = 0x8
    """Standard deviation."""
    VARIANCE = 0x10
    """Unbiased variance."""
    MEDIAN = 0x20
    """Median."""
    IQRANGE = 0x40
    """Distance between the quartiles."""
    MEANCLIP = 0x80
    """Clipped mean."""
    STDEVCLIP = 0x100
    """Standard deviation of the unclipped pixels."""
    VARIANCECLIP = 0x200
    """Variance of the unclipped pixels."""
    MIN = 0x400
    """Minimum."""
    MAX = 0x800
    """Maximum."""
    SUM = 0x1000
    """Sum."""
    MEANSQUARE = 0x2000
    """Mean of the squares."""
    ORMASK = 0x4000
    """OR of the masks of the pixels used."""
    NCLIPPED = 0x8000
    """Number of pixels clipped in the last iteration."""
    NMASKED = 0x10000
    """Number of pixels not used."""
