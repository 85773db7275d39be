# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras to simulate with: a small raft of our own, and real cameras with coarser pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.cameraGeom import FIELD_ANGLE, FOCAL_PLANE, PIXELS, Amplifier, Camera, DetectorType, Orientation
from lsst.afw.geom import makeTransform
from lsst.geom import (
    AffineTransform,
    Box2D,
    Box2I,
    Extent2D,
    Extent2I,
    LinearTransform,
    Point2D,
    Point2I,
    degrees,
)

if TYPE_CHECKING:
    from .._protocols import DetectorBuilder

__all__ = ("bin_camera", "binning_for_size", "focal_plane_radius", "make_raft_camera", "pixel_size")

_PIXEL = 0.01
"""Pixel size of the raft (mm)."""
_PITCH = 5.3
"""Distance between the centres of neighbouring detectors of the raft (mm)."""
_PLATE_SCALE = 20.0
"""Plate scale (arcsec/mm)."""
_TYPES = {"ITL": (508, 500), "E2V": (512, 500)}
"""Columns and rows of the two physical types of detector."""
_AMPLIFIERS = (4, 2)
"""Columns and rows of amplifiers on a detector."""


def make_raft_camera(name: str = "SkySim") -> Camera:
    """Make a camera of one raft: 3 x 3 detectors of about 500 x 500 pixels and two physical types.

    The raft is a miniature of an LSSTCam raft: 10 micron pixels, but eight times fewer along a side.
    """
    builder = Camera.Builder(name)
    radians_per_mm = math.radians(_PLATE_SCALE / 3600)
    scaling = makeTransform(AffineTransform(LinearTransform.makeScaling(radians_per_mm)))
    builder.setTransformFromFocalPlaneTo(FIELD_ANGLE, scaling)
    for number in range(9):
        row, column = divmod(number, 3)
        detector = builder.add(f"R00_S{row}{column}", number)
        detector.setSerial(f"SIM-{number:03d}")
        detector.setType(DetectorType.SCIENCE)
        # A column of E2V between two of ITL, as in a raft of mixed manufacture.
        _shape_detector(detector, "E2V" if column == 1 else "ITL", (column - 1, row - 1))
    return builder.finish()


def _shape_detector(detector: DetectorBuilder, physical_type: str, place: tuple[int, int]) -> None:
    """Set box, position (columns and rows from the middle) and amplifiers of a detector builder."""
    width, height = _TYPES[physical_type]
    detector.setPhysicalType(physical_type)
    detector.setBBox(Box2I(Point2I(0, 0), Extent2I(width, height)))
    detector.setPixelSize(Extent2D(_PIXEL, _PIXEL))
    orientation = Orientation(
        Point2D(place[0] * _PITCH, place[1] * _PITCH), Point2D((width - 1) / 2, (height - 1) / 2), 0 * degrees
    )
    detector.setOrientation(orientation)
    detector.setTransformFromPixelsTo(FOCAL_PLANE, orientation.makePixelFpTransform(detector.getPixelSize()))
    columns, rows = _AMPLIFIERS
    for number in range(columns * rows):
        row, column = divmod(number, columns)
        low = Point2I(column * width // columns, row * height // rows)
        high = Point2I((column + 1) * width // columns - 1, (row + 1) * height // rows - 1)
        amplifier = Amplifier.Builder()
        amplifier.setName(f"C{row}{column}")
        amplifier.setBBox(Box2I(low, high))
        amplifier.setGain(1.0)
        amplifier.setReadNoise(6.0)
        detector.append(amplifier)


def bin_camera(camera: Camera, factor: int) -> Camera:
    """Return a camera with the same focal plane but coarser pixels.

    Parameters
    ----------
    camera : `lsst.afw.cameraGeom.Camera`
        Camera to bin. Not modified.
    factor : `int`
        Old pixels per new pixel, on each axis. Old pixels that do not fill a new one are dropped.

    Returns
    -------
    binned : `lsst.afw.cameraGeom.Camera`
        Camera whose detectors cover the same regions of the focal plane.

    Raises
    ------
    ValueError
        Raised if a detector would have no pixel left.
    """
    if factor == 1:
        return camera
    # New pixel i covers old pixels i*factor ... (i+1)*factor - 1, whose middle is i*factor + (factor-1)/2.
    to_old = makeTransform(
        AffineTransform(LinearTransform.makeScaling(factor), Extent2D((factor - 1) / 2, (factor - 1) / 2))
    )
    builder = camera.rebuild()
    for old in camera:
        if min(old.getBBox().getDimensions()) < factor:
            raise ValueError(
                f"Detector {old.getName()} of {old.getBBox().getDimensions()} pixels is too small to be "
                f"binned by {factor}."
            )
        detector = builder[old.getName()]
        box = old.getBBox()
        whole = Box2I(
            Point2I(-(-box.minX // factor), -(-box.minY // factor)),
            Point2I((box.maxX + 1) // factor - 1, (box.maxY + 1) // factor - 1),
        )
        detector.setBBox(whole)
        detector.setPixelSize(old.getPixelSize() * factor)
        detector.setTransformFromPixelsTo(FOCAL_PLANE, to_old.then(old.getTransform(PIXELS, FOCAL_PLANE)))
        detector.clear()
        for amplifier in old:
            coarse = amplifier.rebuild()
            coarse.setBBox(_bin_box(amplifier.getBBox(), factor).clippedTo(whole))
            detector.append(coarse)
    return builder.finish()


def _bin_box(box: Box2I, factor: int) -> Box2I:
    """Return the box of the binned pixels that begin within a box."""
    low = Point2I(-(-box.minX // factor), -(-box.minY // factor))
    high = Point2I(-(-(box.maxX + 1) // factor) - 1, -(-(box.maxY + 1) // factor) - 1)
    return Box2I(low, high)


def binning_for_size(camera: Camera, size: int) -> int:
    """Return the smallest binning at which no detector has more than ``size`` pixels along a side."""
    largest = max(max(detector.getBBox().getDimensions()) for detector in camera)
    return max(1, math.ceil(largest / size))


def pixel_size(camera: Camera) -> float:
    """Return the largest pixel size of all detectors (mm)."""
    return max(max(detector.getPixelSize()) for detector in camera)


def focal_plane_radius(camera: Camera) -> float:
    """Return the distance from the origin of the focal plane to the farthest detector corner (mm)."""
    box: Box2D = camera.getFpBBox()
    return max(float(np.hypot(corner.x, corner.y)) for corner in box.getCorners())
