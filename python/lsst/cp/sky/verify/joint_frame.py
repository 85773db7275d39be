# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics of the sky frames of the joint chain, and the pull of each exposure on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from astropy.table import Table

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from .._quantum import AnnotatedTask
from .._reading import load
from ..errors import MismatchedInputsError
from ..joint import SolveParameters
from ..joint.residuals import DetectorResiduals
from ._connections import sky_frames_input
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
from ._tables import FrameParts, frame_row, frame_tables, pull_rows, report_frames, structure_ratio

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF

    from .._protocols import Handle

__all__ = (
    "CpSkyVerifyJointFrameConfig",
    "CpSkyVerifyJointFrameConnections",
    "CpSkyVerifyJointFrameTask",
)


class CpSkyVerifyJointFrameConnections(
    pipeBase.PipelineTaskConnections,
    dimensions=("instrument", "physical_filter"),
    defaultTemplates=SOLUTION,
):
    """Connections of `CpSkyVerifyJointFrameTask`; template ``solution`` numbers the last solve."""

    skyFrames = sky_frames_input(1)
    inputBins = bins_input()
    noise = noise_input()
    patterns = patterns_input()
    skies = skies_input()
    firstBins = bins_input("1", 0)
    firstPatterns = patterns_input("1", 0)
    firstSkies = skies_input("cpSkyJointSkies1", 0)
    metrics = cT.Output(
        name="cpSkyJointFrameMetrics",
        doc="Table of metrics of the sky frames of the joint chain, one row per detector.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    pulls = cT.Output(
        name="cpSkyJointFramePulls",
        doc="Table of the pull of each exposure on the sky frames of the joint chain, one row per exposure "
        "and detector.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )


class CpSkyVerifyJointFrameConfig(
    pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyVerifyJointFrameConnections
):
    """Configuration of `CpSkyVerifyJointFrameTask`."""

    robust = pexConfig.RangeField(
        dtype=float,
        default=SolveParameters().robust,
        min=0.0,
        doc="Bins brighter than this do not count (standard deviations); as solve.robust of the last solve.",
    )


class CpSkyVerifyJointFrameTask(AnnotatedTask):
    """Measure the sky frames of the joint chain: noise, steps, and the pull of each exposure."""

    ConfigClass = CpSkyVerifyJointFrameConfig
    _DefaultName = "cpSkyVerifyJointFrame"
    config: CpSkyVerifyJointFrameConfig

    def run(
        self,
        skyFrames: Sequence[Handle],
        inputBins: Sequence[Handle],
        noise: Sequence[Handle],
        patterns: Sequence[Handle],
        skies: Table,
        firstBins: Sequence[Handle] = (),
        firstPatterns: Sequence[Handle] = (),
        firstSkies: Table | None = None,
    ) -> pipeBase.Struct:
        """Measure the sky frames, one detector after the other.

        Parameters
        ----------
        skyFrames : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the sky frames, whose data IDs name their detectors.
        inputBins, noise : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the bins of the last pass and of the geometry of all detectors of all exposures.
        patterns : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the patterns of the detectors from the last solve.
        skies : `astropy.table.Table`
            Skies of all exposures from the last solve.
        firstBins, firstPatterns : `list` [`lsst.daf.butler.DeferredDatasetHandle`], optional
            Handles of the bins of medians, and of the patterns from them.
        firstSkies : `astropy.table.Table`, optional
            Skies of all exposures from medians. With these three, the table of pulls says how unlike the
            others exposures and detectors are before anything was masked: if much is masked for their sake,
            the last solve does not show it any more.

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
            Raised if sky frames, bins and patterns are from different runs, or a sky frame is of the stock
            chain.

        Notes
        -----
        The task's metadata record ``frames``, ``inputs`` (largest number of exposures of a frame),
        ``splitHalfNoise`` (fraction of the sky) and ``splitHalfRatio`` (to the photon limit), the latter two
        as medians over the detectors.
        """
        if not skyFrames:
            raise pipeBase.NoWorkFound("There are no sky frames to verify.")
        bins, notes, solved = by_detector(inputBins), by_detector(noise), by_detector(patterns)
        first_bins, first_solved = by_detector(firstBins), by_detector(firstPatterns)
        rows: list[dict[str, float | str]] = []
        pulls: list[dict[str, float | str]] = []
        for detector, (handle, *_) in by_detector(skyFrames).items():
            frame = load(handle)
            require_chain(frame, "joint", detector)
            residuals = load_detector(detector, bins, notes, solved, skies, self.config.robust)
            parts = _parts(frame, residuals, detector)
            names = {"detector": detector, "detectorName": frame.getDetector().getName()}
            pulled = pull_rows(parts, frame_inputs(frame))
            first = _structure(load_detector(detector, first_bins, notes, first_solved, firstSkies))
            pulls += [
                {**row, "firstStructureRatio": first.get(int(row["exposure"]), math.nan), **names}
                for row in pulled
            ]
            rows.append({**names, **frame_row(frame, parts, pulled)})
        metrics, table = frame_tables(rows, pulls)
        report_frames(self, metrics)
        return pipeBase.Struct(metrics=metrics, pulls=table)


def _structure(residuals: DetectorResiduals | None) -> dict[int, float]:
    """Structure of each exposure that the others do not have, in units of the photon limit."""
    if residuals is None:
        return {}
    cells, errors = residuals.exposure_cells(mode=False)
    return {exposure: structure_ratio(cells, errors, i) for i, exposure in enumerate(residuals.exposures)}


def _parts(frame: ExposureF, residuals: DetectorResiduals | None, detector: int) -> FrameParts:
    """Put the exposures of a detector in the cells of its sky frame."""
    shape = frame.image.array.shape
    if residuals is None or residuals.grid.cells != shape:
        found = "no bins" if residuals is None else "bins for {} x {} cells".format(*residuals.grid.cells)
        raise MismatchedInputsError(
            f"There are {found} of detector {detector}, whose sky frame has {shape[0]} x {shape[1]} cells; "
            "take bins, pattern and sky frame from one run.",
            detector=detector,
        )
    left, errors = residuals.exposure_cells(mode=False)
    return FrameParts(
        exposures=residuals.exposures,
        cells=frame.image.array + left,
        errors=errors,
        pulls=residuals.pulls(),
        noise=residuals.half_difference(),
        limit=residuals.photon_limit(),
    )
