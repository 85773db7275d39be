# SPDX-License-Identifier: GPL-3.0-or-later
"""Small functions on images and arrays."""

from __future__ import annotations

import math
from typing import Any, Literal, overload

import numpy as np

from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2I
from lsst.portable.arguments import require

from ._image import Image
from ._mask import Mask, MaskX
from ._maskedImage import makeMaskedImage
from ._plane_fits import plane_xy0
from ._templates import class_for

__all__ = (
    "bboxFromMetadata",
    "imagesOverlap",
    "indexToPosition",
    "makeImageFromArray",
    "makeMaskFromArray",
    "makeMaskedImageFromArrays",
    "positionToIndex",
)


def indexToPosition(index: float) -> float:
    """Convert the index of a pixel to its position: the centre of pixel 0 is at 0.

    Parameters
    ----------
    index : `float`
        Index of the pixel.
    """
    return float(index)


@overload
def positionToIndex(position: float, residual: Literal[False] = False) -> int: ...
@overload
def positionToIndex(position: float, residual: Literal[True]) -> tuple[int, float]: ...
def positionToIndex(position: float, residual: bool = False) -> int | tuple[int, float]:
    """Find the pixel nearest to a position along an axis.

    Parameters
    ----------
    position : `float`
        The position; halfway positions round up.
    residual : `bool`, optional
        Whether to return the distance from the centre of the pixel as well.

    Returns
    -------
    index : `object`
        Index of the pixel; with ``residual``, a tuple of index and distance (-0.5 to 0.5).
    """
    index = math.floor(position + 0.5)
    return (index, position - index) if residual else index


def makeImageFromArray(array: np.ndarray | None) -> Any:
    """Make an image that shares the memory of an array.

    Parameters
    ----------
    array : `numpy.ndarray` or `None`
        Pixels, shape ``(ny, nx)``, of a type that an image can have; `None` gives `None`.

    Returns
    -------
    image : `lsst.afw.image.Image`
        The image.

    Raises
    ------
    TypeError
        Raised if there is no image class for the type.
    """
    require("array of makeImageFromArray", array, np.ndarray, optional=True)
    return None if array is None else class_for(Image, array.dtype)(array)


def makeMaskFromArray(array: np.ndarray | None) -> MaskX | None:
    """Make a mask that shares the memory of an array.

    Parameters
    ----------
    array : `numpy.ndarray` or `None`
        Pixels, shape ``(ny, nx)``, int32; `None` gives `None`.

    Returns
    -------
    mask : `MaskX` or `None`
        The mask.

    Raises
    ------
    TypeError
        Raised if the type is different.
    """
    require("array of makeMaskFromArray", array, np.ndarray, optional=True)
    return None if array is None else class_for(Mask, array.dtype)(array)


def makeMaskedImageFromArrays(
    image: np.ndarray, mask: np.ndarray | None = None, variance: np.ndarray | None = None
) -> Any:
    """Make a masked image that shares the memory of arrays.

    Parameters
    ----------
    image, mask, variance : `numpy.ndarray`
        Pixels, each of shape ``(ny, nx)``; mask int32, variance float32. Omitted planes are zero.

    Returns
    -------
    masked_image : `lsst.afw.image.MaskedImage`
        The masked image.
    """
    return makeMaskedImage(makeImageFromArray(image), makeMaskFromArray(mask), makeImageFromArray(variance))


def imagesOverlap(image1: Any, image2: Any) -> bool:
    """Return whether two images, or the same planes of two masked images, share memory.

    Parameters
    ----------
    image1, image2 : `lsst.afw.image.Image` or `numpy.ndarray`
        Two images, masks or masked images.
    """
    if hasattr(image1, "getArrays"):
        return any(
            np.shares_memory(a, b) for a, b in zip(image1.getArrays(), image2.getArrays(), strict=True)
        )
    return np.shares_memory(image1.array, image2.array)


def bboxFromMetadata(metadata: PropertyList) -> Box2I:
    """Return the box of the image described by a header.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertyList`
        Header with NAXIS1, NAXIS2 (ZNAXIS1, ZNAXIS2 if compressed) and the cards of the origin.
    """
    prefix = "Z" if metadata.exists("ZNAXIS1") else ""
    size = Extent2I(int(metadata.getScalar(prefix + "NAXIS1")), int(metadata.getScalar(prefix + "NAXIS2")))
    return Box2I(plane_xy0(metadata.get), size)
