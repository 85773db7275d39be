# SPDX-License-Identifier: GPL-3.0-or-later
"""When, where and in what conditions a visit was observed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lsst.afw.coord import Observatory, Weather
from lsst.daf.base import DateTime, PropertySet
from lsst.geom import Angle, SpherePoint, radians
from lsst.portable.archive import read_persistable, write_persistable

from ._rot_type import RotType
from ._visit_info_cards import fields_from_cards

if TYPE_CHECKING:
    from collections.abc import Mapping


__all__ = ["VisitInfo"]

_NAN = math.nan


def _same(left: Any, right: Any) -> bool:
    """Equality in which what is not known equals what is not known."""
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
    """Values of a place or of the air."""
    if isinstance(record, Observatory):
        return record.getLongitude(), record.getLatitude(), record.getElevation()
    return record.getAirTemperature(), record.getAirPressure(), record.getHumidity()


class VisitInfo:
    """When, where and in what conditions a visit was observed.

    A VisitInfo does not change after it was made; see `copyWith`.

    Parameters
    ----------
    source : `lsst.daf.base.PropertySet` or `VisitInfo`, optional
        A header to read the fields from, or a VisitInfo to copy. Then no
        other argument is taken.
    **fields : `object`
        Values of the fields, by the names of the properties of this class
        from `exposureTime` to `hasSimulatedContent`. A field that is not
        given is unknown: NaN, an invalid date, an empty string, 0, or False.

    Raises
    ------
    TypeError
        If a field is not known, or ``source`` is of another type.
    lsst.pex.exceptions.RuntimeError
        If a header has a time system other than TAI or an unknown kind of
        rotation angle.
    """

    __module__ = "lsst.afw.image"

    def __init__(self, source: PropertySet | VisitInfo | None = None, /, **fields: Any) -> None:
        if "metadata" in fields:
            source = fields.pop("metadata")
        elif "visitInfo" in fields:
            source = fields.pop("visitInfo")
        if source is not None and fields:
            raise TypeError(f"fields {sorted(fields)} cannot be given together with a header or VisitInfo")
        if isinstance(source, VisitInfo):
            fields = source._fields
        elif isinstance(source, PropertySet):
            fields = fields_from_cards(source)
        elif source is not None:
            raise TypeError(
                f"a VisitInfo is made of keywords, a header or a VisitInfo, not of {type(source)}"
            )
        if unknown := set(fields) - set(_DEFAULTS):
            raise TypeError(f"VisitInfo has no fields {sorted(unknown)}; it has {list(_DEFAULTS)}")
        self._fields: dict[str, Any] = {**_DEFAULTS, **fields}
        for name in _FLOATS:
            self._fields[name] = float(self._fields[name])
        self._fields["observatory"] = Observatory(*_numbers(self._fields["observatory"]))
        for name in ("era", "boresightRotAngle"):  # angles can be changed in place
            self._fields[name] = Angle(self._fields[name])

    def copyWith(self, **fields: Any) -> VisitInfo:
        """Make a copy in which some fields have another value.

        Parameters
        ----------
        **fields : `object`
            The fields to replace, as in the constructor.

        Raises
        ------
        TypeError
            If a field is not known.
        """
        return VisitInfo(**{**self._fields, **fields})

    def isPersistable(self) -> bool:
        """Whether this can be written to a file (always)."""
        return True

    def writeFits(self, fileName: Any) -> None:
        """Write to a FITS file of its own.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            File name or `lsst.afw.fits.MemFileManager`.
        """
        write_persistable(self, fileName)

    @staticmethod
    def readFits(fileName: Any) -> VisitInfo:
        """Read from a file that `writeFits` wrote.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            File name or `lsst.afw.fits.MemFileManager`.
        """
        return read_persistable(fileName)

    def getLocalEra(self) -> Angle:
        """Earth rotation angle at the longitude of the telescope."""
        return self.getEra() + self.getObservatory().getLongitude()

    def getBoresightHourAngle(self) -> Angle:
        """Hour angle of the boresight: local rotation angle minus right ascension."""
        return self.getLocalEra() - self.getBoresightRaDec()[0]

    def getBoresightParAngle(self) -> Angle:
        """Parallactic angle at the boresight: between the directions to the pole and to the zenith.

        Four-parts formula of the triangle of pole, zenith and boresight.
        """
        hour = self.getBoresightHourAngle().asRadians()
        declination = self.getBoresightRaDec()[1].asRadians()
        latitude = self.getObservatory().getLatitude().asRadians()
        x = math.cos(declination) * math.tan(latitude) - math.sin(declination) * math.cos(hour)
        return math.atan2(math.sin(hour), x) * radians

    def getExposureTime(self) -> float:
        """Duration of the exposure, seconds."""
        return self._fields["exposureTime"]

    def getDarkTime(self) -> float:
        """Time from the flush of the detector to its readout, seconds."""
        return self._fields["darkTime"]

    def getDate(self) -> DateTime:
        """Middle of the exposure, TAI."""
        return self._fields["date"]

    def getUt1(self) -> float:
        """UT1 of the middle of the exposure, MJD."""
        return self._fields["ut1"]

    def getEra(self) -> Angle:
        """Earth rotation angle at the middle of the exposure."""
        return Angle(self._fields["era"])

    def getBoresightRaDec(self) -> SpherePoint:
        """ICRS position of the boresight at the middle of the exposure."""
        return self._fields["boresightRaDec"]

    def getBoresightAzAlt(self) -> SpherePoint:
        """Refracted apparent topocentric azimuth and altitude of the boresight."""
        return self._fields["boresightAzAlt"]

    def getBoresightAirmass(self) -> float:
        """Airmass at the boresight, relative to the zenith at sea level."""
        return self._fields["boresightAirmass"]

    def getBoresightRotAngle(self) -> Angle:
        """Rotation angle at the boresight; see `rotType`."""
        return Angle(self._fields["boresightRotAngle"])

    def getRotType(self) -> RotType:
        """What the rotation angle is measured from."""
        return self._fields["rotType"]

    def getObservatory(self) -> Observatory:
        """Place of the telescope."""
        return Observatory(*_numbers(self._fields["observatory"]))  # a copy: it can be changed

    def getWeather(self) -> Weather:
        """State of the air at the telescope."""
        return self._fields["weather"]

    def getInstrumentLabel(self) -> str:
        """Short name of the instrument."""
        return self._fields["instrumentLabel"]

    def getId(self) -> int:
        """Number of the exposure of the whole focal plane; 0 if it has none."""
        return self._fields["id"]

    def getFocusZ(self) -> float:
        """Distance from focus, millimetres."""
        return self._fields["focusZ"]

    def getObservationType(self) -> str:
        """Kind of observation (science, flat, bias, ...)."""
        return self._fields["observationType"]

    def getScienceProgram(self) -> str:
        """Observing programme."""
        return self._fields["scienceProgram"]

    def getObservationReason(self) -> str:
        """Purpose of the observation."""
        return self._fields["observationReason"]

    def getObject(self) -> str:
        """Object of interest or name of the field."""
        return self._fields["object"]

    def getHasSimulatedContent(self) -> bool:
        """Whether any part of the observation was simulated."""
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
        if not isinstance(other, VisitInfo):
            return NotImplemented
        return all(_same(value, other._fields[name]) for name, value in self._fields.items())

    def __hash__(self) -> int:
        return hash((self.getId(), self.getObservationType(), self.getInstrumentLabel(), self.getObject()))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (self._fields,))

    def __copy__(self) -> VisitInfo:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> VisitInfo:
        return self

    def __repr__(self) -> str:
        return "VisitInfo(" + ", ".join(f"{k}={_show(v)}" for k, v in self._fields.items()) + ")"


def _show(value: Any) -> str:
    """One field in the text form."""
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


def _rebuild(fields: Mapping[str, Any]) -> VisitInfo:
    """Make a VisitInfo of its pickled fields."""
    return VisitInfo(**fields)


_DEFAULTS: dict[str, Any] = {
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
_FLOATS = ("exposureTime", "darkTime", "ut1", "boresightAirmass", "focusZ")
