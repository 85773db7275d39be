# SPDX-License-Identifier: GPL-3.0-or-later
"""Positions on the sphere."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from lsst.pex.exceptions import InvalidParameterError, LengthError

from ._angle import HALFPI, Angle, AngleUnit, degrees, radians
from ._coordinates import Point2D
from ._elements import divide, need

if TYPE_CHECKING:
    import numpy.typing as npt

    import lsst.sphgeom

__all__ = ("SpherePoint", "averageSpherePoint")


class SpherePoint:
    """A position on the sphere: longitude and latitude, or right ascension and declination.

    It is immutable.

    Parameters
    ----------
    *args : `Angle` and `Angle`; `float`, `float` and `AngleUnit`; a vector of `lsst.sphgeom`; `SpherePoint`
        Longitude and latitude, a direction, or another position; without arguments both coordinates are NaN.
    **kwargs : `object`
        ``longitude``, ``latitude`` and ``units`` by keyword; or ``vector``, ``unitVector``, ``lonLat``,
        ``other``.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the latitude is beyond 90 degrees, or a vector has zero length.
    TypeError
        Raised if the arguments do not define a position.
    """

    __slots__ = ("_latitude", "_longitude")
    _latitude: float
    _longitude: float

    @overload
    def __init__(self) -> None: ...
    @overload
    def __init__(self, longitude: float, latitude: float, units: AngleUnit) -> None: ...
    @overload
    def __init__(self, longitude: Angle, latitude: Angle) -> None: ...
    @overload
    def __init__(
        self,
        position: SpherePoint | lsst.sphgeom.LonLat | lsst.sphgeom.Vector3d | lsst.sphgeom.UnitVector3d,
        /,
    ) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        names = ("longitude", "latitude", "units", "vector", "unitVector", "lonLat", "other")
        args += tuple(kwargs[name] for name in names if name in kwargs)
        if len(args) == 3 and isinstance(args[2], AngleUnit):
            self._set_angles(args[0] * args[2], args[1] * args[2])
        elif len(args) == 2 and isinstance(args[0], Angle) and isinstance(args[1], Angle):
            self._set_angles(*args)
        elif len(args) == 1 and isinstance(args[0], SpherePoint):
            self._longitude, self._latitude = args[0]._longitude, args[0]._latitude
        elif len(args) == 1 and hasattr(args[0], "getLon"):
            self._set_angles(Angle(args[0].getLon().asRadians()), Angle(args[0].getLat().asRadians()))
        elif len(args) == 1 and hasattr(args[0], "z"):
            self._set_vector(args[0].x(), args[0].y(), args[0].z())
        elif not args and not kwargs:
            self._longitude = self._latitude = math.nan
        else:
            kinds = ", ".join(type(a).__name__ for a in args)
            raise TypeError(
                f"Cannot make a SpherePoint from ({kinds}); give two Angles, two numbers and an AngleUnit, "
                "or a vector."
            )

    def _set_angles(self, longitude: Angle, latitude: Angle) -> None:
        self._longitude, self._latitude = longitude.wrap().asRadians(), latitude.asRadians()
        if abs(self._latitude) > HALFPI:
            raise InvalidParameterError(f"Angle {latitude.asDegrees():f} is not a valid latitude.")

    def _set_vector(self, x: float, y: float, z: float) -> None:
        norm = math.sqrt(x * x + y * y + z * z)
        if norm <= 0.0:
            raise InvalidParameterError(f"Vector ({x}, {y}, {z}) has zero norm and cannot be normalized.")
        if not math.isfinite(norm):
            self._longitude = self._latitude = math.nan
            return
        self._latitude = math.asin(max(-1.0, min(1.0, z / norm)))
        self._longitude = 0.0 if self.atPole() else Angle(math.atan2(y / norm, x / norm)).wrap().asRadians()

    def getLongitude(self) -> Angle:
        """Return the longitude, in the range [0, 2 pi)."""
        return Angle(self._longitude)

    def getLatitude(self) -> Angle:
        """Return the latitude."""
        return Angle(self._latitude)

    getRa, getDec = getLongitude, getLatitude

    def getVector(self) -> lsst.sphgeom.UnitVector3d:
        """Return the direction as a unit vector."""
        # Imported here because it takes longer to load than all of lsst.geom.
        from lsst.sphgeom import UnitVector3d

        return UnitVector3d(*self._vector().tolist())

    def _vector(self) -> np.ndarray:
        return np.array(_unit_vector(self._longitude, self._latitude))

    def getPosition(self, units: AngleUnit) -> Point2D:
        """Return longitude and latitude as a point, in the given unit."""
        return Point2D(*(angle.asAngularUnits(units) for angle in self))

    def atPole(self) -> bool:
        """Return whether this is a pole."""
        return abs(self._latitude) >= HALFPI

    def isFinite(self) -> bool:
        """Return whether both coordinates are finite numbers."""
        return math.isfinite(self._longitude) and math.isfinite(self._latitude)

    def bearingTo(self, other: SpherePoint) -> Angle:
        """Return the direction toward another position; 0 is east, 90 degrees north.

        Parameters
        ----------
        other : `SpherePoint`
            The other position.

        Returns
        -------
        bearing : `Angle`
            Direction of the great circle toward it, in the range [0, 2 pi).
        """
        other = _position(other, "A bearing")
        delta = other._longitude - self._longitude
        y = math.sin(delta) * math.cos(other._latitude)
        x = math.cos(self._latitude) * math.sin(other._latitude)
        x -= math.sin(self._latitude) * math.cos(other._latitude) * math.cos(delta)
        return (90.0 * degrees - math.atan2(y, x) * radians).wrap()

    def separation(self, other: SpherePoint) -> Angle:
        """Return the great-circle distance to another position (haversine formula)."""
        other = _position(other, "A separation")
        sin_lat = math.sin((self._latitude - other._latitude) / 2)
        sin_lon = math.sin((self._longitude - other._longitude) / 2)
        hav = sin_lat * sin_lat + math.cos(self._latitude) * math.cos(other._latitude) * sin_lon * sin_lon
        return Angle(2.0 * math.asin(min(1.0, math.sqrt(hav))) if not math.isnan(hav) else math.nan)

    def rotated(self, axis: SpherePoint, amount: Angle) -> SpherePoint:
        """Return the position rotated counterclockwise about an axis.

        Parameters
        ----------
        axis : `SpherePoint`
            Direction of the axis.
        amount : `Angle`
            Angle of rotation.

        Returns
        -------
        position : `SpherePoint`
            Where it ends up; NaN if an argument is not finite.
        """
        return _of_vector(_rotate(self._vector(), _position(axis, "A rotation")._vector(), amount))

    def offset(self, bearing: Angle, amount: Angle) -> SpherePoint:
        """Return the position a given distance away along a great circle.

        Parameters
        ----------
        bearing : `Angle`
            Direction to go; 0 is east, 90 degrees north.
        amount : `Angle`
            How far to go.

        Returns
        -------
        position : `SpherePoint`
            Where it ends up; NaN if an argument is not finite.
        """
        here = self._vector()
        east = np.array([-math.sin(self._longitude), math.cos(self._longitude), 0.0])
        north = np.cross(here, east)
        cos, sin = _cos_sin(need(Angle, bearing, "A bearing"))
        axis = np.cross(here, cos * east + sin * north)
        return _of_vector(_rotate(here, axis / np.linalg.norm(axis), amount))

    def getTangentPlaneOffset(self, other: SpherePoint) -> tuple[Angle, Angle]:
        """Return the offset to another position, measured on a tangent plane (gnomonic projection).

        As in the stack, the plane is tangent at the other position, not at this one.

        Parameters
        ----------
        other : `SpherePoint`
            The other position.

        Returns
        -------
        east, north : `Angle`
            Its offset to the east and to the north.
        """
        other = _position(other, "A tangent plane")
        sin1, cos1 = math.sin(self._latitude), math.cos(self._latitude)
        sin2, cos2 = math.sin(other._latitude), math.cos(other._latitude)
        delta = other._longitude - self._longitude
        divisor = cos1 * math.cos(delta) * cos2 + sin1 * sin2
        xi = divide(cos1 * math.sin(delta), divisor)
        eta = divide(cos1 * math.cos(delta) * sin2 - sin1 * cos2, divisor)
        return Angle(xi), Angle(eta)

    @staticmethod
    def toUnitXYZ(
        *,
        longitude: npt.ArrayLike | None = None,
        latitude: npt.ArrayLike | None = None,
        ra: npt.ArrayLike | None = None,
        dec: npt.ArrayLike | None = None,
        units: AngleUnit,
    ) -> tuple[Any, Any, Any]:
        """Return unit vectors of many positions.

        Parameters
        ----------
        longitude, latitude : `float` or `numpy.ndarray`, optional
            Coordinates.
        ra, dec : `float` or `numpy.ndarray`, optional
            Aliases of ``longitude`` and ``latitude``; give exactly one of each pair.
        units : `AngleUnit`
            Unit of the coordinates.

        Returns
        -------
        x, y, z : `float` or `numpy.ndarray`
            Components of the vectors, with the shape of the coordinates.

        Raises
        ------
        ValueError
            Raised if both or neither of a pair are given.
        """
        if (longitude is None) == (ra is None):
            raise ValueError("Exactly one of ra and longitude must be provided.")
        if (latitude is None) == (dec is None):
            raise ValueError("Exactly one of dec and latitude must be provided.")
        lon = units._val * (np.asarray(longitude if ra is None else ra, dtype=float))
        lat = units._val * (np.asarray(latitude if dec is None else dec, dtype=float))
        return np.cos(lon) * np.cos(lat), np.sin(lon) * np.cos(lat), np.sin(lat) + 0.0 * lon

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Angle:
        if index not in (0, 1, -1, -2):
            raise IndexError(f"Index {index} must be 0 or 1.")
        return Angle((self._longitude, self._latitude)[index])

    def __iter__(self) -> Iterator[Angle]:
        return iter((self.getLongitude(), self.getLatitude()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SpherePoint):
            return NotImplemented
        return self._longitude == other._longitude and self._latitude == other._latitude

    def __hash__(self) -> int:
        return hash((self._longitude, self._latitude))

    def __str__(self) -> str:
        return f"({self.getLongitude().asDegrees():.10f}, {self.getLatitude().asDegrees():+.10f})"

    def __repr__(self) -> str:
        return "SpherePoint({})".format(", ".join(f"{angle.asDegrees()!r}*degrees" for angle in self))

    def __reduce__(self) -> tuple:
        return SpherePoint, (self.getLongitude(), self.getLatitude())


def _unit_vector(longitude: float, latitude: float) -> tuple[float, float, float]:
    cos = math.cos(latitude)
    return math.cos(longitude) * cos, math.sin(longitude) * cos, math.sin(latitude)


def _of_vector(vector: np.ndarray) -> SpherePoint:
    result = SpherePoint()
    result._set_vector(*vector.tolist())
    return result


def _position(value: Any, what: str) -> SpherePoint:
    """Return an argument as a position; a `lsst.sphgeom.LonLat` counts as one."""
    return SpherePoint(value) if hasattr(value, "getLon") else need(SpherePoint, value, what)


def _cos_sin(angle: Angle) -> tuple[float, float]:
    """Return the cosine and sine, or NaN for an angle that is not finite."""
    value = angle.asRadians()
    return (math.cos(value), math.sin(value)) if math.isfinite(value) else (math.nan, math.nan)


def _rotate(vector: np.ndarray, axis: np.ndarray, amount: Angle) -> np.ndarray:
    """Rotate a vector about a unit axis (Rodrigues' formula)."""
    cos, sin = _cos_sin(need(Angle, amount, "A rotation"))
    return vector * cos + np.cross(axis, vector) * sin + axis * (axis @ vector) * (1 - cos)


def averageSpherePoint(coords: Sequence[SpherePoint]) -> SpherePoint:
    """Return the direction of the mean of the unit vectors of several positions.

    Parameters
    ----------
    coords : sequence of `SpherePoint`
        Positions to average.

    Returns
    -------
    mean : `SpherePoint`
        Their mean direction.

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if there are no positions.
    """
    if not coords:
        raise LengthError("No coordinates provided to average")
    x, y, z = (
        math.fsum(values) / len(coords)
        for values in zip(*(_position(c, "An average")._vector().tolist() for c in coords), strict=True)
    )
    return _of_vector(np.array([x, y, z]))
