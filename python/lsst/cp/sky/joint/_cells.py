# SPDX-License-Identifier: GPL-3.0-or-later
"""The pattern as cells of a sky frame, with variances, counts and flags."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._grid import Grid
from ._parameters import FrameParameters

__all__ = ("Cells", "make_cells")


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
        Bins are weighted by area and not by information: the mean over a cell is what it should be also where
        the pattern changes within it.
    """
    known = np.isfinite(pattern) & (information > 0)
    area = np.where(known, grid.area, 0.0)
    total = grid.over_cells(area)
    some = total > 0
    value = grid.over_cells(area * np.where(known, pattern, 0)) / np.where(some, total, 1)
    spread = grid.over_cells(area**2 / np.where(known, information, 1)) / np.where(some, total, 1) ** 2
    pixels = grid.over_cells(np.where(known, count, 0))
    poor = ~some | (pixels < parameters.poor * grid.over_cells(grid.area) * max(exposures, 1))
    around = grid.over_cells(grid.area * model) / grid.over_cells(grid.area)
    return Cells(
        value=np.where(poor, around, value),
        variance=np.where(some, spread, np.inf),
        count=pixels,
        filled=poor,
        empty=~some,
    )
