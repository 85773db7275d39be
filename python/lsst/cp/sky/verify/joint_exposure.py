# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics of each detector in one exposure of the joint chain: its sky, what is left of it, its use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from astropy.table import Table

import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from .._quantum import annotated
from .._reading import load, readInputs
from ..joint.residuals import DetectorResiduals, ExposureSky, read_skies
from ._connections import sky_frames_input
from ._frames import frame_inputs, require_chain
from ._joint import (
    SOLUTION,
    bins_input,
    by_detector,
    exposure_handles,
    load_detector,
    noise_input,
    patterns_input,
    skies_input,
)
from ._tables import LEFT_FIGURES, left_figures, report_exposure
from ._visit import circumstances

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF

    from .._protocols import Handle

__all__ = (
    "CpSkyVerifyJointExposureConfig",
    "CpSkyVerifyJointExposureConnections",
    "CpSkyVerifyJointExposureTask",
)

_NO_BINS = "it has no bins; see why cpSkyJointMedian or cpSkyJointMask failed"


class CpSkyVerifyJointExposureConnections(
    pipeBase.PipelineTaskConnections,
    dimensions=("instrument", "physical_filter", "exposure"),
    defaultTemplates=SOLUTION,
):
    """Connections of `CpSkyVerifyJointExposureTask`; template ``solution`` numbers the last solve."""

    inputExps = exposure_handles()
    inputBins = bins_input()
    noise = noise_input()
    patterns = patterns_input()
    skies = skies_input()
    skyFrames = sky_frames_input(0)
    metrics = cT.Output(
        name="cpSkyJointExposureMetrics",
        doc="Table of metrics of one exposure of the joint chain, one row per detector.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter", "exposure"),
    )


class CpSkyVerifyJointExposureConfig(
    pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyVerifyJointExposureConnections
):
    """Configuration of `CpSkyVerifyJointExposureTask`; there is nothing to configure."""


class CpSkyVerifyJointExposureTask(pipeBase.PipelineTask):
    """Measure how well the sky frames of the joint chain describe one exposure."""

    ConfigClass = CpSkyVerifyJointExposureConfig
    _DefaultName = "cpSkyVerifyJointExposure"
    config: CpSkyVerifyJointExposureConfig

    def runQuantum(
        self,
        butlerQC: pipeBase.QuantumContext,
        inputRefs: pipeBase.InputQuantizedConnection,
        outputRefs: pipeBase.OutputQuantizedConnection,
    ) -> None:
        """Load the inputs, run, and store the table.

        Parameters
        ----------
        butlerQC : `lsst.pipe.base.QuantumContext`
            Butler restricted to this quantum.
        inputRefs : `lsst.pipe.base.InputQuantizedConnection`
            References of the inputs.
        outputRefs : `lsst.pipe.base.OutputQuantizedConnection`
            References of the output.
        """
        exposure = int(butlerQC.quantum.dataId["exposure"])  # type: ignore[index]
        with annotated(self):
            result = self.run(**readInputs(butlerQC, inputRefs, self.log), exposure=exposure)
        butlerQC.put(result, outputRefs)

    def run(
        self,
        inputBins: Sequence[Handle],
        noise: Sequence[Handle],
        patterns: Sequence[Handle],
        skies: Table,
        skyFrames: Sequence[Handle] = (),
        inputExps: Sequence[Handle] = (),
        exposure: int = 0,
    ) -> pipeBase.Struct:
        """Measure all detectors of one exposure, one after the other.

        Parameters
        ----------
        inputBins, noise : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the bins of the last pass and of the geometry of each detector.
        patterns : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the patterns of the detectors from the last solve.
        skies : `astropy.table.Table`
            Skies of all exposures from the last solve.
        skyFrames : `list` [`lsst.daf.butler.DeferredDatasetHandle`], optional
            Handles of the sky frames of some or all detectors.
        inputExps : `list` [`lsst.daf.butler.DeferredDatasetHandle`], optional
            Handles of the exposures themselves, for the circumstances; no pixel is loaded.
        exposure : `int`, optional
            ID of the exposure.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attribute

            ``metrics``
                One row per detector (`astropy.table.Table`).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there are no bins.
        lsst.cp.sky.MismatchedInputsError
            Raised if bins and pattern are from different runs, or a sky frame is of the stock chain.

        Notes
        -----
        The task's metadata record ``detectors``, ``used`` (detectors that are in their sky frame), ``scale``
        (units of the image) and ``residualRatio`` (median over the detectors).
        """
        bins, notes, solved = by_detector(inputBins), by_detector(noise), by_detector(patterns)
        frames, exposures = by_detector(skyFrames), by_detector(inputExps)
        if not bins:
            raise pipeBase.NoWorkFound("There are no bins of the exposure to verify.")
        sky = read_skies(skies).get(exposure)
        common = _circumstances(inputExps)
        rows: list[dict[str, float | str]] = []
        for detector in sorted(bins.keys() | exposures.keys()):
            residuals = load_detector(detector, bins, notes, solved, skies)
            frame = frames[detector][0].get() if detector in frames else None
            if frame is not None:
                require_chain(frame, "joint", detector)
            rows.append(
                {
                    "exposure": exposure,
                    "detector": detector,
                    **_identity(detector, residuals, exposures),
                    **_measure(residuals, frame, sky, exposure),
                    **common,
                }
            )
        metrics = Table(rows)
        report_exposure(self, metrics, exposure)
        return pipeBase.Struct(metrics=metrics)


def _circumstances(handles: Sequence[Handle]) -> dict[str, float | str]:
    """Filter and circumstances of an exposure, the same for all of its detectors."""
    if not handles:
        return {"physicalFilter": "", **circumstances(None)}
    label = load(handles[0], "filter")
    return {
        "physicalFilter": str(label.physicalLabel) if label is not None else "",
        **circumstances(load(handles[0], "visitInfo")),
    }


def _identity(
    detector: int, residuals: DetectorResiduals | None, exposures: dict[int, list[Handle]]
) -> dict[str, str]:
    """Name and type of a detector, from the bins, or from the exposure if there are none."""
    if residuals is not None:
        geometry = residuals.geometry
        return {"detectorName": geometry.name, "physicalType": geometry.physical_type}
    found = load(exposures[detector][0], "detector") if detector in exposures else None
    if found is None:
        return {"detectorName": str(detector), "physicalType": ""}
    return {"detectorName": str(found.getName()), "physicalType": str(found.getPhysicalType())}


def _measure(
    residuals: DetectorResiduals | None, frame: ExposureF | None, sky: ExposureSky | None, exposure: int
) -> dict[str, float | str]:
    """Return the rest of the row of the table for one detector."""
    reason = _why_not(residuals, frame, sky, exposure)
    row: dict[str, float | str] = {
        "used": not reason,
        "reason": reason,
        "scale": sky.level if sky is not None else math.nan,
        "scaleUncertainty": sky.level_error if sky is not None else math.nan,
    }
    if residuals is None or not residuals.exposures:
        names = ("skyBg", "meanVar", "maskedFraction", "replacedFraction", *LEFT_FIGURES)
        return row | dict.fromkeys(names, math.nan) | {"coverage": 0.0}
    (mean,), (count,), (variance,) = residuals.mean, residuals.count, residuals.variance
    number = count.sum(dtype=float)
    known = count > 0
    cells, errors = residuals.exposure_cells()
    return row | {
        "skyBg": float((mean[known] * count[known]).sum(dtype=float) / number) if number else math.nan,
        "meanVar": float((variance[known] * count[known]).sum(dtype=float) / number) if number else math.nan,
        "maskedFraction": float(1 - number / residuals.grid.area.sum()),
        # No pixel is ever filled in.
        "replacedFraction": 0.0,
        **left_figures(cells[0], residuals.left_errors()[0], errors[0]),
    }


def _why_not(
    residuals: DetectorResiduals | None, frame: ExposureF | None, sky: ExposureSky | None, exposure: int
) -> str:
    """Why an exposure is not in the sky frame of a detector; empty if it is."""
    if sky is not None and not sky.used:
        return f"the joint chain rejected it: {sky.reason}"
    if residuals is None:
        return _NO_BINS
    if sky is None:
        return "the joint chain has no sky for it; make the sky frame anew to include it"
    if frame is None:
        return "its detector has no sky frame; see why cpSkyJointFrame failed"
    if exposure not in frame_inputs(frame):
        return "the sky frame was made without it; make the sky frame anew to include it"
    return ""
