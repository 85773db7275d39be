# SPDX-License-Identifier: GPL-3.0-or-later
"""A plot of a focal plane, to check a description."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.cameraGeom import FOCAL_PLANE, PIXELS, ReadoutCorner
from lsst.geom import Box2D, Point2D

from ._camera import make_camera

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lsst.afw.cameraGeom import Amplifier, Detector

    from ._description import CameraDescription

__all__ = ("draw_camera",)

_COLOURS = ("#c6d8ec", "#f5dcb8", "#cfe6cd", "#e6cfe3", "#e8e3b5")
"""Of physical types, in turn."""
_INCHES = 8.5
"""Longer side of the focal plane in the drawing."""
_MOST_LINES = 100


def draw_camera(description: CameraDescription, path: str | os.PathLike[str]) -> None:
    """Plot detectors with names, readout corners and superpixels.

    Parameters
    ----------
    description : `CameraDescription`
        The camera.
    path : `str` or `os.PathLike`
        File to write; its suffix determines the format.
    """
    # Takes long to import, and only a drawing needs it.
    from matplotlib.figure import Figure

    camera = make_camera(description)
    box = camera.getFpBBox()
    width, height = box.getWidth(), box.getHeight()
    longest = max(width, height)
    figure = Figure(
        figsize=(1.5 + _INCHES * width / longest, 1.5 + _INCHES * height / longest), layout="constrained"
    )
    axes = figure.add_subplot()
    types = sorted({detector.getPhysicalType() for detector in camera})
    for detector in camera:
        colour = _COLOURS[types.index(detector.getPhysicalType()) % len(_COLOURS)]
        _draw_detector(axes, detector, colour, 72 * _INCHES / longest)
    for detector, described in zip(camera, description.detectors, strict=True):
        if described.readout is not None:
            for amplifier in detector:
                axes.fill(*_to_focal_plane(detector, _wedge(amplifier)).T, color="black", linewidth=0)
    _draw_superpixels(axes, box, description.superpixel)
    margin = 0.03 * longest
    axes.set_xlim(box.minX - margin, box.maxX + margin)
    axes.set_ylim(box.minY - margin, box.maxY + margin)
    axes.set_aspect("equal")
    axes.set_xlabel("Focal plane x [mm]")
    axes.set_ylabel("Focal plane y [mm]")
    detectors = f"{len(camera)} detector{'' if len(camera) == 1 else 's'}"
    axes.set_title(f"{camera.getName()}: {detectors}", fontsize="large")
    x, y = description.superpixel
    corners = "Black: corners read first. " if any(one.readout for one in description.detectors) else ""
    figure.supxlabel(f"{corners}Dashed: superpixels, {x:g} x {y:g} mm.", fontsize="small")
    figure.savefig(path, dpi=120)


def _draw_detector(axes: Axes, detector: Detector, colour: str, points_per_mm: float) -> None:
    """Draw the outline, the amplifiers and the name of one detector."""
    corners = np.array([(corner.x, corner.y) for corner in detector.getCorners(FOCAL_PLANE)])
    axes.fill(*corners.T, facecolor=colour, edgecolor="0.25", linewidth=0.8)
    for amplifier in detector:
        outline = _to_focal_plane(detector, list(Box2D(amplifier.getBBox()).getCorners()))
        axes.plot(*np.vstack([outline, outline[:1]]).T, color="0.55", linewidth=0.4)
    # A letter is about 0.65 times as wide as it is high; the name may run along either side.
    sides = np.ptp(corners, axis=0) * points_per_mm
    upright = sides[1] > 1.5 * sides[0]
    size = min(0.9 * max(sides) / (0.65 * len(detector.getName())), 0.8 * min(sides), 16.0)
    x, y = corners.mean(axis=0)
    axes.text(
        x,
        y,
        detector.getName(),
        ha="center",
        va="center",
        rotation="vertical" if upright else "horizontal",
        fontsize=size,
    )


def _draw_superpixels(axes: Axes, box: Box2D, superpixel: tuple[float, float]) -> None:
    """Draw the lines between superpixels, which begin where the camera does."""
    for draw, low, high, step in (
        (axes.axvline, box.minX, box.maxX, superpixel[0]),
        (axes.axhline, box.minY, box.maxY, superpixel[1]),
    ):
        if (high - low) / step > _MOST_LINES:
            continue  # they would cover all else
        for place in np.arange(low, high + step, step):
            draw(place, color="#b03030", linestyle="--", linewidth=0.8)


def _wedge(amplifier: Amplifier) -> list[Point2D]:
    """Triangle in the corner of an amplifier that is read first, pixels."""
    box = Box2D(amplifier.getBBox())
    size = 0.12 * min(box.getWidth(), box.getHeight())
    corner = amplifier.getReadoutCorner()
    right = corner in (ReadoutCorner.LR, ReadoutCorner.UR)
    top = corner in (ReadoutCorner.UL, ReadoutCorner.UR)
    x, y = (box.maxX if right else box.minX), (box.maxY if top else box.minY)
    return [
        Point2D(x, y),
        Point2D(x - size if right else x + size, y),
        Point2D(x, y - size if top else y + size),
    ]


def _to_focal_plane(detector: Detector, points: list[Point2D]) -> np.ndarray:
    """Points of a detector in the focal plane, ``(points, 2)`` mm."""
    return np.array([(p.x, p.y) for p in detector.transform(points, PIXELS, FOCAL_PLANE)])
