# SPDX-License-Identifier: GPL-3.0-or-later
"""Convolution kernels that are the same everywhere: `SeparableKernel`, `AnalyticKernel`, `FixedKernel`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lsst.afw.image import Image, ImageD
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arguments import require

__all__ = ("AnalyticKernel", "FixedKernel", "Kernel", "SeparableKernel")


class Kernel:
    """A convolution kernel; the interface of its subclasses.

    Parameters
    ----------
    width, height : `int`
        Size in pixels, positive. The centre is at the pixel ``((width - 1)//2, (height - 1)//2)``.
    """

    def __init__(self, width: int, height: int) -> None:
        if width < 1 or height < 1:
            raise InvalidParameterError(f"A kernel needs a positive width and height, got {width} x {height}")
        self._width, self._height = int(width), int(height)

    def getWidth(self) -> int:
        """Width in pixels."""
        return self._width

    def getHeight(self) -> int:
        """Height in pixels."""
        return self._height

    def getDimensions(self) -> Extent2I:
        """Width and height in pixels."""
        return Extent2I(self._width, self._height)

    def getCtr(self) -> Point2I:
        """Index of the central pixel."""
        return Point2I((self._width - 1) // 2, (self._height - 1) // 2)

    def isSpatiallyVarying(self) -> bool:
        """Whether the kernel changes over an image: never, here."""
        return False

    def getBBox(self) -> Box2I:
        """Box of the kernel around its centre."""
        center = self.getCtr()
        return Box2I(Point2I(-center.getX(), -center.getY()), self.getDimensions())

    def shrinkBBox(self, bbox: Box2I) -> Box2I:
        """Box of the pixels at which the kernel lies inside an image.

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
        """Box of an image in which the kernel lies inside at all pixels of ``bbox``."""
        center = self.getCtr()
        return Box2I(
            Point2I(bbox.getMinX() - center.getX(), bbox.getMinY() - center.getY()),
            Extent2I(bbox.getWidth() + self._width - 1, bbox.getHeight() + self._height - 1),
        )

    def computeImage(self, image: Any, doNormalize: bool) -> float:
        """Draw the kernel.

        Parameters
        ----------
        image : `lsst.afw.image.Image`
            Image of the kernel's size; set.
        doNormalize : `bool`
            Whether to make the pixels add up to 1.

        Returns
        -------
        total : `float`
            Sum of the kernel's pixels before normalisation.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the image has another size.
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
        """Pixels of the kernel, (height, width), as float64.

        Parameters
        ----------
        doNormalize : `bool`
            Whether to make them add up to 1.
        """
        array = self._array()
        return array / array.sum() if doNormalize else array

    def _array(self) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} does not say what its pixels are")

    def _offsets(self) -> tuple[np.ndarray, np.ndarray]:
        """Positions of the columns and of the rows relative to the centre."""
        center = self.getCtr()
        return (
            np.arange(self._width, dtype=np.float64) - center.getX(),
            np.arange(self._height, dtype=np.float64) - center.getY(),
        )


class SeparableKernel(Kernel):
    """The outer product of two functions.

    Parameters
    ----------
    width, height : `int`
        Size in pixels, positive.
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
        """Values along x, (width,), and along y, (height,), as float64.

        Parameters
        ----------
        doNormalize : `bool`
            Whether to make either add up to 1.
        """
        x, y = (
            np.array([function(offset) for offset in offsets], dtype=np.float64)
            for function, offsets in zip(self._functions, self._offsets(), strict=True)
        )
        return (x / x.sum(), y / y.sum()) if doNormalize else (x, y)

    def kernel_array(self, doNormalize: bool) -> np.ndarray:
        """Pixels of the kernel; see `Kernel.kernel_array`."""
        x, y = self.kernel_vectors(doNormalize)
        return np.outer(y, x)


class AnalyticKernel(Kernel):
    """A function of two coordinates.

    Parameters
    ----------
    width, height : `int`
        Size in pixels, positive.
    kernelFunction : callable
        Function of x and y relative to the centre, which takes arrays.
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
    """An image.

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
