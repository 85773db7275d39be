# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference directions of the rotation angle at the boresight."""

import enum

__all__ = ["RotType"]


class RotType(enum.IntEnum):
    """Reference direction of the rotation angle at the boresight."""

    UNKNOWN = 0
    """Not known."""

    SKY = 1
    """Position angle of the focal plane's +Y axis, from north through east."""

    HORIZON = 2
    """Angle of the focal plane's +Y axis from the horizon's +altitude."""

    MOUNT = 3
    """Raw angle of the rotator as reported by the mount."""


RotType.__module__ = "lsst.afw.image"
