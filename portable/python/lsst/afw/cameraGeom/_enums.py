# SPDX-License-Identifier: GPL-3.0-or-later
"""What a detector is for, and where an amplifier reads out. The numbers stand in files."""

import enum

__all__ = ("DetectorType", "ReadoutCorner")


class DetectorType(enum.IntEnum):
    """What a detector is for."""

    __str__ = enum.Enum.__str__

    SCIENCE = 0
    FOCUS = 1
    GUIDER = 2
    WAVEFRONT = 3


class ReadoutCorner(enum.IntEnum):
    """Corner of the assembled image at which an amplifier is read: lower or upper, left or right."""

    __str__ = enum.Enum.__str__

    LL = 0
    LR = 1
    UR = 2
    UL = 3


for _cls in (DetectorType, ReadoutCorner):
    _cls.__module__ = "lsst.afw.cameraGeom"
