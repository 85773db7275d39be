# SPDX-License-Identifier: GPL-3.0-or-later
"""Verification of sky frames, as tables and plots stored by the butler; no truth is needed.

Tasks and data::

    exposure, residual backgrounds, sky frames -> CpSkyVerifyExposureTask -> cpSkyExposureMetrics
    sky frames, residual backgrounds, cpSkyExposureMetrics -> CpSkyVerifyFrameTask
        -> cpSkyFrameMetrics, cpSkyFramePulls
    the same -> CpSkyPlotExposureTask, CpSkyPlotFrameTask -> plots

The joint chain has tasks of its own, with ``Joint`` in their names and in those of what they make; columns of
the same name mean the same.

Functions of arrays compute the numbers; `judge` judges them by rules that it states.
"""

from ._judge import Finding, Rules, Verdict, judge, judge_joint, judge_solution, overall
from ._numbers import clipped, finite_median
from .exposure import (
    CpSkyVerifyExposureConfig,
    CpSkyVerifyExposureConnections,
    CpSkyVerifyExposureTask,
)
from .frame import CpSkyVerifyFrameConfig, CpSkyVerifyFrameConnections, CpSkyVerifyFrameTask
from .joint_exposure import (
    CpSkyVerifyJointExposureConfig,
    CpSkyVerifyJointExposureConnections,
    CpSkyVerifyJointExposureTask,
)
from .joint_frame import (
    CpSkyVerifyJointFrameConfig,
    CpSkyVerifyJointFrameConnections,
    CpSkyVerifyJointFrameTask,
)
from .joint_plots import (
    CpSkyPlotJointExposureConfig,
    CpSkyPlotJointExposureConnections,
    CpSkyPlotJointExposureTask,
    CpSkyPlotJointFrameConfig,
    CpSkyPlotJointFrameConnections,
    CpSkyPlotJointFrameTask,
)
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
    "CpSkyPlotJointExposureConfig",
    "CpSkyPlotJointExposureConnections",
    "CpSkyPlotJointExposureTask",
    "CpSkyPlotJointFrameConfig",
    "CpSkyPlotJointFrameConnections",
    "CpSkyPlotJointFrameTask",
    "CpSkyVerifyExposureConfig",
    "CpSkyVerifyExposureConnections",
    "CpSkyVerifyExposureTask",
    "CpSkyVerifyFrameConfig",
    "CpSkyVerifyFrameConnections",
    "CpSkyVerifyFrameTask",
    "CpSkyVerifyJointExposureConfig",
    "CpSkyVerifyJointExposureConnections",
    "CpSkyVerifyJointExposureTask",
    "CpSkyVerifyJointFrameConfig",
    "CpSkyVerifyJointFrameConnections",
    "CpSkyVerifyJointFrameTask",
    "Finding",
    "Rules",
    "Verdict",
    "clipped",
    "finite_median",
    "judge",
    "judge_joint",
    "judge_solution",
    "overall",
)
