# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics pixel by pixel over a stack of images, masked images or vectors: `statisticsStack`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arrays.properties import Property
from lsst.portable.arrays.stack import stack_arrays
from lsst.portable.arrays.statistics import mask_bits

from ._planes import is_image, is_masked_image
from ._statistics import StatisticsControl

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
    """Value, error, OR of masks, count and number of clipped pixels, (pixels,) each."""
    if variances is None and (
        control.getCalcErrorFromInputVariance() or (control.getWeighted() and not weights.size)
    ):
        raise InvalidParameterError("Weighting or errors by variance need MaskedImages, or pass weights")
    if weights.size and control.getWeightedIsSet() and not control.getWeighted():
        raise InvalidParameterError("Weights were given to a StatisticsControl that says not to use weights")
    return stack_arrays(
        values,
        flags & ~Property.ERRORS,
        control._rules(),
        masks=masks,
        variances=variances,
        weights=weights if weights.size else None,
        weights_are_variances=control.getWeighted() and not weights.size,
    )
