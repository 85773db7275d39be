# SPDX-License-Identifier: GPL-3.0-or-later
"""Sky frames: what a camera does to a featureless sky, measured from many exposures of it.

Four pipeline tasks, in the order they run; data flow one way::

    exposure -> CpSkyImageTask -> masked exposure, share of the focal-plane model of the sky
             -> CpSkyScaleMeasureTask -> model of the exposure's sky, its scale
             -> CpSkySubtractBackgroundTask -> what remains, in units of the sky
             -> CpSkyCombineTask -> sky frame of a detector

Below them are the errors that data can cause (`CpSkyError` and its subclasses). Pipelines that connect the
tasks are in ``resource://lsst.cp.sky/pipelines``.
"""

from .combine import CpSkyCombineConfig, CpSkyCombineConnections, CpSkyCombineTask
from .errors import (
    CpSkyError,
    DetectorOffModelError,
    DetectorTypeError,
    ExposureTooSmallError,
    InvalidScaleError,
    MismatchedInputsError,
    MissingDetectorError,
    MissingScaleError,
    NoGoodPixelsError,
    NoGoodSuperpixelsError,
)
from .image import CpSkyImageConfig, CpSkyImageConnections, CpSkyImageTask
from .scale import CpSkyScaleMeasureConfig, CpSkyScaleMeasureConnections, CpSkyScaleMeasureTask
from .subtract import (
    CpSkySubtractBackgroundConfig,
    CpSkySubtractBackgroundConnections,
    CpSkySubtractBackgroundTask,
)

__all__ = (
    "CpSkyCombineConfig",
    "CpSkyCombineConnections",
    "CpSkyCombineTask",
    "CpSkyError",
    "CpSkyImageConfig",
    "CpSkyImageConnections",
    "CpSkyImageTask",
    "CpSkyScaleMeasureConfig",
    "CpSkyScaleMeasureConnections",
    "CpSkyScaleMeasureTask",
    "CpSkySubtractBackgroundConfig",
    "CpSkySubtractBackgroundConnections",
    "CpSkySubtractBackgroundTask",
    "DetectorOffModelError",
    "DetectorTypeError",
    "ExposureTooSmallError",
    "InvalidScaleError",
    "MismatchedInputsError",
    "MissingDetectorError",
    "MissingScaleError",
    "NoGoodPixelsError",
    "NoGoodSuperpixelsError",
)
