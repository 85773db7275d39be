# SPDX-License-Identifier: GPL-3.0-or-later
"""The four tasks run in this process without masking: the best that the pipeline can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lsst.pex.config import Config
from lsst.pipe.base import InMemoryDatasetHandle, Struct, Task

from ..combine import CpSkyCombineTask
from ..image import CpSkyImageTask
from ..scale import CpSkyScaleMeasureTask
from ..subtract import CpSkySubtractBackgroundTask

if TYPE_CHECKING:
    from lsst.afw.image import Exposure
    from lsst.afw.math import BackgroundList

    from .._protocols import Handle
    from ..simulate import Night

__all__ = ("MaskNothingTask", "run_chain")


class MaskNothingTask(Task):
    """A masker that masks nothing."""

    ConfigClass = Config
    _DefaultName = "maskNothing"

    def run(self, exposure: Exposure, maskPlanes: Sequence[str] | None = None) -> Struct:
        """Leave the exposure unchanged."""
        return Struct()


def run_chain(
    night: Night,
    detectors: Sequence[int],
    large_scale: Mapping[str, float],
    progress: Callable[[], None],
) -> dict[int, np.ndarray]:
    """Simulate a night and make its sky frames in memory, without masking.

    Parameters
    ----------
    night : `lsst.cp.sky.simulate.Night`
        The night.
    detectors : `~collections.abc.Sequence` [`int`]
        Detectors to include.
    large_scale : `dict`
        Fields of ``CpSkyImageConfig.largeScaleBackground`` to set.
    progress : `~collections.abc.Callable`
        Called after each detector of each exposure.

    Returns
    -------
    sky_frames : `dict` [`int`, `numpy.ndarray`]
        Sky frame of each detector, one value per cell, as a fraction of the sky.
    """
    image_task, scale_task, subtract_task, combine_task = _make_tasks(large_scale)
    backgrounds: dict[int, list[BackgroundList]] = {detector: [] for detector in detectors}
    handles: dict[int, list[Handle]] = {detector: [] for detector in detectors}
    for number in range(night.config.exposures):
        exposures = [night.exposure(number, night.camera[detector]) for detector in detectors]
        shares = []
        for exposure in exposures:
            shares.append(image_task.run(exposure, night.camera).maskedBkg)
            progress()
        scale = scale_task.run(inputBkgs=shares)
        for detector, exposure in zip(detectors, exposures, strict=True):
            rest = subtract_task.run(exposure, scale.outputBkg, scale.outputScale)
            backgrounds[detector].append(rest.outputBkg)
            handles[detector].append(InMemoryDatasetHandle(exposure, storageClass="ExposureF"))
    return {
        detector: combine_task.run(backgrounds[detector], handles[detector]).outputCalib.image.array
        for detector in detectors
    }


def _make_tasks(
    large_scale: Mapping[str, float],
) -> tuple[CpSkyImageTask, CpSkyScaleMeasureTask, CpSkySubtractBackgroundTask, CpSkyCombineTask]:
    """Make the four tasks with the demo's superpixels and without a masker."""
    config = CpSkyImageTask.ConfigClass()
    config.maskTask.retarget(MaskNothingTask)
    config.largeScaleBackground.update(**large_scale)
    return (
        CpSkyImageTask(config=config),
        CpSkyScaleMeasureTask(config=CpSkyScaleMeasureTask.ConfigClass()),
        CpSkySubtractBackgroundTask(config=CpSkySubtractBackgroundTask.ConfigClass()),
        CpSkyCombineTask(config=CpSkyCombineTask.ConfigClass()),
    )
