# SPDX-License-Identifier: GPL-3.0-or-later
"""Sky level of an exposure from its superpixels, as functions of arrays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ("Level", "median_level", "weighted_level")

#: Standard deviations of a normal distribution in one median absolute deviation.
_MAD_TO_SIGMA = 1.4826


class Level(NamedTuple):
    """The sky level of an exposure."""

    value: float
    """Sky level, in the units of the superpixels."""
    uncertainty: float | None = None
    """Standard deviation of the level, in the same units, if estimated."""


def median_level(values: NDArray[np.floating]) -> Level:
    """Return the median of all superpixels, measured or filled in."""
    return Level(float(np.median(values)))


def weighted_level(values: NDArray[np.floating], weights: NDArray[np.floating]) -> Level:
    """Return the weighted median of superpixels, with its uncertainty.

    Parameters
    ----------
    values : `numpy.ndarray`
        Level of each superpixel.
    weights : `numpy.ndarray`
        Positive weights of the same shape: the number of good pixels of each superpixel.

    Returns
    -------
    level : `Level`
        The value at which half of the total weight is reached, or the mean of two values if it is reached
        between them. The uncertainty is the scatter of the superpixels (weighted median absolute deviation,
        scaled to a standard deviation) over the square root of their effective number, times ``sqrt(pi /
        2)``, because a median is noisier than a mean; NaN for fewer than two superpixels.
    """
    value = _weighted_median(values, weights)
    scatter = _MAD_TO_SIGMA * _weighted_median(np.abs(values - value), weights)
    total = float(weights.sum(dtype=np.float64))
    effective = total**2 / float(np.square(weights, dtype=np.float64).sum())
    uncertainty = math.sqrt(math.pi / 2 / effective) * scatter if values.size > 1 else math.nan
    return Level(value, uncertainty)


def _weighted_median(values: NDArray[np.floating], weights: NDArray[np.floating]) -> float:
    order = np.argsort(values, axis=None, kind="stable")
    ordered = values.ravel()[order].astype(np.float64)
    reached = np.cumsum(weights.ravel()[order], dtype=np.float64)
    half = reached[-1] / 2
    low, high = np.searchsorted(reached, half, "left"), np.searchsorted(reached, half, "right")
    return float((ordered[low] + ordered[min(high, ordered.size - 1)]) / 2)
