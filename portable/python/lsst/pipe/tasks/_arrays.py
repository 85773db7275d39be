# SPDX-License-Identifier: GPL-3.0-or-later
"""Filling and smoothing of small arrays that have bad pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsst.afw import math as afwMath
from lsst.pex.exceptions import InvalidParameterError, OutOfRangeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ("interpolate1D", "interpolateBadPixels", "smoothArray")


def interpolate1D(
    method: afwMath.Interpolate.Style,
    xSample: NDArray[np.floating],
    ySample: NDArray[np.floating],
    xInterp: NDArray[np.floating],
) -> NDArray[np.floating]:
    """Interpolate through samples, in a lower order where there are too few of them.

    Parameters
    ----------
    method : `lsst.afw.math.Interpolate.Style`
        Interpolation to try first.
    xSample, ySample : `numpy.ndarray`
        Samples, shape ``(n,)``, in ascending order of x.
    xInterp : `numpy.ndarray`
        Positions to interpolate at, shape ``(m,)``.

    Returns
    -------
    yInterp : `numpy.ndarray`
        Values, shape ``(m,)``; NaN when there is no sample.
    """
    styles = [method]
    if len(xSample) > 0:
        styles += [afwMath.lookupMaxInterpStyle(len(xSample)), afwMath.Interpolate.CONSTANT]
        for style in dict.fromkeys(styles):
            try:
                curve = afwMath.makeInterpolate(
                    np.asarray(xSample, dtype=float), np.asarray(ySample, dtype=float), style
                )
                return np.asarray(curve.interpolate(np.asarray(xInterp, dtype=float)))
            except (InvalidParameterError, OutOfRangeError, RuntimeError):
                continue
    return np.full(len(xInterp), np.nan)


def interpolateBadPixels(
    array: NDArray[np.floating], isBad: NDArray[np.bool_], interpolationStyle: str
) -> None:
    """Fill the bad pixels of an array in place, from good ones of their row, then of their column.

    Parameters
    ----------
    array : `numpy.ndarray`
        Pixels, shape ``(ny, nx)``; changed. A bad pixel in a row without any good one keeps its value
        unless that is NaN.
    isBad : `numpy.ndarray`
        True for the pixels to fill, shape ``(ny, nx)``.
    interpolationStyle : `str`
        Name of the interpolation: CONSTANT, LINEAR, NATURAL_SPLINE or AKIMA_SPLINE.

    Raises
    ------
    RuntimeError
        When all pixels are bad.
    """
    if np.all(isBad):
        raise RuntimeError(
            f"No good pixels in image array: all {isBad.size} of shape (ny, nx) = {isBad.shape} are bad, "
            "so there is nothing to interpolate from."
        )
    method = afwMath.stringToInterpStyle(interpolationStyle)
    _fill_rows(array, isBad, method)
    _fill_rows(array.T, np.isnan(array.T), method)


def _fill_rows(
    array: NDArray[np.floating], bad: NDArray[np.bool_], method: afwMath.Interpolate.Style
) -> None:
    position = np.arange(array.shape[1], dtype=float)
    for i in np.flatnonzero(bad.any(axis=1) & ~bad.all(axis=1)):
        good = ~bad[i]
        array[i, bad[i]] = interpolate1D(method, position[good], array[i, good], position[bad[i]])


def smoothArray(array: NDArray[np.floating], bad: NDArray[np.bool_], sigma: float) -> NDArray[np.floating]:
    """Smooth an array with a Gaussian that leaves bad pixels out.

    The weights of the good pixels under the Gaussian are made to sum to one, also at the edges of the array.

    Parameters
    ----------
    array : `numpy.ndarray`
        Pixels, shape ``(ny, nx)``.
    bad : `numpy.ndarray`
        True for pixels that do not count, shape ``(ny, nx)``.
    sigma : `float`
        Standard deviation of the Gaussian (pixels).

    Returns
    -------
    smoothed : `numpy.ndarray`
        Shape ``(ny, nx)``; NaN where no good pixel is within reach of the Gaussian (4 sigma).
    """
    from scipy.ndimage import gaussian_filter  # its import takes longer than most tasks need

    signal = gaussian_filter(np.where(bad, array.dtype.type(0), array), sigma, mode="constant", cval=0.0)
    weight = gaussian_filter(np.where(bad, 0.0, 1.0), sigma, mode="constant", cval=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return signal / weight
