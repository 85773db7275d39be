# SPDX-License-Identifier: GPL-3.0-or-later
"""Large images searched for regions, and regions grown and moved, in blocks of rows and in threads."""

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

#: Says of the pixels of some rows, of which the first is given too, whether they are looked for.
PixelTest: TypeAlias = "Callable[[int, NDArray], NDArray[np.bool_]]"

#: Pixels that are searched at once: they and their levels stay in a processor's cache.
_SEARCHED = 1 << 17
#: Pixels that are grown at once, at least.
_GROWN = 1 << 19


def bit_test(bits: int) -> PixelTest:
    """Test of the pixels of a mask: whether any of some bits is set."""
    return lambda _, values: (values & bits) != 0


def level_test(level: float, positive: bool) -> PixelTest:
    """Test of pixels: whether they reach a level, or its negative; see `above_threshold`."""
    return lambda _, values: above_threshold(values, level, positive)


def noise_test(variance: NDArray, factor: float, multiplier: float, positive: bool) -> PixelTest:
    """Test of pixels: whether they reach a multiple of their standard deviation; see `noise_levels`."""

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
    """Search an image that is handed out by rows, so that it need not exist as a whole.

    Parameters
    ----------
    rows : `collections.abc.Callable`
        Called as ``rows(start, stop)``, by several threads, for the pixels of some rows.
    shape : `tuple` [`int`, `int`]
        Rows and columns of the image.
    tests : `collections.abc.Sequence` [`PixelTest`]
        What to look for: pixels that pass the first test and, if there is a second one, those of them that
        are in one region with a pixel that passes it too.
    min_pixels : `int`, optional
        Smallest number of pixels of a region.

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
    """Keep the regions that are large enough and, given the flags of peaks too, that hold a peak."""
    if min_pixels <= 1 and len(flags) == 1:
        return flags[0]
    whole = [each.rows(0, each.shape[0]) for each in flags]
    kept = PackedFlags(flags[0].shape)
    kept.set_rows(0, select_regions(whole[0], min_pixels, *whole[1:]))
    return kept


def grow_flags(above: PackedFlags, half_widths: NDArray[np.intp]) -> PackedFlags:
    """Grow regions by a shape that is convex along rows; what leaves the array is cut off.

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
    """Flags as an array has them that lies elsewhere.

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
        Called as ``rows(start, stop)`` for some rows of the other array; False where it leaves ``flags``.
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
