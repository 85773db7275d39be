# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras."""

import os
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Self, TypeVar

import numpy as np

from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.geom import Box2D, Point2D
from lsst.pex.exceptions import InvalidParameterError, NotFoundError

from ._camera_sys import FOCAL_PLANE, PIXELS, CameraSys
from ._detector import Detector, DetectorBase
from ._transform_map import TransformMap

if TYPE_CHECKING:
    from ._camera_builder import CameraBuilder

__all__ = ("Camera", "DetectorCollection")

D = TypeVar("D", bound=DetectorBase)


class BaseCollection(Generic[D]):
    """Detectors or their builders, in the order of their numbers, found by number or by name.

    Parameters
    ----------
    detectors : iterable
        The members.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Two members have the same number or name.
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
        """Members by number, in the order of the numbers."""
        return MappingProxyType(self._by_id)

    def getNameMap(self) -> Mapping[str, D]:
        """Members by name, in the order of the names."""
        return MappingProxyType(dict(sorted(self._by_name.items())))

    def getIdIter(self) -> Iterator[int]:
        """Numbers of the members."""
        return iter(self._by_id)

    def getNameIter(self) -> Iterator[str]:
        """Names of the members, in the order of the names."""
        return iter(self.getNameMap())

    def get(self, key: int | str, default: Any = None) -> Any:
        """Member with a number or name, or the default."""
        if isinstance(key, str):
            return self._by_name.get(key, default)
        return self._by_id.get(key, default)

    def __getitem__(self, key: int | str) -> D:
        found = self.get(key)
        if found is None:
            what = f"name {key!r}" if isinstance(key, str) else f"ID {key}"
            raise NotFoundError(f"Detector with {what} not found among {self._describe()}")
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
    """Detectors that lie on one focal plane.

    Parameters
    ----------
    detectors : iterable of `Detector`
        The members.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Two members have the same number or name.
    """

    def getFpBBox(self) -> Box2D:
        """Smallest box around the corners of all detectors on the focal plane, mm."""
        box = Box2D()
        for detector in self:
            for corner in detector.getCorners(FOCAL_PLANE):
                box.include(corner)
        return box


class Camera(DetectorCollection):
    """A camera: detectors in a frame of coordinate systems. It never changes; see `rebuild`.

    Iteration gives the detectors in the order of their numbers; ``camera[0]`` and ``camera["R22_S11"]`` find
    one. Made by `Camera.Builder`, ``lsst.obs.base.yamlCamera.makeCamera`` or `Camera.readFits`.
    """

    Builder: type["CameraBuilder"]

    _archive_name = "Camera"
    _archive_module = "lsst.afw.cameraGeom"

    def __init__(
        self, name: str, detectors: Iterable[Detector], transformMap: TransformMap, pupilFactoryName: str
    ) -> None:
        super().__init__(detectors)
        self._name = name
        self._transformMap = transformMap
        self._pupilFactoryName = pupilFactoryName

    def rebuild(self) -> "CameraBuilder":
        """Builder that starts from this camera."""
        return type(self).Builder(self)

    def getName(self) -> str:
        """Name of the camera."""
        return self._name

    def getPupilFactoryName(self) -> str:
        """Python class that the compiled stack makes pupils with; a name only."""
        return self._pupilFactoryName

    def getPupilFactory(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not offered.

        Raises
        ------
        NotImplementedError
            Always.
        """
        raise NotImplementedError(
            f"the portable stack has no pupil models; the camera names {self._pupilFactoryName!r}"
        )

    def getFocalPlaneParity(self) -> bool:
        """Whether x is flipped between focal plane and field angle."""
        return self._transformMap.getFocalPlaneParity()

    def getTransformMap(self) -> TransformMap:
        """All coordinate systems of the camera."""
        return self._transformMap

    def getTransform(self, fromSys: CameraSys, toSys: CameraSys) -> TransformPoint2ToPoint2:
        """Transform between two coordinate systems; see `TransformMap.getTransform`."""
        return self._transformMap.getTransform(fromSys, toSys)

    def transform(self, points: Any, fromSys: CameraSys, toSys: CameraSys) -> Any:
        """Transform one or many points between two coordinate systems; see `TransformMap.transform`."""
        return self._transformMap.transform(points, fromSys, toSys)

    def findDetectors(self, point: Point2D, cameraSys: CameraSys) -> list[Detector]:
        """Detectors that a point falls on.

        Parameters
        ----------
        point : `lsst.geom.Point2D`
            The point.
        cameraSys : `CameraSys`
            Its coordinate system.

        Returns
        -------
        detectors : `list` [`Detector`]
            Those with the point inside their outer pixel edges, in the order of their numbers.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            The system is not known.
        """
        return self.findDetectorsList([point], cameraSys)[0]

    def findDetectorsList(self, pointList: list[Point2D], cameraSys: CameraSys) -> list[list[Detector]]:
        """Detectors that each of many points falls on; see `findDetectors`."""
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

        camera = read_persistable(source)
        if not isinstance(camera, cls):
            raise FitsClassError(f"{source} holds {type(camera).__name__}, not a Camera")
        return camera

    def _archive_write(self, archive: Any) -> Any:
        from ._archive_io import write_camera

        return write_camera(self, archive)

    def __reduce__(self) -> tuple[Any, ...]:
        from lsst.afw.fits import reduceToFits

        return reduceToFits(self)

    def __repr__(self) -> str:
        return f"Camera({self._name!r}, {self._describe()})"


for _cls in (DetectorCollection, Camera):
    _cls.__module__ = "lsst.afw.cameraGeom"
