# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of ``lsst.cp.pipe`` that makes sky frames, handed on from ``lsst.cp.sky``.

Stock pipeline files say ``class: lsst.cp.pipe.CpSkyImageTask``; with this package they run unmodified. None
of the other calibration tasks of ``lsst.cp.pipe`` is here.
"""

from lsst.portable import require_alone

require_alone(__name__)

from .cpSky import (  # noqa: E402
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
