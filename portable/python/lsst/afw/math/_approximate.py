# SPDX-License-Identifier: GPL-3.0-or-later
"""Approximation of images by Chebyshev polynomials: `Approximate` and what steers it."""

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
    """Ways to approximate."""

    UNKNOWN = -1
    """Do not approximate."""
    CHEBYSHEV = 0
    """Products of Chebyshev polynomials of the first kind up to a total order."""
    NUM_STYLES = 1
    """How many there are."""


class ApproximateControl:
    """How to approximate.

    Parameters
    ----------
    style : `ApproximateControl.Style`
        Kind of function.
    orderX, orderY : `int`
        Order along the axes, which must be equal; negative for ``orderY`` to equal ``orderX``.
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
        """Kind of function."""
        return self._style

    def setStyle(self, style: ApproximateStyle) -> None:
        """Set the kind of function."""
        self._style = ApproximateStyle(style)

    def getOrderX(self) -> int:
        """Order along x."""
        return self._orderX

    def setOrderX(self, orderX: int) -> None:
        """Set the order along x."""
        self._orderX = int(orderX)

    def getOrderY(self) -> int:
        """Order along y."""
        return self._orderY

    def setOrderY(self, orderY: int) -> None:
        """Set the order along y."""
        self._orderY = int(orderY)

    def getWeighting(self) -> bool:
        """Whether to weight by the inverse of the variance plane."""
        return self._weighting

    def setWeighting(self, weighting: bool) -> None:
        """Set whether to weight by the inverse of the variance plane."""
        self._weighting = bool(weighting)


class Approximate:
    """A sum of Chebyshev polynomials fitted to an image; made by `makeApproximate`.

    Parameters
    ----------
    x, y : sequence of `float`
        Centres of the cells along the axes, relative to the first pixel of ``bbox``.
    image : `lsst.afw.image.MaskedImage`
        Values of the cells. NaN values are left out.
    bbox : `lsst.geom.Box2I`
        Where the approximation holds.
    control : `ApproximateControl`
        How to approximate.
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
        require("image of makeApproximate", image, MaskedImage)
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
            Orders at which to truncate; negative for those that were fitted.

        Returns
        -------
        image : `lsst.afw.image.ImageF`
            The approximation over its box.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the orders differ or exceed those that were fitted.
        """
        image = ImageF(self._bbox)
        self._filler(orderX, orderY)(0, image.getHeight(), image.array)
        return image

    def getMaskedImage(self, orderX: int = -1, orderY: int = -1) -> MaskedImageF:
        """Evaluate the approximation as a masked image, with nothing masked and no variance; see
        `getImage`.
        """
        image = MaskedImageF(self._bbox)
        self._filler(orderX, orderY)(0, image.getHeight(), image.image.array)
        return image

    def _filler(self, orderX: int = -1, orderY: int = -1) -> Callable[[int, int, np.ndarray], None]:
        """Function that fills an array with rows ``start`` to ``stop``, excluded; called with these three."""
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
    image: MaskedImageF,
    bbox: Box2I,
    ctrl: ApproximateControl,
) -> Approximate:
    """Fit a smooth function to an image of cells.

    Parameters
    ----------
    x, y : sequence of `float`
        Centres of the cells along the axes, relative to the first pixel of ``bbox``.
    image : `lsst.afw.image.MaskedImage`
        Values of the cells; the variance plane gives the weights if the control wants any.
    bbox : `lsst.geom.Box2I`
        Where the approximation holds.
    ctrl : `ApproximateControl`
        How to approximate.

    Returns
    -------
    approximate : `Approximate`
        The fit.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the control does not ask for Chebyshev polynomials.
    lsst.pex.exceptions.RuntimeError
        Raised if no cell has a finite value and weight.
    """
    return Approximate(x, y, image, bbox, ctrl)
