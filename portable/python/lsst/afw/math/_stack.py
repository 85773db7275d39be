# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixel-by-pixel statistics over a stack of images, masked images or vectors: `statisticsStack`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.afw.image import MaskedImage
from lsst.geom import Extent2I
from lsst.pex.exceptions import InvalidParameterError, LengthError
from lsst.portable.arguments import require
from lsst.portable.arrays.properties import Property
from lsst.portable.arrays.stack import stack_arrays
from lsst.portable.arrays.statistics import mask_bits

from ._planes import is_image, is_masked_image
from ._statistics import StatisticsControl

if TYPE_CHECKING:
    from lsst.portable.typing import AnyMaskedImage

__all__ = ("statisticsStack",)

_log = logging.getLogger("lsst.afw.math.statisticsStack")

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


def statisticsStack(*args: Any, **kwargs: Any) -> Any:
    """Compute a statistic pixel by pixel over a stack, or along one axis of an image.

    Called as ``statisticsStack(images, flags[, sctrl[, wvector[, clipped[, maskMap]]]])``, the same with an
    output image before the others, ``statisticsStack(vectors, flags[, sctrl[, wvector]])`` or
    ``statisticsStack(image, flags, dimensions[, sctrl])``.

    Parameters
    ----------
    *args, **kwargs
        By name: ``out`` (output image or masked image), ``images`` (sequence of `lsst.afw.image.Image` or of
        `lsst.afw.image.MaskedImage`, all of the same kind and size, not modified) or ``vectors`` (sequence of
        sequences of numbers), ``flags`` (`Property`, one statistic), ``sctrl`` (`StatisticsControl`: how
        pixels are selected, clipped and weighted; weighted without ``wvector`` means by inverse variance),
        ``wvector`` (sequence of `float`, weights of the members; ignored for masked images, with a warning,
        unless the control is weighted) and, for masked images, ``clipped`` (`int`: mask bits to set where
        pixels were clipped) and ``maskMap`` (sequence of (`int`, `int`): mask bits to look for among rejected
        pixels, and those to set if any are found) or ``excuse`` (`int`: bits of the control's mask that do
        not make a rejected pixel count as clipped). To collapse one ``image``, ``dimensions`` is ``"x"``, for
        a column with a statistic of each row, or ``"y"``, for a row with a statistic of each column.

    Returns
    -------
    stacked : `lsst.afw.image.Image`, `lsst.afw.image.MaskedImage`, `list` [`float`] or `None`
        The statistic, with xy0 = (0, 0), or `None` if ``out`` was given. For masked images, the mask is the
        OR over the pixels used, or the no-good-pixels bits where none was; the variance is the squared error
        of the statistic. A collapsed image becomes a masked image with nothing masked.

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if the stack is empty.
    lsst.pex.exceptions.InvalidParameterError
        Raised if sizes or numbers of members differ, if not exactly one statistic is requested, or if the
        dimension is invalid.
    TypeError
        Raised if the arguments match none of the forms, or the members are of different kinds.
    """
    first = args[0] if args else kwargs.get("image")
    given = _arguments(args, kwargs, _form(args, kwargs))
    require("sctrl of statisticsStack", given.get("sctrl"), StatisticsControl, optional=True)
    control = given.get("sctrl") or StatisticsControl()
    flags = int(given["flags"])
    if "dimensions" in given:
        return _collapse(first, flags, given["dimensions"], control)
    require("images of statisticsStack", given["images"], Sequence, np.ndarray)
    objects = list(given["images"])
    weights = np.asarray(given.get("wvector", ()), dtype=np.float32).astype(np.float64)
    _check(objects, weights, flags)
    out = given.get("out")
    if out is not None:
        _check_output(out, objects[0])
    if is_masked_image(objects[0]):
        clipped, pairs = int(given.get("clipped", 0)), given.get("maskMap", 0)
        if isinstance(pairs, int | np.integer):
            pairs = [(control.getAndMask() & ~int(pairs), clipped)]
        stacked = out if out is not None else type(objects[0])(objects[0].getDimensions())
        _stack_masked_images(stacked, objects, flags, control, weights, clipped, list(pairs))
        return None if out is not None else stacked
    if is_image(objects[0]):
        values = _flat([image.array for image in objects])
        result = _stack_arrays(values, None, None, flags, control, weights)[0]
        stacked = out if out is not None else type(objects[0])(objects[0].getDimensions())
        stacked.array[:] = result.reshape(stacked.array.shape)
        return None if out is not None else stacked
    values = _flat([np.asarray(vector, dtype=np.float64) for vector in objects])
    return [float(value) for value in _stack_arrays(values, None, None, flags, control, weights)[0]]


#: Names of the arguments of each form, in order; the first ones are required.
_STACK = ("images", "flags", "sctrl", "wvector", "clipped", "maskMap")
_FILL = ("out", *_STACK)
_COLLAPSE = ("image", "flags", "dimensions", "sctrl")


def _form(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of the arguments of the form being called."""
    if "image" in kwargs or "dimensions" in kwargs or isinstance(args[2] if len(args) > 2 else None, str):
        return _COLLAPSE
    if "out" in kwargs or (args and (is_image(args[0]) or is_masked_image(args[0]))):
        return _FILL
    return _STACK


def _arguments(args: tuple[Any, ...], kwargs: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the arguments by name; ``vectors`` become ``images``, ``excuse`` a number as ``maskMap``."""
    given = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        known = {"vectors": "images", "excuse": "maskMap"}.get(name, name)
        if known not in names or known in given:
            raise TypeError(f"Unexpected or repeated argument {name!r} of statisticsStack")
        given[known] = value
    missing = [name for name in names[: names.index("flags") + 1] if name not in given]
    if missing or len(args) > len(names):
        raise TypeError(
            f"statisticsStack takes ({', '.join(names)}); got {len(args)} arguments by position and"
            f" {sorted(kwargs)} by name"
        )
    return given


def _collapse(image: Any, flags: int, dimensions: str, control: StatisticsControl) -> Any:
    """Return statistics of the rows or columns of an image, as a masked image of one column or row."""
    if dimensions not in ("x", "y"):
        raise InvalidParameterError(f"One image is collapsed along 'x' or 'y', not along {dimensions!r}")
    _check_flags(flags)
    masked = is_masked_image(image)
    if not masked and not is_image(image):
        raise TypeError(f"Only an Image or a MaskedImage can be collapsed, not a {type(image).__name__}")
    planes = [image.image.array, image.mask.array, image.variance.array] if masked else [image.array]
    lines = [list(plane if dimensions == "y" else plane.T) for plane in planes]
    masks, variances = lines[1:] if masked else (None, None)
    value, error, *_ = _stack_arrays(lines[0], masks, variances, flags, control, np.empty(0))
    size = Extent2I(1, len(value)) if dimensions == "x" else Extent2I(len(value), 1)
    template: Any = MaskedImage  # makes the class of a type of pixels
    stacked = type(image)(size) if masked else template(size, dtype=image.array.dtype)
    shape = stacked.image.array.shape
    stacked.image.array[:] = value.reshape(shape)
    with np.errstate(over="ignore"):
        stacked.variance.array[:] = (error**2).reshape(shape)
    return stacked


def _check_flags(flags: int) -> None:
    """Check that exactly one statistic is requested."""
    if flags & ~Property.ERRORS not in _STATISTICS:
        raise InvalidParameterError(f"Exactly one statistic is needed to stack, got {Property(flags)!r}")


def _check_output(out: Any, first: Any) -> None:
    """Check that the stack matches the output image."""
    if not isinstance(out, type(first)):
        raise TypeError(f"A stack of {type(first).__name__} cannot fill a {type(out).__name__}")
    if out.getDimensions() != first.getDimensions():
        raise InvalidParameterError(
            f"Bad dimensions for the image to fill: {out.getDimensions()} v. {first.getDimensions()}"
        )


def _check(objects: list[Any], weights: np.ndarray, flags: int) -> None:
    """Check that the members can be stacked."""
    if not objects:
        raise LengthError("Please specify at least one object to stack")
    if weights.size not in (0, len(objects)):
        raise InvalidParameterError(
            f"Weight vector has different length from number of objects to be stacked: {weights.size}"
            f" v. {len(objects)}"
        )
    _check_flags(flags)
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
    stacked: AnyMaskedImage,
    images: list[Any],
    flags: int,
    control: StatisticsControl,
    weights: np.ndarray,
    clipped: int,
    pairs: list[tuple[int, int]],
) -> None:
    """Stack masked images with their masks and variances."""
    if weights.size and not control.getWeighted():
        _log.warning(
            "The weights given to statisticsStack are ignored, because the StatisticsControl is not "
            "weighted; call setWeighted(True) to use them."
        )
        weights = np.empty(0)
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


def _stack_arrays(
    values: list[np.ndarray],
    masks: list[np.ndarray] | None,
    variances: list[np.ndarray] | None,
    flags: int,
    control: StatisticsControl,
    weights: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return value, error, OR of masks, count and number of clipped pixels, each of shape ``(pixels,)``."""
    if variances is None and (
        control.getCalcErrorFromInputVariance() or (control.getWeighted() and not weights.size)
    ):
        raise InvalidParameterError("Weighting or errors by variance need MaskedImages, or pass weights")
    return stack_arrays(
        values,
        flags & ~Property.ERRORS,
        control._rules(),
        masks=masks,
        variances=variances,
        weights=weights if weights.size else None,
        weights_are_variances=control.getWeighted() and not weights.size,
    )
