# SPDX-License-Identifier: GPL-3.0-or-later
"""Backgrounds as pure functions over arrays: the grid of cells, and a full image interpolated from their
values.

The image is interpolated first along y, in every column of cells, then along x, in every row of pixels.
Cells that are NaN are left out of either step.
"""

from collections.abc import Iterator

import numpy as np

from lsst.pex.exceptions import OutOfRangeError

from ._interpolate_kernels import MIN_POINTS, evaluate_columns, evaluate_rows, find_spans, max_style, pieces
from ._threads import LARGE

__all__ = (
    "cell_centers",
    "cell_edges",
    "chebyshev_design",
    "chebyshev_image",
    "fit_chebyshev",
    "interpolate_cells",
)

_ROWS = 128  # rows of pixels that are interpolated at once, few enough to stay in a processor's cache


def cell_edges(length: int, count: int) -> np.ndarray:
    """Where cells start and end along an axis.

    Parameters
    ----------
    length : `int`
        Pixels along the axis.
    count : `int`
        Cells along the axis.

    Returns
    -------
    edges : `numpy.ndarray`, (count + 1,)
        Cell i holds the pixels from ``edges[i]`` to ``edges[i + 1]``, excluded.
    """
    ends = np.minimum((np.arange(1, count + 1) * length + count // 2) // count, length)
    return np.concatenate([[0], ends])


def cell_centers(edges: np.ndarray) -> np.ndarray:
    """Centres of cells in pixels, the centre of the first pixel being 0.

    Parameters
    ----------
    edges : `numpy.ndarray`, (count + 1,)
        Edges as `cell_edges` gives them.

    Returns
    -------
    centers : `numpy.ndarray`, (count,)
        Centres as float64.
    """
    return edges[:-1] + 0.5 * np.diff(edges) - 0.5


def interpolate_cells(
    cells: np.ndarray,
    x_centers: np.ndarray,
    y_centers: np.ndarray,
    columns: tuple[int, int],
    rows: tuple[int, int],
    style: int,
    reduce_order: bool,
    out: np.ndarray,
) -> None:
    """Interpolate the values of cells to pixels.

    Parameters
    ----------
    cells : `numpy.ndarray`, (cells_y, cells_x)
        Values of the cells; NaN where there is none.
    x_centers, y_centers : `numpy.ndarray`
        Centres of the cells along the axes, in pixels.
    columns, rows : `tuple` [`int`, `int`]
        First and last (excluded) pixel of the box to fill.
    style : `int`
        Number of the interpolation style.
    reduce_order : `bool`
        Whether columns or rows with too few values fall back on the best style that these allow.
    out : `numpy.ndarray`, (rows, columns)
        Array of any floating-point type to fill; NaN where no cell in a row has a value.

    Raises
    ------
    lsst.pex.exceptions.OutOfRangeError
        Raised if there are too few values in a column or row of cells and the order must stay.
    """
    cells = np.asarray(cells, dtype=np.float64)
    grid = np.full((rows[1] - rows[0], cells.shape[1]), np.nan)
    for members, good in _patterns(np.isnan(cells)):
        used = _style(style, int(np.count_nonzero(good)), reduce_order, "column")
        if used is not None:
            values = cells[np.ix_(good, members)]
            grid[:, members] = evaluate_columns(pieces(y_centers[good], values, used), *rows)
    for members, good in _patterns(np.isnan(grid).T):
        used = _style(style, int(np.count_nonzero(good)), reduce_order, "row")
        if used is None:
            out[members] = np.nan
            continue
        _fill_rows(grid[:, good], x_centers[good], members, columns, used, out)


def _fill_rows(
    grid: np.ndarray,
    x_centers: np.ndarray,
    members: np.ndarray,
    columns: tuple[int, int],
    style: int,
    out: np.ndarray,
) -> None:
    """Interpolate along x in those rows of ``grid`` that ``members`` lists."""
    compiled = out.size >= LARGE and out.dtype == np.float32 and out.flags.carray

    spans = find_spans(pieces(x_centers, grid[members[:1]].T, style), *columns)

    for top in range(0, len(members), _ROWS):  # in one thread: two would wait for each other's short steps
        rows = members[top : top + _ROWS]
        function = pieces(x_centers, np.ascontiguousarray(grid[rows].T), style)
        if len(members) == len(out):
            evaluate_rows(function, spans, out[rows[0] : rows[-1] + 1], compiled=compiled)
        else:
            target = np.empty((len(rows), out.shape[1]), dtype=out.dtype)
            evaluate_rows(function, spans, target, compiled=compiled)
            out[rows] = target


def _patterns(missing: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Group the columns of ``missing`` that are equal: indices of the columns and where they have values."""
    if not missing.any():
        yield np.arange(missing.shape[1]), np.ones(missing.shape[0], dtype=bool)
        return
    unique, inverse = np.unique(missing, axis=1, return_inverse=True)
    for i in range(unique.shape[1]):
        yield np.flatnonzero(inverse.reshape(-1) == i), ~unique[:, i]


def _style(style: int, count: int, reduce_order: bool, what: str) -> int | None:
    """Style to use with ``count`` values: `None` for no values at all."""
    if count >= MIN_POINTS[style]:
        return style
    if not reduce_order:
        raise OutOfRangeError(
            f"A {what} of background cells has {count} good value(s), but interpolation style {style}"
            " needs at least"
            f" {MIN_POINTS[style]}; use UndersampleStyle REDUCE_INTERP_ORDER or larger cells"
        )
    return max_style(count) if count else None


def chebyshev_design(x: np.ndarray, length: int, order: int) -> np.ndarray:
    """Chebyshev polynomials of the first kind at pixel positions.

    Parameters
    ----------
    x : `numpy.ndarray`, (n,)
        Positions, the centre of the first pixel being 0.
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
    """Least-squares fit of products of Chebyshev polynomials whose orders add up to at most the order of the
    bases.

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
    """
    order = x_basis.shape[1] - 1
    terms = [(i, j) for i in range(order + 1) for j in range(order + 1 - i)]
    design = np.stack([np.outer(y_basis[:, i], x_basis[:, j]).ravel() for i, j in terms], axis=1)
    data = np.asarray(cells, dtype=np.float64).ravel()
    weight = np.ones_like(data) if weights is None else np.asarray(weights, dtype=np.float64).ravel()
    root = np.sqrt(weight)
    good = np.isfinite(data) & np.isfinite(root)
    solution = np.linalg.lstsq(design[good] * root[good, np.newaxis], data[good] * root[good], rcond=None)[0]
    coefficients = np.zeros((order + 1, order + 1))
    for (i, j), value in zip(terms, solution, strict=True):
        coefficients[i, j] = value
    return coefficients


def chebyshev_image(
    coefficients: np.ndarray, x_basis: np.ndarray, y_basis: np.ndarray, out: np.ndarray
) -> None:
    """Evaluate a sum of products of Chebyshev polynomials on a grid of pixels.

    Parameters
    ----------
    coefficients : `numpy.ndarray`, (order + 1, order + 1)
        Coefficients as `fit_chebyshev` gives them.
    x_basis, y_basis : `numpy.ndarray`, (nx, order + 1), (ny, order + 1)
        Polynomials at the pixels.
    out : `numpy.ndarray`, (ny, nx)
        Array of any floating-point type to fill.
    """
    chunk = 64
    along_x = coefficients @ x_basis.T
    for top in range(0, out.shape[0], chunk):
        out[top : top + chunk] = y_basis[top : top + chunk] @ along_x
