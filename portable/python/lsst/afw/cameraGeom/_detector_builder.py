# SPDX-License-Identifier: GPL-3.0-or-later
"""Builders of detectors."""

import dataclasses
import functools
from collections.abc import Iterator, Sequence

import numpy as np

from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.geom import Box2I, Extent2D
from lsst.pex.exceptions import InvalidParameterError

from ._amplifier import Amplifier, AmplifierBuilder
from ._camera_sys import CameraSys, CameraSysPrefix
from ._detector import Detector, DetectorBase, DetectorFields
from ._enums import DetectorType
from ._orientation import Orientation
from ._transform_map import SystemConnection, TransformMap

__all__ = ("DetectorBuilder", "InCameraBuilder", "PartialRebuilder")


class DetectorBuilder(DetectorBase):
    """A detector that can be changed; a sequence of `Amplifier.Builder`. Use one of its subclasses."""

    def __init__(self, fields: DetectorFields, amplifiers: Sequence[Amplifier] = ()) -> None:
        self._fields = dataclasses.replace(fields)
        self._amplifiers = [amplifier.rebuild() for amplifier in amplifiers]

    def setBBox(self, bbox: Box2I) -> None:
        """Set the pixels of the assembled image."""
        self._fields.bbox = Box2I(bbox)

    def setType(self, type: DetectorType) -> None:
        """Set what the detector is for."""
        self._fields.type = DetectorType(type)

    def setSerial(self, serial: str) -> None:
        """Set the serial number."""
        self._fields.serial = str(serial)

    def setPhysicalType(self, physicalType: str) -> None:
        """Set the kind of device."""
        self._fields.physicalType = str(physicalType)

    def setCrosstalk(self, crosstalk: np.ndarray | Sequence[Sequence[float]] | None) -> None:
        """Set the crosstalk coefficients, (namplifiers, namplifiers); None or empty for not known."""
        values = np.array([] if crosstalk is None else crosstalk, dtype=np.float32)
        self._fields.crosstalk = values if values.size else None

    def unsetCrosstalk(self) -> None:
        """Forget the crosstalk coefficients."""
        self._fields.crosstalk = None

    def getAmplifiers(self) -> list[AmplifierBuilder]:
        """Builders of all amplifiers."""
        return list(self._amplifiers)

    def append(self, builder: AmplifierBuilder) -> None:
        """Add an amplifier."""
        self._amplifiers.append(builder)

    def clear(self) -> None:
        """Remove all amplifiers."""
        self._amplifiers.clear()

    def __iter__(self) -> Iterator[AmplifierBuilder]:
        return iter(self._amplifiers)

    def __len__(self) -> int:
        return len(self._amplifiers)

    def __getitem__(self, key: int | str) -> AmplifierBuilder:
        if not isinstance(key, str):
            return self._amplifiers[key]
        for amplifier in self._amplifiers:
            if amplifier.getName() == key:
                return amplifier
        raise InvalidParameterError(f"Amplifier with name {key} not found in detector {self.getName()}")

    def __delitem__(self, key: int | str) -> None:
        self._amplifiers.remove(self[key])

    def _finish(self, transformMap: TransformMap) -> Detector:
        amplifiers = tuple(builder.finish() for builder in self._amplifiers)
        names = [amplifier.getName() for amplifier in amplifiers]
        if len(set(names)) != len(names):
            raise InvalidParameterError(
                f"amplifier names of detector {self.getName()} are not unique: {names}"
            )
        crosstalk = self._fields.crosstalk
        if crosstalk is not None and crosstalk.shape != (len(names), len(names)):
            raise InvalidParameterError(
                f"the crosstalk matrix of detector {self.getName()} with {len(names)} amplifiers has shape "
                f"{crosstalk.shape}, expected ({len(names)}, {len(names)})"
            )
        return Detector(dataclasses.replace(self._fields), functools.partial(iter, amplifiers), transformMap)

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({self.getName()!r}, id={self.getId()})"


class PartialRebuilder(DetectorBuilder):
    """Builder that starts from a detector and keeps its position and coordinate systems.

    Parameters
    ----------
    detector : `Detector`
        What to start from.
    """

    def __init__(self, detector: Detector) -> None:
        super().__init__(detector._fields, detector.getAmplifiers())
        self._transformMap = detector.getTransformMap()

    def finish(self) -> Detector:
        """Detector as it stands now.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Amplifier names that are not unique, or a crosstalk matrix of another size than the amplifiers.
        """
        return self._finish(self._transformMap)


class InCameraBuilder(DetectorBuilder):
    """Builder of a detector of a camera that is being built; made by ``Camera.Builder``."""

    def __init__(self, fields: DetectorFields, amplifiers: Sequence[Amplifier] = ()) -> None:
        super().__init__(fields, amplifiers)
        self._connections: list[SystemConnection] = []

    def setOrientation(self, orientation: Orientation) -> None:
        """Set position and rotation on the focal plane."""
        self._fields.orientation = orientation

    def setPixelSize(self, pixelSize: Extent2D) -> None:
        """Set the size of a pixel, mm."""
        self._fields.pixelSize = Extent2D(pixelSize)

    def setTransformFromPixelsTo(
        self, toSys: CameraSys | CameraSysPrefix, transform: TransformPoint2ToPoint2
    ) -> None:
        """Set the transform from pixels to another coordinate system.

        Parameters
        ----------
        toSys : `CameraSys` or `CameraSysPrefix`
            A system of this detector. A system of the whole camera (the focal plane) takes the place of the
            transform that follows from orientation and pixel size.
        transform : `lsst.afw.geom.TransformPoint2ToPoint2`
            Pixels to that system.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            The system belongs to another detector.
        """
        toSys = self.makeCameraSys(toSys)
        if toSys.hasDetectorName() and toSys.getDetectorName() != self.getName():
            raise InvalidParameterError(f"{toSys} does not belong to detector {self.getName()}")
        self.discardTransformFromPixelsTo(toSys)
        self._connections.append(SystemConnection(transform, self.getNativeCoordSys(), toSys))

    def discardTransformFromPixelsTo(self, toSys: CameraSys | CameraSysPrefix) -> bool:
        """Forget the transform from pixels to another system; whether there was one."""
        toSys = self.makeCameraSys(toSys)
        kept = [connection for connection in self._connections if connection.toSys != toSys]
        found = len(kept) < len(self._connections)
        self._connections = kept
        return found

    def clearTransforms(self) -> None:
        """Forget all transforms that were set."""
        self._connections.clear()


for _name, _cls in (
    ("Builder", DetectorBuilder),
    ("InCameraBuilder", InCameraBuilder),
    ("PartialRebuilder", PartialRebuilder),
):
    _cls.__module__ = "lsst.afw.cameraGeom"
    _cls.__qualname__ = f"Detector.{_name}"
    setattr(Detector, _name, _cls)
