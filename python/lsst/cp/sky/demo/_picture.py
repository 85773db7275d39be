# SPDX-License-Identifier: GPL-3.0-or-later
"""A plot of the patterns over the focal plane."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .._panel import draw_panel, fit_names, panel_extent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lsst.afw.cameraGeom import Camera

    from ._compare import Recovery
    from ._patterns import Patterns

__all__ = ("count", "draw_panels", "draw_patterns")

_ROW = 2.5
"""Width over height from which detectors count as a row."""
_SIDE, _WIDEST, _NARROWEST, _TALLEST = 3.6, 11.5, 2.6, 5.0
"""Inches: side of a square panel, widths of all, least width of one with its title, largest height of one."""


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
        Three panels for each chain on one colour scale, in percent of the sky.
    """
    chains = list(next(iter(patterns.values())).recoveries)
    rows: list[dict[str, dict[int, np.ndarray]]] = []
    for chain in chains:
        found = {number: one.recoveries[chain] for number, one in patterns.items()}
        injected = {number: one.expected for number, one in found.items()}
        recovered = {number: one.recovered for number, one in found.items()}
        residual = {number: one.residual for number, one in found.items()}
        alike = f"correlation {_correlation(found.values()):.3f}"
        panels = {
            f"Injected, as the {chain} chain sees it\nrms {_rms(injected)}": injected,
            f"Sky frame of the {chain} chain\nrms {_rms(recovered)}, {alike}": recovered,
            f"{chain.capitalize()} chain: sky frame less injected\nrms {_rms(residual)}": residual,
        }
        rows.append(panels)
    title = (
        f"{camera.getName()}: pattern of {count(len(patterns), 'detector')}, recovered from a simulated night"
    )
    return draw_panels(camera, rows, title, _scale(patterns))


def draw_panels(
    camera: Camera,
    rows: Sequence[Mapping[str, Mapping[int, np.ndarray]]],
    title: str,
    limit: float,
) -> Figure:
    """Plot several quantities over the focal plane on one colour scale.

    Parameters
    ----------
    camera : `lsst.afw.cameraGeom.Camera`
        Camera that gives the positions of the detectors.
    rows : `~collections.abc.Sequence` [`~collections.abc.Mapping`]
        Rows of panels, as many in each: cells of each detector, as fractions of the sky, by title of the
        panel. They become columns where the detectors are in a row.
    title : `str`
        Title of the figure.
    limit : `float`
        Ends of the colour scale, percent.

    Returns
    -------
    figure : `matplotlib.figure.Figure`
        The figure, of a size that leaves no page white.
    """
    from matplotlib.figure import Figure  # slow to import, and only plotting needs it

    grid = [list(row.items()) for row in rows]
    width, height = panel_extent(camera, grid[0][0][1])
    if width > _ROW * height:
        grid = [list(column) for column in zip(*grid, strict=True)]
    columns = len(grid[0])
    side = min(_WIDEST / columns, _SIDE * max(1.0, width / height))
    tall = side * height / width
    if tall > _TALLEST:
        side, tall = side * _TALLEST / tall, _TALLEST
    size = (columns * (max(side, _NARROWEST) + 0.3) + 1.2, len(grid) * (tall + 0.6) + 0.8)
    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle(title, fontsize=11)
    axes = figure.subplots(len(grid), columns, sharex=True, sharey=True, squeeze=False)
    for axis, (name, panel) in zip(axes.flat, itertools.chain(*grid), strict=True):
        mesh = draw_panel(axis, camera, panel, limit)
        axis.set_title(name, fontsize=9)
        axis.tick_params(labelsize=8)
    for axis in axes[:, 0]:
        axis.set_ylabel("y (mm)", fontsize=8)
    for axis in axes[-1]:
        axis.set_xlabel("focal plane x (mm)", fontsize=8)
    bar = figure.colorbar(mesh, ax=axes, label="percent of the sky", extend="both", shrink=0.8, aspect=30)
    bar.ax.tick_params(labelsize=8)
    fit_names(figure)
    return figure


def count(number: int, what: str) -> str:
    """Return a number of things, in words for people."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _scale(patterns: Mapping[int, Patterns]) -> float:
    """Ends of the colour scale, percent: all but the brightest cells of the injected pattern are within."""
    values = [np.abs(r.expected).ravel() for one in patterns.values() for r in one.recoveries.values()]
    return 100 * float(np.nanpercentile(np.concatenate(values), 99.5))


def _rms(panel: Mapping[int, np.ndarray]) -> str:
    values = np.concatenate([cells.ravel() for cells in panel.values()])
    return f"{100 * float(np.sqrt(np.nanmean(np.square(values, dtype=float)))):.3f} %"


def _correlation(found: Iterable[Recovery]) -> float:
    """Correlation of the cells of the sky frame with those that were injected, without those flagged."""
    pairs = [(one.expected[~one.flagged], one.recovered[~one.flagged]) for one in found]
    expected, recovered = (np.concatenate(part).astype(float) for part in zip(*pairs, strict=True))
    good = np.isfinite(expected) & np.isfinite(recovered)
    if good.sum() < 2:
        return float("nan")
    return float(np.corrcoef(expected[good], recovered[good])[0, 1])
