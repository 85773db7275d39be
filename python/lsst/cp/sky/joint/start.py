# SPDX-License-Identifier: GPL-3.0-or-later
"""Joint chain, step two: skies and pattern from medians, while no object is masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from ._configs import PatternConfig, SolveConfig, parameters_of
from ._first import solve_medians
from ._gather import gather, require_exposures, solution_tables
from ._quantum import JointSolveTask
from .geometry import FocalPlane

if TYPE_CHECKING:
    from .._protocols import Handle

__all__ = ("CpSkyJointStartConfig", "CpSkyJointStartConnections", "CpSkyJointStartTask")


class CpSkyJointStartConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter")
):
    """Connections of `CpSkyJointStartTask`."""

    inputBins = cT.Input(
        name="cpSkyJointBins1",
        doc="Medians of all exposures in bins.",
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
    outputSkies = cT.Output(
        name="cpSkyJointSkies1",
        doc="Sky of each exposure, as polynomials over the focal plane (units of the exposures).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    outputPatterns = cT.Output(
        name="cpSkyJointPattern1",
        doc="Pattern of each detector in bins (fraction of the sky).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter", "detector"),
        multiple=True,
    )


class CpSkyJointStartConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyJointStartConnections):
    """Configuration of `CpSkyJointStartTask`."""

    solve = pexConfig.ConfigField[SolveConfig](
        doc="Parameters of the solve: orders of the polynomials of the skies."
    )
    pattern = pexConfig.ConfigField[PatternConfig](doc="Parameters of the pattern as a model for masking.")
    minInputs = pexConfig.RangeField(
        dtype=int, default=1, min=1, doc="Minimum number of exposures to make sky frames from."
    )


class CpSkyJointStartTask(JointSolveTask):
    """Solve for skies and pattern from medians of bins, treating objects as outliers."""

    ConfigClass = CpSkyJointStartConfig
    _DefaultName = "cpSkyJointStart"
    config: CpSkyJointStartConfig

    def run(self, inputBins: Sequence[Handle], noise: Sequence[Handle]) -> pipeBase.Struct:
        """Solve for skies and pattern.

        Parameters
        ----------
        inputBins, noise : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the bins and the noise of all detectors of all exposures, in any order; their data IDs
            say which is which.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``outputSkies``
                Sky of each exposure, a row each (`astropy.table.Table`).
            ``detectors``
                Numbers of the detectors (`list` [`int`]).
            ``outputPatterns``
                A table per detector, in the order of ``detectors`` (`list` [`astropy.table.Table`]).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there are no bins.
        lsst.cp.sky.TooFewInputsError
            Raised if there are fewer exposures than ``minInputs``.
        lsst.cp.sky.MismatchedInputsError
            Raised if exposures of a detector differ in box or bins.
        """
        parameters = parameters_of(self.config)
        with gather(inputBins, noise, self.log) as night:
            require_exposures(night.exposures, self.config.minInputs)
            if len(night.exposures) == 1:
                self.log.warning("There is one exposure only: nothing in it can be told from the pattern.")
            plane = FocalPlane.around(night.geometries)
            sites = [geometry.site(plane, night.sizes) for geometry in night.geometries]
            solution = solve_medians(sites, night.bins, parameters.solve)
            skies, patterns = solution_tables(night, sites, plane, solution, parameters)
        self.log.info("Skies of %d exposures, pattern of %d detectors.", len(night.exposures), len(sites))
        self.metadata["exposures"] = len(night.exposures)
        self.metadata["detectors"] = len(sites)
        return pipeBase.Struct(
            outputSkies=skies, outputPatterns=patterns, detectors=[g.detector for g in night.geometries]
        )
