# SPDX-License-Identifier: GPL-3.0-or-later
"""The grid of cells of a background, and a full image interpolated from their values.

The image is interpolated first along y, in each column of cells, then along x, in each row of pixels. NaN
cells are ignored in both steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lsst.pex.exceptions import OutOfRangeError
from lsst.portable.threads import is_large

from .interpolate import (
    MIN_POINTS,
    Spans,
    evaluate_columns,
    evaluate_rows,
    find_spans,
    max_style,
    pieces,
)

__all__ = ("CellInterpolator", "cell_centers", "cell_edges")

_ROWS = 128  # rows of pixels to interpolate at once, few enough for a processor's cache


def cell_edges(length: int, count: int) -> np.ndarray:
    """Return the edges of cells along an axis.

    Parameters
    ----------
    length : `int`
        Pixels along the axis.
    count : `int`
        Cells along the axis.

    Returns
    -------
    edges : `numpy.ndarray`, (count + 1,)
        Edges; cell i contains the pixels from ``edges[i]`` to ``edges[i + 1]`` (excluded).
    """
    ends = np.minimum((np.arange(1, count + 1) * length + count // 2) // count, length)
    return np.concatenate([[0], ends])


def cell_centers(edges: np.ndarray) -> np.ndarray:
    """Return the centres of cells in pixels, where the centre of the first pixel is 0.

    Parameters
    ----------
    edges : `numpy.ndarray`, (count + 1,)
        Edges, as from `cell_edges`.

    Returns
    -------
    centers : `numpy.ndarray`, (count,)
        Centres as float64.
    """
    return edges[:-1] + 0.5 * np.diff(edges) - 0.5


class CellInterpolator:
    """Interpolation of cells to pixels, by rows.

    Parameters
    ----------
    cells : `numpy.ndarray`, (cells_y, cells_x)
        Values of the cells; NaN if there is none.
    x_centers, y_centers : `numpy.ndarray`
        Centres of the cells along the axes, in pixels.
    columns, rows : `tuple` [`int`, `int`]
        First and last (excluded) pixel of the box to interpolate to.
    style : `int`
        Number of the interpolation style.
    reduce_order : `bool`
        Whether columns or rows with too few values fall back to the best style that they allow.

    Raises
    ------
    lsst.pex.exceptions.OutOfRangeError
        Raised if there are too few values in a column or row of cells and the order may not be reduced.
    """

    def __init__(
        self,
        cells: np.ndarray,
        x_centers: np.ndarray,
        y_centers: np.ndarray,
        columns: tuple[int, int],
        rows: tuple[int, int],
        style: int,
        reduce_order: bool,
    ) -> None:
        cells = np.asarray(cells, dtype=np.float64)
        self.shape = rows[1] - rows[0], columns[1] - columns[0]
        self._columns, self._centers = columns, x_centers
        self._grid = np.full((self.shape[0], cells.shape[1]), np.nan)
        for members, good in _patterns(np.isnan(cells)):
            used = _style(style, int(np.count_nonzero(good)), reduce_order, "column")
            if used is not None:
                values = cells[np.ix_(good, members)]
                self._grid[:, members] = evaluate_columns(pieces(y_centers[good], values, used), *rows)
        self._alike = [
            (members, self._row_function(members, good, style, reduce_order))
            for members, good in _patterns(np.isnan(self._grid).T)
        ]

    def _row_function(
        self, members: np.ndarray, good: np.ndarray, style: int, reduce_order: bool
    ) -> _RowFunction | None:
        """Return the interpolation of rows that have values in the same cells; `None` if they have none."""
        used = _style(style, int(np.count_nonzero(good)), reduce_order, "row")
        if used is None:
            return None
        one = pieces(self._centers[good], self._grid[members[:1]][:, good].T, used)
        return _RowFunction(good, used, find_spans(one, *self._columns))

    def fill(self, start: int, stop: int, out: np.ndarray) -> None:
        """Fill an array with some rows.

        Parameters
        ----------
        start, stop : `int`
            Range of rows, relative to the first row of the box.
        out : `numpy.ndarray`, (stop - start, columns)
            Array of any floating-point type; NaN where no cell in a row has a value.
        """
        large = is_large(self.shape[0] * self.shape[1])
        compiled = large and out.dtype == np.float32 and out.flags.carray
        for alike, function in self._alike:
            members = alike[slice(*np.searchsorted(alike, (start, stop)))]
            # Use one thread: two would wait for each other's short steps.
            for top in range(0, len(members), _ROWS):
                rows = members[top : top + _ROWS]
                if function is None:
                    out[rows - start] = np.nan
                elif len(self._alike) == 1:
                    target = out[rows[0] - start : rows[-1] + 1 - start]
                    self._fill_rows(rows, function, target, compiled=compiled)
                else:
                    target = np.empty((len(rows), self.shape[1]), dtype=out.dtype)
                    self._fill_rows(rows, function, target, compiled=compiled)
                    out[rows - start] = target

    def _fill_rows(
        self, rows: np.ndarray, function: _RowFunction, out: np.ndarray, *, compiled: bool
    ) -> None:
        """Fill an array with rows that have values in the same cells."""
        values = np.ascontiguousarray(self._grid[rows][:, function.good].T)
        polynomials = pieces(self._centers[function.good], values, function.style)
        evaluate_rows(polynomials, function.spans, out, compiled=compiled)


class _RowFunction(NamedTuple):
    """Interpolation of rows that have values in the same cells."""

    good: np.ndarray
    """Which cells have values."""
    style: int
    """Number of the style."""
    spans: Spans
    """Positions of the pixels between the cells."""


def _patterns(missing: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Group equal columns of ``missing``: yield their indices and where they have values."""
    if not missing.any():
        yield np.arange(missing.shape[1]), np.ones(missing.shape[0], dtype=bool)
        return
    unique, inverse = np.unique(missing, axis=1, return_inverse=True)
    for i in range(unique.shape[1]):
        yield np.flatnonzero(inverse.reshape(-1) == i), ~unique[:, i]


def _style(style: int, count: int, reduce_order: bool, what: str) -> int | None:
    """Return the style to use with ``count`` values; `None` if there are none."""
    if count >= MIN_POINTS[style]:
        return style
    if not reduce_order:
        raise OutOfRangeError(
            f"A {what} of background cells has {count} good value(s), but interpolation style {style} needs "
            f"at least {MIN_POINTS[style]}; use UndersampleStyle REDUCE_INTERP_ORDER or larger cells"
        )
    return max_style(count) if count else None
