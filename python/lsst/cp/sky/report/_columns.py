# SPDX-License-Identifier: GPL-3.0-or-later
"""Columns of the tables of the page: headings, units and number formats."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

__all__ = ("EXPOSURE_COLUMNS", "FRAME_COLUMNS", "JOINT_COLUMNS", "PAIR_COLUMNS", "Cell", "Column", "rows_of")


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    """In the data."""
    heading: str
    help: str
    format: str = ""
    """As `format` has it; empty for text."""
    factor: float = 1.0


@dataclasses.dataclass(frozen=True)
class Cell:
    """A value as it is shown and as it is sorted."""

    text: str
    value: str


def rows_of(table: Iterable[Mapping[str, Any]], columns: Iterable[Column]) -> list[list[Cell]]:
    """Cells of all rows."""
    columns = tuple(columns)
    return [[_cell(row[column.name], column) for column in columns] for row in table]


def _cell(value: float | str | np.bool_, column: Column) -> Cell:
    if isinstance(value, (bool, np.bool_)):
        return Cell("yes" if value else "no", str(int(value)))
    if not column.format:
        return Cell(str(value), str(value))
    number = float(value)
    if not math.isfinite(number):
        return Cell("-", "")
    if column.format == "d":
        return Cell(f"{int(value)}", f"{int(value)}")
    return Cell(f"{number * column.factor:{column.format}}", repr(number))


_EXPOSURE = Column("exposure", "exposure", "Number of the exposure", "d")
_NUMBER = Column("detector", "no.", "Number of the detector", "d")
_DETECTOR = Column("detectorName", "detector", "Name of the detector")
_SCALE = Column("scale", "sky", "Sky of the exposure (units of the image)", ".1f")
_SCALE_ERROR = Column("scaleUncertainty", "± sky", "Uncertainty of the sky (units of the image)", ".2f")
_RESIDUAL = Column("residualRms", "residual %", "What the sky frame leaves, rms, % of the sky", ".4f", 100)
_RATIO = Column("residualRatio", "/ limit", "The residual in units of the photon limit", ".2f")
_MASKED = Column("maskedFraction", "masked %", "Pixels that are masked", ".1f", 100)
_REPLACED = Column("replacedFraction", "replaced %", "Pixels that the masker replaced", ".1f", 100)
_COVERAGE = Column("coverage", "coverage %", "Cells that have a value", ".1f", 100)
_DEVIATION = Column(
    "deviationRatio",
    "deviation",
    "The exposure less the median of the others, in units of the photon limit",
    ".2f",
)
_STRUCTURE = Column("structureRatio", "structure", "The deviation without its median", ".2f")
_OUTLIERS = Column("outlierFraction", "outliers %", "Cells that deviate by more than 5 sigma", ".1f", 100)
_PULL = Column(
    "pullRms", "pull %", "Sky frame less the one without this exposure, rms, % of the sky", ".4f", 100
)
_REASON = Column("reason", "why not", "Why it is not in the sky frame")

EXPOSURE_COLUMNS = (
    _EXPOSURE,
    Column("used", "used", "Detectors that are in their sky frame", "d"),
    Column("detectors", "of", "Detectors of the exposure", "d"),
    _SCALE,
    _SCALE_ERROR,
    _RESIDUAL,
    _RATIO,
    _DEVIATION,
    _STRUCTURE,
    _OUTLIERS,
    _PULL,
    _MASKED,
    _REPLACED,
    _COVERAGE,
    Column("airmass", "airmass", "Airmass", ".2f"),
    Column("rotatorAngle", "rotator °", "Angle of the rotator, degrees", ".1f"),
    Column("moonSeparation", "moon °", "Angle between the moon and the boresight, degrees", ".0f"),
    _REASON,
)

FRAME_COLUMNS = (
    _NUMBER,
    _DETECTOR,
    Column("physicalType", "type", "Physical type"),
    Column("inputs", "inputs", "Exposures that it was made from", "d"),
    Column("leftOut", "left out", "Exposures that it was made without", "d"),
    Column("filledCells", "empty cells", "Cells that no exposure has", "d"),
    Column("inputsPerCellMedian", "inputs / cell", "Exposures that a cell has (median)", ".1f"),
    Column("patternRms", "pattern %", "Structure of the sky frame, rms, % of the sky", ".3f", 100),
    Column("detectorStep", "step %", "Level less that of the others of its type, % of the sky", "+.3f", 100),
    Column("amplifierStepMax", "amplifier step %", "Largest level of an amplifier, % of the sky", ".3f", 100),
    Column(
        "splitHalfNoise", "noise %", "Noise of a cell from halves of the exposures, % of the sky", ".4f", 100
    ),
    Column("splitHalfRatio", "/ limit", "This noise in units of the photon limit", ".2f"),
    Column("pullMax", "pull %", "Largest pull of an exposure, rms, % of the sky", ".4f", 100),
    Column("pullMaxExposure", "by exposure", "The exposure that pulls most", "d"),
)

PAIR_COLUMNS = (
    _EXPOSURE,
    _NUMBER,
    _DETECTOR,
    Column("used", "used", "Is it in the sky frame?"),
    _SCALE,
    Column("skyBg", "mean", "Mean of the unmasked pixels (units of the image)", ".1f"),
    _RESIDUAL,
    _RATIO,
    _MASKED,
    _REPLACED,
    _COVERAGE,
    _REASON,
)

JOINT_COLUMNS = (
    _EXPOSURE,
    Column("weight", "weight", "1 if it counts, 0 if it was rejected", ".2g"),
    Column("level", "sky", "Mean sky over the bins (units of the image)", ".1f"),
    Column("level_error", "± sky", "Standard error of the sky (units of the image)", ".2f"),
    Column("order", "order", "Order of the polynomials that describe its sky", "d"),
    Column("extra", "extra %", "Scatter of its bins that photons do not explain, % of the sky", ".4f", 100),
    Column("pull", "chi² pull", "Reduced chi square against all other exposures, on large scales", ".2f"),
    Column("masked", "masked %", "Pixels that do not count", ".1f", 100),
    Column("amplitude", "amplitude", "Of the second pattern, if the pattern varies; otherwise 0", ".2f"),
    Column("reason", "why not", "Why it was rejected"),
)
