# SPDX-License-Identifier: GPL-3.0-or-later
"""Plots of sky frames and exposures of the joint chain, as datasets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from astropy.table import Table, vstack

import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from ..joint.residuals import read_skies
from ._connections import FILTER, camera_input, plot_output, sky_frames_input
from ._figures import draw_exposure, draw_frames
from ._frames import frame_inputs, require_chain
from ._joint import (
    SOLUTION,
    bins_input,
    by_detector,
    load_detector,
    noise_input,
    patterns_input,
    skies_input,
)

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera

    from .._protocols import Handle

__all__ = (
    "CpSkyPlotJointExposureConfig",
    "CpSkyPlotJointExposureConnections",
    "CpSkyPlotJointExposureTask",
    "CpSkyPlotJointFrameConfig",
    "CpSkyPlotJointFrameConnections",
    "CpSkyPlotJointFrameTask",
)


class CpSkyPlotJointExposureConnections(
    pipeBase.PipelineTaskConnections, dimensions=(*FILTER, "exposure"), defaultTemplates=SOLUTION
):
    """Connections of `CpSkyPlotJointExposureTask`; template ``solution`` numbers the last solve."""

    camera = camera_input()
    inputBins = bins_input()
    noise = noise_input()
    patterns = patterns_input()
    skies = skies_input()
    skyFrames = sky_frames_input(0)
    plot = cT.Output(
        name="cpSkyJointExposurePlot",
        doc="Plot of the sky of one exposure: model, the exposure without it, and what the sky frames leave.",
        storageClass="Plot",
        dimensions=(*FILTER, "exposure"),
    )


class CpSkyPlotJointExposureConfig(
    pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyPlotJointExposureConnections
):
    """Configuration of `CpSkyPlotJointExposureTask`; there is nothing to configure."""


class CpSkyPlotJointExposureTask(pipeBase.PipelineTask):
    """Plot one exposure of the joint chain over the focal plane."""

    ConfigClass = CpSkyPlotJointExposureConfig
    _DefaultName = "cpSkyPlotJointExposure"
    config: CpSkyPlotJointExposureConfig

    def run(
        self,
        camera: Camera,
        inputBins: Sequence[Handle],
        noise: Sequence[Handle],
        patterns: Sequence[Handle],
        skies: Table,
        skyFrames: Sequence[Handle] = (),
    ) -> pipeBase.Struct:
        """Plot one exposure.

        Parameters
        ----------
        camera : `lsst.afw.cameraGeom.Camera`
            Camera that gives the positions of the detectors.
        inputBins, noise, patterns : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of bins, geometry and patterns, whose data IDs name their detectors.
        skies : `astropy.table.Table`
            Skies of all exposures from the last solve.
        skyFrames : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of sky frames, alike.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attribute ``plot`` (`matplotlib.figure.Figure`).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if the joint chain has no sky for the exposure.
        """
        bins, notes, solved = by_detector(inputBins), by_detector(noise), by_detector(patterns)
        exposure = int(inputBins[0].dataId["exposure"])
        sky = read_skies(skies).get(exposure)
        if sky is None:
            raise pipeBase.NoWorkFound(f"The joint chain has no sky for exposure {exposure}.")
        frames = by_detector(skyFrames)
        model, without, left = {}, {}, {}
        for detector in bins:
            residuals = load_detector(detector, bins, notes, solved, skies)
            if residuals is None:
                continue
            grid = residuals.grid
            light = grid.over_cells(residuals.sky[0] * grid.area) / grid.over_cells(grid.area)
            model[detector] = light / sky.level - 1
            (cells,), _ = residuals.exposure_cells()
            if detector not in frames:
                continue
            frame = frames[detector][0].get()
            require_chain(frame, "joint", detector)
            if frame.image.array.shape == cells.shape:
                without[detector], left[detector] = frame.image.array + cells, cells
        title = f"Exposure {exposure}: sky {sky.level:.6g} (units of the image)"
        return pipeBase.Struct(plot=draw_exposure(camera, title, model, without, left))


class CpSkyPlotJointFrameConnections(
    pipeBase.PipelineTaskConnections, dimensions=FILTER, defaultTemplates=SOLUTION
):
    """Connections of `CpSkyPlotJointFrameTask`; template ``solution`` numbers the last solve."""

    camera = camera_input()
    skyFrames = sky_frames_input(1)
    inputBins = bins_input()
    noise = noise_input()
    patterns = patterns_input()
    skies = skies_input()
    exposureMetrics = cT.Input(
        name="cpSkyJointExposureMetrics",
        doc="Tables of metrics of the exposures of the joint chain, one per exposure.",
        storageClass="ArrowAstropy",
        dimensions=(*FILTER, "exposure"),
        multiple=True,
    )
    pulls = cT.Input(
        name="cpSkyJointFramePulls",
        doc="Table of the pull of each exposure on the sky frames of the joint chain.",
        storageClass="ArrowAstropy",
        dimensions=FILTER,
    )
    framePlot = plot_output("cpSkyJointFramePlot", "Plot of the sky frames over the focal plane.")
    noisePlot = plot_output(
        "cpSkyJointFrameNoisePlot",
        "Plot of the standard deviation of the sky frames, and of the inputs per cell.",
    )
    levelPlot = plot_output(
        "cpSkyJointResidualLevelPlot", "Plot of the residual of each exposure against its sky level."
    )
    deviationPlot = plot_output(
        "cpSkyJointDeviationPlot", "Plot of the deviation of each exposure from the others."
    )
    pullPlot = plot_output(
        "cpSkyJointPullPlot", "Plot of the pull of each exposure on the sky frames (leave one out)."
    )
    maskedPlot = plot_output("cpSkyJointMaskedPlot", "Plot of the fraction of pixels lost to masks.")


class CpSkyPlotJointFrameConfig(
    pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyPlotJointFrameConnections
):
    """Configuration of `CpSkyPlotJointFrameTask`; there is nothing to configure."""


class CpSkyPlotJointFrameTask(pipeBase.PipelineTask):
    """Plot the sky frames of the joint chain, and metrics of their exposures."""

    ConfigClass = CpSkyPlotJointFrameConfig
    _DefaultName = "cpSkyPlotJointFrame"
    config: CpSkyPlotJointFrameConfig

    def run(
        self,
        camera: Camera,
        skyFrames: Sequence[Handle],
        inputBins: Sequence[Handle],
        noise: Sequence[Handle],
        patterns: Sequence[Handle],
        skies: Table,
        exposureMetrics: Sequence[Table],
        pulls: Table,
    ) -> pipeBase.Struct:
        """Plot the sky frames of a filter.

        Parameters
        ----------
        camera : `lsst.afw.cameraGeom.Camera`
            Camera that gives the positions of the detectors.
        skyFrames, inputBins, noise, patterns : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of sky frames, bins, geometry and patterns.
        skies : `astropy.table.Table`
            Skies of all exposures from the last solve.
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
        bins, notes, solved = by_detector(inputBins), by_detector(noise), by_detector(patterns)
        frames, counts = {}, {}
        for detector, (handle, *_) in by_detector(skyFrames).items():
            frame = frames[detector] = handle.get()
            require_chain(frame, "joint", detector)
            counts[detector] = np.zeros(frame.image.array.shape)
            residuals = load_detector(detector, bins, notes, solved, skies)
            if residuals is not None and residuals.grid.cells == counts[detector].shape:
                used = frame_inputs(frame)
                for exposure, count in zip(residuals.exposures, residuals.count, strict=True):
                    if exposure in used:
                        counts[detector] += residuals.grid.over_cells(count) > 0
        metrics = vstack(list(exposureMetrics), metadata_conflicts="silent")
        return draw_frames(camera, frames, counts, metrics, pulls)
