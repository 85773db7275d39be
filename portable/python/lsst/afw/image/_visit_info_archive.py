# SPDX-License-Identifier: GPL-3.0-or-later
"""VisitInfo as a table of an archive, format version 4."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lsst.afw.coord import Observatory, Weather
from lsst.daf.base import DateTime
from lsst.geom import SpherePoint, radians
from lsst.pex.exceptions import TypeError as PexTypeError
from lsst.portable.archive import ArchiveCatalog, register
from lsst.portable.fits import Column

from ._rot_type import RotType
from ._visit_info import VisitInfo

if TYPE_CHECKING:
    from lsst.portable.archive import InputArchive, OutputArchive

__all__: list[str] = []

_VERSION = 4
#: Nanoseconds that stand for an invalid date.
_NO_DATE = -(2**63)


def _angle(name: str, doc: str) -> Column:
    return Column(name, "1D", doc, "rad", "Angle")


def _number(name: str, doc: str, unit: str = "") -> Column:
    return Column(name, "1D", doc, unit)


def _text(name: str, doc: str) -> Column:
    return Column(name, "1QA", doc, tccls="String")


_COLUMNS = (
    Column("exposureid", "1K", "exposure ID"),
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


def _write(info: VisitInfo, archive: OutputArchive) -> list[ArchiveCatalog]:
    """Tables of a VisitInfo: one of one row."""
    radec, azalt = info.getBoresightRaDec(), info.getBoresightAzAlt()
    observatory, weather = info.getObservatory(), info.getWeather()
    row = {
        "exposureid": 0,
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


def _read(archive: InputArchive, tables: list[ArchiveCatalog]) -> VisitInfo:
    """Make a VisitInfo of a table; what older versions did not have is unknown."""
    row: dict[str, Any] = tables[0].rows[0]
    version = row.get("version", 0)
    if version > _VERSION:
        raise PexTypeError(
            f"cannot read a VisitInfo of format version {version}; the newest known is {_VERSION}"
        )

    def angle(name: str) -> Any:
        return row[name] * radians

    return VisitInfo(
        exposureTime=row["exposuretime"],
        darkTime=row["darktime"],
        date=DateTime() if int(row["tai"]) == _NO_DATE else DateTime(int(row["tai"]), DateTime.TAI),
        ut1=row["ut1"],
        era=angle("era"),
        boresightRaDec=SpherePoint(angle("boresightradec_ra"), angle("boresightradec_dec")),
        boresightAzAlt=SpherePoint(angle("boresightazalt_az"), angle("boresightazalt_alt")),
        boresightAirmass=row["boresightairmass"],
        boresightRotAngle=angle("boresightrotangle"),
        rotType=RotType(int(row["rottype"])),
        observatory=Observatory(angle("longitude"), angle("latitude"), row["elevation"]),
        weather=Weather(row["airtemperature"], row["airpressure"], row["humidity"]),
        instrumentLabel=row.get("instrumentlabel", ""),
        id=int(row.get("idnum", 0)),
        focusZ=row.get("focusz", math.nan),
        observationType=row.get("observationType", ""),
        scienceProgram=row.get("scienceProgram", ""),
        observationReason=row.get("observationReason", ""),
        object=row.get("object", ""),
        hasSimulatedContent=bool(row.get("hasSimulatedContent", False)),
    )


register(VisitInfo, "VisitInfo", "lsst.afw.image", read=_read, write=_write)
