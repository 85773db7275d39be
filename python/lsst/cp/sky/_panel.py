# SPDX-License-Identifier: GPL-3.0-or-later
"""Cells of detectors drawn at their places in the focal plane."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.cameraGeom import FOCAL_PLANE, PIXELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh

    from lsst.afw.cameraGeom import Camera, Detector

__all__ = ("cell_corners", "draw_panel", "panel_extent")


def cell_corners(detector: Detector, cells: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Corners of a grid of cells in the focal plane.

    Parameters
    ----------
    detector : `lsst.afw.cameraGeom.Detector`
        Detector that the cells cover.
    cells : `tuple` [`int`, `int`]
        Rows and columns of cells.

    Returns
    -------
    x, y : `numpy.ndarray`, ``(rows + 1, columns + 1)``
        Positions of the corners, mm.
    """
    box = detector.getBBox()
    rows = np.linspace(box.minY - 0.5, box.maxY + 0.5, cells[0] + 1)
    columns = np.linspace(box.minX - 0.5, box.maxX + 0.5, cells[1] + 1)
    grid = np.meshgrid(columns, rows)
    mapping = detector.getTransform(PIXELS, FOCAL_PLANE).getMapping()
    x, y = mapping.applyForward(np.array([axis.ravel() for axis in grid]))
    return x.reshape(grid[0].shape), y.reshape(grid[0].shape)


def draw_panel(axis: Axes, camera: Camera, panel: Mapping[int, np.ndarray], limit: float) -> QuadMesh:
    """Draw the cells of all detectors, with outlines, and names where they fit."""
    from ._fitted_name import FittedName  # only who draws waits for matplotlib

    for number, values in panel.items():
        detector = camera[number]
        x, y = cell_corners(detector, values.shape)
        mesh = axis.pcolormesh(x, y, 100 * values, cmap="RdBu_r", vmin=-limit, vmax=limit, rasterized=True)
        outline = ([0, 0, -1, -1, 0], [0, -1, -1, 0, 0])
        axis.plot(x[outline], y[outline], color="0.3", linewidth=0.5)
        axis.add_artist(FittedName(detector.getName(), (x.min(), x.max(), y.min(), y.max())))
    axis.set_aspect("equal")
    return mesh


def panel_extent(camera: Camera, numbers: Iterable[int]) -> tuple[float, float]:
    """Width and height of what `draw_panel` draws of some detectors, mm."""
    corners = [cell_corners(camera[number], (1, 1)) for number in numbers]
    x, y = (np.concatenate([one[axis].ravel() for one in corners]) for axis in (0, 1))
    return float(np.ptp(x)), float(np.ptp(y))
