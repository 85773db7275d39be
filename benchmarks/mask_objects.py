# SPDX-License-Identifier: GPL-3.0-or-later
"""Time `CpSkyImageTask.run` beside a Gaussian filter of the image."""

from __future__ import annotations

import logging
from typing import Any

from _setup import Row, arguments, focal_plane_config, make_camera, make_exposure, print_rows, time_pair
from scipy.ndimage import gaussian_filter

from lsst.cp.sky import CpSkyImageTask


def make_masking(width: int, height: int, stars: int) -> tuple[CpSkyImageTask, Any, Any]:
    """Make the task, a camera of one detector and its exposure."""
    camera = make_camera(width, height)
    config = CpSkyImageTask.ConfigClass()
    config.largeScaleBackground = focal_plane_config(width)
    return CpSkyImageTask(config=config), camera, make_exposure(width, height, stars, camera[0])


def main(argv: list[str] | None = None) -> list[Row]:
    """Measure, and return the row of the table."""
    options = arguments(__doc__, argv)
    logging.disable(logging.WARNING)
    task, camera, exposure = make_masking(options.width, options.height, options.stars)
    image = exposure.image.array.copy()
    pair = time_pair(
        lambda given: task.run(given, camera),
        lambda: gaussian_filter(image, 5.0, truncate=3.4),
        options.repeat,
        exposure.clone,
    )
    return [pair.row("CpSkyImageTask.run / gaussian_filter", 3.0)]


if __name__ == "__main__":
    print_rows(main())
