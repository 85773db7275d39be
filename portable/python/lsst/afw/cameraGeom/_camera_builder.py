# SPDX-License-Identifier: GPL-3.0-or-later
"""Builder of cameras."""

import numpy as np

from lsst.afw.geom import TransformPoint2ToPoint2, makeTransform
from lsst.geom import AffineTransform, LinearTransform, Point2D
from lsst.pex.exceptions import LogicError

from ._camera import BaseCollection, Camera
from ._camera_sys import FIELD_ANGLE, FOCAL_PLANE, CameraSys, CameraSysPrefix
from ._detector import DetectorFields
from ._detector_builder import InCameraBuilder
from ._transform_map import SystemConnection, TransformMap

__all__ = ("CameraBuilder",)


class CameraBuilder(BaseCollection[InCameraBuilder]):
    """A camera that can be changed; a collection of ``Detector.InCameraBuilder``.

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
                # Those from the focal plane to pixels follow from the orientations.
                self._connections.append(connection)

    def getName(self) -> str:
        """Name of the camera."""
        return self._name

    def setName(self, name: str) -> None:
        """Set the name of the camera."""
        self._name = str(name)

    def getPupilFactoryName(self) -> str:
        """Python class that the compiled stack makes pupils with."""
        return self._pupilFactoryName

    def setPupilFactoryName(self, pupilFactoryName: str) -> None:
        """Set the name of the class that the compiled stack makes pupils with."""
        self._pupilFactoryName = str(pupilFactoryName)

    def setPupilFactoryClass(self, pupilFactoryClass: type) -> None:
        """Set the class that the compiled stack makes pupils with; its name is kept."""
        self._pupilFactoryName = f"{pupilFactoryClass.__module__}.{pupilFactoryClass.__qualname__}"

    def setFocalPlaneParity(self, flipX: bool) -> None:
        """Set whether x is flipped between focal plane and field angle; `finish` sees to it."""
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
            The system belongs to a detector.
        """
        if toSys.hasDetectorName():
            raise LogicError(
                f"{toSys.getSysName()} should be added to Detector {toSys.getDetectorName()}, not Camera"
            )
        self.discardTransformFromFocalPlaneTo(toSys)
        self._connections.append(SystemConnection(transform, FOCAL_PLANE, toSys))

    def discardTransformFromFocalPlaneTo(self, toSys: CameraSys) -> bool:
        """Forget the transform from the focal plane to another system; whether there was one."""
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
            The new member, to be filled in.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            The name or number is taken.
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
        """Camera as it stands now.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            A detector is not consistent, or the coordinate systems do not form a tree.
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
        """Flip x of the field angle where the parity asked for is the other one."""
        if connection.toSys != FIELD_ANGLE:
            return connection
        flipped = bool(np.linalg.det(connection.transform.getJacobian(Point2D(0.0, 0.0))) < 0)
        if flipped == self._focalPlaneParity:
            return connection
        flip = makeTransform(AffineTransform(LinearTransform(np.diag([-1.0, 1.0]))))
        return SystemConnection(connection.transform.then(flip), FOCAL_PLANE, FIELD_ANGLE)

    def __repr__(self) -> str:
        return f"Camera.Builder({self._name!r}, {self._describe()})"


CameraBuilder.__module__ = "lsst.afw.cameraGeom"
CameraBuilder.__qualname__ = "Camera.Builder"
Camera.Builder = CameraBuilder
