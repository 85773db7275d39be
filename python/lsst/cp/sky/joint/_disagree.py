# SPDX-License-Identifier: GPL-3.0-or-later
"""Which exposures' rings around objects are unlike those of the others, so that they say nothing of wings."""

from __future__ import annotations

import numpy as np

from ._parameters import WingParameters

__all__ = ("disagreeing_profiles",)

_COMMON = 2 / 3
"""Rings are compared if so many of the profiles have them: what only bad ones have is no standard."""
_TIMES = 4.0
"""Multiples of the usual deviation that are still accepted."""
_SURE = 5.0
"""Standard deviations of noise by which a chi square has to be above what is expected."""


def disagreeing_profiles(total: np.ndarray, count: np.ndarray, parameters: WingParameters) -> np.ndarray:
    """Find profiles that deviate from the others.

    Where the model does not fit an exposure, as with stray light or a drifting bias, what it leaves looks
    like objects, and rings around these are as bright or as dark as the misfit is, far out, too.

    Parameters
    ----------
    total, count : `numpy.ndarray`, ``(profiles, classes, rings)``
        Sums of residuals (standard deviations of a sky pixel), and numbers of pixels, of one exposure of one
        detector each.
    parameters : `WingParameters`
        Parameters; the accepted deviation is used, and how many pixels make a ring.

    Returns
    -------
    bad : `numpy.ndarray`, (profiles,), bool
        Whether the root mean square deviation of a profile from the median one, without noise, is above
        ``deviation`` and above 4 times the usual.
    """
    have = count >= max(parameters.count, 1)
    compared = have & (have.sum(axis=0) >= _COMMON * len(have))
    mean = np.where(compared, total / np.maximum(count, 1), np.nan)
    pixels = np.where(compared, count, 0)
    rings = compared.sum(axis=(1, 2))
    middle = np.zeros(count.shape[1:])
    common = compared.any(axis=0)
    middle[common] = np.nanmedian(mean[:, common], axis=0)
    chi = np.sum(pixels * np.where(compared, mean - middle, 0) ** 2, axis=(1, 2))
    deviation = np.sqrt(np.maximum(chi - rings, 0) / np.maximum(pixels.sum(axis=(1, 2)), 1))
    judged = rings > 0
    if not judged.any():
        return judged
    accepted = max(parameters.deviation, _TIMES * float(np.median(deviation[judged])))
    # Laurent and Massart's bound: noise alone comes to more once in exp(_SURE**2 / 2) times.
    noise = rings + _SURE * np.sqrt(2 * rings) + _SURE**2
    return (deviation > accepted) & (chi > noise)
