# SPDX-License-Identifier: GPL-3.0-or-later
"""Detectors, and the builders that create and modify them."""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.geom import Box2D, Box2I, Extent2D, Point2D
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.archive import PickledThroughFits

from ._amplifier import Amplifier, AmplifierBuilder
from ._camera_sys import PIXELS, CameraSys, CameraSysPrefix
from ._enums import DetectorType
from ._orientation import Orientation
from ._transform_map import Points, SystemConnection, TransformMap

__all__ = (
    "Detector",
    "DetectorBase",
    "DetectorBuilder",
    "DetectorFields",
    "DetectorRebuilder",
    "InCameraBuilder",
)


@dataclasses.dataclass(slots=True)
class DetectorFields:
    """The properties of a detector other than its amplifiers; see the getters of `DetectorBase`."""

    name: str
    id: int
    type: DetectorType = DetectorType.SCIENCE
    serial: str = ""
    physicalType: str = ""
    bbox: Box2I = dataclasses.field(default_factory=Box2I)
    orientation: Orientation = dataclasses.field(default_factory=Orientation)
    pixelSize: Extent2D = dataclasses.field(default_factory=lambda: Extent2D(0.0, 0.0))
    crosstalk: np.ndarray | None = None


class DetectorSettings(Protocol):
    """What a builder needs from a configuration; provided by `DetectorConfig`."""

    serial: Any
    detectorType: Any
    physicalType: Any

    @property
    def bbox(self) -> Box2I:
        """Pixel box of the assembled image."""

    @property
    def orientation(self) -> Orientation:
        """Position and rotation of the detector."""

    @property
    def pixelSize(self) -> Extent2D:
        """Size of a pixel (mm)."""

    def getCrosstalk(self, numAmps: int) -> np.ndarray | None:
        """Return the crosstalk coefficients, shape ``(numAmps, numAmps)``."""


class DetectorBase:
    """What detectors and their builders have in common."""

    _fields: DetectorFields

    def getName(self) -> str:
        """Return the name of the detector, unique in its camera."""
        return self._fields.name

    def getId(self) -> int:
        """Return the number of the detector, unique in its camera."""
        return self._fields.id

    def getType(self) -> DetectorType:
        """Return the purpose of the detector."""
        return self._fields.type

    def getPhysicalType(self) -> str:
        """Return the kind of device, such as its manufacturer."""
        return self._fields.physicalType

    def getSerial(self) -> str:
        """Return the serial number, as a string."""
        return self._fields.serial

    def getBBox(self) -> Box2I:
        """Return the pixel box of the assembled image."""
        return Box2I(self._fields.bbox)

    def getOrientation(self) -> Orientation:
        """Return the position and rotation on the focal plane."""
        return self._fields.orientation

    def getPixelSize(self) -> Extent2D:
        """Return the size of a pixel (mm)."""
        return Extent2D(self._fields.pixelSize)

    def hasCrosstalk(self) -> bool:
        """Return whether crosstalk between amplifiers is known."""
        return self._fields.crosstalk is not None

    def getCrosstalk(self) -> np.ndarray:
        """Return the crosstalk coefficients, float32, shape ``(nAmps, nAmps)``; ``(0, 0)`` if unknown."""
        if self._fields.crosstalk is None:
            return np.zeros((0, 0), dtype=np.float32)
        return self._fields.crosstalk.copy()

    def getNativeCoordSys(self) -> CameraSys:
        """Return the pixels of this detector, as a coordinate system."""
        return CameraSys(PIXELS, self._fields.name)

    def makeCameraSys(self, cameraSys: CameraSys | CameraSysPrefix) -> CameraSys:
        """Return this detector's coordinate system of a given kind; a `CameraSys` is returned as it is."""
        if isinstance(cameraSys, CameraSysPrefix):
            return CameraSys(cameraSys, self._fields.name)
        return cameraSys


class Detector(DetectorBase, PickledThroughFits):
    """An immutable detector, with its amplifiers and the coordinate systems of its camera.

    Detectors are built as parts of a camera (`Camera.Builder`) or read from files. A detector is a sequence
    of its amplifiers, which can also be looked up by name.
    """

    Builder: type["DetectorBuilder"]
    InCameraBuilder: type["InCameraBuilder"]
    PartialRebuilder: type["DetectorRebuilder"]

    def __init__(
        self,
        fields: DetectorFields,
        makeAmplifiers: Callable[[], Iterable[Amplifier]],
        transformMap: TransformMap,
    ) -> None:
        if not isinstance(fields, DetectorFields):
            raise TypeError("a Detector is made by Camera.Builder.add(), or from another one by rebuild()")
        self._fields = fields
        self._makeAmplifiers = makeAmplifiers
        self._transformMap = transformMap

    @functools.cached_property
    def _amplifiers(self) -> tuple[Amplifier, ...]:
        # A camera has thousands, and most callers that read one need none of them.
        return tuple(self._makeAmplifiers())

    def rebuild(self) -> "DetectorRebuilder":
        """Return a builder that starts from this detector and keeps its position and coordinate systems."""
        return type(self).PartialRebuilder(self)

    # Amplifiers

    def getAmplifiers(self) -> list[Amplifier]:
        """Return all amplifiers."""
        return list(self._amplifiers)

    def __iter__(self) -> Iterator[Amplifier]:
        return iter(self._amplifiers)

    def __len__(self) -> int:
        return len(self._amplifiers)

    def __contains__(self, name: object) -> bool:
        return any(amplifier is name or amplifier.getName() == name for amplifier in self._amplifiers)

    def __getitem__(self, key: int | str) -> Amplifier:
        if not isinstance(key, str):
            return self._amplifiers[key]
        for amplifier in self._amplifiers:
            if amplifier.getName() == key:
                return amplifier
        names = ", ".join(amplifier.getName() for amplifier in self._amplifiers)
        raise InvalidParameterError(
            f"Amplifier with name {key} not found in detector {self.getName()}, which has {names or 'none'}"
        )

    # Coordinates

    def getTransformMap(self) -> TransformMap:
        """Return the transforms between all coordinate systems of the camera."""
        return self._transformMap

    def hasTransform(self, cameraSys: CameraSys | CameraSysPrefix) -> bool:
        """Return whether a coordinate system is known."""
        return self.makeCameraSys(cameraSys) in self._transformMap

    def getTransform(
        self, fromSys: CameraSys | CameraSysPrefix, toSys: CameraSys | CameraSysPrefix
    ) -> TransformPoint2ToPoint2:
        """Return the transform between two coordinate systems.

        Parameters
        ----------
        fromSys, toSys : `CameraSys` or `CameraSysPrefix`
            Source and target; a `CameraSysPrefix` stands for this detector's system of that kind.

        Returns
        -------
        transform : `lsst.afw.geom.TransformPoint2ToPoint2`
            The transform.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if a coordinate system is unknown.
        """
        return self._transformMap.getTransform(self.makeCameraSys(fromSys), self.makeCameraSys(toSys))

    def transform(
        self, points: Points, fromSys: CameraSys | CameraSysPrefix, toSys: CameraSys | CameraSysPrefix
    ) -> Points:
        """Transform one or many points between two coordinate systems.

        Parameters
        ----------
        points : `lsst.geom.Point2D`, sequence of them, or `numpy.ndarray` of shape (2, n)
            Points in ``fromSys``.
        fromSys, toSys : `CameraSys` or `CameraSysPrefix`
            Source and target; a `CameraSysPrefix` stands for this detector's system of that kind.

        Returns
        -------
        points : `lsst.geom.Point2D`, `list` of them, or `numpy.ndarray` of shape (2, n)
            Points in ``toSys``, of the same kind as the input.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if a coordinate system is unknown.
        """
        return self.getTransform(fromSys, toSys).applyForward(points)

    def getCorners(self, cameraSys: CameraSys | CameraSysPrefix) -> list[Point2D]:
        """Return the outer corners of the detector, counterclockwise in pixels from the lower left."""
        return self.transform(list(Box2D(self._fields.bbox).getCorners()), PIXELS, cameraSys)

    def getCenter(self, cameraSys: CameraSys | CameraSysPrefix) -> Point2D:
        """Return the centre of the detector in a coordinate system."""
        return self.transform(Box2D(self._fields.bbox).getCenter(), PIXELS, cameraSys)

    def __repr__(self) -> str:
        return f"Detector({self.getName()!r}, id={self.getId()}, bbox={self._fields.bbox})"


class DetectorBuilder(DetectorBase):
    """A mutable detector; a sequence of `Amplifier.Builder`. Use one of its subclasses."""

    def __init__(self, fields: DetectorFields, amplifiers: Sequence[Amplifier] = ()) -> None:
        self._fields = dataclasses.replace(fields)
        self._amplifiers = [amplifier.rebuild() for amplifier in amplifiers]

    def setBBox(self, bbox: Box2I) -> None:
        """Set the pixel box of the assembled image."""
        self._fields.bbox = Box2I(bbox)

    def setType(self, type: DetectorType) -> None:
        """Set the purpose of the detector."""
        self._fields.type = DetectorType(type)

    def setSerial(self, serial: str) -> None:
        """Set the serial number."""
        self._fields.serial = str(serial)

    def setPhysicalType(self, physicalType: str) -> None:
        """Set the kind of device."""
        self._fields.physicalType = str(physicalType)

    def setCrosstalk(self, crosstalk: np.ndarray | Sequence[Sequence[float]] | None) -> None:
        """Set the crosstalk coefficients, shape ``(nAmps, nAmps)``; `None` or empty if unknown.

        Raises
        ------
        TypeError
            Raised if there is not one row per amplifier.
        """
        values = np.array([] if crosstalk is None else crosstalk, dtype=np.float32)
        if values.size and values.ndim != 2:
            raise TypeError(
                f"the crosstalk matrix of detector {self.getName()} must have a row per amplifier; "
                f"its shape is {values.shape}"
            )
        self._fields.crosstalk = values if values.size else None

    def unsetCrosstalk(self) -> None:
        """Remove the crosstalk coefficients."""
        self._fields.crosstalk = None

    def fromConfig(self, config: DetectorSettings, numAmps: int = 1) -> None:
        """Set the properties given by a configuration, except name, number and transforms.

        Parameters
        ----------
        config : `DetectorConfig`
            The configuration.
        numAmps : `int`, optional
            Number of amplifiers to which the crosstalk coefficients apply.

        Raises
        ------
        RuntimeError
            Raised if the crosstalk coefficients do not match the number of amplifiers.
        """
        self.setSerial(config.serial)
        self.setType(DetectorType(config.detectorType))
        self.setPhysicalType(config.physicalType)
        self.setBBox(config.bbox)
        self.setCrosstalk(config.getCrosstalk(numAmps))

    def getAmplifiers(self) -> list[AmplifierBuilder]:
        """Return the builders of all amplifiers."""
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


class DetectorRebuilder(DetectorBuilder):
    """A builder that starts from a detector and keeps its position and coordinate systems.

    Parameters
    ----------
    detector : `Detector`
        Detector to start from.
    """

    def __init__(self, detector: Detector) -> None:
        super().__init__(detector._fields, detector.getAmplifiers())
        self._transformMap = detector.getTransformMap()

    def finish(self) -> Detector:
        """Return the detector as it stands now.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if amplifier names are not unique, or the crosstalk matrix does not match their number.
        """
        return self._finish(self._transformMap)


class InCameraBuilder(DetectorBuilder):
    """A builder of a detector in a camera under construction; created by ``Camera.Builder``."""

    def __init__(self, fields: DetectorFields, amplifiers: Sequence[Amplifier] = ()) -> None:
        super().__init__(fields, amplifiers)
        self._connections: list[SystemConnection] = []

    def fromConfig(self, config: DetectorSettings, numAmps: int = 1) -> None:
        """Set the properties given by a configuration, position included; see ``Detector.Builder``."""
        super().fromConfig(config, numAmps)
        self.setPixelSize(config.pixelSize)
        self.setOrientation(config.orientation)

    def setOrientation(self, orientation: Orientation) -> None:
        """Set position and rotation on the focal plane."""
        self._fields.orientation = orientation

    def setPixelSize(self, pixelSize: Extent2D) -> None:
        """Set the size of a pixel (mm)."""
        self._fields.pixelSize = Extent2D(pixelSize)

    def setTransformFromPixelsTo(
        self, toSys: CameraSys | CameraSysPrefix, transform: TransformPoint2ToPoint2
    ) -> None:
        """Set the transform from pixels to another coordinate system.

        Parameters
        ----------
        toSys : `CameraSys` or `CameraSysPrefix`
            A system of this detector. A system of the whole camera (the focal plane) replaces the
            transform that follows from orientation and pixel size.
        transform : `lsst.afw.geom.TransformPoint2ToPoint2`
            Pixels to that system.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the coordinate system belongs to another detector.
        """
        toSys = self.makeCameraSys(toSys)
        if toSys.hasDetectorName() and toSys.getDetectorName() != self.getName():
            raise InvalidParameterError(f"{toSys} does not belong to detector {self.getName()}")
        self.discardTransformFromPixelsTo(toSys)
        self._connections.append(SystemConnection(transform, self.getNativeCoordSys(), toSys))

    def discardTransformFromPixelsTo(self, toSys: CameraSys | CameraSysPrefix) -> bool:
        """Remove the transform from pixels to another system and return whether it existed."""
        toSys = self.makeCameraSys(toSys)
        kept = [connection for connection in self._connections if connection.toSys != toSys]
        found = len(kept) < len(self._connections)
        self._connections = kept
        return found

    def clearTransforms(self) -> None:
        """Remove all transforms that were set."""
        self._connections.clear()


Detector.__module__ = "lsst.afw.cameraGeom"
for _name, _cls in (
    ("Builder", DetectorBuilder),
    ("InCameraBuilder", InCameraBuilder),
    ("PartialRebuilder", DetectorRebuilder),
):
    _cls.__module__ = "lsst.afw.cameraGeom"
    _cls.__qualname__ = f"Detector.{_name}"
    setattr(Detector, _name, _cls)
