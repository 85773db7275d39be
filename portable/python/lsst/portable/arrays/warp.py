# SPDX-License-Identifier: GPL-3.0-or-later
"""Bilinear resampling of arrays through a mapping of positions."""

from collections.abc import Callable

import numpy as np

__all__ = ("BilinearSampler", "relative_area", "sample_positions")

#: Maps destination to source positions, shape ``(2, n)``: x and y.
Mapping = Callable[[np.ndarray], np.ndarray]


def sample_positions(
    to_source: Mapping, shape: tuple[int, int], origin: tuple[int, int] = (0, 0)
) -> tuple[np.ndarray, np.ndarray]:
    """Return source positions of all destination pixels, plus one row and column before the first.

    Parameters
    ----------
    to_source : callable
        Maps destination to source positions, shape ``(2, n)``: x and y.
    shape : `tuple` [`int`, `int`]
        Shape ``(ny, nx)`` of the destination.
    origin : `tuple` [`int`, `int`], optional
        Position (x, y) of the first destination pixel.

    Returns
    -------
    x, y : `numpy.ndarray`, (ny + 1, nx + 1)
        Source positions; element ``[0, 0]`` belongs to destination pixel (-1, -1).
    """
    ny, nx = shape
    y, x = np.mgrid[-1:ny, -1:nx]
    points = np.stack([x.ravel() + float(origin[0]), y.ravel() + float(origin[1])])
    mapped = np.asarray(to_source(points), dtype=np.float64).reshape(2, ny + 1, nx + 1)
    return mapped[0], mapped[1]


def relative_area(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the source area covered by each destination pixel: the cross product of position differences.

    Parameters
    ----------
    x, y : `numpy.ndarray`, (ny + 1, nx + 1)
        Source positions, as from `sample_positions`.

    Returns
    -------
    area : `numpy.ndarray`, (ny, nx)
        Area in source pixels, from the differences to the pixel below and to the one below and left of it.
    """
    here = (slice(1, None), slice(1, None))
    corner = (slice(None, -1), slice(None, -1))
    below = (slice(None, -1), slice(1, None))
    ax, ay = x[here] - x[corner], y[here] - y[corner]
    bx, by = x[here] - x[below], y[here] - y[below]
    return np.abs(ax * by - ay * bx)


class BilinearSampler:
    """Weights and positions of the four source pixels around each destination pixel.

    Parameters
    ----------
    x, y : `numpy.ndarray`, (ny, nx)
        Source positions in pixels of the source array, where the centre of its first pixel is 0.
    source_shape : `tuple` [`int`, `int`]
        Shape ``(ny, nx)`` of the source, at least 2 along each axis.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, source_shape: tuple[int, int]) -> None:
        height, width = source_shape
        with np.errstate(invalid="ignore"):
            column, row = np.floor(x), np.floor(y)
            #: Whether the four neighbours lie inside the source, shape ``(ny, nx)``.
            self.inside = (column >= 0) & (row >= 0) & (column < width - 1) & (row < height - 1)
        self._column = column[self.inside].astype(np.intp)
        self._row = row[self.inside].astype(np.intp)
        fx, fy = x[self.inside] - self._column, y[self.inside] - self._row
        self._x_weights, self._y_weights = (1 - fx, fx), (1 - fy, fy)

    def weighted_sum(self, source: np.ndarray, power: int = 1) -> np.ndarray:
        """Return the weighted sum of the neighbours, with weights raised to a power.

        Parameters
        ----------
        source : `numpy.ndarray`, (ny, nx)
            Source plane.
        power : `int`, optional
            1 for pixel values, 2 for variances.

        Returns
        -------
        values : `numpy.ndarray`, (inside,)
            One value for each destination pixel that is ``inside``. Each row is summed, then the rows are
            added, with every partial sum rounded to the type of the source, as in the compiled stack.
        """
        rounded = source.dtype if source.dtype.kind == "f" else np.dtype(np.float64)
        result = np.zeros(len(self._row), dtype=rounded)
        for dy in (0, 1):
            row = np.zeros(len(self._row), dtype=rounded)
            for dx in (0, 1):
                term = source[self._row + dy, self._column + dx] * self._x_weights[dx] ** power
                row = (row + term).astype(rounded)
            result = (result + row * self._y_weights[dy] ** power).astype(rounded)
        return result

    def combined_mask(self, source: np.ndarray) -> np.ndarray:
        """Return the OR of the neighbours' masks, without those of zero weight.

        Parameters
        ----------
        source : `numpy.ndarray`, (ny, nx)
            Source mask.

        Returns
        -------
        bits : `numpy.ndarray`, (inside,)
            One value for each destination pixel that is ``inside``.
        """
        result = np.zeros(len(self._row), dtype=source.dtype)
        for dy in (0, 1):
            for dx in (0, 1):
                result |= np.where(
                    (self._y_weights[dy] != 0) & (self._x_weights[dx] != 0),
                    source[self._row + dy, self._column + dx],
                    0,
                )
        return result
