# SPDX-License-Identifier: GPL-3.0-or-later
"""A mosaic with a known truth, dressed as exposures of a camera, so that a repository can be made of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.cameraGeom import FIELD_ANGLE, FOCAL_PLANE, Amplifier, Camera, DetectorType, Orientation
from lsst.afw.geom import makeTransform
from lsst.afw.image import ExposureF, FilterLabel
from lsst.daf.base import PropertyList
from lsst.geom import AffineTransform, Box2I, Extent2D, Extent2I, LinearTransform, Point2D, Point2I, degrees

from ._exposure import make_visit_info
from ._mosaic import PIXEL, SIDE, Mosaic

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Detector
    from lsst.afw.image import VisitInfo

    from .._protocols import DetectorBuilder

__all__ = ("MosaicNight", "make_mosaic_camera")

_PLATE_SCALE = 20.0
"""Arcseconds on the sky per mm in the focal plane."""


def make_mosaic_camera(mosaic: Mosaic, name: str = "SkySim") -> Camera:
    """Make the camera of a mosaic: its detectors where they are, with four amplifiers each."""
    builder = Camera.Builder(name)
    scaling = LinearTransform.makeScaling(math.radians(_PLATE_SCALE / 3600))
    builder.setTransformFromFocalPlaneTo(FIELD_ANGLE, makeTransform(AffineTransform(scaling)))
    for number, (x, y) in enumerate(mosaic.corner):
        detector = builder.add(f"D{number}", number)
        detector.setSerial(f"SIM-{number:03d}")
        detector.setType(DetectorType.SCIENCE)
        detector.setPhysicalType("SIM")
        detector.setBBox(Box2I(Point2I(0, 0), Extent2I(SIDE, SIDE)))
        detector.setPixelSize(Extent2D(PIXEL, PIXEL))
        orientation = Orientation(Point2D(x * PIXEL, y * PIXEL), Point2D(0, 0), 0 * degrees)
        detector.setOrientation(orientation)
        to_plane = orientation.makePixelFpTransform(detector.getPixelSize())
        detector.setTransformFromPixelsTo(FOCAL_PLANE, to_plane)
        _add_amplifiers(detector, mosaic)
    return builder.finish()


def _add_amplifiers(detector: DetectorBuilder, mosaic: Mosaic) -> None:
    row, column = mosaic.config.amplifier_ends
    for j, (bottom, top) in enumerate(((0, row), (row, SIDE))):
        for i, (left, right) in enumerate(((0, column), (column, SIDE))):
            amplifier = Amplifier.Builder()
            amplifier.setName(f"C{j}{i}")
            amplifier.setBBox(Box2I(Point2I(left, bottom), Point2I(right - 1, top - 1)))
            amplifier.setGain(1.0)
            amplifier.setReadNoise(mosaic.config.read_noise)
            detector.append(amplifier)


class MosaicNight:
    """A mosaic as a night that `make_repository` takes.

    Parameters
    ----------
    mosaic : `Mosaic`
        The night.
    band, physical_filter : `str`
        Filter of all exposures.
    """

    def __init__(self, mosaic: Mosaic, *, band: str = "r", physical_filter: str = "sim_r") -> None:
        self.mosaic = mosaic
        self.config = mosaic.config
        self.camera = make_mosaic_camera(mosaic)
        self.filter = FilterLabel(band=band, physical=physical_filter)

    def exposure(
        self, number: int, detector: Detector, visit_info: VisitInfo | None = None
    ) -> ExposureF | None:
        """One detector in one exposure after instrument signature removal; `None` where it is missing."""
        d = detector.getId()
        if not self.mosaic.have[number, d]:
            return None
        exposure = ExposureF(detector.getBBox())
        exposure.image.array[:] = self.mosaic.images[number, d]
        exposure.variance.array[:] = np.nan_to_num(self.mosaic.variance[number, d])
        for plane, flagged in (
            ("BAD", self.mosaic.bad[d]),
            ("SAT", self.mosaic.saturated[number, d]),
            ("NO_DATA", self.mosaic.dead[d]),
        ):
            exposure.mask.array[flagged] |= exposure.mask.getPlaneBitMask(plane)
        exposure.setDetector(detector)
        exposure.setFilter(self.filter)
        exposure.info.setVisitInfo(visit_info or make_visit_info(number))
        metadata = PropertyList()
        metadata.set("SIMSEED", self.mosaic.seed, "Seed of the simulated night")
        metadata.set("LSST ISR UNITS", "electron", "Units of the pixels")
        exposure.setMetadata(metadata)
        return exposure
