# SPDX-License-Identifier: GPL-3.0-or-later
"""Verification of sky frames, as tables and plots stored by the butler; no truth is needed.

Tasks and data::

    exposure, residual backgrounds, sky frames -> CpSkyVerifyExposureTask -> cpSkyExposureMetrics
    sky frames, residual backgrounds, cpSkyExposureMetrics -> CpSkyVerifyFrameTask
        -> cpSkyFrameMetrics, cpSkyFramePulls
    the same -> CpSkyPlotExposureTask, CpSkyPlotFrameTask -> plots

Functions of arrays compute the numbers; `judge` judges them by rules that it states.
"""

from ._judge import Finding, Rules, Verdict, judge, judge_joint, overall
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
    "judge_joint",
    "overall",
)
