# SPDX-License-Identifier: GPL-3.0-or-later
"""Time `BackgroundList.getImage` (Akima) beside copying an array of the same size."""

from __future__ import annotations

import numpy as np
from _setup import Row, arguments, print_rows, time_pair

from lsst.afw.image import MaskedImageF
from lsst.afw.math import BackgroundList, BackgroundMI
from lsst.geom import Box2I, Extent2I, Point2I


def make_background(width: int, height: int) -> BackgroundList:
    """Make a background of cells of 64 pixels."""
    cells = MaskedImageF(Extent2I(max(width // 64, 1), max(height // 64, 1)))
    cells.image.array[:] = np.random.default_rng(1).normal(1000, 10, cells.image.array.shape)
    background = BackgroundMI(Box2I(Point2I(0, 0), Extent2I(width, height)), cells)
    background.getImageF("AKIMA_SPLINE", "REDUCE_INTERP_ORDER")
    return BackgroundList(background)


def main(argv: list[str] | None = None) -> list[Row]:
    """Measure, and return the row of the table."""
    options = arguments(__doc__, argv)
    background = make_background(options.width, options.height)
    source = np.ones((options.height, options.width), dtype=np.float32)
    target = np.zeros_like(source)
    pair = time_pair(lambda _: background.getImage(), lambda: np.copyto(target, source), 4 * options.repeat)
    return [pair.row("BackgroundList.getImage / copy of the array", 10.0)]


if __name__ == "__main__":
    print_rows(main())
