# SPDX-License-Identifier: GPL-3.0-or-later
"""The pattern as cells of a sky frame, with variances, counts and flags."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._grid import Grid
from ._parameters import FrameParameters

__all__ = ("Cells", "cell_shares", "make_cells")

_SIGNIFICANT = 2.0
"""Standard deviations by which the chi square of the bins of a cell has to be above what is expected."""


@dataclasses.dataclass(frozen=True)
class Cells:
    """Sky frame of one detector, ``(ny, nx)`` each."""

    value: np.ndarray
    """Pattern (fraction of the sky); finite everywhere."""
    variance: np.ndarray
    """Variance of the value; infinite where nothing is known."""
    count: np.ndarray
    """Number of pixels that were used, of all exposures."""
    filled: np.ndarray
    """Cells that were filled from around them (INTRP); bool."""
    empty: np.ndarray
    """Cells without any pixel of their own (NO_DATA); bool."""


def make_cells(
    pattern: np.ndarray,
    information: np.ndarray,
    count: np.ndarray,
    model: np.ndarray,
    exposures: int,
    grid: Grid,
    parameters: FrameParameters,
) -> Cells:
    """Average bins over cells of the sky frame.

    Parameters
    ----------
    pattern : `numpy.ndarray`, ``(ny, nx)``
        Pattern in bins, as it was solved for; NaN where nothing is known.
    information : `numpy.ndarray`, ``(ny, nx)``
        Inverse variance of the pattern.
    count : `numpy.ndarray`, ``(ny, nx)``
        Pixels that went into each bin, of all exposures.
    model : `numpy.ndarray`, ``(ny, nx)``
        The pattern without noise and gaps, for poor cells.
    exposures : `int`
        Number of exposures of this detector that are used.
    grid : `Grid`
        Bins and cells.
    parameters : `FrameParameters`
        Which cells are filled and flagged.

    Returns
    -------
    cells : `Cells`
        A cell is the mean of the model over its bins plus the mean of what bins have more, weighted by what
        is known of them: a bin of few pixels counts for little, and the pattern may yet change within the
        cell.
        Where bins differ from the model by more than their noise they count by area instead.
    """
    bins = _weigh_bins(pattern, information, model, grid)
    rest, area, own, total = bins.rest, bins.area, bins.own, bins.total
    value = bins.level + (
        grid.over_cells(area * (model + own * (rest - grid.spread_cells(bins.level)))) / total
    )
    spread = grid.over_cells(bins.share**2 * bins.variance)
    pixels = grid.over_cells(np.where(bins.known, count, 0))
    poor = ~bins.some | (pixels < parameters.poor * grid.over_cells(grid.area) * max(exposures, 1))
    around = grid.over_cells(grid.area * model) / grid.over_cells(grid.area)
    return Cells(
        value=np.where(poor, around, value),
        variance=np.where(bins.some, spread, np.inf),
        count=pixels,
        filled=poor,
        empty=~bins.some,
    )


def cell_shares(pattern: np.ndarray, information: np.ndarray, model: np.ndarray, grid: Grid) -> np.ndarray:
    """Return the share that each bin has in the noise of its cell of the sky frame.

    Parameters
    ----------
    pattern, information, model : `numpy.ndarray`, ``(ny, nx)``
        As for `make_cells`.
    grid : `Grid`
        Bins and cells.

    Returns
    -------
    share : `numpy.ndarray`, ``(ny, nx)``
        The bins of a cell add up to 1; a bin of which nothing is known has 0.
    """
    return _weigh_bins(pattern, information, model, grid).share


@dataclasses.dataclass(frozen=True)
class _WeighedBins:
    """How much each bin ``(ny, nx)`` contributes to its cell."""

    known: np.ndarray
    """Bins that have a pattern; bool."""
    rest: np.ndarray
    """What bins have more than the model."""
    variance: np.ndarray
    """Variance of the pattern."""
    area: np.ndarray
    """Pixels of the bins that are known."""
    own: np.ndarray
    """How much of what a bin has more than its cell is its own, rather than noise: 0 to 1."""
    share: np.ndarray
    """Weight of the bin in the value of its cell."""
    level: np.ndarray
    """Mean of what the bins of a cell have more than the model, one value per cell."""
    total: np.ndarray
    """Pixels of the known bins of a cell; 1 where there are none."""
    some: np.ndarray
    """Cells that have a known bin; bool."""


def _weigh_bins(pattern: np.ndarray, information: np.ndarray, model: np.ndarray, grid: Grid) -> _WeighedBins:
    """Weigh bins by information where they lie about the model as their noise has it, else by area."""
    known = np.isfinite(pattern) & (information > 0)
    area = np.where(known, grid.area, 0.0)
    total = grid.over_cells(area)
    some = total > 0
    rest = np.where(known, pattern - model, 0)
    variance = np.where(known, 1 / np.where(known, information, 1), 1)
    # Where bins lie about the model as their noise has it, a bin of few pixels counts as little as it should.
    # Where they scatter by more, the model is wrong within the cell, and bins count by their area.
    scatter = grid.spread_cells(_scatter(rest, np.where(known, information, 0), known, grid))
    weight = np.where(known, 1 / (variance + scatter), 0)
    weights = np.where(some, grid.over_cells(weight), 1)
    level = grid.over_cells(weight * rest) / weights
    own = scatter / (variance + scatter)
    total = np.where(some, total, 1)
    share = area * own / grid.spread_cells(total)
    share += (1 - grid.spread_cells(grid.over_cells(share))) * weight / grid.spread_cells(weights)
    return _WeighedBins(known, rest, variance, area, own, share, level, total, some)


def _scatter(rest: np.ndarray, information: np.ndarray, known: np.ndarray, grid: Grid) -> np.ndarray:
    """Variance of bins about the model within each cell that noise does not explain, by its moments."""
    total = grid.over_cells(information)
    safe = np.where(total > 0, total, 1)
    level = grid.spread_cells(grid.over_cells(information * rest) / safe)
    chi = grid.over_cells(information * (rest - level) ** 2)
    free = np.maximum(grid.over_cells(known.astype(float)) - 1, 0)
    scale = total - grid.over_cells(information**2) / safe
    asked = (free > 0) & (scale > 1e-12 * total) & (chi > free + _SIGNIFICANT * np.sqrt(2 * free))
    return np.where(asked, (chi - free) / np.where(asked, scale, 1), 0)
