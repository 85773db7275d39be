# SPDX-License-Identifier: GPL-3.0-or-later
"""Sums in an order of our own: the k-th value goes to lane ``k % LANES``, lanes are added pairwise.

That order is as accurate as pairwise summation for the sizes at hand, and is one that both NumPy and a
compiled loop can follow at full speed, so that both give the same bits.
"""

import numpy as np

__all__ = ("CHUNK", "LANES", "lane_sum")

#: Lanes that values are dealt to.
LANES = 64
#: Values that are summed in lanes before the sum is added to the total.
CHUNK = 65536


def lane_sum(values: np.ndarray) -> float:
    """Sum of values.

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
