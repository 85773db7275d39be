# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated pixels packaged as post-ISR exposures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.cameraGeom import FOCAL_PLANE, PIXELS
from lsst.afw.coord import Observatory, Weather
from lsst.afw.image import ExposureF, FilterLabel, MaskedImageF, RotType, VisitInfo
from lsst.daf.base import DateTime, PropertyList
from lsst.geom import SpherePoint, degrees

from ._camera import focal_plane_radius
from ._config import NightConfig, Stream, random_stream
from ._pattern import draw_pattern
from ._pixels import DetectorPixels, simulate_pixels
from ._sky import SkyModel, draw_sky

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera, Detector

__all__ = ("Night", "detector_pattern", "focal_plane_grid", "make_visit_info")


def focal_plane_grid(detector: Detector) -> tuple[np.ndarray, np.ndarray]:
    """Return the focal-plane positions of all pixel centres (mm): arrays x and y, shape ``(ny, nx)``."""
    box = detector.getBBox()
    rows, columns = np.mgrid[box.minY : box.maxY + 1, box.minX : box.maxX + 1]
    to_focal_plane = detector.getTransform(PIXELS, FOCAL_PLANE)
    points = np.array([columns.ravel(), rows.ravel()], dtype=float)
    x, y = to_focal_plane.getMapping().applyForward(points)
    return x.reshape(rows.shape), y.reshape(rows.shape)


def detector_pattern(detector: Detector, night: NightConfig) -> np.ndarray:
    """Return the static pattern of a detector, as a fraction of the sky, float64, shape ``(ny, nx)``."""
    box = detector.getBBox()
    regions = [
        (
            slice(a.getBBox().beginY - box.minY, a.getBBox().endY - box.minY),
            slice(a.getBBox().beginX - box.minX, a.getBBox().endX - box.minX),
        )
        for a in detector
    ]
    rng = random_stream(night.seed, Stream.PATTERN, detector.getId())
    return draw_pattern((box.height, box.width), regions, night.pattern, rng)


class Night:
    """A night of exposures with one camera.

    Parameters
    ----------
    camera : `lsst.afw.cameraGeom.Camera`
        The camera; its detectors need a transform from pixels to the focal plane.
    config : `NightConfig`
        Parameters of the night.
    band, physical_filter : `str`
        Filter of all exposures.
    """

    def __init__(
        self, camera: Camera, config: NightConfig, *, band: str = "r", physical_filter: str = "sim_r"
    ) -> None:
        self.camera = camera
        self.config = config
        self.filter = FilterLabel(band=band, physical=physical_filter)
        radius = focal_plane_radius(camera)
        self.skies: list[SkyModel] = [
            draw_sky(config.sky, radius, random_stream(config.seed, Stream.SKY, number))
            for number in range(config.exposures)
        ]

    def exposure(self, number: int, detector: Detector, visit_info: VisitInfo | None = None) -> ExposureF:
        """Simulate one detector in one exposure.

        Parameters
        ----------
        number : `int`
            Number of the exposure in the night, from 0.
        detector : `lsst.afw.cameraGeom.Detector`
            A detector of the camera.
        visit_info : `lsst.afw.image.VisitInfo`, optional
            Visit information of the exposure; made up by default.

        Returns
        -------
        exposure : `lsst.afw.image.ExposureF`
            Exposure as after instrument signature removal: electrons, variance, BAD, SAT and NO_DATA set,
            cosmic rays not flagged.
        """
        sky = self.skies[number](*focal_plane_grid(detector))
        pattern = detector_pattern(detector, self.config)
        pixels = simulate_pixels(sky, pattern, self.config, (number, detector.getId()))
        exposure = ExposureF(_to_masked_image(pixels, detector))
        exposure.setDetector(detector)
        exposure.setFilter(self.filter)
        exposure.info.setVisitInfo(visit_info or make_visit_info(number))
        metadata = PropertyList()
        metadata.set("SIMSEED", self.config.seed, "Seed of the simulated night")
        metadata.set("SIMSKY", self.skies[number].level, "[electron] Sky in the middle of the focal plane")
        metadata.set("LSST ISR UNITS", "electron", "Units of the pixels")
        exposure.setMetadata(metadata)
        return exposure


def _to_masked_image(pixels: DetectorPixels, detector: Detector) -> MaskedImageF:
    """Copy pixels into a masked image, flags into mask planes."""
    result = MaskedImageF(detector.getBBox())
    result.image.array[:, :] = pixels.image
    result.variance.array[:, :] = pixels.variance
    for plane, flagged in (
        ("BAD", pixels.bad | pixels.dead),
        ("SAT", pixels.saturated),
        ("NO_DATA", pixels.dead),
    ):
        result.mask.array[flagged] |= result.mask.getPlaneBitMask(plane)
    return result


def make_visit_info(number: int, *, exposure_id: int | None = None, begin_mjd: float = 60397.25) -> VisitInfo:
    """Make up the visit information of an exposure: 30 s every 40 s from midnight in Chile.

    Parameters
    ----------
    number : `int`
        Number of the exposure in the night, from 0.
    exposure_id : `int`, optional
        ID of the exposure; ``number`` by default.
    begin_mjd : `float`
        Start of the first exposure (MJD, TAI).
    """
    middle = begin_mjd + (40.0 * number + 15.0) / 86400
    return VisitInfo(
        exposureTime=30.0,
        darkTime=31.0,
        date=DateTime(middle, DateTime.MJD, DateTime.TAI),
        ut1=middle,
        era=(15.0 * number) * degrees,
        boresightRaDec=SpherePoint(40.0 + 3 * number, -30.0, degrees),
        boresightAzAlt=SpherePoint(120.0, 60.0, degrees),
        boresightAirmass=1.155,
        boresightRotAngle=0 * degrees,
        rotType=RotType.SKY,
        observatory=Observatory(-70.7 * degrees, -30.2 * degrees, 2663.0),
        weather=Weather(10.0, 74000.0, 35.0),
        instrumentLabel="SkySim",
        id=number if exposure_id is None else exposure_id,
        observationType="science",
        scienceProgram="cpsky",
        observationReason="sky",
        object="blank field",
        hasSimulatedContent=True,
    )
