# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics of pixels as pure functions over arrays.

`compute` measures one set of pixels. All sums run in float64 around a crude mean. A pixel is used if none of
the rejected mask bits is set and, unless configured otherwise, its value is finite after a cast to float32.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar, overload

import numpy as np

from .lanes import lane_sum
from .properties import Property
from .quantiles import median, quartiles

__all__ = (
    "IQ_TO_STDEV",
    "Measured",
    "Moments",
    "Rules",
    "clipped_moments",
    "compute",
    "is_finite",
    "mask_bits",
    "moments",
    "values_and_errors",
    "wanted_sums",
)

#: Ratio of standard deviation to interquartile range of a Gaussian.
IQ_TO_STDEV = 0.741301109252802

# Groups of statistics by what they need; plain integers combine faster.
_ERRORS = int(Property.ERRORS)
_MEDIAN = int(Property.MEDIAN)
_IQRANGE = int(Property.IQRANGE)
_CLIPPED = int(Property.MEANCLIP | Property.STDEVCLIP | Property.VARIANCECLIP)
_EXTREMA = int(Property.MIN | Property.MAX)
#: Statistics that need the second moment, always or if errors are requested.
_SECOND = int(Property.STDEV | Property.VARIANCE | Property.MEANSQUARE)
_SECOND_FOR_ERRORS = int(Property.MEAN | Property.MEDIAN)
#: Statistics that need sums over all pixels used.
_UNCLIPPED = _SECOND | _EXTREMA | int(Property.MEAN | Property.SUM)
#: Statistics that need the second moment of the last clipping iteration.
_CLIPPED_SECOND = _ERRORS | int(Property.STDEVCLIP | Property.VARIANCECLIP)


@dataclass(frozen=True)
class Rules:
    """Selection, clipping and weighting of pixels."""

    num_sigma_clip: float = 3.0
    """Half-width of the clipping interval (standard deviations)."""
    num_iter: int = 3
    """Number of clipping iterations."""
    and_mask: int = 0
    """Mask bits that reject a pixel."""
    nan_safe: bool = True
    """Whether to reject values that are not finite."""
    error_from_variance: bool = False
    """Whether the error of the mean comes from the variance plane rather than the scatter."""
    thresholds: tuple[float, ...] = field(default=())
    """For each mask bit, the fraction of rejected weight above which it enters the OR of the masks."""


class Moments(NamedTuple):
    """Weighted sums over a set of pixels."""

    number: int
    total: float
    mean: float
    mean_variance: float
    variance: float
    variance_variance: float


_NOTHING = Moments(0, np.nan, np.nan, np.nan, np.nan, np.nan)


#: A number for one set of pixels, or an array of them for many sets.
NumberT = TypeVar("NumberT", float, np.ndarray)


class Measured(NamedTuple, Generic[NumberT]):
    """Everything that `compute` can measure, as numbers or arrays; statistics not requested are NaN or 0."""

    number: NumberT
    total: NumberT
    mean: NumberT
    mean_variance: NumberT
    variance: NumberT
    variance_variance: NumberT
    minimum: NumberT
    maximum: NumberT
    or_mask: NumberT
    median: NumberT
    iqrange: NumberT
    mean_clip: NumberT
    mean_clip_variance: NumberT
    variance_clip: NumberT
    num_clipped: NumberT
    num_masked: NumberT


def is_finite(values: np.ndarray) -> np.ndarray:
    """Return whether values are finite as float32 numbers.

    Parameters
    ----------
    values : `numpy.ndarray`
        Values of any real type.

    Returns
    -------
    finite : `numpy.ndarray` of `bool`
        Flags of the same shape; all True for integers.
    """
    if values.dtype.kind in "iub":
        return np.ones(values.shape, dtype=bool)
    if values.dtype.itemsize > 4:
        with np.errstate(over="ignore"):
            values = values.astype(np.float32)
    return np.isfinite(values)


def moments(
    values: np.ndarray,
    center: float,
    weights: np.ndarray | None = None,
    variance: np.ndarray | None = None,
    *,
    second: bool = True,
) -> Moments:
    """Return the mean, unbiased variance and their errors.

    Parameters
    ----------
    values : `numpy.ndarray`, (n,)
        Values.
    center : `float`
        A value near the mean, for numerical stability.
    weights : `numpy.ndarray`, (n,), optional
        Multiplicative weights.
    variance : `numpy.ndarray`, (n,), optional
        Variances of the values, from which the error of the mean is computed if given.
    second : `bool`, optional
        Whether to compute second moments.

    Returns
    -------
    moments : `Moments`
        Moments; NaN where undefined (no value, or one value for the variance).
    """
    with np.errstate(over="ignore", invalid="ignore"):
        delta = np.subtract(values, center, dtype=np.float64)
    return _moments_of_deltas(delta, delta.size, center, weights, variance, second)


def _moments_of_deltas(
    delta: np.ndarray,
    count: int,
    center: float,
    weights: np.ndarray | None,
    variance: np.ndarray | None,
    second: bool,
) -> Moments:
    """Return moments from differences to a centre, which are 0 for values not among the ``count``."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if weights is None:
            sum_w = sum_w2 = np.float64(count)
            sum_x = np.float64(lane_sum(delta))
            sum_x2 = lane_sum(delta * delta) if second else np.nan
            sum_v = variance.sum(dtype=np.float64) if variance is not None else None
        else:
            sum_w, sum_w2 = weights.sum(), _product_sum(weights, weights)
            sum_x = _product_sum(weights, delta)
            sum_x2 = _product_sum(weights * delta, delta) if second else np.nan
            sum_v = _product_sum(variance, weights * weights) if variance is not None else None
        offset = sum_x / sum_w
        spread = (sum_x2 / sum_w - offset * offset) * (sum_w * sum_w / (sum_w * sum_w - sum_w2))
        mean_variance = (spread * sum_w2 if sum_v is None else sum_v) / (sum_w * sum_w)
        spread_variance = 2.0 * (count - 1) * spread * spread / np.float64(count * count)
        total, mean = sum_x + sum_w * center, offset + center
    return Moments(
        count,
        float(total) if count else 0.0,
        float(mean),
        float(mean_variance),
        float(spread),
        float(spread_variance),
    )


def compute(
    values: np.ndarray,
    flags: int,
    rules: Rules,
    *,
    mask: np.ndarray | None = None,
    variance: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    weights_are_variances: bool = False,
) -> Measured[float]:
    """Compute the statistics selected by ``flags``.

    Parameters
    ----------
    values : `numpy.ndarray`, (ny, nx) or (n,)
        Pixel values, at least one. Not modified.
    flags : `int`
        `lsst.afw.math.Property` bits to compute.
    rules : `Rules`
        Selection, clipping and weighting of pixels.
    mask : `numpy.ndarray`, same shape, optional
        Mask bits.
    variance : `numpy.ndarray`, same shape, optional
        Variance plane; required for ``rules.error_from_variance``.
    weights : `numpy.ndarray`, same shape, optional
        Weights of the pixels.
    weights_are_variances : `bool`, optional
        Whether the weight is one over ``weights``; if these are not positive, a pixel only enters quantiles.

    Returns
    -------
    measured : `Measured`
        The requested statistics.
    """
    values = np.atleast_2d(values)
    multiplicative, usable = _weights(weights, weights_are_variances, values.shape)
    unmasked = _unmasked(mask, rules.and_mask, values.shape)
    finite = is_finite(values) if values.dtype.kind == "f" else None
    # If an extremum is requested, values that are not finite are excluded from everything but the quantiles
    # and the centre at which sums and extrema start.
    counted = _both(unmasked, finite if rules.nan_safe else None)
    accepted = _both(counted, finite) if flags & _EXTREMA else counted
    good = _both(accepted, usable)
    x, w = _pick(values, good), _pick(multiplicative, good)
    v = _pick(variance, good) if rules.error_from_variance else None

    center = np.nan
    if wanted_sums(flags)[0]:
        every = _both(counted, usable)
        center = _crude_center(_pick(values, every), _pick(multiplicative, every))
    base = _unclipped(x, w, v, flags, center)
    minimum, maximum = _extrema(x, w, center) if flags & _EXTREMA else (np.nan, np.nan)
    or_mask = 0 if mask is None else _or_mask(mask, accepted, usable, multiplicative, rules.thresholds)
    mid, spread, clip, num_clipped = np.nan, np.nan, _NOTHING, 0
    if flags & (_MEDIAN | _IQRANGE | _CLIPPED):
        ordered = _pick(values, counted)
        mid, spread = _quantiles(ordered, flags)
        if flags & _CLIPPED:
            clip = clipped_moments(x, mid, spread, rules, w, v, second=bool(flags & _CLIPPED_SECOND))
            num_clipped = base.number - clip.number
    clipped = (clip.mean, clip.mean_variance, clip.variance, num_clipped)
    return Measured(*base, minimum, maximum, or_mask, mid, spread, *clipped, values.size - x.size)


def clipped_moments(
    values: np.ndarray,
    center: float,
    iqrange: float,
    rules: Rules,
    weights: np.ndarray | None = None,
    variance: np.ndarray | None = None,
    *,
    second: bool = True,
) -> Moments:
    """Return moments after iterated clipping, each iteration over all values.

    The first iteration keeps values within ``num_sigma_clip`` robust standard deviations of the median, later
    ones within as many standard deviations of the previous clipped mean, including both ends. If only one
    value is left, the interval stays that of the first iteration.

    Parameters
    ----------
    values : `numpy.ndarray`, (n,)
        Values.
    center, iqrange : `float`
        Median and interquartile range of the values.
    rules : `Rules`
        Clipping.
    weights, variance : `numpy.ndarray`, (n,), optional
        As for `moments`.
    second : `bool`, optional
        Whether to compute the variance of the last iteration.

    Returns
    -------
    moments : `Moments`
        Moments of the last iteration; count 0 and NaN if the interval is undefined.
    """
    first_half_width = rules.num_sigma_clip * IQ_TO_STDEV * iqrange
    half_width = first_half_width
    result = _NOTHING
    for iteration in range(rules.num_iter):
        if np.isnan(center) or np.isnan(half_width):
            result = _NOTHING
        else:
            with np.errstate(invalid="ignore"):
                delta = np.subtract(values, center, dtype=np.float64)
                kept = np.abs(delta) <= half_width
            count = int(np.count_nonzero(kept))
            chosen = (weights, variance)
            if count < delta.size:
                delta = np.where(kept, delta, 0.0) if weights is None else delta[kept]
                chosen = (_pick(weights, kept), _pick(variance, kept))
            wanted = second or iteration + 1 < rules.num_iter
            result = _moments_of_deltas(delta, count, center, *chosen, wanted)
        center = result.mean
        if values.size > 1:
            # Rounding can leave a variance of zero slightly negative.
            half_width = rules.num_sigma_clip * float(
                np.sqrt(max(result.variance, 0.0) if result.number else np.nan)
            )
    return result


def wanted_sums(flags: int) -> tuple[bool, bool]:
    """Return whether sums over all pixels used, and sums of their squares, are needed.

    Parameters
    ----------
    flags : `int`
        `lsst.afw.math.Property` bits to compute.

    Returns
    -------
    sums, squares : `bool`
        The two answers; the second implies the first.
    """
    squares = bool(flags & _SECOND or (flags & _ERRORS and flags & _SECOND_FOR_ERRORS))
    return squares or bool(flags & _UNCLIPPED), squares


def mask_bits(bits: int, dtype: np.dtype) -> np.ndarray:
    """Return mask bits as a number of the mask's own type, including the sign bit.

    Parameters
    ----------
    bits : `int`
        Bits, as a non-negative or negative Python integer.
    dtype : `numpy.dtype`
        Integer type of the mask.

    Returns
    -------
    bits : `numpy.integer`
        The same bits.
    """
    width = 8 * dtype.itemsize
    return np.array(bits & ((1 << width) - 1), dtype=f"u{dtype.itemsize}").view(dtype)[()]


def _product_sum(a: np.ndarray, b: np.ndarray) -> np.float64:
    """Return a sum of products without the threads of `numpy.dot`, which do not pay for small cells."""
    return (a * b).sum(dtype=np.float64)


def _both(a: np.ndarray | None, b: np.ndarray | None) -> np.ndarray | None:
    """Return the conjunction of two selections, either of which may be absent (everything)."""
    if a is None:
        return b
    return a if b is None else a & b


@overload
def _pick(plane: np.ndarray, good: np.ndarray | None) -> np.ndarray: ...
@overload
def _pick(plane: np.ndarray | None, good: np.ndarray | None) -> np.ndarray | None: ...
def _pick(plane: np.ndarray | None, good: np.ndarray | None) -> np.ndarray | None:
    """Return selected values as a flat array, without a copy if all are selected."""
    if plane is None:
        return None
    if good is None or good.all():
        return plane.reshape(-1)
    return plane.reshape(good.shape)[good]


def _unmasked(mask: np.ndarray | None, and_mask: int, shape: tuple[int, ...]) -> np.ndarray | None:
    """Return pixels without any of the rejected mask bits; `None` for all."""
    if mask is None or not and_mask:
        return None
    return ((mask & mask_bits(and_mask, mask.dtype)) == 0).reshape(shape)


def _weights(
    weights: np.ndarray | None, are_variances: bool, shape: tuple[int, ...]
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return multiplicative weights as float64, and which of them are usable (`None` for all)."""
    if weights is None:
        return None, None
    result = weights.reshape(shape).astype(np.float64)
    if not are_variances:
        return result, None
    with np.errstate(divide="ignore"):
        return 1.0 / result, ~(result <= 0)


def _crude_center(x: np.ndarray, w: np.ndarray | None) -> float:
    """Return the value to sum around: the (weighted) sum of the values over their number, or 0.

    A single weighted pixel has a variance of NaN or infinity depending on rounding; summing around the same
    value as the compiled stack gives the same one.
    """
    if x.size == 0:
        return 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        wide = x.astype(np.float64)
        return float((lane_sum(wide) if w is None else _product_sum(w, wide)) / x.size)


def _unclipped(
    x: np.ndarray, w: np.ndarray | None, v: np.ndarray | None, flags: int, center: float
) -> Moments:
    """Return moments of all values, as far as needed."""
    sums, second = wanted_sums(flags)
    if not sums:
        return Moments(x.size, np.nan, np.nan, np.nan, np.nan, np.nan)
    return moments(x, center, w, v, second=second)


def _quantiles(ordered: np.ndarray, flags: int) -> tuple[float, float]:
    """Return the median and, if needed, the interquartile range."""
    if not flags & (_IQRANGE | _CLIPPED):
        return median(ordered), np.nan
    mid, low, high = quartiles(ordered)
    with np.errstate(invalid="ignore"):
        return mid, high - low


def _extrema(x: np.ndarray, w: np.ndarray | None, center: float) -> tuple[float, float]:
    """Return the minimum and maximum of the values.

    The compiled stack starts its search from a crude mean, the (weighted) sum over the number of pixels. With
    weights, that may lie outside the range of the values and is then returned as minimum or maximum; nothing
    is below or above a NaN.
    """
    if x.size == 0 or np.isnan(center):
        return np.nan, np.nan
    low, high = float(x.min()), float(x.max())
    if w is None and np.isfinite(center):
        return low, high
    return min(low, center), max(high, center)


def _or_mask(
    mask: np.ndarray,
    accepted: np.ndarray | None,
    usable: np.ndarray | None,
    weights: np.ndarray | None,
    thresholds: tuple[float, ...],
) -> int:
    """Return the OR of the masks used, and of bits set in too much of the rejected weight."""
    result = int(np.bitwise_or.reduce(_pick(mask, _both(accepted, usable)), initial=0))
    if not thresholds or accepted is None:
        return result
    rejected = ~accepted if usable is None else ~accepted & usable
    good = accepted if usable is None else accepted & usable
    bits = _pick(mask, rejected)
    lost = np.ones(bits.size) if weights is None else _pick(weights, rejected)
    kept = float(np.count_nonzero(good)) if weights is None else float(weights[good].sum())
    for bit, threshold in enumerate(thresholds):
        share = float(lost[(bits >> bit) & 1 == 1].sum())
        if share > 0 and share / (kept + share) > threshold:
            result |= 1 << bit
    return result


def values_and_errors(measured: Measured[NumberT], prop: Property) -> tuple[NumberT, NumberT]:
    """Return values and errors of one statistic, for one or many sets of pixels.

    Parameters
    ----------
    measured : `Measured`
        The numbers, or arrays of them.
    prop : `Property`
        Statistic, which must have been computed.

    Returns
    -------
    values, errors
        Numbers or arrays, as ``measured``; the error is NaN if it is not estimated.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return _VALUES[prop](measured)


def _deviation(variance: Any, variance_variance: Any) -> tuple[Any, Any]:
    """Return the standard deviation and its error."""
    value = np.sqrt(variance)
    return value, np.where(value == 0, math.nan, 0.5 * np.sqrt(variance_variance) / value)


def _mean_square(m: Measured) -> tuple[Any, Any]:
    number = np.float64(m.number)
    value = (number - 1) / number * m.variance + np.square(m.mean)
    return value, math.sqrt(2.0) * np.abs(value) / number


def _clipped_deviation(m: Measured) -> tuple[Any, Any]:
    kept = np.float64(m.number) - m.num_clipped
    return _deviation(m.variance_clip, 2.0 * (kept - 1) * np.square(m.variance_clip) / np.square(kept))


_VALUES: dict[Property, Callable[[Measured], tuple[Any, Any]]] = {
    Property.MEAN: lambda m: (m.mean, np.sqrt(m.mean_variance)),
    Property.MEANCLIP: lambda m: (m.mean_clip, np.sqrt(m.mean_clip_variance)),
    Property.VARIANCE: lambda m: (m.variance, np.sqrt(m.variance_variance)),
    Property.STDEV: lambda m: _deviation(m.variance, m.variance_variance),
    Property.VARIANCECLIP: lambda m: (m.variance_clip, _like(m, math.nan)),
    Property.STDEVCLIP: _clipped_deviation,
    Property.MEANSQUARE: _mean_square,
    Property.MEDIAN: lambda m: (m.median, np.sqrt(0.5 * math.pi * m.variance / np.float64(m.number))),
    Property.IQRANGE: lambda m: (m.iqrange, _like(m, math.nan)),
    Property.NPOINT: lambda m: (m.number, _like(m, 0.0)),
    Property.SUM: lambda m: (m.total, _like(m, 0.0)),
    Property.MIN: lambda m: (m.minimum, _like(m, 0.0)),
    Property.MAX: lambda m: (m.maximum, _like(m, 0.0)),
    Property.NCLIPPED: lambda m: (m.num_clipped, _like(m, 0.0)),
    Property.NMASKED: lambda m: (m.num_masked, _like(m, 0.0)),
    Property.ORMASK: lambda m: (m.or_mask, _like(m, 0.0)),
}


def _like(m: Measured, value: float) -> np.ndarray:
    """Return an array of one value with the shape of the measurement."""
    return np.full(np.shape(m.number), value)
