# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields of visit information, and quantities derived from them."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any

from lsst.afw.coord import Observatory, Weather
from lsst.daf.base import DateTime
from lsst.geom import Angle, SpherePoint, radians

from ._rot_type import RotType

__all__ = ("FIELDS", "VisitFields")

_NAN = math.nan

#: Values of unknown fields, by name, in the order of the constructor's arguments.
FIELDS: dict[str, Any] = {
    "exposureTime": _NAN,
    "darkTime": _NAN,
    "date": DateTime(),
    "ut1": _NAN,
    "era": Angle(_NAN),
    "boresightRaDec": SpherePoint(Angle(_NAN), Angle(_NAN)),
    "boresightAzAlt": SpherePoint(Angle(_NAN), Angle(_NAN)),
    "boresightAirmass": _NAN,
    "boresightRotAngle": Angle(_NAN),
    "rotType": RotType.UNKNOWN,
    "observatory": Observatory(Angle(_NAN), Angle(_NAN), _NAN),
    "weather": Weather(_NAN, _NAN, _NAN),
    "instrumentLabel": "",
    "id": 0,
    "focusZ": _NAN,
    "observationType": "",
    "scienceProgram": "",
    "observationReason": "",
    "object": "",
    "hasSimulatedContent": False,
}

#: Types accepted for numeric fields.
_NUMBERS: dict[type, type] = {float: numbers.Real, int: numbers.Integral}


def _same(left: Any, right: Any) -> bool:
    """Return whether two values are equal; unknown values equal each other."""
    if isinstance(left, SpherePoint):
        return left == right or not (left.isFinite() or right.isFinite())
    if isinstance(left, Observatory | Weather):
        return all(map(_same, _numbers(left), _numbers(right)))
    if isinstance(left, Angle):
        left, right = left.asRadians(), right.asRadians()
    if isinstance(left, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    return bool(left == right)


def _numbers(record: Observatory | Weather) -> tuple[Any, ...]:
    """Return the values of an observatory or of weather."""
    if isinstance(record, Observatory):
        return record.getLongitude(), record.getLatitude(), record.getElevation()
    return record.getAirTemperature(), record.getAirPressure(), record.getHumidity()


def _checked(name: str, value: Any) -> Any:
    """Return a field after checking its type."""
    expected = type(FIELDS[name])
    if expected in _NUMBERS and isinstance(value, _NUMBERS[expected]):
        return expected(value)
    if not isinstance(value, expected):
        raise TypeError(f"{name} of a VisitInfo must be {expected.__name__}, got {value!r}")
    return value


class VisitFields:
    """The immutable fields of visit information.

    Parameters
    ----------
    fields : `collections.abc.Mapping` [`str`, `object`]
        Values by name; omitted ones are unknown.

    Raises
    ------
    TypeError
        Raised if a name is unknown or a value has the wrong type.
    """

    def __init__(self, fields: Mapping[str, Any]) -> None:
        if unknown := set(fields) - set(FIELDS):
            raise TypeError(f"VisitInfo has no fields {sorted(unknown)}; it has {list(FIELDS)}")
        self._fields: dict[str, Any] = {**FIELDS, **{n: _checked(n, value) for n, value in fields.items()}}
        self._fields["observatory"] = Observatory(*_numbers(self._fields["observatory"]))
        for name in ("era", "boresightRotAngle"):  # angles are mutable
            self._fields[name] = Angle(self._fields[name])

    def getLocalEra(self) -> Angle:
        """Return the Earth rotation angle at the longitude of the telescope."""
        return self.getEra() + self.getObservatory().getLongitude()

    def getBoresightHourAngle(self) -> Angle:
        """Return the hour angle of the boresight: local rotation angle minus right ascension."""
        return self.getLocalEra() - self.getBoresightRaDec()[0]

    def getBoresightParAngle(self) -> Angle:
        """Return the parallactic angle at the boresight, between the directions to the pole and the zenith.

        It follows from the four-part formula for the triangle of pole, zenith and boresight.
        """
        hour = self.getBoresightHourAngle().asRadians()
        declination = self.getBoresightRaDec()[1].asRadians()
        latitude = self.getObservatory().getLatitude().asRadians()
        x = math.cos(declination) * math.tan(latitude) - math.sin(declination) * math.cos(hour)
        return math.atan2(math.sin(hour), x) * radians

    def getExposureTime(self) -> float:
        """Return the exposure time (s)."""
        return self._fields["exposureTime"]

    def getDarkTime(self) -> float:
        """Return the time from the flush of the detector to its readout (s)."""
        return self._fields["darkTime"]

    def getDate(self) -> DateTime:
        """Return the middle of the exposure (TAI)."""
        return self._fields["date"]

    def getUt1(self) -> float:
        """Return the UT1 of the middle of the exposure (MJD)."""
        return self._fields["ut1"]

    def getEra(self) -> Angle:
        """Return the Earth rotation angle at the middle of the exposure."""
        return Angle(self._fields["era"])

    def getBoresightRaDec(self) -> SpherePoint:
        """Return the ICRS position of the boresight at the middle of the exposure."""
        return self._fields["boresightRaDec"]

    def getBoresightAzAlt(self) -> SpherePoint:
        """Return the refracted apparent topocentric azimuth and altitude of the boresight."""
        return self._fields["boresightAzAlt"]

    def getBoresightAirmass(self) -> float:
        """Return the airmass at the boresight, relative to the zenith at sea level."""
        return self._fields["boresightAirmass"]

    def getBoresightRotAngle(self) -> Angle:
        """Return the rotation angle at the boresight; see `rotType`."""
        return Angle(self._fields["boresightRotAngle"])

    def getRotType(self) -> RotType:
        """Return the reference direction of the rotation angle."""
        return self._fields["rotType"]

    def getObservatory(self) -> Observatory:
        """Return the location of the telescope."""
        return Observatory(*_numbers(self._fields["observatory"]))  # a copy, because it is mutable

    def getWeather(self) -> Weather:
        """Return the weather at the telescope."""
        return self._fields["weather"]

    def getInstrumentLabel(self) -> str:
        """Return the short name of the instrument."""
        return self._fields["instrumentLabel"]

    def getId(self) -> int:
        """Return the ID of the exposure of the whole focal plane; 0 if it has none."""
        return self._fields["id"]

    def getFocusZ(self) -> float:
        """Return the distance from focus (mm)."""
        return self._fields["focusZ"]

    def getObservationType(self) -> str:
        """Return the kind of observation (science, flat, bias, ...)."""
        return self._fields["observationType"]

    def getScienceProgram(self) -> str:
        """Return the observing program."""
        return self._fields["scienceProgram"]

    def getObservationReason(self) -> str:
        """Return the purpose of the observation."""
        return self._fields["observationReason"]

    def getObject(self) -> str:
        """Return the object of interest or name of the field."""
        return self._fields["object"]

    def getHasSimulatedContent(self) -> bool:
        """Return whether any part of the observation was simulated."""
        return self._fields["hasSimulatedContent"]

    exposureTime = property(getExposureTime)
    darkTime = property(getDarkTime)
    date = property(getDate)
    ut1 = property(getUt1)
    era = property(getEra)
    boresightRaDec = property(getBoresightRaDec)
    boresightAzAlt = property(getBoresightAzAlt)
    boresightAirmass = property(getBoresightAirmass)
    boresightRotAngle = property(getBoresightRotAngle)
    rotType = property(getRotType)
    observatory = property(getObservatory)
    weather = property(getWeather)
    instrumentLabel = property(getInstrumentLabel)
    id = property(getId)
    focusZ = property(getFocusZ)
    observationType = property(getObservationType)
    scienceProgram = property(getScienceProgram)
    observationReason = property(getObservationReason)
    object = property(getObject)
    hasSimulatedContent = property(getHasSimulatedContent)
    localEra = property(getLocalEra)
    boresightHourAngle = property(getBoresightHourAngle)
    boresightParAngle = property(getBoresightParAngle)

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, VisitFields):
            return NotImplemented
        return all(_same(value, other._fields[name]) for name, value in self._fields.items())

    def __hash__(self) -> int:
        return hash((self.getId(), self.getObservationType(), self.getInstrumentLabel(), self.getObject()))

    def __repr__(self) -> str:
        shown = (f"{_TEXT_NAMES.get(name, name)}={_show(value)}" for name, value in self._fields.items())
        return f"VisitInfo({', '.join(shown)})"


#: Names of fields in the text form, if different.
_TEXT_NAMES = {"ut1": "UT1", "era": "ERA"}


def _show(value: object) -> str:
    """Format one field."""
    if isinstance(value, DateTime):
        return value.toString(DateTime.TAI) if value.isValid() else "<invalid>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str):
        return f"'{value}'"
    return str(value)
