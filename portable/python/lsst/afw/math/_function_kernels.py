# SPDX-License-Identifier: GPL-3.0-or-later
"""Convolution kernels made of functions: `AnalyticKernel` and `SeparableKernel`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from lsst.geom import Point2I
from lsst.portable.archive import is_persistable
from lsst.portable.fits import Column

from ._functions import Function1D, Function2D
from ._kernel import Kernel, normalized
from ._kernel_archives import Row, dimensions, register_kernel, spatial_functions

if TYPE_CHECKING:
    from lsst.portable.archive import InputArchive
    from lsst.portable.typing import AnyImage

__all__ = ("AnalyticKernel", "SeparableKernel")


class AnalyticKernel(Kernel):
    """A kernel that is a function of two coordinates.

    Parameters
    ----------
    width, height : `int`
        Size (pixels), positive.
    kernelFunction : `Function2D` or callable
        Function of x and y relative to the centre, which accepts arrays; copied. Its parameters are those of
        the kernel.
    spatialFunction : `Function2D` or sequence of `Function2D`, optional
        How the parameters vary over the image.
    """

    def __init__(
        self,
        width: int,
        height: int,
        kernelFunction: Function2D | Callable[[np.ndarray, np.ndarray], np.ndarray],
        spatialFunction: Function2D | Iterable[Function2D] | None = None,
    ) -> None:
        self._function = _copy_2d(kernelFunction)
        super().__init__(width, height, self._function.getNParameters(), spatialFunction)

    def isPersistable(self) -> bool:
        """Return whether this can be written to a file, which is so if its function can be."""
        return is_persistable(self._function)

    def getKernelParameters(self) -> list[float]:
        """Return the parameters of the function."""
        return self._function.getParameters()

    def _set_parameter(self, index: int, value: float) -> None:
        self._function.setParameter(index, value)

    def getKernelFunction(self) -> Function2D:
        """Return a copy of the function."""
        return self._function.clone()

    def resized(self, width: int, height: int) -> AnalyticKernel:
        """Return a kernel of another size, with the same function; see `Kernel.resized`."""
        return AnalyticKernel(width, height, self._function, self._spatial or None)

    def computeImage(self, image: AnyImage, doNormalize: bool, x: float = 0.0, y: float = 0.0) -> float:
        """Draw the kernel into an image, which may have any size; see `Kernel.computeImage`."""
        self._move_to(x, y)
        border = [int(excess / 2) for excess in image.getDimensions() - self.getDimensions()]
        origin = Point2I(-self._center.getX() - border[0], -self._center.getY() - border[1])
        array = self._values(
            np.arange(image.getWidth(), dtype=np.float64) + origin.getX(),
            np.arange(image.getHeight(), dtype=np.float64) + origin.getY(),
        )
        image.setXY0(origin)
        image.array[:] = normalized(array) if doNormalize else array
        return 1.0 if doNormalize else float(array.sum())

    def _array(self) -> np.ndarray:
        return self._values(*self._offsets())

    def _values(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the values of the function on a grid, shape ``(len(y), len(x))``."""
        return np.broadcast_to(self._function(x[np.newaxis, :], y[:, np.newaxis]), (len(y), len(x)))

    def toString(self, prefix: str = "") -> str:
        """Return a description of several lines; see `Kernel.toString`."""
        return self._described(prefix, f"..function: {self._function.toString()}")


class SeparableKernel(Kernel):
    """A kernel that is the outer product of two functions.

    Parameters
    ----------
    width, height : `int`
        Size (pixels), positive.
    kernelColFunction, kernelRowFunction : `Function1D` or callable
        Functions of x and of y relative to the centre; copied. Their parameters are those of the kernel.
    spatialFunction : `Function2D` or sequence of `Function2D`, optional
        How the parameters vary over the image.
    """

    def __init__(
        self,
        width: int,
        height: int,
        kernelColFunction: Function1D | Callable[[np.ndarray], np.ndarray],
        kernelRowFunction: Function1D | Callable[[np.ndarray], np.ndarray],
        spatialFunction: Function2D | Iterable[Function2D] | None = None,
    ) -> None:
        self._functions = _copy_1d(kernelColFunction), _copy_1d(kernelRowFunction)
        self._cacheSize = 0
        super().__init__(width, height, len(self.getKernelParameters()), spatialFunction)

    def getKernelParameters(self) -> list[float]:
        """Return the parameters of both functions."""
        return [value for function in self._functions for value in function.getParameters()]

    def _set_parameter(self, index: int, value: float) -> None:
        first = self._functions[0].getNParameters()
        function = self._functions[index >= first]
        function.setParameter(index - first if index >= first else index, value)

    def getKernelColFunction(self) -> Function1D:
        """Return a copy of the function of x."""
        return self._functions[0].clone()

    def getKernelRowFunction(self) -> Function1D:
        """Return a copy of the function of y."""
        return self._functions[1].clone()

    def resized(self, width: int, height: int) -> SeparableKernel:
        """Return a kernel of another size, with the same functions; see `Kernel.resized`."""
        return SeparableKernel(width, height, *self._functions, self._spatial or None)

    def computeCache(self, cacheSize: int) -> None:
        """Set the size of the cache, which is unused: values are always computed when they are needed."""
        self._cacheSize = int(cacheSize)

    def getCacheSize(self) -> int:
        """Return the size of the cache, which is unused."""
        return self._cacheSize

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
        return (normalized(x), normalized(y)) if doNormalize else (x, y)

    def kernel_array(self, doNormalize: bool) -> np.ndarray:
        """Return the pixels of the kernel; see `Kernel.kernel_array`."""
        x, y = self.kernel_vectors(doNormalize)
        return np.outer(y, x)

    def toString(self, prefix: str = "") -> str:
        """Return a description of several lines; see `Kernel.toString`."""
        x, y = (function.toString() for function in self._functions)
        return self._described(prefix, f"..x (width) function: {x}", f"..y (rows) function: {y}")


class PlainFunction1D(Function1D):
    """A callable as a function without parameters."""

    def __init__(self, function: Callable[[np.ndarray], np.ndarray]) -> None:
        super().__init__([])
        self._function = function

    def _value(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(self._function(x), dtype=np.float64)


class PlainFunction2D(Function2D):
    """A callable as a function without parameters."""

    def __init__(self, function: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> None:
        super().__init__([])
        self._function = function

    def _value(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.asarray(self._function(x, y), dtype=np.float64)


def _copy_1d(function: Function1D | Callable[[np.ndarray], np.ndarray]) -> Function1D:
    """Return a copy of a function of one variable."""
    _check_callable(function)
    return function.clone() if isinstance(function, Function1D) else PlainFunction1D(function)


def _copy_2d(function: Function2D | Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Function2D:
    """Return a copy of a function of two variables."""
    _check_callable(function)
    return function.clone() if isinstance(function, Function2D) else PlainFunction2D(function)


def _check_callable(function: object) -> None:
    if not callable(function):
        raise TypeError(f"The function of a kernel must be callable, got {type(function).__name__}")


def _read_analytic(archive: InputArchive, row: Row) -> AnalyticKernel | None:
    spatial = spatial_functions(archive, row)
    function = archive.get(int(row["kernelfunction"]))
    if spatial is None or not isinstance(function, Function2D):
        return None
    return AnalyticKernel(*dimensions(row), function, spatial or None)


register_kernel(
    AnalyticKernel,
    _read_analytic,
    lambda kernel: [
        Column("kernelfunction", "1J", "archive ID for analytic function used to produce kernel images")
    ],
    lambda kernel, archive: {"kernelfunction": archive.put(kernel._function)},
)
