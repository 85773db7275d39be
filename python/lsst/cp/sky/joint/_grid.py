# SPDX-License-Identifier: GPL-3.0-or-later
"""Bins of a detector: they end where cells of the sky frame end, and where amplifiers do."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterable

import numpy as np
from scipy.interpolate import CubicSpline

__all__ = ("Axis", "Grid", "Segments", "cell_edges")


def cell_edges(length: int, size: int) -> np.ndarray:
    """Where the cells of a sky frame end along an axis.

    Parameters
    ----------
    length : `int`
        Pixels along the axis.
    size : `int`
        Side of a cell, pixels. Where it does not divide the length, cells are a little larger or smaller, as
        `lsst.afw.math.BackgroundControl` has it with the nearest whole number of cells.

    Returns
    -------
    edges : `numpy.ndarray`, (cells + 1,), int
        Edges of the cells (pixels).
    """
    count = max(int(length / size + 0.5), 1)
    ends = np.minimum((np.arange(1, count + 1) * length + count // 2) // count, length)
    return np.concatenate([[0], ends])


@dataclasses.dataclass(frozen=True)
class Segments:
    """Stretches of an axis between ends of amplifiers, as ranges of bins and of pixels."""

    pixels: np.ndarray
    """First pixel of each segment, and the length of the axis at the end."""
    bins: np.ndarray
    """First bin of each segment, and the number of bins at the end."""

    def __len__(self) -> int:
        return len(self.bins) - 1

    def slices(self) -> list[slice]:
        """Ranges of bins, a slice a segment."""
        return [slice(a, b) for a, b in zip(self.bins[:-1], self.bins[1:], strict=True)]


class Axis:
    """Bins along one axis of a detector.

    Parameters
    ----------
    length : `int`
        Pixels along the axis.
    size : `int`
        Side of a bin, pixels; a cell is cut into the nearest whole number of equal bins.
    cells : `numpy.ndarray`, (cells + 1,)
        Where cells end.
    amplifiers : `~collections.abc.Iterable` [`int`]
        Where amplifiers end.

    Attributes
    ----------
    edges : `numpy.ndarray`, (bins + 1,)
        Bin i holds the pixels from ``edges[i]`` to ``edges[i + 1]``, excluded.
    cell : `numpy.ndarray`, (bins,)
        Cell that each bin lies in.
    segments : `Segments`
        What lies between ends of amplifiers.
    """

    def __init__(self, length: int, size: int, cells: np.ndarray, amplifiers: Iterable[int]) -> None:
        self.length = length
        ends = np.unique([0, length, *(int(a) for a in amplifiers if 0 < a < length)])
        cuts = [
            np.round(np.linspace(a, b, max(round((b - a) / size), 1) + 1)).astype(int)
            for a, b in itertools.pairwise(cells)
        ]
        self.edges = np.unique(np.concatenate([*cuts, ends]))
        self.width = np.diff(self.edges)
        self.centre = 0.5 * (self.edges[:-1] + self.edges[1:] - 1)
        self.cells = cells
        self.cell = np.searchsorted(cells, self.edges[:-1], side="right") - 1
        self.segments = Segments(ends, np.searchsorted(self.edges, ends))

    def __len__(self) -> int:
        return len(self.width)

    @functools.cached_property
    def weights(self) -> list[np.ndarray]:
        """Weights of the bins of each segment at its pixels, ``(pixels, bins)`` each.

        They are the slopes of a cubic spline through the running integral of the bins, so that the mean of
        the pixels of a bin is the value of the bin. No weight crosses an amplifier.
        """
        return [
            _spline_weights(self.edges[a : b + 1])
            for a, b in zip(self.segments.bins[:-1], self.segments.bins[1:], strict=True)
        ]

    def sum(self, values: np.ndarray, axis: int) -> np.ndarray:
        """Sum over the pixels of each bin, in double precision."""
        return np.add.reduceat(values, self.edges[:-1], axis=axis, dtype=np.float64)


def _spline_weights(edges: np.ndarray) -> np.ndarray:
    """Weights ``(pixels, bins)`` of a spline that keeps the mean of every bin."""
    count, width = len(edges) - 1, np.diff(edges)
    if count == 1:
        return np.ones((int(width[0]), 1), dtype=np.float32)
    running = np.vstack([np.zeros(count), np.tril(np.ones((count, count)))]) * width
    boundary = "natural" if count < 3 else "not-a-knot"
    at = np.arange(edges[0], edges[-1] + 1)
    return np.diff(CubicSpline(edges, running, bc_type=boundary)(at), axis=0).astype(np.float32)


class Grid:
    """Bins of a detector.

    Parameters
    ----------
    shape : `tuple` [`int`, `int`]
        Rows and columns of the detector, ``(ny, nx)``.
    amplifiers : `~collections.abc.Iterable` [`tuple` [`int`, `int`, `int`, `int`]], optional
        First row, end of rows, first column, end of columns of each amplifier, in pixels of the array; any
        number and layout. Bins end where any of them ends.
    size, cell : `int`, optional
        Sides of bins and of cells of the sky frame, pixels.

    Attributes
    ----------
    shape : `tuple` [`int`, `int`]
        Rows and columns of bins.
    cells : `tuple` [`int`, `int`]
        Rows and columns of cells.
    area : `numpy.ndarray`, ``(ny, nx)``
        Pixels in each bin.

    Raises
    ------
    ValueError
        Raised if the detector has no pixels, or a size is not positive.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        amplifiers: Iterable[tuple[int, int, int, int]] = (),
        size: int = 16,
        cell: int = 32,
    ) -> None:
        if min(shape) < 1 or size < 1 or cell < 1:
            raise ValueError(
                f"Need pixels and positive sizes, got a shape of {shape}, bins of {size}, cells of {cell}."
            )
        boxes = list(amplifiers)
        self.pixel_shape = shape
        self.y = Axis(shape[0], size, cell_edges(shape[0], cell), {e for box in boxes for e in box[:2]})
        self.x = Axis(shape[1], size, cell_edges(shape[1], cell), {e for box in boxes for e in box[2:]})
        self.shape = (len(self.y), len(self.x))
        self.cells = (len(self.y.cells) - 1, len(self.x.cells) - 1)
        self.area = np.multiply.outer(self.y.width, self.x.width).astype(np.float64)

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Sum pixels ``(..., rows, columns)`` over bins, in double precision."""
        return self.x.sum(self.y.sum(values, axis=-2), axis=-1)

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Means of bins, all pixels counted."""
        return self.sum(values) / self.area

    def pixels(self, values: np.ndarray, rows: slice = slice(None)) -> np.ndarray:
        """Values at the pixels, smooth within amplifiers, whose mean over each bin is the bin's value.

        Parameters
        ----------
        values : `numpy.ndarray`, ``(ny, nx)``
            Value of each bin; finite.
        rows : `slice`, optional
            Rows of pixels to evaluate; all by default.

        Returns
        -------
        pixels : `numpy.ndarray`, ``(rows, columns)``, float32
            Value of each pixel.
        """
        values = np.asarray(values, dtype=np.float32)
        low, high, _ = rows.indices(self.pixel_shape[0])
        out = np.empty((high - low, self.pixel_shape[1]), dtype=np.float32)
        for part, weights, first in zip(
            self.y.segments.slices(), self.y.weights, self.y.segments.pixels, strict=False
        ):
            a, b = max(low - first, 0), min(high - first, len(weights))
            if a >= b:
                continue
            along = weights[a:b] @ values[part]
            at = slice(first + a - low, first + b - low)
            for columns, across, left in zip(
                self.x.segments.slices(), self.x.weights, self.x.segments.pixels, strict=False
            ):
                np.matmul(along[:, columns], across.T, out=out[at, left : left + len(across)])
        return out

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Each segment's value ``(segments of y, segments of x)`` at its bins, ``(ny, nx)``."""
        repeats = [np.diff(axis.segments.bins) for axis in (self.y, self.x)]
        return np.repeat(np.repeat(values, repeats[0], axis=0), repeats[1], axis=1)

    def over_cells(self, values: np.ndarray) -> np.ndarray:
        """Sum bins ``(ny, nx)`` over cells of the sky frame."""
        first = [
            np.searchsorted(axis.cell, np.arange(n))
            for axis, n in zip((self.y, self.x), self.cells, strict=True)
        ]
        return np.add.reduceat(np.add.reduceat(values, first[0], axis=0), first[1], axis=1)

    def spread_cells(self, values: np.ndarray) -> np.ndarray:
        """Each cell's value at its bins, ``(ny, nx)``; the reverse of `over_cells`."""
        return values[np.ix_(self.y.cell, self.x.cell)]
