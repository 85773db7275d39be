# SPDX-License-Identifier: GPL-3.0-or-later
"""Positions of detectors and amplifiers on images."""

from __future__ import annotations

from collections.abc import Iterable

from lsst.geom import Box2D, Box2I, Extent2D, Extent2I, Point2I

from ._amplifier import Amplifier
from ._assembly import rotateBBoxBy90
from ._camera_sys import FOCAL_PLANE
from ._detector import Detector

__all__ = ("box_around", "calcRawCcdBBox", "findAmp", "getCameraImageBBox", "getCcdInCamBBoxList")


def calcRawCcdBBox(ccd: Detector) -> Box2I:
    """Return the box of the assembled raw image of a detector.

    Parameters
    ----------
    ccd : `~lsst.afw.cameraGeom.Detector`
        The detector.

    Returns
    -------
    bbox : `~lsst.geom.Box2I`
        Smallest box that contains all raw amplifiers in place; empty if there are none.
    """
    box = Box2I()
    for amplifier in ccd:
        box.include(amplifier.getRawBBox().shiftedBy(amplifier.getRawXYOffset()))
    return box


def findAmp(ccd: Detector, pixelPosition: Point2I) -> Amplifier | None:
    """Return the amplifier that read a pixel of the assembled image; `None` if none did.

    Parameters
    ----------
    ccd : `~lsst.afw.cameraGeom.Detector`
        The detector.
    pixelPosition : `~lsst.geom.Point2I`
        The pixel.
    """
    return next((amplifier for amplifier in ccd if amplifier.getBBox().contains(pixelPosition)), None)


def getCcdInCamBBoxList(
    ccdList: Iterable[Detector], binSize: int, pixelSize_o: Extent2D, origin: Point2I
) -> list[Box2I]:
    """Return the boxes of detectors on the binned image of their camera.

    Parameters
    ----------
    ccdList : iterable of `~lsst.afw.cameraGeom.Detector`
        The detectors.
    binSize : `int`
        Side of the averaged blocks (pixels).
    pixelSize_o : `~lsst.geom.Extent2D`
        Pixel size of all detectors (mm).
    origin : `~lsst.geom.Point2I`
        Lower left corner of the camera image, in detector pixels from the centre of the focal plane.

    Returns
    -------
    boxes : `list` [`~lsst.geom.Box2I`]
        Box of each detector, snapped to the pixels of the image.

    Raises
    ------
    RuntimeError
        Raised if a detector has a different pixel size.
    """
    return [_place(ccd, binSize, pixelSize_o, origin) for ccd in ccdList]


def _place(ccd: Detector, binSize: int, pixelSize: Extent2D, origin: Point2I) -> Box2I:
    if ccd.getPixelSize() != pixelSize:
        raise RuntimeError(
            f"Detector {ccd.getName()} has pixels of {ccd.getPixelSize()} mm, another one of {pixelSize} mm; "
            "cameras with detectors with different pixel scales are not supported."
        )
    corner = box_around([ccd]).getMin()
    box = ccd.getBBox()
    binned = Box2I(box.getMin(), Extent2I(box.width // binSize, box.height // binSize))
    box = rotateBBoxBy90(binned, ccd.getOrientation().getNQuarter(), binned.getDimensions())
    # Rounded as the stack does, which is not the same way in x and in y.
    box.shift(Extent2I(*(int(corner[i] // pixelSize[i] / binSize) for i in range(2))))
    box.shift(Extent2I(-(origin.x // binSize), -origin.y // binSize))
    return box


def box_around(detectors: Iterable[Detector]) -> Box2D:
    """Return the smallest box that contains all detectors on the focal plane.

    Parameters
    ----------
    detectors : iterable of `~lsst.afw.cameraGeom.Detector`
        The detectors.

    Returns
    -------
    box : `~lsst.geom.Box2D`
        Box around their corners (mm).
    """
    box = Box2D()
    for detector in detectors:
        for corner in detector.getCorners(FOCAL_PLANE):
            box.include(corner)
    return box


def getCameraImageBBox(camBbox: Box2D, pixelSize: Extent2D, bufferSize: int) -> Box2I:
    """Return the box of the image of a camera, in pixels of its detectors.

    Parameters
    ----------
    camBbox : `~lsst.geom.Box2D`
        Box around the detectors on the focal plane (mm).
    pixelSize : `~lsst.geom.Extent2D`
        Size of a pixel (mm).
    bufferSize : `int`
        Width of the border around the detectors (pixels).

    Returns
    -------
    bbox : `~lsst.geom.Box2I`
        The box.
    """
    corners = (
        Point2I(*(int(corner[i] // pixelSize[i]) for i in range(2)))
        for corner in (camBbox.getMin(), camBbox.getMax())
    )
    return Box2I(*corners).dilatedBy(bufferSize)
