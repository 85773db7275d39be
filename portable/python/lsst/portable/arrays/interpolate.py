# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpolation of many columns at once by piecewise polynomials.

Each style becomes a `Pieces`: breakpoints along the axis and one polynomial per piece and column, in powers
of the distance to an anchor. The first and last pieces extrapolate. Pixels are evaluated piece by piece with
Horner's rule.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from lsst.pex.exceptions import OutOfRangeError, RuntimeError

from . import compiled as loops

__all__ = (
    "MIN_POINTS",
    "Pieces",
    "Spans",
    "evaluate_columns",
    "evaluate_rows",
    "evaluate_scattered",
    "find_spans",
    "max_style",
    "pieces",
)

CONSTANT, LINEAR, NATURAL_SPLINE, CUBIC_SPLINE = 0, 1, 2, 3
CUBIC_SPLINE_PERIODIC, AKIMA_SPLINE, AKIMA_SPLINE_PERIODIC = 4, 5, 6

#: Number of points that each style needs, by its number.
MIN_POINTS = (1, 2, 3, 3, 3, 5, 5)


class Pieces(NamedTuple):
    """A piecewise polynomial of x for each of m columns."""

    breaks: np.ndarray
    """Where piece i + 1 starts, (pieces - 1,), ascending."""
    anchors: np.ndarray
    """Origin of the powers of each piece, (pieces,)."""
    coefficients: np.ndarray
    """Coefficients of ascending powers, (pieces, order, m)."""
    closed: bool
    """Whether the last break belongs to the piece on its left."""


class Spans(NamedTuple):
    """The pieces of a function in which a range of integers lies: k runs with one piece each."""

    edges: np.ndarray
    """Start of each run relative to the first integer, and end of the last one, (k + 1,)."""
    pieces: np.ndarray
    """Index of the piece of each run, (k,)."""
    deltas: np.ndarray
    """Distance of each integer from the anchor of its piece, (n,)."""

    def runs(self) -> Iterator[tuple[slice, int, np.ndarray]]:
        """Yield slice, piece and distances of each run."""
        edges = itertools.pairwise(self.edges.tolist())
        for (first, last), piece in zip(edges, self.pieces.tolist(), strict=True):
            yield slice(first, last), piece, self.deltas[first:last]


def max_style(count: int) -> int:
    """Return the number of the best style that ``count`` points (at least one) allow."""
    return (CONSTANT, LINEAR, CUBIC_SPLINE, CUBIC_SPLINE, AKIMA_SPLINE)[min(count, 5) - 1]


def pieces(x: np.ndarray, y: np.ndarray, style: int) -> Pieces:
    """Interpolate columns of values given at common points.

    Parameters
    ----------
    x : `numpy.ndarray`, (n,)
        Points, strictly ascending.
    y : `numpy.ndarray`, (n, m)
        Values, one column per function. NaN gives NaN.
    style : `int`
        Number of the interpolation style.

    Returns
    -------
    pieces : `Pieces`
        The interpolants; beyond the points, a quadratic with the end derivatives (except for ``CONSTANT``).

    Raises
    ------
    lsst.pex.exceptions.OutOfRangeError
        Raised if there are fewer points than the style needs.
    lsst.pex.exceptions.RuntimeError
        Raised if the points do not ascend.
    """
    x = np.asarray(x, dtype=np.float64)
    y = np.asarray(y, dtype=np.float64)
    if len(x) < MIN_POINTS[style]:
        raise OutOfRangeError(
            f"Interpolation style {style} needs at least {MIN_POINTS[style]} points, got {len(x)};"
            " choose a lower order"
        )
    if style == CONSTANT:
        return _constant(x, y)
    if not (np.diff(x) > 0).all():
        raise RuntimeError(f"Points to interpolate between must be strictly ascending, got x = {x}")
    step = np.diff(x)[:, np.newaxis]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        inner = _INNER[style](step, y)
        return _extrapolated(x, y, step[-1], inner)


def _constant(x: np.ndarray, y: np.ndarray) -> Pieces:
    """Return steps halfway between the samples, and half a step after the last one.

    From one step to the next, the value is the average of the samples on either side of the *first* of the
    two, as in the compiled stack; before the first and after the last step, it is that of the end sample.
    """
    if len(x) == 1:
        return Pieces(np.empty(0), x, y[:, np.newaxis, :], False)
    breaks = np.concatenate([0.5 * (x[:-1] + x[1:]), [0.5 * (3 * x[-1] - x[-2])]])
    levels = np.concatenate([y[:1], 0.5 * (y[:-1] + y[1:]), y[-1:]])
    return Pieces(breaks, np.zeros(len(levels)), levels[:, np.newaxis, :], False)


def _extrapolated(x: np.ndarray, y: np.ndarray, last_step: np.ndarray, inner: np.ndarray) -> Pieces:
    """Add a quadratic piece with the end derivatives on either side of the inner pieces."""
    order = inner.shape[1]
    outer = np.zeros((2, order, y.shape[1]))
    outer[0, :3] = inner[0, :3]
    outer[1, 0] = y[-1]
    if order == 2:
        outer[1, 1] = inner[-1, 1]
    else:
        _, b, c, d = inner[-1]
        outer[1, 1] = b + last_step * (2 * c + 3 * last_step * d)
        outer[1, 2] = c + 3 * last_step * d
    return Pieces(x, np.concatenate([x[:1], x]), np.concatenate([outer[:1], inner, outer[1:]]), True)


def _linear(step: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.stack([y[:-1], np.diff(y, axis=0) / step], axis=1)


def _cubic(step: np.ndarray, y: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """Return the inner pieces of a cubic spline from half its second derivatives at the points, (n, m)."""
    slope = np.diff(y, axis=0) / step
    b = slope - step * (curvature[1:] + 2 * curvature[:-1]) / 3
    d = np.diff(curvature, axis=0) / (3 * step)
    return np.stack([y[:-1], b, curvature[:-1], d], axis=1)


def _natural(step: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a natural cubic spline, solving the tridiagonal system by elimination."""
    slope = np.diff(y, axis=0) / step
    rhs = 3 * np.diff(slope, axis=0)
    diagonal = 2 * (step[:-1] + step[1:])[:, 0]
    off = step[1:-1, 0]
    size = len(diagonal)
    curvature = np.zeros_like(y)
    for i in range(1, size):
        factor = off[i - 1] / diagonal[i - 1]
        diagonal[i] -= factor * off[i - 1]
        rhs[i] -= factor * rhs[i - 1]
    curvature[size] = rhs[-1] / diagonal[-1]
    for i in range(size - 2, -1, -1):
        curvature[i + 1] = (rhs[i] - off[i] * curvature[i + 2]) / diagonal[i]
    # The ends are zero, but a NaN anywhere must show everywhere.
    curvature[0] = curvature[-1] = 0.0 * rhs.sum(axis=0)
    return _cubic(step, y, curvature)


def _periodic(step: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a cubic spline with equal slopes and curvatures at both ends."""
    size = len(step)
    slope = np.diff(y, axis=0) / step
    before = np.roll(slope, 1, axis=0)
    if size == 2:
        # For lack of a third piece, the compiled stack lets the one after the last lead from the last point
        # back to the one before it.
        before, slope = slope[[1, 0]], np.stack([(y[1] - y[2]) / step[0], slope[1]])
    matrix = np.zeros((size, size))
    for i in range(size):
        matrix[i, i - 1] += step[i - 1, 0]
        matrix[i, i] += 2 * (step[i - 1, 0] + step[i, 0])
        matrix[i, (i + 1) % size] += step[i, 0]
    curvature = np.linalg.solve(matrix, 3 * (slope - before))
    return _cubic(step, y, np.concatenate([curvature, curvature[:1]]))


def _akima(step: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return an Akima spline with two slopes extrapolated linearly on either side."""
    m = np.diff(y, axis=0) / step
    before = [3 * m[0] - 2 * m[1], 2 * m[0] - m[1]]
    after = [2 * m[-1] - m[-2], 3 * m[-1] - 2 * m[-2]]
    return _akima_pieces(step, y, np.stack([*before, *m, *after]))


def _akima_periodic(step: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return an Akima spline with the slopes of the other end on either side."""
    m = np.diff(y, axis=0) / step
    return _akima_pieces(step, y, np.concatenate([m[-2:], m, m[:2]]))


def _akima_pieces(step: np.ndarray, y: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return the inner pieces of an Akima spline from slopes, with two more on either side, (n + 3, m).

    See Akima 1970, JACM 17, 589. A point at which both weights vanish is a corner, as in the compiled stack:
    the piece on either side keeps its own slope there.
    """
    change = np.abs(np.diff(slopes, axis=0))
    right, left = change[2:], change[:-2]  # weights of the slope on the left and on the right of each point
    total = left + right
    corner = total == 0
    share = left / np.where(corner, 1.0, total)
    derivative = (1 - share) * slopes[1:-2] + share * slopes[2:-1]
    m = slopes[2:-2]
    b, after = np.where(corner[:-1], m, derivative[:-1]), np.where(corner[1:], m, derivative[1:])
    return np.stack([y[:-1], b, (3 * m - 2 * b - after) / step, (b + after - 2 * m) / step**2], axis=1)


_INNER: dict[int, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    LINEAR: _linear,
    NATURAL_SPLINE: _natural,
    CUBIC_SPLINE: _natural,
    CUBIC_SPLINE_PERIODIC: _periodic,
    AKIMA_SPLINE: _akima,
    AKIMA_SPLINE_PERIODIC: _akima_periodic,
}


def evaluate_scattered(function: Pieces, x: np.ndarray) -> np.ndarray:
    """Evaluate at any points.

    Parameters
    ----------
    function : `Pieces`
        The interpolant of m columns.
    x : `numpy.ndarray`, (k,)
        Points in any order.

    Returns
    -------
    values : `numpy.ndarray`, (k, m)
        Interpolated values.
    """
    index = _piece(function, x)
    delta = (x - function.anchors[index])[:, np.newaxis]
    coefficients = np.moveaxis(function.coefficients[index], 1, 0)
    result = np.empty(coefficients.shape[1:])
    _evaluate(coefficients, delta, result)
    return result


def evaluate_columns(function: Pieces, start: int, stop: int) -> np.ndarray:
    """Evaluate at the integers from ``start`` to ``stop``, excluded, along the first axis.

    Parameters
    ----------
    function : `Pieces`
        The interpolant of m columns.
    start, stop : `int`
        Range of points.

    Returns
    -------
    values : `numpy.ndarray`, (stop - start, m)
        Interpolated values.
    """
    result = np.empty((stop - start, function.coefficients.shape[2]))
    for run, piece, delta in find_spans(function, start, stop).runs():
        _evaluate(function.coefficients[piece][:, np.newaxis], delta[:, np.newaxis], result[run])
    return result


def evaluate_rows(function: Pieces, spans: Spans, out: np.ndarray, *, compiled: bool = False) -> None:
    """Evaluate at integers along the second axis.

    Parameters
    ----------
    function : `Pieces`
        The interpolant of m rows.
    spans : `Spans`
        Result of `find_spans` for the n integers; the same for all functions with these points and style.
    out : `numpy.ndarray`, (m, n)
        Array of any floating-point type to fill; computed in float64.
    compiled : `bool`, optional
        Whether to use the compiled loops, which give the same bits; ``out`` must then be contiguous float32.
    """
    if compiled:
        loops.interpolate.evaluate_rows(function.coefficients[spans.pieces], spans.edges, spans.deltas, out)
        return
    chunk = 32
    buffer = np.empty((chunk, out.shape[1]))
    for top in range(0, out.shape[0], chunk):
        bottom = min(top + chunk, out.shape[0])
        block = buffer[: bottom - top]
        for run, piece, delta in spans.runs():
            _evaluate(function.coefficients[piece, :, top:bottom, np.newaxis], delta, block[:, run])
        out[top:bottom] = block


def _evaluate(coefficients: np.ndarray, delta: np.ndarray, out: np.ndarray) -> None:
    """Fill ``out`` with polynomials, coefficients of ascending powers first, by Horner's rule.

    The compiled stack rounds in this order, and Akima splines through the values depend on every bit of them:
    where they are linear, the weights of the slopes are pure rounding errors.
    """
    np.copyto(out, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        np.multiply(out, delta, out=out)
        np.add(out, coefficient, out=out)


def _piece(function: Pieces, x: np.ndarray) -> np.ndarray:
    """Return the index of the piece in which each point lies."""
    index = np.searchsorted(function.breaks, x, side="right")
    if function.closed:
        index[x == function.breaks[-1]] -= 1
    return index


def find_spans(function: Pieces, start: int, stop: int) -> Spans:
    """Find the pieces in which the integers from ``start`` to ``stop`` (excluded) lie."""
    points = np.arange(start, stop)
    index = _piece(function, points)
    inner = np.flatnonzero(np.diff(index)) + 1
    edges = np.concatenate([[0], inner, [len(points)]]).astype(np.int64)
    return Spans(edges, index[edges[:-1]], points - function.anchors[index])
