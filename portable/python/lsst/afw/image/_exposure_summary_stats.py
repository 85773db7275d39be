# SPDX-License-Identifier: GPL-3.0-or-later
"""Summary statistics of an exposure."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from lsst.portable.archive import ArchiveCatalog, InputArchive, OutputArchive, Persistable, register
from lsst.portable.fits import Column

__all__ = ["ExposureSummaryStats"]

_NAN = math.nan
_COLUMNS = (Column("bytes", "1QB", "an opaque bytestring representation of a Storable", tccls="Array"),)


def _four_nan() -> list[float]:
    return [_NAN] * 4


@dataclasses.dataclass
class ExposureSummaryStats(Persistable):
    """Summary statistics of an exposure.

    Sizes are in pixels, skies and variances in counts, times in seconds, positions and angles in degrees, the
    zero point in magnitudes. A statistic that was not measured is NaN. Statistics from a later version of
    this class in a file become attributes, too, and are written back.
    """

    version: int = 0
    psfSigma: float = _NAN
    psfArea: float = _NAN
    psfIxx: float = _NAN
    psfIyy: float = _NAN
    psfIxy: float = _NAN
    ra: float = _NAN
    dec: float = _NAN
    pixelScale: float = _NAN
    zenithDistance: float = _NAN
    expTime: float = _NAN
    zeroPoint: float = _NAN
    skyBg: float = _NAN
    skyNoise: float = _NAN
    meanVar: float = _NAN
    raCorners: list[float] = dataclasses.field(default_factory=_four_nan)
    decCorners: list[float] = dataclasses.field(default_factory=_four_nan)
    astromOffsetMean: float = _NAN
    astromOffsetStd: float = _NAN
    nPsfStar: int = 0
    psfStarDeltaE1Median: float = _NAN
    psfStarDeltaE2Median: float = _NAN
    psfStarDeltaE1Scatter: float = _NAN
    psfStarDeltaE2Scatter: float = _NAN
    psfStarDeltaSizeMedian: float = _NAN
    psfStarDeltaSizeScatter: float = _NAN
    psfStarScaledDeltaSizeScatter: float = _NAN
    psfTraceRadiusDelta: float = _NAN
    psfApFluxDelta: float = _NAN
    psfApCorrSigmaScaledDelta: float = _NAN
    maxDistToNearestPsf: float = _NAN
    starEMedian: float = _NAN
    starUnNormalizedEMedian: float = _NAN
    starComa1Median: float = _NAN
    starComa2Median: float = _NAN
    starTrefoil1Median: float = _NAN
    starTrefoil2Median: float = _NAN
    starKurtosisMedian: float = _NAN
    starE41Median: float = _NAN
    starE42Median: float = _NAN
    effTime: float = _NAN
    effTimePsfSigmaScale: float = _NAN
    effTimeSkyBgScale: float = _NAN
    effTimeZeroPointScale: float = _NAN
    magLim: float = _NAN
    psfAdaptiveThresholdValue: float = _NAN
    psfAdaptiveIncludeThresholdMultiplier: float = _NAN
    nShapeletsStar: int = 0
    shapeletsOnlyIqScore: float = _NAN
    shapeletsIqScore: float = _NAN
    shapeletsCoeffs: list[float] = dataclasses.field(default_factory=list)
    centroidDiffShapeletsVsSlotMedian: float = _NAN
    shapeletsStarEMedian: float = _NAN
    shapeletsStarUnNormalizedEMedian: float = _NAN
    refCatSourceDensity: float = _NAN
    psfTE1e1: float = _NAN
    psfTE1e2: float = _NAN
    psfTE1ex: float = _NAN
    psfTE2e1: float = _NAN
    psfTE2e2: float = _NAN
    psfTE2ex: float = _NAN
    psfTE3e1: float = _NAN
    psfTE3e2: float = _NAN
    psfTE3ex: float = _NAN
    psfTE4e1: float = _NAN
    psfTE4e2: float = _NAN
    psfTE4ex: float = _NAN


_LISTS = {"raCorners": _four_nan, "decCorners": _four_nan, "shapeletsCoeffs": list}

ExposureSummaryStats.__module__ = "lsst.afw.image"


def _write(stats: ExposureSummaryStats, archive: OutputArchive) -> list[ArchiveCatalog]:
    import yaml  # few exposures have a summary

    values = dict(vars(stats))
    if not values["shapeletsCoeffs"] and values.keys() < {field.name for field in dataclasses.fields(stats)}:
        del values["shapeletsCoeffs"]  # read from a file older than these, see _read
    data = yaml.dump(values, encoding="utf-8")
    return [ArchiveCatalog("ExposureSummaryStats", _COLUMNS, [{"bytes": data}])]


def _read(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> ExposureSummaryStats:
    import yaml  # few exposures have a summary

    values: dict[str, Any] = yaml.safe_load(bytes(catalogs[0].rows[0]["bytes"]))
    if "decl" in values:  # the former name of `dec`
        values.setdefault("dec", values.pop("decl"))
    # Statistics missing from an older file stay class attributes, so they are not written back as known.
    stats = object.__new__(ExposureSummaryStats)
    lists = {name: make() for name, make in _LISTS.items()}
    stats.__dict__.update(lists | values)
    return stats


register(
    ExposureSummaryStats,
    "ExposureSummaryStats",
    "lsst.afw.image._exposureSummaryStats",
    read=_read,
    write=_write,
)
