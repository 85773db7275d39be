# SPDX-License-Identifier: GPL-3.0-or-later
"""Sky frames without a butler: from arrays, exposures or FITS files to a sky frame, and that to exposures.

`build_sky_frame` and `apply_sky_frame` run the same code as the pipelines, in this process.
"""

from ._apply import Applied, apply_sky_frame
from ._build import build_sky_frame
from ._picture import draw_sky_frame
from ._sky_frame import SkyFrame, read_sky_frame
from ._sources import DetectorPixels, exposures_of_files

__all__ = (
    "Applied",
    "DetectorPixels",
    "SkyFrame",
    "apply_sky_frame",
    "build_sky_frame",
    "draw_sky_frame",
    "exposures_of_files",
    "read_sky_frame",
)
