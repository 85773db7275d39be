# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of a sky frame."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from .._panel import draw_panel, fit_names
from ._sources import as_camera

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera

    from ..ingest import CameraDescription
    from ._sky_frame import SkyFrame

__all__ = ("draw_sky_frame",)


def draw_sky_frame(
    sky_frame: SkyFrame,
    camera: Camera | CameraDescription | str | os.PathLike[str],
    path: str | os.PathLike[str],
) -> None:
    """Draw a sky frame over the focal plane, in per cent of the sky.

    Parameters
    ----------
    sky_frame : `SkyFrame`
        What to draw.
    camera : `lsst.afw.cameraGeom.Camera`, `lsst.cp.sky.ingest.CameraDescription`, `str` or `os.PathLike`
        Where detectors lie.
    path : `str` or `os.PathLike`
        File to write; its ending says which kind of picture.
    """
    # Takes long to import, and only a picture needs it.
    from matplotlib.figure import Figure

    stack_camera = as_camera(camera)
    cells = {stack_camera[name].getId(): one.image.array for name, one in sky_frame.detectors.items()}
    values = np.abs(np.concatenate([one.ravel() for one in cells.values()]))
    limit = 100 * float(np.nanpercentile(values, 99)) or 1.0
    figure = Figure(figsize=(8, 7), layout="constrained")
    axes = figure.subplots()
    mesh = draw_panel(axes, stack_camera, cells, limit)
    axes.set_title(f"Sky frame of {sky_frame.camera} ({sky_frame.chain} chain)")
    axes.set_xlabel("focal plane x (mm)")
    axes.set_ylabel("focal plane y (mm)")
    figure.colorbar(mesh, ax=axes, label="per cent of the sky", extend="both", shrink=0.8)
    fit_names(figure)
    figure.savefig(path, dpi=120)
