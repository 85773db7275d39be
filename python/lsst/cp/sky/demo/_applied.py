# SPDX-License-Identifier: GPL-3.0-or-later
"""A science exposure before and after the sky frames were taken out of it, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .._panel import cell_corners
from ._picture import count, draw_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lsst.afw.cameraGeom import Camera
    from lsst.afw.image import ExposureF

__all__ = ("cell_medians", "draw_applied", "flatten_sky")

_CELL = 32
"""Side of a cell, pixels: that of the cells of a sky frame."""
_BAD = ("BAD", "SAT", "NO_DATA")


def cell_medians(exposure: ExposureF) -> np.ndarray:
    """Return medians of the good pixels in cells, ``(rows, columns)``, which objects hardly move."""
    pixels = exposure.image.array.astype(float)
    pixels[(exposure.mask.array & exposure.mask.getPlaneBitMask(list(_BAD))) != 0] = np.nan
    rows, columns = (max(length // _CELL, 1) for length in pixels.shape)
    strips = np.array_split(pixels, rows, axis=0)
    return np.array([[_median(part) for part in np.array_split(strip, columns, axis=1)] for strip in strips])


def _median(pixels: np.ndarray) -> float:
    good = pixels[np.isfinite(pixels)]
    return float(np.median(good)) if good.size else float("nan")


def flatten_sky(
    camera: Camera, before: Mapping[int, np.ndarray], after: Mapping[int, np.ndarray]
) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    """Take a quadratic sky over the focal plane, that of the corrected exposure, out of both.

    Parameters
    ----------
    camera : `lsst.afw.cameraGeom.Camera`
        Camera that gives the positions of the detectors.
    before, after : `~collections.abc.Mapping` [`int`, `numpy.ndarray`]
        Cells of each detector.

    Returns
    -------
    before, after : `dict` [`int`, `numpy.ndarray`]
        What is left, as fractions of the sky.
    """
    terms = {number: _quadratic(camera, number, cells.shape) for number, cells in after.items()}
    design = np.concatenate([terms[number].reshape(-1, 6) for number in after])
    values = np.concatenate([cells.ravel() for cells in after.values()])
    good = np.isfinite(values)
    for _ in range(5):  # without the cells that objects fill
        solution = np.linalg.lstsq(design[good], values[good], rcond=None)[0]
        left = values - design @ solution
        spread = 1.4826 * np.nanmedian(np.abs(left[good]))
        good = np.isfinite(values) & (np.abs(left) <= max(4 * spread, 1e-12))
    skies = {number: terms[number] @ solution for number in after}
    first, second = (
        {number: cells / skies[number] - 1 for number, cells in panel.items()} for panel in (before, after)
    )
    return first, second


def _quadratic(camera: Camera, number: int, shape: tuple[int, ...]) -> np.ndarray:
    """Terms of a quadratic at the middles of cells, ``(rows, columns, 6)``."""
    x, y = cell_corners(camera[number], (shape[0], shape[1]))
    box = camera.getFpBBox()
    x, y = (
        (axis[:-1, :-1] + axis[1:, 1:] - 2 * middle) / extent
        for axis, middle, extent in (
            (x, box.getCenterX(), box.getWidth()),
            (y, box.getCenterY(), box.getHeight()),
        )
    )
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def draw_applied(camera: Camera, before: Mapping[int, np.ndarray], after: Mapping[int, np.ndarray]) -> Figure:
    """Plot an exposure before and after over the focal plane, its sky taken out of both.

    Parameters
    ----------
    camera : `lsst.afw.cameraGeom.Camera`
        Camera that gives the positions of the detectors.
    before, after : `~collections.abc.Mapping` [`int`, `numpy.ndarray`]
        Cells of each detector, as fractions of the sky.

    Returns
    -------
    figure : `matplotlib.figure.Figure`
        Two panels on one colour scale, in percent of the sky.
    """
    panels = {
        f"Before\nscatter of cells {_scatter(before)}": before,
        f"After\nscatter of cells {_scatter(after)}": after,
    }
    title = f"{camera.getName()}: a science exposure of {count(len(before), 'detector')}, less a smooth sky"
    values = np.abs(np.concatenate([cells.ravel() for cells in before.values()]))
    return draw_panels(camera, [panels], title, 100 * float(np.nanpercentile(values, 98)))


def _scatter(panel: Mapping[int, np.ndarray]) -> str:
    """Robust standard deviation, which cells full of an object do not decide."""
    values = np.concatenate([cells.ravel() for cells in panel.values()])
    spread = 1.4826 * np.nanmedian(np.abs(values - np.nanmedian(values)))
    return f"{100 * float(spread):.3f} %"
