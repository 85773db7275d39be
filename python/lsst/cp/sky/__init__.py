# SPDX-License-Identifier: GPL-3.0-or-later
"""Sky frames: what a camera does to a featureless sky, measured from many exposures of it.

Four pipeline tasks, in the order they run; data flow one way::

    exposure -> CpSkyImageTask -> masked exposure, share of the focal-plane model of the sky
             -> CpSkyScaleMeasureTask -> model of the exposure's sky, its scale
             -> CpSkySubtractBackgroundTask -> what remains, in units of the sky
             -> CpSkyCombineTask -> sky frame of a detector

Below them are the errors that data can cause (`CpSkyError` and its subclasses). Pipelines that connect the
tasks are in ``resource://lsst.cp.sky/pipelines``.

Each name is imported when it is first used: a quantum runs one task, in a process of its own.
"""

import importlib
from typing import TYPE_CHECKING, Any

import lsst.daf.base  # noqa: F401 - a butler can read a scale only where this has been imported

if TYPE_CHECKING:
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
        TooFewExposuresError,
        UnreadableInputError,
    )
    from .image import CpSkyImageConfig, CpSkyImageConnections, CpSkyImageTask
    from .joint.frame import CpSkyJointFrameConfig, CpSkyJointFrameConnections, CpSkyJointFrameTask
    from .joint.mask import CpSkyJointMaskConfig, CpSkyJointMaskConnections, CpSkyJointMaskTask
    from .joint.median import CpSkyJointMedianConfig, CpSkyJointMedianConnections, CpSkyJointMedianTask
    from .joint.pool import CpSkyJointPoolConfig, CpSkyJointPoolConnections, CpSkyJointPoolTask
    from .joint.solve import CpSkyJointSolveConfig, CpSkyJointSolveConnections, CpSkyJointSolveTask
    from .joint.stack import CpSkyJointStackConfig, CpSkyJointStackConnections, CpSkyJointStackTask
    from .joint.start import CpSkyJointStartConfig, CpSkyJointStartConnections, CpSkyJointStartTask
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
    "CpSkyJointFrameConfig",
    "CpSkyJointFrameConnections",
    "CpSkyJointFrameTask",
    "CpSkyJointMaskConfig",
    "CpSkyJointMedianConfig",
    "CpSkyJointMaskConnections",
    "CpSkyJointMedianConnections",
    "CpSkyJointMaskTask",
    "CpSkyJointMedianTask",
    "CpSkyJointPoolConfig",
    "CpSkyJointPoolConnections",
    "CpSkyJointPoolTask",
    "CpSkyJointSolveConfig",
    "CpSkyJointSolveConnections",
    "CpSkyJointSolveTask",
    "CpSkyJointStackConfig",
    "CpSkyJointStackConnections",
    "CpSkyJointStackTask",
    "CpSkyJointStartConfig",
    "CpSkyJointStartConnections",
    "CpSkyJointStartTask",
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
    "TooFewExposuresError",
    "UnreadableInputError",
)

_TASKS = {
    "CpSkyCombine": "combine",
    "CpSkyImage": "image",
    "CpSkyJointFrame": "joint.frame",
    "CpSkyJointMask": "joint.mask",
    "CpSkyJointMedian": "joint.median",
    "CpSkyJointPool": "joint.pool",
    "CpSkyJointSolve": "joint.solve",
    "CpSkyJointStack": "joint.stack",
    "CpSkyJointStart": "joint.start",
    "CpSkyScaleMeasure": "scale",
    "CpSkySubtractBackground": "subtract",
}
_MODULES = {
    prefix + suffix: module
    for prefix, module in _TASKS.items()
    for suffix in ("Config", "Connections", "Task")
}


def __getattr__(name: str) -> Any:
    if name in (*_TASKS.values(), "errors"):
        return importlib.import_module(f"{__name__}.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
