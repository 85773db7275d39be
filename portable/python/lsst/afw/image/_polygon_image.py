# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of polygons, which are a floor below images."""

from __future__ import annotations

import numpy as np

from lsst.afw.geom import Polygon
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arrays.polygons import coverage

from ._image import ImageF

__all__ = ("create_image",)


def create_image(polygon: Polygon, box: Box2I | Extent2I) -> ImageF:
    """Return an image of how much of each pixel is within a polygon; see `Polygon.createImage`."""
    if isinstance(box, Extent2I):
        box = Box2I(Point2I(0, 0), box)
    if box.isEmpty():
        raise InvalidParameterError(f"There are no pixels in {box} to make an image of a polygon of")
    image = ImageF(box)
    vertices = np.array([(point.getX(), point.getY()) for point in polygon.getVertices()])
    image.array[:] = coverage(vertices, box.getMinX(), box.getMinY(), image.array.shape)
    return image


Polygon.createImage = create_image  # type: ignore[assignment, method-assign]
