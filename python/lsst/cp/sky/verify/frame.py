# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics of the sky frames of a filter, and the pull of each exposure on them; no truth is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from .._quantum import AnnotatedTask
from .._reading import detectorsOf, load
from .._validation import requireDetector
from ..errors import MismatchedInputsError
from ._connections import residuals_input, sky_frames_input
from ._frames import frame_inputs, require_chain, stats_array, stats_errors
from ._numbers import error_of_mean, leave_one_out, split_half_noise
from ._tables import FrameParts, frame_row, frame_tables, pull_rows, report_frames

if TYPE_CHECKING:
    from astropy.table import Table

    from .._protocols import Handle

__all__ = ("CpSkyVerifyFrameConfig", "CpSkyVerifyFrameConnections", "CpSkyVerifyFrameTask")


class CpSkyVerifyFrameConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter")
):
    """Connections of `CpSkyVerifyFrameTask`."""

    skyFrames = sky_frames_input(1)
    inputBkgs = residuals_input()
    exposureMetrics = cT.Input(
        name="cpSkyExposureMetrics",
        doc="Tables of metrics of the exposures, one per exposure; only photonLimit is used.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter", "exposure"),
        multiple=True,
        minimum=0,
    )
    metrics = cT.Output(
        name="cpSkyFrameMetrics",
        doc="Table of metrics of the sky frames, one row per detector.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    pulls = cT.Output(
        name="cpSkyFramePulls",
        doc="Table of the pull of each exposure on the sky frames, one row per exposure and detector.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )


class CpSkyVerifyFrameConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyVerifyFrameConnections):
    """Configuration of `CpSkyVerifyFrameTask`; there is nothing to configure."""


class CpSkyVerifyFrameTask(AnnotatedTask):
    """Measure the sky frames of a filter: noise, steps, and the pull of each exposure."""

    ConfigClass = CpSkyVerifyFrameConfig
    _DefaultName = "cpSkyVerifyFrame"
    config: CpSkyVerifyFrameConfig

    def run(
        self,
        skyFrames: Sequence[Handle],
        inputBkgs: Sequence[Handle],
        exposureMetrics: Sequence[Table] = (),
    ) -> pipeBase.Struct:
        """Measure the sky frames, one detector after the other.

        Parameters
        ----------
        skyFrames : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the sky frames, whose data IDs name their detectors.
        inputBkgs : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the residual backgrounds, whose data IDs name exposure and detector.
        exposureMetrics : `list` [`astropy.table.Table`], optional
            Metrics of the exposures. Cells whose pixels scatter by less than photons do, because the masker
            replaced them with something smooth, are not taken to be better than the photon limit.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``metrics``
                One row per detector (`astropy.table.Table`).
            ``pulls``
                One row per exposure and detector (`astropy.table.Table`).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there are no sky frames.
        lsst.cp.sky.MismatchedInputsError
            Raised if a sky frame and a residual background differ in their number of cells, or if a sky frame
            is of the joint chain.

        Notes
        -----
        The task's metadata record ``frames``, ``inputs`` (largest number of exposures of a frame),
        ``splitHalfNoise`` (fraction of the sky) and ``splitHalfRatio`` (to the photon limit), the latter two
        as medians over the detectors.
        """
        if not skyFrames:
            raise pipeBase.NoWorkFound("There are no sky frames to verify.")
        limits = {
            (int(row["exposure"]), int(row["detector"])): float(row["photonLimit"])
            for table in exposureMetrics
            for row in table
        }
        rows: list[dict[str, float | str]] = []
        pulls: list[dict[str, float | str]] = []
        for detector, handle in sorted(detectorsOf(skyFrames).items()):
            frame = load(handle)
            require_chain(frame, "stock", detector)
            used = frame_inputs(frame)
            parts = _load(inputBkgs or (), detector, frame.image.array.shape, used, limits)
            names: dict[str, float | str] = {"detector": detector}
            names["detectorName"] = requireDetector(frame).getName()
            pulled = pull_rows(parts, used)
            pulls += [{**row, **names} for row in pulled]
            rows.append({**names, **frame_row(frame, parts, pulled)})
        metrics, table = frame_tables(rows, pulls)
        report_frames(self, metrics)
        return pipeBase.Struct(metrics=metrics, pulls=table)


def _load(
    handles: Sequence[Handle],
    detector: int,
    shape: tuple[int, int],
    used: set[int],
    limits: Mapping[tuple[int, int], float],
) -> FrameParts:
    """Load the residual backgrounds of a detector, in order of exposure.

    Standard errors are those that the pixels of a cell say, at least the photon limit of the exposure.
    """
    detectorsOf(handles)  # which are checked by that
    own = {int(h.dataId["exposure"]): h for h in handles if int(h.dataId["detector"]) == detector}
    layers, errors = [], []
    for exposure in sorted(own):
        background = load(own[exposure])
        cells = stats_array(background)
        if cells.shape != shape:
            raise MismatchedInputsError(
                f"The residual background of detector {detector} of exposure {exposure} has "
                f"{cells.shape[0]} x {cells.shape[1]} cells, the sky frame {shape[0]} x {shape[1]}; take "
                "both from one run.",
                detector=detector,
                exposure=exposure,
            )
        layers.append(cells)
        limit = limits.get((exposure, detector), np.nan)
        errors.append(np.where(np.isfinite(cells), np.fmax(stats_errors(background), limit), np.nan))
    stack, noise = (np.array(planes).reshape(-1, *shape) for planes in (layers, errors))
    members = np.array([exposure in used for exposure in sorted(own)], dtype=bool)
    pulls = np.full(stack.shape, np.nan)
    pulls[members] = leave_one_out(stack[members])
    return FrameParts(
        exposures=sorted(own),
        cells=stack,
        errors=noise,
        pulls=pulls,
        noise=split_half_noise(stack[members]),
        limit=error_of_mean(stack[members], noise[members]),
    )
