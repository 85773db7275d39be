# SPDX-License-Identifier: GPL-3.0-or-later
"""Sky frames: the static pattern a camera imprints on a featureless sky, measured from many exposures.

Four pipeline tasks, in the order in which they run::

    exposure -> CpSkyImageTask -> masked exposure, detector's share of the focal-plane model
             -> CpSkyScaleMeasureTask -> focal-plane model of the exposure, sky scale
             -> CpSkySubtractBackgroundTask -> residual background, in units of the sky
             -> CpSkyCombineTask -> sky frame of the detector

The errors that bad data can cause are `CpSkyError` and its subclasses. Pipelines that connect the tasks are
in ``resource://lsst.cp.sky/pipelines``; ``doc/glossary.md`` defines the terms.

Names are imported on first use, because a quantum runs a single task in its own process.
"""

import importlib
import importlib.util
from types import MappingProxyType
from typing import TYPE_CHECKING

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

#: Names, by the module from which they are imported on first use.
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

if importlib.util.find_spec("lsst.daf.base") is not None:  # else only cpsky --help works, which says so
    import lsst.daf.base  # noqa: F401 - a butler can read a sky scale only after this import


def __getattr__(name: str) -> object:
    if name in _NAMES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
