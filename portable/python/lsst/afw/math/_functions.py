# SPDX-License-Identifier: GPL-3.0-or-later
"""Gaussian functions that kernels are made of: `GaussianFunction1D` and `GaussianFunction2D`."""

import math
from typing import Any

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

__all__ = ("GaussianFunction1D", "GaussianFunction2D")


class GaussianFunction1D:
    """Gaussian of unit integral, centred on 0.

    Parameters
    ----------
    sigma : `float`
        Standard deviation, positive.
    """

    def __init__(self, sigma: float) -> None:
        self._sigma = _positive(sigma, "sigma")

    def __call__(self, x: Any) -> Any:
        """Value at ``x``, a number or an array."""
        value = np.exp(-np.square(x) / (2.0 * self._sigma**2)) / (self._sigma * math.sqrt(2.0 * math.pi))
        return value if np.ndim(x) else float(value)

    def getParameters(self) -> list[float]:
        """Standard deviation, in a list."""
        return [self._sigma]


class GaussianFunction2D:
    """Elliptical Gaussian of unit integral, centred on (0, 0).

    Parameters
    ----------
    sigma1, sigma2 : `float`
        Standard deviations along the axes of the ellipse, positive.
    angle : `float`, optional
        Angle from x to the first axis, in radians.
    """

    def __init__(self, sigma1: float, sigma2: float, angle: float = 0.0) -> None:
        self._sigma1, self._sigma2 = _positive(sigma1, "sigma1"), _positive(sigma2, "sigma2")
        self._angle = float(angle)

    def __call__(self, x: Any, y: Any) -> Any:
        """Value at ``x`` and ``y``, numbers or arrays that broadcast."""
        cos, sin = math.cos(self._angle), math.sin(self._angle)
        first, second = (cos * x + sin * y) / self._sigma1, (cos * y - sin * x) / self._sigma2
        return np.exp(-0.5 * (first**2 + second**2)) / (2.0 * math.pi * self._sigma1 * self._sigma2)

    def getParameters(self) -> list[float]:
        """Both standard deviations and the angle."""
        return [self._sigma1, self._sigma2, self._angle]


def _positive(value: float, name: str) -> float:
    if not value > 0:
        raise InvalidParameterError(f"{name} of a Gaussian has to be positive, got {value}")
    return float(value)
