# SPDX-License-Identifier: GPL-3.0-or-later
"""Joint chain, each pass: solve for the skies of all exposures and the patterns of all detectors at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from astropy.table import Table

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from .._reading import detectorsOf, load
from ._configs import (
    GaugeConfig,
    JudgeConfig,
    ModeConfig,
    PatternConfig,
    SolveConfig,
    StaticConfig,
    parameters_of,
)
from ._gather import gather, require_exposures, solution_tables
from ._plane import Site
from ._quantum import JointSolveTask
from ._solution import Solution
from ._solve import solve_joint
from ._tables import Pattern, SkyTable, read_recurrence

if TYPE_CHECKING:
    from .._protocols import Handle

__all__ = ("CpSkyJointSolveConfig", "CpSkyJointSolveConnections", "CpSkyJointSolveTask")


class CpSkyJointSolveConnections(
    pipeBase.PipelineTaskConnections,
    dimensions=("instrument", "physical_filter"),
    defaultTemplates={"solution": "1", "next": "2"},
):
    """Connections of `CpSkyJointSolveTask`; templates number the solution known and the one to come."""

    inputBins = cT.Input(
        name="cpSkyJointBins{next}",
        doc="All exposures of all detectors in bins (units of the exposures).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    noise = cT.Input(
        name="cpSkyJointNoise",
        doc="Geometry of the detector of each exposure, and the sizes of its bins (pixels).",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    inputSkies = cT.Input(
        name="cpSkyJointSkies{solution}",
        doc="Sky of each exposure from the previous solve (units of the exposures), to start from.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    inputPatterns = cT.Input(
        name="cpSkyJointPattern{solution}",
        doc="Pattern of each detector from the previous solve (fraction of the sky), to start from.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter", "detector"),
        multiple=True,
        deferLoad=True,
    )
    wings = cT.Input(
        name="cpSkyJointWings{solution}",
        doc="How often objects recur on the same pixels, compared with chance.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    outputSkies = cT.Output(
        name="cpSkyJointSkies{next}",
        doc="Sky of each exposure, as polynomials over the focal plane; diagnostics and the verdict on it.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    outputPatterns = cT.Output(
        name="cpSkyJointPattern{next}",
        doc="Pattern of each detector in bins (fraction of the sky).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter", "detector"),
        multiple=True,
    )


class CpSkyJointSolveConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyJointSolveConnections):
    """Configuration of `CpSkyJointSolveTask`."""

    solve = pexConfig.ConfigField[SolveConfig](
        doc="Parameters of the joint solve: orders of polynomials and weights."
    )
    mode = pexConfig.ConfigField[ModeConfig](
        doc="Parameters of the search for a second pattern, whose amplitude varies."
    )
    gauge = pexConfig.ConfigField[GaugeConfig](
        doc="Superpixels of the stock gauge, for sky frames that follow the stock chain's convention."
    )
    judge = pexConfig.ConfigField[JudgeConfig](
        doc="Parameters of the judgement: which exposures are rejected."
    )
    pattern = pexConfig.ConfigField[PatternConfig](doc="Parameters of the pattern as a model for masking.")
    static = pexConfig.ConfigField[StaticConfig](
        doc="Parameters of objects that stay in place: how they change the fit of the pattern."
    )
    minInputs = pexConfig.RangeField(
        dtype=int, default=1, min=1, doc="Minimum number of exposures to make sky frames from."
    )


class CpSkyJointSolveTask(JointSolveTask):
    """Solve for skies and pattern, robustly, and judge the exposures."""

    ConfigClass = CpSkyJointSolveConfig
    _DefaultName = "cpSkyJointSolve"
    config: CpSkyJointSolveConfig

    def run(
        self,
        inputBins: Sequence[Handle],
        noise: Sequence[Handle],
        inputSkies: Table,
        inputPatterns: Sequence[Handle],
        wings: Table,
    ) -> pipeBase.Struct:
        """Solve for skies and pattern.

        Parameters
        ----------
        inputBins, noise : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the bins and the noise of all detectors of all exposures, in any order; each is loaded
            once, and one detector is in memory at a time.
        inputSkies : `astropy.table.Table`
            Skies from the previous solve.
        inputPatterns : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the patterns from the previous solve.
        wings : `astropy.table.Table`
            Recurrence of objects, from `CpSkyJointPoolTask`; objects that recur end up in the pattern, too.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``outputSkies``
                A row per exposure: its sky, weight, and reason for rejection (`astropy.table.Table`).
            ``detectors``
                Numbers of the detectors (`list` [`int`]).
            ``outputPatterns``
                A table per detector, in the order of ``detectors`` (`list` [`astropy.table.Table`]).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there are no bins.
        lsst.cp.sky.TooFewInputsError
            Raised if there are fewer exposures than ``minInputs``, or fewer that pass.
        lsst.cp.sky.MismatchedInputsError
            Raised if exposures of a detector differ in box or bins.
        """
        parameters = parameters_of(self.config)
        before, (recurrence, _) = SkyTable.from_table(inputSkies), read_recurrence(wings)
        patterns = detectorsOf(inputPatterns or ())
        with gather(inputBins, noise, self.log, set(before.exposures.tolist()), set(patterns)) as night:
            require_exposures(night.exposures, self.config.minInputs)
            for lost in sorted(set(before.exposures.tolist()) - set(night.exposures)):
                self.log.warning("No detector of exposure %d could be put in bins; it takes no part.", lost)
            before = before.only(night.exposures)
            sites = [geometry.site(before.plane, night.sizes) for geometry in night.geometries]
            detectors = [geometry.detector for geometry in night.geometries]
            start = _start(before, patterns, dict(zip(detectors, sites, strict=True)))
            solution = solve_joint(
                sites,
                night.bins,
                start,
                parameters.solve,
                parameters.judge,
                parameters.mode,
                parameters.pattern,
            )
            skies, tables = solution_tables(night, sites, before.plane, solution, parameters, recurrence)
        self._report(night.exposures, solution)
        used = [e for e, w in zip(night.exposures, solution.skies.weight, strict=True) if w > 0]
        require_exposures(used, self.config.minInputs)
        return pipeBase.Struct(outputSkies=skies, outputPatterns=tables, detectors=detectors)

    def _report(self, exposures: Sequence[int], solution: Solution) -> None:
        """Log and record the result."""
        skies = solution.skies
        for exposure, reason in zip(exposures, skies.reasons, strict=True):
            if reason:
                self.log.warning("Exposure %d does not count: %s.", exposure, reason)
        self.log.info(
            "%d of %d exposures count; skies of order %d to %d; %d rounds.",
            np.count_nonzero(skies.weight),
            len(exposures),
            skies.order.min(),
            skies.order.max(),
            solution.rounds,
        )
        if solution.mode is not None:
            self.log.info("The pattern varies from exposure to exposure: a second one was fitted.")
        self.metadata["mode"] = solution.mode is not None
        self.metadata["exposures"] = len(exposures)
        self.metadata["rejected"] = len(exposures) - int(np.count_nonzero(skies.weight))
        self.metadata["order"] = int(solution.order)
        self.metadata["rounds"] = int(solution.rounds)


def _start(skies: SkyTable, patterns: Mapping[int, Handle], sites: Mapping[int, Site]) -> Solution:
    """Return the solution of the previous solve."""
    known = [
        Pattern.from_table(load(patterns[detector]), site.grid.shape, {"detector": detector})
        for detector, site in sites.items()
    ]
    return Solution(
        pattern=[one.pattern for one in known],
        information=[one.information for one in known],
        skies=skies.skies,
        order=skies.order,
        excess=skies.excess,
    )
