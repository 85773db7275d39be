# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of VisitInfo to header cards and back.

The card names, their order and their comments are those of existing exposure files.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lsst.afw.coord import Observatory, Weather
from lsst.daf.base import DateTime
from lsst.geom import Angle, SpherePoint, degrees
from lsst.pex.exceptions import DomainError
from lsst.pex.exceptions import RuntimeError as PexRuntimeError

from ._rot_type import RotType
from ._visit_info_fields import VisitFields

if TYPE_CHECKING:
    from lsst.daf.base import PropertyList, PropertySet

__all__ = ["fields_from_cards", "setVisitInfoMetadata", "stripVisitInfoKeywords"]

#: Cards that represent a VisitInfo, in the order in which they are written.
CARDS = (
    "EXPTIME",
    "DARKTIME",
    "DATE-AVG",
    "TIMESYS",
    "MJD-AVG-UT1",
    "AVG-ERA",
    "BORE-RA",
    "BORE-DEC",
    "BORE-AZ",
    "BORE-ALT",
    "BORE-AIRMASS",
    "BORE-ROTANG",
    "ROTTYPE",
    "OBS-LONG",
    "OBS-LAT",
    "OBS-ELEV",
    "AIRTEMP",
    "AIRPRESS",
    "HUMIDITY",
    "INSTRUMENT",
    "IDNUM",
    "FOCUSZ",
    "OBSTYPE",
    "PROGRAM",
    "REASON",
    "OBJECT",
    "HAS-SIMULATED-CONTENT",
)
_COMMENTS = {
    "DATE-AVG": "TAI date at middle of observation",
    "ROTTYPE": "Type of rotation angle",
    "IDNUM": "identifier of this full focal plane exposure",
    "HAS-SIMULATED-CONTENT": "Was any part of this observation simulated?",
}


def _value(metadata: PropertySet, key: str) -> Any:
    """Return the value of a card; `None` if it is missing or undefined."""
    return metadata.getScalar(key) if metadata.exists(key) else None


def _number(metadata: PropertySet, key: str) -> float:
    """Return the value of a card as a float; NaN if it is missing or not a number."""
    value = _value(metadata, key)
    return float(value) if isinstance(value, int | float) else math.nan


def _exposure_time(metadata: PropertySet) -> float:
    """Return the exposure time, which some old files store as a string."""
    value = _value(metadata, "EXPTIME")
    try:
        return float(value) if isinstance(value, str) else _number(metadata, "EXPTIME")
    except ValueError:
        raise ValueError(f"the card EXPTIME is {value!r}; expected a number of seconds") from None


def _angle(metadata: PropertySet, key: str) -> Angle:
    return _number(metadata, key) * degrees


def _text(metadata: PropertySet, key: str) -> str:
    value = _value(metadata, key)
    return "" if value is None else str(value)


def _date(metadata: PropertySet) -> DateTime:
    """Return the date of the middle of the exposure.

    Raises
    ------
    lsst.pex.exceptions.RuntimeError
        Raised if there is a DATE-AVG but TIMESYS is missing or not TAI.
    lsst.pex.exceptions.DomainError
        Raised if the card does not contain a date.
    """
    if _value(metadata, "DATE-AVG") is not None:
        system = _text(metadata, "TIMESYS").rstrip() or "missing"
        if system != "TAI":
            raise PexRuntimeError(
                f"DATE-AVG cannot be read because the card TIMESYS is {system}; it has to be there and be TAI"
            )
        return _moment(metadata, "DATE-AVG", DateTime.TAI)
    if _value(metadata, "TIME-MID") is not None:  # an older card, always in UTC
        return _moment(metadata, "TIME-MID", DateTime.UTC)
    return DateTime()


def _moment(metadata: PropertySet, key: str, scale: DateTime.Timescale) -> DateTime:
    """Return the date in a card."""
    text = _text(metadata, key).rstrip()
    try:
        return DateTime(text, scale)
    except DomainError as exc:
        raise DomainError(f"the card {key} is {text!r}, which is no date: {exc}") from None


def _rot_type(metadata: PropertySet) -> RotType:
    if _value(metadata, "ROTTYPE") is None:
        return RotType.UNKNOWN
    name = _text(metadata, "ROTTYPE").rstrip()
    try:
        return RotType[name]
    except KeyError:
        known = ", ".join(RotType.__members__)
        raise PexRuntimeError(f"the card ROTTYPE is {name!r}; expected one of {known}") from None


def fields_from_cards(metadata: PropertySet) -> dict[str, Any]:
    """Return the constructor keywords of a VisitInfo from the cards of a header.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        The header. Not modified; see `stripVisitInfoKeywords`.

    Raises
    ------
    lsst.pex.exceptions.RuntimeError
        Raised if the time system is not TAI or the rotation type is unknown.
    lsst.pex.exceptions.TypeError
        Raised if IDNUM is not an integer or HAS-SIMULATED-CONTENT is neither true nor false.
    """
    number, angle, text = _number, _angle, _text
    return {
        "exposureTime": _exposure_time(metadata),
        "darkTime": number(metadata, "DARKTIME"),
        "date": _date(metadata),
        "ut1": number(metadata, "MJD-AVG-UT1"),
        "era": angle(metadata, "AVG-ERA"),
        "boresightRaDec": SpherePoint(angle(metadata, "BORE-RA"), angle(metadata, "BORE-DEC")),
        "boresightAzAlt": SpherePoint(angle(metadata, "BORE-AZ"), angle(metadata, "BORE-ALT")),
        "boresightAirmass": number(metadata, "BORE-AIRMASS"),
        "boresightRotAngle": angle(metadata, "BORE-ROTANG"),
        "rotType": _rot_type(metadata),
        "observatory": Observatory(
            angle(metadata, "OBS-LONG"), angle(metadata, "OBS-LAT"), number(metadata, "OBS-ELEV")
        ),
        "weather": Weather(
            number(metadata, "AIRTEMP"), number(metadata, "AIRPRESS"), number(metadata, "HUMIDITY")
        ),
        "instrumentLabel": text(metadata, "INSTRUMENT"),
        "id": 0 if _value(metadata, "IDNUM") is None else metadata.getAsInt64("IDNUM"),
        "focusZ": number(metadata, "FOCUSZ"),
        "observationType": text(metadata, "OBSTYPE"),
        "scienceProgram": text(metadata, "PROGRAM"),
        "observationReason": text(metadata, "REASON"),
        "object": text(metadata, "OBJECT"),
        "hasSimulatedContent": (
            _value(metadata, "HAS-SIMULATED-CONTENT") is not None
            and metadata.getAsBool("HAS-SIMULATED-CONTENT")
        ),
    }


def _degrees(angle: Angle) -> float:
    """Return an angle in degrees, rounded to 15 digits if these give the same angle again."""
    value = angle.asDegrees()
    short = float(f"{value:.15g}")
    return short if (short * degrees).asRadians() == angle.asRadians() else value


def _values(info: VisitFields) -> dict[str, Any]:
    """Return the card values of a VisitInfo, with angles in degrees."""
    radec, azalt = info.getBoresightRaDec(), info.getBoresightAzAlt()
    observatory, weather = info.getObservatory(), info.getWeather()
    date = info.getDate()
    return {
        "EXPTIME": info.getExposureTime(),
        "DARKTIME": info.getDarkTime(),
        "DATE-AVG": date.toString(DateTime.TAI) if date.isValid() else "",
        "TIMESYS": "TAI" if date.isValid() else "",
        "MJD-AVG-UT1": info.getUt1(),
        "AVG-ERA": _degrees(info.getEra()),
        "BORE-RA": _degrees(radec[0]),
        "BORE-DEC": _degrees(radec[1]),
        "BORE-AZ": _degrees(azalt[0]),
        "BORE-ALT": _degrees(azalt[1]),
        "BORE-AIRMASS": info.getBoresightAirmass(),
        "BORE-ROTANG": _degrees(info.getBoresightRotAngle()),
        "ROTTYPE": info.getRotType().name,
        "OBS-LONG": _degrees(observatory.getLongitude()),
        "OBS-LAT": _degrees(observatory.getLatitude()),
        "OBS-ELEV": observatory.getElevation(),
        "AIRTEMP": weather.getAirTemperature(),
        "AIRPRESS": weather.getAirPressure(),
        "HUMIDITY": weather.getHumidity(),
        "INSTRUMENT": info.getInstrumentLabel(),
        "IDNUM": info.getId() or "",
        "FOCUSZ": info.getFocusZ(),
        "OBSTYPE": info.getObservationType(),
        "PROGRAM": info.getScienceProgram(),
        "REASON": info.getObservationReason(),
        "OBJECT": info.getObject(),
        "HAS-SIMULATED-CONTENT": info.getHasSimulatedContent(),
    }


def setVisitInfoMetadata(metadata: PropertyList, visitInfo: VisitFields) -> None:
    """Write a VisitInfo into a header.

    Unknown values (NaN, an empty string, an ID of zero, an invalid date) have no card.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertyList`
        The header; existing cards are replaced in place.
    visitInfo : `VisitInfo`
        Visit information to write.
    """
    if not isinstance(visitInfo, VisitFields):
        raise TypeError(f"expected a VisitInfo, got {type(visitInfo).__name__}")
    for key, value in _values(visitInfo).items():
        if value == "" or (isinstance(value, float) and not math.isfinite(value)):
            continue
        if key in _COMMENTS:
            metadata.set(key, value, _COMMENTS[key])
        else:
            metadata.set(key, value)


def stripVisitInfoKeywords(metadata: PropertySet) -> int:
    """Remove the cards of a VisitInfo, but not EXPID, the ID of an exposure of one detector.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        The header. Modified in place.

    Returns
    -------
    count : `int`
        Number of cards removed.
    """
    found = [key for key in ("TIME-MID", *CARDS) if metadata.exists(key)]
    for key in found:
        metadata.remove(key)
    return len(found)
