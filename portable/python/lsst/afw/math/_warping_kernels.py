# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels that move an image by a fraction of a pixel: bilinear, nearest neighbour and Lanczos."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from ._function_kernels import SeparableKernel
from ._functions import Function1D, LanczosFunction1D

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = (
    "BilinearWarpingKernel",
    "LanczosWarpingKernel",
    "NearestWarpingKernel",
    "WarpingKernel",
    "makeWarpingKernel",
)

_TOLERANCE = 1e-6


class WarpingKernel(SeparableKernel):
    """A kernel whose two parameters are the place at which to interpolate, relative to its centre.

    With the centre ``(size - 1)//2`` they are from 0 to 1; with the centre set one pixel further on, from -1
    to 0.

    Parameters
    ----------
    size : `int`
        Width and height (pixels).
    function : `Function1D`
        The function of one coordinate; its parameter is the place.
    """

    def __init__(self, size: int, function: Function1D) -> None:
        super().__init__(size, size, function, function)

    def _set_parameter(self, index: int, value: float) -> None:
        center, size = self._center[index], self.getDimensions()[index]
        low = (size - 1) // 2 - center  # 0 at the usual centre, -1 one pixel further on
        if low not in (0, -1) or not low - _TOLERANCE <= value <= low + 1 + _TOLERANCE:
            raise InvalidParameterError(
                f"A {type(self).__name__} of {size} pixels with its centre at {center} cannot interpolate at"
                f" {value}; use 0 to 1, or set the centre one pixel further on and use -1 to 0"
            )
        super()._set_parameter(index, value)


class BilinearWarpingKernel(WarpingKernel):
    """Kernel of 2 x 2 pixels for bilinear interpolation."""

    def __init__(self) -> None:
        super().__init__(2, _BilinearFunction1D())


class NearestWarpingKernel(WarpingKernel):
    """Kernel of 2 x 2 pixels that takes the nearest pixel."""

    def __init__(self) -> None:
        super().__init__(2, _NearestFunction1D())


class LanczosWarpingKernel(WarpingKernel):
    """Kernel of Lanczos functions, twice as wide as its order.

    Parameters
    ----------
    order : `int`
        Order, positive.
    """

    def __init__(self, order: int) -> None:
        super().__init__(2 * order, LanczosFunction1D(order))

    def getOrder(self) -> int:
        """Return the order."""
        return self.getWidth() // 2


class _BilinearFunction1D(Function1D):
    """The weight of a pixel next to its parameter: 1 there, falling to 0 at a distance of 1."""

    def __init__(self) -> None:
        super().__init__([0.0])

    def _value(self, x: np.ndarray) -> np.ndarray:
        return 0.5 + (1.0 - 2.0 * abs(self._params[0])) * (0.5 - np.abs(x))

    def _label(self) -> str:
        return "_BilinearFunction1: "


class _NearestFunction1D(Function1D):
    """1 for the pixel that is nearest to its parameter, 0 for the other."""

    def __init__(self) -> None:
        super().__init__([0.0])

    def _value(self, x: np.ndarray) -> np.ndarray:
        return ((abs(self._params[0]) < 0.5) == (np.abs(x) < 0.5)).astype(np.float64)

    def _label(self) -> str:
        return "_NearestFunction1: "


def makeWarpingKernel(name: str) -> WarpingKernel:
    """Make a warping kernel by name.

    Parameters
    ----------
    name : `str`
        ``bilinear``, ``nearest``, or ``lanczos`` and an order, such as ``lanczos3``.

    Returns
    -------
    kernel : `BilinearWarpingKernel`, `NearestWarpingKernel` or `LanczosWarpingKernel`
        The kernel.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no such kernel.
    """
    simple: dict[str, Callable[[], WarpingKernel]] = {
        "bilinear": BilinearWarpingKernel,
        "nearest": NearestWarpingKernel,
    }
    if name in simple:
        return simple[name]()
    match = re.fullmatch(r"lanczos(\d+)", name)
    if match is None:
        raise InvalidParameterError(
            f"Unknown warping kernel {name!r}; expected 'bilinear', 'nearest', or 'lanczos' and an order,"
            " such as 'lanczos3'"
        )
    return LanczosWarpingKernel(int(match[1]))
