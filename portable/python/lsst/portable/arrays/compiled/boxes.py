# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled loops behind the statistics of many boxes of a large image.

`measure_boxes` agrees to the bit with its twin made of NumPy (`lsst.portable.arrays.statistics.compute`):
quantiles are order statistics, and sums run in the order of `lsst.portable.arrays.lanes`.
"""

import math

import numpy as np

from lsst.portable.jit import njit

__all__ = ("COLUMNS", "chunk_sums", "measure_boxes")

#: What the columns of the result of `measure_boxes` hold.
COLUMNS = (
    "number",
    "total",
    "mean",
    "mean_variance",
    "variance",
    "median",
    "iqrange",
    "clipped_number",
    "clipped_mean",
    "clipped_mean_variance",
    "clipped_variance",
)
# Those of `lsst.portable.arrays.lanes`, written again: numba keeps machine code until this very file changes.
CHUNK = 65536
LANES = 64
_IQ_TO_STDEV = 0.741301109252802
_GROUP = 1 << 17  # pixels that are collected at once from boxes beside each other
_BLOCK = 2048  # values that are dealt to bins at once
_BINS = 4096  # bins, at most
_LOOK = 15  # values that tell which range the bins cover
_SAMPLE = 256  # size of the sample that a pivot is taken from, at most
_FEW = 24  # ranges up to this size are sorted outright


@njit(nogil=True, error_model="numpy")
def _insertion_sort(work, first, last):
    """Sort ``work[first:last]`` in place."""
    for i in range(first + 1, last):
        value = work[i]
        j = i - 1
        while j >= first and work[j] > value:
            work[j + 1] = work[j]
            j -= 1
        work[j + 1] = value


@njit(nogil=True, error_model="numpy")
def _pivot(part, sample, nth, rounds):
    """Choose a pivot near the rank ``nth`` from a sample, rather beyond it than before.

    The places of the sample change with the rounds, so that no order of the values is bad for long.
    """
    size = len(part)
    count = 255 if size > 65536 else (63 if size > 8192 else (15 if size > 400 else (7 if size > 80 else 3)))
    step = size // count
    for i in range(count):
        sample[i] = part[i * step + (step // 2 + 7919 * rounds) % step]
    _insertion_sort(sample, 0, count)
    share = nth / size
    margin = 0.7 * math.sqrt(count * share * (1.0 - share))
    place = int(share * count + (margin if share < 0.5 else -margin))
    return sample[min(max(place, 0), count - 1)]


@njit(nogil=True, error_model="numpy")
def _below_first(part, pivot):
    """Move what is below the pivot to the front; returns where the rest starts."""
    cut = np.uint64(0)
    for i in range(len(part)):
        value = part[i]
        part[i] = part[cut]
        part[cut] = value
        cut += np.uint64(value < pivot)
    return np.int64(cut)


@njit(nogil=True, error_model="numpy")
def _equal_first(part, pivot):
    """Move what equals the pivot, the smallest value, to the front; returns where the rest starts."""
    cut = np.uint64(0)
    for i in range(len(part)):
        value = part[i]
        part[i] = part[cut]
        part[cut] = value
        cut += np.uint64(value == pivot)
    return np.int64(cut)


@njit(nogil=True, error_model="numpy")
def _select(work, sample, first, last, nth):
    """Rearrange ``work[first:last]`` so that ``work[nth]`` is what sorting would put there, with nothing
    greater before and nothing smaller behind it. No value may be NaN. Returns up to where from ``nth`` on
    the values are sorted.
    """
    rounds = 0
    while last - first > _FEW:
        part = work[first:last]
        pivot = _pivot(part, sample, nth - first, rounds)
        rounds += 1
        cut = first + _below_first(part, pivot)
        if nth < cut:
            last = cut
        elif cut > first:
            first = cut
        else:
            first += _equal_first(part, pivot)
            if nth < first:
                return first
    _insertion_sort(work, first, last)
    return last


@njit(nogil=True, error_model="numpy")
def _quantile(work, sample, first, last, below, count, fraction):
    """Quantile of ``count`` values, of which the ranks it needs are in ``work[first:last]``.

    ``below`` values that are smaller are not in ``work`` at all.
    """
    place = fraction * (count - 1)
    rank = int(place)
    low = rank - below
    known = _select(work, sample, first, last, low)
    value = np.float64(work[low])
    above = value
    if rank + 1 < count:
        least = work[low + 1]
        last = low + 2 if low + 1 < known else last
        for i in range(low + 2, last):
            least = min(least, work[i])
        above = np.float64(least)
    return (rank + 1 - place) * value + (place - rank) * above


@njit(nogil=True, error_model="numpy")
def _middle_range(values, sample):
    """Range in which the quartiles should be, by a few of the values."""
    step = len(values) // _LOOK
    if step == 0:
        return values[0], values[0]
    for i in range(_LOOK):
        sample[i] = values[i * step + step // 2]
    _insertion_sort(sample, 0, _LOOK)
    low, high = sample[_LOOK // 5], sample[_LOOK - 1 - _LOOK // 5]
    margin = np.float32(0.75) * (high - low)
    return low - margin, high + margin


@njit(nogil=True, error_model="numpy")
def _deal(values, low, scale, last, bins):
    """Find the bin of each value: one that never falls with the value, from 0 to ``last``."""
    for i in range(len(values)):
        place = (values[i] - low) * scale
        bins[i] = np.int32(min(max(place, np.float32(0.0)), np.float32(last)))


@njit(nogil=True, error_model="numpy")
def _count_bins(values, low, scale, last, bins, counts):
    """Count the values in each bin; columns take turns, so that no count waits for the one before."""
    counts[: last + 1] = 0
    for start in range(0, len(values), _BLOCK):
        part = values[start : start + _BLOCK]
        _deal(part, low, scale, last, bins)
        even = len(part) // 4 * 4
        for i in range(0, even, 4):
            counts[bins[i], 0] += 1
            counts[bins[i + 1], 1] += 1
            counts[bins[i + 2], 2] += 1
            counts[bins[i + 3], 3] += 1
        for i in range(even, len(part)):
            counts[bins[i], 0] += 1


@njit(nogil=True, error_model="numpy")
def _choose_bins(counts, last, size, wanted, below):
    """Choose the bins that hold the ranks of the quartiles; ``below`` is filled with how many values are
    before each quartile's rank that are in none of them.
    """
    before, dropped, quarter = 0, 0, 1
    rank, behind = (size - 1) // 4, -1
    for i in range(last + 1):
        stop = before + counts[i, 0] + counts[i, 1] + counts[i, 2] + counts[i, 3]
        wanted[i] = before <= behind < stop
        while rank < stop:
            wanted[i] = True
            below[quarter - 1] = dropped
            quarter, behind = quarter + 1, rank + 1
            rank = quarter * (size - 1) // 4 if quarter < 4 else size
            wanted[i] |= behind < stop
        dropped += 0 if wanted[i] else stop - before
        before = stop


@njit(nogil=True, error_model="numpy")
def _keep_bins(values, low, scale, last, bins, wanted, work):
    """Copy the values in the chosen bins; returns their number."""
    kept = np.uint64(0)
    for start in range(0, len(values), _BLOCK):
        part = values[start : start + _BLOCK]
        _deal(part, low, scale, last, bins)
        for i in range(len(part)):
            work[kept] = part[i]
            kept += np.uint64(wanted[bins[i]])
    return np.int64(kept)


@njit(nogil=True, error_model="numpy")
def _quartiles(values, work, scratch):
    """Median, lower and upper quartile of at least one value, all of them finite.

    Values are counted in bins, and the quartiles selected from the few bins that hold them.
    """
    sample, bins, counts, wanted, below = scratch
    size = len(values)
    last = min(_BINS, max(16, size // 6)) - 1
    low, high = _middle_range(values, sample)
    scale = np.float32(last + 1) / (high - low)
    if scale > 0.0 and np.isfinite(scale):
        _count_bins(values, low, scale, last, bins, counts)
        _choose_bins(counts, last, size, wanted, below)
        kept = _keep_bins(values, low, scale, last, bins, wanted, work)
    else:  # as good as equal values
        work[:size] = values
        kept = size
        below[:] = 0
    return (
        _quantile(work, sample, 0, kept, below[1], size, 0.5),
        _quantile(work, sample, 0, kept, below[0], size, 0.25),
        _quantile(work, sample, 0, kept, below[2], size, 0.75),
    )


@njit(nogil=True, error_model="numpy")
def _offset(value, center, half_width):
    """Difference to the centre, or zero where it is above the half-width, and whether it is not."""
    delta = np.float64(value) - center
    inside = abs(delta) <= half_width
    return (delta if inside else 0.0), inside


@njit(nogil=True, error_model="numpy")
def _add_lanes(values, center, half_width, sums, squares):
    """Deal values to lanes and add them up there; returns how many of them are not above the half-width."""
    count, full = 0, len(values) // LANES * LANES
    for first in range(0, full, LANES):
        kept, row = 0, values[first : first + LANES]
        for lane in range(LANES):  # a length that is known makes this loop fast
            delta, inside = _offset(row[lane], center, half_width)
            kept += inside
            sums[lane] += delta
            squares[lane] += delta * delta
        count += kept
    row = values[full:]
    for lane in range(len(row)):
        delta, inside = _offset(row[lane], center, half_width)
        count += inside
        sums[lane] += delta
        squares[lane] += delta * delta
    return count


@njit(nogil=True, error_model="numpy")
def _sums(values, size, center, half_width, lanes):
    """Count, sum and sum of squares of the differences to the centre that are not above the half-width."""
    count, total, total_squares = 0, 0.0, 0.0
    sums, squares = lanes[0], lanes[1]
    for start in range(0, size, CHUNK):
        sums[:] = 0.0
        squares[:] = 0.0
        count += _add_lanes(values[start : min(start + CHUNK, size)], center, half_width, sums, squares)
        half = LANES // 2
        while half > 0:
            for lane in range(half):
                sums[lane] += sums[half + lane]
                squares[lane] += squares[half + lane]
            half //= 2
        total += sums[0]
        total_squares += squares[0]
    return float(count), total, total_squares


@njit(nogil=True, error_model="numpy")
def _moments(count, total, total_squares):
    """Offset of the mean, variance of the mean and variance."""
    count = np.float64(count)  # without a compiler, Python's own division by zero would raise
    offset = total / count
    spread = (total_squares / count - offset * offset) * (count * count / (count * count - count))
    return offset, spread * count / (count * count), spread


@njit(nogil=True, error_model="numpy")
def _clip(values, size, num_sigma, num_iter, lanes, row):
    """Moments after rounds of clipping, of values whose median and inter-quartile range are in ``row``."""
    center, half_width = row[5], num_sigma * _IQ_TO_STDEV * row[6]
    for _ in range(num_iter):
        if np.isnan(center) or np.isnan(half_width):
            row[7] = 0.0
            row[8:] = np.nan
            return
        count, total, squares = _sums(values, size, center, half_width, lanes)
        offset, mean_variance, spread = _moments(count, total, squares)
        row[7], row[8], row[9], row[10] = count, offset + center, mean_variance, spread
        center = row[8]
        if size > 1:
            # Rounding can leave a variance of zero slightly negative.
            half_width = num_sigma * math.sqrt(0.0 if spread < 0.0 else spread) if count > 0 else np.nan


@njit(nogil=True, error_model="numpy")
def _gather(image, mask, bits, boxes, nan_safe, values, starts, sizes):
    """Collect the counted pixels of boxes beside each other, row by row of the image.

    Those of box i go to ``values`` from ``starts[i]`` on; ``sizes[i]`` becomes their number and how many of
    them are not finite.
    """
    for y in range(boxes[0, 2], boxes[0, 3]):
        for i in range(len(boxes)):
            pixels = image[y, boxes[i, 0] : boxes[i, 1]]
            first = np.uint64(starts[i] + sizes[i, 0])
            cut, odd = first, np.uint64(0)
            if bits == 0:
                for x in range(len(pixels)):
                    value = pixels[x]
                    finite = np.isfinite(value)
                    values[cut] = value
                    cut += np.uint64(finite | (not nan_safe))
                    odd += np.uint64(not (finite | nan_safe))
            else:
                flags = mask[y, boxes[i, 0] : boxes[i, 1]]
                for x in range(len(pixels)):
                    value = pixels[x]
                    finite = np.isfinite(value)
                    good = (flags[x] & bits) == 0
                    values[cut] = value
                    cut += np.uint64(good & (finite | (not nan_safe)))
                    odd += np.uint64(good & (not (finite | nan_safe)))
            sizes[i, 0] += np.int64(cut - first)
            sizes[i, 1] += np.int64(odd)


@njit(nogil=True, error_model="numpy")
def _group_stop(boxes, start):
    """Where the run of boxes over the same rows ends that starts at ``start`` and holds `_GROUP` pixels."""
    stop, total = start, 0
    while stop < len(boxes) and boxes[stop, 2] == boxes[start, 2] and boxes[stop, 3] == boxes[start, 3]:
        total += (boxes[stop, 1] - boxes[stop, 0]) * (boxes[stop, 3] - boxes[stop, 2]) + 1
        if stop > start and total > _GROUP:
            break
        stop += 1
    return stop


@njit(nogil=True, error_model="numpy")
def _measure(values, work, scratch, lanes, num_sigma, num_iter, plain, quantiles, row):
    """Measure collected pixels; ``row`` is filled as `COLUMNS` says."""
    size = len(values)
    row[0] = float(size)
    if plain:
        _, total, _ = _sums(values, size, 0.0, np.inf, lanes)
        center = total / size if size > 0 else 0.0
        count, total, squares = _sums(values, size, center, np.inf, lanes)
        offset, row[3], row[4] = _moments(count, total, squares)
        row[1] = total + count * center if size > 0 else 0.0
        row[2] = offset + center
    if quantiles and size > 0:
        row[5], low, high = _quartiles(values, work, scratch)
        row[6] = high - low
    if quantiles and num_iter > 0:
        row[7] = 0.0
        _clip(values, size, num_sigma, num_iter, lanes, row)


@njit(
    "void(float32[:, :], int32[:, :], int64, int64[:, :], boolean, float64, int64, boolean, boolean,"
    " float64[:, ::1])",
    cache=True,
    nogil=True,
    error_model="numpy",
)
def measure_boxes(image, mask, and_mask, boxes, nan_safe, num_sigma, num_iter, plain, quantiles, out):
    """Measure boxes of an image.

    Parameters
    ----------
    image : `numpy.ndarray`, (ny, nx), float32
        Pixel values.
    mask : `numpy.ndarray`, (ny, nx), int32
        Mask bits; not looked at when ``and_mask`` is 0.
    and_mask : `int`
        Mask bits that reject a pixel, as a number of the mask's type.
    boxes : `numpy.ndarray`, (n, 4), int64
        First and last (excluded) column and row of each box.
    nan_safe : `bool`
        Whether values that are not finite are rejected.
    num_sigma, num_iter : `float`, `int`
        Half-width of the clipping in standard deviations, and rounds; none for no clipping.
    plain, quantiles : `bool`
        Whether the sums over all counted pixels, and median and inter-quartile range, are wanted.
    out : `numpy.ndarray`, (n, len(COLUMNS)), float64
        Filled with what `COLUMNS` says; what was not asked for is NaN. The number is -1 where a pixel counts
        that is not finite: such boxes are left to the caller.
    """
    space, widest, start = 0, 0, 0
    while start < len(boxes):
        stop, total = _group_stop(boxes, start), 0
        for i in range(start, stop):
            size = (boxes[i, 1] - boxes[i, 0]) * (boxes[i, 3] - boxes[i, 2])
            total += size + 1
            widest = max(widest, size)
        space, start = max(space, total), stop
    values = np.empty(space, np.float32)
    work = np.empty(widest if quantiles else 0, np.float32)
    scratch = (
        np.empty(_SAMPLE, np.float32),
        np.empty(_BLOCK, np.int32),
        np.empty((_BINS, 4), np.int32),
        np.empty(_BINS, np.bool_),
        np.empty(3, np.int64),
    )
    lanes = np.empty((2, LANES))
    starts, sizes = np.empty(len(boxes), np.int64), np.zeros((len(boxes), 2), np.int64)
    bits, start = np.int32(and_mask), 0
    while start < len(boxes):
        stop, total = _group_stop(boxes, start), 0
        for i in range(start, stop):
            starts[i] = total
            total += (boxes[i, 1] - boxes[i, 0]) * (boxes[i, 3] - boxes[i, 2]) + 1
        group = slice(start, stop)
        _gather(image, mask, bits, boxes[group], nan_safe, values, starts[group], sizes[group])
        for i in range(start, stop):
            out[i, :] = np.nan
            if sizes[i, 1] > 0:
                out[i, 0] = -1.0
                continue
            part = values[starts[i] : starts[i] + sizes[i, 0]]
            _measure(part, work, scratch, lanes, num_sigma, num_iter, plain, quantiles, out[i])
        start = stop


@njit("void(float32[::1], float64, int64, int64, float64[:, ::1])", cache=True, nogil=True)
def chunk_sums(values, center, start, stop, out):
    """Sum values chunk by chunk of `lsst.portable.arrays.lanes.CHUNK`.

    Parameters
    ----------
    values : `numpy.ndarray`, (n,), float32
        Values; NaN does not count.
    center : `float`
        Taken off each value.
    start, stop : `int`
        Chunks to sum.
    out : `numpy.ndarray`, (chunks, 3), float64
        Filled with the count, the sum and the sum of squares of each.
    """
    lanes = np.empty((2, LANES))
    for i in range(start, stop):
        part = values[i * CHUNK : min((i + 1) * CHUNK, len(values))]
        out[i, 0], out[i, 1], out[i, 2] = _sums(part, len(part), center, np.inf, lanes)
