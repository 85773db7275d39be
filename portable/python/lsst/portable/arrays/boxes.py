# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics of many boxes of an image, such as cells of a background or superpixels.

Small images are measured box by box with NumPy; large ones, if the compiled loops support the request, by
these, with as many threads as there are cores. The results are the same to the bit, whatever the number of
threads.
"""

import functools
import operator
from collections.abc import Callable, Sequence

import numpy as np

from lsst.portable.threads import is_large, run_blocks, run_threads

from . import compiled as loops
from .lanes import CHUNK
from .properties import Property
from .statistics import Measured, Rules, compute, mask_bits, wanted_sums

__all__ = ("grid_boxes", "measure_array", "measure_boxes", "measure_values")

# Statistics that need clipping or quantiles, or that only NumPy offers; plain integers combine faster.
_CLIPPED = int(Property.MEANCLIP | Property.STDEVCLIP | Property.VARIANCECLIP)
_QUANTILES = int(Property.MEDIAN | Property.IQRANGE) | _CLIPPED
_NOT_COMPILED = int(Property.MIN | Property.MAX | Property.ORMASK)
_CHUNKS = 8  # chunks of values to sum at once, few enough for a processor's cache
_MANY = 256  # number of boxes from which their order does not matter for the threads


def grid_boxes(x_edges: np.ndarray, y_edges: np.ndarray) -> np.ndarray:
    """Return the boxes of a grid of cells.

    Parameters
    ----------
    x_edges, y_edges : `numpy.ndarray`, (cells + 1,)
        Edges of the cells along each axis (pixels).

    Returns
    -------
    boxes : `numpy.ndarray`, (cells_y * cells_x, 4)
        First and last (excluded) column and row of each cell, row by row.
    """
    x, y = (np.stack([edges[:-1], edges[1:]], axis=1) for edges in (x_edges, y_edges))
    return np.concatenate([np.tile(x, (len(y), 1)), np.repeat(y, len(x), axis=0)], axis=1).astype(np.int64)


def measure_array(
    values: np.ndarray,
    flags: int,
    rules: Rules,
    *,
    mask: np.ndarray | None = None,
    variance: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    weights_are_variances: bool = False,
) -> Measured[float]:
    """Compute statistics of a whole array.

    Images large enough for the compiled loops use them; everything else is left to
    `lsst.portable.arrays.statistics.compute`.
    """
    if weights is None and values.ndim == 2 and is_large(values.size):
        box = np.array([[0, values.shape[1], 0, values.shape[0]]])
        columns = measure_boxes(values, mask, variance, box, flags, rules)
        return Measured(*(column[0].item() for column in columns))
    return compute(
        values,
        flags,
        rules,
        mask=mask,
        variance=variance,
        weights=weights,
        weights_are_variances=weights_are_variances,
    )


def measure_boxes(
    image: np.ndarray,
    mask: np.ndarray | None,
    variance: np.ndarray | None,
    boxes: np.ndarray,
    flags: int,
    rules: Rules,
    weights_are_variances: bool = False,
) -> Measured[np.ndarray]:
    """Compute statistics of boxes.

    Parameters
    ----------
    image : `numpy.ndarray`, (ny, nx)
        Pixel values. Not modified.
    mask, variance : `numpy.ndarray`, (ny, nx), or `None`
        Mask bits and variance plane.
    boxes : `numpy.ndarray`, (n, 4)
        First and last (excluded) column and row of each box; each box contains at least one pixel.
    flags : `int`
        `Property` bits to compute.
    rules : `Rules`
        Selection, clipping and weighting of pixels.
    weights_are_variances : `bool`, optional
        Whether to weight by the inverse variance.

    Returns
    -------
    measured : `Measured`
        Arrays of n values; statistics not requested are NaN or 0.
    """

    def one(box: Sequence[int]) -> Measured[float]:
        part = (slice(box[2], box[3]), slice(box[0], box[1]))
        v = None if variance is None else variance[part]
        return compute(
            image[part],
            flags,
            rules,
            mask=None if mask is None else mask[part],
            variance=v,
            weights=v if weights_are_variances else None,
            weights_are_variances=weights_are_variances,
        )

    looped = (
        is_large(image.size)
        and image.dtype == np.float32
        and image.flags.writeable
        and (mask is None or (mask.dtype == np.int32 and mask.flags.writeable))
        and not (flags & _NOT_COMPILED or rules.error_from_variance or weights_are_variances)
    )
    if not looped:
        return _stacked([one(box) for box in boxes.tolist()])
    return _measure_compiled(image, mask, boxes, flags, rules, one)


def _stacked(measured: list[Measured[float]]) -> Measured[np.ndarray]:
    """Combine measurements of boxes into one measurement of arrays."""
    return Measured(*(np.array(column) for column in zip(*measured, strict=True)))


def _measure_compiled(
    image: np.ndarray,
    mask: np.ndarray | None,
    boxes: np.ndarray,
    flags: int,
    rules: Rules,
    one: Callable[[Sequence[int]], Measured[float]],
) -> Measured[np.ndarray]:
    """Measure boxes with the compiled loops, except for boxes with non-finite values."""
    if mask is None:
        mask, bits = np.zeros((1, 1), dtype=np.int32), 0
    else:
        bits = int(mask_bits(rules.and_mask, mask.dtype))
    size = (boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2])
    # If there are few boxes, start with the largest, so that no thread starts it last.
    order = np.argsort(-size, kind="stable") if len(boxes) < _MANY else np.arange(len(boxes))
    ordered = np.ascontiguousarray(boxes[order], dtype=np.int64)
    out = np.full((len(boxes), len(loops.boxes.COLUMNS)), np.nan)
    rounds = rules.num_iter if flags & _CLIPPED else 0
    plain, quantiles = wanted_sums(flags)[0], bool(flags & _QUANTILES)

    def work(start: int, stop: int) -> None:
        loops.boxes.measure_boxes(
            image,
            mask,
            bits,
            ordered[start:stop],
            rules.nan_safe,
            rules.num_sigma_clip,
            rounds,
            plain,
            quantiles,
            out[start:stop],
        )

    whole = None
    if plain and not quantiles and not bits and size[0] == image.size and image.flags.c_contiguous:
        values = image.reshape(-1)
        whole = measure_values(values.size, lambda first, last: values[first:last])
    if whole is None:
        run_threads(work, len(boxes))
    else:
        out[0, :5] = whole
    unsorted = np.empty_like(out)
    unsorted[order] = out
    column = dict(zip(loops.boxes.COLUMNS, unsorted.T, strict=True))
    number, spread = column["number"], column["variance"]
    kept = np.where(number < 0, number, column["clipped_number"]) if rounds else number
    with np.errstate(divide="ignore", invalid="ignore"):
        spread_variance = 2.0 * (number - 1) * spread * spread / (number * number)
    minimum, maximum = np.full((2, len(out)), np.nan)
    or_mask = np.zeros(len(out), dtype=np.int64)
    result = Measured(
        number.astype(np.int64),
        column["total"],
        column["mean"],
        column["mean_variance"],
        spread,
        spread_variance,
        minimum,
        maximum,
        or_mask,
        column["median"],
        column["iqrange"],
        column["clipped_mean"],
        column["clipped_mean_variance"],
        column["clipped_variance"],
        (number - kept).astype(np.int64),
        (size - number).astype(np.int64),
    )
    for i in np.flatnonzero(number < 0):
        for plane, value in zip(result, one(boxes[i].tolist()), strict=True):
            plane[i] = value
    return result


def measure_values(
    size: int, values: Callable[[int, int], np.ndarray]
) -> tuple[float, float, float, float, float] | None:
    """Sum values that are provided in parts, in threads.

    Parameters
    ----------
    size : `int`
        Number of values.
    values : `collections.abc.Callable`
        Called as ``values(first, last)``, by several threads, for the values from ``first`` to ``last``
        (excluded): contiguous float32.

    Returns
    -------
    measured : `tuple` [`float`, `float`, `float`, `float`, `float`] or `None`
        Number, total, mean, its variance, and variance; `None` if a value is NaN or infinite.
    """
    chunks = -(-size // CHUNK)
    sums = np.empty((chunks, 3))

    def add(center: float) -> tuple[float, ...]:
        def work(start: int, stop: int) -> None:
            part = values(start * CHUNK, min(stop * CHUNK, size))
            _sum_chunks(part, center, sums[start:stop])

        run_blocks(work, chunks, _CHUNKS, 2 * _CHUNKS)
        # Added one after another, starting from zero, as everywhere.
        return tuple(functools.reduce(operator.add, column, 0.0) for column in sums.T.tolist())

    count, total, _ = add(0.0)
    if count != size or not np.isfinite(total):
        return None
    center = total / count
    _, total, squares = add(center)
    offset = total / count
    spread = (squares / count - offset * offset) * (count * count / (count * count - count))
    return count, total + count * center, offset + center, spread * count / (count * count), spread


def _sum_chunks(values: np.ndarray, center: float, out: np.ndarray) -> None:
    """Fill ``out`` with count, sum and sum of squares of each chunk of values less the centre."""
    loops.boxes.chunk_sums(values, center, 0, len(out), out)
