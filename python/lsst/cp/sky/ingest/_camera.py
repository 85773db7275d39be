# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of a description to the stack's camera."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lsst.afw.cameraGeom import (
    FIELD_ANGLE,
    FOCAL_PLANE,
    Amplifier,
    Camera,
    DetectorType,
    Orientation,
    ReadoutCorner,
)
from lsst.afw.geom import makeTransform
from lsst.geom import AffineTransform, Box2I, Extent2D, Extent2I, LinearTransform, Point2D, Point2I, degrees

if TYPE_CHECKING:
    from .._protocols import DetectorBuilder
    from ._description import CameraDescription, DetectorDescription

__all__ = ("make_camera",)


def make_camera(description: CameraDescription) -> Camera:
    """Make a camera from its description.

    Returns
    -------
    camera : `lsst.afw.cameraGeom.Camera`
        The camera; all detectors are science detectors, and the plate scale is constant.
    """
    builder = Camera.Builder(description.name)
    radians_per_mm = math.radians(description.plate_scale / 3600)
    scaling = makeTransform(AffineTransform(LinearTransform.makeScaling(radians_per_mm)))
    builder.setTransformFromFocalPlaneTo(FIELD_ANGLE, scaling)
    for detector in description.detectors:
        _fill(builder.add(detector.name, detector.id), detector)
    return builder.finish()


def _fill(builder: DetectorBuilder, detector: DetectorDescription) -> None:
    """Set the properties of a detector builder."""
    width, height = detector.size
    builder.setSerial(detector.name)
    builder.setType(DetectorType.SCIENCE)
    builder.setPhysicalType(detector.physical_type)
    builder.setBBox(Box2I(Point2I(0, 0), Extent2I(width, height)))
    builder.setPixelSize(Extent2D(detector.pixel_size, detector.pixel_size))
    orientation = Orientation(
        Point2D(*detector.at), Point2D((width - 1) / 2, (height - 1) / 2), detector.yaw * degrees
    )
    builder.setOrientation(orientation)
    builder.setTransformFromPixelsTo(FOCAL_PLANE, orientation.makePixelFpTransform(builder.getPixelSize()))
    columns, rows = detector.amplifiers
    for number in range(columns * rows):
        row, column = divmod(number, columns)
        builder.append(_amplifier(detector, row, column))


def _amplifier(detector: DetectorDescription, row: int, column: int) -> Amplifier:
    """Return the builder of one of the equal amplifiers of a detector."""
    (width, height), (columns, rows) = detector.size, detector.amplifiers
    low = Point2I(column * width // columns, row * height // rows)
    high = Point2I((column + 1) * width // columns - 1, (row + 1) * height // rows - 1)
    amplifier = Amplifier.Builder()
    amplifier.setName(f"C{row}{column}")
    amplifier.setBBox(Box2I(low, high))
    amplifier.setGain(1.0 if detector.gain is None else detector.gain)
    amplifier.setReadNoise(detector.read_noise)
    if detector.readout is not None:
        amplifier.setReadoutCorner(ReadoutCorner[detector.readout])
    return amplifier
