# SPDX-License-Identifier: GPL-3.0-or-later
"""How good sky frames are, as tables and plots that go through the butler; no truth is needed.

Data flow one way::

    exposure, residual backgrounds, sky frames -> CpSkyVerifyExposureTask -> cpSkyExposureMetrics
    sky frames, residual backgrounds, cpSkyExposureMetrics -> CpSkyVerifyFrameTask
        -> cpSkyFrameMetrics, cpSkyFramePulls
    the same -> CpSkyPlotExposureTask, CpSkyPlotFrameTask -> plots

Numbers are made by functions of arrays, and judged by `judge` by rules that it names.
"""

from ._judge import Finding, Rules, Verdict, judge, overall
from ._numbers import clipped, finite_median
from .exposure import (
    CpSkyVerifyExposureConfig,
    CpSkyVerifyExposureConnections,
    CpSkyVerifyExposureTask,
)
from .frame import CpSkyVerifyFrameConfig, CpSkyVerifyFrameConnections, CpSkyVerifyFrameTask
from .plots import (
    CpSkyPlotExposureConfig,
    CpSkyPlotExposureConnections,
    CpSkyPlotExposureTask,
    CpSkyPlotFrameConfig,
    CpSkyPlotFrameConnections,
    CpSkyPlotFrameTask,
)

__all__ = (
    "CpSkyPlotExposureConfig",
    "CpSkyPlotExposureConnections",
    "CpSkyPlotExposureTask",
    "CpSkyPlotFrameConfig",
    "CpSkyPlotFrameConnections",
    "CpSkyPlotFrameTask",
    "CpSkyVerifyExposureConfig",
    "CpSkyVerifyExposureConnections",
    "CpSkyVerifyExposureTask",
    "CpSkyVerifyFrameConfig",
    "CpSkyVerifyFrameConnections",
    "CpSkyVerifyFrameTask",
    "Finding",
    "Rules",
    "Verdict",
    "clipped",
    "finite_median",
    "judge",
    "overall",
)
