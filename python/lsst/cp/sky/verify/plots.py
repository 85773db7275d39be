# SPDX-License-Identifier: GPL-3.0-or-later
"""Plots of sky frames and exposures, as datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from astropy.table import Table, vstack

import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from ._connections import FILTER, camera_input, plot_output, residuals_input, sky_frames_input
from ._figures import draw_exposure, draw_frames
from ._frames import frame_inputs, stats_array

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera
    from lsst.afw.image import ExposureF
    from lsst.daf.base import PropertyList
    from lsst.pipe.tasks.background import FocalPlaneBackground

    from .._protocols import Handle

__all__ = (
    "CpSkyPlotExposureConfig",
    "CpSkyPlotExposureConnections",
    "CpSkyPlotExposureTask",
    "CpSkyPlotFrameConfig",
    "CpSkyPlotFrameConnections",
    "CpSkyPlotFrameTask",
)


class CpSkyPlotExposureConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter", "exposure")
):
    """Connections of `CpSkyPlotExposureTask`."""

    camera = camera_input()
    inputBkg = cT.Input(
        name="cpSkyExpBackground",
        doc="Focal-plane model of the sky of one exposure, merged from all detectors.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure"),
    )
    inputScale = cT.Input(
        name="cpSkyExpScale",
        doc="Sky scale of one exposure (units of the image).",
        storageClass="PropertyList",
        dimensions=("instrument", "exposure"),
    )
    inputBkgs = residuals_input()
    skyFrames = sky_frames_input(0)
    plot = cT.Output(
        name="cpSkyExposurePlot",
        doc="Plot of the sky of one exposure: model, residual background, and residual after applying the "
        "sky frames.",
        storageClass="Plot",
        dimensions=("instrument", "physical_filter", "exposure"),
    )


class CpSkyPlotExposureConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyPlotExposureConnections):
    """Configuration of `CpSkyPlotExposureTask`; there is nothing to configure."""


class CpSkyPlotExposureTask(pipeBase.PipelineTask):
    """Plot one exposure over the focal plane: sky model, residual, and residual after the sky frames."""

    ConfigClass = CpSkyPlotExposureConfig
    _DefaultName = "cpSkyPlotExposure"
    config: CpSkyPlotExposureConfig

    def run(
        self,
        camera: Camera,
        inputBkg: FocalPlaneBackground,
        inputScale: PropertyList,
        inputBkgs: Sequence[Handle],
        skyFrames: Sequence[Handle] = (),
    ) -> pipeBase.Struct:
        """Plot one exposure.

        Parameters
        ----------
        camera : `lsst.afw.cameraGeom.Camera`
            Camera that gives the positions of the detectors.
        inputBkg : `lsst.pipe.tasks.background.FocalPlaneBackground`
            Focal-plane model of the exposure.
        inputScale : `lsst.daf.base.PropertyList`
            Sky scale of the exposure.
        inputBkgs, skyFrames : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the residual backgrounds and of the sky frames, whose data IDs name their detectors.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attribute ``plot`` (`matplotlib.figure.Figure`).
        """
        scale = float(inputScale.get("scale"))
        residuals = {int(h.dataId["detector"]): stats_array(h.get()) for h in inputBkgs}
        exposure = inputBkgs[0].dataId["exposure"]
        model = {}
        for number in residuals:
            detector = camera[number]
            model[number] = stats_array(inputBkg.toCcdBackground(detector, detector.getBBox())) / scale - 1
        left = {}
        for handle in skyFrames:
            number = int(handle.dataId["detector"])
            if number in residuals:
                frame = handle.get().image.array
                if frame.shape == residuals[number].shape:
                    left[number] = residuals[number] - frame
        title = f"Exposure {exposure}: sky {scale:.6g} (units of the image)"
        return pipeBase.Struct(plot=draw_exposure(camera, title, model, residuals, left))


class CpSkyPlotFrameConnections(pipeBase.PipelineTaskConnections, dimensions=FILTER):
    """Connections of `CpSkyPlotFrameTask`."""

    camera = camera_input()
    skyFrames = sky_frames_input(1)
    inputBkgs = residuals_input()
    exposureMetrics = cT.Input(
        name="cpSkyExposureMetrics",
        doc="Tables of metrics of the exposures, one per exposure.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter", "exposure"),
        multiple=True,
    )
    pulls = cT.Input(
        name="cpSkyFramePulls",
        doc="Table of the pull of each exposure on the sky frames.",
        storageClass="ArrowAstropy",
        dimensions=FILTER,
    )
    framePlot = plot_output("cpSkyFramePlot", "Plot of the sky frames over the focal plane.")
    noisePlot = plot_output(
        "cpSkyFrameNoisePlot", "Plot of the standard deviation of the sky frames, and of the inputs per cell."
    )
    levelPlot = plot_output(
        "cpSkyResidualLevelPlot", "Plot of the residual of each exposure against its sky level."
    )
    deviationPlot = plot_output(
        "cpSkyDeviationPlot", "Plot of the deviation of each exposure from the others."
    )
    pullPlot = plot_output(
        "cpSkyPullPlot", "Plot of the pull of each exposure on the sky frames (leave one out)."
    )
    maskedPlot = plot_output("cpSkyMaskedPlot", "Plot of the fraction of pixels lost to masks.")


class CpSkyPlotFrameConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyPlotFrameConnections):
    """Configuration of `CpSkyPlotFrameTask`; there is nothing to configure."""


class CpSkyPlotFrameTask(pipeBase.PipelineTask):
    """Plot the sky frames of a filter, and metrics of their exposures."""

    ConfigClass = CpSkyPlotFrameConfig
    _DefaultName = "cpSkyPlotFrame"
    config: CpSkyPlotFrameConfig

    def run(
        self,
        camera: Camera,
        skyFrames: Sequence[Handle],
        inputBkgs: Sequence[Handle],
        exposureMetrics: Sequence[Table],
        pulls: Table,
    ) -> pipeBase.Struct:
        """Plot the sky frames of a filter.

        Parameters
        ----------
        camera : `lsst.afw.cameraGeom.Camera`
            Camera that gives the positions of the detectors.
        skyFrames, inputBkgs : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the sky frames and of the residual backgrounds.
        exposureMetrics : `list` [`astropy.table.Table`]
            Metrics of the exposures.
        pulls : `astropy.table.Table`
            Pull of each exposure on the sky frames.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes ``framePlot``, ``noisePlot``, ``levelPlot``, ``deviationPlot``, ``pullPlot`` and
            ``maskedPlot`` (`matplotlib.figure.Figure`).
        """
        frames = {int(handle.dataId["detector"]): handle.get() for handle in skyFrames}
        counts = _count_inputs(frames, inputBkgs)
        metrics = vstack(list(exposureMetrics), metadata_conflicts="silent")
        return draw_frames(camera, frames, counts, metrics, pulls)


def _count_inputs(frames: Mapping[int, ExposureF], handles: Sequence[Handle]) -> dict[int, np.ndarray]:
    """Exposures that each cell of the sky frames has."""
    used = {number: frame_inputs(frame) for number, frame in frames.items()}
    counts = {number: np.zeros(frame.image.array.shape) for number, frame in frames.items()}
    for handle in handles:
        number, exposure = int(handle.dataId["detector"]), int(handle.dataId["exposure"])
        if number in counts and exposure in used[number]:
            counts[number] += np.isfinite(stats_array(handle.get()))
    return counts
