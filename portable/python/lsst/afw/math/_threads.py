# SPDX-License-Identifier: GPL-3.0-or-later
"""When compiled loops are used, and in how many threads."""

from collections.abc import Callable

from lsst.portable import thread_count

__all__ = ("LARGE", "rows_of", "run_blocks", "run_threads")

#: Pixels of an image from which on compiled loops are worth the import of numba.
LARGE = 1 << 20


def run_threads(work: Callable[[int, int], None], count: int, least: int = 1) -> None:
    """Call ``work(start, stop)`` until all of ``count`` items are done, in parts of at least ``least``.

    Parameters
    ----------
    work : `collections.abc.Callable`
        Does the items from ``start`` to ``stop``, excluded, independently of all others.
    count : `int`
        Number of items.
    least : `int`, optional
        Fewest items that are worth a call.
    """
    threads = thread_count()
    step = max(least, -(-count // (8 * threads)))
    if threads == 1 or count <= step:
        work(0, count)
        return
    starts = range(0, count, step)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(threads, len(starts))) as pool:
        list(pool.map(lambda start: work(start, min(start + step, count)), starts))


def rows_of(pixels: int, width: int) -> int:
    """How many rows of an image have about so many pixels; at least one."""
    return max(pixels // max(width, 1), 1)


def run_blocks(work: Callable[[int, int], None], count: int, block: int, least: int = 1) -> None:
    """Call ``work(start, stop)`` until all of ``count`` items are done, one block after another.

    Parameters
    ----------
    work : `collections.abc.Callable`
        Does the items from ``start`` to ``stop``, excluded, independently of all others.
    count : `int`
        Number of items.
    block : `int`
        Items of a call, so that what it needs for them stays small; all start at multiples of it.
    least : `int`, optional
        Fewest items that are worth a thread's while.
    """

    def part(first: int, last: int) -> None:
        for start in range(first * block, min(last * block, count), block):
            work(start, min(start + block, count))

    run_threads(part, -(-count // block), -(-least // block))
