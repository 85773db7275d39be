# SPDX-License-Identifier: GPL-3.0-or-later
"""Joint chain, between passes: find objects that stay in place on the stack of all residuals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from astropy.table import Table

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from .._quantum import AnnotatedTask
from .._reading import load, loadEach
from ..errors import CpSkyError
from ._configs import DetectConfig, PatternConfig, StaticConfig, WingConfig, parameters_of
from ._known import KnownExposure
from ._pixels import make_mask, mask_plane, names_of, place_of, require_shape
from ._static import ResidualStack, search_stack
from ._tables import Preliminaries, read_recurrence
from .geometry import Geometry

if TYPE_CHECKING:
    from lsst.afw.image import MaskX

    from .._protocols import Handle

__all__ = ("CpSkyJointStackConfig", "CpSkyJointStackConnections", "CpSkyJointStackTask")


class CpSkyJointStackConnections(
    pipeBase.PipelineTaskConnections,
    dimensions=("instrument", "physical_filter", "detector"),
    defaultTemplates={"earlier": "1", "solution": "2"},
):
    """Connections of `CpSkyJointStackTask`; templates number the solution known and the one before it."""

    inputExps = cT.Input(
        name="cpSkyIsrExp",
        doc="All exposures of one detector after instrument signature removal.",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    noise = cT.Input(
        name="cpSkyJointNoise",
        doc="Geometry of the detector and noise of each exposure, by amplifier.",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    masks = cT.Input(
        name="cpSkyJointMask{earlier}",
        doc="Mask of each exposure, with sure objects and defects.",
        storageClass="Mask",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    skies = cT.Input(
        name="cpSkyJointSkies{solution}",
        doc="Sky of each exposure, as polynomials over the focal plane (units of the exposures).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    pattern = cT.Input(
        name="cpSkyJointPattern{solution}",
        doc="Pattern of the detector in bins (fraction of the sky).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter", "detector"),
    )
    wings = cT.Input(
        name="cpSkyJointWings{earlier}",
        doc="Whether to search for objects that stay in place.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    outputStatic = cT.Output(
        name="cpSkyJointStatic{earlier}",
        doc="Mask of objects that stay in place (DETECTED); written only if they are searched for.",
        storageClass="Mask",
        dimensions=("instrument", "physical_filter", "detector"),
    )


class CpSkyJointStackConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyJointStackConnections):
    """Configuration of `CpSkyJointStackTask`."""

    detect = pexConfig.ConfigField[DetectConfig](doc="Parameters of the detection of objects.")
    wings = pexConfig.ConfigField[WingConfig](
        doc="Parameters of the wings: classes of objects by size, and rings around them."
    )
    static = pexConfig.ConfigField[StaticConfig](
        doc="Parameters of objects that stay in place: how the stack is searched."
    )
    pattern = pexConfig.ConfigField[PatternConfig](
        doc="Parameters of the pattern: which wavelet coefficients of the stack are noise."
    )


class CpSkyJointStackTask(AnnotatedTask):
    """Find objects that stay in place while the telescope is not moved."""

    ConfigClass = CpSkyJointStackConfig
    _DefaultName = "cpSkyJointStack"
    config: CpSkyJointStackConfig

    def run(
        self,
        inputExps: Sequence[Handle],
        noise: Sequence[Handle],
        masks: Sequence[Handle],
        skies: Table,
        pattern: Table,
        wings: Table,
    ) -> pipeBase.Struct:
        """Stack the residuals of all exposures of a detector, and find objects on the stack.

        Parameters
        ----------
        inputExps, noise, masks : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of exposures, of their noise and of their masks, in any order; an exposure that
            lacks one of them is left out. One exposure is in memory at a time.
        skies, pattern : `astropy.table.Table`
            Skies of all exposures and pattern of this detector, from a solve.
        wings : `astropy.table.Table`
            Recurrence of objects, from `CpSkyJointPoolTask`.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attribute

            ``outputStatic``
                Plane DETECTED (`lsst.afw.image.Mask`).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if objects do not recur, so that there is nothing to find, or if there is no exposure.
        lsst.cp.sky.CpSkyError
            Raised if not one exposure can be used; the error is that of the last.
        """
        met, search = read_recurrence(wings)
        if not search:
            raise pipeBase.NoWorkFound(f"Objects meet {met:.2f} times as often as by chance: none stays.")
        by_exposure = [{place_of(h)[0]: h for h in handles or ()} for handles in (inputExps, noise, masks)]
        exposures = sorted(set.intersection(*(set(handles) for handles in by_exposure)))
        if not exposures:
            raise pipeBase.NoWorkFound("There is no exposure to stack.")
        handle, first = next(loadEach((by_exposure[1][exposure] for exposure in exposures), self.log))
        early = Preliminaries.from_dict(first, names_of(handle))
        stack, error = ResidualStack(early.geometry.shape), None
        for exposure in exposures:
            one, note, mask = (handles[exposure] for handles in by_exposure)
            try:
                known = KnownExposure.load(one, load(note), skies, pattern)
                _add(stack, early.geometry, known, load(mask))
            except pipeBase.NoWorkFound as reason:
                self.log.info("%s", reason)
            except CpSkyError as problem:
                self.log.error("%s Left out.", problem)
                error = problem
        if error is not None and not stack.count:
            raise error
        found = search_stack(stack, early.geometry.grid(early.sizes), parameters_of(self.config))
        self.log.info("%.1f %% of the pixels hold objects that stay in place.", 100 * found.mean())
        self.metadata["exposures"] = stack.count
        self.metadata["staticFraction"] = float(found.mean())
        return pipeBase.Struct(outputStatic=make_mask(early.geometry, {"DETECTED": found}))


def _add(stack: ResidualStack, geometry: Geometry, known: KnownExposure, planes: MaskX) -> None:
    """Add an exposure to the stack, which has to be of the size of the others, and its mask, too."""
    require_shape(known.image.shape, geometry, known.names, "image")
    require_shape(planes.array.shape, geometry, known.names, "mask")
    residual = known.residual()
    use = known.good & ~mask_plane(planes, "SUSPECT")
    stack.add(residual.values, use, mask_plane(planes, "DETECTED"), residual.contrast)
