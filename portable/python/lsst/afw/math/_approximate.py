# SPDX-License-Identifier: GPL-3.0-or-later
"""Approximation of images by Chebyshev polynomials: `Approximate` and its control."""

import enum
import functools
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from lsst.afw.image import ImageF, MaskedImage, MaskedImageF
from lsst.geom import Box2I
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arguments import require
from lsst.portable.arrays.chebyshev import chebyshev_design, chebyshev_rows, fit_chebyshev

__all__ = ("Approximate", "ApproximateControl", "makeApproximate")


class ApproximateStyle(enum.IntEnum):
    """Kinds of approximation."""

    def __str__(self) -> str:
        return f"Style.{self.name}"

    UNKNOWN = -1
    """Do not approximate."""
    CHEBYSHEV = 0
    """Products of Chebyshev polynomials of the first kind up to a total order."""
    NUM_STYLES = 1
    """Number of styles."""


class ApproximateControl:
    """Control of an approximation.

    Parameters
    ----------
    style : `ApproximateControl.Style`
        Kind of function.
    orderX, orderY : `int`
        Orders along the axes, which must be equal; a negative ``orderY`` follows ``orderX``.
    weighting : `bool`, optional
        Whether to weight by the inverse of the variance plane.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the orders differ.
    """

    Style: TypeAlias = ApproximateStyle
    UNKNOWN = ApproximateStyle.UNKNOWN
    CHEBYSHEV = ApproximateStyle.CHEBYSHEV
    NUM_STYLES = ApproximateStyle.NUM_STYLES

    def __init__(
        self, style: ApproximateStyle, orderX: int, orderY: int = -1, weighting: bool = True
    ) -> None:
        self._orderX = int(orderX)
        self._orderY = self._orderX if orderY < 0 else int(orderY)
        if self._orderX != self._orderY:
            raise InvalidParameterError(
                f"X- and Y-orders must be equal, got {self._orderX} and {self._orderY}"
            )
        self.setStyle(style)
        self.setWeighting(weighting)

    def getStyle(self) -> ApproximateStyle:
        """Return the kind of function."""
        return self._style

    def setStyle(self, style: ApproximateStyle) -> None:
        """Set the kind of function."""
        self._style = ApproximateStyle(style)

    def getOrderX(self) -> int:
        """Return the order along x."""
        return self._orderX

    def setOrderX(self, orderX: int) -> None:
        """Set the order along x."""
        self._orderX = int(orderX)

    def getOrderY(self) -> int:
        """Return the order along y."""
        return self._orderY

    def setOrderY(self, orderY: int) -> None:
        """Set the order along y."""
        self._orderY = int(orderY)

    def getWeighting(self) -> bool:
        """Return whether to weight by the inverse of the variance plane."""
        return self._weighting

    def setWeighting(self, weighting: bool) -> None:
        """Set whether to weight by the inverse of the variance plane."""
        self._weighting = bool(weighting)


class Approximate:
    """A sum of Chebyshev polynomials fitted to an image; created by `makeApproximate`.

    Parameters
    ----------
    x, y : sequence of `float`
        Centres of the cells along the axes, relative to the first pixel of ``bbox``.
    image : `lsst.afw.image.MaskedImage`
        Values of the cells; NaN values are ignored.
    bbox : `lsst.geom.Box2I`
        Box over which the approximation is valid.
    control : `ApproximateControl`
        Control of the approximation.
    """

    def __init__(
        self,
        x: Sequence[float] | np.ndarray,
        y: Sequence[float] | np.ndarray,
        image: MaskedImageF,
        bbox: Box2I,
        control: ApproximateControl,
    ) -> None:
        require("ctrl of makeApproximate", control, ApproximateControl)
        require("im of makeApproximate", image, MaskedImage)
        if control.getStyle() != ApproximateStyle.CHEBYSHEV:
            raise InvalidParameterError(
                f"Only ApproximateControl.CHEBYSHEV can be fitted, got {control.getStyle()!r}"
            )
        self._bbox = Box2I(bbox)
        self._order = control.getOrderX()
        weights = None
        if control.getWeighting():
            with np.errstate(divide="ignore"):
                weights = 1.0 / image.variance.array.astype(np.float64)
        x_basis = chebyshev_design(np.asarray(x, dtype=np.float64), bbox.getWidth(), self._order)
        y_basis = chebyshev_design(np.asarray(y, dtype=np.float64), bbox.getHeight(), self._order)
        self._coefficients = fit_chebyshev(image.image.array, x_basis, y_basis, weights)

    def getImage(self, orderX: int = -1, orderY: int = -1) -> ImageF:
        """Evaluate the approximation.

        Parameters
        ----------
        orderX, orderY : `int`, optional
            Orders at which to truncate; negative for the fitted orders.

        Returns
        -------
        image : `lsst.afw.image.ImageF`
            The approximation over its box.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the orders differ or exceed the fitted orders.
        """
        image = ImageF(self._bbox)
        self._filler(orderX, orderY)(0, image.getHeight(), image.array)
        return image

    def getMaskedImage(self, orderX: int = -1, orderY: int = -1) -> MaskedImageF:
        """Evaluate the approximation as a masked image, with nothing masked; see `getImage`."""
        image = MaskedImageF(self._bbox)
        self._filler(orderX, orderY)(0, image.getHeight(), image.image.array)
        return image

    def _filler(self, orderX: int = -1, orderY: int = -1) -> Callable[[int, int, np.ndarray], None]:
        """Return a function that fills rows ``start`` to ``stop`` (excluded) of the image into an array."""
        order = self._order if orderX < 0 else orderX
        if (orderY if orderY >= 0 else order) != order or order > self._order:
            raise InvalidParameterError(
                f"Orders to truncate at must be equal and at most {self._order}, got {orderX} and {orderY}"
            )
        total = np.add.outer(np.arange(self._order + 1), np.arange(self._order + 1))
        coefficients = np.where(total <= order, self._coefficients, 0.0)
        width, height = self._bbox.getWidth(), self._bbox.getHeight()
        along_x = coefficients @ chebyshev_design(np.arange(width), width, self._order).T
        y_basis = chebyshev_design(np.arange(height), height, self._order)
        return functools.partial(chebyshev_rows, along_x, y_basis)


def makeApproximate(
    x: Sequence[float] | np.ndarray,
    y: Sequence[float] | np.ndarray,
    im: MaskedImageF,
    bbox: Box2I,
    ctrl: ApproximateControl,
) -> Approximate:
    """Fit a smooth function to an image of cells.

    Parameters
    ----------
    x, y : sequence of `float`
        Centres of the cells along the axes, relative to the first pixel of ``bbox``.
    im : `lsst.afw.image.MaskedImage`
        Values of the cells; the variance plane provides the weights, if the control requests any.
    bbox : `lsst.geom.Box2I`
        Box over which the approximation is valid.
    ctrl : `ApproximateControl`
        Control of the approximation.

    Returns
    -------
    approximate : `Approximate`
        The fit.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the control does not request Chebyshev polynomials.
    lsst.pex.exceptions.RuntimeError
        Raised if no cell has a finite value and weight.
    """
    return Approximate(x, y, im, bbox, ctrl)
