# SPDX-License-Identifier: GPL-3.0-or-later
"""Arithmetic of masked images, in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lsst.portable.arguments import require

from ._arithmetic import product_variance, quotient_variance
from ._image_base import ImageBase

if TYPE_CHECKING:
    from ._image import ImageF
    from ._mask import MaskX

__all__ = ("MaskedArithmetic",)


class MaskedArithmetic:
    """Arithmetic in place of something with an image, a mask and a variance.

    Variances propagate as for independent operands, masks are ORed. A plain image and a number have no
    variance.
    """

    image: Any
    mask: MaskX
    variance: ImageF

    def __iadd__(self, rhs: MaskedArithmetic | ImageBase | float) -> Self:
        if isinstance(rhs, MaskedArithmetic):
            self._check_operand(rhs)
            self.mask.__ior__(rhs.mask)
            self.variance.__iadd__(rhs.variance)
            rhs = rhs.image
        self.image.__iadd__(rhs)
        return self

    def __isub__(self, rhs: MaskedArithmetic | ImageBase | float) -> Self:
        if isinstance(rhs, MaskedArithmetic):
            self._check_operand(rhs)
            self.mask.__ior__(rhs.mask)
            self.variance.__iadd__(rhs.variance)
            rhs = rhs.image
        self.image.__isub__(rhs)
        return self

    def __imul__(self, rhs: MaskedArithmetic | ImageBase | float) -> Self:
        if isinstance(rhs, MaskedArithmetic):
            self.scaledMultiplies(1.0, rhs)
            return self
        self.image.__imul__(rhs)
        self._scale_variance(np.multiply, rhs)
        return self

    def __itruediv__(self, rhs: MaskedArithmetic | ImageBase | float) -> Self:
        if isinstance(rhs, MaskedArithmetic):
            self.scaledDivides(1.0, rhs)
            return self
        self.image.__itruediv__(rhs)
        self._scale_variance(np.divide, rhs)
        return self

    def _scale_variance(self, operation: np.ufunc, rhs: ImageBase | float) -> None:
        """Multiply or divide the variance by the square of an image or a number."""
        variance = self.variance
        with np.errstate(all="ignore"):
            if isinstance(rhs, ImageBase):
                for _ in range(2):
                    operation(variance.array, rhs.array, out=variance.array, casting="same_kind")
                return
            factor = self.image._pixel(rhs)
            square = float(factor * factor)
        if operation is np.multiply:
            variance.__imul__(square)
        else:
            variance.__itruediv__(square)

    def _check_operand(self, rhs: MaskedArithmetic) -> None:
        """Reject an operand that would modify some planes before failing on another."""
        require("operand of a masked image", rhs, MaskedArithmetic)
        self.image._operand(rhs.image)
        self.mask._operand(rhs.mask)

    def scaledPlus(self, c: float, rhs: MaskedArithmetic) -> None:
        """Add ``c * rhs``; the variance increases by ``c**2`` times that of ``rhs``.

        Parameters
        ----------
        c : `float`
            Factor.
        rhs : same type as this object
            Masked image of the same class and size.
        """
        self._check_operand(rhs)
        self.mask.__ior__(rhs.mask)
        self.variance.scaledPlus(c * c, rhs.variance)
        self.image.scaledPlus(c, rhs.image)

    def scaledMinus(self, c: float, rhs: MaskedArithmetic) -> None:
        """Subtract ``c * rhs``; the variance increases by ``c**2`` times that of ``rhs``.

        Parameters
        ----------
        c : `float`
            Factor.
        rhs : same type as this object
            Masked image of the same class and size.
        """
        self._check_operand(rhs)
        self.mask.__ior__(rhs.mask)
        self.variance.scaledPlus(c * c, rhs.variance)
        self.image.scaledMinus(c, rhs.image)

    def scaledMultiplies(self, c: float, rhs: MaskedArithmetic) -> None:
        """Multiply by ``c * rhs``; the variance is ``c**2 (a**2 var(b) + b**2 var(a))``.

        Parameters
        ----------
        c : `float`
            Factor.
        rhs : same type as this object
            Masked image of the same class and size.
        """
        self._check_operand(rhs)
        product_variance(self.variance.array, self.image.array, rhs.image.array, rhs.variance.array, float(c))
        self.mask.__ior__(rhs.mask)
        self.image.scaledMultiplies(c, rhs.image)

    def scaledDivides(self, c: float, rhs: MaskedArithmetic) -> None:
        """Divide by ``c * rhs``; the variance is ``(a**2 var(b) + b**2 var(a)) / (c**2 b**4)``.

        Parameters
        ----------
        c : `float`
            Factor.
        rhs : same type as this object
            Masked image of the same class and size.
        """
        self._check_operand(rhs)
        quotient_variance(
            self.variance.array, self.image.array, rhs.image.array, rhs.variance.array, float(c)
        )
        self.mask.__ior__(rhs.mask)
        self.image.scaledDivides(c, rhs.image)
