# SPDX-License-Identifier: GPL-3.0-or-later
"""Algorithms on exposures: subtraction of a background, detection of sources for masking."""

from typing import Any

from lsst.portable import require_alone

require_alone(__name__)

from .detection import SourceDetectionConfig, SourceDetectionTask  # noqa: E402
from .subtractBackground import (  # noqa: E402
    SubtractBackgroundConfig,
    SubtractBackgroundTask,
    TooManyMaskedPixelsError,
    backgroundFlatContext,
)

__all__ = (
    "SourceDetectionConfig",
    "SourceDetectionTask",
    "SubtractBackgroundConfig",
    "SubtractBackgroundTask",
    "TooManyMaskedPixelsError",
    "backgroundFlatContext",
)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise AttributeError(
        f"lsst.meas.algorithms.{name} is not part of the portable stack, which offers {', '.join(__all__)}."
    )
