# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics pixel by pixel over a stack of images, all pixels at once.

The rules are those of `_statistics_kernels`, written for arrays whose first axis is the stack.
"""

from typing import NamedTuple

import numpy as np

from ._statistics_kernels import IQ_TO_STDEV, Rules, is_finite, mask_bits

__all__ = ("StackPlanes", "clipped_stack", "crude_center", "stack_moments", "stack_quantile")


class StackMoments(NamedTuple):
    """Weighted sums over the first axis, one element a pixel."""

    number: np.ndarray
    total: np.ndarray
    mean: np.ndarray
    mean_variance: np.ndarray
    variance: np.ndarray


class StackPlanes:
    """Planes of a stack, and which pixels of it count.

    Parameters
    ----------
    values : `numpy.ndarray`, (n, pixels)
        Pixel values; not changed.
    rules : `Rules`
        How to count.
    mask, variance : `numpy.ndarray`, (n, pixels), optional
        Mask bits and variances.
    weights : `numpy.ndarray`, (n, 1) or (n, pixels), optional
        Multiplicative weights.
    weights_are_variances : `bool`, optional
        Whether to weight by the inverse of ``variance`` instead.
    check_finite : `bool`, optional
        Whether values that are not finite are left out of sums whatever the rules say.
    """

    def __init__(
        self,
        values: np.ndarray,
        rules: Rules,
        mask: np.ndarray | None = None,
        variance: np.ndarray | None = None,
        weights: np.ndarray | None = None,
        weights_are_variances: bool = False,
        check_finite: bool = False,
    ) -> None:
        unmasked = np.ones(values.shape, dtype=bool)
        if mask is not None and rules.and_mask:
            unmasked = (mask & mask_bits(rules.and_mask, mask.dtype)) == 0
        finite = is_finite(values)
        #: What quantiles are taken of.
        self.sortable = unmasked & finite if rules.nan_safe else unmasked
        #: What sums are taken of.
        self.good = unmasked & finite if rules.nan_safe or check_finite else unmasked
        self.values = values
        self.variance = variance if rules.error_from_variance else None
        self.weights = weights
        if weights_are_variances and variance is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                self.weights = 1.0 / variance.astype(np.float64)
            self.good &= ~(variance <= 0)


def stack_moments(planes: StackPlanes, center: np.ndarray, selected: np.ndarray) -> StackMoments:
    """Mean, unbiased variance and error of the mean over the selected part of a stack.

    Parameters
    ----------
    planes : `StackPlanes`
        The stack.
    center : `numpy.ndarray`, (pixels,)
        Values near the means, for numerical stability.
    selected : `numpy.ndarray` of `bool`, (n, pixels)
        What to sum over.

    Returns
    -------
    moments : `StackMoments`
        NaN where undefined.
    """
    count = selected.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        delta = np.where(selected, planes.values - center, 0.0)
        if planes.weights is None:
            w, sum_w = selected.astype(np.float64), count.astype(np.float64)
            sum_w2 = sum_w
        else:
            w = np.where(selected, planes.weights, 0.0)
            sum_w, sum_w2 = w.sum(axis=0), (w * w).sum(axis=0)
        weighted = w * delta
        sum_x = weighted.sum(axis=0)
        offset = sum_x / sum_w
        variance = ((weighted * delta).sum(axis=0) / sum_w - offset**2) * (sum_w**2 / (sum_w**2 - sum_w2))
        if planes.variance is None:
            mean_variance = variance * sum_w2 / sum_w**2
        else:
            mean_variance = (w * w * np.where(selected, planes.variance, 0.0)).sum(axis=0) / sum_w**2
        total = np.where(count > 0, sum_x + sum_w * center, 0.0)
    return StackMoments(count, total, offset + center, mean_variance, variance)


def crude_center(planes: StackPlanes) -> np.ndarray:
    """Crude mean to sum around, (pixels,): the (weighted) sum of the counted values over their number, 0
    where there are none.

    A single weighted pixel has a variance of NaN or infinity depending on rounding; summing around the same
    value as the compiled stack gives the same one.
    """
    count = planes.good.sum(axis=0)
    values = np.where(planes.good, planes.values, 0.0).astype(np.float64, copy=False)
    if planes.weights is not None:
        values = np.where(planes.good, planes.weights, 0.0) * values
    return values.sum(axis=0) / np.maximum(count, 1)


def stack_quantile(planes: StackPlanes, fractions: tuple[float, ...]) -> list[np.ndarray]:
    """Quantiles over a stack of floating-point values, by linear interpolation between order statistics.

    Parameters
    ----------
    planes : `StackPlanes`
        The stack.
    fractions : `tuple` [`float`]
        Fractions from 0 to 1.

    Returns
    -------
    quantiles : `list` [`numpy.ndarray`]
        One (pixels,) array of float64 a fraction; NaN where nothing counts.
    """
    ordered = np.where(planes.sortable, planes.values, np.inf)
    ordered.sort(axis=0)
    count = planes.sortable.sum(axis=0)
    columns = np.arange(ordered.shape[1])
    result = []
    for fraction in fractions:
        position = fraction * np.maximum(count - 1, 0)
        below = position.astype(np.intp)
        above = np.minimum(below + 1, np.maximum(count - 1, 0))
        share = position - below
        low, high = ordered[below, columns].astype(np.float64), ordered[above, columns].astype(np.float64)
        with np.errstate(invalid="ignore"):
            result.append(np.where(count > 0, (1.0 - share) * low + share * high, np.nan))
    return result


def clipped_stack(planes: StackPlanes, rules: Rules) -> StackMoments:
    """Moments after clipping, pixel by pixel (see `lsst.afw.math._statistics_kernels.clipped_moments`).

    Parameters
    ----------
    planes : `StackPlanes`
        The stack, of floating-point values.
    rules : `Rules`
        How to clip.

    Returns
    -------
    moments : `StackMoments`
        Of the last round; count 0 and NaN where the interval is undefined.
    """
    center, low, high = stack_quantile(planes, (0.5, 0.25, 0.75))
    several = planes.good.sum(axis=0) > 1
    half_width = rules.num_sigma_clip * IQ_TO_STDEV * (high - low)
    for _ in range(rules.num_iter):
        with np.errstate(invalid="ignore"):
            kept = planes.good & (np.abs(planes.values - center) <= half_width)
        undefined = np.isnan(center) | np.isnan(half_width)
        result = stack_moments(planes, center, kept)
        result = StackMoments(
            np.where(undefined, 0, result.number),
            *(np.where(undefined, np.nan, plane) for plane in result[1:]),
        )
        center = result.mean
        with np.errstate(invalid="ignore"):
            next_width = rules.num_sigma_clip * np.sqrt(np.maximum(result.variance, 0.0))
        half_width = np.where(several, next_width, half_width)
    return result
