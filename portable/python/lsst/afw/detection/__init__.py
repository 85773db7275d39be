# SPDX-License-Identifier: GPL-3.0-or-later
"""Detection of objects: thresholds, and the regions of an image beyond them.

Offered is what masking of objects needs: `Threshold`, `createThreshold` and `FootprintSet`. Single
footprints, peaks, heavy footprints and PSF models are not.
"""

from typing import Any

from lsst.portable import require_alone

require_alone(__name__)

from ._footprint_set import FootprintSet  # noqa: E402
from ._threshold import Threshold, createThreshold  # noqa: E402

__all__ = ("FootprintSet", "Threshold", "createThreshold")


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise AttributeError(
        f"lsst.afw.detection.{name} is not part of the portable stack, which offers {', '.join(__all__)}."
    )
