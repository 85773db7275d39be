# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove from a pattern what cannot be told from sky.

``S (1 + p) = [S (1 + g)] [(1 + p) / (1 + g)]`` for any smooth g: exposures of nothing but sky do not say
whether it is the sky or the camera that has the shape g. The joint chain puts everything that the polynomials
of the common order can describe into the sky; the stock chain, what its superpixels can.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage as ndi

from ._parameters import GaugeParameters
from ._pattern import fill_gaps
from ._plane import Site, solve_normal

__all__ = ("divide_out", "project_cells", "project_pattern", "superpixel_part")

_MOST_SUPERPIXELS = 1_000_000
"""They take memory in proportion; real cameras have some hundreds."""


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
        out = [p - g if last else divide_out(p, g) for p, g in zip(out, smooth, strict=True)]
    return out, taken


def divide_out(pattern: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Pattern that is left when a smooth part counts as sky: ``(1 + p) / (1 + g) - 1``."""
    return (1 + pattern) / (1 + smooth) - 1


def superpixel_part(
    sites: Sequence[Site], pattern: Sequence[np.ndarray], radius: float, parameters: GaugeParameters
) -> list[np.ndarray]:
    """What the stock chain's model of the sky follows of a pattern: means over superpixels, joined by lines.

    Parameters
    ----------
    sites : `~collections.abc.Sequence` [`Site`]
        Detectors.
    pattern : `~collections.abc.Sequence` [`numpy.ndarray`]
        Pattern of each in bins, ``(ny, nx)``; NaN does not count.
    radius : `float`
        Radius of the focal plane, mm.
    parameters : `GaugeParameters`
        Superpixels. Their centres are a whole number of sizes from the corner of the box that holds all
        detectors.

    Returns
    -------
    smooth : `list` [`numpy.ndarray`]
        ``(ny, nx)`` each. Dividing it out (`divide_out`) gives the pattern that an ideal stock chain finds.

    Raises
    ------
    ValueError
        Raised if superpixels are so small that there would be too many of them.
    """
    size = np.array([parameters.x_size, parameters.y_size]) / radius
    corners = np.concatenate([_corners(site) for site in sites])
    low, number = corners.min(axis=0), np.ceil(np.ptp(corners, axis=0) / size) + 2
    if not np.prod(number) <= _MOST_SUPERPIXELS:
        raise ValueError(
            f"Superpixels of {parameters.x_size:g} x {parameters.y_size:g} mm would number "
            f"{np.prod(number):.3g}, more than {_MOST_SUPERPIXELS}; make gauge.xSize and gauge.ySize larger."
        )
    shape = number.astype(int)
    places = [(np.stack(site.plane, axis=1) - low) / size + 1 for site in sites]
    total, area = (np.zeros((shape[1], shape[0])) for _ in range(2))
    for site, at, one in zip(sites, places, pattern, strict=True):
        column, row = np.floor(at + 0.5).astype(int).T
        known = np.isfinite(one).ravel()
        weight = site.grid.area.ravel() * abs(np.linalg.det(site.placement.matrix)) * known
        np.add.at(total, (row, column), weight * np.nan_to_num(one).ravel())
        np.add.at(area, (row, column), weight)
    enough = area > parameters.least * np.prod(size)
    enough |= (area > 0) & ~enough.any()
    means = fill_gaps(np.where(enough, total / np.where(area > 0, area, 1), np.nan))
    return [
        ndi.map_coordinates(means, at[:, ::-1].T, order=1, mode="nearest").reshape(site.grid.shape)
        for site, at in zip(sites, places, strict=True)
    ]


def _corners(site: Site) -> np.ndarray:
    """Places of the corners of a detector, ``(4, 2)``."""
    rows, columns = site.grid.pixel_shape
    ends = np.array([(x, y) for x in (-0.5, columns - 0.5) for y in (-0.5, rows - 0.5)])
    return np.stack(site.placement(*ends.T), axis=1)
