# SPDX-License-Identifier: GPL-3.0-or-later
"""Detectors."""

import dataclasses
import functools
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

import lsst.pex.exceptions
from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.geom import Box2D, Box2I, Extent2D, Point2D

from ._amplifier import Amplifier
from ._camera_sys import PIXELS, CameraSys, CameraSysPrefix
from ._enums import DetectorType
from ._orientation import Orientation
from ._transform_map import TransformMap

if TYPE_CHECKING:
    from . import _detector_builder

__all__ = ("Detector",)


@dataclasses.dataclass(slots=True)
class DetectorFields:
    """What is known of a detector besides its amplifiers; see the getters of `DetectorBase`."""

    name: str
    id: int
    type: DetectorType = DetectorType.SCIENCE
    serial: str = ""
    physicalType: str = ""
    bbox: Box2I = dataclasses.field(default_factory=Box2I)
    orientation: Orientation = dataclasses.field(default_factory=Orientation)
    pixelSize: Extent2D = dataclasses.field(default_factory=lambda: Extent2D(0.0, 0.0))
    crosstalk: np.ndarray | None = None


class DetectorBase:
    """What detectors and their builders have in common."""

    _fields: DetectorFields

    def getName(self) -> str:
        """Name of the detector, unique in its camera."""
        return self._fields.name

    def getId(self) -> int:
        """Number of the detector, unique in its camera."""
        return self._fields.id

    def getType(self) -> DetectorType:
        """What the detector is for."""
        return self._fields.type

    def getPhysicalType(self) -> str:
        """Kind of device, such as the maker."""
        return self._fields.physicalType

    def getSerial(self) -> str:
        """Serial number, a string."""
        return self._fields.serial

    def getBBox(self) -> Box2I:
        """Pixels of the assembled image."""
        return Box2I(self._fields.bbox)

    def getOrientation(self) -> Orientation:
        """Position and rotation on the focal plane."""
        return self._fields.orientation

    def getPixelSize(self) -> Extent2D:
        """Size of a pixel, mm."""
        return Extent2D(self._fields.pixelSize)

    def hasCrosstalk(self) -> bool:
        """Whether crosstalk between amplifiers is known."""
        return self._fields.crosstalk is not None

    def getCrosstalk(self) -> np.ndarray:
        """Crosstalk coefficients, float32, (namplifiers, namplifiers); (0, 0) where they are not known."""
        if self._fields.crosstalk is None:
            return np.zeros((0, 0), dtype=np.float32)
        return self._fields.crosstalk.copy()

    def getNativeCoordSys(self) -> CameraSys:
        """Pixels of this detector, as a coordinate system."""
        return CameraSys(PIXELS, self._fields.name)

    def makeCameraSys(self, cameraSys: CameraSys | CameraSysPrefix) -> CameraSys:
        """Coordinate system of this detector from a kind of system; a complete system is handed back."""
        if isinstance(cameraSys, CameraSysPrefix):
            return CameraSys(cameraSys, self._fields.name)
        return cameraSys


class Detector(DetectorBase):
    """A detector of a camera, with its amplifiers and the coordinate systems of the camera. It never changes.

    Detectors are made as parts of a camera (`Camera.Builder`) or read from files. A detector is a sequence of
    its amplifiers, and finds them by name too.
    """

    Builder: type["_detector_builder.DetectorBuilder"]
    InCameraBuilder: type["_detector_builder.InCameraBuilder"]
    PartialRebuilder: type["_detector_builder.PartialRebuilder"]

    _archive_name = "Detector"
    _archive_module = "lsst.afw.cameraGeom"

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
        # A camera has thousands, and most who read one want none of them.
        return tuple(self._makeAmplifiers())

    def rebuild(self) -> "_detector_builder.PartialRebuilder":
        """Builder that starts from this detector; position and coordinate systems stay as they are."""
        return type(self).PartialRebuilder(self)

    # Amplifiers

    def getAmplifiers(self) -> list[Amplifier]:
        """All amplifiers."""
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
        raise lsst.pex.exceptions.InvalidParameterError(
            f"Amplifier with name {key} not found in detector {self.getName()}, which has {names or 'none'}"
        )

    # Coordinates

    def getTransformMap(self) -> TransformMap:
        """All coordinate systems of the camera."""
        return self._transformMap

    def hasTransform(self, cameraSys: CameraSys | CameraSysPrefix) -> bool:
        """Whether a coordinate system is known."""
        return self._transformMap.contains(self.makeCameraSys(cameraSys))

    def getTransform(
        self, fromSys: CameraSys | CameraSysPrefix, toSys: CameraSys | CameraSysPrefix
    ) -> TransformPoint2ToPoint2:
        """Transform between two coordinate systems.

        Parameters
        ----------
        fromSys, toSys : `CameraSys` or `CameraSysPrefix`
            What to lead from and to; a kind of system means the one of this detector.

        Returns
        -------
        transform : `lsst.afw.geom.TransformPoint2ToPoint2`
            The transform.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            A system is not known.
        """
        return self._transformMap.getTransform(self.makeCameraSys(fromSys), self.makeCameraSys(toSys))

    def transform(
        self, points: Any, fromSys: CameraSys | CameraSysPrefix, toSys: CameraSys | CameraSysPrefix
    ) -> Any:
        """Transform one or many points between two coordinate systems.

        Parameters
        ----------
        points : `lsst.geom.Point2D`, sequence of them, or `numpy.ndarray` of shape (2, n)
            Points in ``fromSys``.
        fromSys, toSys : `CameraSys` or `CameraSysPrefix`
            What to lead from and to; a kind of system means the one of this detector.

        Returns
        -------
        points : `lsst.geom.Point2D`, `list` of them, or `numpy.ndarray` of shape (2, n)
            Points in ``toSys``, the same kind as came in.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            A system is not known.
        """
        return self.getTransform(fromSys, toSys).applyForward(points)

    def getCorners(self, cameraSys: CameraSys | CameraSysPrefix) -> list[Point2D]:
        """Outer corners of the corner pixels, anticlockwise in pixels from lower left."""
        return self.transform(list(Box2D(self._fields.bbox).getCorners()), PIXELS, cameraSys)

    def getCenter(self, cameraSys: CameraSys | CameraSysPrefix) -> Point2D:
        """Centre of the pixels in a coordinate system."""
        return self.transform(Box2D(self._fields.bbox).getCenter(), PIXELS, cameraSys)

    # Files

    def writeFits(self, target: Any) -> None:
        """Write to a FITS file of its own.

        Parameters
        ----------
        target : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Where to.
        """
        from lsst.afw.fits import write_persistable

        write_persistable(self, target)

    @classmethod
    def readFits(cls, source: "str | os.PathLike[str] | Any") -> Self:
        """Read a FITS file that `writeFits` made.

        Raises
        ------
        lsst.afw.fits.FitsClassError
            The file holds something else; also a `lsst.pex.exceptions.TypeError`.
        """
        from lsst.afw.fits import FitsClassError, read_persistable

        detector = read_persistable(source)
        if not isinstance(detector, cls):
            raise FitsClassError(f"{source} holds {type(detector).__name__}, not a Detector")
        return detector

    def _archive_write(self, archive: Any) -> Any:
        from ._archive_io import write_detector

        return write_detector(self, archive)

    def __reduce__(self) -> tuple[Any, ...]:
        from lsst.afw.fits import reduceToFits

        return reduceToFits(self)

    def __repr__(self) -> str:
        return f"Detector({self.getName()!r}, id={self.getId()}, bbox={self._fields.bbox})"


Detector.__module__ = "lsst.afw.cameraGeom"
