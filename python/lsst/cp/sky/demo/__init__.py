# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole process on a simulated night: simulate, run the pipeline, compare with the truth, plot."""

from ._camera import read_camera
from ._chain import MaskNothingTask, run_chain
from ._compare import (
    ChainResult,
    DetectorResult,
    Recovery,
    cell_means,
    compare_detector,
    photon_limit,
    summarise,
)
from ._errors import DemoError
from ._patterns import Patterns
from ._picture import draw_patterns
from ._pipeline import CHAINS, PipelineError, find_pipetask, run_pipeline, write_pipeline
from ._run import Demo
from ._table import JOINT_LIMIT, check_passed, format_results

__all__ = (
    "CHAINS",
    "JOINT_LIMIT",
    "ChainResult",
    "Demo",
    "DemoError",
    "DetectorResult",
    "MaskNothingTask",
    "Patterns",
    "PipelineError",
    "Recovery",
    "cell_means",
    "check_passed",
    "compare_detector",
    "draw_patterns",
    "find_pipetask",
    "format_results",
    "photon_limit",
    "read_camera",
    "run_chain",
    "run_pipeline",
    "summarise",
    "write_pipeline",
)
