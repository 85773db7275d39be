# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of ``lsst.cp.pipe`` that makes sky frames, handed on from ``lsst.cp.sky``.

Stock pipeline files say ``class: lsst.cp.pipe.CpSkyImageTask``; with this package they run unmodified. None
of the other calibration tasks of ``lsst.cp.pipe`` is here.
"""

from typing import TYPE_CHECKING, Any

from lsst.portable import require_alone

require_alone(__name__)

if TYPE_CHECKING:
    from .cpSky import (
        CpSkyCombineConfig,
        CpSkyCombineConnections,
        CpSkyCombineTask,
        CpSkyImageConfig,
        CpSkyImageConnections,
        CpSkyImageTask,
        CpSkyScaleMeasureConfig,
        CpSkyScaleMeasureConnections,
        CpSkyScaleMeasureTask,
        CpSkySubtractBackgroundConfig,
        CpSkySubtractBackgroundConnections,
        CpSkySubtractBackgroundTask,
    )

__all__ = (
    "CpSkyCombineConfig",
    "CpSkyCombineConnections",
    "CpSkyCombineTask",
    "CpSkyImageConfig",
    "CpSkyImageConnections",
    "CpSkyImageTask",
    "CpSkyScaleMeasureConfig",
    "CpSkyScaleMeasureConnections",
    "CpSkyScaleMeasureTask",
    "CpSkySubtractBackgroundConfig",
    "CpSkySubtractBackgroundConnections",
    "CpSkySubtractBackgroundTask",
)


def __getattr__(name: str) -> Any:
    import lsst.cp.sky

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}: it offers {', '.join(__all__)}")
    return getattr(lsst.cp.sky, name)
