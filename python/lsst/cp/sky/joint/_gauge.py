# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove from a pattern what cannot be told from sky.

``S (1 + p) = [S (1 + g)] [(1 + p) / (1 + g)]`` for any smooth g: exposures of nothing but sky do not say
whether it is the sky or the camera that has the shape g. The joint chain puts everything that the polynomials
of the common order can describe into the sky; the stock chain, what its superpixels can.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ._plane import Site, solve_normal, terms

__all__ = ("project_cells", "project_pattern")


def project_pattern(
    sites: Sequence[Site], pattern: Sequence[np.ndarray], order: int, rounds: int = 3
) -> tuple[list[np.ndarray], np.ndarray]:
    """Remove the polynomials up to an order from a pattern in bins.

    Parameters
    ----------
    sites : `~collections.abc.Sequence` [`Site`]
        Detectors.
    pattern : `~collections.abc.Sequence` [`numpy.ndarray`]
        Pattern of each detector, ``(ny, nx)``; NaN is ignored and stays NaN.
    order : `int`
        The common order.
    rounds : `int`, optional
        The pattern is divided by ``1 + g`` this often, until nothing is left to fit.

    Returns
    -------
    rest : `list` [`numpy.ndarray`]
        Pattern without the polynomials.
    taken : `numpy.ndarray`, (terms,)
        Approximate coefficients of the polynomials that were removed.
    """
    functions = [site.functions(order) for site in sites]
    areas = [site.grid.area.ravel() for site in sites]
    return _project(functions, areas, pattern, rounds)


def project_cells(
    sites: Sequence[Site], cells: Sequence[np.ndarray], order: int, rounds: int = 3
) -> tuple[list[np.ndarray], np.ndarray]:
    """Remove the polynomials up to an order from cells of sky frames, as `project_pattern` does."""
    functions = [site.cell_functions(order) for site in sites]
    areas = [np.multiply.outer(np.diff(s.grid.y.cells), np.diff(s.grid.x.cells)).ravel() for s in sites]
    return _project(functions, areas, cells, rounds)


def _project(
    functions: Sequence[np.ndarray], areas: Sequence[np.ndarray], values: Sequence[np.ndarray], rounds: int
) -> tuple[list[np.ndarray], np.ndarray]:
    out, taken = list(values), np.zeros(functions[0].shape[1])
    for last in [False] * rounds + [True]:
        matrix, vector = np.zeros((len(taken), len(taken))), np.zeros(len(taken))
        for phi, area, one in zip(functions, areas, out, strict=True):
            flat = np.ravel(one)
            weight = np.where(np.isfinite(flat), area, 0)
            matrix += (phi * weight[:, np.newaxis]).T @ phi
            vector += phi.T @ (weight * np.nan_to_num(flat))
        shape = solve_normal(matrix, vector)
        taken += shape
        smooth = [(phi @ shape).reshape(one.shape) for phi, one in zip(functions, out, strict=True)]
        # At last what is left, far below any noise, is taken off as it is: orthogonal to the last digit.
        out = [p - g if last else (1 + p) / (1 + g) - 1 for p, g in zip(out, smooth, strict=True)]
    return out, taken


def common_terms(coefficients: np.ndarray, order: int) -> np.ndarray:
    """Return the coefficients up to an order."""
    return coefficients[..., : terms(order)]
