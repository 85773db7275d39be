# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations that describe a camera, and the functions that build it from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from lsst.afw.geom import TransformConfig, TransformPoint2ToPoint2
from lsst.geom import Box2I, Extent2D, Point2D, Point2I, Point3D, degrees
from lsst.pex.config import Config, ConfigDictField, ConfigField, Field, ListField
from lsst.pex.exceptions import InvalidParameterError

from ._amplifier import AmplifierBuilder
from ._camera import Camera, CameraBuilder
from ._camera_sys import (
    ACTUAL_PIXELS,
    FIELD_ANGLE,
    FOCAL_PLANE,
    PIXELS,
    TAN_PIXELS,
    CameraSys,
    CameraSysPrefix,
)
from ._detector import InCameraBuilder
from ._make_pixel_to_tan_pixel import makePixelToTanPixel
from ._orientation import Orientation

__all__ = (
    "CameraConfig",
    "DetectorConfig",
    "TransformMapConfig",
    "addDetectorBuilderFromConfig",
    "makeCameraFromAmpLists",
)

_SYSTEMS = {
    system.getSysName(): system for system in (ACTUAL_PIXELS, FIELD_ANGLE, FOCAL_PLANE, PIXELS, TAN_PIXELS)
}

_PUPIL_FACTORY = "lsst.afw.cameraGeom.pupil.PupilFactory"
"""Default class with which the compiled stack makes pupils."""


class TransformMapConfig(Config):
    """Configuration of transforms from one coordinate system to others."""

    __module__ = "lsst.afw.cameraGeom"

    transforms = ConfigDictField(
        keytype=str,
        itemtype=TransformConfig,
        doc="Transforms from nativeSys, keyed by the name of the target coordinate system.",
    )
    nativeSys = Field[str](doc="Name of the coordinate system from which all transforms start.")


class DetectorConfig(Config):
    """Configuration of one detector of a camera."""

    __module__ = "lsst.afw.cameraGeom"

    transformDict = ConfigField[TransformMapConfig](
        doc="Transforms from pixels, besides those that follow from the detector's position."
    )
    name = Field[str](doc="Name of the detector, unique in the camera.")
    id = Field[int](doc="Number of the detector, unique in the camera.")
    bbox_x0 = Field[int](doc="Lowest x of the assembled image (pixels).")
    bbox_y0 = Field[int](doc="Lowest y of the assembled image (pixels).")
    bbox_x1 = Field[int](doc="Highest x of the assembled image (pixels).")
    bbox_y1 = Field[int](doc="Highest y of the assembled image (pixels).")
    detectorType = Field[int](doc="Purpose of the detector: a value of DetectorType.")
    physicalType = Field[str](default="CCD", doc="Kind of device.")
    serial = Field[str](doc="Serial number.")
    offset_x = Field[float](doc="Focal-plane x coordinate of the reference position (mm).")
    offset_y = Field[float](doc="Focal-plane y coordinate of the reference position (mm).")
    offset_z = Field[float](default=0.0, doc="Height of the reference position above the focal plane (mm).")
    refpos_x = Field[float](doc="x coordinate of the reference position on the detector (pixels).")
    refpos_y = Field[float](doc="y coordinate of the reference position on the detector (pixels).")
    yawDeg = Field[float](doc="First rotation, about the z axis (degrees).")
    pitchDeg = Field[float](doc="Second rotation, about the new y axis (degrees).")
    rollDeg = Field[float](doc="Third rotation, about the new x axis (degrees).")
    pixelSize_x = Field[float](doc="Width of a pixel (mm).")
    pixelSize_y = Field[float](doc="Height of a pixel (mm).")
    transposeDetector = Field[bool](doc="Swap x and y before the detector is rotated?")
    crosstalk = ListField[float](
        optional=True, doc="Crosstalk coefficients between amplifiers, row by row; none if not set."
    )

    def getCrosstalk(self, numAmps: int) -> np.ndarray | None:
        """Return the crosstalk coefficients as a matrix.

        Parameters
        ----------
        numAmps : `int`
            Number of amplifiers.

        Returns
        -------
        crosstalk : `numpy.ndarray`, ``(numAmps, numAmps)``, float32, or `None`
            The coefficients; `None` if there are none.

        Raises
        ------
        RuntimeError
            Raised if the number of coefficients is not the square of ``numAmps``.
        """
        if not self.crosstalk:
            return None
        values = np.array(self.crosstalk, dtype=np.float32)
        if values.size != numAmps**2:
            raise RuntimeError(
                f"Detector {self.name} has {values.size} crosstalk coefficients; its {numAmps} amplifiers "
                f"need {numAmps**2}"
            )
        return values.reshape(numAmps, numAmps)

    @property
    def bbox(self) -> Box2I:
        """Pixel box of the assembled image (`lsst.geom.Box2I`)."""
        return Box2I(Point2I(self.bbox_x0, self.bbox_y0), Point2I(self.bbox_x1, self.bbox_y1))

    @property
    def offset(self) -> Point2D:
        """Reference position on the focal plane, in mm (`lsst.geom.Point2D`)."""
        return Point2D(self.offset_x, self.offset_y)

    @property
    def refPos(self) -> Point2D:
        """Reference position on the detector, in pixels (`lsst.geom.Point2D`)."""
        return Point2D(self.refpos_x, self.refpos_y)

    @property
    def orientation(self) -> Orientation:
        """Position and rotation of the detector (`Orientation`)."""
        return Orientation(
            Point3D(self.offset_x, self.offset_y, self.offset_z),
            self.refPos,
            self.yawDeg * degrees,
            self.pitchDeg * degrees,
            self.rollDeg * degrees,
        )

    @property
    def pixelSize(self) -> Extent2D:
        """Size of a pixel, in mm (`lsst.geom.Extent2D`)."""
        return Extent2D(self.pixelSize_x, self.pixelSize_y)


class CameraConfig(Config):
    """Configuration of a camera."""

    __module__ = "lsst.afw.cameraGeom"

    detectorList = ConfigDictField(
        keytype=int, itemtype=DetectorConfig, doc="Detectors, keyed by their index in the list."
    )
    transformDict = ConfigField[TransformMapConfig](doc="Transforms from the focal plane.")
    name = Field[str](doc="Name of the camera.")
    plateScale = Field[float](doc="Plate scale at the centre of the focal plane (arcsec/mm).")
    radialCoeffs = ListField[float](doc="Coefficients of the radial distortion, for powers 0, 1, 2, ...")


def _systems(config: TransformMapConfig) -> dict[CameraSys | CameraSysPrefix, TransformPoint2ToPoint2]:
    """Return the transforms of a configuration, keyed by their target coordinate system."""
    transforms: Mapping[str, TransformConfig] = config.transforms or {}
    unknown = sorted(set(transforms) - set(_SYSTEMS))
    if unknown:
        raise InvalidParameterError(
            f"There is no coordinate system {', '.join(unknown)}; those of cameras are {', '.join(_SYSTEMS)}"
        )
    return {_SYSTEMS[name]: item.transform.apply() for name, item in transforms.items()}


def addDetectorBuilderFromConfig(
    cameraBuilder: CameraBuilder,
    detectorConfig: DetectorConfig,
    amplifiers: Iterable[AmplifierBuilder],
    focalPlaneToField: TransformPoint2ToPoint2,
) -> InCameraBuilder:
    """Add a detector to a camera that is being built.

    Parameters
    ----------
    cameraBuilder : ``Camera.Builder``
        The camera.
    detectorConfig : `DetectorConfig`
        Description of the detector.
    amplifiers : iterable of ``Amplifier.Builder``
        Its amplifiers, in order.
    focalPlaneToField : `lsst.afw.geom.TransformPoint2ToPoint2`
        Focal plane, mm, to field angle, radians.

    Returns
    -------
    builder : ``Detector.InCameraBuilder``
        The new detector; besides the configured transforms it has one to ``TAN_PIXELS``.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the name or number is taken, or the target of a transform is not a known coordinate system.
    RuntimeError
        Raised if the crosstalk coefficients do not match the number of amplifiers.
    """
    builder = cameraBuilder.add(detectorConfig.name, detectorConfig.id)
    for amplifier in amplifiers:
        builder.append(amplifier)
    builder.fromConfig(detectorConfig, numAmps=len(builder))
    for system, transform in _systems(detectorConfig.transformDict).items():
        builder.setTransformFromPixelsTo(system, transform)
    tan_pixels = makePixelToTanPixel(
        detectorConfig.bbox, detectorConfig.orientation, focalPlaneToField, detectorConfig.pixelSize
    )
    builder.setTransformFromPixelsTo(TAN_PIXELS, tan_pixels)
    return builder


def makeCameraFromAmpLists(
    cameraConfig: CameraConfig,
    ampListDict: Mapping[str, Iterable[AmplifierBuilder]],
    pupilFactoryClass: type | None = None,
) -> Camera:
    """Make a camera from its configuration and the amplifiers of its detectors.

    Parameters
    ----------
    cameraConfig : `CameraConfig`
        Description of the camera and its detectors.
    ampListDict : mapping of `str` to iterable of ``Amplifier.Builder``
        Amplifiers by the name of the detector.
    pupilFactoryClass : `type`, optional
        Class with which the compiled stack makes pupils; the camera stores its name.

    Returns
    -------
    camera : `Camera`
        The camera.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no transform from focal plane to field angle, if a detector has no list of
        amplifiers, or if the detectors are inconsistent.
    """
    builder = CameraBuilder(cameraConfig.name)
    if pupilFactoryClass is None:
        builder.setPupilFactoryName(_PUPIL_FACTORY)
    else:
        builder.setPupilFactoryClass(pupilFactoryClass)
    transforms = _systems(cameraConfig.transformDict)
    if FIELD_ANGLE not in transforms:
        raise InvalidParameterError(
            f"Camera {cameraConfig.name} needs a transform from focal plane to field angle: "
            f"transformDict.transforms[{FIELD_ANGLE.getSysName()!r}]"
        )
    jacobian = transforms[FIELD_ANGLE].getJacobian(Point2D(0.0, 0.0))
    builder.setFocalPlaneParity(bool(np.linalg.det(jacobian) < 0))
    for system, transform in transforms.items():
        builder.setTransformFromFocalPlaneTo(system, transform)  # type: ignore[arg-type]
    for config in cameraConfig.detectorList.values():
        if config.name not in ampListDict:
            raise InvalidParameterError(f"There is no list of amplifiers of detector {config.name}")
        addDetectorBuilderFromConfig(builder, config, ampListDict[config.name], transforms[FIELD_ANGLE])
    return builder.finish()
