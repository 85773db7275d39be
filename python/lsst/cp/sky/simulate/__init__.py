# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated night with any mosaic camera.

The array level (sky, pattern, sources, defects, noise) knows nothing of the LSST classes; exposures, the
camera and the repository are assembled from it.
"""

from ._config import DefectConfig, NightConfig, PatternConfig, SkyConfig, SourceConfig, Stream, random_stream
from ._pattern import draw_pattern
from ._pixels import DetectorPixels, simulate_pixels
from ._sky import SkyModel, draw_sky

__all__ = (
    "DefectConfig",
    "DetectorPixels",
    "NightConfig",
    "PatternConfig",
    "SkyConfig",
    "SkyModel",
    "SourceConfig",
    "Stream",
    "draw_pattern",
    "draw_sky",
    "random_stream",
    "simulate_pixels",
)
