# SPDX-License-Identifier: GPL-3.0-or-later
"""Cutouts of masked images that may extend beyond the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from lsst.geom import Box2I, Extent2I, Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError

if TYPE_CHECKING:
    from ._maskedImage import _MaskedImageBase

__all__ = ("cut_out", "cutout_box")

_T = TypeVar("_T", bound="_MaskedImageBase")


def cutout_box(bbox: Box2I, center: Box2I | Point2D | Point2I, size: Extent2I | None) -> Box2I:
    """Find the box of a cutout.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Box of the whole image.
    center : `lsst.geom.Box2I`, `lsst.geom.Point2D` or `lsst.geom.Point2I`
        Centre of the cutout, which must be in ``bbox``, or the box itself.
    size : `lsst.geom.Extent2I` or `None`
        Width and height, required with a centre.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the centre is outside ``bbox`` or the size is not positive.
    """
    if isinstance(center, Box2I):
        return center
    if size is None:
        raise TypeError("a cutout around a centre needs a size, an Extent2I")
    if size[0] <= 0 or size[1] <= 0:
        raise InvalidParameterError(f"a cutout must have a positive size, got {size}")
    center = Point2D(center)
    if not bbox.contains(Point2I(center)):
        raise InvalidParameterError(f"the centre of the cutout, {center}, is outside the image, {bbox}")
    return Box2I.makeCenteredBox(center, size)


def cut_out(masked_image: _T, box: Box2I) -> _T:
    """Copy a part of a masked image.

    Parameters
    ----------
    masked_image : `lsst.afw.image.MaskedImage`
        The masked image.
    box : `lsst.geom.Box2I`
        Box to copy, which may extend outside.

    Returns
    -------
    part : `lsst.afw.image.MaskedImage`
        The copy. Pixels outside are NaN, or zero if pixels are integers, with mask plane NO_DATA if it
        exists.
    """
    part = type(masked_image)(box, masked_image.mask.getMaskPlaneDict())
    planes = part.mask.getMaskPlaneDict()
    no_data = part.mask.getPlaneBitMask("NO_DATA") if "NO_DATA" in planes else 0
    part.set((np.nan if part.image.array.dtype.kind == "f" else 0, no_data, np.nan))
    overlap = box.clippedTo(masked_image.getBBox())
    if not overlap.isEmpty():
        part[overlap] = masked_image[overlap]
    return part
