# SPDX-License-Identifier: GPL-3.0-or-later
"""Polynomials of one and two variables, of powers and of Chebyshev polynomials of the first kind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.geom import Box2D, Point2D
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.archive import ArchiveCatalog, register
from lsst.portable.fits import Column

from ._functions import Function1D, Function2D

if TYPE_CHECKING:
    from lsst.portable.archive import InputArchive, OutputArchive

__all__ = (
    "BasePolynomialFunction2D",
    "Chebyshev1Function1D",
    "Chebyshev1Function2D",
    "PolynomialFunction1D",
    "PolynomialFunction2D",
)


class _Series1D(Function1D):
    """A sum of terms of one variable with rising orders.

    Parameters
    ----------
    params : `int` or sequence of `float`
        Order, with coefficients of zero at first; or the coefficients, in ascending order.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the order is negative, or there are no coefficients.
    """

    def __init__(self, params: int | Sequence[float]) -> None:
        if isinstance(params, int | np.integer):
            params = [0.0] * (int(params) + 1)
        super().__init__(params)
        if not self._params:
            raise InvalidParameterError("A polynomial needs a coefficient or more")

    def getOrder(self) -> int:
        """Return the order of the polynomial."""
        return len(self._params) - 1

    def isLinearCombination(self) -> bool:
        """Return True: the polynomial is linear in its coefficients."""
        return True


class PolynomialFunction1D(_Series1D):
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

    def _value(self, x: np.ndarray) -> np.ndarray:
        return np.polynomial.polynomial.polyval(x, self._params)

    def _label(self) -> str:
        return "PolynomialFunction1 []: "


class Chebyshev1Function1D(_Series1D):
    """Sum of Chebyshev polynomials of one variable.

    Parameters
    ----------
    params : `int` or sequence of `float`
        Order, with coefficients of zero at first; or the coefficients, in ascending order.
    minX, maxX : `float`, optional
        Where the polynomials have their arguments -1 and 1.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the order is negative, or there are no coefficients.
    """

    def __init__(self, params: int | Sequence[float], minX: float = -1.0, maxX: float = 1.0) -> None:
        super().__init__(params)
        self._range = float(minX), float(maxX)

    def getMinX(self) -> float:
        """Return where the polynomials have their argument -1."""
        return self._range[0]

    def getMaxX(self) -> float:
        """Return where the polynomials have their argument 1."""
        return self._range[1]

    def _value(self, x: np.ndarray) -> np.ndarray:
        return np.polynomial.chebyshev.chebval(_scaled(x, *self._range), self._params)

    def _label(self) -> str:
        return f"Chebyshev1Function1 [{self._range[0]:g}, {self._range[1]:g}]: "


class BasePolynomialFunction2D(Function2D):
    """A sum of products of polynomials of two variables, up to a total order.

    Parameters
    ----------
    params : `int` or sequence of `float`
        Order, with coefficients of zero at first; or the coefficients, in ascending total order and, within
        one order, in descending orders of x.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the order is negative, or no polynomial has that many coefficients.
    """

    def __init__(self, params: int | Sequence[float]) -> None:
        if isinstance(params, int | np.integer):
            params = [0.0] * self.nParametersFromOrder(int(params))
        super().__init__(params)
        self._order = self.orderFromNParameters(len(self._params))

    @staticmethod
    def nParametersFromOrder(order: int) -> int:
        """Return the number of coefficients of a polynomial of a given order.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the order is negative.
        """
        if order < 0:
            raise InvalidParameterError(f"The order of a polynomial cannot be negative, got {order}")
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
        if nParameters < 1 or BasePolynomialFunction2D.nParametersFromOrder(order) != nParameters:
            raise InvalidParameterError(
                f"No polynomial of two variables has {nParameters} coefficients; it has 1, 3, 6, 10, ..."
            )
        return order

    def getOrder(self) -> int:
        """Return the order of the polynomial."""
        return self._order

    def isLinearCombination(self) -> bool:
        """Return True: the polynomial is linear in its coefficients."""
        return True

    def getDFuncDParameters(self, x: float, y: float) -> list[float]:
        """Return the derivatives of the value with respect to the coefficients, at one point."""
        place = np.array([x, y], dtype=np.float64)
        return [float(term[0]) for term in self._terms(place[:1], place[1:])]

    def _value(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        terms = zip(self._params, self._terms(x, y), strict=True)
        return sum((coefficient * term for coefficient, term in terms), np.zeros(()))

    def _terms(self, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
        """Return the products, in the order of the coefficients."""
        of_x, of_y = self._factors(x, y)
        return [of_x[n - j] * of_y[j] for n in range(self._order + 1) for j in range(n + 1)]

    def _factors(self, x: np.ndarray, y: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return the factors of x and those of y, by their orders."""
        raise NotImplementedError(f"{type(self).__name__} does not define its terms")


class PolynomialFunction2D(BasePolynomialFunction2D):
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

    def _factors(self, x: np.ndarray, y: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        orders = range(self._order + 1)
        return [x**order for order in orders], [y**order for order in orders]

    def _label(self) -> str:
        return f"PolynomialFunction2 [{self._order}]: "


class Chebyshev1Function2D(BasePolynomialFunction2D):
    """A sum of products of Chebyshev polynomials of two variables, up to a total order.

    Parameters
    ----------
    params : `int` or sequence of `float`
        Order, with coefficients of zero at first; or the coefficients, in the order of those of
        `PolynomialFunction2D`.
    xyRange : `lsst.geom.Box2D`, optional
        Box at whose edges the polynomials have their arguments -1 and 1; by default from -1 to 1.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the order is negative, or no polynomial has that many coefficients.
    """

    def __init__(self, params: int | Sequence[float], xyRange: Box2D | None = None) -> None:
        super().__init__(params)
        self._box = Box2D(xyRange if xyRange is not None else Box2D(Point2D(-1.0, -1.0), Point2D(1.0, 1.0)))

    def getXYRange(self) -> Box2D:
        """Return the box at whose edges the polynomials have their arguments -1 and 1."""
        return Box2D(self._box)

    def truncate(self, order: int) -> Chebyshev1Function2D:
        """Return a copy without the terms beyond a total order.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if that order is higher than that of the polynomial.
        """
        if order > self._order:
            raise InvalidParameterError(
                f"A polynomial of order {self._order} cannot be truncated to order {order}"
            )
        return Chebyshev1Function2D(self._params[: self.nParametersFromOrder(order)], self._box)

    def _factors(self, x: np.ndarray, y: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        low, high = self._box.getMin(), self._box.getMax()
        of_x = np.polynomial.chebyshev.chebvander(_scaled(x, low.getX(), high.getX()), self._order)
        of_y = np.polynomial.chebyshev.chebvander(_scaled(y, low.getY(), high.getY()), self._order)
        return list(np.moveaxis(of_x, -1, 0)), list(np.moveaxis(of_y, -1, 0))

    def _label(self) -> str:
        return f"Chebyshev1Function2 [{self._order}, {self._box}]"


def _scaled(x: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the argument of a Chebyshev polynomial, from -1 at ``low`` to 1 at ``high``."""
    return (x - (low + high) / 2.0) * (2.0 / (high - low))


def _coefficients(function: BasePolynomialFunction2D) -> Column:
    """Return the column with the coefficients of a polynomial."""
    doc = "polynomial coefficients, ordered (x,y) [0,0; 1,0; 0,1; 2,0; 1,1; 0,2; ...]"
    return Column("coefficients", f"{function.getNParameters()}D", doc, tccls="Array")


def _read_polynomial(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> PolynomialFunction2D:
    return PolynomialFunction2D(np.atleast_1d(catalogs[0].rows[0]["coefficients"]).tolist())


def _write_polynomial(function: PolynomialFunction2D, archive: OutputArchive) -> list[ArchiveCatalog]:
    row = {"coefficients": np.array(function.getParameters())}
    return [ArchiveCatalog("PolynomialFunction2D", (_coefficients(function),), [row])]


register(
    PolynomialFunction2D,
    "PolynomialFunction2D",
    "lsst.afw.math",
    read=_read_polynomial,
    write=_write_polynomial,
)


def _read_chebyshev(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> Chebyshev1Function2D:
    row = catalogs[0].rows[0]
    low, high = (Point2D(float(row[f"{end}_x"]), float(row[f"{end}_y"])) for end in ("min", "max"))
    return Chebyshev1Function2D(np.atleast_1d(row["coefficients"]).tolist(), Box2D(low, high))


def _write_chebyshev(function: Chebyshev1Function2D, archive: OutputArchive) -> list[ArchiveCatalog]:
    box = function.getXYRange()
    corners = {"min": box.getMin(), "max": box.getMax()}
    columns = [_coefficients(function)]
    row: dict[str, Any] = {"coefficients": np.array(function.getParameters())}
    for end, corner in corners.items():
        for axis, value in zip("xy", corner, strict=True):
            columns.append(Column(f"{end}_{axis}", "1D", f"{end}imum point for function's bbox", "pixel"))
            row[f"{end}_{axis}"] = value
    return [ArchiveCatalog("Chebyshev1Function2D", tuple(columns), [row])]


register(
    Chebyshev1Function2D,
    "Chebyshev1Function2D",
    "lsst.afw.math",
    read=_read_chebyshev,
    write=_write_chebyshev,
)
