# SPDX-License-Identifier: GPL-3.0-or-later
"""Backgrounds beyond one detector: focal-plane models and sky frames, and the masking of objects for both."""

from typing import Any

from ._arrays import interpolate1D, interpolateBadPixels, smoothArray
from ._configs import BackgroundConfig, FocalPlaneBackgroundConfig, SkyMeasurementConfig, SkyStatsConfig
from ._focal_plane import FocalPlaneBackground
from ._mask_objects import MaskObjectsConfig, MaskObjectsTask
from ._sky_measurement import SkyMeasurementTask

__all__ = (
    "BackgroundConfig",
    "FocalPlaneBackground",
    "FocalPlaneBackgroundConfig",
    "MaskObjectsConfig",
    "MaskObjectsTask",
    "SkyMeasurementConfig",
    "SkyMeasurementTask",
    "SkyStatsConfig",
    "interpolate1D",
    "interpolateBadPixels",
    "smoothArray",
)


def __getattr__(name: str) -> Any:
    if name == "robustMean":
        raise AttributeError(
            "robustMean is left out on purpose: the stack's function takes the maximum for the upper "
            "quartile, so that it "
            "rejects next to nothing, and nothing calls it; use lsst.afw.math.makeStatistics with MEANCLIP."
        )
    if name.startswith("__"):
        raise AttributeError(name)
    raise AttributeError(
        f"lsst.pipe.tasks.background.{name} is not part of the portable stack, which offers "
        f"{', '.join(__all__)}."
    )
