# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics pixel by pixel over a stack of images, masked images or vectors: `statisticsStack`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from ._planes import is_image, is_masked_image
from ._stack_kernels import StackPlanes, clipped_stack, crude_center, stack_moments, stack_quantile
from ._statistics import Property, StatisticsControl, statistics_of_arrays
from ._statistics_kernels import mask_bits

__all__ = ("statisticsStack",)

_STATISTICS = (
    Property.NPOINT,
    Property.MEAN,
    Property.STDEV,
    Property.VARIANCE,
    Property.MEDIAN,
    Property.IQRANGE,
    Property.MEANCLIP,
    Property.STDEVCLIP,
    Property.VARIANCECLIP,
    Property.MIN,
    Property.MAX,
    Property.SUM,
    Property.MEANSQUARE,
)
_VECTORISED = Property.MEAN | Property.MEDIAN | Property.MEANCLIP | Property.NPOINT | Property.SUM
_PIXELS_AT_ONCE = 1 << 16  # bounds the memory that float64 copies of a part of the stack take


def statisticsStack(
    objects: Sequence[Any],
    flags: int,
    sctrl: StatisticsControl | None = None,
    wvector: Sequence[float] = (),
    clipped: int = 0,
    maskMap: Sequence[tuple[int, int]] | int = 0,
    *,
    excuse: int | None = None,
) -> Any:
    """Compute a statistic pixel by pixel over a stack.

    Parameters
    ----------
    objects : sequence of `lsst.afw.image.Image`, `lsst.afw.image.MaskedImage`, or of sequences of numbers
        The stack, all members of one kind and size; not changed.
    flags : `Property`
        One statistic.
    sctrl : `StatisticsControl`, optional
        How pixels are counted, clipped and weighted; weighted without ``wvector`` means by inverse variance.
    wvector : sequence of `float`, optional
        Weights of the members.
    clipped : `int`, optional
        Mask bits to set where pixels were clipped (masked images only).
    maskMap : sequence of (`int`, `int`), optional
        Mask bits to look for among rejected pixels, and those to set where there are any (masked images
        only). An `int` is taken for ``excuse``.
    excuse : `int`, optional
        Instead of ``maskMap``: bits of the control's mask that do not make a rejected pixel count as clipped.

    Returns
    -------
    stacked : `lsst.afw.image.Image`, `lsst.afw.image.MaskedImage` or `list` [`float`]
        The statistic, at the xy0 of the first member. Its mask is the OR over the counted pixels, or the
        no-good-pixels bits where nothing counted; its variance is the squared error of the statistic.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the stack is empty, sizes or numbers differ, or not exactly one statistic is asked for.
    """
    control = sctrl if sctrl is not None else StatisticsControl()
    objects = list(objects)
    weights = np.asarray(wvector, dtype=np.float32).astype(np.float64)
    _check(objects, weights, int(flags))
    first = objects[0]
    if is_masked_image(first):
        if excuse is not None:
            maskMap = excuse
        if isinstance(maskMap, int | np.integer):
            maskMap = [(control.getAndMask() & ~int(maskMap), int(clipped))]
        return _stack_masked_images(objects, int(flags), control, weights, int(clipped), list(maskMap))
    if is_image(first):
        values = _flat([image.array for image in objects])
        result = _stack_arrays(values, None, None, int(flags), control, weights)[0]
        stacked = type(first)(first.getBBox())
        stacked.array[:] = result.reshape(stacked.array.shape)
        return stacked
    values = _flat([np.asarray(vector, dtype=np.float64) for vector in objects])
    return [float(value) for value in _stack_arrays(values, None, None, int(flags), control, weights)[0]]


def _check(objects: list[Any], weights: np.ndarray, flags: int) -> None:
    """Check that the stack can be made."""
    if not objects:
        raise InvalidParameterError("Please specify at least one object to stack")
    if weights.size not in (0, len(objects)):
        raise InvalidParameterError(
            f"Weight vector has different length from number of objects to be stacked: {weights.size}"
            f" v. {len(objects)}"
        )
    if flags & ~Property.ERRORS not in _STATISTICS:
        raise InvalidParameterError(f"Exactly one statistic is needed to stack, got {Property(flags)!r}")
    kind = type(objects[0])
    if not (is_image(objects[0]) or is_masked_image(objects[0])):
        sizes: list[Any] = [len(vector) for vector in objects]
    elif all(isinstance(image, kind) for image in objects):
        sizes = [tuple(image.getDimensions()) for image in objects]
    else:
        raise TypeError(
            f"All members of a stack must be {kind.__name__}, got {[type(o).__name__ for o in objects]}"
        )
    for index, size in enumerate(sizes):
        if size != sizes[0]:
            raise InvalidParameterError(
                f"Bad dimensions for member {index} of the stack: {size} v. {sizes[0]}"
            )


def _flat(arrays: list[np.ndarray]) -> list[np.ndarray]:
    return [array.reshape(-1) for array in arrays]


def _stack_masked_images(
    images: list[Any],
    flags: int,
    control: StatisticsControl,
    weights: np.ndarray,
    clipped: int,
    pairs: list[tuple[int, int]],
) -> Any:
    """Stack masked images with their masks and variances."""
    first = images[0]
    stacked = type(first)(first.getBBox())
    value, error, mask, npoint, nclipped = _stack_arrays(
        _flat([image.image.array for image in images]),
        _flat([image.mask.array for image in images]),
        _flat([image.variance.array for image in images]),
        flags,
        control,
        weights,
    )
    dtype = mask.dtype
    mask = np.where(npoint == 0, mask_bits(control.getNoGoodPixelsMask(), dtype), mask)
    if clipped:
        mask = np.where(nclipped > 0, mask | mask_bits(clipped, dtype), mask)
    for searched, marked in pairs:
        bits = mask_bits(int(searched), dtype)
        found = np.zeros(mask.shape, dtype=bool)
        for image in images:
            found |= (image.mask.array.reshape(-1) & bits) != 0
        mask = np.where(found & (npoint < len(images)), mask | mask_bits(int(marked), dtype), mask)
    shape = stacked.image.array.shape
    stacked.image.array[:] = value.reshape(shape)
    stacked.mask.array[:] = mask.reshape(shape)
    with np.errstate(over="ignore"):
        stacked.variance.array[:] = (error**2).reshape(shape)
    return stacked


def _stack_arrays(
    values: list[np.ndarray],
    masks: list[np.ndarray] | None,
    variances: list[np.ndarray] | None,
    flags: int,
    control: StatisticsControl,
    weights: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Value, error, OR of masks, count and number of clipped pixels, (pixels,) each, part by part."""
    size = values[0].size
    if variances is None and (
        control.getCalcErrorFromInputVariance() or (control.getWeighted() and not weights.size)
    ):
        raise InvalidParameterError("Weighting or errors by variance need MaskedImages, or pass weights")
    if weights.size and control.getWeightedIsSet() and not control.getWeighted():
        raise InvalidParameterError("Weights were given to a StatisticsControl that says not to use weights")
    parts = []
    for start in range(0, max(size, 1), _PIXELS_AT_ONCE):
        part = slice(start, start + _PIXELS_AT_ONCE)
        value = np.stack([plane[part] for plane in values])
        mask, variance = (
            None if planes is None else np.stack([plane[part] for plane in planes])
            for planes in (masks, variances)
        )
        vectorised = flags & _VECTORISED and values[0].dtype.kind == "f" and not control._rules().thresholds
        measure = _part if vectorised else _part_by_pixel
        parts.append(measure(value, mask, variance, flags & ~Property.ERRORS, control, weights))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return columns[0], columns[1], columns[2], columns[3], columns[4]


def _part(
    values: np.ndarray,
    masks: np.ndarray | None,
    variances: np.ndarray | None,
    flag: int,
    control: StatisticsControl,
    weights: np.ndarray,
) -> tuple[np.ndarray, ...]:
    """Stack (members, pixels) arrays, all pixels at once."""
    rules = control._rules()
    inverse = control.getWeighted() and not weights.size
    planes = StackPlanes(
        values,
        rules,
        masks,
        variances,
        weights[:, np.newaxis] if weights.size else None,
        weights_are_variances=inverse,
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


def _part_by_pixel(
    values: np.ndarray,
    masks: np.ndarray | None,
    variances: np.ndarray | None,
    flag: int,
    control: StatisticsControl,
    weights: np.ndarray,
) -> tuple[np.ndarray, ...]:
    """Stack (members, pixels) arrays pixel by pixel, for the statistics that are rarely stacked."""
    flags = flag | Property.ERRORS | Property.NPOINT
    results = []
    for i in range(values.shape[1]):
        statistics = statistics_of_arrays(
            values[:, i],
            flags,
            control,
            mask=None if masks is None else masks[:, i],
            variance=None if variances is None else variances[:, i],
            weights=weights if weights.size else None,
        )
        value, error = statistics.getResult(flag)
        results.append(
            (
                value,
                error,
                statistics.getOrMask(),
                statistics._measured.number,
                statistics._measured.num_clipped,
            )
        )
    columns = np.array(results, dtype=np.float64).reshape(-1, 5).T
    mask = columns[2].astype(np.int64).astype(np.int32)
    return columns[0], columns[1], mask, columns[3].astype(np.intp), columns[4].astype(np.intp)
