# SPDX-License-Identifier: GPL-3.0-or-later
"""Resampling of images through transforms of the plane: `warpImage` and its control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.afw.image import Image, MaskedImage, MaskX, imagesOverlap
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arguments import require
from lsst.portable.arrays.warp import BilinearSampler, relative_area, sample_positions

from ._function_kernels import SeparableKernel
from ._planes import is_masked_image
from ._warping_kernels import BilinearWarpingKernel, makeWarpingKernel

if TYPE_CHECKING:
    from lsst.afw.geom import TransformPoint2ToPoint2
    from lsst.portable.typing import AnyImage, AnyMaskedImage

__all__ = ("WarpingControl", "warpImage")


class WarpingControl:
    """Control of warping.

    Parameters
    ----------
    warpingKernelName : `str`
        Kernel for image and variance, as for `makeWarpingKernel`. `warpImage` only offers ``bilinear``.
    maskWarpingKernelName : `str`, optional
        Kernel for the mask, which must not be larger; empty for the same. `warpImage` only offers
        ``bilinear``.
    cacheSize : `int`, optional
        Size of the caches of the kernels; unused.
    interpLength : `int`, optional
        Distance over which the compiled stack interpolates positions. Unused: all positions are exact here.
    growFullMask : `int`, optional
        Mask bits that grow by the size of the image's kernel; unused, because all do.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no such kernel, or the mask's is larger than the image's.
    """

    def __init__(
        self,
        warpingKernelName: str,
        maskWarpingKernelName: str = "",
        cacheSize: int = 0,
        interpLength: int = 0,
        growFullMask: int = 0,
    ) -> None:
        self._maskKernel: SeparableKernel | None = None
        self.setWarpingKernelName(warpingKernelName)
        self.setMaskWarpingKernelName(maskWarpingKernelName)
        self.setInterpLength(interpLength)
        self.setCacheSize(cacheSize)
        self.setGrowFullMask(growFullMask)

    def getWarpingKernel(self) -> SeparableKernel:
        """Return the kernel for image and variance."""
        self._kernel.computeCache(self._cacheSize)
        return self._kernel

    def setWarpingKernel(self, warpingKernel: SeparableKernel) -> None:
        """Set the kernel for image and variance; copied."""
        require("warpingKernel", warpingKernel, SeparableKernel)
        if self._maskKernel is not None:
            _check_sizes(warpingKernel, self._maskKernel)
        self._kernel = warpingKernel.clone()

    def setWarpingKernelName(self, warpingKernelName: str) -> None:
        """Set the kernel for image and variance by name."""
        require("warpingKernelName", warpingKernelName, str)
        self.setWarpingKernel(makeWarpingKernel(warpingKernelName))

    def getMaskWarpingKernel(self) -> SeparableKernel | None:
        """Return the kernel for the mask, or `None` for that of the image."""
        if self._maskKernel is not None:
            self._maskKernel.computeCache(self._cacheSize)
        return self._maskKernel

    def hasMaskWarpingKernel(self) -> bool:
        """Return whether the mask has its own kernel."""
        return self._maskKernel is not None

    def setMaskWarpingKernel(self, maskWarpingKernel: SeparableKernel) -> None:
        """Set the kernel for the mask; copied."""
        require("maskWarpingKernel", maskWarpingKernel, SeparableKernel)
        _check_sizes(self._kernel, maskWarpingKernel)
        self._maskKernel = maskWarpingKernel.clone()

    def setMaskWarpingKernelName(self, maskWarpingKernelName: str) -> None:
        """Set the kernel for the mask by name; empty for that of the image."""
        require("maskWarpingKernelName", maskWarpingKernelName, str)
        if maskWarpingKernelName:
            self.setMaskWarpingKernel(makeWarpingKernel(maskWarpingKernelName))
        else:
            self._maskKernel = None

    def getCacheSize(self) -> int:
        """Return the size of the caches of the kernels, which is unused."""
        return self._cacheSize

    def setCacheSize(self, cacheSize: int) -> None:
        """Set the size of the caches of the kernels, which is unused."""
        self._cacheSize = int(cacheSize)

    def getInterpLength(self) -> int:
        """Return the distance over which positions may be interpolated, which is unused."""
        return self._interpLength

    def setInterpLength(self, interpLength: int) -> None:
        """Set the distance over which positions may be interpolated, which is unused."""
        self._interpLength = int(interpLength)

    def getGrowFullMask(self) -> int:
        """Return the mask bits that grow by the size of the image's kernel."""
        return self._growFullMask

    def setGrowFullMask(self, growFullMask: int) -> None:
        """Set the mask bits that grow by the size of the image's kernel; unused, because all do."""
        self._growFullMask = int(growFullMask)


def _check_sizes(kernel: SeparableKernel, mask_kernel: SeparableKernel) -> None:
    """Check that the mask's kernel is not larger than the image's."""
    if not kernel.getBBox().contains(mask_kernel.getBBox()):
        raise InvalidParameterError(
            f"The kernel of the image, {kernel.getBBox()}, is smaller than that of the mask,"
            f" {mask_kernel.getBBox()}"
        )


def warpImage(
    destImage: AnyImage | AnyMaskedImage,
    srcImage: AnyImage | AnyMaskedImage,
    srcToDest: TransformPoint2ToPoint2,
    control: WarpingControl,
    padValue: Any = None,
) -> int:
    """Resample an image through a transform of the plane.

    Each destination pixel is interpolated at the source position of its centre and multiplied by the source
    area that it covers.

    Parameters
    ----------
    destImage : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Result. All its pixels are set; its box says where they are.
    srcImage : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Image to resample, of the same kind. Not modified.
    srcToDest : `lsst.afw.geom.TransformPoint2ToPoint2`
        Transform from source to destination positions; its inverse is used.
    control : `WarpingControl`
        Control of the warping.
    padValue : `float` or `tuple`, optional
        Value of pixels whose kernel does not fit into the source; a tuple (image, mask, variance) for masked
        images. By default NaN (0 for integers), NO_DATA and infinity.

    Returns
    -------
    good : `int`
        Number of interpolated pixels.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the two images share pixels.
    NotImplementedError
        Raised if ``srcToDest`` is not a transform of the plane (a WCS, for instance), or a kernel is not
        bilinear.
    """
    _check_warp(destImage, srcImage, srcToDest)
    kernel = _checked_kernel(control)
    masked = is_masked_image(srcImage)
    if padValue is None:
        padValue = (np.nan, int(MaskX.getPlaneBitMask("NO_DATA")), np.inf) if masked else np.nan
    pads = tuple(padValue) if masked else (padValue,)
    dest, source = _planes(destImage), _planes(srcImage)
    for plane, pad in zip(dest, pads, strict=True):
        plane[:] = pad if plane.dtype.kind == "f" or pad == pad else 0
    if dest[0].size == 0 or source[0].shape[0] < kernel.getHeight() or source[0].shape[1] < kernel.getWidth():
        return 0
    origin = destImage.getXY0()
    x, y = sample_positions(srcToDest.applyInverse, dest[0].shape, (origin.getX(), origin.getY()))
    area = relative_area(x, y)
    start = srcImage.getXY0()
    sampler = BilinearSampler(x[1:, 1:] - start.getX(), y[1:, 1:] - start.getY(), source[0].shape)
    area = area[sampler.inside]
    dest[0][sampler.inside] = sampler.weighted_sum(source[0]) * area
    if masked:
        dest[1][sampler.inside] = sampler.combined_mask(source[1])
        dest[2][sampler.inside] = sampler.weighted_sum(source[2], power=2) * area**2
    return int(np.count_nonzero(sampler.inside))


def _check_warp(
    destImage: AnyImage | AnyMaskedImage, srcImage: AnyImage | AnyMaskedImage, srcToDest: object
) -> None:
    """Check that an image can be warped into another by a transform."""
    require("destImage of warpImage", destImage, Image, MaskedImage)
    require("srcImage of warpImage", srcImage, Image, MaskedImage)
    if not hasattr(srcToDest, "applyInverse"):
        raise NotImplementedError(
            "warpImage takes a TransformPoint2ToPoint2 from source to destination, got "
            f"{type(srcToDest).__name__}; warping between two WCSs is not offered by the portable stack"
        )
    if is_masked_image(srcImage) != is_masked_image(destImage):
        raise TypeError(f"Cannot warp {type(srcImage).__name__} into {type(destImage).__name__}")
    if imagesOverlap(destImage, srcImage):
        raise InvalidParameterError("destImage and srcImage share pixels; warp into another image")


def _checked_kernel(control: WarpingControl) -> SeparableKernel:
    """Return the kernel for image and variance, after checking that it and the mask's are bilinear."""
    require("control of warpImage", control, WarpingControl)
    for kernel in (control.getWarpingKernel(), control.getMaskWarpingKernel()):
        if kernel is not None and not isinstance(kernel, BilinearWarpingKernel):
            raise NotImplementedError(
                f"Warping by a {type(kernel).__name__} is not offered by the portable stack; use"
                " WarpingControl('bilinear')"
            )
    return control.getWarpingKernel()


def _planes(image: Any) -> tuple[np.ndarray, ...]:
    """Return the array of an image, or those of a masked image in the order image, mask, variance."""
    if is_masked_image(image):
        return image.image.array, image.mask.array, image.variance.array
    return (image.array,)
