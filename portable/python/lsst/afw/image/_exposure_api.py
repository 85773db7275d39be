# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the exposure part of `lsst.afw.image`."""

from . import _visit_info_archive  # noqa: F401 - registers persistence of VisitInfo
from ._color import Color
from ._exposure import (
    Exposure,
    ExposureD,
    ExposureF,
    ExposureI,
    ExposureL,
    ExposureU,
    makeExposure,
)
from ._exposure_fits import ExposureFitsReader
from ._exposure_info import ExposureInfo
from ._exposure_summary_stats import ExposureSummaryStats
from ._filter_label import FilterLabel
from ._kept_components import ApCorrMap, CoaddInputs, TransmissionCurve
from ._photo_calib import (
    Measurement,
    PhotoCalib,
    makePhotoCalibFromCalibZeroPoint,
    makePhotoCalibFromMetadata,
)
from ._rot_type import RotType
from ._visit_info import VisitInfo
from ._visit_info_cards import setVisitInfoMetadata, stripVisitInfoKeywords

__all__ = [
    "ApCorrMap",
    "CoaddInputs",
    "Color",
    "Exposure",
    "ExposureD",
    "ExposureF",
    "ExposureFitsReader",
    "ExposureI",
    "ExposureInfo",
    "ExposureL",
    "ExposureSummaryStats",
    "ExposureU",
    "FilterLabel",
    "Measurement",
    "PhotoCalib",
    "RotType",
    "TransmissionCurve",
    "VisitInfo",
    "makeExposure",
    "makePhotoCalibFromCalibZeroPoint",
    "makePhotoCalibFromMetadata",
    "setVisitInfoMetadata",
    "stripVisitInfoKeywords",
]
