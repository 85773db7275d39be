# SPDX-License-Identifier: GPL-3.0-or-later
"""Charts of the tables of figures: residual against sky, exposures against detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from astropy.table import Table
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure  # as above

__all__ = ("draw_matrix", "draw_residual_against_level")

DPI = 120
_MOST_LABELS = 32
"""Names along an axis beyond which only some are written."""
_SIZE = (7.2, 4.6)


def draw_residual_against_level(metrics: Table, title: str) -> Figure:
    """Plot the residual of each detector of each exposure against the sky level.

    Parameters
    ----------
    metrics : `astropy.table.Table`
        Rows of all exposures, as from `CpSkyVerifyExposureTask`.
    title : `str`
        Title.

    Returns
    -------
    figure : `matplotlib.figure.Figure`
        One point per detector and exposure, the median of each exposure, and the photon limit.
    """
    # Loads in half a second, which the tasks that draw nothing do not wait for.
    from matplotlib.figure import Figure  # as above

    figure = Figure(figsize=_SIZE, layout="constrained", dpi=DPI)
    axis = figure.subplots()
    scale, rms, limit = (np.asarray(metrics[n], dtype=float) for n in ("scale", "residualRms", "photonLimit"))
    known = np.isfinite(scale) & np.isfinite(rms) & (rms > 0)
    axis.plot(scale[known], 100 * rms[known], ".", color="#0072b2", alpha=0.35, ms=5, label="a detector")
    levels = np.unique(scale[known])
    for values, style, label in (
        (rms, {"marker": "D", "ls": "none", "color": "#d55e00", "ms": 5}, "median of an exposure"),
        (limit, {"color": "0.2", "lw": 1.2, "ls": "--"}, "photon limit (median)"),
    ):
        medians = [100 * np.nanmedian(values[known & (scale == level)]) for level in levels]
        axis.plot(levels, medians, label=label, **style)  # type: ignore[arg-type]
    axis.set_xlabel("sky of the exposure (units of the image)", fontsize=9)
    axis.set_ylabel("residual rms of the cells (% of the sky)", fontsize=9)
    axis.set_ylim(bottom=0)
    axis.set_title(title, fontsize=10)
    axis.tick_params(labelsize=8)
    axis.grid(alpha=0.25)
    if known.any():
        axis.legend(fontsize=8, framealpha=0.9)
    return figure


def draw_matrix(table: Table, column: str, title: str, label: str, *, factor: float = 1.0) -> Figure:
    """Plot one quantity of every detector of every exposure, one square each.

    Parameters
    ----------
    table : `astropy.table.Table`
        Rows with ``exposure``, ``detector`` and ``detectorName``.
    column : `str`
        Column with the quantity.
    title, label : `str`
        Title, and what the colours stand for.
    factor : `float`, optional
        Factor by which to multiply the quantity.

    Returns
    -------
    figure : `matplotlib.figure.Figure`
        Exposures from top to bottom, detectors from left to right.
    """
    from matplotlib import colormaps  # only drawing waits for it
    from matplotlib.figure import Figure  # as above

    exposures, row = np.unique(np.asarray(table["exposure"]), return_inverse=True)
    detectors, first, place = np.unique(np.asarray(table["detector"]), return_index=True, return_inverse=True)
    names = [str(name) for name in np.asarray(table["detectorName"])[first]]
    values = np.full((len(exposures), len(detectors)), np.nan)
    values[row, place] = factor * np.asarray(table[column], dtype=float)
    width = float(np.clip(0.28 * len(detectors) + 2.8, 5.0, 12.0))
    height = float(np.clip(0.24 * len(exposures) + 2.0, 2.8, 9.0))
    figure = Figure(figsize=(width, height), layout="constrained", dpi=DPI)
    axis = figure.subplots()
    finite = values[np.isfinite(values)]
    high = float(np.percentile(finite, 99.5)) if finite.size else 1.0
    colours = colormaps["cividis"].with_extremes(bad="0.75")
    mesh = axis.imshow(
        np.ma.masked_invalid(values), cmap=colours, vmin=0, vmax=high or 1.0, aspect="auto",
        interpolation="nearest",
    )  # fmt: skip
    _label(axis, "x", names)
    _label(axis, "y", [str(number) for number in exposures])
    axis.set_xlabel("detector", fontsize=9)
    axis.set_ylabel("exposure", fontsize=9)
    axis.set_title(title, fontsize=10)
    bar = figure.colorbar(mesh, ax=axis, extend="max")
    bar.set_label(label, fontsize=8)
    bar.ax.tick_params(labelsize=8)
    return figure


def _label(axis: Axes, which: str, names: list[str]) -> None:
    """Write names beside an axis, as many as there is room for."""
    step = -(-len(names) // _MOST_LABELS)
    ticks = list(range(0, len(names), step))
    set_ticks = axis.set_xticks if which == "x" else axis.set_yticks
    set_ticks(ticks, [names[i] for i in ticks], fontsize=7)
    if which == "x":
        axis.tick_params(axis="x", rotation=90)
