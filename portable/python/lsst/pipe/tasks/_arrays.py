# SPDX-License-Identifier: GPL-3.0-or-later
"""Filling and smoothing of small arrays with bad pixels."""

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
    """Interpolate through samples, with a lower order if there are too few of them.

    Parameters
    ----------
    method : `lsst.afw.math.Interpolate.Style`
        Interpolation style to try first.
    xSample, ySample : `numpy.ndarray`
        Samples, shape ``(n,)``, in ascending order of x.
    xInterp : `numpy.ndarray`
        Positions at which to interpolate, shape ``(m,)``.

    Returns
    -------
    yInterp : `numpy.ndarray`
        Values, shape ``(m,)``; NaN if there is no sample.
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
    """Fill the bad pixels of an array in place, from good ones in their row, then in their column.

    Parameters
    ----------
    array : `numpy.ndarray`
        Pixels, shape ``(ny, nx)``. Modified. A bad pixel in a row without any good one keeps its value unless
        that is NaN.
    isBad : `numpy.ndarray`
        True for the pixels to fill, shape ``(ny, nx)``.
    interpolationStyle : `str`
        Name of the interpolation style: CONSTANT, LINEAR, NATURAL_SPLINE or AKIMA_SPLINE.

    Raises
    ------
    RuntimeError
        Raised if all pixels are bad.
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
    """Smooth an array with a Gaussian, ignoring bad pixels.

    The weights of the good pixels under the Gaussian are normalized to one, including at the edges.

    Parameters
    ----------
    array : `numpy.ndarray`
        Pixels, shape ``(ny, nx)``.
    bad : `numpy.ndarray`
        True for pixels to ignore, shape ``(ny, nx)``.
    sigma : `float`
        Standard deviation of the Gaussian (pixels).

    Returns
    -------
    smoothed : `numpy.ndarray`
        Smoothed array, shape ``(ny, nx)``; NaN where no good pixel lies within 4 sigma.
    """
    from scipy.ndimage import gaussian_filter  # slow to import, and few tasks need it

    signal = gaussian_filter(np.where(bad, array.dtype.type(0), array), sigma, mode="constant", cval=0.0)
    weight = gaussian_filter(np.where(bad, 0.0, 1.0), sigma, mode="constant", cval=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return signal / weight
