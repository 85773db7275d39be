# SPDX-License-Identifier: GPL-3.0-or-later
"""The sky-frame tasks under their documented path; they live in ``lsst.cp.sky``."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lsst.cp.sky.combine import CpSkyCombineConfig, CpSkyCombineConnections, CpSkyCombineTask
    from lsst.cp.sky.image import CpSkyImageConfig, CpSkyImageConnections, CpSkyImageTask
    from lsst.cp.sky.scale import CpSkyScaleMeasureConfig, CpSkyScaleMeasureConnections, CpSkyScaleMeasureTask
    from lsst.cp.sky.subtract import (
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
