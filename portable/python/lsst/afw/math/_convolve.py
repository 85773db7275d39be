# SPDX-License-Identifier: GPL-3.0-or-later
"""Convolution of images and masked images: `convolve` and its control."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.afw.image import Image, MaskedImage, MaskX
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arguments import require
from lsst.portable.arrays.convolve import convolve_mask, convolve_plane, convolve_separable, window_or

from ._function_kernels import SeparableKernel
from ._kernel import Kernel
from ._planes import is_image, is_masked_image

if TYPE_CHECKING:
    from lsst.portable.typing import AnyMaskedImage

__all__ = ("ConvolutionControl", "convolve")

#: Functions that smooth a plane, smooth it with the kernel squared, and combine a mask.
_Operations = tuple[Callable[[np.ndarray], np.ndarray], ...]


class ConvolutionControl:
    """Control of a convolution.

    Parameters
    ----------
    doNormalize : `bool`, optional
        Whether to normalize the kernel to a sum of 1.
    doCopyEdge : `bool`, optional
        Whether to copy pixels where the kernel does not fit, with mask bit EDGE, rather than set them to NaN
        with mask bit NO_DATA and infinite variance.
    maxInterpolationDistance : `int`, optional
        Only relevant for spatially varying kernels.
    """

    def __init__(
        self, doNormalize: bool = True, doCopyEdge: bool = False, maxInterpolationDistance: int = 10
    ) -> None:
        self.setDoNormalize(doNormalize)
        self.setDoCopyEdge(doCopyEdge)
        self.setMaxInterpolationDistance(maxInterpolationDistance)

    def getDoNormalize(self) -> bool:
        """Return whether to normalize the kernel to a sum of 1."""
        return self._doNormalize

    def setDoNormalize(self, doNormalize: bool) -> None:
        """Set whether to normalize the kernel to a sum of 1."""
        self._doNormalize = bool(doNormalize)

    def getDoCopyEdge(self) -> bool:
        """Return whether to copy pixels where the kernel does not fit."""
        return self._doCopyEdge

    def setDoCopyEdge(self, doCopyEdge: bool) -> None:
        """Set whether to copy pixels where the kernel does not fit."""
        self._doCopyEdge = bool(doCopyEdge)

    def getMaxInterpolationDistance(self) -> int:
        """Return the distance over which varying kernels are interpolated."""
        return self._maxInterpolationDistance

    def setMaxInterpolationDistance(self, maxInterpolationDistance: int) -> None:
        """Set the distance over which varying kernels are interpolated."""
        self._maxInterpolationDistance = int(maxInterpolationDistance)


def convolve(
    convolvedImage: Any,
    inImage: Any,
    kernel: Kernel,
    convolutionControl: ConvolutionControl | bool | None = None,
    doCopyEdge: bool = False,
    *,
    doNormalize: bool | None = None,
) -> None:
    """Convolve an image with a kernel.

    As on the compiled stack, the kernel is not flipped: this is a correlation. Variances are convolved with
    the square of the kernel, and masks are combined over its nonzero pixels.

    Parameters
    ----------
    convolvedImage : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Result, with the size of ``inImage``; its pixels and xy0 are set.
    inImage : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Image to convolve. Not modified.
    kernel : `Kernel`
        The kernel.
    convolutionControl : `ConvolutionControl` or `bool`, optional
        Control of the convolution; or whether to normalize the kernel to a sum of 1.
    doCopyEdge : `bool`, optional
        As in `ConvolutionControl`, where ``convolutionControl`` is a `bool`.
    doNormalize : `bool`, optional
        By name, in place of ``convolutionControl``: whether to normalize the kernel to a sum of 1.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the sizes differ or the image is smaller than the kernel.
    NotImplementedError
        Raised if the kernel varies over the image.
    """
    if doNormalize is not None:
        convolutionControl = bool(doNormalize)
    if isinstance(convolutionControl, bool):
        convolutionControl = ConvolutionControl(convolutionControl, doCopyEdge)
    control = convolutionControl if convolutionControl is not None else ConvolutionControl()
    if convolvedImage.getDimensions() != inImage.getDimensions():
        raise InvalidParameterError(
            f"The result has {convolvedImage.getDimensions()} pixels, the image to convolve"
            f" {inImage.getDimensions()}"
        )
    require("kernel of convolve", kernel, Kernel)
    if kernel.isSpatiallyVarying():
        raise NotImplementedError(
            "Convolution by a kernel that varies over the image is not offered by the portable stack; use "
            "FixedKernel(kernel, position), the kernel at one position"
        )
    require("inImage of convolve", inImage, Image, MaskedImage)
    kernel.shrinkBBox(inImage.getBBox())
    masked = is_masked_image(inImage)
    if masked != is_masked_image(convolvedImage) or not (masked or is_image(inImage)):
        raise TypeError(
            f"Cannot convolve {type(inImage).__name__} into {type(convolvedImage).__name__}; both must be an "
            "Image or a MaskedImage"
        )
    center = kernel.getCtr()
    inner = (
        slice(center.getY(), center.getY() + inImage.getHeight() - kernel.getHeight() + 1),
        slice(center.getX(), center.getX() + inImage.getWidth() - kernel.getWidth() + 1),
    )
    operations = _operations(kernel, control.getDoNormalize())
    copy_edge = control.getDoCopyEdge()
    if masked:
        _convolve_masked(convolvedImage, inImage, inner, operations, copy_edge)
    else:
        _fill(convolvedImage.array, inImage.array, inner, operations[0](inImage.array), copy_edge, np.nan)
    convolvedImage.setXY0(inImage.getXY0())


def _convolve_masked(
    out: AnyMaskedImage,
    source: AnyMaskedImage,
    inner: tuple[slice, slice],
    operations: _Operations,
    copy_edge: bool,
) -> None:
    """Convolve the three planes of a masked image."""
    smooth, smooth_squared, combine = operations
    image, variance = smooth(source.image.array), smooth_squared(source.variance.array)
    mask = combine(source.mask.array)
    _fill(out.image.array, source.image.array, inner, image, copy_edge, np.nan)
    _fill(out.variance.array, source.variance.array, inner, variance, copy_edge, np.inf)
    edge = int(MaskX.getPlaneBitMask("EDGE" if copy_edge else "NO_DATA"))
    outside = source.mask.array | edge if copy_edge else np.full_like(source.mask.array, edge)
    outside[inner] = mask
    out.mask.array[:] = outside


def _operations(kernel: Kernel, normalize: bool) -> _Operations:
    """Return functions that smooth a plane, smooth it with the kernel squared, and combine a mask."""
    if isinstance(kernel, SeparableKernel):
        x, y = kernel.kernel_vectors(normalize)
        if (x != 0).all() and (y != 0).all():
            return (
                lambda plane: convolve_separable(plane, x, y),
                lambda plane: convolve_separable(plane, x**2, y**2),
                lambda mask: window_or(mask, len(x), len(y)),
            )
    array = kernel.kernel_array(normalize)
    return (
        lambda plane: convolve_plane(plane, array),
        lambda plane: convolve_plane(plane, array**2),
        lambda mask: convolve_mask(mask, array),
    )


def _fill(
    out: np.ndarray,
    source: np.ndarray,
    inner: tuple[slice, slice],
    result: np.ndarray,
    copy_edge: bool,
    edge_value: float,
) -> None:
    """Set a plane to the result inside, and to the source or a value at its edge."""
    plane = source.astype(out.dtype) if copy_edge else np.empty_like(out)
    if not copy_edge:
        plane[:] = edge_value if out.dtype.kind == "f" else 0
    plane[inner] = result
    out[:] = plane
