# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions of one and two variables: Gaussians, for kernels, and polynomials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ("GaussianFunction1D", "GaussianFunction2D", "PolynomialFunction1D", "PolynomialFunction2D")


_ValueT = TypeVar("_ValueT", float, np.ndarray)


class GaussianFunction1D:
    """A Gaussian of unit integral, centred on 0.

    Parameters
    ----------
    sigma : `float`
        Standard deviation, positive.
    """

    def __init__(self, sigma: float) -> None:
        self._sigma = _positive(sigma, "sigma")

    def __call__(self, x: npt.ArrayLike) -> float | np.ndarray:
        """Evaluate at ``x``, a number or an array."""
        value = np.exp(-np.square(x) / (2.0 * self._sigma**2)) / (self._sigma * math.sqrt(2.0 * math.pi))
        return value if np.ndim(x) else float(value)

    def getParameters(self) -> list[float]:
        """Return the standard deviation, in a list."""
        return [self._sigma]


class GaussianFunction2D:
    """An elliptical Gaussian of unit integral, centred on (0, 0).

    Parameters
    ----------
    sigma1, sigma2 : `float`
        Standard deviations along the axes of the ellipse, positive.
    angle : `float`, optional
        Angle from x to the first axis (radians).
    """

    def __init__(self, sigma1: float, sigma2: float, angle: float = 0.0) -> None:
        self._sigma1, self._sigma2 = _positive(sigma1, "sigma1"), _positive(sigma2, "sigma2")
        self._angle = float(angle)

    def __call__(self, x: _ValueT, y: _ValueT) -> _ValueT:
        """Evaluate at ``x`` and ``y``, numbers or arrays that broadcast."""
        cos, sin = math.cos(self._angle), math.sin(self._angle)
        first, second = (cos * x + sin * y) / self._sigma1, (cos * y - sin * x) / self._sigma2
        return np.exp(-0.5 * (first**2 + second**2)) / (2.0 * math.pi * self._sigma1 * self._sigma2)

    def getParameters(self) -> list[float]:
        """Return both standard deviations and the angle."""
        return [self._sigma1, self._sigma2, self._angle]


class PolynomialFunction1D:
    """Polynomial of one variable.

    Parameters
    ----------
    params : `int` or sequence of `float`
        Order of the polynomial, whose coefficients are zero at first; or its coefficients, in ascending
        order.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the order is negative, or there are no coefficients.
    """

    def __init__(self, params: int | Sequence[float]) -> None:
        if isinstance(params, int | np.integer):
            params = [0.0] * (int(params) + 1)
        self._params = [float(value) for value in params]
        if not self._params:
            raise InvalidParameterError("A polynomial needs a coefficient or more")

    def __call__(self, x: npt.ArrayLike) -> float | np.ndarray:
        """Value at ``x``, a number or an array."""
        value = np.polynomial.polynomial.polyval(np.asarray(x, dtype=np.float64), self._params)
        return value if np.ndim(value) else float(value)

    def getOrder(self) -> int:
        """Order of the polynomial."""
        return len(self._params) - 1

    def getNParameters(self) -> int:
        """Number of coefficients."""
        return len(self._params)

    def getParameters(self) -> list[float]:
        """Coefficients."""
        return list(self._params)

    def setParameters(self, params: Sequence[float]) -> None:
        """Set all coefficients.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if their number is another.
        """
        if len(params) != len(self._params):
            raise InvalidParameterError(
                f"A polynomial of order {self.getOrder()} has {len(self._params)} coefficients,"
                f" not {len(params)}"
            )
        self._params = [float(value) for value in params]


class PolynomialFunction2D:
    """A polynomial of two variables.

    Parameters
    ----------
    params : `int` or sequence of `float`
        Order of the polynomial, whose coefficients are then zero, or its coefficients, in ascending total
        order and, within one order, in descending powers of x: 1, x, y, x^2, x y, y^2, ...

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the order is negative, or no polynomial has that many coefficients.
    """

    def __init__(self, params: int | Sequence[float]) -> None:
        if isinstance(params, int | np.integer):
            self._order = int(params)
            if self._order < 0:
                raise InvalidParameterError(f"The order of a polynomial cannot be negative, got {params}")
            self._params = [0.0] * self.nParametersFromOrder(self._order)
            return
        self._params = [float(value) for value in params]
        self._order = self.orderFromNParameters(len(self._params))

    @staticmethod
    def nParametersFromOrder(order: int) -> int:
        """Return the number of coefficients of a polynomial of a given order."""
        return (order + 1) * (order + 2) // 2

    @staticmethod
    def orderFromNParameters(nParameters: int) -> int:
        """Return the order of the polynomial with a given number of coefficients.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no such polynomial.
        """
        order = (math.isqrt(8 * max(nParameters, 0) + 1) - 3) // 2
        if nParameters < 1 or PolynomialFunction2D.nParametersFromOrder(order) != nParameters:
            raise InvalidParameterError(
                f"No polynomial of two variables has {nParameters} coefficients; it has 1, 3, 6, 10, ..."
            )
        return order

    def __call__(self, x: npt.ArrayLike, y: npt.ArrayLike) -> float | np.ndarray:
        """Evaluate at ``x`` and ``y``, numbers or arrays that broadcast."""
        terms = zip(self._params, self._terms(x, y), strict=True)
        value = sum((coefficient * term for coefficient, term in terms), 0.0)
        return value if np.ndim(value) else float(value)

    def getDFuncDParameters(self, x: float, y: float) -> list[float]:
        """Return the derivatives of the value with respect to the coefficients, at one point."""
        return [float(term) for term in self._terms(x, y)]

    def _terms(self, x: npt.ArrayLike, y: npt.ArrayLike) -> list[np.ndarray]:
        """Return the products of powers, in the order of the coefficients."""
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        return [x ** (total - j) * y**j for total in range(self._order + 1) for j in range(total + 1)]

    def getOrder(self) -> int:
        """Return the order of the polynomial."""
        return self._order

    def getNParameters(self) -> int:
        """Return the number of coefficients."""
        return len(self._params)

    def getParameters(self) -> list[float]:
        """Return the coefficients."""
        return list(self._params)

    def getParameter(self, i: int) -> float:
        """Return one coefficient."""
        return self._params[i]

    def setParameter(self, ind: int, newValue: float) -> None:
        """Set one coefficient."""
        self._params[ind] = float(newValue)

    def setParameters(self, params: Sequence[float]) -> None:
        """Set all coefficients.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if their number is wrong.
        """
        if len(params) != len(self._params):
            raise InvalidParameterError(
                f"A polynomial of order {self._order} has {len(self._params)} coefficients, not {len(params)}"
            )
        self._params = [float(value) for value in params]

    def clone(self) -> PolynomialFunction2D:
        """Return a copy."""
        return PolynomialFunction2D(self._params)

    def isLinearCombination(self) -> bool:
        """Return True: the polynomial is linear in its coefficients."""
        return True


def _positive(value: float, name: str) -> float:
    if not value > 0:
        raise InvalidParameterError(f"{name} of a Gaussian has to be positive, got {value}")
    return float(value)
