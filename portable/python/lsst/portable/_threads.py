# SPDX-License-Identifier: GPL-3.0-or-later
"""How many threads to use."""

import os

__all__ = ("thread_count",)


def thread_count() -> int:
    """How many threads may work at once: the cores of this process, or fewer if OMP_NUM_THREADS says so."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(cores, int(limit))) if limit.isdigit() else cores
