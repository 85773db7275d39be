# SPDX-License-Identifier: GPL-3.0-or-later
"""The location from which an exposure was taken."""

from __future__ import annotations

from lsst.geom import Angle

__all__ = ("Observatory",)


class Observatory:
    """The location of an observatory.

    Parameters
    ----------
    longitude : `lsst.geom.Angle`
        Geodetic longitude, positive to the east.
    latitude : `lsst.geom.Angle`
        Geodetic latitude.
    elevation : `float`
        Height above the reference ellipsoid (m).

    Raises
    ------
    TypeError
        Raised if longitude or latitude is not an `lsst.geom.Angle`.
    """

    __slots__ = ("_elevation", "_latitude", "_longitude")

    def __init__(self, longitude: Angle, latitude: Angle, elevation: float) -> None:
        self.setLongitude(longitude)
        self.setLatitude(latitude)
        self.setElevation(elevation)

    def getLongitude(self) -> Angle:
        """Return the longitude, positive to the east."""
        return Angle(self._longitude)

    def getLatitude(self) -> Angle:
        """Return the latitude."""
        return Angle(self._latitude)

    def getElevation(self) -> float:
        """Return the elevation in metres."""
        return self._elevation

    def setLongitude(self, longitude: Angle) -> None:
        """Set the longitude, positive to the east."""
        self._longitude = _angle("longitude", longitude)

    def setLatitude(self, latitude: Angle) -> None:
        """Set the latitude."""
        self._latitude = _angle("latitude", latitude)

    def setElevation(self, elevation: float) -> None:
        """Set the elevation in metres."""
        self._elevation = float(elevation)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Observatory):
            return NotImplemented
        return (
            self._longitude == other._longitude
            and self._latitude == other._latitude
            and self._elevation == other._elevation
        )

    __hash__ = None  # type: ignore[assignment]  # mutable, as in the stack

    def __str__(self) -> str:
        return f"{self._latitude.asDegrees():g}N, {self._longitude.asDegrees():g}E  {self._elevation:g}"

    __repr__ = __str__

    def __reduce__(self) -> tuple:
        return Observatory, (self._longitude, self._latitude, self._elevation)


def _angle(what: str, value: Angle) -> Angle:
    if not isinstance(value, Angle):
        raise TypeError(
            f"The {what} of an observatory must be an lsst.geom.Angle, not {type(value).__name__}."
        )
    return Angle(value)  # a copy, because an Angle is mutable
