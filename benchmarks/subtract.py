# SPDX-License-Identifier: GPL-3.0-or-later
"""Time `CpSkySubtractBackgroundTask.run` beside sep.Background with the same mask."""

from __future__ import annotations

import logging
from typing import Any

from _setup import Row, arguments, focal_plane_config, make_camera, print_rows, time_pair
from measure_background import make_masked, make_yardstick

from lsst.cp.sky import CpSkySubtractBackgroundTask
from lsst.daf.base import PropertyList
from lsst.pipe.tasks.background import FocalPlaneBackground


def make_inputs(width: int, height: int, stars: int) -> tuple[Any, Any, PropertyList]:
    """Make a masked exposure, the model of its sky, and the scale."""
    camera = make_camera(width, height)
    exposure = make_masked(width, height, stars, camera[0])
    config = focal_plane_config(width)
    config.xSize = config.ySize = config.xSize / 4
    model = FocalPlaneBackground.fromCamera(config, camera)
    model.addCcd(exposure)
    scale = PropertyList()
    scale.set("scale", 1000.0)
    return exposure, model, scale


def main(argv: list[str] | None = None) -> list[Row]:
    """Measure, and return the row of the table."""
    options = arguments(__doc__, argv)
    logging.disable(logging.WARNING)
    exposure, model, scale = make_inputs(options.width, options.height, options.stars)
    task = CpSkySubtractBackgroundTask()
    yardstick = make_yardstick(exposure, list(task.sky.config.background.mask))
    pair = time_pair(lambda given: task.run(given, model, scale), yardstick, options.repeat, exposure.clone)
    return [pair.row("CpSkySubtractBackgroundTask.run / sep.Background", 0.7)]


if __name__ == "__main__":
    print_rows(main())
