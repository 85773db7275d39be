# SPDX-License-Identifier: GPL-3.0-or-later
"""Time masking, measuring and subtracting for growing detectors, and for growing numbers of them.

Cost is linear where the time per megapixel (or per detector) stays the same.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import time
from collections.abc import Callable
from typing import Any

from _setup import focal_plane_config, make_camera, make_exposure
from subtract import make_inputs

from lsst.cp.sky import CpSkyImageTask, CpSkySubtractBackgroundTask
from lsst.pipe.tasks.background import FocalPlaneBackground

STARS_PER_PIXEL = 3000 / (4072 * 4000)


def median_time(work: Callable[[Any], Any], prepare: Callable[[], Any], repeat: int) -> float:
    """Median wall time of a call after one to warm up (seconds)."""
    times = []
    for _ in range(repeat + 1):
        given = prepare()
        start = time.perf_counter()
        work(given)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def time_size(side: int, repeat: int) -> tuple[float, float]:
    """Times of masking and of subtracting a square detector."""
    camera = make_camera(side, side)
    stars = max(int(STARS_PER_PIXEL * side * side), 1)
    exposure = make_exposure(side, side, stars, camera[0])
    config = CpSkyImageTask.ConfigClass()
    config.largeScaleBackground = focal_plane_config(side)
    task = CpSkyImageTask(config=config)
    mask = median_time(lambda given: task.run(given, camera), exposure.clone, repeat)
    masked, model, scale = make_inputs(side, side, stars)
    subtract = CpSkySubtractBackgroundTask()
    return mask, median_time(lambda given: subtract.run(given, model, scale), masked.clone, repeat)


def time_detectors(number: int, side: int, repeat: int) -> float:
    """Time of measuring and merging one model of several detectors."""
    camera = make_camera(side, side)
    exposure = make_exposure(side, side, 100, camera[0])

    def merge(_: None) -> None:
        total = FocalPlaneBackground.fromCamera(focal_plane_config(side), camera)
        for _ in range(number):
            one = FocalPlaneBackground.fromCamera(focal_plane_config(side), camera)
            one.addCcd(exposure)
            total.merge(one)

    return median_time(merge, lambda: None, repeat)


def main(argv: list[str] | None = None) -> list[tuple[str, float, float]]:
    """Measure and print; returns what was run, the time (seconds) and the time per unit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sides", type=int, nargs="*", default=[512, 1024, 2048, 4096, 8192])
    parser.add_argument("--detectors", type=int, nargs="*", default=[1, 2, 4, 8, 16])
    parser.add_argument("--side", type=int, default=2048, help="side of each of several detectors")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args(argv)
    logging.disable(logging.WARNING)
    results: list[tuple[str, float, float]] = []
    print("| run | time | per megapixel or detector |\n|---|---|---|")

    def add(what: str, taken: float, units: float) -> None:
        results.append((what, taken, taken / units))
        print(f"| {what} | {taken:.3g} s | {taken / units:.3g} s |", flush=True)

    for side in options.sides:
        mask, subtract = time_size(side, options.repeat)
        add(f"mask {side} x {side}", mask, side * side / 1e6)
        add(f"subtract {side} x {side}", subtract, side * side / 1e6)
    for number in options.detectors:
        taken = time_detectors(number, options.side, options.repeat)
        add(f"measure and merge {number} detectors of {options.side} x {options.side}", taken, number)
    return results


if __name__ == "__main__":
    main()
