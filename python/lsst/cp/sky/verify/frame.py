# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics of the sky frames of a filter, and the pull of each exposure on them; no truth is needed."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from astropy.table import Table

import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from .._quantum import annotated
from ..errors import MismatchedInputsError
from ._frames import amplifier_boxes, frame_box, frame_inputs, frame_left_out, stats_array, stats_errors
from ._numbers import (
    amplifier_levels,
    clipped,
    deviation_factor,
    error_of_mean,
    finite_median,
    inputs_per_cell,
    leave_one_out,
    median_of_others,
    outlier_fraction,
    split_half_noise,
)

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF

    from .._protocols import Handle

__all__ = ("CpSkyVerifyFrameConfig", "CpSkyVerifyFrameConnections", "CpSkyVerifyFrameTask")


class CpSkyVerifyFrameConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter")
):
    """Connections of `CpSkyVerifyFrameTask`."""

    skyFrames = cT.Input(
        name="sky",
        doc="Sky frame of each detector, as a fraction of the sky.",
        storageClass="ExposureF",
        dimensions=("instrument", "physical_filter", "detector"),
        isCalibration=True,
        multiple=True,
        deferLoad=True,
    )
    inputBkgs = cT.Input(
        name="cpSkyExpResidualBackground",
        doc="Residual background of each exposure and detector after sky subtraction, as a fraction of the "
        "sky.",
        storageClass="Background",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
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


@dataclasses.dataclass(frozen=True)
class _Stack:
    """Residual backgrounds of one detector."""

    exposures: list[int]
    cells: np.ndarray
    """(E, ny, nx)."""
    errors: np.ndarray
    """Their standard errors, from the scatter of the pixels, (E, ny, nx)."""


class CpSkyVerifyFrameTask(pipeBase.PipelineTask):
    """Measure the sky frames of a filter: noise, steps, and the pull of each exposure."""

    ConfigClass = CpSkyVerifyFrameConfig
    _DefaultName = "cpSkyVerifyFrame"
    config: CpSkyVerifyFrameConfig

    def runQuantum(
        self,
        butlerQC: pipeBase.QuantumContext,
        inputRefs: pipeBase.InputQuantizedConnection,
        outputRefs: pipeBase.OutputQuantizedConnection,
    ) -> None:
        """Run, and store the results.

        Parameters
        ----------
        butlerQC : `lsst.pipe.base.QuantumContext`
            Butler restricted to this quantum.
        inputRefs : `lsst.pipe.base.InputQuantizedConnection`
            References of the inputs.
        outputRefs : `lsst.pipe.base.OutputQuantizedConnection`
            References of the outputs.
        """
        with annotated(self):
            result = self.run(**butlerQC.get(inputRefs))
        butlerQC.put(result, outputRefs)

    def run(self, skyFrames: Sequence[Handle], inputBkgs: Sequence[Handle]) -> pipeBase.Struct:
        """Measure the sky frames, one detector after the other.

        Parameters
        ----------
        skyFrames : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the sky frames, whose data IDs name their detectors.
        inputBkgs : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the residual backgrounds, whose data IDs name exposure and detector.

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
            Raised if a sky frame and a residual background differ in their number of cells.

        Notes
        -----
        The task's metadata record ``frames``, ``inputs`` (largest number of exposures of a frame),
        ``splitHalfNoise`` (fraction of the sky) and ``splitHalfRatio`` (to the photon limit), the latter two
        as medians over the detectors.
        """
        if not skyFrames:
            raise pipeBase.NoWorkFound("There are no sky frames to verify.")
        rows: list[dict[str, float | str]] = []
        pulls: list[dict[str, float | str]] = []
        for handle in sorted(skyFrames, key=lambda handle: handle.dataId["detector"]):
            detector, frame = int(handle.dataId["detector"]), handle.get()
            stack = _load(inputBkgs, detector, frame.image.array.shape)
            names = {"detector": detector, "detectorName": frame.getDetector().getName()}
            used = frame_inputs(frame)
            pulled = _pulls(stack, used)
            pulls += [{**row, **names} for row in pulled]
            rows.append({**names, **_measure(frame, stack, pulled)})
        metrics = Table(rows)
        metrics["detectorStep"] = _steps(metrics)
        self._report(metrics)
        return pipeBase.Struct(metrics=metrics, pulls=_pull_table(pulls))

    def _report(self, metrics: Table) -> None:
        """Log and record a summary of what was found."""
        noise, ratio = (finite_median(metrics[name]) for name in ("splitHalfNoise", "splitHalfRatio"))
        self.metadata["frames"] = len(metrics)
        self.metadata["inputs"] = int(np.max(metrics["inputs"]))
        self.metadata["splitHalfNoise"] = noise
        self.metadata["splitHalfRatio"] = ratio
        self.log.info(
            "Verified %d sky frames of up to %d exposures: noise %.4g of the sky from halves, %.2f times the "
            "photon limit (medians).",
            len(metrics),
            self.metadata["inputs"],
            noise,
            ratio,
        )


def _load(handles: Sequence[Handle], detector: int, shape: tuple[int, int]) -> _Stack:
    """Load the residual backgrounds of a detector, in order of exposure."""
    own = {int(h.dataId["exposure"]): h for h in handles if int(h.dataId["detector"]) == detector}
    layers, errors = [], []
    for exposure in sorted(own):
        background = own[exposure].get()
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
        errors.append(stats_errors(background))
    stack, noise = (np.array(planes).reshape(-1, *shape) for planes in (layers, errors))
    return _Stack(sorted(own), stack, noise)


def _pulls(stack: _Stack, used: set[int]) -> list[dict[str, float]]:
    """Return the deviation of each exposure from the others, and its pull on the mean of those used."""
    members = [i for i, exposure in enumerate(stack.exposures) if exposure in used]
    pulled = dict(zip(members, leave_one_out(stack.cells[members]), strict=True))
    others = len(stack.exposures) - 1
    rows = []
    for i, exposure in enumerate(stack.exposures):
        deviation = stack.cells[i] - median_of_others(stack.cells, i)
        sigmas = deviation / (stack.errors[i] * deviation_factor(others))
        typical = clipped(deviation)
        rows.append(
            {
                "exposure": exposure,
                "used": i in pulled,
                "pullRms": clipped(pulled[i]).total if i in pulled else math.nan,
                "deviationOffset": typical.mean,
                "deviationRms": typical.rms,
                "deviationRatio": clipped(sigmas).total,
                "outlierFraction": outlier_fraction(sigmas),
            }
        )
    return rows


def _measure(frame: ExposureF, stack: _Stack, pulls: Sequence[Mapping[str, float]]) -> dict[str, float | str]:
    """Return the row of the table for one sky frame."""
    cells, used = np.array(frame.image.array, dtype=float), frame_inputs(frame)
    members = np.array([exposure in used for exposure in stack.exposures], dtype=bool)
    counts = inputs_per_cell(stack.cells[members])
    limit = error_of_mean(stack.cells[members], stack.errors[members])
    noise = split_half_noise(stack.cells[members])
    pattern = clipped(cells)
    top, bottom, left, right = frame_box(frame)
    steps = amplifier_levels(cells, (bottom - top + 1, right - left + 1), amplifier_boxes(frame))
    steps = steps[np.isfinite(steps)]
    strongest = max(pulls, key=lambda row: np.nan_to_num(row["pullRms"], nan=-1.0), default=None)
    known = strongest is not None and math.isfinite(strongest["pullRms"])
    label = frame.getFilter()
    return {
        "physicalType": str(frame.getDetector().getPhysicalType()),
        "physicalFilter": str(label.physicalLabel) if label is not None else "",
        "inputs": len(used),
        "leftOut": len((frame_left_out(frame) | set(stack.exposures)) - used),
        "cells": cells.size,
        "filledCells": int(np.count_nonzero(counts == 0)),
        "inputsPerCellMin": int(counts.min()),
        "inputsPerCellMedian": float(np.median(counts)),
        "frameLevel": finite_median(cells),
        "patternRms": pattern.rms,
        "meanVariance": float(np.mean(frame.variance.array, dtype=np.float64)),
        "amplifierStepRms": float(np.sqrt(np.mean(np.square(steps)))) if steps.size else math.nan,
        "amplifierStepMax": float(np.abs(steps).max()) if steps.size else math.nan,
        "photonLimit": finite_median(limit),
        "splitHalfNoise": clipped(noise).total,
        "splitHalfRatio": clipped(noise / limit).total,
        "pullMax": strongest["pullRms"] if known and strongest else math.nan,
        "pullMaxExposure": strongest["exposure"] if known and strongest else -1,
    }


def _steps(metrics: Table) -> np.ndarray:
    """Return the level of each detector minus the median of its physical type."""
    levels, types = np.asarray(metrics["frameLevel"]), np.asarray(metrics["physicalType"])
    steps = np.empty(len(levels))
    for physicalType in np.unique(types):
        own = types == physicalType
        steps[own] = levels[own] - finite_median(levels[own])
    return steps


def _pull_table(rows: Sequence[Mapping[str, float | str]]) -> Table:
    """Return a table with one row per exposure and detector, ordered by exposure."""
    table = Table(list(rows))
    if rows:
        table.sort(["exposure", "detector"])
    return table
