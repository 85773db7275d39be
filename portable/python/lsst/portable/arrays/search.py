# SPDX-License-Identifier: GPL-3.0-or-later
"""Search of large images for regions, and growth and shifts of regions, by blocks of rows in threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from lsst.portable.threads import is_large, run_rows

from .packed import PackedFlags
from .regions import above_threshold, grow, noise_levels, select_regions

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ("PixelTest", "bit_test", "grow_flags", "level_test", "move_flags", "noise_test", "search_rows")

#: Tests the pixels of some rows, of which the first is given as well.
PixelTest: TypeAlias = "Callable[[int, NDArray], NDArray[np.bool_]]"

#: Number of pixels to search at once: they and their levels stay in a processor's cache.
_SEARCHED = 1 << 17
#: Smallest number of pixels to grow at once.
_GROWN = 1 << 19


def bit_test(bits: int) -> PixelTest:
    """Return a test of mask pixels: whether any of some bits is set."""
    return lambda _, values: (values & bits) != 0


def level_test(level: float, positive: bool) -> PixelTest:
    """Return a test of pixels: whether they reach a level, or its negative; see `above_threshold`."""
    return lambda _, values: above_threshold(values, level, positive)


def noise_test(variance: NDArray, factor: float, multiplier: float, positive: bool) -> PixelTest:
    """Return a test whether pixels reach a multiple of their standard deviation; see `noise_levels`."""

    def above_noise(start: int, values: NDArray) -> NDArray[np.bool_]:
        levels = noise_levels(variance[start : start + len(values)], factor, multiplier)
        return above_threshold(values, levels, positive)

    return above_noise


def search_rows(
    rows: Callable[[int, int], NDArray],
    shape: tuple[int, int],
    tests: Sequence[PixelTest],
    min_pixels: int = 1,
) -> PackedFlags:
    """Search an image that is provided by rows, so that it need not exist as a whole.

    Parameters
    ----------
    rows : `collections.abc.Callable`
        Called as ``rows(start, stop)``, by several threads, for the pixels of some rows.
    shape : `tuple` [`int`, `int`]
        Rows and columns of the image.
    tests : `collections.abc.Sequence` [`PixelTest`]
        Tests: the first selects pixels; the second, if given, selects those regions that contain a pixel that
        passes it.
    min_pixels : `int`, optional
        Smallest number of pixels in a region.

    Returns
    -------
    flags : `PackedFlags`
        The regions found.
    """
    found = [PackedFlags(shape) for _ in tests]

    def search(start: int, stop: int) -> None:
        values = rows(start, stop)
        for test, target in zip(tests, found, strict=True):
            target.set_rows(start, test(start, values))

    if is_large(shape[0] * shape[1]):
        run_rows(search, shape, _SEARCHED)
    else:
        search(0, shape[0])
    return _select(found, min_pixels)


def _select(flags: list[PackedFlags], min_pixels: int) -> PackedFlags:
    """Keep the regions that are large enough and, if flags of peaks are given, contain a peak."""
    if min_pixels <= 1 and len(flags) == 1:
        return flags[0]
    whole = [each.rows(0, each.shape[0]) for each in flags]
    kept = PackedFlags(flags[0].shape)
    kept.set_rows(0, select_regions(whole[0], min_pixels, *whole[1:]))
    return kept


def grow_flags(above: PackedFlags, half_widths: NDArray[np.intp]) -> PackedFlags:
    """Grow regions by a shape that is convex along rows, clipped to the array.

    Parameters
    ----------
    above : `PackedFlags`
        The regions.
    half_widths : `numpy.ndarray`, (2 * r + 1,)
        Half widths of the shape in its rows.

    Returns
    -------
    grown : `PackedFlags`
        The grown regions.
    """
    height, width = above.shape
    reach, grown = len(half_widths) // 2, PackedFlags(above.shape)
    compiled = is_large(height * width)

    def work(start: int, stop: int) -> None:
        first, last = max(start - reach, 0), min(stop + reach, height)
        wanted = slice(start - first, stop - first)
        grown.set_rows(start, grow(above.rows(first, last), half_widths, wanted, compiled=compiled))

    if compiled:
        run_rows(work, above.shape, max(_GROWN, 2 * reach * width))
    else:
        work(0, height)
    return grown


def move_flags(
    flags: PackedFlags, up: int, right: int, shape: tuple[int, int]
) -> Callable[[int, int], NDArray[np.bool_]]:
    """Return flags in the frame of another array.

    Parameters
    ----------
    flags : `PackedFlags`
        The flags.
    up, right : `int`
        Row and column of ``flags`` at which the other array begins; either may be negative.
    shape : `tuple` [`int`, `int`]
        Rows and columns of the other array.

    Returns
    -------
    rows : `collections.abc.Callable`
        Called as ``rows(start, stop)`` for rows of the other array; False outside ``flags``.
    """
    height, width = flags.shape

    def rows(start: int, stop: int) -> NDArray[np.bool_]:
        if (up, right, shape) == (0, 0, flags.shape):
            return flags.rows(start, stop)
        first, last = max(start + up, 0), min(stop + up, height)
        left, end = max(right, 0), min(shape[1] + right, width)
        moved = np.zeros((stop - start, shape[1]), dtype=np.bool_)
        if first < last and left < end:
            shared = flags.rows(first, last)[:, left:end]
            moved[first - up - start : last - up - start, left - right : end - right] = shared
        return moved

    return rows
