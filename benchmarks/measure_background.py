# SPDX-License-Identifier: GPL-3.0-or-later
"""Time `SkyMeasurementTask.measureBackground` beside sep.Background with the same mask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sep
from _setup import Row, arguments, make_exposure, print_rows, time_pair

from lsst.afw.image import ExposureF
from lsst.pipe.tasks.background import SkyMeasurementTask


def make_masked(width: int, height: int, stars: int, detector: Any = None) -> ExposureF:
    """Make an exposure whose bright pixels are DETECTED."""
    exposure = make_exposure(width, height, stars, detector)
    exposure.mask.array[exposure.image.array > 1200] |= exposure.mask.getPlaneBitMask("DETECTED")
    return exposure


def make_yardstick(exposure: ExposureF, planes: list[str]) -> Callable[[], Any]:
    """Make the call of sep.Background: boxes of 32 pixels, no filter, the same mask."""
    image = exposure.image.array.copy()
    mask = (exposure.mask.array & exposure.mask.getPlaneBitMask(planes)) != 0
    return lambda: sep.Background(image, mask=mask, bw=32, bh=32, fw=1, fh=1)


def main(argv: list[str] | None = None) -> list[Row]:
    """Measure, and return the row of the table."""
    options = arguments(__doc__, argv)
    exposure = make_masked(options.width, options.height, options.stars)
    task = SkyMeasurementTask(name="skyMeasurement")
    yardstick = make_yardstick(exposure, list(task.config.background.mask))
    pair = time_pair(lambda _: task.measureBackground(exposure.maskedImage), yardstick, 2 * options.repeat)
    return [pair.row("SkyMeasurementTask.measureBackground / sep.Background", 0.5)]


if __name__ == "__main__":
    print_rows(main())
