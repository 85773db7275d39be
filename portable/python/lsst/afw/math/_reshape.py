# SPDX-License-Identifier: GPL-3.0-or-later
"""Binning, flipping and turning of images: `binImage`, `flipImage`, `rotateImageBy90`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lsst.afw.image import Image, Mask, MaskedImage
from lsst.geom import Extent2I
from lsst.pex.exceptions import DomainError, InvalidParameterError
from lsst.portable.arguments import require

from ._planes import is_masked_image
from ._statistics import Property

__all__ = ("binImage", "flipImage", "rotateImageBy90")


def binImage(inImage: Any, binX: int, binY: int | None = None, flags: int = Property.MEAN) -> Any:
    """Average blocks of pixels.

    Parameters
    ----------
    inImage : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        What to bin; not changed. Pixels that do not fill a block at the right and upper edge are dropped.
    binX : `int`
        Width of a block.
    binY : `int`, optional
        Height of a block; by default its width.
    flags : `Property`, optional
        Only MEAN is offered.

    Returns
    -------
    binned : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        An image of the same kind, at xy0 of ``inImage``. Masks are the OR over the block, variances those of
        the mean.

    Raises
    ------
    TypeError
        Raised if ``inImage`` is something else.
    lsst.pex.exceptions.InvalidParameterError
        Raised if the statistic is not MEAN.
    lsst.pex.exceptions.DomainError
        Raised if the size of a block is not positive.
    """
    require("inImage of binImage", inImage, Image, MaskedImage)
    binY = binX if binY is None else binY
    if flags != Property.MEAN:
        raise InvalidParameterError(f"Images are binned by MEAN only, got {Property(flags)!r}")
    if binX <= 0 or binY <= 0:
        raise DomainError(f"Binning must be positive, got {binX} x {binY}")
    nx, ny = inImage.getWidth() // binX, inImage.getHeight() // binY
    out = type(inImage)(Extent2I(nx, ny))
    out.setXY0(inImage.getXY0())

    def blocks(plane: np.ndarray) -> np.ndarray:
        return plane[: ny * binY, : nx * binX].reshape(ny, binY, nx, binX)

    def mean(plane: np.ndarray) -> np.ndarray:
        return blocks(plane).mean(axis=(1, 3), dtype=np.float64)

    if is_masked_image(inImage):
        out.image.array[:] = mean(inImage.image.array)
        out.mask.array[:] = np.bitwise_or.reduce(blocks(inImage.mask.array), axis=(1, 3))
        out.variance.array[:] = mean(inImage.variance.array) / (binX * binY)
    else:
        out.array[:] = mean(inImage.array)
    return out


def flipImage(inImage: Any, flipLR: bool, flipTB: bool) -> Any:
    """Mirror an image.

    Parameters
    ----------
    inImage : `lsst.afw.image.Image`, `lsst.afw.image.Mask` or `lsst.afw.image.MaskedImage`
        What to mirror; not changed.
    flipLR, flipTB : `bool`
        Whether to exchange left and right, top and bottom.

    Returns
    -------
    flipped : same type as ``inImage``
        A copy, at xy0 of ``inImage``.
    """
    require("inImage of flipImage", inImage, Image, Mask, MaskedImage)

    def flip(plane: np.ndarray) -> np.ndarray:
        return plane[:: -1 if flipTB else 1, :: -1 if flipLR else 1]

    flipped = _rearranged(inImage, flip)
    flipped.setXY0(inImage.getXY0())
    return flipped


def rotateImageBy90(image: Any, nQuarter: int) -> Any:
    """Turn an image counter-clockwise by quarters.

    Parameters
    ----------
    image : `lsst.afw.image.Image`, `lsst.afw.image.Mask` or `lsst.afw.image.MaskedImage`
        What to turn; not changed.
    nQuarter : `int`
        Number of quarters, y pointing up.

    Returns
    -------
    turned : same type as ``image``
        A copy, at xy0 = (0, 0).
    """
    require("image of rotateImageBy90", image, Image, Mask, MaskedImage)
    require("nQuarter of rotateImageBy90", nQuarter, int, np.integer)
    # numpy turns counter-clockwise for rows that run down, images have rows that run up.
    return _rearranged(image, lambda plane: np.rot90(plane, -nQuarter))


def _rearranged(image: Any, operation: Callable[[np.ndarray], np.ndarray]) -> Any:
    """Copy of an image with an operation applied to each plane."""
    if is_masked_image(image):
        height, width = operation(image.image.array).shape
        out = type(image)(Extent2I(width, height))
        planes = [(out.image, image.image), (out.mask, image.mask), (out.variance, image.variance)]
    else:
        height, width = operation(image.array).shape
        out = type(image)(Extent2I(width, height))
        planes = [(out, image)]
    for target, source in planes:
        target.array[:] = operation(source.array)
    return out
