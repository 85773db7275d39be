# SPDX-License-Identifier: GPL-3.0-or-later
"""One-dimensional interpolation: `Interpolate` and `makeInterpolate`."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import TypeAlias, overload

import numpy as np

from lsst.pex.exceptions import InvalidParameterError, OutOfRangeError
from lsst.portable.arguments import require
from lsst.portable.arrays.interpolate import MIN_POINTS, evaluate_scattered, max_style, pieces

__all__ = (
    "Interpolate",
    "lookupMaxInterpStyle",
    "lookupMinInterpPoints",
    "makeInterpolate",
    "stringToInterpStyle",
)


class InterpStyle(enum.IntEnum):
    """Interpolation styles."""

    def __str__(self) -> str:
        return f"Style.{self.name}"

    UNKNOWN = -1
    """Not set."""
    CONSTANT = 0
    """Steps."""
    LINEAR = 1
    """Straight lines."""
    NATURAL_SPLINE = 2
    """Cubic spline with zero second derivative at its ends."""
    CUBIC_SPLINE = 3
    """The same as NATURAL_SPLINE."""
    CUBIC_SPLINE_PERIODIC = 4
    """Cubic spline with equal slopes and curvatures at both ends."""
    AKIMA_SPLINE = 5
    """Akima spline, which does not ring next to outliers."""
    AKIMA_SPLINE_PERIODIC = 6
    """Akima spline with periodic slopes."""
    NUM_STYLES = 7
    """Number of styles."""


class Interpolate:
    """A function through given points; created by `makeInterpolate`.

    Parameters
    ----------
    x, y : sequence of `float`
        Points, ascending in x.
    style : `Interpolate.Style`
        Interpolation style.
    """

    Style: TypeAlias = InterpStyle
    UNKNOWN = InterpStyle.UNKNOWN
    CONSTANT = InterpStyle.CONSTANT
    LINEAR = InterpStyle.LINEAR
    NATURAL_SPLINE = InterpStyle.NATURAL_SPLINE
    CUBIC_SPLINE = InterpStyle.CUBIC_SPLINE
    CUBIC_SPLINE_PERIODIC = InterpStyle.CUBIC_SPLINE_PERIODIC
    AKIMA_SPLINE = InterpStyle.AKIMA_SPLINE
    AKIMA_SPLINE_PERIODIC = InterpStyle.AKIMA_SPLINE_PERIODIC
    NUM_STYLES = InterpStyle.NUM_STYLES

    def __init__(
        self, x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray, style: InterpStyle
    ) -> None:
        require("style of makeInterpolate", style, InterpStyle)
        nodes, values = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        if nodes.ndim != 1 or nodes.shape != values.shape:
            raise InvalidParameterError(
                f"Dimensions of x and y must match and be 1; got {nodes.shape} and {values.shape}"
            )
        if style == InterpStyle.UNKNOWN:
            raise InvalidParameterError("No interpolation style is set (UNKNOWN); choose one, such as LINEAR")
        self._function = pieces(nodes, values[:, np.newaxis], _checked(style))

    @overload
    def interpolate(self, x: float) -> float: ...
    @overload
    def interpolate(self, x: Sequence[float] | np.ndarray) -> np.ndarray: ...
    def interpolate(self, x: float | Sequence[float] | np.ndarray) -> float | np.ndarray:
        """Interpolate at one or several points.

        Parameters
        ----------
        x : `float` or sequence of `float`
            Where to interpolate; beyond the points, the function continues as a quadratic (CONSTANT: flat).

        Returns
        -------
        value : `float` or `numpy.ndarray`
            One value for each point.
        """
        points = np.asarray(x, dtype=np.float64)
        values = evaluate_scattered(self._function, points.reshape(-1))[:, 0]
        return values.reshape(points.shape) if points.ndim else float(values[0])


def makeInterpolate(
    x: Sequence[float] | np.ndarray,
    y: Sequence[float] | np.ndarray,
    style: InterpStyle = InterpStyle.AKIMA_SPLINE,
) -> Interpolate:
    """Interpolate between points.

    Parameters
    ----------
    x, y : sequence of `float`
        Points, ascending in x. A NaN among the values gives NaN.
    style : `Interpolate.Style`, optional
        Interpolation style.

    Returns
    -------
    interpolate : `Interpolate`
        The interpolating function.

    Raises
    ------
    lsst.pex.exceptions.OutOfRangeError
        Raised if there are fewer points than the style needs.
    lsst.pex.exceptions.InvalidParameterError
        Raised if the style is UNKNOWN, or the numbers of points differ.
    lsst.pex.exceptions.RuntimeError
        Raised if x does not ascend.
    """
    return Interpolate(x, y, style)


def stringToInterpStyle(style: str) -> InterpStyle:
    """Look up an interpolation style by name.

    Parameters
    ----------
    style : `str`
        Name of an `Interpolate.Style`.

    Returns
    -------
    style : `Interpolate.Style`
        The style of that name.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no such style.
    """
    names = [member.name for member in InterpStyle if 0 <= member < InterpStyle.NUM_STYLES]
    if style not in names:
        raise InvalidParameterError(
            f"Unknown interpolation style {style!r}; expected one of {', '.join(names)}"
        )
    return InterpStyle[style]


def lookupMaxInterpStyle(n: int) -> InterpStyle:
    """Return the best interpolation style that a number of points allows.

    Parameters
    ----------
    n : `int`
        Number of points, at least 1.

    Returns
    -------
    style : `Interpolate.Style`
        The style.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no point.
    """
    if n < 1:
        raise InvalidParameterError(f"Interpolation needs at least 1 point, got {n}")
    return InterpStyle(max_style(int(n)))


def lookupMinInterpPoints(style: InterpStyle) -> int:
    """Return the number of points that an interpolation style needs.

    Parameters
    ----------
    style : `Interpolate.Style`
        The style.

    Returns
    -------
    n : `int`
        Number of points.

    Raises
    ------
    lsst.pex.exceptions.OutOfRangeError
        Raised if there is no such style.
    """
    return MIN_POINTS[_checked(style)]


def _checked(style: int) -> int:
    """Return the number of a style, after checking that it is in range."""
    if not 0 <= int(style) < InterpStyle.NUM_STYLES:
        raise OutOfRangeError(f"Style {style!r} is out of range 0..{int(InterpStyle.NUM_STYLES) - 1}")
    return int(style)
