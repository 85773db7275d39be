# SPDX-License-Identifier: GPL-3.0-or-later
"""A plot of the patterns over the focal plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .._panel import draw_panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lsst.afw.cameraGeom import Camera

    from ._patterns import Patterns

__all__ = ("draw_patterns",)


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
            mesh = draw_panel(axis, camera, panel, limit)
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
