# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantiles of one-dimensional arrays, for floating-point and integer pixel types.

Floating-point quantiles interpolate linearly between the two neighbouring order statistics. Integer
quantiles spread tied values evenly over the unit interval that rounds to them, so that the median of a
narrow integer distribution is not itself confined to integers.

The compiled stack finds the three integer quartiles by in-place selection (quickselect with a median of
three) and looks at the median only *after* partitioning the upper part again. The value it finds there
depends on the order of the pixels. `integer_quartiles` repeats those selections step by step and returns the
same numbers. NaN among floating-point values, neither below nor above any other, goes through the same steps:
the quantile is that of the other values or one near it, and NaN only where the selection leaves NaN in place.
"""

import numpy as np

__all__ = ("float_quantiles", "integer_median", "integer_quartiles", "median", "quartiles")

_SMALL = 3  # the selection sorts ranges up to this size


def median(values: np.ndarray) -> float:
    """Return the median of the values.

    Parameters
    ----------
    values : `numpy.ndarray`, (n,)
        Values of any real type. Not modified.

    Returns
    -------
    median : `float`
        The median; NaN if there are no values.
    """
    if values.dtype.kind in "iub":
        return integer_median(values)
    if _has_nan(values):
        work, low = values.copy(), (values.size - 1) // 2
        if values.size > 1:
            _select(work, 0, low + 1, work.size)
            _select(work, 0, low, low + 1)
        return _between(work, 0.5)
    return float(float_quantiles(values, (0.5,))[0])


def quartiles(values: np.ndarray) -> tuple[float, float, float]:
    """Return the median, lower and upper quartile of the values.

    Parameters
    ----------
    values : `numpy.ndarray`, (n,)
        Values of any real type. Not modified.

    Returns
    -------
    median, lower, upper : `float`
        The quartiles; NaN if there are no values.
    """
    if values.dtype.kind in "iub":
        return integer_quartiles(values)
    if _has_nan(values):
        return _quartiles_with_nan(values)
    mid, low, high = float_quantiles(values, (0.5, 0.25, 0.75))
    return float(mid), float(low), float(high)


def _has_nan(values: np.ndarray) -> bool:
    """Return whether there is a NaN among floating-point values."""
    with np.errstate(invalid="ignore"):
        return values.size > 0 and bool(np.isnan(values.min()))


def _quartiles_with_nan(values: np.ndarray) -> tuple[float, float, float]:
    """Return median, lower and upper quartile of values that include NaN, as the selections find them."""
    work, size = values.copy(), values.size
    if size > 1:
        mid, low, high = ((size - 1) * quarter // 4 for quarter in (2, 1, 3))
        _select(work, 0, mid, size)
        _select(work, mid, high, size)
        _select(work, 0, low, mid)
        _select(work, mid, mid + 1, high)
        _select(work, low, low + 1, mid)
        _select(work, high, high + 1, size)
    return _between(work, 0.5), _between(work, 0.25), _between(work, 0.75)


def _between(work: np.ndarray, fraction: float) -> float:
    """Interpolate linearly at ``fraction * (n - 1)`` between the elements there."""
    place = fraction * (work.size - 1)
    low = int(place)
    high = min(low + 1, work.size - 1)
    return (low + 1 - place) * float(work[low]) + (place - low) * float(work[high])


def float_quantiles(values: np.ndarray, fractions: tuple[float, ...]) -> np.ndarray:
    """Return quantiles by linear interpolation at ``f * (n - 1)`` between order statistics.

    Parameters
    ----------
    values : `numpy.ndarray`, (n,)
        Values without NaN. Not modified.
    fractions : `tuple` [`float`]
        Fractions from 0 to 1.

    Returns
    -------
    quantiles : `numpy.ndarray`, (len(fractions),)
        Quantiles, float64; NaN if there are no values.
    """
    n = values.size
    if n == 0:
        return np.full(len(fractions), np.nan)
    places = [(fraction * (n - 1), int(fraction * (n - 1))) for fraction in fractions]
    ordered = np.partition(values, sorted({rank for _, low in places for rank in (low, min(low + 1, n - 1))}))
    return np.array(
        [
            (low + 1 - place) * float(ordered[low]) + (place - low) * float(ordered[min(low + 1, n - 1)])
            for place, low in places
        ]
    )


def integer_median(values: np.ndarray) -> float:
    """Return the tie-aware median.

    It is ``v - 0.5 + (n/2 - #{< v}) / #{== v}``, where ``v`` is the element of rank ``(n - 1)//2``.

    Parameters
    ----------
    values : `numpy.ndarray`, (n,)
        Values of an integer type. Not modified.

    Returns
    -------
    median : `float`
        The median; NaN if there are no values.
    """
    n = values.size
    if n == 0:
        return np.nan
    if n == 1:
        return float(values[0])
    rank = (n - 1) // 2
    pivot = np.partition(values, rank)[rank]
    return (
        float(pivot) - 0.5 + (0.5 * n - np.count_nonzero(values < pivot)) / np.count_nonzero(values == pivot)
    )


def integer_quartiles(values: np.ndarray) -> tuple[float, float, float]:
    """Return the tie-aware median and quartiles, selected in the order of the compiled stack.

    Parameters
    ----------
    values : `numpy.ndarray`, (n,)
        Values of an integer type in row-major pixel order. Not modified.

    Returns
    -------
    median, lower, upper : `float`
        The quartiles; NaN if there are no values. Two values have an infinite median, as on the compiled
        stack.
    """
    n = values.size
    if n == 0:
        return np.nan, np.nan, np.nan
    if n == 1:
        only = float(values[0])
        return only, only, only
    work = values.copy()
    mid, low, high = (int(fraction * (n - 1)) for fraction in (0.5, 0.25, 0.75))
    _select(work, 0, mid, n)
    _select(work, mid, high, n)
    _select(work, 0, low, mid)
    return (
        _spread_ties(work, 0.5 * n, mid, low, high),
        _spread_ties(work, 0.25 * n, low, 0, mid),
        _spread_ties(work, 0.75 * n, high, mid, n),
    )


def _spread_ties(work: np.ndarray, target: float, index: int, start: int, stop: int) -> float:
    """Return the quantile at rank ``target``: element ``index``, with its ties in ``work[start:stop]``."""
    pivot = work[index]
    part = work[start:stop]
    left = start + np.count_nonzero(part < pivot)
    ties = np.count_nonzero(part == pivot)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(float(pivot) - 0.5 + np.float64(target - left) / np.float64(ties))


def _select(work: np.ndarray, first: int, nth: int, last: int) -> None:
    """Rearrange ``work[first:last]`` in place so that ``work[nth]`` is what sorting would put there.

    The order of the rest is that of introselect as the C++ standard library of the compiled stack has it
    (median-of-three quickselect). Its fallback for pathological input is replaced by a plain partition,
    which puts the same value at ``nth``.
    """
    if nth >= last:
        return
    budget = 2 * ((last - first).bit_length() - 1)
    while last - first > _SMALL:
        if budget == 0:
            work[first:last].partition(nth - first)
            return
        budget -= 1
        cut = _partition(work, first, last)
        if cut <= nth:
            first = cut
        else:
            last = cut
    _insertion_sort(work[first:last])


def _insertion_sort(work: np.ndarray) -> None:
    """Sort a few elements in place, where NaN is neither below nor above any other."""
    for i in range(1, len(work)):
        value = work[i].copy()
        if value < work[0]:
            work[1 : i + 1] = work[:i].copy()
            work[0] = value
            continue
        j = i
        while value < work[j - 1]:
            work[j] = work[j - 1]
            j -= 1
        work[j] = value


def _partition(work: np.ndarray, first: int, last: int) -> int:
    """Hoare partition of ``work[first:last]`` around a median of three; return the start of the upper part.

    The sequential algorithm swaps the k-th element from the left that is not below the pivot with the k-th
    from the right that is not above it until the two meet; here all swaps are made at once.
    """
    _median_to_front(work, first, (first + 1, first + (last - first) // 2, last - 1))
    pivot = work[first]
    body = work[first + 1 : last]
    # NaN stops the search from either side.
    left = np.flatnonzero(~(body < pivot))
    right = np.flatnonzero(~(body > pivot))[::-1]
    pairs = min(left.size, right.size)
    crossed = left[:pairs] >= right[:pairs]
    swaps = int(np.argmax(crossed)) if crossed.any() else pairs
    i, j = left[:swaps], right[:swaps]
    body[i], body[j] = body[j], body[i]
    stops = []
    if swaps < left.size:
        stops.append(int(left[swaps]))
    if swaps > 0:
        stops.append(int(right[swaps - 1]))
    return first + 1 + min(stops)


def _median_to_front(work: np.ndarray, first: int, candidates: tuple[int, int, int]) -> None:
    """Swap the element at ``first`` with the median of three candidates, resolving ties as the stack."""
    a, b, c = candidates
    x, y, z = work[a], work[b], work[c]
    if x < y:
        chosen = b if y < z else (c if x < z else a)
    else:
        chosen = a if x < z else (c if y < z else b)
    work[first], work[chosen] = work[chosen], work[first]
