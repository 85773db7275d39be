# SPDX-License-Identifier: GPL-3.0-or-later
"""Types that several modules share in their annotations; nothing imports this at run time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

from lsst.afw.cameraGeom import CameraSys, CameraSysPrefix, DetectorType, Orientation
from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.daf.butler import DeferredDatasetHandle
from lsst.geom import Box2I, Extent2D
from lsst.pipe.base import InMemoryDatasetHandle

__all__ = ("Detail", "DetectorBuilder", "Handle", "Names")

#: What loads a dataset when it is asked to: the butler's handle, or one that holds the dataset already.
Handle: TypeAlias = DeferredDatasetHandle | InMemoryDatasetHandle

#: Names by which a person identifies an exposure or a detector, and data IDs: numbers and texts by key.
Names: TypeAlias = Mapping[str, int | str]

#: Value of a detail of an error, which has to survive being written as JSON.
Detail: TypeAlias = str | float | Mapping[str, "Detail"]


class DetectorBuilder(Protocol):
    """What a camera builder's ``add`` returns, as far as it is used here; the stack's class has no name."""

    def setSerial(self, serial: str) -> None:
        """Set the serial number."""

    def setType(self, type: DetectorType) -> None:
        """Set what the detector is for."""

    def setPhysicalType(self, physicalType: str) -> None:
        """Set the make, such as E2V."""

    def setBBox(self, bbox: Box2I) -> None:
        """Set the box of the image (pixels)."""

    def getPixelSize(self) -> Extent2D:
        """Return the sides of a pixel (mm)."""

    def setPixelSize(self, pixelSize: Extent2D) -> None:
        """Set the sides of a pixel (mm)."""

    def setOrientation(self, orientation: Orientation) -> None:
        """Set place and rotation in the focal plane."""

    def setTransformFromPixelsTo(
        self, toSys: CameraSys | CameraSysPrefix, transform: TransformPoint2ToPoint2
    ) -> None:
        """Set the transform from pixels to another coordinate system."""

    def append(self, builder: Any) -> None:
        """Add the builder of an amplifier, whose class has no name, either."""
