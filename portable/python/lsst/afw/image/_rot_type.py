# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rotation angle at the boresight is measured from."""

import enum

__all__ = ["RotType"]


class RotType(enum.IntEnum):
    """What a rotation angle at the boresight is measured from."""

    UNKNOWN = 0
    """Not known."""

    SKY = 1
    """Position angle of the focal plane's +Y axis, from north through east."""

    HORIZON = 2
    """Angle of the focal plane's +Y axis from the horizon's +altitude."""

    MOUNT = 3
    """Raw angle of the rotator as the mount reports it."""


RotType.__module__ = "lsst.afw.image"
