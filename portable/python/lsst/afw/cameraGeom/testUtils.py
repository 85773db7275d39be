# SPDX-License-Identifier: GPL-3.0-or-later
"""A detector and two small cameras for unit tests, and assertions that compare them.

The numbers are those of the stack's own wrappers, on which unit tests of code that takes a detector or a
camera rely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

import lsst.afw.geom as afwGeom
from lsst.geom import Box2I, Extent2D, Extent2I, Point2I, arcseconds

from ._amplifier import AmplifierBuilder
from ._assertions import (
    assertAmplifiersEqual,
    assertCamerasEqual,
    assertDetectorCollectionsEqual,
    assertDetectorsEqual,
    assertTransformMapsEqual,
    compare2DFunctions,
)
from ._camera import CameraBuilder
from ._camera_sys import ACTUAL_PIXELS, FIELD_ANGLE, FOCAL_PLANE, PIXELS, TAN_PIXELS, CameraSys
from ._config import CameraConfig, DetectorConfig, makeCameraFromAmpLists
from ._enums import DetectorType, ReadoutCorner
from ._make_pixel_to_tan_pixel import makePixelToTanPixel
from ._orientation import Orientation

__all__ = (
    "CameraWrapper",
    "DetectorWrapper",
    "assertAmplifiersEqual",
    "assertCamerasEqual",
    "assertDetectorCollectionsEqual",
    "assertDetectorsEqual",
    "assertTransformMapsEqual",
    "compare2DFunctions",
)


def _distortion(plateScale: float, radialDistortion: float) -> list[float]:
    """Return the distortion coefficients of both wrappers.

    Parameters
    ----------
    plateScale : `float`
        Plate scale (arcsec/mm).
    radialDistortion : `float`
        Distortion (mm per square radian of the field).
    """
    scale = (plateScale * arcseconds).asRadians()
    return [0.0, 1.0 / scale, 0.0, radialDistortion / scale]


class DetectorWrapper:
    """A detector, together with what it was made from.

    Parameters
    ----------
    name, id, detType, serial, bbox, pixelSize, orientation, physicalType
        What is known of the detector.
    numAmps : `int`, optional
        Number of amplifiers, named "amp 1", "amp 2" and so on.
    ampExtent : `lsst.geom.Extent2I`, optional
        Size of each amplifier (pixels).
    plateScale : `float`, optional
        Plate scale (arcsec/mm).
    radialDistortion : `float`, optional
        Distortion (mm per square radian).
    crosstalk : array of `float`, ``(numAmps, numAmps)``, optional
        Crosstalk coefficients; zero by default.
    modFunc : callable, optional
        Called with this object before the detector is made; may modify its attributes.
    cameraBuilder : ``Camera.Builder``, optional
        The camera to add the detector to.

    Attributes
    ----------
    detector : `Detector`
        The detector.
    ampList : `list` of ``Amplifier.Builder``
        Its amplifiers.
    transMap : `dict`
        Transforms from its pixels, keyed by coordinate system.
    """

    def __init__(
        self,
        name: str = "detector 1",
        id: int = 1,
        detType: DetectorType = DetectorType.SCIENCE,
        serial: str = "xkcd722",
        bbox: Box2I | None = None,
        numAmps: int = 3,
        pixelSize: Sequence[float] = (0.02, 0.02),
        ampExtent: Sequence[int] = (5, 6),
        orientation: Orientation | None = None,
        plateScale: float = 20.0,
        radialDistortion: float = 0.925,
        crosstalk: Any = None,
        modFunc: Callable[[DetectorWrapper], object] | None = None,
        physicalType: str = "CCD",
        cameraBuilder: CameraBuilder | None = None,
    ) -> None:
        self.name = name
        self.id = int(id)
        self.type = detType
        self.serial = serial
        self.bbox = Box2I(Point2I(0, 0), Extent2I(1024, 1048)) if bbox is None else bbox
        self.pixelSize = Extent2D(*pixelSize)
        self.ampExtent = Extent2I(*ampExtent)
        self.plateScale = float(plateScale)
        self.orientation = Orientation() if orientation is None else orientation
        self.radialDistortion = float(radialDistortion)
        self.physicalType = physicalType
        self.crosstalk = np.zeros((numAmps, numAmps)) if crosstalk is None else crosstalk
        self.ampList = list(self._amplifiers(numAmps))
        self.transMap = self._transforms()
        if modFunc is not None:
            modFunc(self)
        camera = CameraBuilder("CameraForDetectorWrapper") if cameraBuilder is None else cameraBuilder
        self.detector = self._build(camera)

    def _amplifiers(self, number: int) -> Iterator[AmplifierBuilder]:
        for index in range(number):
            amplifier = AmplifierBuilder()
            amplifier.setName(f"amp {index + 1}")
            amplifier.setBBox(Box2I(Point2I(-1, 1), self.ampExtent))
            amplifier.setGain(1.71234e3)
            amplifier.setReadNoise(0.521237e2)
            amplifier.setReadoutCorner(ReadoutCorner.LL)
            yield amplifier

    def _transforms(self) -> dict[CameraSys, afwGeom.TransformPoint2ToPoint2]:
        field = afwGeom.makeRadialTransform(_distortion(self.plateScale, self.radialDistortion))
        return {
            FOCAL_PLANE: self.orientation.makePixelFpTransform(self.pixelSize),
            CameraSys(TAN_PIXELS, self.name): makePixelToTanPixel(
                self.bbox, self.orientation, field, self.pixelSize
            ),
            CameraSys(ACTUAL_PIXELS, self.name): afwGeom.makeRadialTransform([0, 0.95, 0.01]),
        }

    def _build(self, camera: CameraBuilder) -> Any:
        builder = camera.add(self.name, self.id)
        builder.setBBox(self.bbox)
        builder.setType(self.type)
        builder.setSerial(self.serial)
        builder.setPhysicalType(self.physicalType)
        builder.setCrosstalk(self.crosstalk)
        builder.setOrientation(self.orientation)
        builder.setPixelSize(self.pixelSize)
        for amplifier in self.ampList:
            builder.append(amplifier)
        for system, transform in self.transMap.items():
            # The transform to the focal plane follows from the orientation.
            if system != FOCAL_PLANE:
                builder.setTransformFromPixelsTo(system, transform)
        return camera.finish()[self.name]


_RAFTS = (
    # Name of the raft, x of its two columns of detectors (mm), first serial number.
    ("R:0,0", (-3.12, -1.1), 1234),
    ("R:1,0", (1.1, 3.12), 1244),
)
_ROWS = (-2.02, 0.0, 2.02)
_YAWS = {
    "R:0,0": (180.0, 90.0, 0.0, 0.0, 180.0, 180.0),
    "R:1,0": (180.0, 0.0, 0.0, 90.0, 180.0, 180.0),
}
"""Angles of the detectors of a raft, degrees, row by row from the bottom."""

_GAINS = (0.0, 0.1, 0.2, 0.3, 0.10, 0.11, 0.12, 0.14)


class CameraWrapper:
    """A camera of twelve detectors in two rafts, together with what it was made from.

    Parameters
    ----------
    plateScale : `float`, optional
        Plate scale (arcsec/mm).
    radialDistortion : `float`, optional
        Distortion (mm per square radian).
    isLsstLike : `bool`, optional
        Whether raw images come one per amplifier, as read out, as for LSST; otherwise they come
        assembled, one per detector.

    Attributes
    ----------
    camera : `Camera`
        The camera.
    camConfig : `CameraConfig`
        Configuration it was made from.
    ampListDict : `dict` of `list` of ``Amplifier.Builder``
        Amplifiers, keyed by detector name.
    nDetectors : `int`
        Number of detectors.
    detectorNameList, detectorIdList : `list`
        Names and numbers of the detectors.
    ampDataDict : `dict`
        Number of amplifiers (``namps``) and the linearity of each (``linInfo``), keyed by detector name.
    """

    def __init__(
        self, plateScale: float = 20.0, radialDistortion: float = 0.925, isLsstLike: bool = False
    ) -> None:
        self.plateScale = float(plateScale)
        self.radialDistortion = float(radialDistortion)
        self.camConfig = self._configure(self.plateScale, self.radialDistortion, isLsstLike)
        self.detectorNameList: list[str] = []
        self.detectorIdList: list[int] = []
        self.ampListDict: dict[str, list[AmplifierBuilder]] = {}
        self.ampDataDict: dict[str, dict[str, Any]] = {}
        for config in self.camConfig.detectorList.values():
            self.detectorNameList.append(config.name)
            self.detectorIdList.append(config.id)
            amplifiers = list(
                _corner_amplifiers() if config.name.endswith("S:0,0") else _science_amplifiers()
            )
            if not isLsstLike:
                for amplifier in amplifiers:
                    _assemble(amplifier)
            self.ampListDict[config.name] = amplifiers
            self.ampDataDict[config.name] = {
                "namps": len(amplifiers),
                "linInfo": {amplifier.getName(): _linearity(amplifier) for amplifier in amplifiers},
            }
        self.camera = makeCameraFromAmpLists(self.camConfig, self.ampListDict)

    @property
    def nDetectors(self) -> int:
        """Number of detectors (`int`)."""
        return len(self.detectorNameList)

    @staticmethod
    def _configure(plateScale: float, radialDistortion: float, isLsstLike: bool) -> CameraConfig:
        config = CameraConfig()
        config.name = "testCamera" + ("LSST" if isLsstLike else "SC")
        config.detectorList = dict(enumerate(_detector_configs()))
        config.plateScale = plateScale
        config.transformDict.nativeSys = FOCAL_PLANE.getSysName()
        field = afwGeom.TransformConfig()
        # The optics map the field to the focal plane.
        field.transform = "inverted"
        field.transform["inverted"].transform.retarget(afwGeom.transformRegistry["radial"])
        field.transform["inverted"].transform.coeffs = _distortion(plateScale, radialDistortion)
        config.transformDict.transforms = {FIELD_ANGLE.getSysName(): field}
        return config


def _detector_configs() -> Iterator[DetectorConfig]:
    number = 0
    for raft, columns, serial in _RAFTS:
        for index, yaw in enumerate(_YAWS[raft]):
            row, column = divmod(index, 2)
            number += 1
            config = DetectorConfig(
                name=f"{raft} S:{column},{row}",
                id=10 * number,
                bbox_x0=0,
                bbox_y0=0,
                bbox_x1=199,
                bbox_y1=203,
                detectorType=int(DetectorType.GUIDER if index == 0 else DetectorType.SCIENCE),
                serial=str(serial + index),
                offset_x=columns[column],
                offset_y=_ROWS[row],
                refpos_x=99.5,
                refpos_y=101.5,
                yawDeg=yaw,
                pitchDeg=0.0,
                rollDeg=0.0,
                pixelSize_x=0.01,
                pixelSize_y=0.01,
                transposeDetector=False,
            )
            config.transformDict.nativeSys = PIXELS.getSysName()
            yield config


def _box(x: int, y: int, width: int, height: int) -> Box2I:
    return Box2I(Point2I(x, y), Extent2I(width, height))


class _Readout(NamedTuple):
    """Regions of the raw image of an amplifier, in pixels as read out, from (0, 0)."""

    size: tuple[int, int]
    raw: Box2I
    data: Box2I
    horizontalOverscan: Box2I
    verticalOverscan: Box2I
    prescan: Box2I


_CORNER = _Readout(
    (100, 204),
    _box(0, 0, 125, 213),
    _box(15, 2, 100, 204),
    _box(0, 2, 15, 204),
    _box(15, 206, 100, 7),
    _box(115, 2, 3, 204),
)
_SCIENCE = _Readout(
    (100, 51),
    _box(0, 0, 125, 58),
    _box(10, 2, 100, 51),
    _box(110, 2, 15, 51),
    _box(10, 53, 100, 5),
    _box(7, 2, 3, 51),
)


def _corner_amplifiers() -> Iterator[AmplifierBuilder]:
    """Yield two amplifiers side by side, of known linearity."""
    for column, (gain, threshold, units) in enumerate(((0.5, 10.0, "DN"), (1.0, 0.1, "ELECTRONS"))):
        amplifier = _amplifier(_CORNER, column, 0)
        amplifier.setGain(gain)
        amplifier.setLinearityCoeffs([1.0])
        amplifier.setLinearityThreshold(threshold)
        amplifier.setLinearityUnits(units)
        yield amplifier


def _science_amplifiers() -> Iterator[AmplifierBuilder]:
    """Yield two columns of four amplifiers."""
    for index, gain in enumerate(_GAINS):
        column, row = divmod(index, 4)
        amplifier = _amplifier(_SCIENCE, column, row)
        amplifier.setGain(gain)
        amplifier.setLinearityCoeffs([0.0])
        amplifier.setLinearityThreshold(0.0)
        amplifier.setLinearityUnits("DN")
        yield amplifier


def _amplifier(readout: _Readout, column: int, row: int) -> AmplifierBuilder:
    """Make an amplifier with the properties common to its kind; the second column reads out on the right."""
    width, height = readout.size
    amplifier = AmplifierBuilder()
    amplifier.setName(f"C:{column},{row}")
    amplifier.setBBox(_box(width * column, height * row, width, height))
    amplifier.setReadNoise(10.0)
    amplifier.setReadoutCorner(ReadoutCorner.LL)
    amplifier.setLinearityType("PROPORTIONAL")
    amplifier.setLinearityMaximum(65535.0)
    amplifier.setRawFlipX(column == 1)
    amplifier.setRawXYOffset(Extent2I(readout.raw.width * column, readout.raw.height * row))
    amplifier.setRawBBox(readout.raw)
    amplifier.setRawDataBBox(readout.data)
    amplifier.setRawHorizontalOverscanBBox(readout.horizontalOverscan)
    amplifier.setRawVerticalOverscanBBox(readout.verticalOverscan)
    amplifier.setRawPrescanBBox(readout.prescan)
    return amplifier


def _assemble(amplifier: AmplifierBuilder) -> None:
    """Change the regions to those on the assembled raw image of the detector."""
    offset, flip, width = amplifier.getRawXYOffset(), amplifier.getRawFlipX(), amplifier.getRawBBox().width
    for region in ("", "Data", "HorizontalOverscan", "VerticalOverscan", "Prescan"):
        box = Box2I(getattr(amplifier, f"getRaw{region}BBox")())
        if flip:
            box.flipLR(width)
        getattr(amplifier, f"setRaw{region}BBox")(box.shiftedBy(offset))
    amplifier.setReadoutCorner(ReadoutCorner.LR if flip else ReadoutCorner.LL)
    amplifier.setRawFlipX(False)
    amplifier.setRawXYOffset(Extent2I(0, 0))


def _linearity(amplifier: AmplifierBuilder) -> dict[str, Any]:
    return {
        "lincoeffs": amplifier.getLinearityCoeffs(),
        "lintype": amplifier.getLinearityType(),
        "linthresh": amplifier.getLinearityThreshold(),
        "linmax": amplifier.getLinearityMaximum(),
        "linunits": amplifier.getLinearityUnits(),
    }
