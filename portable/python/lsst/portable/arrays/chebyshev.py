# SPDX-License-Identifier: GPL-3.0-or-later
"""Chebyshev polynomials in two dimensions: fitted to cells, evaluated in rows of pixels."""

import numpy as np

from lsst.pex.exceptions import RuntimeError

__all__ = ("chebyshev_design", "chebyshev_rows", "fit_chebyshev")


def chebyshev_design(x: np.ndarray, length: int, order: int) -> np.ndarray:
    """Return Chebyshev polynomials of the first kind at pixel positions.

    Parameters
    ----------
    x : `numpy.ndarray`, (n,)
        Positions, where the centre of the first pixel is 0.
    length : `int`
        Pixels along the axis; the axis spans -0.5 to ``length - 0.5``.
    order : `int`
        Highest order.

    Returns
    -------
    values : `numpy.ndarray`, (n, order + 1)
        Polynomials of order 0 and up.
    """
    return np.polynomial.chebyshev.chebvander((2.0 * x - (length - 1)) / length, order)


def fit_chebyshev(
    cells: np.ndarray, x_basis: np.ndarray, y_basis: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Fit products of Chebyshev polynomials by least squares.

    The orders of a product add up to at most the order of the bases.

    Parameters
    ----------
    cells : `numpy.ndarray`, (cells_y, cells_x)
        Values.
    x_basis, y_basis : `numpy.ndarray`, (cells_x, order + 1), (cells_y, order + 1)
        Polynomials at the centres of the cells.
    weights : `numpy.ndarray`, (cells_y, cells_x), optional
        Inverse variances.

    Returns
    -------
    coefficients : `numpy.ndarray`, (order + 1, order + 1)
        Coefficient of order i along y and j along x at ``[i, j]``.

    Raises
    ------
    lsst.pex.exceptions.RuntimeError
        Raised if no cell has a finite value and, with weights, a finite, nonzero weight.
    """
    order = x_basis.shape[1] - 1
    terms = [(i, j) for i in range(order + 1) for j in range(order + 1 - i)]
    design = np.stack([np.outer(y_basis[:, i], x_basis[:, j]).ravel() for i, j in terms], axis=1)
    data = np.asarray(cells, dtype=np.float64).ravel()
    weight = np.ones_like(data) if weights is None else np.asarray(weights, dtype=np.float64).ravel()
    root = np.sqrt(weight)
    good = np.isfinite(data) & np.isfinite(root)
    if not (root[good] != 0).any():
        finite = np.count_nonzero(np.isfinite(data))
        cure = "use larger cells" if weights is None else "variances are likely zero, try weighting=False"
        raise RuntimeError(
            f"No valid points to fit: {finite} of {data.size} cells have a finite value, and none of these a"
            f" usable weight; {cure}"
        )
    solution = np.linalg.lstsq(design[good] * root[good, np.newaxis], data[good] * root[good], rcond=None)[0]
    coefficients = np.zeros((order + 1, order + 1))
    for (i, j), value in zip(terms, solution, strict=True):
        coefficients[i, j] = value
    return coefficients


def chebyshev_rows(along_x: np.ndarray, y_basis: np.ndarray, start: int, stop: int, out: np.ndarray) -> None:
    """Evaluate a sum of products of Chebyshev polynomials in some rows of pixels.

    Parameters
    ----------
    along_x : `numpy.ndarray`, (order + 1, nx)
        Factor of each polynomial along y at the pixels of a row: the coefficients from `fit_chebyshev` times
        the polynomials along x.
    y_basis : `numpy.ndarray`, (ny, order + 1)
        Polynomials along y at the pixels.
    start, stop : `int`
        First and last (excluded) row.
    out : `numpy.ndarray`, (stop - start, nx)
        Array of any floating-point type to fill.
    """
    chunk = 64
    # Chunks do not depend on the requested rows, because the rounding of a product may depend on its size.
    for top in range(start - start % chunk, stop, chunk):
        first, last = max(top, start), min(top + chunk, stop)
        out[first - start : last - start] = (y_basis[top : top + chunk] @ along_x)[first - top : last - top]
