# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of an exposure and of the sky frames of a filter, whichever chain made them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

import lsst.pipe.base as pipeBase

from ._charts import draw_matrix, draw_residual_against_level
from ._mosaic import Panel, draw_mosaic

if TYPE_CHECKING:
    from astropy.table import Table
    from matplotlib.figure import Figure

    from lsst.afw.cameraGeom import Camera
    from lsst.afw.image import ExposureF

__all__ = ("draw_exposure", "draw_frames")

_PERCENT = "% of the sky"


def draw_exposure(
    camera: Camera,
    title: str,
    model: Mapping[int, np.ndarray],
    without: Mapping[int, np.ndarray],
    left: Mapping[int, np.ndarray],
) -> Figure:
    """Plot one exposure over the focal plane.

    Parameters
    ----------
    camera : `lsst.afw.cameraGeom.Camera`
        Camera that gives the positions of the detectors.
    title : `str`
        Title.
    model, without, left : `~collections.abc.Mapping` [`int`, `numpy.ndarray`]
        By detector, as fractions of the sky: the sky minus its mean; the exposure without its sky; the same
        without the sky frame. The last may be empty.
    """
    panels = [
        Panel("Sky model, less its scale", _PERCENT, _percent(model)),
        Panel("Without the sky model", _PERCENT, _percent(without)),
    ]
    if left:
        panels.append(Panel("Without the sky frame, too", _PERCENT, _percent(left)))
    return draw_mosaic(camera, panels, title)


def draw_frames(
    camera: Camera,
    frames: Mapping[int, ExposureF],
    counts: Mapping[int, np.ndarray],
    metrics: Table,
    pulls: Table,
) -> pipeBase.Struct:
    """Plot the sky frames of a filter, and metrics of their exposures.

    Parameters
    ----------
    camera : `lsst.afw.cameraGeom.Camera`
        Camera that gives the positions of the detectors.
    frames : `~collections.abc.Mapping` [`int`, `lsst.afw.image.ExposureF`]
        Sky frames by detector.
    counts : `~collections.abc.Mapping` [`int`, `numpy.ndarray`]
        Number of exposures in each of their cells.
    metrics, pulls : `astropy.table.Table`
        Rows of all exposures, and their pull on the sky frames.

    Returns
    -------
    plots : `lsst.pipe.base.Struct`
        With attributes ``framePlot``, ``noisePlot``, ``levelPlot``, ``deviationPlot``, ``pullPlot`` and
        ``maskedPlot`` (`matplotlib.figure.Figure`).
    """
    pattern = {n: np.asarray(frame.image.array, dtype=float) for n, frame in frames.items()}
    noise = {n: np.sqrt(np.asarray(f.variance.array, dtype=float)) for n, f in frames.items()}
    label = next(iter(frames.values())).getFilter()
    name = str(label.physicalLabel) if label is not None else ""
    lost = metrics.copy()
    lost["lost"] = np.fmax(metrics["maskedFraction"], metrics["replacedFraction"])
    return pipeBase.Struct(
        framePlot=draw_mosaic(camera, [Panel("", _PERCENT, _percent(pattern))], f"Sky frame, {name}"),
        noisePlot=draw_mosaic(
            camera,
            [
                Panel("Standard deviation (variance plane)", _PERCENT, _percent(noise), signed=False),
                Panel("Exposures that a cell has", "exposures", counts, signed=False, whole=True),
            ],
            f"Noise and inputs of the sky frame, {name}",
        ),
        levelPlot=draw_residual_against_level(metrics, f"What the sky frame leaves, {name}"),
        deviationPlot=draw_matrix(
            pulls,
            "deviationRatio",
            f"Each exposure less the median of the others, {name}",
            "photon limits",
        ),
        pullPlot=draw_matrix(
            pulls,
            "pullRms",
            f"How far each exposure pulls the sky frame, {name}",
            "rms (% of the sky)",
            factor=100.0,
        ),
        maskedPlot=draw_matrix(
            lost,
            "lost",
            f"Pixels lost to masks, {name}",
            "% of the pixels",
            factor=100.0,
        ),
    )


def _percent(cells: Mapping[int, np.ndarray]) -> dict[int, np.ndarray]:
    return {number: 100 * np.asarray(values, dtype=float) for number, values in cells.items()}
