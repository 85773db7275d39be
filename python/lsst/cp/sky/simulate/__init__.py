# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated night with any mosaic camera.

The array level (sky, pattern, sources, defects, noise) knows nothing of the LSST classes; exposures, camera
and repository are built on top of it.
"""

from ._camera import bin_camera, binning_for_size, focal_plane_radius, make_raft_camera, pixel_size
from ._config import DefectConfig, NightConfig, PatternConfig, SkyConfig, SourceConfig, Stream, random_stream
from ._exposure import Night, detector_pattern, focal_plane_grid, make_visit_info
from ._instrument import SkySim
from ._mosaic import MOSAICS, Mosaic, MosaicConfig, make_mosaic, mean_cells
from ._mosaic_night import MosaicNight, make_mosaic_camera
from ._pattern import draw_pattern
from ._pixels import DetectorPixels, simulate_pixels
from ._repository import CALIB_COLLECTION, RAW_COLLECTION, make_repository, put_exposure
from ._sky import SkyModel, draw_sky

__all__ = (
    "CALIB_COLLECTION",
    "MOSAICS",
    "RAW_COLLECTION",
    "DefectConfig",
    "DetectorPixels",
    "Mosaic",
    "MosaicConfig",
    "MosaicNight",
    "Night",
    "NightConfig",
    "PatternConfig",
    "SkyConfig",
    "SkyModel",
    "SkySim",
    "SourceConfig",
    "Stream",
    "bin_camera",
    "binning_for_size",
    "detector_pattern",
    "draw_pattern",
    "draw_sky",
    "focal_plane_grid",
    "focal_plane_radius",
    "make_mosaic",
    "make_mosaic_camera",
    "make_raft_camera",
    "make_repository",
    "make_visit_info",
    "mean_cells",
    "pixel_size",
    "put_exposure",
    "random_stream",
    "simulate_pixels",
)
