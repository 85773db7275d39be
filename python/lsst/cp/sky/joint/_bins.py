# SPDX-License-Identifier: GPL-3.0-or-later
"""From pixels to bins: medians at first, when nothing is masked; means of unmasked pixels later."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._grid import Grid

__all__ = ("Bins", "mean_bins", "median_bins")


@dataclasses.dataclass(frozen=True)
class Bins:
    """Bins of one detector: of one exposure ``(ny, nx)``, or of all exposures of a filter ``(E, ny, nx)``."""

    mean: np.ndarray
    """Sky and pattern (units of the pixels); NaN where there is none."""
    count: np.ndarray
    """Number of pixels that were used; 0 where there are none (missing detector, masked bin)."""
    variance: np.ndarray
    """Variance of one pixel of sky; broadcasts to the shape of ``mean``."""


def median_bins(
    image: np.ndarray, good: np.ndarray, grid: Grid, minimum: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the medians of the good pixels of each bin.

    Parameters
    ----------
    image : `numpy.ndarray`, ``(rows, columns)``
        Pixels.
    good : `numpy.ndarray`, ``(rows, columns)``, bool
        Pixels without defects.
    grid : `Grid`
        Bins.
    minimum : `float`
        Bins with less than this fraction of their pixels are left empty.

    Returns
    -------
    median : `numpy.ndarray`, ``(ny, nx)``
        Median of each bin; NaN where empty.
    count : `numpy.ndarray`, ``(ny, nx)``
        Number of good pixels of each bin; 0 where empty.
    """
    median, count = np.full(grid.shape, np.nan), np.zeros(grid.shape)
    widths = grid.x.width
    for j, (y0, y1) in enumerate(zip(grid.y.edges[:-1], grid.y.edges[1:], strict=True)):
        band = np.where(good[y0:y1], image[y0:y1], np.nan)
        for width in np.unique(widths):
            i = np.flatnonzero(widths == width)
            columns = (grid.x.edges[i][:, np.newaxis] + np.arange(width)).ravel()
            values = band[:, columns].reshape(y1 - y0, len(i), width).transpose(1, 0, 2).reshape(len(i), -1)
            median[j, i], count[j, i] = _medians(values)
    return _drop_poor(median, count, grid, minimum)


def _medians(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the median and number of the finite values of each row."""
    values = np.sort(values, axis=1)  # NaN at the end
    count = np.count_nonzero(np.isfinite(values), axis=1)
    rows, last = np.arange(len(values)), np.maximum(count - 1, 0)
    return 0.5 * (values[rows, last // 2] + values[rows, (last + 1) // 2].astype(np.float64)), count


def mean_bins(
    residual: np.ndarray, use: np.ndarray, model: np.ndarray, grid: Grid, minimum: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean of the model over each bin plus mean of the residual over its unmasked pixels.

    A gradient within a half-masked bin thus does not bias the mean, and nothing is filled in.

    Parameters
    ----------
    residual : `numpy.ndarray`, ``(rows, columns)``
        Pixels minus the model.
    use : `numpy.ndarray`, ``(rows, columns)``, bool
        Unmasked pixels.
    model : `numpy.ndarray`, ``(ny, nx)``
        Mean of the model over all pixels of each bin.
    grid : `Grid`
        Bins.
    minimum : `float`
        Bins with less than this fraction of their pixels are left empty.

    Returns
    -------
    mean, count : `numpy.ndarray`, ``(ny, nx)``
        Mean and number of unmasked pixels of each bin; NaN and 0 where empty.
    """
    count = grid.sum(use)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = model + grid.sum(np.where(use, residual, np.float32(0))) / count
    return _drop_poor(mean, count, grid, minimum)


def _drop_poor(
    value: np.ndarray, count: np.ndarray, grid: Grid, minimum: float
) -> tuple[np.ndarray, np.ndarray]:
    poor = (count < minimum * grid.area) | (count == 0) | ~np.isfinite(value)
    return np.where(poor, np.nan, value), np.where(poor, 0.0, count)
