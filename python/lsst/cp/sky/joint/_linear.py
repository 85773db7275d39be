# SPDX-License-Identifier: GPL-3.0-or-later
"""Effect of a small layer of light on the pattern: the solve linearized, with its last weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ._bins import Bins
from ._gauge import project_pattern
from ._plane import Site, solve_normal, terms
from ._solution import Solution

__all__ = ("linear_response",)


def linear_response(
    sites: Sequence[Site],
    bins: Sequence[Bins],
    layer: Sequence[np.ndarray],
    solution: Solution,
    rounds: int = 12,
) -> list[np.ndarray]:
    """Return the pattern that the solve makes of a layer of light, to trace the origin of errors.

    Parameters
    ----------
    sites : `~collections.abc.Sequence` [`Site`]
        Detectors.
    bins : `~collections.abc.Sequence` [`Bins`]
        Bins from which the solution was made, ``(E, ny, nx)``.
    layer : `~collections.abc.Sequence` [`numpy.ndarray`]
        Mean of the layer over the unmasked pixels of each bin (units of the pixels), ``(E, ny, nx)``.
    solution : `Solution`
        The solution. Its weights are used, except for bins that were rejected as outliers.
    rounds : `int`, optional
        Number of iterations of the alternating fit.

    Returns
    -------
    pattern : `list` [`numpy.ndarray`]
        ``(ny, nx)`` each, 0 where nothing is known.
    """
    skies = solution.skies
    number = len(skies.weight)
    parts = []
    for site, one, light in zip(sites, bins, layer, strict=True):
        functions = site.functions(int(skies.order.max()))
        sky = skies.coefficients[:, : functions.shape[1]] @ functions.T
        count = one.count.reshape(number, -1)
        variance = np.broadcast_to(one.variance, one.count.shape).reshape(number, -1)
        photon = np.where(count > 0, variance / (np.maximum(count, 1) * sky**2), 1)
        weight = (count > 0) * skies.weight[:, np.newaxis] / (photon + skies.extra[:, np.newaxis] ** 2)
        parts.append((site, functions, sky, weight, np.where(count > 0, light.reshape(number, -1), 0)))
    pattern = [np.zeros(site.grid.shape) for site in sites]
    for _ in range(rounds):
        coefficients = _fit_skies(parts, pattern, skies.order)
        pattern = [
            _fit_pattern(
                weight, light / sky - coefficients[:, : functions.shape[1]] @ functions.T / sky
            ).reshape(site.grid.shape)
            for site, functions, sky, weight, light in parts
        ]
        pattern, _ = project_pattern(sites, pattern, solution.order)
    return pattern


_Part = tuple[Site, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _fit_skies(parts: Sequence[_Part], pattern: Sequence[np.ndarray], order: np.ndarray) -> np.ndarray:
    """Coefficients of the skies that are left when the pattern is taken off the layer."""
    size = terms(int(order.max()))
    matrix, vector = np.zeros((len(order), size, size)), np.zeros((len(order), size))
    for (_, functions, sky, weight, light), one in zip(parts, pattern, strict=True):
        fit = weight / sky**2
        products = (functions[:, :, np.newaxis] * functions[:, np.newaxis, :]).reshape(-1, size * size)
        matrix += (fit @ products).reshape(-1, size, size)
        vector += (fit * (light - sky * one.ravel())) @ functions
    out = np.zeros_like(vector)
    for e, k in enumerate(terms(int(o)) for o in order):
        out[e, :k] = solve_normal(matrix[e, :k, :k], vector[e, :k])
    return out


def _fit_pattern(weight: np.ndarray, excess: np.ndarray) -> np.ndarray:
    total = weight.sum(axis=0)
    return np.where(total > 0, (weight * excess).sum(axis=0) / np.maximum(total, 1e-300), 0)
