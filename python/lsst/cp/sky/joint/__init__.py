# SPDX-License-Identifier: GPL-3.0-or-later
"""The joint chain: the skies of all exposures and the pattern of all detectors, solved for at once.

Functions over arrays; what they are for, in the order in which they are used::

    bin      Grid, Site, fit_noise, first_bins       exposure -> bins
    solve    solve_medians                           bins -> patterns and skies
             pattern_models                          pattern -> pattern as a model
    mask     subtract_model, mask_exposure           exposure, model, wings, static mask -> mask, bins,
    profiles solve    solve_joint                             bins -> patterns and skies
             pool_profiles, recurrence_sums          profiles, maps of objects -> wings, recurrence
    stack    ResidualStack, search_stack             residuals -> static mask, where objects stay in place
    mask, solve, stack again
    frame    make_cells, project_cells               pattern -> cells of a sky frame

`run_chain` does all of it in memory.
"""

from ._bins import Bins, mean_bins, median_bins
from ._cells import Cells, make_cells
from ._chain import Pixels, Product, gather_bins, run_chain
from ._detect import Detections, detect_objects
from ._exposure import (
    Detected,
    MaskedExposure,
    Residual,
    bin_exposure,
    detect_exposure,
    finish_mask,
    first_bins,
    mask_exposure,
    subtract_model,
)
from ._first import solve_medians
from ._gauge import divide_out, project_cells, project_pattern, superpixel_part
from ._grid import Grid, cell_edges
from ._judge import Verdict, judge_exposures
from ._linear import linear_response
from ._noise import NoiseModel, fit_noise
from ._parameters import (
    BinParameters,
    DetectParameters,
    FrameParameters,
    GaugeParameters,
    JointParameters,
    JudgeParameters,
    ModeParameters,
    PatternParameters,
    SolveParameters,
    StaticParameters,
    WingParameters,
)
from ._pattern import denoise_pattern, fill_gaps, model_bins, model_pixels, pattern_models
from ._plane import Placement, Site, basis, project_out, terms
from ._solution import Mode, Skies, Solution
from ._solve import solve_joint
from ._static import (
    RecurrenceSums,
    ResidualStack,
    coarse_objects,
    recurrence_sums,
    search_stack,
    warn_of_recurrence,
)
from ._wings import (
    ObjectClasses,
    ProfileSums,
    Wings,
    classify_objects,
    grow_wings,
    measure_profiles,
    pool_profiles,
)

__all__ = (
    "BinParameters",
    "Bins",
    "Cells",
    "DetectParameters",
    "Detected",
    "Detections",
    "FrameParameters",
    "GaugeParameters",
    "Grid",
    "JointParameters",
    "JudgeParameters",
    "MaskedExposure",
    "Mode",
    "ModeParameters",
    "NoiseModel",
    "ObjectClasses",
    "PatternParameters",
    "Pixels",
    "Placement",
    "Product",
    "ProfileSums",
    "RecurrenceSums",
    "Residual",
    "ResidualStack",
    "Site",
    "Skies",
    "Solution",
    "SolveParameters",
    "StaticParameters",
    "Verdict",
    "WingParameters",
    "Wings",
    "basis",
    "bin_exposure",
    "cell_edges",
    "classify_objects",
    "coarse_objects",
    "denoise_pattern",
    "detect_exposure",
    "detect_objects",
    "divide_out",
    "fill_gaps",
    "finish_mask",
    "first_bins",
    "fit_noise",
    "gather_bins",
    "grow_wings",
    "judge_exposures",
    "linear_response",
    "make_cells",
    "mask_exposure",
    "mean_bins",
    "measure_profiles",
    "median_bins",
    "model_bins",
    "model_pixels",
    "pattern_models",
    "pool_profiles",
    "project_cells",
    "project_out",
    "project_pattern",
    "recurrence_sums",
    "run_chain",
    "search_stack",
    "solve_joint",
    "solve_medians",
    "subtract_model",
    "superpixel_part",
    "terms",
    "warn_of_recurrence",
)
