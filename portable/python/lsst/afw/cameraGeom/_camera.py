# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras, and the builder that creates and modifies them."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Generic, NoReturn, TypeVar

import numpy as np

from lsst.afw.geom import TransformPoint2ToPoint2, makeTransform
from lsst.geom import AffineTransform, Box2D, LinearTransform, Point2D
from lsst.pex.exceptions import InvalidParameterError, LogicError
from lsst.portable.archive import PickledThroughFits

from ._camera_sys import FIELD_ANGLE, FOCAL_PLANE, PIXELS, CameraSys, CameraSysPrefix
from ._detector import Detector, DetectorBase, DetectorFields, InCameraBuilder
from ._transform_map import Points, SystemConnection, TransformMap

__all__ = ("Camera", "CameraBuilder", "DetectorCollection")

D = TypeVar("D", bound=DetectorBase)
T = TypeVar("T")


class BaseCollection(Generic[D]):
    """Detectors or their builders, in order of detector number, accessible by number or name.

    Parameters
    ----------
    detectors : iterable
        The members.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if two members have the same number or name.
    """

    def __init__(self, detectors: Iterable[D] = ()) -> None:
        self._by_id: dict[int, D] = {}
        self._by_name: dict[str, D] = {}
        for detector in detectors:
            self._add(detector)
        self._by_id = dict(sorted(self._by_id.items()))

    def _add(self, detector: D) -> None:
        for key, known in ((detector.getId(), self._by_id), (detector.getName(), self._by_name)):
            if key in known:
                raise InvalidParameterError(
                    f"two detectors cannot share a number or name: {detector.getName()!r} (id "
                    f"{detector.getId()}) and {known[key]}"  # type: ignore[index]
                )
        self._by_id[detector.getId()] = detector
        self._by_name[detector.getName()] = detector

    def getIdMap(self) -> Mapping[int, D]:
        """Return the members by number, in order of number."""
        return MappingProxyType(self._by_id)

    def getNameMap(self) -> Mapping[str, D]:
        """Return the members by name, in order of name."""
        return MappingProxyType(dict(sorted(self._by_name.items())))

    def getIdIter(self) -> Iterator[int]:
        """Iterate over the numbers of the members."""
        return iter(self._by_id)

    def getNameIter(self) -> Iterator[str]:
        """Iterate over the names of the members, in sorted order."""
        return iter(self.getNameMap())

    def get(self, key: int | str, default: T | None = None) -> D | T | None:
        """Return the member with a given number or name, or ``default`` if there is none."""
        if isinstance(key, str):
            return self._by_name.get(key, default)
        return self._by_id.get(key, default)

    def __getitem__(self, key: int | str) -> D:
        found = self.get(key)
        if found is None:
            what = f"name {key!r}" if isinstance(key, str) else f"ID {key}"
            raise KeyError(f"Detector with {what} not found among {self._describe()}")
        return found

    def _describe(self) -> str:
        ids = list(self._by_id)
        return f"{len(ids)} detectors, IDs {ids[0]} to {ids[-1]}" if ids else "no detectors"

    def __contains__(self, key: object) -> bool:
        if isinstance(key, DetectorBase):
            return self._by_id.get(key.getId()) is key
        return key in (self._by_name if isinstance(key, str) else self._by_id)

    def __iter__(self) -> Iterator[D]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)


class DetectorCollection(BaseCollection[Detector]):
    """The detectors of one focal plane.

    Parameters
    ----------
    detectors : iterable of `Detector`
        The members.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if two members have the same number or name.
    """

    def getFpBBox(self) -> Box2D:
        """Return the smallest box that contains all detectors on the focal plane (mm)."""
        box = Box2D()
        for detector in self:
            for corner in detector.getCorners(FOCAL_PLANE):
                box.include(corner)
        return box


class Camera(DetectorCollection, PickledThroughFits):
    """A camera: its detectors and their coordinate systems. Immutable; see `rebuild`.

    Iteration yields the detectors in order of their numbers; ``camera[0]`` and ``camera["R22_S11"]`` look one
    up. Get a camera from `Camera.Builder`, ``lsst.obs.base.yamlCamera.makeCamera`` or `Camera.readFits`.
    """

    Builder: type["CameraBuilder"]

    def __init__(
        self, name: str, detectors: Iterable[Detector], transformMap: TransformMap, pupilFactoryName: str
    ) -> None:
        super().__init__(detectors)
        self._name = name
        self._transformMap = transformMap
        self._pupilFactoryName = pupilFactoryName

    def rebuild(self) -> "CameraBuilder":
        """Return a builder that starts from this camera."""
        return type(self).Builder(self)

    def getName(self) -> str:
        """Return the name of the camera."""
        return self._name

    def getPupilFactoryName(self) -> str:
        """Return the name of the class with which the compiled stack makes pupils."""
        return self._pupilFactoryName

    def getPupilFactory(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse to make a pupil factory, which the portable stack does not offer.

        Raises
        ------
        NotImplementedError
            Always raised.
        """
        raise NotImplementedError(
            f"the portable stack has no pupil models; the camera names {self._pupilFactoryName!r}"
        )

    def getFocalPlaneParity(self) -> bool:
        """Return whether x is flipped between focal plane and field angle."""
        return self._transformMap.getFocalPlaneParity()

    def getTransformMap(self) -> TransformMap:
        """Return the transforms between all coordinate systems of the camera."""
        return self._transformMap

    def getTransform(self, fromSys: CameraSys, toSys: CameraSys) -> TransformPoint2ToPoint2:
        """Return the transform between two coordinate systems; see `TransformMap.getTransform`."""
        return self._transformMap.getTransform(fromSys, toSys)

    def transform(self, points: Points, fromSys: CameraSys, toSys: CameraSys) -> Points:
        """Transform one or many points between two coordinate systems; see `TransformMap.transform`."""
        return self._transformMap.transform(points, fromSys, toSys)

    def findDetectors(self, point: Point2D, cameraSys: CameraSys) -> list[Detector]:
        """Find the detectors on which a point falls.

        Parameters
        ----------
        point : `lsst.geom.Point2D`
            The point.
        cameraSys : `CameraSys`
            Its coordinate system.

        Returns
        -------
        detectors : `list` [`Detector`]
            Detectors whose outer pixel edges enclose the point, in order of number.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the coordinate system is unknown.
        """
        return self.findDetectorsList([point], cameraSys)[0]

    def findDetectorsList(self, pointList: list[Point2D], cameraSys: CameraSys) -> list[list[Detector]]:
        """Find the detectors on which each of several points falls; see `findDetectors`."""
        coordinates = (
            np.array([(point[0], point[1]) for point in pointList], dtype=np.float64).reshape(-1, 2).T
        )
        on_focal_plane = self.transform(coordinates, cameraSys, FOCAL_PLANE)
        found: list[list[Detector]] = [[] for _ in pointList]
        for detector in self:
            x, y = detector.transform(on_focal_plane, FOCAL_PLANE, PIXELS)
            box = Box2D(detector.getBBox())
            inside = (x >= box.getMinX()) & (x < box.getMaxX()) & (y >= box.getMinY()) & (y < box.getMaxY())
            for index in np.flatnonzero(inside):
                found[index].append(detector)
        return found

    def __repr__(self) -> str:
        return f"Camera({self._name!r}, {self._describe()})"


class CameraBuilder(BaseCollection[InCameraBuilder]):
    """A mutable camera; a collection of ``Detector.InCameraBuilder``.

    Parameters
    ----------
    camera : `str` or `Camera`
        Name of a new camera, or a camera to start from.
    """

    def __init__(self, camera: str | Camera) -> None:
        super().__init__()
        self._pupilFactoryName = ""
        self._focalPlaneParity = False
        self._connections: list[SystemConnection] = []
        if isinstance(camera, str):
            self._name = camera
        else:
            self._start_from(camera)

    def _start_from(self, camera: Camera) -> None:
        self._name = camera.getName()
        self._pupilFactoryName = camera.getPupilFactoryName()
        self._focalPlaneParity = camera.getFocalPlaneParity()
        for detector in camera:
            self._add(InCameraBuilder(detector._fields, detector.getAmplifiers()))
        for connection in camera.getTransformMap().getConnections():
            if connection.fromSys.hasDetectorName():
                builder = self[connection.fromSys.getDetectorName()]
                builder.setTransformFromPixelsTo(
                    CameraSysPrefix(connection.toSys.getSysName()), connection.transform
                )
            elif not connection.toSys.hasDetectorName():
                # Transforms from the focal plane to pixels follow from the orientations.
                self._connections.append(connection)

    def getName(self) -> str:
        """Return the name of the camera."""
        return self._name

    def setName(self, name: str) -> None:
        """Set the name of the camera."""
        self._name = str(name)

    def getPupilFactoryName(self) -> str:
        """Return the name of the class with which the compiled stack makes pupils."""
        return self._pupilFactoryName

    def setPupilFactoryName(self, pupilFactoryName: str) -> None:
        """Set the name of the class with which the compiled stack makes pupils."""
        self._pupilFactoryName = str(pupilFactoryName)

    def setPupilFactoryClass(self, pupilFactoryClass: type) -> None:
        """Set the class with which the compiled stack makes pupils; only its name is stored."""
        self._pupilFactoryName = f"{pupilFactoryClass.__module__}.{pupilFactoryClass.__qualname__}"

    def setFocalPlaneParity(self, flipX: bool) -> None:
        """Set whether x is flipped between focal plane and field angle; `finish` applies it."""
        self._focalPlaneParity = bool(flipX)

    def setTransformFromFocalPlaneTo(self, toSys: CameraSys, transform: TransformPoint2ToPoint2) -> None:
        """Set the transform from the focal plane to another system of the whole camera.

        Parameters
        ----------
        toSys : `CameraSys`
            The other system.
        transform : `lsst.afw.geom.TransformPoint2ToPoint2`
            Focal plane, mm, to that system.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if the coordinate system belongs to a detector.
        """
        if toSys.hasDetectorName():
            raise LogicError(
                f"{toSys.getSysName()} should be added to Detector {toSys.getDetectorName()}, not Camera"
            )
        self.discardTransformFromFocalPlaneTo(toSys)
        self._connections.append(SystemConnection(transform, FOCAL_PLANE, toSys))

    def discardTransformFromFocalPlaneTo(self, toSys: CameraSys) -> bool:
        """Remove the transform from the focal plane to another system and return whether it existed."""
        kept = [connection for connection in self._connections if connection.toSys != toSys]
        found = len(kept) < len(self._connections)
        self._connections = kept
        return found

    def add(self, name: str, id: int) -> InCameraBuilder:
        """Add a detector.

        Parameters
        ----------
        name : `str`
            Name of the detector.
        id : `int`
            Number of the detector.

        Returns
        -------
        builder : ``Detector.InCameraBuilder``
            Builder of the new detector, to be filled in.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the name or number is taken.
        """
        builder = InCameraBuilder(DetectorFields(name=str(name), id=int(id)))
        self._add(builder)
        self._by_id = dict(sorted(self._by_id.items()))
        return builder

    def __delitem__(self, key: int | str) -> None:
        builder = self[key]
        del self._by_id[builder.getId()]
        del self._by_name[builder.getName()]

    def finish(self) -> Camera:
        """Return the camera as it stands now.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if a detector is inconsistent, or if the coordinate systems do not form a tree.
        """
        connections = [self._with_parity(connection) for connection in self._connections]
        for builder in self:
            native = builder.getNativeCoordSys()
            if not any(connection.toSys == FOCAL_PLANE for connection in builder._connections):
                to_pixels = builder.getOrientation().makeFpPixelTransform(builder.getPixelSize())
                connections.append(SystemConnection(to_pixels, FOCAL_PLANE, native))
            connections.extend(builder._connections)
        transformMap = TransformMap(FOCAL_PLANE, connections, self._focalPlaneParity)
        detectors = [builder._finish(transformMap) for builder in self]
        return Camera(self._name, detectors, transformMap, self._pupilFactoryName)

    def _with_parity(self, connection: SystemConnection) -> SystemConnection:
        """Flip x of the field angle if the transform does not have the requested parity."""
        if connection.toSys != FIELD_ANGLE:
            return connection
        flipped = bool(np.linalg.det(connection.transform.getJacobian(Point2D(0.0, 0.0))) < 0)
        if flipped == self._focalPlaneParity:
            return connection
        flip = makeTransform(AffineTransform(LinearTransform(np.diag([-1.0, 1.0]))))
        return SystemConnection(connection.transform.then(flip), FOCAL_PLANE, FIELD_ANGLE)

    def __repr__(self) -> str:
        return f"Camera.Builder({self._name!r}, {self._describe()})"


for _cls in (DetectorCollection, Camera, CameraBuilder):
    _cls.__module__ = "lsst.afw.cameraGeom"
CameraBuilder.__qualname__ = "Camera.Builder"
Camera.Builder = CameraBuilder
