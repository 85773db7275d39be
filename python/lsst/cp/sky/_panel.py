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
    from matplotlib.figure import Figure

    from lsst.afw.cameraGeom import Camera, Detector

__all__ = ("cell_corners", "draw_panel", "fit_names", "panel_extent")

_LARGEST, _SMALLEST = 7.0, 4.5
"""Sizes of the font of names, points; below the smallest a name would not be legible."""
_SHARE = (0.92, 0.4)
"""Parts of the width and the height of a detector that its name may take."""


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
    """Draw the cells of all detectors, with outlines and names; `fit_names` comes after it."""
    from matplotlib.patheffects import withStroke  # only who draws waits for it

    for number, values in panel.items():
        detector = camera[number]
        x, y = cell_corners(detector, values.shape)
        mesh = axis.pcolormesh(x, y, 100 * values, cmap="RdBu_r", vmin=-limit, vmax=limit, rasterized=True)
        outline = ([0, 0, -1, -1, 0], [0, -1, -1, 0, 0])
        axis.plot(x[outline], y[outline], color="0.3", linewidth=0.5)
        name = axis.text(
            x.min() + 0.03 * np.ptp(x),
            y.max() - 0.03 * np.ptp(y),
            detector.getName(),
            fontsize=_LARGEST,
            va="top",
            color="0.2",
            path_effects=[withStroke(linewidth=2, foreground="white", alpha=0.7)],
        )
        name.set_in_layout(False)
    axis.set_aspect("equal")
    return mesh


def fit_names(figure: Figure) -> None:
    """Make the names of detectors as large as fits into them, and hide those that would not be legible.

    How large a detector is on the page is known only when everything is there and has been laid out.
    """
    figure.draw_without_rendering()
    for axis in figure.axes:
        for outline, name in zip(axis.lines, axis.texts, strict=True):
            room, needed = outline.get_window_extent(), name.get_window_extent()
            shares = (_SHARE[0] * room.width / needed.width, _SHARE[1] * room.height / needed.height)
            size = _LARGEST * min(1.0, *shares)
            name.set_fontsize(size)
            name.set_visible(size >= _SMALLEST)


def panel_extent(camera: Camera, numbers: Iterable[int]) -> tuple[float, float]:
    """Width and height of what `draw_panel` draws of some detectors, mm."""
    corners = [cell_corners(camera[number], (1, 1)) for number in numbers]
    x, y = (np.concatenate([one[axis].ravel() for one in corners]) for axis in (0, 1))
    return float(np.ptp(x)), float(np.ptp(y))
