# SPDX-License-Identifier: GPL-3.0-or-later
"""Amplifiers of a detector."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lsst.geom import Box2I, Extent2I

from ._enums import AmplifierGeometryComparison, ReadoutCorner

__all__ = ("Amplifier",)


@dataclasses.dataclass(slots=True)
class AmplifierFields:
    """The properties of an amplifier; the getters of `Amplifier` describe them."""

    name: str = ""
    bbox: Box2I = dataclasses.field(default_factory=Box2I)
    gain: float = 0.0
    readNoise: float = 0.0
    saturation: float = 0.0
    suspectLevel: float = 0.0
    readoutCorner: ReadoutCorner = ReadoutCorner.LL
    linearityCoeffs: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))
    linearityType: str = ""
    linearityThreshold: float = 0.0
    linearityMaximum: float = 0.0
    linearityUnits: str = ""
    rawBBox: Box2I = dataclasses.field(default_factory=Box2I)
    rawDataBBox: Box2I = dataclasses.field(default_factory=Box2I)
    rawFlipX: bool = False
    rawFlipY: bool = False
    rawXYOffset: Extent2I = dataclasses.field(default_factory=lambda: Extent2I(0, 0))
    rawHorizontalOverscanBBox: Box2I = dataclasses.field(default_factory=Box2I)
    rawVerticalOverscanBBox: Box2I = dataclasses.field(default_factory=Box2I)
    rawPrescanBBox: Box2I = dataclasses.field(default_factory=Box2I)

    def copy(self) -> "AmplifierFields":
        """Return a copy that shares no mutable values."""
        return dataclasses.replace(
            self, **{name: kind(getattr(self, name)) for name, kind in _MUTABLE_FIELDS.items()}
        )


class Amplifier:
    """An amplifier and the part of a detector that it reads. Change it through `rebuild`.

    Boxes and offsets are in pixels. "Raw" refers to the image as it comes from the amplifier, "assembled" to
    the image of the whole detector. Build one with `Amplifier.Builder`.
    """

    __slots__ = ("_fields",)

    Builder: type["AmplifierBuilder"]

    def __init__(self, fields: AmplifierFields) -> None:
        if not isinstance(fields, AmplifierFields):
            raise TypeError("make an Amplifier with Amplifier.Builder and its finish()")
        self._fields = fields

    def rebuild(self) -> "AmplifierBuilder":
        """Return a builder that starts from this amplifier."""
        return AmplifierBuilder._from_fields(self._fields.copy())

    def getName(self) -> str:
        """Return the name of the amplifier within its detector."""
        return self._fields.name

    def getBBox(self) -> Box2I:
        """Return the box of the image data on the assembled image."""
        return Box2I(self._fields.bbox)

    def getGain(self) -> float:
        """Return the gain (electrons per ADU)."""
        return self._fields.gain

    def getReadNoise(self) -> float:
        """Return the read noise (electrons)."""
        return self._fields.readNoise

    def getSaturation(self) -> float:
        """Return the level above which pixels are saturated (ADU); NaN for none."""
        return self._fields.saturation

    def getSuspectLevel(self) -> float:
        """Return the level above which pixels are suspect (ADU); NaN for none."""
        return self._fields.suspectLevel

    def getReadoutCorner(self) -> ReadoutCorner:
        """Return the corner of the assembled image from which the amplifier is read out."""
        return self._fields.readoutCorner

    def getLinearityCoeffs(self) -> np.ndarray:
        """Return the coefficients of the linearity model, float64, shape ``(n,)``."""
        return self._fields.linearityCoeffs.copy()

    def getLinearityType(self) -> str:
        """Return the name of the linearity model."""
        return self._fields.linearityType

    def getLinearityThreshold(self) -> float:
        """Return the level above which linearity is corrected (ADU)."""
        return self._fields.linearityThreshold

    def getLinearityMaximum(self) -> float:
        """Return the level up to which linearity is corrected (ADU)."""
        return self._fields.linearityMaximum

    def getLinearityUnits(self) -> str:
        """Return the input units of the linearity model."""
        return self._fields.linearityUnits

    def getRawBBox(self) -> Box2I:
        """Return the box of the whole amplifier on the raw image."""
        return Box2I(self._fields.rawBBox)

    def getRawDataBBox(self) -> Box2I:
        """Return the box of the image data on the raw image."""
        return Box2I(self._fields.rawDataBBox)

    def getRawFlipX(self) -> bool:
        """Return whether columns are reversed during assembly."""
        return self._fields.rawFlipX

    def getRawFlipY(self) -> bool:
        """Return whether rows are reversed during assembly."""
        return self._fields.rawFlipY

    def getRawXYOffset(self) -> Extent2I:
        """Return the shift that takes the raw amplifier to its place on the assembled raw image."""
        return Extent2I(self._fields.rawXYOffset)

    def getRawHorizontalOverscanBBox(self) -> Box2I:
        """Return the box of the horizontal (serial) overscan on the raw image."""
        return Box2I(self._fields.rawHorizontalOverscanBBox)

    def getRawVerticalOverscanBBox(self) -> Box2I:
        """Return the box of the vertical (parallel) overscan on the raw image."""
        return Box2I(self._fields.rawVerticalOverscanBBox)

    def getRawPrescanBBox(self) -> Box2I:
        """Return the box of the horizontal (serial) prescan on the raw image."""
        return Box2I(self._fields.rawPrescanBBox)

    def getRawSerialOverscanBBox(self) -> Box2I:
        """Return the same as `getRawHorizontalOverscanBBox`."""
        return self.getRawHorizontalOverscanBBox()

    def getRawParallelOverscanBBox(self) -> Box2I:
        """Return the same as `getRawVerticalOverscanBBox`."""
        return self.getRawVerticalOverscanBBox()

    def getRawSerialPrescanBBox(self) -> Box2I:
        """Return the same as `getRawPrescanBBox`."""
        return self.getRawPrescanBBox()

    def getRawHorizontalPrescanBBox(self) -> Box2I:
        """Return the same as `getRawPrescanBBox`."""
        return self.getRawPrescanBBox()

    def compareGeometry(
        self, other: "Amplifier", *, assembly: bool = True, regions: bool = True
    ) -> AmplifierGeometryComparison:
        """Compare the raw geometry with that of another amplifier.

        Parameters
        ----------
        other : `Amplifier`
            The other amplifier.
        assembly : `bool`, optional
            Whether to compare flips and offsets, and to account for them when comparing regions.
        regions : `bool`, optional
            Whether to compare the regions of the raw image.

        Returns
        -------
        comparison : `AmplifierGeometryComparison`
            What differs.
        """
        mine, theirs = self._fields, other._fields
        result = AmplifierGeometryComparison.EQUAL
        if assembly:
            for flag, differs in (
                (result.SHIFTED_X, mine.rawXYOffset.x != theirs.rawXYOffset.x),
                (result.SHIFTED_Y, mine.rawXYOffset.y != theirs.rawXYOffset.y),
                (result.FLIPPED_X, mine.rawFlipX != theirs.rawFlipX),
                (result.FLIPPED_Y, mine.rawFlipY != theirs.rawFlipY),
            ):
                if differs:
                    result |= flag
        if regions:
            if result:
                same = other.rebuild().transform(
                    outOffset=mine.rawXYOffset, outFlipX=mine.rawFlipX, outFlipY=mine.rawFlipY
                )
                theirs = same._fields
            if any(getattr(mine, name) != getattr(theirs, name) for name in _RAW_REGIONS):
                result |= result.REGIONS_DIFFER
        return result

    def __getstate__(self) -> AmplifierFields:
        return self._fields

    def __setstate__(self, state: AmplifierFields) -> None:
        self._fields = state

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Amplifier):
            return NotImplemented
        return all(
            _same(getattr(self._fields, field.name), getattr(other._fields, field.name))
            for field in dataclasses.fields(AmplifierFields)
        )

    def __hash__(self) -> int:
        return hash(self._fields.name)

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({self._fields.name!r}, bbox={self._fields.bbox})"


class AmplifierBuilder(Amplifier):
    """A mutable amplifier; `finish` makes the immutable one."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__(AmplifierFields())

    @classmethod
    def _from_fields(cls, fields: AmplifierFields) -> "AmplifierBuilder":
        builder = cls()
        builder._fields = fields
        return builder

    def finish(self) -> Amplifier:
        """Return the amplifier as it stands now."""
        return Amplifier(self._fields.copy())

    def transform(
        self, *, outOffset: Extent2I | None = None, outFlipX: bool = False, outFlipY: bool = False
    ) -> "AmplifierBuilder":
        """Change the flips and offset of the raw image, and its regions accordingly, in place.

        Parameters
        ----------
        outOffset : `lsst.geom.Extent2I`, optional
            New offset; none by default, as on the assembled raw image.
        outFlipX, outFlipY : `bool`, optional
            Whether assembly should reverse columns and rows after the change.

        Returns
        -------
        self : ``Amplifier.Builder``
            This builder.
        """
        offset = Extent2I(0, 0) if outOffset is None else Extent2I(outOffset)
        fields = self._fields
        whole = fields.rawBBox
        flip_x, flip_y = fields.rawFlipX != outFlipX, fields.rawFlipY != outFlipY
        shift = fields.rawXYOffset - offset
        for name in _RAW_REGIONS:
            box = Box2I(getattr(fields, name))
            # A region is mirrored within the whole amplifier, which stays where it is.
            if flip_x and not box.isEmpty():
                box.shift(Extent2I(whole.minX + whole.maxX - box.minX - box.maxX, 0))
            if flip_y and not box.isEmpty():
                box.shift(Extent2I(0, whole.minY + whole.maxY - box.minY - box.maxY))
            setattr(fields, name, box.shiftedBy(shift))
        if flip_x:
            fields.readoutCorner = _MIRRORED_X[fields.readoutCorner]
        if flip_y:
            fields.readoutCorner = _MIRRORED_Y[fields.readoutCorner]
        fields.rawXYOffset, fields.rawFlipX, fields.rawFlipY = offset, bool(outFlipX), bool(outFlipY)
        return self

    def setName(self, name: str) -> None:
        """Set the value of `getName`."""
        self._fields.name = str(name)

    def setBBox(self, bbox: Box2I) -> None:
        """Set the value of `getBBox`."""
        self._fields.bbox = Box2I(bbox)

    def setGain(self, gain: float) -> None:
        """Set the value of `getGain`."""
        self._fields.gain = float(gain)

    def setReadNoise(self, readNoise: float) -> None:
        """Set the value of `getReadNoise`."""
        self._fields.readNoise = float(readNoise)

    def setSaturation(self, saturation: float) -> None:
        """Set the value of `getSaturation`."""
        self._fields.saturation = float(saturation)

    def setSuspectLevel(self, suspectLevel: float) -> None:
        """Set the value of `getSuspectLevel`."""
        self._fields.suspectLevel = float(suspectLevel)

    def setReadoutCorner(self, readoutCorner: ReadoutCorner) -> None:
        """Set the value of `getReadoutCorner`."""
        self._fields.readoutCorner = ReadoutCorner(readoutCorner)

    def setLinearityCoeffs(self, linearityCoeffs: np.ndarray | Sequence[float]) -> None:
        """Set the value of `getLinearityCoeffs`."""
        self._fields.linearityCoeffs = np.array(linearityCoeffs, dtype=np.float64).reshape(-1)

    def setLinearityType(self, linearityType: str) -> None:
        """Set the value of `getLinearityType`."""
        self._fields.linearityType = str(linearityType)

    def setLinearityThreshold(self, linearityThreshold: float) -> None:
        """Set the value of `getLinearityThreshold`."""
        self._fields.linearityThreshold = float(linearityThreshold)

    def setLinearityMaximum(self, linearityMaximum: float) -> None:
        """Set the value of `getLinearityMaximum`."""
        self._fields.linearityMaximum = float(linearityMaximum)

    def setLinearityUnits(self, linearityUnits: str) -> None:
        """Set the value of `getLinearityUnits`."""
        self._fields.linearityUnits = str(linearityUnits)

    def setRawBBox(self, rawBBox: Box2I) -> None:
        """Set the value of `getRawBBox`."""
        self._fields.rawBBox = Box2I(rawBBox)

    def setRawDataBBox(self, rawDataBBox: Box2I) -> None:
        """Set the value of `getRawDataBBox`."""
        self._fields.rawDataBBox = Box2I(rawDataBBox)

    def setRawFlipX(self, rawFlipX: bool) -> None:
        """Set the value of `getRawFlipX`."""
        self._fields.rawFlipX = bool(rawFlipX)

    def setRawFlipY(self, rawFlipY: bool) -> None:
        """Set the value of `getRawFlipY`."""
        self._fields.rawFlipY = bool(rawFlipY)

    def setRawXYOffset(self, rawXYOffset: Extent2I) -> None:
        """Set the value of `getRawXYOffset`."""
        self._fields.rawXYOffset = Extent2I(rawXYOffset)

    def setRawHorizontalOverscanBBox(self, rawHorizontalOverscanBBox: Box2I) -> None:
        """Set the value of `getRawHorizontalOverscanBBox`."""
        self._fields.rawHorizontalOverscanBBox = Box2I(rawHorizontalOverscanBBox)

    def setRawVerticalOverscanBBox(self, rawVerticalOverscanBBox: Box2I) -> None:
        """Set the value of `getRawVerticalOverscanBBox`."""
        self._fields.rawVerticalOverscanBBox = Box2I(rawVerticalOverscanBBox)

    def setRawPrescanBBox(self, rawPrescanBBox: Box2I) -> None:
        """Set the value of `getRawPrescanBBox`."""
        self._fields.rawPrescanBBox = Box2I(rawPrescanBBox)

    def setRawSerialOverscanBBox(self, rawHorizontalOverscanBBox: Box2I) -> None:
        """Set the value of `getRawHorizontalOverscanBBox`."""
        self.setRawHorizontalOverscanBBox(rawHorizontalOverscanBBox)

    def setRawParallelOverscanBBox(self, rawVerticalOverscanBBox: Box2I) -> None:
        """Set the value of `getRawVerticalOverscanBBox`."""
        self.setRawVerticalOverscanBBox(rawVerticalOverscanBBox)

    def setRawSerialPrescanBBox(self, rawPrescanBBox: Box2I) -> None:
        """Set the value of `getRawPrescanBBox`."""
        self.setRawPrescanBBox(rawPrescanBBox)

    def setRawHorizontalPrescanBBox(self, rawPrescanBBox: Box2I) -> None:
        """Set the value of `getRawPrescanBBox`."""
        self.setRawPrescanBBox(rawPrescanBBox)


AmplifierBuilder.__qualname__ = "Amplifier.Builder"
Amplifier.Builder = AmplifierBuilder
for _cls in (Amplifier, AmplifierBuilder):
    _cls.__module__ = "lsst.afw.cameraGeom"

#: Regions of the raw image; the whole amplifier comes last because the others are mirrored within it.
_RAW_REGIONS = (
    "rawHorizontalOverscanBBox",
    "rawDataBBox",
    "rawVerticalOverscanBBox",
    "rawPrescanBBox",
    "rawBBox",
)
_LL, _LR, _UR, _UL = (ReadoutCorner[_name] for _name in ("LL", "LR", "UR", "UL"))
_MIRRORED_X = {_LL: _LR, _LR: _LL, _UR: _UL, _UL: _UR}
_MIRRORED_Y = {_LL: _UL, _LR: _UR, _UR: _LR, _UL: _LL}

#: Fields with mutable values, and the functions that copy them.
_MUTABLE_FIELDS: dict[str, Any] = {
    "bbox": Box2I,
    "linearityCoeffs": np.copy,
    "rawBBox": Box2I,
    "rawDataBBox": Box2I,
    "rawXYOffset": Extent2I,
    "rawHorizontalOverscanBBox": Box2I,
    "rawVerticalOverscanBBox": Box2I,
    "rawPrescanBBox": Box2I,
}


def _same(left: Any, right: Any) -> bool:
    """Return whether two values of a field are equal; NaN equals NaN."""
    if isinstance(left, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    if isinstance(left, np.ndarray):
        return np.array_equal(left, right, equal_nan=True)
    return bool(left == right)
