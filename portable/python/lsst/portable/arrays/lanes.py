# SPDX-License-Identifier: GPL-3.0-or-later
"""Sums in a fixed order: the k-th value goes to lane ``k % LANES``, and lanes are added pairwise.

This order is as accurate as pairwise summation for the sizes at hand, and both NumPy and a compiled loop can
follow it at full speed, so that both give the same bits.
"""

import numpy as np

__all__ = ("CHUNK", "LANES", "lane_sum")

#: Number of lanes.
LANES = 64
#: Number of values summed in lanes before their sum is added to the total.
CHUNK = 65536


def lane_sum(values: np.ndarray) -> float:
    """Return the sum of values.

    Parameters
    ----------
    values : `numpy.ndarray`, (n,)
        Values, float64.

    Returns
    -------
    total : `float`
        Their sum, zero if there are none.
    """
    total = 0.0
    for start in range(0, values.size, CHUNK):
        part = values[start : start + CHUNK]
        rows, rest = divmod(part.size, LANES)
        lanes = np.add.reduce(part[: rows * LANES].reshape(rows, LANES), axis=0)
        if rest:
            lanes[:rest] += part[rows * LANES :]
        while lanes.size > 1:
            half = lanes.size // 2
            lanes = lanes[:half] + lanes[half:]
        total += float(lanes[0])
    return total
