# SPDX-License-Identifier: GPL-3.0-or-later
"""Noise of the photons of the sky and of the amplifiers, in the units of the pixels."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from ._grid import Grid

__all__ = ("NoiseModel", "fit_noise")


@dataclasses.dataclass(frozen=True)
class NoiseModel:
    """Variance of a pixel of sky: ``slope * sky + floor``, for each segment of a detector.

    In electrons the slope is 1 and the floor the read noise squared; in ADU they are 1 / gain and (read noise
    / gain) squared, the read noise being in electrons.
    """

    slope: np.ndarray
    """Variance per unit of sky, ``(segments of y, segments of x)``."""
    floor: np.ndarray
    """Variance without sky, ``(segments of y, segments of x)``."""

    @classmethod
    def uniform(cls, grid: Grid, slope: float = 1.0, floor: float = 0.0) -> NoiseModel:
        """Make a model that is the same for all segments of a detector."""
        shape = (len(grid.y.segments), len(grid.x.segments))
        return cls(np.full(shape, float(slope)), np.full(shape, float(floor)))

    def variance(self, sky: np.ndarray, grid: Grid) -> np.ndarray:
        """Return the variance of a pixel in each bin of a sky given in bins, ``(..., ny, nx)``."""
        return np.maximum(grid.spread(self.slope) * sky + grid.spread(self.floor), np.finfo(np.float32).tiny)


def fit_noise(
    image: np.ndarray, variance: np.ndarray, good: np.ndarray, grid: Grid, fallback: NoiseModel
) -> NoiseModel:
    """Measure noise from the variance plane of an exposure.

    The plane is a straight line of the pixels where it was made from them, and about constant where it was
    made from a model; a line through both, by segment, is right at the level of the sky whether objects are
    in it or not.

    Parameters
    ----------
    image, variance : `numpy.ndarray`, ``(rows, columns)``
        Pixels and their variance.
    good : `numpy.ndarray`, ``(rows, columns)``, bool
        Pixels to use.
    grid : `Grid`
        Bins of the detector.
    fallback : `NoiseModel`
        Noise from the amplifiers, for segments whose variance plane is not finite or not positive.

    Returns
    -------
    noise : `NoiseModel`
        The noise model.
    """
    slope, floor = fallback.slope.copy(), fallback.floor.copy()
    ys, xs = grid.y.segments.pixels, grid.x.segments.pixels
    for j, (y0, y1) in enumerate(itertools.pairwise(ys)):
        for i, (x0, x1) in enumerate(itertools.pairwise(xs)):
            step = max(int(np.sqrt((y1 - y0) * (x1 - x0) / 20_000)), 1)
            part = np.s_[y0:y1:step, x0:x1:step]
            line = _line(image[part], variance[part], good[part])
            if line is not None:
                slope[j, i], floor[j, i] = line
    return NoiseModel(slope, floor)


def _line(image: np.ndarray, variance: np.ndarray, good: np.ndarray) -> tuple[float, float] | None:
    """Return slope and intercept of variance against image, or `None` if there is nothing to fit."""
    use = good & np.isfinite(image) & np.isfinite(variance) & (variance > 0)
    if np.count_nonzero(use) < 25:
        return None
    x, v = image[use].astype(np.float64), variance[use].astype(np.float64)
    low = x <= np.quantile(x, 0.9)
    x, v = x[low], v[low]
    spread = np.var(x)
    slope = max(float(np.mean((x - x.mean()) * (v - v.mean())) / spread), 0.0) if spread > 0 else 0.0
    return slope, float(v.mean() - slope * x.mean())
