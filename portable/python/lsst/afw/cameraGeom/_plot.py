# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing of the focal plane."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from lsst.geom import Point2D

from ._camera import Camera
from ._camera_sys import FIELD_ANGLE, FOCAL_PLANE
from ._enums import DetectorType

__all__ = ("plotFocalPlane",)

_COLORS = {
    DetectorType.SCIENCE: "b",
    DetectorType.FOCUS: "y",
    DetectorType.GUIDER: "g",
    DetectorType.WAVEFRONT: "r",
}


def plotFocalPlane(
    camera: Camera,
    fieldSizeDeg_x: float = 0,
    fieldSizeDeg_y: float | None = None,
    dx: float = 0.1,
    dy: float = 0.1,
    figsize: tuple[float, float] = (10.0, 10.0),
    useIds: bool = False,
    showFig: bool = True,
    savePath: str | None = None,
) -> None:
    """Plot the outlines of the detectors of a camera, and optionally a grid of points over the field of view.

    Parameters
    ----------
    camera : `~lsst.afw.cameraGeom.Camera`
        The camera.
    fieldSizeDeg_x, fieldSizeDeg_y : `float`, optional
        Size of the field over which to draw points (degrees); none by default. Points are white on a
        detector and black elsewhere.
    dx, dy : `float`, optional
        Spacing of the points (degrees).
    figsize : pair of `float`, optional
        Size of the figure (inches).
    useIds : `bool`, optional
        Whether to label detectors by number rather than by name.
    showFig : `bool`, optional
        Whether to show the figure.
    savePath : `str`, optional
        File to save the figure to.
    """
    import matplotlib.pyplot as plt  # imported here because it is slow, and only this function needs it

    figure, axes = plt.subplots(figsize=figsize)
    for detector in camera:
        corners = np.array([(corner.x, corner.y) for corner in detector.getCorners(FOCAL_PLANE)])
        axes.fill(*corners.T, alpha=0.6, facecolor=_COLORS[detector.getType()])
        centre = detector.getOrientation().getFpPosition()
        label = str(detector.getId()) if useIds else detector.getName()
        axes.text(centre.x, centre.y, label, horizontalalignment="center", size=6)
    for point in _field_points(fieldSizeDeg_x, fieldSizeDeg_y, dx, dy):
        place = camera.transform(point, FIELD_ANGLE, FOCAL_PLANE)
        seen = bool(camera.findDetectors(place, FOCAL_PLANE))
        axes.scatter(place.x, place.y, s=10, alpha=0.7, linewidths=0.0, c="w" if seen else "k")
    box = camera.getFpBBox()
    axes.set_xlim(box.minX - abs(0.1 * box.minX), box.maxX + abs(0.1 * box.maxX))
    axes.set_ylim(box.minY - abs(0.1 * box.minY), box.maxY + abs(0.1 * box.maxY))
    axes.set_xlabel("Focal Plane X (mm)")
    axes.set_ylabel("Focal Plane Y (mm)")
    if savePath is not None:
        figure.savefig(savePath)
    if showFig:
        plt.show()


def _field_points(size_x: float, size_y: float | None, dx: float, dy: float) -> Iterator[Point2D]:
    """Yield a grid of field angles (radians) about the axis; sizes and steps are in degrees."""
    if not size_x:
        return
    height = size_x if size_y is None else size_y
    for y in np.arange(0.0, height + dy, dy) - height / 2:
        for x in np.arange(0.0, size_x + dx, dx) - size_x / 2:
            yield Point2D(math.radians(x), math.radians(y))
