# SPDX-License-Identifier: GPL-3.0-or-later
"""A sky frame out of an exposure."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from lsst.afw.image import ExposureF

from ..apply import CpSkyApplyTask
from ..errors import MissingDetectorError
from ._build import StockTasks
from ._sources import Plane, Source, as_camera, sources_of, superpixel_of

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera

    from .._protocols import Handle
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
    """Sky over the focal plane, in units of the pixels; it and ``scale`` multiply the sky frame."""


def apply_sky_frame(
    exposure: Mapping[str, Plane] | Mapping[int, Plane],
    sky_frame: SkyFrame,
    camera: Camera | CameraDescription | str | os.PathLike[str],
    *,
    superpixel: tuple[float, float] | None = None,
) -> Applied:
    """Subtract a sky frame from an exposure, scaled to fit it.

    Objects are masked and the sky is modelled in superpixels of the focal plane; the sky frame is fitted to
    what remains, over all detectors at once. This is `lsst.cp.sky.apply.CpSkyApplyTask`, which is also behind
    ``cpsky apply``, with the settings that are recommended for `lsst.cp.sky.CpSkyImageTask`.

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
    task = _task(StockTasks(stack_camera, superpixel_of(camera, superpixel)))
    exposures = [_Held(number, make) for number, make in sources.items()]
    frames = [_Held(number, functools.partial(_frame, sky_frame, name)) for number, name in names.items()]
    found = task.run(cast("list[Handle]", exposures), cast("list[Handle]", frames), stack_camera)
    sky, scale = (float(found.metrics[name][0]) for name in ("sky", "scale"))
    out = {names[number]: exposure for number, exposure in found.outputExps.items()}
    return Applied(out, scale / sky, dict.fromkeys(out, sky))


def _frame(sky_frame: SkyFrame, name: str) -> ExposureF:
    return sky_frame.detectors[name]


@dataclasses.dataclass(frozen=True)
class _Held:
    """What the task wants of a handle."""

    detector: int
    get: Source

    @property
    def dataId(self) -> dict[str, int]:
        """Number of the detector, by the name that the task knows."""
        return {"detector": self.detector}


def _task(stock: StockTasks) -> CpSkyApplyTask:
    """Task that models the sky and masks objects as when sky frames are made."""
    config = CpSkyApplyTask.ConfigClass()
    chain = stock.image.config
    config.largeScaleBackground.update(**chain.largeScaleBackground.toDict())
    config.adaptMaskBins = chain.adaptMaskBins
    config.maskTask = chain.maskTask
    return CpSkyApplyTask(config=config)
