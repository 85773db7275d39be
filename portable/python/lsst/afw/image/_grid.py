# SPDX-License-Identifier: GPL-3.0-or-later
"""Size and position of objects that contain an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsst.geom import Box2I, Extent2I, Point2I

from ._slicing import PARENT, ImageOrigin, xOrY

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("GridProperties", "ImageGrid")


class GridProperties:
    """Size and position of an image-like object, as properties based on its getters."""

    getWidth: Callable[[], int]
    getHeight: Callable[[], int]
    getX0: Callable[[], int]
    getY0: Callable[[], int]

    width = property(lambda self: self.getWidth(), doc="Number of columns (`int`).")
    height = property(lambda self: self.getHeight(), doc="Number of rows (`int`).")
    x0 = property(lambda self: self.getX0(), doc="Column of the first pixel in the parent image (`int`).")
    y0 = property(lambda self: self.getY0(), doc="Row of the first pixel in the parent image (`int`).")


class ImageGrid(GridProperties):
    """Size and position of an object, taken from its ``image``."""

    image: Any

    def getWidth(self) -> int:
        """Return the number of columns."""
        return self.image.getWidth()

    def getHeight(self) -> int:
        """Return the number of rows."""
        return self.image.getHeight()

    def getDimensions(self) -> Extent2I:
        """Return width and height."""
        return self.image.getDimensions()

    def getX0(self) -> int:
        """Return the column of the first pixel in the parent image."""
        return self.image.getX0()

    def getY0(self) -> int:
        """Return the row of the first pixel in the parent image."""
        return self.image.getY0()

    def getXY0(self) -> Point2I:
        """Return the position of the first pixel in the parent image."""
        return self.image.getXY0()

    def getBBox(self, origin: ImageOrigin = PARENT) -> Box2I:
        """Return the box of the pixels.

        Parameters
        ----------
        origin : `ImageOrigin`, optional
            `PARENT` to start at ``xy0``, `LOCAL` at zero.
        """
        return self.image.getBBox(origin)

    def indexToPosition(self, index: float, axis: xOrY) -> float:
        """Convert an index of this image (zero-based) to a position in the parent image.

        Parameters
        ----------
        index : `float`
            Index along the axis.
        axis : `xOrY`
            `X` or `Y`.
        """
        return self.image.indexToPosition(index, axis)

    def positionToIndex(self, position: float, axis: xOrY) -> tuple[int, float]:
        """Convert a position in the parent image to an index of this image.

        Parameters
        ----------
        position : `float`
            Position along the axis; the centre of a pixel is an integer.
        axis : `xOrY`
            `X` or `Y`.

        Returns
        -------
        index : `tuple` [`int`, `float`]
            Index (zero-based) of the nearest pixel; halfway positions round up.
        residual : `tuple` [`int`, `float`]
            Position minus that of the centre of the pixel, from -0.5 to 0.5.
        """
        return self.image.positionToIndex(position, axis)
