# SPDX-License-Identifier: GPL-3.0-or-later
"""Plots of the focal plane, from one detector to hundreds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.cameraGeom import FOCAL_PLANE, PIXELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure  # as above

    from lsst.afw.cameraGeom import Camera, Detector

__all__ = ("Panel", "block_mean", "draw_mosaic")

DPI = 120
_CELLS = 250_000
"""Cells of a panel beyond which they are finer than the pixels of the picture."""
_WIDTH = 5.6
"""Width of a panel, inches."""
_FONT, _SMALLEST_FONT = 8.0, 6.0
_NO_VALUE = "0.75"
"""Grey of cells without a value."""


@dataclasses.dataclass(frozen=True)
class Panel:
    """The content of one plot of the focal plane."""

    title: str
    label: str
    """What the colours stand for, with its unit."""
    cells: Mapping[int, np.ndarray]
    """Cells of each detector, by number."""
    signed: bool = True
    """Colours symmetric about zero? Otherwise from the lowest to the highest value."""
    whole: bool = False
    """Are values whole numbers?"""


def block_mean(cells: np.ndarray, factor: int) -> np.ndarray:
    """Mean of the finite cells in blocks of ``factor`` by ``factor``; the last ones may be smaller."""
    if factor <= 1:
        return cells
    edges = [np.arange(0, size, factor) for size in cells.shape]
    known = np.isfinite(cells)
    total, number = (
        np.add.reduceat(np.add.reduceat(layer, edges[0], axis=0), edges[1], axis=1)
        for layer in (np.where(known, cells, 0.0), known.astype(float))
    )
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)


def draw_mosaic(camera: Camera, panels: Sequence[Panel], title: str) -> Figure:
    """Plot panels side by side, each with its own colour scale.

    Parameters
    ----------
    camera : `lsst.afw.cameraGeom.Camera`
        Camera that gives the positions of the detectors.
    panels : `~collections.abc.Sequence` [`Panel`]
        Panels to plot.
    title : `str`
        Title of the figure.

    Returns
    -------
    figure : `matplotlib.figure.Figure`
        Panels with outlines and names of the detectors.
    """
    # Loads in half a second, which the tasks that draw nothing do not wait for.
    from matplotlib.figure import Figure  # as above

    detectors = [camera[number] for number in sorted({n for panel in panels for n in panel.cells})]
    left, right, bottom, top = _extent(detectors)
    columns = 1 if (right - left) > 2.2 * (top - bottom) else len(panels)
    rows = len(panels) if columns == 1 else 1
    figure = Figure(
        figsize=_figure_size((right - left) / (top - bottom), rows, columns),
        layout="constrained",
        dpi=DPI,
    )
    figure.suptitle(title, fontsize=11)
    for axis, panel in zip(figure.subplots(rows, columns, squeeze=False).flat, panels, strict=True):
        axis.set_xlim(left, right)
        axis.set_ylim(bottom, top)
        axis.set_aspect("equal")
        axis.set_title(panel.title, fontsize=10)
        axis.set_xlabel("focal plane x (mm)", fontsize=8)
        axis.set_ylabel("focal plane y (mm)", fontsize=8)
        axis.tick_params(labelsize=8)
        _draw_panel(axis, camera, panel)
    figure.draw_without_rendering()  # sizes are known from here on, and names are made to fit them
    for axis in figure.axes[: len(panels)]:
        _name_detectors(axis, detectors)
    return figure


def _figure_size(aspect: float, rows: int, columns: int) -> tuple[float, float]:
    """Width and height of a figure (inches) whose panels have an aspect ratio, x / y."""
    whole = _WIDTH if columns > 1 else _WIDTH * 1.3
    height = float(np.clip(whole * 0.82 / aspect, 1.2, 7.5))
    # What is much taller than wide needs no more width than it and its scale of colours have.
    width = float(np.clip(height * aspect + 1.7, 3.4, whole))
    return width * columns, (height + 0.75) * rows + 0.4


def _draw_panel(axis: Axes, camera: Camera, panel: Panel) -> None:
    from matplotlib import colormaps  # only drawing waits for it
    from matplotlib.collections import LineCollection  # as above
    from matplotlib.ticker import MaxNLocator  # as above

    total = sum(cells.size for cells in panel.cells.values())
    factor = int(np.ceil(np.sqrt(total / _CELLS))) if total else 1
    low, high = _limits(panel)
    # Both maps can be told apart by the colour-blind: two hues that meet in white, and one that gets lighter.
    colours = colormaps["RdBu_r" if panel.signed else "cividis"].with_extremes(bad=_NO_VALUE)
    outlines, mesh = [], None
    for number, cells in panel.cells.items():
        coarse = block_mean(np.asarray(cells, dtype=float), factor)
        x, y = _cell_corners(camera[number], coarse.shape, cells.shape, factor)
        mesh = axis.pcolormesh(
            x, y, np.ma.masked_invalid(coarse), cmap=colours, vmin=low, vmax=high, rasterized=True
        )
        border = ([0, 0, -1, -1, 0], [0, -1, -1, 0, 0])
        outlines.append(np.column_stack([x[border], y[border]]))
    axis.add_collection(LineCollection(outlines, colors="0.35", linewidths=0.4), autolim=False)
    if mesh is not None:
        bar = axis.figure.colorbar(
            mesh,
            ax=axis,
            extend="both" if panel.signed else "neither",
            shrink=0.9,
            ticks=MaxNLocator(integer=True, min_n_ticks=1) if panel.whole else None,
        )
        bar.set_label(panel.label, fontsize=8)
        bar.ax.tick_params(labelsize=8)


def _limits(panel: Panel) -> tuple[float, float]:
    """Values at the ends of the scale of colours."""
    values = np.concatenate([np.ravel(cells) for cells in panel.cells.values()] or [np.zeros(1)])
    values = values[np.isfinite(values)]
    if not values.size:
        return (-1.0, 1.0)
    if panel.signed:
        limit = float(np.percentile(np.abs(values), 99.5)) or 1.0
        return -limit, limit
    low, high = np.percentile(values, (0.0, 100.0) if panel.whole else (0.2, 99.8))
    return (float(low), float(high)) if high > low else (float(low) - 0.5, float(high) + 0.5)


def _cell_corners(
    detector: Detector, coarse: tuple[int, ...], fine: tuple[int, ...], factor: int
) -> tuple[np.ndarray, np.ndarray]:
    """Corners of blocks of cells in the focal plane, mm; arrays ``(rows + 1, columns + 1)``."""
    box = detector.getBBox()
    edges = []
    for start, size, number, whole in (
        (box.minY, box.height, coarse[0], fine[0]),
        (box.minX, box.width, coarse[1], fine[1]),
    ):
        reached = np.minimum(np.arange(number + 1) * factor, whole) / whole
        edges.append(start - 0.5 + size * reached)
    grid = np.meshgrid(edges[1], edges[0])
    mapping = detector.getTransform(PIXELS, FOCAL_PLANE).getMapping()
    x, y = mapping.applyForward(np.array([axis.ravel() for axis in grid]))
    return x.reshape(grid[0].shape), y.reshape(grid[0].shape)


def _extent(detectors: Sequence[Detector]) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of all detectors with a margin, mm."""
    corners = np.array(
        [[point.x, point.y] for detector in detectors for point in detector.getCorners(FOCAL_PLANE)]
    )
    (left, bottom), (right, top) = corners.min(axis=0), corners.max(axis=0)
    margin = 0.02 * max(right - left, top - bottom)
    return left - margin, right + margin, bottom - margin, top + margin


def _name_detectors(axis: Axes, detectors: Sequence[Detector]) -> None:
    """Write names of detectors where they fit, else those of their rafts, else none."""
    boxes = {}
    for detector in detectors:
        points = axis.transData.transform([[p.x, p.y] for p in detector.getCorners(FOCAL_PLANE)])
        boxes[detector.getName()] = (points.min(axis=0), points.max(axis=0))
    size = _font_size(boxes)
    if size < _SMALLEST_FONT:
        boxes = _rafts(boxes)
        size = _font_size(boxes)
    if size < _SMALLEST_FONT:
        return
    for name, (low, high) in boxes.items():
        x, y = axis.transData.inverted().transform((low[0], high[1]))
        axis.annotate(
            name,
            (float(x), float(y)),
            xytext=(2, -2),
            textcoords="offset points",
            fontsize=size,
            va="top",
            color="0.15",
            bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.8},
        )


def _font_size(boxes: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> float:
    """Largest size (points) at which every name fits into the box of its detector."""
    sizes = [
        min(0.9 * (high[0] - low[0]) / (0.64 * max(len(name), 1)), 0.6 * (high[1] - low[1])) * 72 / DPI
        for name, (low, high) in boxes.items()
    ]
    return min([_FONT, *sizes])


def _rafts(
    boxes: Mapping[str, tuple[np.ndarray, np.ndarray]],
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Boxes around detectors whose names begin alike, up to an underscore."""
    rafts: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, (low, high) in boxes.items():
        raft = name.partition("_")[0]
        known = rafts.get(raft, (low, high))
        rafts[raft] = (np.minimum(known[0], low), np.maximum(known[1], high))
    return rafts
