# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixel-by-pixel statistics over a stack of images, for all pixels at once.

The rules are those of `lsst.portable.arrays.statistics`, written for arrays whose first axis is the stack.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .properties import Property
from .statistics import IQ_TO_STDEV, Rules, compute, is_finite, mask_bits, values_and_errors

__all__ = ("StackPlanes", "clipped_stack", "crude_center", "stack_arrays", "stack_moments", "stack_quantile")

_VECTORISED = Property.MEAN | Property.MEDIAN | Property.MEANCLIP | Property.NPOINT | Property.SUM
_PIXELS_AT_ONCE = 1 << 16  # bounds the memory of float64 copies of parts of the stack


class StackMoments(NamedTuple):
    """Weighted sums over the first axis, one element per pixel."""

    number: np.ndarray
    total: np.ndarray
    mean: np.ndarray
    mean_variance: np.ndarray
    variance: np.ndarray


class StackPlanes:
    """Planes of a stack, and which of its pixels to use.

    Parameters
    ----------
    values : `numpy.ndarray`, (n, pixels)
        Pixel values. Not modified.
    rules : `Rules`
        Selection of pixels.
    mask, variance : `numpy.ndarray`, (n, pixels), optional
        Mask bits and variances.
    weights : `numpy.ndarray`, (n, 1) or (n, pixels), optional
        Multiplicative weights.
    weights_are_variances : `bool`, optional
        Whether to weight by the inverse of ``variance`` instead.
    check_finite : `bool`, optional
        Whether to exclude non-finite values from sums regardless of the rules.
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
        #: Values used for quantiles.
        self.sortable = unmasked & finite if rules.nan_safe else unmasked
        #: Values used for sums.
        self.good = unmasked & finite if rules.nan_safe or check_finite else unmasked
        self.values = values
        self.variance = variance if rules.error_from_variance else None
        self.weights = weights
        if weights_are_variances and variance is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                self.weights = 1.0 / variance.astype(np.float64)
            self.good &= ~(variance <= 0)


def stack_moments(planes: StackPlanes, center: np.ndarray, selected: np.ndarray) -> StackMoments:
    """Return mean, unbiased variance and error of the mean over the selected part of a stack.

    Parameters
    ----------
    planes : `StackPlanes`
        The stack.
    center : `numpy.ndarray`, (pixels,)
        Values near the means, for numerical stability.
    selected : `numpy.ndarray` of `bool`, (n, pixels)
        Values to sum.

    Returns
    -------
    moments : `StackMoments`
        Moments; NaN where undefined.
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
    """Return a crude mean to sum around, shape ``(pixels,)``.

    It is the (weighted) sum of the values used over their number, or 0 if there are none. A single weighted
    pixel has a variance of NaN or infinity depending on rounding; summing around the same value as the
    compiled stack gives the same one.
    """
    count = planes.good.sum(axis=0)
    values = np.where(planes.good, planes.values, 0.0).astype(np.float64, copy=False)
    if planes.weights is not None:
        values = np.where(planes.good, planes.weights, 0.0) * values
    return values.sum(axis=0) / np.maximum(count, 1)


def stack_quantile(planes: StackPlanes, fractions: tuple[float, ...]) -> list[np.ndarray]:
    """Return quantiles over a stack of floating-point values, interpolated between order statistics.

    Parameters
    ----------
    planes : `StackPlanes`
        The stack.
    fractions : `tuple` [`float`]
        Fractions from 0 to 1.

    Returns
    -------
    quantiles : `list` [`numpy.ndarray`]
        One array per fraction, float64, shape ``(pixels,)``; NaN if no value is used.
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
    """Return moments after clipping, pixel by pixel (see `lsst.portable.arrays.statistics.clipped_moments`).

    Parameters
    ----------
    planes : `StackPlanes`
        The stack, of floating-point values.
    rules : `Rules`
        Clipping.

    Returns
    -------
    moments : `StackMoments`
        Moments of the last iteration; count 0 and NaN where the interval is undefined.
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


def stack_arrays(
    values: Sequence[np.ndarray],
    flag: int,
    rules: Rules,
    *,
    masks: Sequence[np.ndarray] | None = None,
    variances: Sequence[np.ndarray] | None = None,
    weights: np.ndarray | None = None,
    weights_are_variances: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Compute one statistic pixel by pixel over a stack.

    Parameters
    ----------
    values : `collections.abc.Sequence` [`numpy.ndarray`]
        Pixels of each member, shape ``(pixels,)``. Not modified.
    flag : `int`
        `Property` bit of the statistic.
    rules : `Rules`
        Selection, clipping and weighting of pixels.
    masks, variances : `collections.abc.Sequence` [`numpy.ndarray`], optional
        Mask bits and variances of the members, (pixels,) each.
    weights : `numpy.ndarray`, (members,), optional
        Weights of the members.
    weights_are_variances : `bool`, optional
        Whether to weight by the inverse of ``variances`` instead.

    Returns
    -------
    value, error : `numpy.ndarray`, (pixels,)
        The statistic and its error.
    or_mask : `numpy.ndarray`, (pixels,)
        OR of the masks of the members used.
    number, num_clipped : `numpy.ndarray`, (pixels,)
        Number of members used, and how many of them were clipped.
    """
    vectorised = flag & _VECTORISED and values[0].dtype.kind == "f" and not rules.thresholds
    measure = _stack_part if vectorised else _stack_pixels
    parts = []
    for start in range(0, max(values[0].size, 1), _PIXELS_AT_ONCE):
        part = slice(start, start + _PIXELS_AT_ONCE)
        value = np.stack([plane[part] for plane in values])
        mask, variance = (
            None if planes is None else np.stack([plane[part] for plane in planes])
            for planes in (masks, variances)
        )
        parts.append(measure(value, mask, variance, flag, rules, weights, weights_are_variances))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return columns[0], columns[1], columns[2], columns[3], columns[4]


def _stack_part(
    values: np.ndarray,
    masks: np.ndarray | None,
    variances: np.ndarray | None,
    flag: int,
    rules: Rules,
    weights: np.ndarray | None,
    weights_are_variances: bool,
) -> tuple[np.ndarray, ...]:
    """Stack (members, pixels) arrays, all pixels at once."""
    planes = StackPlanes(
        values,
        rules,
        masks,
        variances,
        None if weights is None else weights[:, np.newaxis],
        weights_are_variances=weights_are_variances,
    )
    count = planes.good.sum(axis=0)
    nclipped = np.zeros_like(count)
    with np.errstate(invalid="ignore", divide="ignore"):
        if flag == Property.MEANCLIP:
            clip = clipped_stack(planes, rules)
            value, error, nclipped = clip.mean, np.sqrt(clip.mean_variance), count - clip.number
        else:
            moments = stack_moments(planes, crude_center(planes), planes.good)
            value, error = moments.mean, np.sqrt(moments.mean_variance)
            if flag == Property.MEDIAN:
                (value,) = stack_quantile(planes, (0.5,))
                error = np.sqrt(0.5 * np.pi * moments.variance / count)
            elif flag == Property.NPOINT:
                value, error = count.astype(np.float64), np.zeros(count.shape)
            elif flag == Property.SUM:
                value, error = moments.total, np.zeros(count.shape)
    mask = np.zeros(count.shape, dtype=np.int32)
    if masks is not None:
        mask = np.bitwise_or.reduce(np.where(planes.good, masks, 0), axis=0)
    return value, error, mask, count, nclipped


def _stack_pixels(
    values: np.ndarray,
    masks: np.ndarray | None,
    variances: np.ndarray | None,
    flag: int,
    rules: Rules,
    weights: np.ndarray | None,
    weights_are_variances: bool,
) -> tuple[np.ndarray, ...]:
    """Stack (members, pixels) arrays pixel by pixel, for rarely used statistics."""
    prop = Property(flag)
    flags = int(prop | Property.ERRORS | Property.NPOINT)
    given = None if weights is None else weights.astype(np.float32)
    results = []
    for i in range(values.shape[1]):
        variance = None if variances is None else variances[:, i]
        measured = compute(
            values[:, i],
            flags,
            rules,
            mask=None if masks is None else masks[:, i],
            variance=variance,
            weights=variance if weights_are_variances else given,
            weights_are_variances=weights_are_variances,
        )
        results.append(
            (*values_and_errors(measured, prop), measured.or_mask, measured.number, measured.num_clipped)
        )
    columns = np.array(results, dtype=np.float64).reshape(-1, 5).T
    mask = columns[2].astype(np.int64).astype(np.int32)
    return columns[0], columns[1], mask, columns[3].astype(np.intp), columns[4].astype(np.intp)
