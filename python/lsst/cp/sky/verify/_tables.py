# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the tables of metrics, computed from cells, whichever chain made the sky frames."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from astropy.table import Table

from ._frames import amplifier_boxes, frame_box, frame_inputs, frame_left_out
from ._numbers import (
    amplifier_levels,
    clipped,
    deviation_error,
    finite_median,
    inputs_per_cell,
    median_of_others,
    outlier_fraction,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsst.afw.image import ExposureF
    from lsst.pipe.base import PipelineTask

__all__ = (
    "LEFT_FIGURES",
    "FrameParts",
    "frame_row",
    "frame_tables",
    "left_figures",
    "pull_rows",
    "report_exposure",
    "report_frames",
    "structure_ratio",
)

LEFT_FIGURES = (
    "coverage",
    "photonLimit",
    "residualOffset",
    "residualRms",
    "clippedFraction",
    "residualRatio",
)
"""Columns that `left_figures` fills."""


@dataclasses.dataclass(frozen=True)
class FrameParts:
    """Exposures of a detector in the cells of its sky frame, and what they make of it; ``(E, ny, nx)``."""

    exposures: list[int]
    cells: NDArray[np.floating]
    """Each exposure without its sky, as a fraction of the sky; NaN where it has no pixel."""
    errors: NDArray[np.floating]
    """Standard errors of the cells."""
    pulls: NDArray[np.floating]
    """The sky frame minus that without the exposure; NaN for exposures that are not in it."""
    noise: NDArray[np.floating]
    """One draw of the noise of the sky frame, from halves of the exposures, ``(ny, nx)``."""
    limit: NDArray[np.floating]
    """Standard errors of the sky frame from those of the exposures, ``(ny, nx)``."""


def left_figures(
    left: NDArray[np.floating], errors: NDArray[np.floating], photon: NDArray[np.floating]
) -> dict[str, float]:
    """Return metrics of what the sky frame leaves of an exposure.

    Parameters
    ----------
    left : `numpy.ndarray`, ``(ny, nx)``
        The exposure without its sky minus the sky frame, as a fraction of the sky; NaN where there is none.
    errors : `numpy.ndarray`, ``(ny, nx)``
        Standard errors of ``left`` that photons alone would give.
    photon : `numpy.ndarray`, ``(ny, nx)``
        Standard errors of the exposure itself from photons.
    """
    typical = clipped(left)
    # Cell by cell, because cells with few good pixels are noisier than others.
    sigmas = (left - typical.mean) / np.where(errors > 0, errors, np.nan)
    values = (
        float(np.isfinite(left).mean()),
        finite_median(photon),
        typical.mean,
        typical.rms,
        typical.fraction,
        clipped(sigmas).rms,
    )
    return dict(zip(LEFT_FIGURES, values, strict=True))


def pull_rows(parts: FrameParts, used: set[int]) -> list[dict[str, float]]:
    """Return the deviation of each exposure from the others, and its pull on the sky frame.

    Parameters
    ----------
    parts : `FrameParts`
        Exposures of the detector.
    used : `set` [`int`]
        Exposures that are in the sky frame.
    """
    rows = []
    for i, exposure in enumerate(parts.exposures):
        deviation = parts.cells[i] - median_of_others(parts.cells, i)
        sigmas = deviation / deviation_error(parts.errors, i)
        typical = clipped(deviation)
        rows.append(
            {
                "exposure": exposure,
                "used": exposure in used,
                "pullRms": clipped(parts.pulls[i]).total,
                "deviationOffset": typical.mean,
                "deviationRms": typical.rms,
                "deviationRatio": clipped(sigmas).total,
                "structureRatio": structure_ratio(parts.cells, parts.errors, i),
                "outlierFraction": outlier_fraction(sigmas),
            }
        )
    return rows


def structure_ratio(cells: NDArray[np.floating], errors: NDArray[np.floating], number: int) -> float:
    """Return the structure of one exposure that the others do not have, in units of their noise.

    Parameters
    ----------
    cells, errors : `numpy.ndarray`, ``(E, ny, nx)``
        Exposures without their skies, and standard errors.
    number : `int`
        Position of the exposure.
    """
    sigmas = (cells[number] - median_of_others(cells, number)) / deviation_error(errors, number)
    return clipped(sigmas - finite_median(sigmas)).rms


def frame_row(
    frame: ExposureF, parts: FrameParts, pulls: Sequence[Mapping[str, float]]
) -> dict[str, float | str]:
    """Return the row of the table for one sky frame.

    Parameters
    ----------
    frame : `lsst.afw.image.ExposureF`
        Sky frame, one pixel per cell.
    parts : `FrameParts`
        Exposures of its detector.
    pulls : `~collections.abc.Sequence`
        Rows of `pull_rows`.
    """
    cells, used = np.array(frame.image.array, dtype=float), frame_inputs(frame)
    members = np.array([exposure in used for exposure in parts.exposures], dtype=bool)
    counts = inputs_per_cell(parts.cells[members])
    pattern = clipped(cells)
    variance = np.asarray(frame.variance.array, dtype=np.float64)
    variance = variance[np.isfinite(variance)]
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
        "leftOut": len((frame_left_out(frame) | set(parts.exposures)) - used),
        "cells": cells.size,
        "filledCells": int(np.count_nonzero(counts == 0)),
        "inputsPerCellMin": int(counts.min()),
        "inputsPerCellMedian": float(np.median(counts)),
        "frameLevel": finite_median(cells),
        "patternRms": pattern.rms,
        "meanVariance": float(np.mean(variance)) if variance.size else math.nan,
        "amplifierStepRms": float(np.sqrt(np.mean(np.square(steps)))) if steps.size else math.nan,
        "amplifierStepMax": float(np.abs(steps).max()) if steps.size else math.nan,
        "photonLimit": finite_median(parts.limit),
        "splitHalfNoise": clipped(parts.noise).total,
        "splitHalfRatio": clipped(parts.noise / parts.limit).total,
        "pullMax": strongest["pullRms"] if known and strongest else math.nan,
        "pullMaxExposure": strongest["exposure"] if known and strongest else -1,
    }


def frame_tables(
    rows: Sequence[Mapping[str, float | str]], pulls: Sequence[Mapping[str, float | str]]
) -> tuple[Table, Table]:
    """Return the tables of the sky frames, and of each exposure and detector, ordered by exposure."""
    metrics, pulled = Table(list(rows)), Table(list(pulls))
    metrics["detectorStep"] = _steps(metrics)
    if len(pulled):
        pulled.sort(["exposure", "detector"])
    return metrics, pulled


def _steps(metrics: Table) -> NDArray[np.floating]:
    """Return the level of each detector minus the median of its physical type."""
    levels, types = np.asarray(metrics["frameLevel"]), np.asarray(metrics["physicalType"])
    steps = np.empty(len(levels))
    for physicalType in np.unique(types):
        own = types == physicalType
        steps[own] = levels[own] - finite_median(levels[own])
    return steps


def report_frames(task: PipelineTask, metrics: Table) -> None:
    """Log and record a summary of the sky frames of a filter."""
    noise, ratio = (finite_median(metrics[name]) for name in ("splitHalfNoise", "splitHalfRatio"))
    task.metadata["frames"] = len(metrics)
    task.metadata["inputs"] = int(np.max(metrics["inputs"]))
    task.metadata["splitHalfNoise"] = noise
    task.metadata["splitHalfRatio"] = ratio
    task.log.info(
        "Verified %d sky frames of up to %d exposures: noise %.4g of the sky from halves, %.2f times the "
        "photon limit (medians).",
        len(metrics),
        task.metadata["inputs"],
        noise,
        ratio,
    )


def report_exposure(task: PipelineTask, metrics: Table, exposure: int) -> None:
    """Log and record a summary of one exposure."""
    scale, ratio = float(metrics["scale"][0]), finite_median(metrics["residualRatio"])
    task.metadata["detectors"] = len(metrics)
    task.metadata["used"] = int(np.sum(metrics["used"]))
    task.metadata["scale"] = scale
    task.metadata["residualRatio"] = ratio
    task.log.info(
        "Verified exposure %d: %d of %d detectors are in their sky frames, scale %g, residual %.2f times the "
        "photon limit (median).",
        exposure,
        task.metadata["used"],
        len(metrics),
        scale,
        ratio,
    )
