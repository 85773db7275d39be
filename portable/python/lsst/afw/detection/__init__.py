# SPDX-License-Identifier: GPL-3.0-or-later
"""Detection of objects: thresholds, and the regions of an image beyond them.

This package offers what the masking of objects needs: `Threshold`, `createThreshold` and `FootprintSet`, but
not single footprints, peaks or heavy footprints. A `Psf` read from a file is kept, not evaluated.
"""

from typing import Any

from lsst.portable import require_alone

require_alone(__name__)

from lsst.portable.archive.psf import Psf  # noqa: E402

from ._footprint_set import FootprintSet  # noqa: E402
from ._threshold import Threshold, createThreshold  # noqa: E402

__all__ = ("FootprintSet", "Psf", "Threshold", "createThreshold")


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise AttributeError(
        f"lsst.afw.detection.{name} is not part of the portable stack, which offers {', '.join(__all__)}."
    )
