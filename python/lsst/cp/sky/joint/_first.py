# SPDX-License-Identifier: GPL-3.0-or-later
"""The first solve, of medians, while no object is masked."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from ._bins import Bins
from ._gauge import project_pattern
from ._parameters import SolveParameters
from ._plane import Site, project_out, solve_normal, terms
from ._solution import Skies, Solution

__all__ = ("solve_medians",)

_SAMPLE = 50_000
"""Bins of the focal plane from which skies are taken; more do not make them better."""
_EXCESS = 1.2533
"""Standard error of a median over that of a mean."""
_LEAST_ORDER = 4
"""Minimum order of the first skies: effects of objects are removed from the pattern along with them."""


def solve_medians(sites: Sequence[Site], bins: Sequence[Bins], parameters: SolveParameters) -> Solution:
    """Solve for skies and pattern from medians of bins, treating objects as outliers.

    Skies are fitted to a sample of bins without outliers, which are rejected more readily if bright.
    The pattern of a bin is the median over exposures of what it has more than the sky, so that an object,
    which moves from exposure to exposure, has no part in it.

    Parameters
    ----------
    sites : `~collections.abc.Sequence` [`Site`]
        Detectors.
    bins : `~collections.abc.Sequence` [`Bins`]
        Medians, counts and variances ``(E, ny, nx)`` of each detector; read one after the other.
    parameters : `SolveParameters`
        Parameters of the solve; orders are used.

    Returns
    -------
    solution : `Solution`
        The first solution.
    """
    order = max(parameters.order, _LEAST_ORDER)
    functions, sample = _draw_sample(sites, bins, order)
    coefficients = _fit_skies(sample, functions)
    pattern, information = [], []
    for site, one in zip(sites, bins, strict=True):
        sky = coefficients @ site.functions(order).T
        mean = one.mean.reshape(len(sky), -1)
        have = (one.count > 0).reshape(mean.shape) & np.isfinite(mean)
        pattern.append(_median(np.where(have, mean / sky - 1, np.nan)).reshape(site.grid.shape))
        variance = np.broadcast_to(one.variance, one.mean.shape).reshape(mean.shape)
        weight = np.where(have, one.count.reshape(mean.shape) * sky**2 / variance, 0)
        information.append(weight.sum(axis=0).reshape(site.grid.shape))
    pattern, _ = project_pattern(sites, pattern, order)
    full = np.zeros((len(coefficients), terms(max(parameters.max_order, order))))
    full[:, : coefficients.shape[1]] = coefficients
    return Solution(pattern, information, _plain_skies(full, parameters.order), parameters.order, _EXCESS)


def _draw_sample(sites: Sequence[Site], bins: Sequence[Bins], order: int) -> tuple[np.ndarray, np.ndarray]:
    """Polynomials ``(n, terms)`` and bins ``(E, n)``, NaN where empty, of a sample of the focal plane."""
    total = sum(int(np.prod(site.grid.shape)) for site in sites)
    step = -(-total // _SAMPLE)
    functions, values = [], []
    for site, one in zip(sites, bins, strict=True):
        functions.append(site.functions(order)[::step])
        mean = np.where(one.count > 0, one.mean, np.nan)
        values.append(mean.reshape(len(mean), -1)[:, ::step])
    return np.concatenate(functions), np.concatenate(values, axis=1)


def _fit_skies(values: np.ndarray, functions: np.ndarray, rounds: int = 3) -> np.ndarray:
    """Coefficients ``(E, terms)`` of the skies, pattern and skies by turns."""
    pattern = np.zeros(values.shape[1])
    coefficients = np.zeros((len(values), functions.shape[1]))
    for _ in range(rounds):
        for e, value in enumerate(values):
            coefficients[e] = _fit_clipped(value / (1 + pattern), functions)
        new = project_out(_median(values / (coefficients @ functions.T) - 1), functions)
        pattern = np.where(np.isfinite(new), new, 0)
    return coefficients


def _fit_clipped(value: np.ndarray, functions: np.ndarray, rounds: int = 5) -> np.ndarray:
    """Fit one sky, leaving out what is 2 standard deviations above or 3 below."""
    have = np.isfinite(value)
    out, use = np.zeros(functions.shape[1]), have
    for _ in range(rounds):
        if np.count_nonzero(use) < functions.shape[1]:
            break
        part = functions[use]
        out = solve_normal(part.T @ part, part.T @ value[use])
        rest = value - functions @ out
        sigma = 1.4826 * np.median(np.abs(rest[use] - np.median(rest[use])))
        use = have & (rest < 2 * sigma) & (rest > -3 * sigma)
    return out


def _median(values: np.ndarray) -> np.ndarray:
    """Median over exposures of what is finite; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmedian(values, axis=0)


def _plain_skies(coefficients: np.ndarray, order: int) -> Skies:
    """Skies of which nothing but the coefficients is known."""
    number = len(coefficients)
    nothing = np.zeros(number)
    return Skies(
        coefficients=coefficients,
        order=np.full(number, order),
        extra=nothing,
        weight=np.ones(number),
        level=coefficients[:, 0].copy(),
        level_error=nothing,
        chi=nothing,
        pull=nothing,
        masked=nothing,
        reasons=("",) * number,
    )
