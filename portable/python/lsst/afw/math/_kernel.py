# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of all convolution kernels: `Kernel`.

The parameters of a kernel are those of its functions. In a spatially varying kernel, each of them is a
function of the position in the image.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, OverflowError, RuntimeError
from lsst.portable.archive import Persistable, is_persistable
from lsst.portable.arguments import require

from ._functions import Function2D

if TYPE_CHECKING:
    from lsst.portable.typing import AnyImage

__all__ = ("Kernel", "check_size", "normalized")


class Kernel(Persistable):
    """A convolution kernel; the interface of its subclasses.

    Parameters
    ----------
    width, height : `int`
        Size (pixels), positive. The centre is pixel ``((width - 1)//2, (height - 1)//2)``.
    parameters : `int`, optional
        Number of kernel parameters.
    spatialFunction : `Function2D` or sequence of `Function2D`, optional
        How the parameters vary over the image: one function for each, or one to copy for all. Copied.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the size is not positive, or the number of functions is not that of the parameters.
    """

    def __init__(
        self,
        width: int,
        height: int,
        parameters: int = 0,
        spatialFunction: Function2D | Iterable[Function2D] | None = None,
    ) -> None:
        check_size(width, height)
        self._width, self._height = int(width), int(height)
        self._center = Point2I((self._width - 1) // 2, (self._height - 1) // 2)
        self._spatial: list[Function2D] = []
        if isinstance(spatialFunction, Function2D):
            if parameters == 0:
                raise InvalidParameterError(f"A {type(self).__name__} without parameters cannot vary")
            self._spatial = [spatialFunction.clone() for _ in range(parameters)]
        elif spatialFunction is not None:
            self._spatial = [function.clone() for function in spatialFunction]
            if len(self._spatial) != parameters:
                raise InvalidParameterError(
                    f"A {type(self).__name__} of {parameters} parameters needs as many spatial functions, got"
                    f" {len(self._spatial)}"
                )
            # As on the compiled stack, whose centre is here rounded the other way.
            self._center = Point2I(self._width // 2, self._height // 2)

    def isPersistable(self) -> bool:
        """Return whether this can be written to a file; separable kernels and those for warping cannot."""
        return is_persistable(self)

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
        return Point2I(self._center)

    def setCtr(self, ctr: Point2I) -> None:
        """Set the index of the central pixel."""
        require("ctr of a kernel", ctr, Point2I)
        self._center = Point2I(ctr)

    def isSpatiallyVarying(self) -> bool:
        """Return whether the kernel varies over an image."""
        return bool(self._spatial)

    def getNKernelParameters(self) -> int:
        """Return the number of kernel parameters."""
        return len(self.getKernelParameters())

    def getKernelParameters(self) -> list[float]:
        """Return the kernel parameters; if the kernel varies, those of the position that was used last."""
        return []

    def getKernelParameter(self, i: int) -> float:
        """Return one kernel parameter."""
        return self.getKernelParameters()[i]

    def setKernelParameters(self, params: Sequence[float]) -> None:
        """Set the kernel parameters.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if their number is wrong.
        lsst.pex.exceptions.RuntimeError
            Raised if the kernel varies; set its spatial parameters instead.
        """
        if self.isSpatiallyVarying():
            raise RuntimeError("The kernel is spatially varying; use setSpatialParameters")
        if len(params) != self.getNKernelParameters():
            raise InvalidParameterError(
                f"A {type(self).__name__} like this has {self.getNKernelParameters()} parameters, not"
                f" {len(params)}"
            )
        for index, value in enumerate(params):
            self._set_parameter(index, float(value))

    def _set_parameter(self, index: int, value: float) -> None:
        """Set one kernel parameter."""
        raise InvalidParameterError(f"A {type(self).__name__} has no parameters, got one of index {index}")

    def getNSpatialParameters(self) -> int:
        """Return the number of parameters of the spatial function of each kernel parameter."""
        return self._spatial[0].getNParameters() if self._spatial else 0

    def getSpatialFunction(self, index: int) -> Function2D:
        """Return a copy of the spatial function of a kernel parameter.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no such function.
        """
        if not 0 <= index < len(self._spatial):
            raise InvalidParameterError(
                f"There is no spatial function of index {index}: the kernel has {len(self._spatial)}"
            )
        return self._spatial[index].clone()

    def getSpatialFunctionList(self) -> list[Function2D]:
        """Return copies of the spatial functions of all kernel parameters."""
        return [function.clone() for function in self._spatial]

    def getSpatialParameters(self) -> list[list[float]]:
        """Return the parameters of the spatial function of each kernel parameter."""
        return [function.getParameters() for function in self._spatial]

    def setSpatialParameters(self, params: Sequence[Sequence[float]]) -> None:
        """Set the parameters of the spatial function of each kernel parameter.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if a number of parameters is wrong.
        """
        expected = [self.getNSpatialParameters()] * self.getNKernelParameters()
        if [len(values) for values in params] != expected:
            raise InvalidParameterError(
                f"A {type(self).__name__} like this needs {len(expected)} sequences of"
                f" {self.getNSpatialParameters()} spatial parameters, got sequences of"
                f" {[len(values) for values in params]}"
            )
        for function, values in zip(self._spatial, params, strict=False):
            function.setParameters(values)

    def _move_to(self, x: float, y: float) -> None:
        """Set the kernel parameters to those of a position in the image, if they vary."""
        for index, function in enumerate(self._spatial):
            self._set_parameter(index, float(function(x, y)))

    def clone(self) -> Self:
        """Return a copy."""
        return copy.deepcopy(self)

    def resized(self, width: int, height: int) -> Kernel:
        """Return a kernel of another size, with the same parameters.

        Parameters
        ----------
        width, height : `int`
            New size (pixels).

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the size is not positive, or the kernel is one of pixels and the size differs by an odd
            number, so that its centre would move by half a pixel.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot be resized")

    def computeCache(self, cacheSize: int) -> None:
        """Do nothing: this kernel has no cache."""

    def getCacheSize(self) -> int:
        """Return the size of the cache."""
        return 0

    def getBBox(self) -> Box2I:
        """Return the box of the kernel around its centre."""
        return Box2I(Point2I(-self._center.getX(), -self._center.getY()), self.getDimensions())

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
        center = self._center
        return Box2I(
            Point2I(bbox.getMinX() + center.getX(), bbox.getMinY() + center.getY()),
            Extent2I(bbox.getWidth() - self._width + 1, bbox.getHeight() - self._height + 1),
        )

    def growBBox(self, bbox: Box2I) -> Box2I:
        """Return the box of an image in which the kernel fits at all pixels of ``bbox``."""
        center = self._center
        return Box2I(
            Point2I(bbox.getMinX() - center.getX(), bbox.getMinY() - center.getY()),
            Extent2I(bbox.getWidth() + self._width - 1, bbox.getHeight() + self._height - 1),
        )

    def computeImage(self, image: AnyImage, doNormalize: bool, x: float = 0.0, y: float = 0.0) -> float:
        """Draw the kernel into an image.

        Parameters
        ----------
        image : `lsst.afw.image.Image`
            Image with the size of the kernel. Modified; its origin is set so that the centre is at (0, 0).
        doNormalize : `bool`
            Whether to normalize the pixels to a sum of 1.
        x, y : `float`, optional
            Position in the image to convolve, for kernels that vary.

        Returns
        -------
        total : `float`
            Sum of the pixels; 1 if normalized.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the image has a different size.
        lsst.pex.exceptions.OverflowError
            Raised if the kernel is to be normalized, but its sum is 0.
        """
        if image.getDimensions() != self.getDimensions():
            raise InvalidParameterError(
                f"An image of {image.getDimensions()} cannot hold a kernel of {self.getDimensions()}"
            )
        self._move_to(x, y)
        array = self.kernel_array(doNormalize)
        image.setXY0(self.getBBox().getMin())
        image.array[:] = array
        return 1.0 if doNormalize else float(array.sum())

    def kernel_array(self, doNormalize: bool) -> np.ndarray:
        """Return the pixels of the kernel, float64, shape ``(height, width)``.

        Parameters
        ----------
        doNormalize : `bool`
            Whether to normalize them to a sum of 1.
        """
        array = self._array()
        return normalized(array) if doNormalize else array

    def _array(self) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} does not define its pixels")

    def toString(self, prefix: str = "") -> str:
        """Return a description of several lines.

        Parameters
        ----------
        prefix : `str`, optional
            What each line begins with.
        """
        lines = [
            "Kernel:",
            f"..height, width: {self._height}, {self._width}",
            f"..ctr (X, Y): {self._center.getX()}, {self._center.getY()}",
            f"..nKernelParams: {self.getNKernelParameters()}",
            f"..isSpatiallyVarying: {self.isSpatiallyVarying()}",
        ]
        if self._spatial:
            lines += ["..spatialFunctions:", *(f"....{function.toString()}" for function in self._spatial)]
        return "".join(f"{prefix}{line}\n" for line in lines)

    def _described(self, prefix: str, *lines: str) -> str:
        """Return a description: the class and lines about it, then what all kernels say."""
        own = "".join(f"{prefix}{line}\n" for line in (f"{type(self).__name__}:", *lines))
        return own + Kernel.toString(self, prefix + "\t")

    def _offsets(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the positions of columns and rows relative to the centre."""
        return (
            np.arange(self._width, dtype=np.float64) - self._center.getX(),
            np.arange(self._height, dtype=np.float64) - self._center.getY(),
        )


def normalized(values: np.ndarray) -> np.ndarray:
    """Return values divided by their sum, which must not be 0."""
    total = values.sum()
    if total == 0:
        raise OverflowError("A kernel whose sum is 0 cannot be normalized")
    return values / total


def check_size(width: int, height: int) -> None:
    """Check that a kernel has pixels."""
    if width < 1 or height < 1:
        raise InvalidParameterError(f"A kernel needs a positive width and height, got {width} x {height}")
