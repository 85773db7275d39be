# SPDX-License-Identifier: GPL-3.0-or-later
"""A sky frame out of an exposure."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lsst.afw.image import ExposureF
from lsst.pipe.tasks.background import SkyMeasurementTask

from ..errors import MissingDetectorError
from ._build import StockTasks
from ._sources import Plane, as_camera, sources_of, superpixel_of

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera
    from lsst.daf.base import PropertyList

    from ..ingest import CameraDescription
    from ._sky_frame import SkyFrame

__all__ = ("Applied", "apply_sky_frame")


@dataclasses.dataclass(frozen=True)
class Applied:
    """An exposure without what the camera does to its sky."""

    detectors: dict[str, ExposureF]
    """The exposure with the scaled sky frame subtracted, sky and all else left, by name of the detector."""
    scale: float
    """How strong the pattern is, compared with what the sky lets expect: about 1."""
    sky: dict[str, float]
    """Sky that each detector sees, in units of the pixels; it and ``scale`` multiply the sky frame."""


def apply_sky_frame(
    exposure: Mapping[str, Plane] | Mapping[int, Plane],
    sky_frame: SkyFrame,
    camera: Camera | CameraDescription | str | os.PathLike[str],
    *,
    superpixel: tuple[float, float] | None = None,
) -> Applied:
    """Subtract a sky frame from an exposure, scaled to fit it.

    Objects are masked and the sky is modelled in superpixels of the focal plane; the sky frame is fitted to
    what remains, over all detectors at once, by `lsst.pipe.tasks.background.SkyMeasurementTask`.

    Parameters
    ----------
    exposure : `~collections.abc.Mapping`
        Detectors by name or number, as for `build_sky_frame`, with their sky. Not modified.
    sky_frame : `SkyFrame`
        Of the same camera and filter.
    camera : `lsst.afw.cameraGeom.Camera`, `lsst.cp.sky.ingest.CameraDescription`, `str` or `os.PathLike`
        The camera.
    superpixel : `tuple` [`float`, `float`], optional
        Sides of a superpixel, mm; those of the description by default.

    Returns
    -------
    applied : `Applied`
        The corrected exposure, and what was subtracted from it.

    Raises
    ------
    MissingDetectorError
        Raised if the sky frame lacks a detector of the exposure.
    """
    stack_camera = as_camera(camera)
    (sources,) = sources_of([exposure], stack_camera)
    names = {number: stack_camera[number].getName() for number in sources}
    for name in names.values():
        if name not in sky_frame.detectors:
            raise MissingDetectorError(
                f"The sky frame has no detector {name}; it has {', '.join(list(sky_frame.detectors)[:12])}.",
                detectorName=name,
            )
    task = SkyMeasurementTask(config=SkyMeasurementTask.ConfigClass())
    frames = {number: task.exposureToBackground(sky_frame.detectors[name]) for number, name in names.items()}
    tasks = StockTasks(stack_camera, superpixel_of(camera, superpixel))
    rest = {number: make() for number, make in sources.items()}
    model = tasks.model(rest, lambda: None)
    skies = {number: _sky(model["inputScale"], stack_camera[number].getPhysicalType()) for number in sources}
    samples = []
    for number, one in rest.items():
        tasks.subtract.run(one, **model)  # in units of the sky, that of its physical type
        samples.append(task.measureScale(one, frames[number]))
    scale = float(task.solveScales(samples))
    out = {}
    for number, make in sources.items():
        out[names[number]] = make()
        task.subtractSkyFrame(out[names[number]], frames[number], scale * skies[number])
    return Applied(out, scale, {names[number]: sky for number, sky in skies.items()})


def _sky(scales: PropertyList, physical_type: str) -> float:
    """Sky that a detector of a physical type sees, in units of the pixels."""
    for key in scales.names():
        if key.startswith("detectorTypeAlternate") and scales.getScalar(key) == physical_type:
            return float(scales.getScalar(key.replace("detectorType", "scale")))
    return float(scales.getScalar("scale"))
