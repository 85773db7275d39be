# SPDX-License-Identifier: GPL-3.0-or-later
"""The transform to pixels without optical distortion."""

from lsst.afw.geom import TransformPoint2ToPoint2, linearizeTransform, makeTransform
from lsst.geom import Box2I, Extent2D, Point2D

from ._orientation import Orientation

__all__ = ("makePixelToTanPixel",)


def makePixelToTanPixel(
    bbox: Box2I, orientation: Orientation, focalPlaneToField: TransformPoint2ToPoint2, pixelSizeMm: Extent2D
) -> TransformPoint2ToPoint2:
    """Return the transform from the pixels of a detector to its pixels without optical distortion.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Pixel box of the detector; unused, but part of the compiled stack's signature.
    orientation : `Orientation`
        Position of the detector.
    focalPlaneToField : `lsst.afw.geom.TransformPoint2ToPoint2`
        Transform from the focal plane (mm) to field angle (radians).
    pixelSizeMm : `lsst.geom.Extent2D`
        Size of a pixel (mm).

    Returns
    -------
    transform : `lsst.afw.geom.TransformPoint2ToPoint2`
        Pixels to field angle and back to pixels, the latter by the affine transform that agrees at the
        centre of the field.
    """
    pixel_to_field = orientation.makePixelFpTransform(pixelSizeMm).then(focalPlaneToField)
    centre = pixel_to_field.applyInverse(Point2D(0.0, 0.0))
    # The forward transform is made linear: the inverse of a radial polynomial may have no derivative at 0.
    tan_pixel_to_field = linearizeTransform(pixel_to_field, centre)
    return pixel_to_field.then(makeTransform(tan_pixel_to_field.inverted()))
