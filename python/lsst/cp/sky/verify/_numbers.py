# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics by which sky frames and exposures are judged, as functions of arrays.

Everything is per cell of a background and a fraction of the sky unless stated otherwise; a cell without a
value is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = (
    "OUTLIER_SIGMAS",
    "Clipped",
    "amplifier_levels",
    "cell_photon_variance",
    "cell_sums",
    "clipped",
    "clipped_mean",
    "deviation_error",
    "error_of_mean",
    "finite_median",
    "inputs_per_cell",
    "leave_one_out",
    "median_of_others",
    "outlier_fraction",
    "residual_factor",
    "split_half_noise",
)

_SIGMAS, _ROUNDS = 3.0, 3
OUTLIER_SIGMAS = 5.0
"""Deviation of a cell, in units of its noise, beyond which it counts as an outlier."""
_IQR_TO_SIGMA = 0.741301


class Clipped(NamedTuple):
    """Mean and scatter of values without outliers."""

    mean: float
    rms: float
    """Standard deviation about the mean."""
    fraction: float
    """Fraction of the finite values that were clipped."""

    @property
    def total(self) -> float:
        """Root mean square about zero."""
        return math.hypot(self.mean, self.rms)


def clipped(values: NDArray[np.floating]) -> Clipped:
    """Return mean and standard deviation of the finite values, clipped three times at three sigma."""
    finite = np.asarray(values, dtype=float)[np.isfinite(values)]
    if not finite.size:
        return Clipped(math.nan, math.nan, math.nan)
    kept = finite
    for _ in range(_ROUNDS):
        centre, sigma = kept.mean(), kept.std()
        inside = np.abs(finite - centre) <= _SIGMAS * sigma
        if not inside.any():
            break
        kept = finite[inside]
    return Clipped(float(kept.mean()), float(kept.std()), 1.0 - kept.size / finite.size)


def finite_median(values: ArrayLike) -> float:
    """Return the median of the finite values; NaN if there are none."""
    array = np.asarray(values, dtype=float)
    finite = array[np.isfinite(array)]
    return float(np.median(finite)) if finite.size else math.nan


def cell_sums(image: NDArray, cells: tuple[int, int]) -> NDArray[np.floating]:
    """Sum of the pixels ``(ny, nx)`` in each cell, of shape ``cells``, with the cells of a background."""
    edges = [(np.arange(n) * length + n // 2) // n for n, length in zip(cells, image.shape, strict=True)]
    for edge in edges:
        edge[0] = 0
    rows = np.add.reduceat(image, edges[0], axis=0, dtype=np.float64)
    return np.asarray(np.add.reduceat(rows, edges[1], axis=1))


def cell_photon_variance(
    variance: NDArray[np.floating], good: NDArray[np.bool_], cells: tuple[int, int], scale: float
) -> NDArray[np.floating]:
    """Return the variance of each cell due to the noise of its pixels alone.

    Parameters
    ----------
    variance : `numpy.ndarray`, ``(ny, nx)``
        Variance of the pixels, in the units of the image, squared.
    good : `numpy.ndarray`, ``(ny, nx)``, bool
        Pixels to use.
    cells : `tuple` [`int`, `int`]
        Rows and columns of cells.
    scale : `float`
        Sky scale of the exposure, in the units of the image.

    Returns
    -------
    variance : `numpy.ndarray`, of shape ``cells``
        Variance of each cell; with ``n`` good pixels of variances ``v`` it is ``sum(v) / (n scale)^2``. NaN
        if there is no good pixel.
    """
    usable = good & np.isfinite(variance)
    number = cell_sums(usable, cells)
    total = cell_sums(np.where(usable, variance, 0.0), cells)
    result = np.full(cells, np.nan)
    np.divide(total, np.square(number * scale), out=result, where=number > 0)
    return result


def residual_factor(inputs: int, used: bool) -> float:
    """Noise of an exposure less the mean of ``inputs`` exposures, in units of the noise of one.

    An exposure that is itself in the mean takes a part of its own noise away; NaN where it is the only one.
    """
    if inputs < 1:
        return 1.0
    factor = math.sqrt(1 - 1 / inputs) if used else math.sqrt(1 + 1 / inputs)
    return factor or math.nan


def deviation_error(errors: NDArray[np.floating], number: int) -> NDArray[np.floating]:
    """Return the standard error of one member minus the median of the others.

    Parameters
    ----------
    errors : `numpy.ndarray`, ``(E, ...)``
        Standard errors of all members; NaN where a member has no value.
    number : `int`
        Position of the member.

    Notes
    -----
    The variance of a median of ``n`` normal values of error ``s`` is close to ``pi s^2 / (2 n + pi - 2)``
    (within 4 per cent of the error that results here, for any ``n``). Where errors differ, ``s`` is their
    harmonic mean, which is right for many.
    """
    others = np.delete(np.asarray(errors, dtype=float), number, axis=0)
    known = np.isfinite(others) & (others > 0)
    count = known.sum(axis=0)
    inverse = np.where(known, 1 / np.where(known, others, 1.0), 0.0).sum(axis=0)
    usual = np.where(count > 0, count / np.where(count > 0, inverse, 1.0), np.nan)
    return np.asarray(np.sqrt(errors[number] ** 2 + math.pi * usual**2 / (2 * count + math.pi - 2)))


def clipped_mean(stack: NDArray[np.floating]) -> NDArray[np.floating]:
    """Mean over the first axis, outliers clipped: about the median first, then about the mean.

    As the average that makes the sky frame, so that what is said of it holds; NaN where nothing is finite.
    """
    values = np.array(stack, dtype=float)
    empty = ~np.isfinite(values).any(axis=0)
    values[:, empty] = 0.0
    low, centre, high = np.nanpercentile(values, (25, 50, 75), axis=0)
    sigma = _IQR_TO_SIGMA * (high - low)
    for _ in range(_ROUNDS):
        outside = np.abs(values - centre) > np.where(sigma > 0, _SIGMAS * sigma, np.inf)
        remaining = np.where(outside, np.nan, values)
        centre, sigma = np.nanmean(remaining, axis=0), np.nanstd(remaining, axis=0)
    centre[empty] = np.nan
    return np.asarray(centre)


def median_of_others(stack: NDArray[np.floating], number: int) -> NDArray[np.floating]:
    """Median over the first axis without one of its members; NaN where no other has a value."""
    others = np.delete(np.asarray(stack, dtype=float), number, axis=0)
    result = np.full(others.shape[1:], np.nan)
    known = np.isfinite(others).any(axis=0)
    result[known] = np.nanmedian(others[:, known], axis=0)
    return result


def leave_one_out(stack: NDArray[np.floating]) -> list[NDArray[np.floating]]:
    """How far each member pulls the mean: the mean of all less the mean without it; NaN for a single one."""
    if len(stack) < 2:
        return [np.full(layer.shape, np.nan) for layer in stack]
    whole = clipped_mean(stack)
    return [whole - clipped_mean(np.delete(stack, i, axis=0)) for i in range(len(stack))]


def split_half_noise(stack: NDArray[np.floating]) -> NDArray[np.floating]:
    """One draw of the noise of the mean in each cell, from the means of every other member and of the rest.

    With ``n1`` and ``n2`` members the difference of the means has ``1 / n1 + 1 / n2`` times the variance of
    one, the mean of all ``1 / (n1 + n2)`` times. NaN in cells that only one half has.
    """
    if len(stack) < 2:
        return np.full(stack.shape[1:], np.nan)
    halves = stack[::2], stack[1::2]
    first, second = (inputs_per_cell(half) for half in halves)
    both = (first > 0) & (second > 0)
    factor = np.full(stack.shape[1:], np.nan)
    factor[both] = np.sqrt(1 / (first + second)[both] / (1 / first[both] + 1 / second[both]))
    return factor * (clipped_mean(halves[0]) - clipped_mean(halves[1]))


def error_of_mean(stack: NDArray[np.floating], errors: NDArray[np.floating]) -> NDArray[np.floating]:
    """Standard error of the mean over the first axis, of members that have a value; NaN where none has."""
    known = np.isfinite(stack) & np.isfinite(errors)
    count = known.sum(axis=0)
    total = np.square(np.where(known, errors, 0.0)).sum(axis=0)
    return np.divide(np.sqrt(total), count, out=np.full(count.shape, np.nan), where=count > 0)


def outlier_fraction(sigmas: NDArray[np.floating]) -> float:
    """Fraction of the finite values beyond `OUTLIER_SIGMAS`; NaN where there is none."""
    finite = sigmas[np.isfinite(sigmas)]
    return float(np.mean(np.abs(finite) > OUTLIER_SIGMAS)) if finite.size else math.nan


def inputs_per_cell(stack: NDArray[np.floating]) -> NDArray[np.integer]:
    """How many members have a value, per cell."""
    return np.asarray(np.isfinite(stack).sum(axis=0))


def amplifier_levels(
    cells: NDArray[np.floating], size: tuple[int, int], boxes: Iterable[Sequence[int]]
) -> NDArray[np.floating]:
    """Median of the cells of each amplifier, less the median of the detector.

    Parameters
    ----------
    cells : `numpy.ndarray`, ``(ny, nx)``
        Sky frame of the detector.
    size : `tuple` [`int`, `int`]
        Rows and columns of pixels.
    boxes : `~collections.abc.Iterable`
        First and last row, first and last column of each amplifier, pixels.

    Returns
    -------
    levels : `numpy.ndarray`
        NaN for an amplifier that no centre of a cell falls on.
    """
    rows, columns = ((np.arange(n) + 0.5) * s / n for n, s in zip(cells.shape, size, strict=True))
    known = np.isfinite(cells)
    if not known.any():
        return np.full(len(list(boxes)), np.nan)
    centre = np.median(cells[known])
    levels = []
    for top, bottom, left, right in boxes:
        inside = ((rows >= top) & (rows < bottom + 1))[:, None] & ((columns >= left) & (columns < right + 1))
        found = cells[inside & known]
        levels.append(np.median(found) - centre if found.size else np.nan)
    return np.array(levels)
