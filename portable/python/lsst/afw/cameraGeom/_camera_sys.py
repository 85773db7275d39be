# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of coordinate systems in a camera."""

__all__ = (
    "ACTUAL_PIXELS",
    "FIELD_ANGLE",
    "FOCAL_PLANE",
    "PIXELS",
    "TAN_PIXELS",
    "CameraSys",
    "CameraSysPrefix",
)


class CameraSysPrefix:
    """A kind of coordinate system, such as pixels, of which every detector has its own.

    Parameters
    ----------
    sysName : `str`
        Name of the kind.
    """

    __slots__ = ("_sysName",)

    def __init__(self, sysName: str) -> None:
        self._sysName = str(sysName)

    def getSysName(self) -> str:
        """Return the name of the kind of coordinate system."""
        return self._sysName

    def __eq__(self, other: object) -> bool:
        if type(other) is not CameraSysPrefix:
            return NotImplemented
        return self._sysName == other._sysName

    def __hash__(self) -> int:
        return hash(self._sysName)

    def __repr__(self) -> str:
        return f"CameraSysPrefix({self._sysName})"

    def __reduce__(self) -> tuple[type, tuple[str]]:
        return CameraSysPrefix, (self._sysName,)


class CameraSys:
    """A coordinate system: of the camera, or of one of its detectors.

    Parameters
    ----------
    sysName : `str` or `CameraSysPrefix`
        Name of the kind of coordinate system.
    detectorName : `str`, optional
        Name of the detector it belongs to; empty for a system of the whole camera.
    """

    __slots__ = ("_detectorName", "_sysName")

    def __init__(self, sysName: str | CameraSysPrefix, detectorName: str = "") -> None:
        self._sysName = sysName.getSysName() if isinstance(sysName, CameraSysPrefix) else str(sysName)
        self._detectorName = str(detectorName)

    def getSysName(self) -> str:
        """Return the name of the kind of coordinate system."""
        return self._sysName

    def getDetectorName(self) -> str:
        """Return the name of the detector; empty for a system of the whole camera."""
        return self._detectorName

    def hasDetectorName(self) -> bool:
        """Return whether the coordinate system belongs to a detector."""
        return bool(self._detectorName)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CameraSys):
            return NotImplemented
        return self._sysName == other._sysName and self._detectorName == other._detectorName

    def __hash__(self) -> int:
        return hash((self._sysName, self._detectorName))

    def __repr__(self) -> str:
        detector = f", {self._detectorName}" if self._detectorName else ""
        return f"CameraSys({self._sysName}{detector})"

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return CameraSys, (self._sysName, self._detectorName)


for _cls in (CameraSys, CameraSysPrefix):
    _cls.__module__ = "lsst.afw.cameraGeom"

#: Position on the focal plane, mm.
FOCAL_PLANE = CameraSys("FocalPlane")
#: Angle from the optical axis, radians.
FIELD_ANGLE = CameraSys("FieldAngle")
#: Nominal pixels of a detector: the centre of the lower left pixel is (0, 0).
PIXELS = CameraSysPrefix("Pixels")
#: Pixels of a detector with the optical distortion removed.
TAN_PIXELS = CameraSysPrefix("TanPixels")
#: Pixels of a detector including its own imperfections, such as tree rings.
ACTUAL_PIXELS = CameraSysPrefix("ActualPixels")
