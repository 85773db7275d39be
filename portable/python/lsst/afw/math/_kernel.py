# SPDX-License-Identifier: GPL-3.0-or-later
"""Spatially constant convolution kernels: `SeparableKernel`, `AnalyticKernel`, `FixedKernel`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.image import Image, ImageD
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arguments import require

if TYPE_CHECKING:
    from lsst.portable.typing import AnyImage

__all__ = ("AnalyticKernel", "FixedKernel", "Kernel", "SeparableKernel")


class Kernel:
    """A convolution kernel; the interface of its subclasses.

    Parameters
    ----------
    width, height : `int`
        Size (pixels), positive. The centre is pixel ``((width - 1)//2, (height - 1)//2)``.
    """

    def __init__(self, width: int, height: int) -> None:
        if width < 1 or height < 1:
            raise InvalidParameterError(f"A kernel needs a positive width and height, got {width} x {height}")
        self._width, self._height = int(width), int(height)

    def getWidth(self) -> int:
        """Return the width (pixels)."""
        return self._width

    def getHeight(self) -> int:
        """Return the height (pixels)."""
        return self._height

    def getDimensions(self) -> Extent2I:
        """Return width and height (pixels)."""
        return Extent2I(self._width, self._height)

    def getCtr(self) -> Point2I:
        """Return the index of the central pixel."""
        return Point2I((self._width - 1) // 2, (self._height - 1) // 2)

    def isSpatiallyVarying(self) -> bool:
        """Return False: the kernel does not vary over an image."""
        return False

    def getBBox(self) -> Box2I:
        """Return the box of the kernel around its centre."""
        center = self.getCtr()
        return Box2I(Point2I(-center.getX(), -center.getY()), self.getDimensions())

    def shrinkBBox(self, bbox: Box2I) -> Box2I:
        """Return the box of the pixels at which the kernel fits into an image.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`
            Box of the image.

        Returns
        -------
        bbox : `lsst.geom.Box2I`
            Box of the good pixels.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the image is smaller than the kernel.
        """
        if bbox.getWidth() < self._width or bbox.getHeight() < self._height:
            raise InvalidParameterError(
                f"An image of {bbox.getWidth()} x {bbox.getHeight()} pixels is smaller than the kernel of"
                f" {self._width} x {self._height}"
            )
        center = self.getCtr()
        return Box2I(
            Point2I(bbox.getMinX() + center.getX(), bbox.getMinY() + center.getY()),
            Extent2I(bbox.getWidth() - self._width + 1, bbox.getHeight() - self._height + 1),
        )

    def growBBox(self, bbox: Box2I) -> Box2I:
        """Return the box of an image in which the kernel fits at all pixels of ``bbox``."""
        center = self.getCtr()
        return Box2I(
            Point2I(bbox.getMinX() - center.getX(), bbox.getMinY() - center.getY()),
            Extent2I(bbox.getWidth() + self._width - 1, bbox.getHeight() + self._height - 1),
        )

    def computeImage(self, image: AnyImage, doNormalize: bool) -> float:
        """Draw the kernel into an image.

        Parameters
        ----------
        image : `lsst.afw.image.Image`
            Image with the size of the kernel. Modified.
        doNormalize : `bool`
            Whether to normalize the pixels to a sum of 1.

        Returns
        -------
        total : `float`
            Sum of the kernel's pixels before normalisation.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the image has a different size.
        """
        if image.getDimensions() != self.getDimensions():
            raise InvalidParameterError(
                f"An image of {image.getDimensions()} cannot hold a kernel of {self.getDimensions()}"
            )
        array = self.kernel_array(doNormalize=False)
        total = float(array.sum())
        image.array[:] = array / total if doNormalize else array
        return total

    def kernel_array(self, doNormalize: bool) -> np.ndarray:
        """Return the pixels of the kernel, float64, shape ``(height, width)``.

        Parameters
        ----------
        doNormalize : `bool`
            Whether to normalize them to a sum of 1.
        """
        array = self._array()
        return array / array.sum() if doNormalize else array

    def _array(self) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} does not define its pixels")

    def _offsets(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the positions of columns and rows relative to the centre."""
        center = self.getCtr()
        return (
            np.arange(self._width, dtype=np.float64) - center.getX(),
            np.arange(self._height, dtype=np.float64) - center.getY(),
        )


class SeparableKernel(Kernel):
    """A kernel that is the outer product of two functions.

    Parameters
    ----------
    width, height : `int`
        Size (pixels), positive.
    kernelColFunction, kernelRowFunction : callable
        Functions of x and of y relative to the centre.
    """

    def __init__(
        self,
        width: int,
        height: int,
        kernelColFunction: Callable[[np.ndarray], np.ndarray],
        kernelRowFunction: Callable[[np.ndarray], np.ndarray],
    ) -> None:
        super().__init__(width, height)
        self._functions = (kernelColFunction, kernelRowFunction)

    def kernel_vectors(self, doNormalize: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return the values along x, shape ``(width,)``, and y, shape ``(height,)``, float64.

        Parameters
        ----------
        doNormalize : `bool`
            Whether to normalize each to a sum of 1.
        """
        x, y = (
            np.array([function(offset) for offset in offsets], dtype=np.float64)
            for function, offsets in zip(self._functions, self._offsets(), strict=True)
        )
        return (x / x.sum(), y / y.sum()) if doNormalize else (x, y)

    def kernel_array(self, doNormalize: bool) -> np.ndarray:
        """Return the pixels of the kernel; see `Kernel.kernel_array`."""
        x, y = self.kernel_vectors(doNormalize)
        return np.outer(y, x)


class AnalyticKernel(Kernel):
    """A kernel that is a function of two coordinates.

    Parameters
    ----------
    width, height : `int`
        Size (pixels), positive.
    kernelFunction : callable
        Function of x and y relative to the centre, which accepts arrays.
    """

    def __init__(
        self, width: int, height: int, kernelFunction: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ) -> None:
        super().__init__(width, height)
        self._function = kernelFunction

    def _array(self) -> np.ndarray:
        x, y = self._offsets()
        return np.asarray(self._function(x[np.newaxis, :], y[:, np.newaxis]), dtype=np.float64)


class FixedKernel(Kernel):
    """A kernel that is an image.

    Parameters
    ----------
    image : `lsst.afw.image.ImageD`
        Pixels of the kernel; copied.
    """

    def __init__(self, image: ImageD) -> None:
        require("image of FixedKernel", image, Image)
        super().__init__(image.getWidth(), image.getHeight())
        self._pixels = image.array.astype(np.float64)

    def _array(self) -> np.ndarray:
        return self._pixels
