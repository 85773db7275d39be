# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels of an exposure as arrays, a component at a time so that no more is in memory than is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.image import MaskX
from lsst.geom import Box2I, Extent2I, Point2I

from .._naming import dataNames, phrase
from .._reading import load
from ..errors import MismatchedInputsError, NoGoodPixelsError
from .geometry import Geometry

if TYPE_CHECKING:
    from .._protocols import Handle, Names

__all__ = (
    "good_pixels",
    "make_mask",
    "mask_plane",
    "names_of",
    "place_of",
    "read_pixels",
    "require_good",
    "require_shape",
)


def names_of(handle: Handle) -> dict[str, int]:
    """Return exposure and detector of a handle, as far as its data ID has them."""
    return dataNames(getattr(handle, "dataId", None))


def place_of(handle: Handle) -> tuple[int, int]:
    """Return the numbers of exposure and detector of a handle.

    Raises
    ------
    TypeError
        Raised if it is no handle, or its data ID does not have both.
    """
    names = names_of(handle)
    if not hasattr(handle, "get") or len(names) < 2:
        raise TypeError(
            f"An input is of type {type(handle).__name__} with the data ID {names}, but a handle is expected "
            "whose data ID names exposure and detector."
        )
    return names["exposure"], names["detector"]


def read_pixels(handle: Handle, planes: Sequence[str], geometry: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Read image and mask of an exposure.

    Parameters
    ----------
    handle : `lsst.daf.butler.DeferredDatasetHandle`
        Handle of the exposure; only its image and its mask are loaded.
    planes : `~collections.abc.Sequence` [`str`]
        Mask planes of pixels that are not good; those that the mask lacks are ignored.
    geometry : `Geometry`
        Expected geometry of the exposure.

    Returns
    -------
    image : `numpy.ndarray`, ``(rows, columns)``
        Pixel values.
    good : `numpy.ndarray`, ``(rows, columns)``, bool
        Pixels that are good.

    Raises
    ------
    lsst.cp.sky.MismatchedInputsError
        Raised if the image has another shape.
    lsst.cp.sky.UnreadableInputError
        Raised if its file is damaged or missing.
    """
    image = load(handle, "image").array
    require_shape(image.shape, geometry, names_of(handle), "image")
    return image, good_pixels(image, load(handle, "mask"), planes)


def good_pixels(image: np.ndarray, mask: MaskX, planes: Sequence[str]) -> np.ndarray:
    """Return pixels that are finite and in none of the given planes that the mask has."""
    known = mask.getMaskPlaneDict()
    good = np.isfinite(image)
    good &= (mask.array & mask.getPlaneBitMask([plane for plane in planes if plane in known])) == 0
    return good


def require_shape(shape: tuple[int, ...], geometry: Geometry, names: Names, what: str) -> None:
    """Make sure that an array is that of a detector, or raise `MismatchedInputsError`."""
    if tuple(shape) != geometry.shape:
        raise MismatchedInputsError(
            f"The {what} of {phrase(dict(names))} has the shape {tuple(shape)} (rows, columns), but bins "
            f"were made from {geometry.shape}; run the chain anew, and leave its exposures alone meanwhile.",
            **names,
            shape=str(tuple(shape)),
            expected=str(geometry.shape),
        )


def require_good(good: np.ndarray, names: Names, planes: Sequence[str]) -> None:
    """Make sure that there is a good pixel, or raise `NoGoodPixelsError`."""
    if not good.any():
        raise NoGoodPixelsError(
            f"Not one pixel of {phrase(dict(names))} is finite and in none of the mask planes "
            f"{', '.join(planes)}; it takes no part. Check its mask, or badPlanes.",
            **names,
        )


def make_mask(geometry: Geometry, planes: Mapping[str, np.ndarray]) -> MaskX:
    """Make a mask of a detector.

    Parameters
    ----------
    geometry : `Geometry`
        Box of the mask.
    planes : `~collections.abc.Mapping` [`str`, `numpy.ndarray`]
        Pixels of each plane, ``(rows, columns)``, bool.
    """
    rows, columns = geometry.shape
    mask = MaskX(Box2I(Point2I(*geometry.corner), Extent2I(columns, rows)))
    for plane, pixels in planes.items():
        mask.array[pixels] |= mask.getPlaneBitMask(plane)
    return mask


def mask_plane(mask: MaskX, plane: str) -> np.ndarray:
    """Return the pixels of a plane, ``(rows, columns)``, bool."""
    return (mask.array & mask.getPlaneBitMask(plane)) != 0
