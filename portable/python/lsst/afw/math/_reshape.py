# SPDX-License-Identifier: GPL-3.0-or-later
"""Binning, flipping and rotation of images: `binImage`, `flipImage`, `rotateImageBy90`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from lsst.afw.image import Image, Mask, MaskedImage
from lsst.geom import Extent2I
from lsst.pex.exceptions import DomainError, InvalidParameterError
from lsst.portable.arguments import require

from ._planes import is_masked_image
from ._statistics import Property

if TYPE_CHECKING:
    from lsst.afw.image import MaskX
    from lsst.portable.typing import AnyImage, AnyMaskedImage

__all__ = ("binImage", "flipImage", "rotateImageBy90")

_ImageT = TypeVar("_ImageT", bound="AnyImage | AnyMaskedImage | MaskX")


def binImage(
    inImage: _ImageT,
    binX: int | None = None,
    binY: int | None = None,
    flags: int = Property.MEAN,
    *,
    binsize: int | None = None,
) -> _ImageT:
    """Average blocks of pixels.

    Parameters
    ----------
    inImage : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Image to bin. Not modified. Pixels that do not fill a block at the right and upper edges are dropped.
    binX : `int`
        Width of a block (pixels).
    binY : `int`, optional
        Height of a block (pixels); by default its width.
    flags : `Property`, optional
        Only MEAN is offered.
    binsize : `int`, optional
        Width and height of a block (pixels), in place of ``binX`` and ``binY``.

    Returns
    -------
    binned : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        An image of the same kind, with the xy0 of ``inImage``. Masks are ORed over each block, variances are
        those of the mean.

    Raises
    ------
    TypeError
        Raised if ``inImage`` is something else, or no size of a block is given, or two are.
    lsst.pex.exceptions.InvalidParameterError
        Raised if the statistic is not MEAN.
    lsst.pex.exceptions.DomainError
        Raised if the size of a block is not positive.
    """
    require("inImage of binImage", inImage, Image, MaskedImage)
    binX = _block_width(binX, binsize)
    binY = binX if binY is None else binY
    if flags != Property.MEAN:
        raise InvalidParameterError(f"Images are binned by MEAN only, got {Property(flags)!r}")
    if binX <= 0 or binY <= 0:
        raise DomainError(f"Binning must be positive, got {binX} x {binY}")
    nx, ny = inImage.getWidth() // binX, inImage.getHeight() // binY
    out: Any = type(inImage)(Extent2I(nx, ny))
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


def _block_width(binX: int | None, binsize: int | None) -> int:
    """Return the width of a block, which is given by one of two names."""
    sizes = [size for size in (binX, binsize) if size is not None]
    if len(sizes) != 1:
        raise TypeError(f"binImage takes either binX (and binY) or binsize, got {binX} and {binsize}")
    return int(sizes[0])


def flipImage(inImage: _ImageT, flipLR: bool, flipTB: bool) -> _ImageT:
    """Mirror an image.

    Parameters
    ----------
    inImage : `lsst.afw.image.Image`, `lsst.afw.image.Mask` or `lsst.afw.image.MaskedImage`
        Image to mirror. Not modified.
    flipLR, flipTB : `bool`
        Whether to swap left and right, and top and bottom.

    Returns
    -------
    flipped : same type as ``inImage``
        A copy, with the xy0 of ``inImage``.
    """
    require("inImage of flipImage", inImage, Image, Mask, MaskedImage)

    def flip(plane: np.ndarray) -> np.ndarray:
        return plane[:: -1 if flipTB else 1, :: -1 if flipLR else 1]

    flipped = _rearranged(inImage, flip)
    flipped.setXY0(inImage.getXY0())
    return flipped


def rotateImageBy90(image: _ImageT, nQuarter: int) -> _ImageT:
    """Rotate an image counterclockwise by quarter turns.

    Parameters
    ----------
    image : `lsst.afw.image.Image`, `lsst.afw.image.Mask` or `lsst.afw.image.MaskedImage`
        Image to rotate. Not modified.
    nQuarter : `int`
        Number of quarter turns, with y pointing up.

    Returns
    -------
    turned : same type as ``image``
        A copy, with xy0 = (0, 0).
    """
    require("image of rotateImageBy90", image, Image, Mask, MaskedImage)
    require("nQuarter of rotateImageBy90", nQuarter, int, np.integer)
    # numpy rotates counterclockwise if rows run down, but the rows of an image run up.
    return _rearranged(image, lambda plane: np.rot90(plane, -nQuarter))


def _rearranged(image: Any, operation: Callable[[np.ndarray], np.ndarray]) -> Any:
    """Return a copy of an image with an operation applied to each plane."""
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
