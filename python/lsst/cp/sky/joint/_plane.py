# SPDX-License-Identifier: GPL-3.0-or-later
"""The focal plane: where bins lie in it, and polynomials over it that describe a sky."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from numpy.polynomial import legendre

from ._grid import Grid

__all__ = ("Placement", "Site", "basis", "order_of", "project_out", "solve_normal", "terms")


def terms(order: int) -> int:
    """Return the number of polynomials in two variables up to a total order."""
    return (order + 1) * (order + 2) // 2


def order_of(number: int) -> int:
    """Return the total order of so many polynomials: the inverse of `terms`."""
    return round((np.sqrt(8 * number + 1) - 3) / 2)


def basis(u: np.ndarray, v: np.ndarray, order: int) -> np.ndarray:
    """Return products of Legendre polynomials, by total order.

    Parameters
    ----------
    u, v : `numpy.ndarray`, (n,)
        Positions in the focal plane (units of its radius).
    order : `int`
        Maximum total order.

    Returns
    -------
    functions : `numpy.ndarray`, ``(n, terms(order))``
        Value of each function at each position.
    """
    pu, pv = legendre.legvander(u, order), legendre.legvander(v, order)
    return np.stack([pu[:, i] * pv[:, t - i] for t in range(order + 1) for i in range(t + 1)], axis=1)


def solve_normal(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Solve normal equations that may be all but singular (a detector that spans little of a polynomial)."""
    ridge = 1e-11 * np.trace(matrix, axis1=-2, axis2=-1) / matrix.shape[-1] + 1e-30
    return np.linalg.solve(matrix + ridge[..., None, None] * np.eye(matrix.shape[-1]), vector[..., None])[
        ..., 0
    ]


def project_out(values: np.ndarray, functions: np.ndarray, use: np.ndarray | None = None) -> np.ndarray:
    """Remove what the functions describe, by ordinary least squares.

    Parameters
    ----------
    values : `numpy.ndarray`, (n,)
        Values to remove it from; NaN is ignored and stays NaN.
    functions : `numpy.ndarray`, (n, k)
        Functions at the same positions.
    use : `numpy.ndarray`, (n,), bool, optional
        Values to fit; all that are finite by default.

    Returns
    -------
    rest : `numpy.ndarray`, (n,)
        Residuals of the fit.
    """
    fit = np.isfinite(values) if use is None else use & np.isfinite(values)
    part = functions[fit]
    return values - functions @ solve_normal(part.T @ part, part.T @ values[fit])


@dataclasses.dataclass(frozen=True)
class Placement:
    """Where the pixels of a detector's array lie in the focal plane, in units of its radius.

    ``(u, v) = matrix @ (column, row) + offset``, the centre of the first pixel being (0, 0).
    """

    matrix: np.ndarray
    """Shape (2, 2)."""
    offset: np.ndarray
    """Shape (2,)."""

    def __call__(self, column: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the positions ``u, v`` of pixels."""
        m, o = self.matrix, self.offset
        return m[0, 0] * column + m[0, 1] * row + o[0], m[1, 0] * column + m[1, 1] * row + o[1]


@dataclasses.dataclass(frozen=True)
class Site:
    """A detector as the joint chain sees it: its bins, and where they are."""

    grid: Grid
    placement: Placement

    @functools.cached_property
    def plane(self) -> tuple[np.ndarray, np.ndarray]:
        """Places ``u, v`` of the centres of the bins, flat."""
        column, row = np.meshgrid(self.grid.x.centre, self.grid.y.centre)
        return self.placement(column.ravel(), row.ravel())

    def functions(self, order: int) -> np.ndarray:
        """Polynomials at the centres of the bins, ``(bins, terms)``; the bins are flat."""
        return basis(*self.plane, order)

    def cell_functions(self, order: int) -> np.ndarray:
        """Polynomials at the centres of the cells of the sky frame, ``(cells, terms)``."""
        x, y = (0.5 * (axis.cells[:-1] + axis.cells[1:] - 1) for axis in (self.grid.x, self.grid.y))
        column, row = np.meshgrid(x, y)
        return basis(*self.placement(column.ravel(), row.ravel()), order)

    def sky_pixels(self, coefficients: np.ndarray, rows: slice = slice(None), nodes: int = 17) -> np.ndarray:
        """Return the sky at the pixels, interpolated bilinearly between nodes.

        Parameters
        ----------
        coefficients : `numpy.ndarray`, (terms,)
            Coefficients of the polynomials (units of the pixels).
        rows : `slice`, optional
            Rows of pixels to evaluate; all by default.
        nodes : `int`, optional
            Nodes along each axis; 17 follow an order of 8 over a detector to a few millionths of its range.

        Returns
        -------
        sky : `numpy.ndarray`, ``(rows, columns)``, float32
            The sky in the rows.
        """
        order = order_of(len(coefficients))
        height, width = self.grid.pixel_shape
        y, x = np.linspace(0, height - 1, nodes), np.linspace(0, width - 1, nodes)
        column, row = np.meshgrid(x, y)
        values = (basis(*self.placement(column.ravel(), row.ravel()), order) @ coefficients).reshape(
            nodes, nodes
        )
        low, high, _ = rows.indices(height)
        across = _hat(np.arange(width), width, nodes)
        along = _hat(np.arange(low, high), height, nodes)
        return (along @ values @ across.T).astype(np.float32)


def _hat(at: np.ndarray, length: int, nodes: int) -> np.ndarray:
    """Weights ``(len(at), nodes)`` of linear interpolation between nodes from the first pixel to the last."""
    t = at / max(length - 1, 1) * (nodes - 1)
    return np.maximum(1 - np.abs(t[:, np.newaxis] - np.arange(nodes)), 0)
