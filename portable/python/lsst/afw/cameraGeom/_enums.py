# SPDX-License-Identifier: GPL-3.0-or-later
"""What a detector is for, and where an amplifier reads out. The numbers stand in files."""

import enum

__all__ = (
    "AmplifierGeometryComparison",
    "DetectorType",
    "DetectorTypeNameValDict",
    "DetectorTypeValNameDict",
    "NullLinearityType",
    "ReadoutCorner",
    "ReadoutCornerNameValDict",
    "ReadoutCornerValNameDict",
)

NullLinearityType = "None"
"""Type of the linearity of an amplifier that has no correction."""


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


class AmplifierGeometryComparison(enum.Flag):
    """In what the raw geometries of two amplifiers differ."""

    EQUAL = 0
    SHIFTED_X = enum.auto()
    """The offsets in x on the assembled raw image."""
    SHIFTED_Y = enum.auto()
    """The offsets in y on the assembled raw image."""
    SHIFTED = SHIFTED_X | SHIFTED_Y
    """One of the offsets."""
    FLIPPED_X = enum.auto()
    """Whether columns are reversed on assembly."""
    FLIPPED_Y = enum.auto()
    """Whether rows are reversed on assembly."""
    FLIPPED = FLIPPED_X | FLIPPED_Y
    """One of the flips."""
    ASSEMBLY_DIFFERS = SHIFTED | FLIPPED
    """An offset or a flip."""
    REGIONS_DIFFER = enum.auto()
    """Regions of the raw image, once offsets and flips, if they are compared, are the same."""


DetectorTypeValNameDict = {member: member.name for member in DetectorType}
DetectorTypeNameValDict = {member.name: member for member in DetectorType}
ReadoutCornerValNameDict = {member: member.name for member in ReadoutCorner}
ReadoutCornerNameValDict = {member.name: member for member in ReadoutCorner}

for _cls in (DetectorType, ReadoutCorner, AmplifierGeometryComparison):
    _cls.__module__ = "lsst.afw.cameraGeom"
