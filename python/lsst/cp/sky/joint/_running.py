# SPDX-License-Identifier: GPL-3.0-or-later
"""Medians of what is never in memory as a whole."""

from __future__ import annotations

import numpy as np

__all__ = ("RunningMedian",)


class RunningMedian:
    """Median of each of several rows of values that come in portions, from a histogram.

    Parameters
    ----------
    rows : `int`
        Number of rows.
    low, high : `float`
        Range of the values; what lies beyond counts as if it lay at its end.
    steps : `int`, optional
        Bins of the histogram: the median is right to about a tenth of one.
    """

    def __init__(self, rows: int, low: float, high: float, steps: int = 4000) -> None:
        self._low, self._scale, self._steps = low, steps / (high - low), steps
        self._counts = np.zeros((rows, steps), dtype=np.int64)

    def add(self, values: np.ndarray, use: np.ndarray) -> None:
        """Add values ``(rows, n)`` where ``use`` is set; they must be finite there."""
        index = np.clip((np.where(use, values, 0) - self._low) * self._scale, 0, self._steps - 1).astype(
            np.int64
        )
        index += np.arange(len(values))[:, np.newaxis] * self._steps
        self._counts += np.bincount(index[use], minlength=self._counts.size).reshape(self._counts.shape)

    def number(self) -> np.ndarray:
        """How many values each row has, (rows,)."""
        return self._counts.sum(axis=1)

    def median(self) -> np.ndarray:
        """Median of each row, (rows,); NaN where there is no value."""
        below = np.cumsum(self._counts, axis=1)
        half = 0.5 * below[:, -1:]
        at = np.minimum((below < half).sum(axis=1), self._steps - 1)
        rows = np.arange(len(below))
        inside = np.maximum(self._counts[rows, at], 1)
        part = (half[:, 0] - (below[rows, at] - inside)) / inside
        return np.where(below[:, -1] > 0, self._low + (at + np.clip(part, 0, 1)) / self._scale, np.nan)
