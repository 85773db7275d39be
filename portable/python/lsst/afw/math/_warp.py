# SPDX-License-Identifier: GPL-3.0-or-later
"""Resampling of images through transforms of the plane: `warpImage` and its control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.afw.image import Image, MaskedImage, MaskX, imagesOverlap
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arguments import require
from lsst.portable.arrays.warp import BilinearSampler, relative_area, sample_positions

from ._kernel import SeparableKernel
from ._planes import is_masked_image

if TYPE_CHECKING:
    from lsst.afw.geom import TransformPoint2ToPoint2
    from lsst.portable.typing import AnyImage, AnyMaskedImage

__all__ = ("BilinearWarpingKernel", "WarpingControl", "makeWarpingKernel", "warpImage")


class BilinearWarpingKernel(SeparableKernel):
    """Kernel of 2 x 2 pixels for bilinear interpolation, here at the centre of a pixel."""

    def __init__(self) -> None:
        super().__init__(2, 2, _bilinear, _bilinear)


def _bilinear(x: Any) -> Any:
    return float(x == 0)


def makeWarpingKernel(name: str) -> BilinearWarpingKernel:
    """Make a warping kernel by name.

    Parameters
    ----------
    name : `str`
        Only ``bilinear`` is offered.

    Returns
    -------
    kernel : `BilinearWarpingKernel`
        The kernel.

    Raises
    ------
    NotImplementedError
        Raised if the compiled stack has the kernel but the portable one does not.
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no such kernel.
    """
    if name == "bilinear":
        return BilinearWarpingKernel()
    if name == "nearest" or name.startswith("lanczos"):
        raise NotImplementedError(
            f"Warping kernel {name!r} is not offered by the portable stack; use 'bilinear'"
        )
    raise InvalidParameterError(f"Unknown warping kernel {name!r}; expected 'bilinear'")


class WarpingControl:
    """Control of warping.

    Parameters
    ----------
    warpingKernelName : `str`
        Kernel for image and variance: ``bilinear``.
    maskWarpingKernelName : `str`, optional
        Kernel for the mask: empty (the same) or ``bilinear``.
    cacheSize : `int`, optional
        Unused.
    interpLength : `int`, optional
        Distance over which the compiled stack interpolates positions; only 0, exact positions, is offered.
    growFullMask : `int`, optional
        Mask bits that grow by the size of the image's kernel; unused, because all do.

    Raises
    ------
    NotImplementedError
        Raised if a kernel or ``interpLength`` is not offered.
    """

    def __init__(
        self,
        warpingKernelName: str,
        maskWarpingKernelName: str = "",
        cacheSize: int = 0,
        interpLength: int = 0,
        growFullMask: int = 0,
    ) -> None:
        self.setWarpingKernelName(warpingKernelName)
        self._maskKernel: BilinearWarpingKernel | None = None
        self.setMaskWarpingKernelName(maskWarpingKernelName)
        self.setInterpLength(interpLength)
        self.setCacheSize(cacheSize)
        self.setGrowFullMask(growFullMask)

    def getWarpingKernel(self) -> BilinearWarpingKernel:
        """Return the kernel for image and variance."""
        return self._kernel

    def setWarpingKernel(self, warpingKernel: BilinearWarpingKernel) -> None:
        """Set the kernel for image and variance."""
        self._kernel = _checked_kernel(warpingKernel)

    def setWarpingKernelName(self, warpingKernelName: str) -> None:
        """Set the kernel for image and variance by name."""
        require("warpingKernelName", warpingKernelName, str)
        self._kernel = makeWarpingKernel(warpingKernelName)

    def getMaskWarpingKernel(self) -> BilinearWarpingKernel | None:
        """Return the kernel for the mask, or `None` for that of the image."""
        return self._maskKernel

    def hasMaskWarpingKernel(self) -> bool:
        """Return whether the mask has its own kernel."""
        return self._maskKernel is not None

    def setMaskWarpingKernel(self, maskWarpingKernel: BilinearWarpingKernel) -> None:
        """Set the kernel for the mask."""
        self._maskKernel = _checked_kernel(maskWarpingKernel)

    def setMaskWarpingKernelName(self, maskWarpingKernelName: str) -> None:
        """Set the kernel for the mask by name; empty for that of the image."""
        require("maskWarpingKernelName", maskWarpingKernelName, str)
        self._maskKernel = makeWarpingKernel(maskWarpingKernelName) if maskWarpingKernelName else None

    def getCacheSize(self) -> int:
        """Return the size of the cache, which is unused."""
        return self._cacheSize

    def setCacheSize(self, cacheSize: int) -> None:
        """Set the size of the cache, which is unused."""
        self._cacheSize = int(cacheSize)

    def getInterpLength(self) -> int:
        """Return the distance over which positions are interpolated: 0."""
        return 0

    def setInterpLength(self, interpLength: int) -> None:
        """Set the distance over which positions are interpolated; only 0 is offered.

        Raises
        ------
        NotImplementedError
            Raised if it is not 0.
        """
        if interpLength != 0:
            raise NotImplementedError(
                f"Warping computes every position exactly, so interpLength = {interpLength} is not offered; "
                "use 0"
            )

    def getGrowFullMask(self) -> int:
        """Return the mask bits that grow by the size of the image's kernel."""
        return self._growFullMask

    def setGrowFullMask(self, growFullMask: int) -> None:
        """Set the mask bits that grow by the size of the image's kernel; unused, because all do."""
        self._growFullMask = int(growFullMask)


def _checked_kernel(kernel: BilinearWarpingKernel) -> BilinearWarpingKernel:
    """Return a warping kernel, after checking its type."""
    if not isinstance(kernel, BilinearWarpingKernel):
        raise NotImplementedError(
            f"Warping by a {type(kernel).__name__} is not offered by the portable stack; use "
            "makeWarpingKernel('bilinear')"
        )
    return kernel


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
        Raised if ``srcToDest`` is not a transform of the plane (a WCS, for instance).
    """
    _check_warp(destImage, srcImage, srcToDest)
    require("control of warpImage", control, WarpingControl)
    masked = is_masked_image(srcImage)
    if padValue is None:
        padValue = (np.nan, int(MaskX.getPlaneBitMask("NO_DATA")), np.inf) if masked else np.nan
    pads = tuple(padValue) if masked else (padValue,)
    dest, source = _planes(destImage), _planes(srcImage)
    for plane, pad in zip(dest, pads, strict=True):
        plane[:] = pad if plane.dtype.kind == "f" or pad == pad else 0
    kernel = control.getWarpingKernel()
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


def _planes(image: Any) -> tuple[np.ndarray, ...]:
    """Return the array of an image, or those of a masked image in the order image, mask, variance."""
    if is_masked_image(image):
        return image.image.array, image.mask.array, image.variance.array
    return (image.array,)
