# SPDX-License-Identifier: GPL-3.0-or-later
"""All coordinate systems of a camera and the transforms that connect them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from lsst.afw.geom import TransformPoint2ToPoint2, makeIdentityTransform
from lsst.afw.geom.frames import Frame, FrameSet
from lsst.geom import Box2I, Point2D
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.archive import Persistable

from ._camera_sys import FIELD_ANGLE, FOCAL_PLANE, CameraSys

__all__ = ("Points", "SystemConnection", "TransformMap")

Points = TypeVar("Points", Point2D, list[Point2D], np.ndarray)
"""One point, or many in either form."""


class FramedDetector(Protocol):
    """What `TransformMap.makeFrameSet` asks of a detector."""

    def getId(self) -> int:
        """Number of the detector."""

    def getBBox(self) -> Box2I:
        """Pixels of the assembled image."""

    def getNativeCoordSys(self) -> CameraSys:
        """Coordinate system of its pixels."""


@dataclass(frozen=True)
class SystemConnection:
    """A transform from one coordinate system to another.

    Parameters
    ----------
    transform : `lsst.afw.geom.TransformPoint2ToPoint2`
        The transform.
    fromSys, toSys : `CameraSys`
        Source and target.
    """

    transform: TransformPoint2ToPoint2
    fromSys: CameraSys
    toSys: CameraSys

    def reversed(self) -> "SystemConnection":
        """Return the same connection in the opposite direction."""
        return SystemConnection(self.transform.inverted(), self.toSys, self.fromSys)

    def __repr__(self) -> str:
        return f"{self.fromSys}->{self.toSys}"


SystemConnection.__module__ = "lsst.afw.cameraGeom"
SystemConnection.__qualname__ = "TransformMap.Connection"


class TransformMap(Persistable):
    """The coordinate systems of a camera, connected by a tree of transforms. Immutable.

    Parameters
    ----------
    reference : `CameraSys`
        Root of the tree.
    connections : mapping of `CameraSys` to transform, or sequence of `TransformMap.Connection`
        A mapping holds transforms from ``reference``. Connections may have either direction and any order,
        but must form a single tree.
    focalPlaneParity : `bool`, optional
        Whether x is flipped between focal plane and field angle; derived from the transform by default.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there are no connections, more than one path between two systems, a system connected to
        itself, or systems that are not connected to the reference.
    """

    Connection = SystemConnection

    def __init__(
        self,
        reference: CameraSys,
        connections: Mapping[CameraSys, TransformPoint2ToPoint2] | Sequence[SystemConnection],
        focalPlaneParity: bool | None = None,
    ) -> None:
        if isinstance(connections, Mapping):
            connections = [
                SystemConnection(transform, reference, system) for system, transform in connections.items()
            ]
        self._connections = tuple(_standardize(reference, list(connections)))
        self._init_tree(reference)
        if focalPlaneParity is None:
            focalPlaneParity = self._measure_parity()
        self._focalPlaneParity = bool(focalPlaneParity)

    def _init_tree(self, reference: CameraSys) -> None:
        # System -> connection toward it; the reference has none.
        self._parents: dict[CameraSys, SystemConnection | None] = {reference: None}
        self._parents.update((connection.toSys, connection) for connection in self._connections)
        self._cache: dict[tuple[CameraSys, CameraSys], TransformPoint2ToPoint2] = {}

    def _measure_parity(self) -> bool:
        if FOCAL_PLANE not in self or FIELD_ANGLE not in self:
            return False
        jacobian = self.getTransform(FOCAL_PLANE, FIELD_ANGLE).getJacobian(Point2D(0.0, 0.0))
        return bool(np.linalg.det(jacobian) < 0)

    def getConnections(self) -> list[SystemConnection]:
        """Return all connections, nearest to the reference first, each pointing away from it."""
        return list(self._connections)

    def getFocalPlaneParity(self) -> bool:
        """Return whether x is flipped between focal plane and field angle."""
        return self._focalPlaneParity

    def getTransform(self, fromSys: CameraSys, toSys: CameraSys) -> TransformPoint2ToPoint2:
        """Return the transform between two coordinate systems.

        Parameters
        ----------
        fromSys, toSys : `CameraSys`
            Source and target.

        Returns
        -------
        transform : `lsst.afw.geom.TransformPoint2ToPoint2`
            The transform, simplified; it is cached.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if a coordinate system is not in the map.
        """
        transform = self._cache.get((fromSys, toSys))
        if transform is None:
            transform = self._make_transform(fromSys, toSys)
            self._cache[fromSys, toSys] = transform
        return transform

    def _make_transform(self, fromSys: CameraSys, toSys: CameraSys) -> TransformPoint2ToPoint2:
        up, down = self._path_to_root(fromSys), self._path_to_root(toSys)
        while up and down and up[-1] is down[-1]:
            up.pop()
            down.pop()
        steps = [connection.transform.inverted() for connection in up]
        steps += [connection.transform for connection in reversed(down)]
        if not steps:
            return makeIdentityTransform()
        result = steps[0]
        for step in steps[1:]:
            result = result.then(step)
        return result

    def _path_to_root(self, system: CameraSys) -> list[SystemConnection]:
        if system not in self._parents:
            raise InvalidParameterError(
                f"Unsupported coordinate system: {system}; this map of {len(self)} systems is about "
                f"{self._connections[0].fromSys}"
            )
        path = []
        while (connection := self._parents[system]) is not None:
            path.append(connection)
            system = connection.fromSys
        return path

    def transform(self, points: Points, fromSys: CameraSys, toSys: CameraSys) -> Points:
        """Transform one or many points between two coordinate systems.

        Parameters
        ----------
        points : `lsst.geom.Point2D`, sequence of them, or `numpy.ndarray` of shape (2, n)
            Points in ``fromSys``.
        fromSys, toSys : `CameraSys`
            Source and target.

        Returns
        -------
        points : `lsst.geom.Point2D`, `list` of them, or `numpy.ndarray` of shape (2, n)
            Points in ``toSys``, of the same kind as the input.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if a coordinate system is not in the map.
        """
        return self.getTransform(fromSys, toSys).applyForward(points)

    def makeFrameSet(self, detectors: Iterable[FramedDetector]) -> FrameSet:
        """Coordinate frames of the camera and of some of its detectors.

        Parameters
        ----------
        detectors : iterable of `Detector`
            The detectors.

        Returns
        -------
        frames : `lsst.afw.geom.frames.FrameSet`
            Frames ``FOCAL_PLANE`` (mm), ``FIELD_ANGLE`` (radians) and one of pixels for each detector, whose
            ident is ``DETECTOR_`` and its number, and whose bounds are the edges of its pixels.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if one of these systems is not in the map.

        Notes
        -----
        The frames are a thin layer over those of starlink-pyast; astshim is not needed.
        """
        members = [(self.getTransform(FOCAL_PLANE, FIELD_ANGLE), Frame.ofPlane("FIELD_ANGLE", "rad"))]
        for detector in detectors:
            box = detector.getBBox()
            bounds = [(box.getBeginX(), box.getEndX()), (box.getBeginY(), box.getEndY())]
            frame = Frame.ofPlane(f"DETECTOR_{detector.getId()}", "pixel", bounds)
            members.append((self.getTransform(FOCAL_PLANE, detector.getNativeCoordSys()), frame))
        return FrameSet.ofFrames(
            Frame.ofPlane("FOCAL_PLANE", "mm"),
            [(transform.getMapping(), frame) for transform, frame in members],
        )

    def __contains__(self, system: object) -> bool:
        return system in self._parents

    def __iter__(self) -> Iterator[CameraSys]:
        return iter(self._parents)

    def __len__(self) -> int:
        return len(self._parents)

    def __getstate__(self) -> dict[str, Any]:
        return {"connections": self._connections, "focalPlaneParity": self._focalPlaneParity}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._connections = state["connections"]
        self._focalPlaneParity = state["focalPlaneParity"]
        self._init_tree(self._connections[0].fromSys)

    def __repr__(self) -> str:
        return f"TransformMap({len(self)} systems about {self._connections[0].fromSys})"


TransformMap.__module__ = "lsst.afw.cameraGeom"


def _standardize(reference: CameraSys, connections: list[SystemConnection]) -> list[SystemConnection]:
    """Sort connections by distance from the reference and point them away from it."""
    if not connections:
        raise InvalidParameterError("Cannot create a TransformMap with no connections.")
    known = {reference}
    current = {reference}
    done = 0
    while current:
        reached: set[CameraSys] = set()
        for index in range(done, len(connections)):
            connection = connections[index]
            if connection.fromSys not in current:
                if connection.toSys not in current:
                    continue
                connection = connection.reversed()
            if connection.toSys == connection.fromSys:
                raise InvalidParameterError(f"Identity connection found: {connection}.")
            if connection.toSys in known:
                raise InvalidParameterError(
                    f"Multiple paths between reference {reference} and {connection.toSys}."
                )
            reached.add(connection.toSys)
            known.add(connection.toSys)
            connections[index] = connections[done]
            connections[done] = connection
            done += 1
        current = reached
    if done < len(connections):
        rest = ", ".join(str(connection) for connection in connections[done:])
        raise InvalidParameterError(f"Disconnected connection(s) found: {rest}.")
    return connections
