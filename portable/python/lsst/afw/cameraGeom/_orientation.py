# SPDX-License-Identifier: GPL-3.0-or-later
"""Position and rotation of a detector on the focal plane."""

import math

import numpy as np

from lsst.afw.geom import TransformPoint2ToPoint2, makeTransform
from lsst.geom import AffineTransform, Angle, Extent2D, LinearTransform, Point2D, Point3D, radians

__all__ = ("Orientation",)


class Orientation:
    """Position and rotation of a detector on the focal plane.

    Parameters
    ----------
    fpPosition : `lsst.geom.Point3D` or `lsst.geom.Point2D`, optional
        Position of the reference point of the detector (mm); the height defaults to 0.
    refPoint : `lsst.geom.Point2D`, optional
        Reference point in pixels of the detector; (-0.5, -0.5) is its lower left corner.
    yaw, pitch, roll : `lsst.geom.Angle`, optional
        Rotations about z, then the new y, then the new x axis.
    """

    __slots__ = ("_fpPosition", "_pitch", "_refPoint", "_roll", "_yaw")

    def __init__(
        self,
        fpPosition: Point2D | Point3D | None = None,
        refPoint: Point2D | None = None,
        yaw: Angle | None = None,
        pitch: Angle | None = None,
        roll: Angle | None = None,
    ) -> None:
        coordinates = (0.0, 0.0, 0.0) if fpPosition is None else tuple(float(value) for value in fpPosition)
        self._fpPosition = (*coordinates, 0.0)[:3]
        self._refPoint = (-0.5, -0.5) if refPoint is None else (float(refPoint[0]), float(refPoint[1]))
        self._yaw = 0.0 if yaw is None else yaw.asRadians()
        self._pitch = 0.0 if pitch is None else pitch.asRadians()
        self._roll = 0.0 if roll is None else roll.asRadians()

    def getFpPosition(self) -> Point2D:
        """Return the position of the reference point on the focal plane (mm)."""
        return Point2D(*self._fpPosition[:2])

    def getFpPosition3(self) -> Point3D:
        """Return the position of the reference point in space (mm)."""
        return Point3D(*self._fpPosition)

    def getHeight(self) -> float:
        """Return the height of the reference point above the focal plane (mm)."""
        return self._fpPosition[2]

    def getReferencePoint(self) -> Point2D:
        """Return the reference point on the detector (pixels)."""
        return Point2D(*self._refPoint)

    def getYaw(self) -> Angle:
        """Return the first rotation, about z, from x toward y."""
        return Angle(self._yaw, radians)

    def getPitch(self) -> Angle:
        """Return the second rotation, about the new y axis, from z toward x."""
        return Angle(self._pitch, radians)

    def getRoll(self) -> Angle:
        """Return the third rotation, about the new x axis, from y toward z."""
        return Angle(self._roll, radians)

    def getNQuarter(self) -> int:
        """Return the yaw to the nearest number of quarter turns."""
        degrees = math.degrees(self._yaw)
        while degrees < 0.0:
            degrees += 360.0
        return math.floor((degrees + 45.0) / 90.0)

    def makePixelFpTransform(self, pixelSizeMm: Extent2D) -> TransformPoint2ToPoint2:
        """Return the transform from pixels of the detector to the focal plane.

        Parameters
        ----------
        pixelSizeMm : `lsst.geom.Extent2D`
            Size of a pixel (mm).

        Returns
        -------
        transform : `lsst.afw.geom.TransformPoint2ToPoint2`
            Pixels to mm. A tilted detector is projected onto the focal plane.
        """
        rotation = _rotation(self._yaw, self._pitch, self._roll)
        size_x, size_y = float(pixelSizeMm[0]), float(pixelSizeMm[1])
        # Written out by element, in this order, so that the sums round as in the compiled stack.
        ref_x, ref_y = size_x * self._refPoint[0], size_y * self._refPoint[1]
        offset_x = self._fpPosition[0] - (rotation[0][0] * ref_x + rotation[0][1] * ref_y)
        offset_y = self._fpPosition[1] - (rotation[1][0] * ref_x + rotation[1][1] * ref_y)
        jacobian = np.array(
            [
                [rotation[0][0] * size_x, rotation[0][1] * size_y],
                [rotation[1][0] * size_x, rotation[1][1] * size_y],
            ]
        )
        return makeTransform(AffineTransform(LinearTransform(jacobian), Extent2D(offset_x, offset_y)))

    def makeFpPixelTransform(self, pixelSizeMm: Extent2D) -> TransformPoint2ToPoint2:
        """Return the transform from the focal plane to pixels of the detector; see `makePixelFpTransform`."""
        return self.makePixelFpTransform(pixelSizeMm).inverted()

    def _key(self) -> tuple[float, ...]:
        return (*self._fpPosition, *self._refPoint, self._yaw, self._pitch, self._roll)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Orientation):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return (
            f"Orientation(fpPosition={self._fpPosition} mm, refPoint={self._refPoint}, "
            f"yaw={self._yaw}, pitch={self._pitch}, roll={self._roll} rad)"
        )


Orientation.__module__ = "lsst.afw.cameraGeom"


def _rotation(yaw: float, pitch: float, roll: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the upper left of the rotation matrix for Tait-Bryan angles, z then y' then x'' (radians)."""
    cos_yaw, sin_yaw = math.cos(yaw), math.sin(yaw)
    cos_pitch, sin_pitch = math.cos(pitch), math.sin(pitch)
    cos_roll, sin_roll = math.cos(roll), math.sin(roll)
    return (
        (cos_yaw * cos_pitch, cos_yaw * sin_pitch * sin_roll - cos_roll * sin_yaw),
        (cos_pitch * sin_yaw, cos_yaw * cos_roll + sin_yaw * sin_pitch * sin_roll),
    )
