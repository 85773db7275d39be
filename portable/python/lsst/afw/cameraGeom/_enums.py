# SPDX-License-Identifier: GPL-3.0-or-later
"""Enumerations of detectors and amplifiers. Their values are stored in files."""

import enum

__all__ = (
    "AmplifierGeometryComparison",
    "AssemblyState",
    "DetectorType",
    "DetectorTypeNameValDict",
    "DetectorTypeValNameDict",
    "NullLinearityType",
    "ReadoutCorner",
    "ReadoutCornerNameValDict",
    "ReadoutCornerValNameDict",
)

NullLinearityType = "None"
"""Linearity type of an amplifier without correction."""


class DetectorType(enum.IntEnum):
    """Purpose of a detector."""

    __str__ = enum.Enum.__str__

    SCIENCE = 0
    FOCUS = 1
    GUIDER = 2
    WAVEFRONT = 3


class ReadoutCorner(enum.IntEnum):
    """Corner of the assembled image from which an amplifier is read out: lower or upper, left or right."""

    __str__ = enum.Enum.__str__

    LL = 0
    LR = 1
    UR = 2
    UL = 3


class AssemblyState(enum.IntEnum):
    """Whether an image still has its overscan (raw) or was trimmed and assembled (science)."""

    __str__ = enum.Enum.__str__

    RAW = 0
    SCIENCE = 1


class AmplifierGeometryComparison(enum.Flag):
    """How the raw geometries of two amplifiers differ."""

    EQUAL = 0
    SHIFTED_X = enum.auto()
    """The offsets in x on the assembled raw image."""
    SHIFTED_Y = enum.auto()
    """The offsets in y on the assembled raw image."""
    SHIFTED = SHIFTED_X | SHIFTED_Y
    """Either offset."""
    FLIPPED_X = enum.auto()
    """Whether columns are reversed during assembly."""
    FLIPPED_Y = enum.auto()
    """Whether rows are reversed during assembly."""
    FLIPPED = FLIPPED_X | FLIPPED_Y
    """Either flip."""
    ASSEMBLY_DIFFERS = SHIFTED | FLIPPED
    """An offset or a flip."""
    REGIONS_DIFFER = enum.auto()
    """Regions of the raw image, after accounting for offsets and flips if those are compared."""


DetectorTypeValNameDict = {member: member.name for member in DetectorType}
DetectorTypeNameValDict = {member.name: member for member in DetectorType}
ReadoutCornerValNameDict = {member: member.name for member in ReadoutCorner}
ReadoutCornerNameValDict = {member.name: member for member in ReadoutCorner}

for _cls in (DetectorType, ReadoutCorner, AssemblyState, AmplifierGeometryComparison):
    _cls.__module__ = "lsst.afw.cameraGeom"
