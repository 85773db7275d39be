# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving an image by a fraction of a pixel: `offsetImage`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from lsst.afw.image import LOCAL, Image, MaskedImage
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import LengthError
from lsst.portable.arguments import require

from ._convolve import ConvolutionControl, convolve
from ._warping_kernels import makeWarpingKernel

if TYPE_CHECKING:
    from lsst.portable.typing import AnyImage, AnyMaskedImage

__all__ = ("offsetImage",)

_ImageT = TypeVar("_ImageT", bound="AnyImage | AnyMaskedImage")


def offsetImage(
    image: _ImageT, dx: float, dy: float, algorithmName: str = "lanczos5", buffer: int = 0
) -> _ImageT:
    """Move the contents of an image.

    A shift by less than a pixel along both axes moves the contents only. Otherwise, the origin moves by whole
    pixels, and the contents by what is left, half a pixel at most.

    Parameters
    ----------
    image : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Image to move. Not modified.
    dx, dy : `float`
        Shift along the axes (pixels).
    algorithmName : `str`, optional
        Kernel that interpolates, as for `makeWarpingKernel`.
    buffer : `int`, optional
        Width of a border of zeros around the image while it is moved, so that pixels near its edge are
        interpolated as well. Without it, they are copied, and marked EDGE in a mask.

    Returns
    -------
    moved : same type as ``image``
        The moved image, of the same size.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no such kernel.
    lsst.pex.exceptions.LengthError
        Raised if the image is smaller than the kernel.
    """
    require("image of offsetImage", image, Image, MaskedImage)
    kernel = makeWarpingKernel(algorithmName)
    if kernel.getWidth() > image.getWidth() or kernel.getHeight() > image.getHeight():
        raise LengthError(
            f"An image of {image.getWidth()} x {image.getHeight()} pixels is too small to be moved by"
            f" {algorithmName}, which needs {kernel.getWidth()} x {kernel.getHeight()}"
        )
    shifts = np.float32(dx), np.float32(dy)
    whole = [0, 0]
    if any(abs(shift) >= 1 for shift in shifts):
        whole = [math.floor(float(shift) + 0.5) for shift in shifts]
    places = [float(np.float32(pixels) - shift) for pixels, shift in zip(whole, shifts, strict=True)]
    center = kernel.getCtr()
    kernel.setCtr(Point2I(center.getX() + (places[0] < 0), center.getY() + (places[1] < 0)))
    kernel.setKernelParameters(places)

    source: Any = image
    inner = Box2I(Point2I(buffer, buffer), image.getDimensions())
    if buffer > 0:
        source = type(image)(image.getDimensions() + Extent2I(2 * buffer, 2 * buffer))
        source.assign(image, inner, LOCAL)
    moved = type(source)(source.getDimensions())
    convolve(moved, source, kernel, ConvolutionControl(doNormalize=True, doCopyEdge=True))
    if buffer > 0:
        moved = type(image)(moved, inner, LOCAL, True)
    moved.setXY0(Point2I(image.getX0() + whole[0], image.getY0() + whole[1]))
    return moved
