# SPDX-License-Identifier: GPL-3.0-or-later
"""Backgrounds beyond one detector: focal-plane models and sky frames, and masking of objects for both."""

from typing import TYPE_CHECKING, Any

from lsst.portable import lazy_names

if TYPE_CHECKING:
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


_find = lazy_names(
    __name__,
    {
        "_arrays": ("interpolate1D", "interpolateBadPixels", "smoothArray"),
        "_configs": (
            "BackgroundConfig",
            "FocalPlaneBackgroundConfig",
            "SkyMeasurementConfig",
            "SkyStatsConfig",
        ),
        "_focal_plane": ("FocalPlaneBackground",),
        "_mask_objects": ("MaskObjectsConfig", "MaskObjectsTask"),
        "_sky_measurement": ("SkyMeasurementTask",),
    },
)


def __getattr__(name: str) -> Any:
    if name in __all__:
        return _find(name)
    if name == "robustMean":
        raise AttributeError(
            "robustMean is left out on purpose: the stack's function takes the maximum for the upper "
            "quartile, so it rejects next to nothing, and nothing calls it; use lsst.afw.math.makeStatistics "
            "with MEANCLIP."
        )
    if name.startswith("__"):
        raise AttributeError(name)
    raise AttributeError(
        f"lsst.pipe.tasks.background.{name} is not part of the portable stack, which offers "
        f"{', '.join(__all__)}."
    )
