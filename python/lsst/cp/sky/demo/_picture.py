# SPDX-License-Identifier: GPL-3.0-or-later
"""A plot of the patterns over the focal plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.cameraGeom import FOCAL_PLANE, PIXELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure

    from lsst.afw.cameraGeom import Camera, Detector

    from ._patterns import Patterns

__all__ = ("cell_corners", "draw_patterns")

_NAME_LIMIT = 30
"""Largest number of detectors whose names are still legible."""


def cell_corners(detector: Detector, cells: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of a grid of cells in the focal plane.

    Parameters
    ----------
    detector : `lsst.afw.cameraGeom.Detector`
        Detector that the cells cover.
    cells : `tuple` [`int`, `int`]
        Rows and columns of cells.

    Returns
    -------
    x, y : `numpy.ndarray`, ``(rows + 1, columns + 1)``
        Positions of the corners (mm).
    """
    box = detector.getBBox()
    rows = np.linspace(box.minY - 0.5, box.maxY + 0.5, cells[0] + 1)
    columns = np.linspace(box.minX - 0.5, box.maxX + 0.5, cells[1] + 1)
    grid = np.meshgrid(columns, rows)
    mapping = detector.getTransform(PIXELS, FOCAL_PLANE).getMapping()
    x, y = mapping.applyForward(np.array([axis.ravel() for axis in grid]))
    return x.reshape(grid[0].shape), y.reshape(grid[0].shape)


def draw_patterns(camera: Camera, patterns: Mapping[int, Patterns]) -> Figure:
    """Plot the injected and recovered patterns and their difference over the focal plane.

    Parameters
    ----------
    camera : `lsst.afw.cameraGeom.Camera`
        Camera that gives the positions of the detectors.
    patterns : `~collections.abc.Mapping` [`int`, `Patterns`]
        Patterns of each detector.

    Returns
    -------
    figure : `matplotlib.figure.Figure`
        Four panels on one colour scale, in percent of the sky.
    """
    from matplotlib.figure import Figure  # slow to import, and only plotting needs it

    chains = list(next(iter(patterns.values())).recoveries)
    limit = _scale(patterns)
    figure = Figure(figsize=(13, 0.4 + 3.9 * len(chains)), layout="constrained")
    axes = figure.subplots(len(chains), 3, sharex=True, sharey=True, squeeze=False)
    for row, chain in zip(axes, chains, strict=True):
        found = {number: one.recoveries[chain] for number, one in patterns.items()}
        panels = {
            f"Injected, as the {chain} chain would see it": {n: one.expected for n, one in found.items()},
            f"Sky frame of the {chain} chain": {n: one.recovered for n, one in found.items()},
            "Sky frame less injected": {n: one.residual for n, one in found.items()},
        }
        for axis, (title, panel) in zip(row, panels.items(), strict=True):
            mesh = _draw_panel(axis, camera, panel, limit)
            axis.set_title(title, fontsize=11)
        row[0].set_ylabel("focal plane y (mm)")
    for axis in axes[-1]:
        axis.set_xlabel("focal plane x (mm)")
    figure.colorbar(mesh, ax=axes, label="percent of the sky", extend="both", shrink=0.8)
    return figure


def _scale(patterns: Mapping[int, Patterns]) -> float:
    """Ends of the colour scale, per cent: all but the brightest cells of the injected pattern are within."""
    values = [np.abs(r.expected).ravel() for one in patterns.values() for r in one.recoveries.values()]
    return 100 * float(np.nanpercentile(np.concatenate(values), 99.5))


def _draw_panel(axis: Axes, camera: Camera, panel: Mapping[int, np.ndarray], limit: float) -> QuadMesh:
    """Draw the cells of all detectors, with outlines and, if legible, names."""
    from matplotlib.patheffects import withStroke  # as above

    for number, values in panel.items():
        detector = camera[number]
        x, y = cell_corners(detector, values.shape)
        mesh = axis.pcolormesh(x, y, 100 * values, cmap="RdBu_r", vmin=-limit, vmax=limit, rasterized=True)
        outline = ([0, 0, -1, -1, 0], [0, -1, -1, 0, 0])
        axis.plot(x[outline], y[outline], color="0.3", linewidth=0.5)
        if len(panel) <= _NAME_LIMIT:
            axis.annotate(
                detector.getName(),
                (x.min(), y.max()),
                xytext=(2, -2),
                textcoords="offset points",
                fontsize=7,
                va="top",
                color="0.2",
                path_effects=[withStroke(linewidth=2, foreground="white", alpha=0.7)],
            )
    axis.set_aspect("equal")
    return mesh
