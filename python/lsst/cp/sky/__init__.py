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
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import lsst.daf.base  # noqa: F401 - a butler can read a scale only where this has been imported

if TYPE_CHECKING:  # what a type checker sees; names are in the __all__ of each module
    from .combine import *  # noqa: F403
    from .errors import *  # noqa: F403
    from .image import *  # noqa: F403
    from .joint.frame import *  # noqa: F403
    from .joint.mask import *  # noqa: F403
    from .joint.median import *  # noqa: F403
    from .joint.pool import *  # noqa: F403
    from .joint.solve import *  # noqa: F403
    from .joint.stack import *  # noqa: F403
    from .joint.start import *  # noqa: F403
    from .scale import *  # noqa: F403
    from .subtract import *  # noqa: F403

#: Names by the module that they are imported from when they are first used.
_NAMES = MappingProxyType(
    {
        "combine": ("CpSkyCombineConfig", "CpSkyCombineConnections", "CpSkyCombineTask"),
        "errors": (
            "CpSkyError",
            "DetectorOffModelError",
            "DetectorTypeError",
            "ExposureTooSmallError",
            "InvalidScaleError",
            "MaskingError",
            "MismatchedInputsError",
            "MissingDetectorError",
            "MissingScaleError",
            "NoGoodPixelsError",
            "NoGoodSuperpixelsError",
            "PixelTypeError",
            "TooFewInputsError",
            "UnreadableInputError",
        ),
        "image": ("CpSkyImageConfig", "CpSkyImageConnections", "CpSkyImageTask"),
        "joint.frame": (
            "CpSkyJointFrameConfig",
            "CpSkyJointFrameConnections",
            "CpSkyJointFrameTask",
        ),
        "joint.mask": (
            "CpSkyJointMaskConfig",
            "CpSkyJointMaskConnections",
            "CpSkyJointMaskTask",
        ),
        "joint.median": (
            "CpSkyJointMedianConfig",
            "CpSkyJointMedianConnections",
            "CpSkyJointMedianTask",
        ),
        "joint.pool": (
            "CpSkyJointPoolConfig",
            "CpSkyJointPoolConnections",
            "CpSkyJointPoolTask",
        ),
        "joint.solve": (
            "CpSkyJointSolveConfig",
            "CpSkyJointSolveConnections",
            "CpSkyJointSolveTask",
        ),
        "joint.stack": (
            "CpSkyJointStackConfig",
            "CpSkyJointStackConnections",
            "CpSkyJointStackTask",
        ),
        "joint.start": (
            "CpSkyJointStartConfig",
            "CpSkyJointStartConnections",
            "CpSkyJointStartTask",
        ),
        "scale": ("CpSkyScaleMeasureConfig", "CpSkyScaleMeasureConnections", "CpSkyScaleMeasureTask"),
        "subtract": (
            "CpSkySubtractBackgroundConfig",
            "CpSkySubtractBackgroundConnections",
            "CpSkySubtractBackgroundTask",
        ),
    }
)
_MODULES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = tuple(sorted(_MODULES))


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
