# SPDX-License-Identifier: GPL-3.0-or-later
"""Visit information as a table in an archive.

Version 1 added the instrument, 2 the ID, 3 the focus, 4 type, program, reason, object and whether anything
was simulated; version 5 dropped the column with the exposure ID of one detector. Tables from before version 1
have no version.
"""

from __future__ import annotations

from typing import Any

from lsst.afw.coord import Observatory, Weather
from lsst.daf.base import DateTime
from lsst.geom import SpherePoint, radians
from lsst.pex.exceptions import TypeError as PexTypeError
from lsst.portable.archive import ArchiveCatalog, InputArchive, OutputArchive, register
from lsst.portable.fits import Column

from ._rot_type import RotType
from ._visit_info import VisitInfo

__all__ = ("read_visit_info", "write_visit_info")

_VERSION = 5
#: Nanoseconds that encode an invalid date.
_NO_DATE = -(2**63)


def _angle(name: str, doc: str) -> Column:
    return Column(name, "1D", doc, "rad", "Angle")


def _number(name: str, doc: str, unit: str = "") -> Column:
    return Column(name, "1D", doc, unit)


def _text(name: str, doc: str) -> Column:
    return Column(name, "1QA", doc, tccls="String")


_COLUMNS = (
    _number("exposuretime", "exposure duration", "s"),
    _number("darktime", "time from CCD flush to readout", "s"),
    Column("tai", "1K", "TAI date and time at middle of exposure as nsec from unix epoch", "nsec"),
    _number("ut1", "UT1 date and time at middle of exposure", "MJD"),
    _angle("era", "earth rotation angle at middle of exposure"),
    _angle("boresightradec_ra", "sky position of boresight at middle of exposure"),
    _angle("boresightradec_dec", "sky position of boresight at middle of exposure"),
    _angle("boresightazalt_az", "refracted apparent topocentric position of boresight at middle of exposure"),
    _angle(
        "boresightazalt_alt", "refracted apparent topocentric position of boresight at middle of exposure"
    ),
    _number("boresightairmass", "airmass at boresight, relative to zenith at sea level"),
    _angle("boresightrotangle", "rotation angle at boresight at middle of exposure"),
    Column("rottype", "1J", "rotation type; see VisitInfo.getRotType for details", "MJD"),
    _angle("latitude", "latitude of telescope (+ is east of Greenwich)"),
    _angle("longitude", "longitude of telescope"),
    _number("elevation", "elevation of telescope"),
    _number("airtemperature", "air temperature", "C"),
    _number("airpressure", "air pressure", "Pascal"),
    _number("humidity", "humidity (%)"),
    _text("instrumentlabel", "Short name of the instrument that took this data"),
    Column("version", "1J", "version of this VisitInfo"),
    Column("idnum", "1K", "identifier of this full focal plane exposure"),
    _number("focusz", "defocal distance", "mm"),
    _text("observationType", "type of this observation (e.g. science, flat, bias)"),
    _text("scienceProgram", "observing program (survey or proposal) identifier"),
    _text("observationReason", "reason this observation was taken, or its purpose"),
    _text("object", "object of interest or field name"),
    Column("hasSimulatedContent", "X", "Was any part of this observation simulated?", tccls="Flag"),
)


def write_visit_info(info: VisitInfo, archive: OutputArchive) -> list[ArchiveCatalog]:
    """Return the tables of visit information: one with one row.

    Parameters
    ----------
    info : `VisitInfo`
        The visit information.
    archive : `lsst.portable.archive.OutputArchive`
        The archive, to which nothing else is added.
    """
    radec, azalt = info.getBoresightRaDec(), info.getBoresightAzAlt()
    observatory, weather = info.getObservatory(), info.getWeather()
    row = {
        "exposuretime": info.getExposureTime(),
        "darktime": info.getDarkTime(),
        "tai": info.getDate().nsecs(DateTime.TAI) if info.getDate().isValid() else _NO_DATE,
        "ut1": info.getUt1(),
        "era": info.getEra().asRadians(),
        "boresightradec_ra": radec[0].asRadians(),
        "boresightradec_dec": radec[1].asRadians(),
        "boresightazalt_az": azalt[0].asRadians(),
        "boresightazalt_alt": azalt[1].asRadians(),
        "boresightairmass": info.getBoresightAirmass(),
        "boresightrotangle": info.getBoresightRotAngle().asRadians(),
        "rottype": int(info.getRotType()),
        "latitude": observatory.getLatitude().asRadians(),
        "longitude": observatory.getLongitude().asRadians(),
        "elevation": observatory.getElevation(),
        "airtemperature": weather.getAirTemperature(),
        "airpressure": weather.getAirPressure(),
        "humidity": weather.getHumidity(),
        "instrumentlabel": info.getInstrumentLabel(),
        "version": _VERSION,
        "idnum": info.getId(),
        "focusz": info.getFocusZ(),
        "observationType": info.getObservationType(),
        "scienceProgram": info.getScienceProgram(),
        "observationReason": info.getObservationReason(),
        "object": info.getObject(),
        "hasSimulatedContent": info.getHasSimulatedContent(),
    }
    return [ArchiveCatalog("VisitInfo", _COLUMNS, [row])]


def read_visit_info(archive: InputArchive, tables: list[ArchiveCatalog]) -> VisitInfo:
    """Make visit information from its tables; fields missing from older versions are unknown.

    Parameters
    ----------
    archive : `lsst.portable.archive.InputArchive`
        The archive.
    tables : `list` [`lsst.portable.archive.ArchiveCatalog`]
        One table with one row.

    Raises
    ------
    lsst.pex.exceptions.TypeError
        Raised if the format is newer than the newest known.
    """
    row: dict[str, Any] = {name.lower(): value for name, value in tables[0].rows[0].items()}
    version = row.get("version", 0)
    if version > _VERSION:
        raise PexTypeError(
            f"cannot read a VisitInfo of format version {version}; the newest known is {_VERSION}"
        )

    def angle(name: str) -> Any:
        return row[name] * radians

    nanoseconds = int(row["tai"])
    fields = {
        "exposureTime": row["exposuretime"],
        "darkTime": row["darktime"],
        "date": DateTime() if nanoseconds == _NO_DATE else DateTime(nanoseconds, DateTime.TAI),
        "ut1": row["ut1"],
        "era": angle("era"),
        "boresightRaDec": SpherePoint(angle("boresightradec_ra"), angle("boresightradec_dec")),
        "boresightAzAlt": SpherePoint(angle("boresightazalt_az"), angle("boresightazalt_alt")),
        "boresightAirmass": row["boresightairmass"],
        "boresightRotAngle": angle("boresightrotangle"),
        "rotType": RotType(int(row["rottype"])),
        "observatory": Observatory(angle("longitude"), angle("latitude"), row["elevation"]),
        "weather": Weather(row["airtemperature"], row["airpressure"], row["humidity"]),
    }
    later = (
        (1, "instrumentLabel", "instrumentlabel", str),
        (2, "id", "idnum", int),
        (3, "focusZ", "focusz", float),
        (4, "observationType", "observationtype", str),
        (4, "scienceProgram", "scienceprogram", str),
        (4, "observationReason", "observationreason", str),
        (4, "object", "object", str),
        (4, "hasSimulatedContent", "hassimulatedcontent", bool),
    )
    names = list(row)
    if "version" in names and names[-1] != "version":
        # The stack reads columns by position; this one first had a different name.
        row.setdefault("idnum", row[names[names.index("version") + 1]])
    fields.update({field: make(row[name]) for since, field, name, make in later if version >= since})
    return VisitInfo(**fields)


register(VisitInfo, "VisitInfo", "lsst.afw.image", read=read_visit_info, write=write_visit_info)
