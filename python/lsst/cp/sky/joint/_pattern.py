# SPDX-License-Identifier: GPL-3.0-or-later
"""The static pattern as a model for masking: gaps filled, noise taken out, evaluated at pixels."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy import ndimage as ndi

from ._grid import Grid
from ._parameters import JointParameters, PatternParameters
from ._plane import Site, order_of
from ._solution import Solution

__all__ = ("denoise_pattern", "fill_gaps", "model_bins", "model_pixels", "pattern_models")

_NOISE = (0.89, 0.2, 0.086, 0.041, 0.020)
"""Standard deviation of the wavelet coefficients of white noise of unit variance, by scale (Starck &
Murtagh)."""


def fill_gaps(values: np.ndarray, rounds: int = 50) -> np.ndarray:
    """Fill values that are not finite with means of neighbours, outwards; zero where none is near.

    Parameters
    ----------
    values : `numpy.ndarray`, ``(ny, nx)``
        Values, with NaN in the gaps.
    rounds : `int`, optional
        Maximum number of steps outwards.

    Returns
    -------
    filled : `numpy.ndarray`, ``(ny, nx)``
        The values, with gaps filled.
    """
    out = np.array(values, dtype=np.float64)
    kernel = np.ones((3, 3))
    for _ in range(rounds):
        gap = ~np.isfinite(out)
        if not gap.any():
            break
        total = ndi.convolve(np.where(gap, 0, out), kernel, mode="constant")
        number = ndi.convolve((~gap).astype(float), kernel, mode="constant")
        take = gap & (number > 0)
        if not take.any():
            break
        out[take] = total[take] / number[take]
    return np.where(np.isfinite(out), out, 0.0)


def pattern_models(
    solution: Solution, sites: Sequence[Site], recurrence: float, parameters: JointParameters
) -> list[np.ndarray]:
    """Make the pattern of each detector into a model for the next pass.

    Parameters
    ----------
    solution : `Solution`
        Solution of the previous pass.
    sites : `~collections.abc.Sequence` [`Site`]
        Detectors.
    recurrence : `float`
        How often objects recur in place; where they do, more bins are filled from neighbours.
    parameters : `JointParameters`
        Thresholds.

    Returns
    -------
    models : `list` [`numpy.ndarray`]
        ``(ny, nx)`` each, finite.
    """
    how, static = parameters.pattern, parameters.static
    if recurrence > static.recurrence:
        how = dataclasses.replace(how, fill=static.fill)
    return [
        denoise_pattern(pattern, information, site.grid, how, solution.excess)
        for pattern, information, site in zip(solution.pattern, solution.information, sites, strict=True)
    ]


def denoise_pattern(
    pattern: np.ndarray,
    information: np.ndarray,
    grid: Grid,
    parameters: PatternParameters,
    excess: float = 1.0,
) -> np.ndarray:
    """Remove noise from a pattern, within amplifiers, so that no step between them is smoothed.

    Parameters
    ----------
    pattern : `numpy.ndarray`, ``(ny, nx)``
        Pattern in bins (fraction of the sky); NaN in gaps.
    information : `numpy.ndarray`, ``(ny, nx)``
        Inverse variance of the pattern; 0 in gaps. Bins with little of it are filled from their neighbours.
    grid : `Grid`
        Bins.
    parameters : `PatternParameters`
        Threshold and scales.
    excess : `float`, optional
        Factor by which errors exceed those that the information gives (1.25 for medians).

    Returns
    -------
    model : `numpy.ndarray`, ``(ny, nx)``, float64
        Finite everywhere. Hard thresholds on an undecimated starlet transform, each coefficient weighed
        against its own error and that of the mean around it, whichever is larger.
    """
    known = information > 0
    median = np.median(information[known]) if known.any() else 0.0
    out = fill_gaps(np.where(known & (information >= parameters.fill * median), pattern, np.nan))
    if not parameters.threshold:
        return out
    weight = np.where(known, information, 1e-6 * max(float(information.max()), 1e-30))
    for rows in grid.y.segments.slices():
        for columns in grid.x.segments.slices():
            part = (rows, columns)
            out[part] = _starlet(out[part], weight[part], parameters, excess)
    return out


def _starlet(
    values: np.ndarray, weight: np.ndarray, parameters: PatternParameters, excess: float
) -> np.ndarray:
    """Weighted starlet transform of one segment, thresholded and put together again."""
    error = excess / np.sqrt(weight)
    kept = np.zeros_like(values)
    for level in range(min(parameters.levels, len(_NOISE))):
        if 2 * 2**level > max(values.shape):
            break
        around = _smooth(weight, level)
        low = _smooth(weight * values, level) / around
        detail = values - low
        sigma = _NOISE[level] * np.maximum(error, excess / np.sqrt(np.maximum(around, 1e-30)))
        kept += np.where(np.abs(detail) > parameters.threshold * sigma, detail, 0)
        values = low
    return kept + values


def _smooth(values: np.ndarray, level: int) -> np.ndarray:
    """Smooth by a B3 spline with holes of ``2**level``, mirrored at the edges."""
    kernel = np.zeros(4 * 2**level + 1)
    kernel[:: 2**level] = np.array([1, 4, 6, 4, 1]) / 16
    return ndi.convolve1d(
        ndi.convolve1d(values, kernel, axis=0, mode="mirror"), kernel, axis=1, mode="mirror"
    )


def model_pixels(
    pattern: np.ndarray, coefficients: np.ndarray, site: Site, rows: slice = slice(None)
) -> np.ndarray:
    """Return a model of an exposure of nothing but sky: sky times one plus pattern.

    Parameters
    ----------
    pattern : `numpy.ndarray`, ``(ny, nx)``
        Pattern in bins, finite.
    coefficients : `numpy.ndarray`, (terms,)
        Coefficients of the sky of the exposure.
    site : `Site`
        Bins and place of the detector.
    rows : `slice`, optional
        Rows of pixels to evaluate; all by default.

    Returns
    -------
    model : `numpy.ndarray`, ``(rows, columns)``, float32
        The model in the rows.
    """
    model = site.grid.pixels(pattern, rows)
    model += np.float32(1)
    model *= site.sky_pixels(coefficients, rows)
    return model


def model_bins(pattern: np.ndarray, coefficients: np.ndarray, site: Site) -> np.ndarray:
    """Return the mean over each bin of what `model_pixels` returns, to second order; ``(ny, nx)``.

    The pixels of a pattern have the mean of the bin, and a sky changes little within one: the product of the
    means is the mean of the product but for the slopes of both, which are multiplied by the square of a bin's
    side.
    """
    functions = site.functions(order_of(len(coefficients)))
    return (functions @ coefficients).reshape(site.grid.shape) * (1 + pattern)
