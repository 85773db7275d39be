# SPDX-License-Identifier: GPL-3.0-or-later
"""Joint chain, each pass: the mask of an exposure, and its bins without what is masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from astropy.table import Table

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.afw.image import MaskX

from .._checks import phrase
from ._configs import BinConfig, WingConfig, parameters_of
from ._exposure import bin_exposure, finish_mask
from ._known import KnownExposure
from ._parameters import JointParameters
from ._pixels import make_mask, mask_plane, require_shape
from ._quantum import LeaveOutMixin, load
from ._tables import read_wings, write_bins

__all__ = ("CpSkyJointBinConfig", "CpSkyJointBinConnections", "CpSkyJointBinTask")


class CpSkyJointBinConnections(
    pipeBase.PipelineTaskConnections,
    dimensions=("instrument", "physical_filter", "exposure", "detector"),
    defaultTemplates={"solution": "1", "next": "2"},
):
    """Connections of `CpSkyJointBinTask`; templates number the solution that is known and the one to come."""

    inputExp = cT.Input(
        name="cpSkyIsrExp",
        doc="Exposure of one detector after instrument signature removal.",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
        deferLoad=True,
    )
    noise = cT.Input(
        name="cpSkyJointNoise",
        doc="Noise of the exposure.",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "exposure", "detector"),
    )
    skies = cT.Input(
        name="cpSkyJointSkies{solution}",
        doc="Sky of each exposure.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    pattern = cT.Input(
        name="cpSkyJointPattern{solution}",
        doc="Pattern of the detector.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter", "detector"),
    )
    detections = cT.Input(
        name="cpSkyJointDetections{solution}",
        doc="What was found on the exposure.",
        storageClass="Mask",
        dimensions=("instrument", "exposure", "detector"),
    )
    wings = cT.Input(
        name="cpSkyJointWings{solution}",
        doc="How far wings reach.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    static = cT.Input(
        name="cpSkyJointStatic{solution}",
        doc="Objects that stay in place, where they were sought.",
        storageClass="Mask",
        dimensions=("instrument", "physical_filter", "detector"),
        minimum=0,
    )
    earlierMask = cT.Input(
        name="cpSkyJointMask{solution}",
        doc="Mask of the pass before, which is kept if this one runs away.",
        storageClass="Mask",
        dimensions=("instrument", "exposure", "detector"),
        minimum=0,
        deferLoad=True,
    )
    outputMask = cT.Output(
        name="cpSkyJointMask{next}",
        doc="Pixels not counted: objects and their wings (DETECTED), and defects (BAD).",
        storageClass="Mask",
        dimensions=("instrument", "exposure", "detector"),
    )
    outputBins = cT.Output(
        name="cpSkyJointBins{next}",
        doc="The exposure in bins: means of what is not masked.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "exposure", "detector"),
    )

    def __init__(self, *, config: CpSkyJointBinConfig | None = None) -> None:
        super().__init__(config=config)
        if config is None or config.firstPass:
            del self.earlierMask


class CpSkyJointBinConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyJointBinConnections):
    """Configuration of `CpSkyJointBinTask`."""

    firstPass = pexConfig.Field[bool](default=True, doc="Is there no mask of an earlier pass?")
    bins = pexConfig.ConfigField[BinConfig](doc="Clipping; sizes are those of the first step.")
    wings = pexConfig.ConfigField[WingConfig](doc="Sizes of objects.")
    runaway = pexConfig.RangeField(
        dtype=float,
        default=JointParameters().runaway,
        min=0.0,
        max=1.0,
        doc="Fraction of the good pixels masked above which the mask of the pass before is kept.",
    )
    failOnBadData = pexConfig.Field[bool](
        default=False,
        doc="Fail where data are no good? Else the exposure does without this detector, which is logged.",
    )


class CpSkyJointBinTask(LeaveOutMixin, pipeBase.PipelineTask):
    """Mask objects and their wings in one detector of one exposure, and put the rest in bins."""

    ConfigClass = CpSkyJointBinConfig
    _DefaultName = "cpSkyJointBin"
    config: CpSkyJointBinConfig

    def run(
        self,
        inputExp: Any,
        noise: Mapping[str, Any],
        skies: Table,
        pattern: Table,
        detections: MaskX,
        wings: Table,
        static: MaskX | None = None,
        earlierMask: Any | None = None,
    ) -> pipeBase.Struct:
        """Make the mask, then bins.

        Parameters
        ----------
        inputExp : `lsst.daf.butler.DeferredDatasetHandle`
            Handle of the exposure; its image and its mask are loaded. Not modified.
        noise : `dict`
            Noise of the exposure, from `CpSkyJointMedianTask`.
        skies, pattern : `astropy.table.Table`
            Skies of all exposures and pattern of this detector, from a solve.
        detections : `lsst.afw.image.Mask`
            From `CpSkyJointDetectTask`. Not modified.
        wings : `astropy.table.Table`
            From `CpSkyJointPoolTask`.
        static : `lsst.afw.image.Mask`, optional
            From `CpSkyJointStackTask`. Not modified.
        earlierMask : `lsst.daf.butler.DeferredDatasetHandle`, optional
            Handle of the mask of the pass before; loaded only if the new mask runs away.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``outputMask``
                Planes DETECTED and BAD (`lsst.afw.image.Mask`).
            ``outputBins``
                Mean, number of pixels and variance of a pixel of each bin (`astropy.table.Table`).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if the solve did without this exposure.
        lsst.cp.sky.MismatchedInputsError
            Raised if exposure or masks are not of the size that bins were made from.
        """
        parameters = parameters_of(self.config)
        known = KnownExposure.load(inputExp, noise, skies, pattern)
        for name, one in (("detections", detections), ("mask of what stays in place", static)):
            if one is not None:
                require_shape(one.array.shape, known.geometry, known.names, name)
        mask, ran_away = finish_mask(
            mask_plane(detections, "SUSPECT"),
            mask_plane(detections, "DETECTED"),
            known.good,
            read_wings(wings),
            None if static is None else mask_plane(static, "DETECTED"),
            parameters,
        )
        if ran_away:
            mask = self._keep_earlier(mask, earlierMask, known)
        bins = bin_exposure(known.residual(), mask, known.site.grid, parameters)
        masked = float((mask & known.good).sum() / known.good.sum())
        self.log.info("%s: %.1f %% of the pixels masked.", phrase(known.names).capitalize(), 100 * masked)
        self.metadata["maskedFraction"] = masked
        self.metadata["ranAway"] = bool(ran_away)
        return pipeBase.Struct(
            outputMask=make_mask(known.geometry, {"DETECTED": mask, "BAD": ~known.good}),
            outputBins=write_bins(bins),
        )

    def _keep_earlier(self, mask: np.ndarray, earlier: Any | None, known: KnownExposure) -> np.ndarray:
        """Take the mask of the pass before in place of one that ran away, and say so."""
        kept = "it is used all the same, there being no earlier one"
        if earlier is not None:
            mask, kept = mask_plane(load(earlier), "DETECTED"), "that of the pass before is kept"
        self.log.warning(
            "The mask of %s covers more than %.0f %% of its good pixels; %s.",
            phrase(known.names),
            100 * self.config.runaway,
            kept,
        )
        return mask
