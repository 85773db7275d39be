# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions of one and two variables with parameters, as of kernels: Gaussians, deltas, Lanczos."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from lsst.pex.exceptions import InvalidParameterError, NotFoundError
from lsst.portable.archive import ArchiveCatalog, Persistable, is_persistable, register
from lsst.portable.fits import Column

if TYPE_CHECKING:
    import numpy.typing as npt

    from lsst.portable.archive import InputArchive, OutputArchive

__all__ = (
    "DoubleGaussianFunction2D",
    "Function1D",
    "Function2D",
    "GaussianFunction1D",
    "GaussianFunction2D",
    "IntegerDeltaFunction1D",
    "IntegerDeltaFunction2D",
    "LanczosFunction1D",
    "LanczosFunction2D",
)


class Function(Persistable):
    """A function with parameters; the base of functions of one and of two variables.

    Parameters
    ----------
    params : sequence of `float`
        The parameters.
    """

    _base = "Function"

    def __init__(self, params: Sequence[float]) -> None:
        self._params = [float(value) for value in params]

    def isPersistable(self) -> bool:
        """Return whether this can be written to a file: Gaussians and polynomials of two variables can."""
        return is_persistable(self)

    def getNParameters(self) -> int:
        """Return the number of parameters."""
        return len(self._params)

    def getParameters(self) -> list[float]:
        """Return the parameters."""
        return list(self._params)

    def getParameter(self, index: int) -> float:
        """Return one parameter."""
        return self._params[index]

    def setParameter(self, index: int, value: float) -> None:
        """Set one parameter."""
        self._params[index] = float(value)

    def setParameters(self, params: Sequence[float]) -> None:
        """Set all parameters.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if their number is wrong.
        """
        if len(params) != len(self._params):
            raise InvalidParameterError(
                f"A {type(self).__name__} like this has {len(self._params)} parameters, not {len(params)}"
            )
        self._params = [float(value) for value in params]

    def isLinearCombination(self) -> bool:
        """Return whether the function is linear in its parameters."""
        return False

    def clone(self) -> Self:
        """Return a copy."""
        return copy.deepcopy(self)

    def toString(self, prefix: str = "") -> str:
        """Return a description.

        Parameters
        ----------
        prefix : `str`, optional
            Unused, as on the compiled stack.
        """
        return f"{self._label()}{self._base}: parameters: [ {', '.join(f'{p:g}' for p in self._params)} ]"

    def _label(self) -> str:
        """Return the beginning of the description."""
        return ""


class Function1D(Function):
    """A function of one variable; the interface of its subclasses."""

    _base = "Function1"

    def __call__(self, x: npt.ArrayLike) -> float | np.ndarray:
        """Evaluate at ``x``, a number or an array."""
        return number(self._value(np.asarray(x, dtype=np.float64)))

    def _value(self, x: np.ndarray) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} does not define its value")

    def computeCache(self, n: int) -> None:
        """Do nothing: values are always computed when they are needed."""


class Function2D(Function):
    """A function of two variables; the interface of its subclasses."""

    _base = "Function2"

    def __call__(self, x: npt.ArrayLike, y: npt.ArrayLike) -> float | np.ndarray:
        """Evaluate at ``x`` and ``y``, numbers or arrays that broadcast."""
        return number(self._value(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)))

    def _value(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} does not define its value")

    def getDFuncDParameters(self, x: float, y: float) -> list[float]:
        """Return the derivatives of the value with respect to the parameters, at one point.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if the class does not offer them; polynomials do.
        """
        raise NotFoundError(f"Derivatives are not offered by {type(self).__name__}; polynomials have them")


def number(value: np.ndarray) -> float | np.ndarray:
    """Return an array as it is, but one number as a `float`."""
    return value if np.ndim(value) else float(value)


class GaussianFunction1D(Function1D):
    """A Gaussian of unit integral, centred on 0.

    Parameters
    ----------
    sigma : `float`
        Standard deviation, positive.
    """

    def __init__(self, sigma: float) -> None:
        super().__init__([_positive(sigma, "sigma")])

    def _value(self, x: np.ndarray) -> np.ndarray:
        (sigma,) = self._params
        return np.exp(-np.square(x) / (2.0 * sigma**2)) / (sigma * math.sqrt(2.0 * math.pi))

    def _label(self) -> str:
        return f"GaussianFunction1 [{1 / math.sqrt(2 * math.pi):g}]: "


class GaussianFunction2D(Function2D):
    """An elliptical Gaussian of unit integral, centred on (0, 0).

    Parameters
    ----------
    sigma1, sigma2 : `float`
        Standard deviations along the axes of the ellipse, positive.
    angle : `float`, optional
        Angle from x to the first axis (radians).
    """

    def __init__(self, sigma1: float, sigma2: float, angle: float = 0.0) -> None:
        super().__init__([_positive(sigma1, "sigma1"), _positive(sigma2, "sigma2"), angle])

    def _value(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        sigma1, sigma2, angle = self._params
        cos, sin = math.cos(angle), math.sin(angle)
        first, second = (cos * x + sin * y) / sigma1, (cos * y - sin * x) / sigma2
        return np.exp(-0.5 * (first**2 + second**2)) / (2.0 * math.pi * sigma1 * sigma2)

    def _label(self) -> str:
        return "GaussianFunction2: "


class DoubleGaussianFunction2D(Function2D):
    """A sum of two round Gaussians, of unit integral together, centred on (0, 0).

    Parameters
    ----------
    sigma1 : `float`
        Standard deviation of the first Gaussian.
    sigma2 : `float`, optional
        Standard deviation of the second Gaussian.
    ampl : `float`, optional
        Height of the second Gaussian as a fraction of the first's.
    """

    def __init__(self, sigma1: float, sigma2: float = 0.0, ampl: float = 0.0) -> None:
        super().__init__([sigma1, sigma2, ampl])

    def _value(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        variances, fraction = np.square(self._params[:2]), self._params[2]
        square = x**2 + y**2
        with np.errstate(divide="ignore", invalid="ignore"):
            first, second = (np.exp(-square / (2.0 * variance)) for variance in variances)
            return (first + fraction * second) / (2.0 * math.pi * (variances[0] + fraction * variances[1]))

    def _label(self) -> str:
        return f"DoubleGaussianFunction2 [{1 / (2 * math.pi):g}]: "


class IntegerDeltaFunction1D(Function1D):
    """1 at one place, 0 elsewhere.

    Parameters
    ----------
    xo : `float`
        The place.
    """

    def __init__(self, xo: float) -> None:
        super().__init__([])
        self._place = float(xo)

    def _value(self, x: np.ndarray) -> np.ndarray:
        return (x == self._place).astype(np.float64)

    def _label(self) -> str:
        return f"IntegerDeltaFunction1 [{self._place:g}]: "


class IntegerDeltaFunction2D(Function2D):
    """1 at one place, 0 elsewhere.

    Parameters
    ----------
    xo, yo : `float`
        The place.
    """

    def __init__(self, xo: float, yo: float) -> None:
        super().__init__([])
        self._place = float(xo), float(yo)

    def _value(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return ((x == self._place[0]) & (y == self._place[1])).astype(np.float64)

    def _label(self) -> str:
        return f"IntegerDeltaFunction2 [{self._place[0]:g}, {self._place[1]:g}]: "


class LanczosFunction1D(Function1D):
    """The function sinc(x) sinc(x / n), with sinc(x) = sin(pi x) / (pi x), around an offset.

    Parameters
    ----------
    n : `int`
        Order.
    xOffset : `float`, optional
        The offset, its parameter.
    """

    def __init__(self, n: int, xOffset: float = 0.0) -> None:
        super().__init__([xOffset])
        self._order = int(n)

    def getOrder(self) -> int:
        """Return the order."""
        return self._order

    def _value(self, x: np.ndarray) -> np.ndarray:
        return _lanczos(x - self._params[0], self._order)

    def _label(self) -> str:
        return f"LanczosFunction1 [{self._order}]: "


class LanczosFunction2D(Function2D):
    """The product of a `LanczosFunction1D` of x and one of y.

    Parameters
    ----------
    n : `int`
        Order.
    xOffset, yOffset : `float`, optional
        The offsets, its parameters.
    """

    def __init__(self, n: int, xOffset: float = 0.0, yOffset: float = 0.0) -> None:
        super().__init__([xOffset, yOffset])
        self._order = int(n)

    def getOrder(self) -> int:
        """Return the order."""
        return self._order

    def _value(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return _lanczos(x - self._params[0], self._order) * _lanczos(y - self._params[1], self._order)

    def _label(self) -> str:
        return f"LanczosFunction2 [{self._order}]: "


def _lanczos(x: np.ndarray, order: int) -> np.ndarray:
    return np.sinc(x) * np.sinc(x / order)


def _positive(value: float, name: str) -> float:
    if not value > 0:
        raise InvalidParameterError(f"{name} of a Gaussian has to be positive, got {value}")
    return float(value)


def _register(cls: type[Function2D], name: str, columns: dict[str, str]) -> None:
    """Register how a function is stored that is made from its parameters, each in a column of its own."""
    make: Callable[..., Function2D] = cls

    def read(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> Function2D:
        row = catalogs[0].rows[0]
        return make(*(float(row[column]) for column in columns))

    def write(function: Function2D, archive: OutputArchive) -> list[ArchiveCatalog]:
        row = dict(zip(columns, function.getParameters(), strict=True))
        return [ArchiveCatalog(name, tuple(Column(key, "1D", doc) for key, doc in columns.items()), [row])]

    register(cls, name, "lsst.afw.math", read=read, write=write)


_register(
    GaussianFunction2D,
    "GaussianFunction2D",
    {
        "sigma1": "sigma along axis 1",
        "sigma2": "sigma along axis 2",
        "angle": "angle of axis 1 in rad (along x=0, y=pi/2)",
    },
)
_register(
    DoubleGaussianFunction2D,
    "DoubleGaussianFunction2D",
    {
        "sigma1": "sigma of first Gaussian",
        "sigma2": "sigma of second Gaussian",
        "ampl2": "peak of second Gaussian relative to peak of first",
    },
)
