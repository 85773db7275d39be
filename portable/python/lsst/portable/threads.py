# SPDX-License-Identifier: GPL-3.0-or-later
"""When compiled loops pay, and how work is divided among threads."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ("is_large", "rows_of", "run_blocks", "run_rows", "run_threads", "thread_count")

#: Number of pixels from which compiled loops are worth the import of numba.
LARGE = 1 << 20
#: Number of pixels to process at once: they stay in a processor's cache until everything is done.
_BLOCK = 1 << 19
#: Smallest number of pixels worth a thread.
_LEAST = 1 << 20


def thread_count() -> int:
    """Return the number of threads to use: the cores of this process, or fewer if OMP_NUM_THREADS is set."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(cores, int(limit))) if limit.isdigit() else cores


def is_large(pixels: int) -> bool:
    """Return whether a number of pixels is worth compiled loops and threads."""
    return pixels >= LARGE


def run_threads(work: Callable[[int, int], None], count: int, least: int = 1) -> None:
    """Call ``work(start, stop)`` in threads until ``count`` items are done, at least ``least`` at a time.

    Parameters
    ----------
    work : `collections.abc.Callable`
        Processes the items from ``start`` to ``stop`` (excluded), independently of all others.
    count : `int`
        Number of items.
    least : `int`, optional
        Smallest number of items worth a call.
    """
    threads = thread_count()
    step = max(least, -(-count // (8 * threads)))
    if threads == 1 or count <= step:
        work(0, count)
        return
    starts = range(0, count, step)
    with ThreadPoolExecutor(min(threads, len(starts))) as pool:
        list(pool.map(lambda start: work(start, min(start + step, count)), starts))


def rows_of(pixels: int, width: int) -> int:
    """Return how many rows of an image have about the given number of pixels; at least one."""
    return max(pixels // max(width, 1), 1)


def run_blocks(work: Callable[[int, int], None], count: int, block: int, least: int = 1) -> None:
    """Call ``work(start, stop)`` until ``count`` items are done, block by block.

    Parameters
    ----------
    work : `collections.abc.Callable`
        Processes the items from ``start`` to ``stop`` (excluded), independently of all others.
    count : `int`
        Number of items.
    block : `int`
        Number of items per call, which limits its memory; calls start at multiples of it.
    least : `int`, optional
        Smallest number of items worth a thread.
    """

    def part(first: int, last: int) -> None:
        for start in range(first * block, min(last * block, count), block):
            work(start, min(start + block, count))

    run_threads(part, -(-count // block), -(-least // block))


def run_rows(work: Callable[[int, int], None], shape: tuple[int, int], pixels: int | None = None) -> None:
    """Call ``work(start, stop)`` for all rows of an image, in blocks and threads.

    Parameters
    ----------
    work : `collections.abc.Callable`
        Processes the rows from ``start`` to ``stop`` (excluded), independently of all others.
    shape : `tuple` [`int`, `int`]
        Rows and columns of the image.
    pixels : `int`, optional
        Approximate number of pixels in a block; by default as many as fit into a processor's cache.
    """
    block = _BLOCK if pixels is None else pixels
    run_blocks(work, shape[0], rows_of(block, shape[1]), rows_of(_LEAST, shape[1]))
