# SPDX-License-Identifier: GPL-3.0-or-later
"""Floating-point pixels as scaled integers, dithered or not: pure functions over arrays.

See the FITS standard 4.0, section 10.2 and appendix I (the sequence of random numbers), and W. D. Pence et
al. 2009, PASP 121, 414.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from ._options import DitherAlgorithm

__all__ = (
    "NULL_VALUE",
    "ZERO_VALUE",
    "dequantize",
    "dither_sequence",
    "masked_sigma",
    "quantize",
    "tile_noise",
)

NULL_VALUE = -2147483647
"""Integer that stands for a pixel that is not a number."""

ZERO_VALUE = -2147483646
"""Integer that stands for a pixel that is exactly zero, under SUBTRACTIVE_DITHER_2."""

RESERVED = 10
"""Integers at the bottom of the range kept for such meanings."""

N_RANDOM = 10000
"""Length of the table of random numbers."""

_LARGEST = 2147483647


@functools.cache
def random_table() -> np.ndarray:
    """Return the 10000 numbers in [0, 1) that the standard prescribes, shape ``(10000,)``, float32."""
    seed = 1
    values = np.empty(N_RANDOM)
    for i in range(N_RANDOM):
        seed = 16807 * seed % _LARGEST
        values[i] = seed / _LARGEST
    table = values.astype(np.float32)
    table.setflags(write=False)
    return table


def dither_sequence(tile: int, seed: int, size: int) -> np.ndarray:
    """Return the random offsets of the pixels of one tile.

    Parameters
    ----------
    tile : `int`
        Number of the tile, from 0.
    seed : `int`
        Header card ZDITHER0, 1 to 10000.
    size : `int`
        Number of pixels.

    Returns
    -------
    offsets : `numpy.ndarray`
        Offsets in [0, 1), float32, shape ``(size,)``.
    """
    table = random_table()
    start = (tile + seed - 1) % N_RANDOM
    pieces = []
    while size > 0:
        piece = table[int(table[start] * 500) :][:size]
        pieces.append(piece)
        size -= len(piece)
        start = (start + 1) % N_RANDOM
    return np.concatenate(pieces) if len(pieces) != 1 else pieces[0]


def dequantize(
    values: np.ndarray,
    scale: float,
    zero: float,
    offsets: np.ndarray | None,
    *,
    blank: int | None,
    keep_zero: bool,
) -> np.ndarray:
    """Convert the integers of one tile to pixels.

    Parameters
    ----------
    values : `numpy.ndarray`
        Integers, shape ``(n,)``.
    scale, zero : `float`
        Step and zero point of the tile.
    offsets : `numpy.ndarray` or `None`
        Offsets from `dither_sequence`, shape ``(n,)``; `None` without dithering.
    blank : `int` or `None`
        Integer that stands for NaN.
    keep_zero : `bool`
        Whether `ZERO_VALUE` stands for 0.

    Returns
    -------
    pixels : `numpy.ndarray`
        Pixels, float64, shape ``(n,)``.
    """
    pixels = values.astype(np.float64)
    if offsets is not None:
        pixels -= offsets
        pixels += 0.5
    with np.errstate(over="ignore", invalid="ignore"):
        pixels *= scale
        pixels += zero
    if keep_zero:
        pixels[values == ZERO_VALUE] = 0.0
    if blank is not None:
        pixels[values == blank] = np.nan
    return pixels


def quantize(
    pixels: np.ndarray, scale: float, dither: DitherAlgorithm, tile: int, seed: int
) -> tuple[np.ndarray, float] | None:
    """Convert the pixels of one tile to integers.

    Parameters
    ----------
    pixels : `numpy.ndarray`
        Floating-point pixels, shape ``(n,)``; non-finite ones become `NULL_VALUE`.
    scale : `float`
        Step, > 0.
    dither : `DitherAlgorithm`
        Kind of dithering.
    tile, seed : `int`
        See `dither_sequence`.

    Returns
    -------
    result : `tuple` [`numpy.ndarray`, `float`] or `None`
        Integers, int32, shape ``(n,)``, and the zero point; `None` if the range of the tile is too large for
        the step, so the tile must be kept as it is.
    """
    good = np.isfinite(pixels)
    finite = pixels[good].astype(np.float64)
    if finite.size == 0:
        return np.full(pixels.shape, NULL_VALUE, dtype=np.int32), 0.0
    low, high = float(finite.min()), float(finite.max())
    if not (high - low) / scale <= 2.0 * _LARGEST - RESERVED:
        return None
    zero = _zero_point(low, high, scale, dither, all_good=finite.size == pixels.size)
    levels = (pixels.astype(np.float64) - zero) / scale
    if dither is not DitherAlgorithm.NO_DITHER:
        levels += dither_sequence(tile, seed, pixels.size)
        levels -= 0.5
    levels[~good] = 0.0
    if not np.abs(levels).max() < _LARGEST:
        return None
    values = np.where(levels >= 0, levels + 0.5, levels - 0.5).astype(np.int32)
    if dither is DitherAlgorithm.SUBTRACTIVE_DITHER_2:
        values[pixels == 0] = ZERO_VALUE
    values[~good] = NULL_VALUE
    return values, zero


def _zero_point(low: float, high: float, scale: float, dither: DitherAlgorithm, *, all_good: bool) -> float:
    """Choose the pixel value of integer 0, as CFITSIO does, so that both write the same numbers."""
    if dither is DitherAlgorithm.SUBTRACTIVE_DITHER_2 or not all_good:
        return low - scale * (NULL_VALUE + RESERVED)
    if (high - low) / scale < _LARGEST - RESERVED:
        return int(low / scale + 0.5) * scale  # a whole number of steps: compressing again changes nothing
    return (low + high) / 2.0


def masked_sigma(pixels: np.ndarray, ignore: np.ndarray | None) -> float:
    """Return the noise of an image from its quartiles: 0.741 times the interquartile range.

    Parameters
    ----------
    pixels : `numpy.ndarray`
        Pixels, of any shape.
    ignore : `numpy.ndarray` or `None`
        Pixels to ignore (bool, same shape), besides non-finite ones.

    Returns
    -------
    sigma : `float`
        Noise; quartiles are the pixels of rank ``n // 4`` and ``3 n // 4``. NaN if no pixel is left.
    """
    good = np.isfinite(pixels)
    if ignore is not None:
        good &= ~ignore
    values = pixels[good]
    n = values.size
    if n == 0:
        return math.nan
    ranks = (n // 4, 3 * n // 4)
    values = np.partition(values, ranks)
    return 0.741 * (float(values[ranks[1]]) - float(values[ranks[0]]))


def tile_noise(pixels: np.ndarray) -> float:
    """Return the noise of one tile: the least of three estimates, from 2nd, 3rd and 5th order differences.

    Parameters
    ----------
    pixels : `numpy.ndarray`
        Pixels, shape ``(n,)``; non-finite ones are ignored.

    Returns
    -------
    sigma : `float`
        Noise; 0 if fewer than 9 pixels are left. Factors are from Pence et al. 2009, section 3.
    """
    x = pixels[np.isfinite(pixels)].astype(np.float64)
    if x.size < 9:
        return 0.0
    second = np.abs(x[:-2] - x[2:])
    third = np.abs(2 * x[2:-2] - x[:-4] - x[4:])
    fifth = np.abs(6 * x[4:-4] - 4 * (x[2:-6] + x[6:-2]) + x[:-8] + x[8:])
    return min(
        1.0483579 * float(np.median(second)),
        0.6052697 * float(np.median(third)),
        0.1772048 * float(np.median(fifth)),
    )
