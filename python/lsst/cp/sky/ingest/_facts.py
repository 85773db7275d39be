# SPDX-License-Identifier: GPL-3.0-or-later
"""Information about exposures from headers."""

from __future__ import annotations

import dataclasses
import datetime
import importlib.util
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import astropy.time
import astropy.units as u
from astropy.coordinates import Angle
from astropy.io import fits

from ._errors import CameraDescriptionError, IngestError
from ._files import Plane

if TYPE_CHECKING:
    from ._description import CameraDescription

__all__ = ("CARDS", "ExposureFacts", "detector_name", "find_card", "read_facts")

#: Header cards by what they say, the likeliest first; the ``headers`` of a camera's description come before.
CARDS: Mapping[str, tuple[str, ...]] = {
    "exposure": ("EXPNUM", "EXPID", "EXP_ID", "FRAMEID", "OBSNUM"),
    "detector": (
        "CCDNAME",
        "DETPOS",
        "CHIPNAME",
        "DETNAME",
        "EXTNAME",
        "CCDNUM",
        "CCDID",
        "DET-ID",
        "CHIPID",
    ),
    "filter": ("FILTER", "FILTNAM", "FILTNAME", "FILTER1", "FILTER01", "BAND"),
    "band": ("BAND",),
    "begin": ("DATE-OBS", "DATE-BEG", "MJD-OBS", "MJD-STR"),
    "time": ("TIME-OBS", "UTC-OBS", "UTSHUT", "UT", "UTC"),
    "exposure_time": ("EXPTIME", "EXPOSURE", "TEXPTIME", "ITIME"),
    "ra": ("RA", "TELRA", "CRVAL1"),
    "dec": ("DEC", "TELDEC", "CRVAL2"),
    "airmass": ("AIRMASS", "SECZ"),
    "object": ("OBJECT", "TARGET"),
    "program": ("PROPID", "PROP-ID", "PROGRAM", "PROGID"),
    "type": ("OBSTYPE", "IMAGETYP", "DATA-TYP"),
    "unit": ("BUNIT",),
    "gain": ("GAIN", "EGAIN", "GAINEFF"),
    "read_noise": ("RDNOISE", "READNOIS", "RON"),
}


@dataclasses.dataclass(frozen=True)
class ExposureFacts:
    """One exposure of the camera."""

    id: int
    filter: str
    band: str
    begin: astropy.time.Time
    """TAI."""
    exposure_time: float
    """Seconds."""
    ra: float
    """Where the telescope pointed, degrees; NaN if unknown ..."""
    dec: float
    """... and so is this."""
    airmass: float
    object: str
    program: str
    type: str

    @property
    def day_obs(self) -> int:
        """Night of the observation, as YYYYMMDD of the evening: days begin at noon UTC."""
        day = (self.begin.utc - 12 * u.hour).to_datetime()
        assert isinstance(day, datetime.datetime)
        return int(day.strftime("%Y%m%d"))


def find_card(header: fits.Header, keys: Iterable[str]) -> Any:
    """Value of the first card that there is and that is not empty; `None` without one."""
    for key in keys:
        value = header.get(key)
        if value is not None and not isinstance(value, fits.card.Undefined) and str(value).strip():
            return value.strip() if isinstance(value, str) else value
    return None


def cards(what: str, description: CameraDescription | None) -> tuple[str, ...]:
    """Names of the cards that say something, the camera's own first."""
    own = description.headers.get(what, ()) if description is not None else ()
    return (*own, *CARDS[what])


def detector_name(plane: Plane) -> str:
    """Return the name of the detector from the header.

    Raises
    ------
    CameraDescriptionError
        Raised if the header has none.
    """
    for key in CARDS["detector"]:
        value = plane.part if key == "EXTNAME" else find_card(plane.header, (key,))
        if value not in (None, ""):
            return str(value).upper() if key == "EXTNAME" else str(value)
    raise CameraDescriptionError(
        f"{plane} does not name its detector: none of {', '.join(CARDS['detector'])} is in its header."
    )


def read_facts(plane: Plane, description: CameraDescription) -> ExposureFacts:
    """Read the information about an exposure from a header.

    The mapping of the description comes first, then astro_metadata_translator if it is installed and knows
    the instrument, then the usual names of cards.

    Raises
    ------
    IngestError
        Raised if the header lacks filter, time or exposure time.
    """
    header = plane.header
    known = _translate(header)

    def get(what: str) -> object:
        value = find_card(header, description.headers.get(what, ()))
        if value is None and known.get(what) is not None:
            return known[what]
        return value if value is not None else find_card(header, CARDS[what])

    begin = _read_begin(plane, get)
    physical = get("filter")
    if physical is None:
        _refuse(plane, "filter", description)
    return ExposureFacts(
        id=_exposure_id(get("exposure"), begin),
        filter=str(physical),
        band=_band(str(physical), get("band"), description),
        begin=begin,
        exposure_time=_number(plane, "exposure_time", get("exposure_time"), description),
        ra=_degrees(get("ra"), u.hourangle),
        dec=_degrees(get("dec"), u.deg),
        airmass=_optional(get("airmass")),
        object=str(get("object") or ""),
        program=str(get("program") or ""),
        type=str(get("type") or "science").lower(),
    )


def _refuse(plane: Plane, what: str, description: CameraDescription) -> None:
    raise IngestError(
        f"{plane} does not say its {what.replace('_', ' ')}: its header has none of "
        f"{', '.join(cards(what, description))}. Name the card in the description of the camera, as in "
        f"headers: {{{what}: CARD}}.",
        file=str(plane.path),
        missing=what,
    )


def _translate(header: fits.Header) -> dict[str, object]:
    """What astro_metadata_translator makes of a header; nothing where it is missing or does not know it."""
    if importlib.util.find_spec("astro_metadata_translator") is None:
        return {}
    # An optional library, which takes long to import.
    from astro_metadata_translator import ObservationInfo

    logger = logging.getLogger("astro_metadata_translator")
    before, logger.level = logger.level, logging.CRITICAL  # the mapping serves what it complains of
    try:
        info = ObservationInfo(dict(header.items()), pedantic=False, quiet=True)
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    finally:
        logger.level = before
    begin = info.datetime_begin
    place = info.tracking_radec
    return {
        "exposure": info.exposure_id,
        "filter": info.physical_filter,
        "begin": None if begin is None else begin.tai,
        "exposure_time": None if info.exposure_time is None else info.exposure_time.to_value(u.s),
        "ra": None if place is None else place.icrs.ra.deg,
        "dec": None if place is None else place.icrs.dec.deg,
        "airmass": info.boresight_airmass,
        "object": info.object,
        "program": info.science_program,
        "type": info.observation_type,
    }


def _read_begin(plane: Plane, get: Callable[[str], object]) -> astropy.time.Time:
    """Time at which the exposure began, TAI."""
    value, clock = get("begin"), get("time")
    if isinstance(value, astropy.time.Time):
        return value.tai
    system = str(plane.header.get("TIMESYS", "UTC")).split()[0].lower()
    scale = system if system in ("tai", "tt", "tdb") else "utc"
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return astropy.time.Time(float(value), format="mjd", scale=scale).tai
        if value is None:
            raise ValueError("it has no date")
        text = str(value)
        if "T" not in text and clock is not None:
            text = f"{text}T{clock}"
        return astropy.time.Time(text, format="isot", scale=scale).tai
    except ValueError as error:
        raise IngestError(
            f"{plane} does not say when its exposure began ({error}): it needs DATE-OBS as "
            "YYYY-MM-DDThh:mm:ss, or MJD-OBS. Name another card in the description of the camera, as in "
            "headers: {begin: CARD}.",
            file=str(plane.path),
            missing="begin",
        ) from error


def _exposure_id(value: object, begin: astropy.time.Time) -> int:
    """Number of the exposure; without one in the header, the time to a second: YYYYMMDDhhmmss."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63:
        return value
    return int(begin.utc.to_datetime().strftime("%Y%m%d%H%M%S"))


def _band(physical: str, card: object, description: CameraDescription) -> str:
    """Band of a filter: as described, or by the header, or the first letter of names like z or zd."""
    if physical in description.bands:
        return description.bands[physical]
    if isinstance(card, str) and len(card) <= 2:
        return card
    word = physical.split()[0]
    return word[0] if len(word) <= 2 else word


def _number(plane: Plane, what: str, value: object, description: CameraDescription) -> float:
    number = _optional(value)
    if not math.isfinite(number):
        _refuse(plane, what, description)
    return number


def _optional(value: Any) -> float:
    """Number of a card; NaN without one."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _degrees(value: object, unit: u.Unit) -> float:
    """Angle of a card: degrees as a number, or ``unit`` in sexagesimal form."""
    if isinstance(value, str):
        try:
            return float(Angle(value, unit=unit if ":" in value or " " in value else u.deg).deg)
        except (ValueError, u.UnitsError):
            return math.nan
    return _optional(value)
