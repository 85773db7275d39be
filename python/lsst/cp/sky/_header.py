# SPDX-License-Identifier: GPL-3.0-or-later
"""The header of a combined calibration: its type, creation date and input exposures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import lsst.afw.image as afwImage
from lsst.daf.base import DateTime

from ._reading import load

if TYPE_CHECKING:
    from astropy.time import Time

    from lsst.afw.image import ExposureF, VisitInfo
    from lsst.daf.base import PropertyList

    from ._protocols import Handle

__all__ = ("combineHeaders",)

# Cards that the butler writes about the dataset itself, not about its contents.
_PROVENANCE = "LSST BUTLER"

_DATE_COMMENTS = {
    "BEG": ("Start date of earliest input observation", "[d] Start MJD of earliest input observation"),
    "END": ("End date of oldest input observation", "[d] End MJD of oldest input observation"),
    "AVG": ("Midpoint date of all input observations", "[d] MJD midpoint of all input observations"),
}


def combineHeaders(
    handles: Sequence[Handle], calib: ExposureF, calibType: str, leftOut: Sequence[int] = ()
) -> None:
    """Fill in the metadata and the visit information of a combined calibration.

    Parameters
    ----------
    handles : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
        Handles of the exposures that were combined; only their ``metadata`` and ``visitInfo`` are loaded.
    calib : `lsst.afw.image.Exposure`
        The calibration. Modified: cards are added to its metadata, and its visit information is set to that
        of a one-second exposure at the middle of the inputs.
    calibType : `str`
        Value of the ``OBSTYPE`` card.
    leftOut : `list` [`int`], optional
        IDs of exposures that are missing from the combination.

    Notes
    -----
    The cards are, in this order: ``OBSTYPE``; ``CALIB_CREATION_DATETIME`` (UTC), ``_DATE`` and ``_TIME``
    (local time); the cards on which no inputs disagree (for a repeated card, its last value); for each input
    ``n`` with visit information, ``CPP_INPUT_n`` (exposure ID), ``CPP_INPUT_DATE_n`` (TAI, middle of the
    exposure) and ``CPP_INPUT_EXPT_n`` (seconds); for each exposure left out, ``CPP_LEFTOUT_n`` (exposure ID);
    ``TIMESYS`` and the dates (``DATE-``, ``MJD-``) of the beginning, end and middle of all inputs with a date
    and an exposure time.
    """
    header = cast("PropertyList", calib.getMetadata())
    header.set("OBSTYPE", calibType)
    _setCreation(header, datetime.now(tz=UTC))
    for name, (value, comment) in _commonCards([load(handle, "metadata") for handle in handles]).items():
        if name not in header:
            header.set(name, value, comment)

    visits = [load(handle, "visitInfo") for handle in handles]
    for i, visit in enumerate(visits):
        if visit is None:
            continue
        header.set(f"CPP_INPUT_{i}", visit.id, "Input exposure ID")
        if visit.getDate().isValid():
            header.set(f"CPP_INPUT_DATE_{i}", str(_time(visit).to_value("fits")), f"TAI date of input {i}")
        header.set(f"CPP_INPUT_EXPT_{i}", visit.getExposureTime(), "Input exposure time")

    for i, exposure in enumerate(leftOut):
        header.set(f"CPP_LEFTOUT_{i}", exposure, "Exposure ID of an input that is missing")

    known = [visit for visit in visits if visit is not None]
    if not known:
        return
    info: dict[str, object] = {
        "exposureTime": 1.0,
        "darkTime": 1.0,
        "instrumentLabel": known[0].instrumentLabel,
    }
    dated = sorted((v for v in known if v.getDate().isValid()), key=lambda visit: visit.getDate().nsecs())
    if dated:
        begin, end = _edge(dated[0], -0.5), _edge(dated[-1], 0.5)
        _setDates(header, begin, end)
        info["date"] = DateTime((begin + (end - begin) / 2.0).tai.isot, DateTime.TAI)
    calib.getInfo().setVisitInfo(afwImage.VisitInfo(**info))


def _setCreation(header: PropertyList, now: datetime) -> None:
    local = now.astimezone()
    header.set("CALIB_CREATION_DATETIME", now.strftime("%Y-%m-%dT%H:%M:%S"), "UTC of processing")
    header.set("CALIB_CREATION_DATE", local.strftime("%Y-%m-%d"), "Local time day of creation")
    header.set("CALIB_CREATION_TIME", local.strftime("%X %Z"), "Local time in day of creation")


def _commonCards(headers: Sequence[PropertyList]) -> dict[str, tuple[object, str]]:
    """Return the cards, with comments, that have the same value in every header in which they occur."""
    cards: dict[str, tuple[object, str]] = {}
    contradicted: set[str] = set()
    for header in headers:
        for name in header:
            value = header.getScalar(name)
            if name.upper().startswith(_PROVENANCE):
                continue
            if name not in cards:
                cards[name] = (value, header.getComment(name))
            elif cards[name][0] != value:
                contradicted.add(name)
    return {name: card for name, card in cards.items() if name not in contradicted}


def _time(visit: VisitInfo) -> Time:
    """Return the middle of an exposure."""
    return visit.getDate().toAstropy()


def _edge(visit: VisitInfo, fraction: float) -> Time:
    """Return the middle of an exposure plus a fraction of its exposure time (zero if unknown)."""
    from astropy.time import TimeDelta  # slow to import, and only combining needs it

    seconds = visit.getExposureTime() * fraction
    return _time(visit) + TimeDelta(seconds if math.isfinite(seconds) else 0.0, format="sec")


def _setDates(header: PropertyList, begin: Time, end: Time) -> None:
    header.set("TIMESYS", "TAI", "Time scale for all dates")
    moments = (
        ("OBS", begin, "BEG"),
        ("BEG", begin, "BEG"),
        ("END", end, "END"),
        ("AVG", begin + (end - begin) / 2.0, "AVG"),
    )
    for name, moment, meaning in moments:
        dateComment, mjdComment = _DATE_COMMENTS[meaning]
        header.set(f"DATE-{name}", moment.tai.isot, dateComment)
        header.set(f"MJD-{name}", float(moment.tai.mjd), mjdComment)
