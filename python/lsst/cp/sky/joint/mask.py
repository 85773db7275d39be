# SPDX-License-Identifier: GPL-3.0-or-later
"""Joint chain, each pass: find the objects on the residual of an exposure, mask them, and bin the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from astropy.table import Table

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.afw.image import MaskX

from .._naming import phrase
from .._quantum import AnnotatedTask
from .._validation import requireType
from ._configs import BinConfig, DetectConfig, WingConfig, parameters_of
from ._exposure import mask_exposure
from ._known import KnownExposure
from ._parameters import JointParameters
from ._pixels import make_mask, mask_plane, require_shape
from ._tables import read_wings, write_bins, write_objects, write_profiles
from ._wings import Wings

if TYPE_CHECKING:
    from .._protocols import Handle

__all__ = ("CpSkyJointMaskConfig", "CpSkyJointMaskConnections", "CpSkyJointMaskTask")


class CpSkyJointMaskConnections(
    pipeBase.PipelineTaskConnections,
    dimensions=("instrument", "physical_filter", "exposure", "detector"),
    defaultTemplates={"earlier": "0", "solution": "1", "next": "2"},
):
    """Connections of `CpSkyJointMaskTask`; templates number solutions: before, known, to come."""

    inputExp = cT.Input(
        name="cpSkyIsrExp",
        doc="Exposure of one detector after instrument signature removal.",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
        deferLoad=True,
    )
    noise = cT.Input(
        name="cpSkyJointNoise",
        doc="Geometry of the detector, noise of the exposure, and the sizes of bins (pixels).",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "exposure", "detector"),
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
        doc="How far the wings of objects reach (pixels), as the previous pass measured it.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    static = cT.Input(
        name="cpSkyJointStatic{earlier}",
        doc="Mask of objects that stay in place on the detector; absent if they were not searched for.",
        storageClass="Mask",
        dimensions=("instrument", "physical_filter", "detector"),
        minimum=0,
    )
    outputMask = cT.Output(
        name="cpSkyJointMask{solution}",
        doc="Mask of the exposure: sure objects (DETECTED), pixels lost to objects (SUSPECT), defects (BAD).",
        storageClass="Mask",
        dimensions=("instrument", "exposure", "detector"),
    )
    outputBins = cT.Output(
        name="cpSkyJointBins{next}",
        doc="The exposure in bins: means of the unmasked pixels (units of the exposure).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "exposure", "detector"),
    )
    outputProfiles = cT.Output(
        name="cpSkyJointProfiles{solution}",
        doc="Sums of residuals in rings around objects, by size of the object (units of the pixel noise).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "exposure", "detector"),
    )
    outputObjects = cT.Output(
        name="cpSkyJointObjects{solution}",
        doc="Coarse map of the sure objects of the exposure.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "exposure", "detector"),
    )

    def __init__(self, *, config: CpSkyJointMaskConfig | None = None) -> None:
        super().__init__(config=config)
        if config is None or config.firstPass:
            del self.wings
            del self.static


class CpSkyJointMaskConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyJointMaskConnections):
    """Configuration of `CpSkyJointMaskTask`."""

    firstPass = pexConfig.Field[bool](
        default=True,
        doc="Is this the first pass, with neither wings nor objects that stay in place known yet?",
    )
    detect = pexConfig.ConfigField[DetectConfig](doc="Parameters of the detection of objects.")
    wings = pexConfig.ConfigField[WingConfig](
        doc="Parameters of the wings: classes of objects by size, and rings around them."
    )
    bins = pexConfig.ConfigField[BinConfig](
        doc="Parameters of the bins; only clipping is used: the sizes are those of the first step."
    )
    runaway = pexConfig.RangeField(
        dtype=float,
        default=JointParameters().runaway,
        min=0.0,
        max=1.0,
        doc="If more than this fraction of the good pixels would be masked, only sure objects are.",
    )


class CpSkyJointMaskTask(AnnotatedTask):
    """Find and mask the objects of one detector of one exposure, and put the rest in bins."""

    ConfigClass = CpSkyJointMaskConfig
    _DefaultName = "cpSkyJointMask"
    config: CpSkyJointMaskConfig

    def run(
        self,
        inputExp: Handle,
        noise: Mapping[str, Any],
        skies: Table,
        pattern: Table,
        wings: Table | None = None,
        static: MaskX | None = None,
    ) -> pipeBase.Struct:
        """Find objects, mask them and make bins.

        Parameters
        ----------
        inputExp : `lsst.daf.butler.DeferredDatasetHandle`
            Handle of the exposure; its image and its mask are loaded. Not modified.
        noise : `dict`
            Geometry of the detector and noise of the exposure, from `CpSkyJointMedianTask`.
        skies, pattern : `astropy.table.Table`
            Skies of all exposures and pattern of this detector, from a solve.
        wings : `astropy.table.Table`, optional
            Radii from the previous pass; by default, they are estimated from the sizes of objects.
        static : `lsst.afw.image.Mask`, optional
            Objects that stay in place, from `CpSkyJointStackTask`. Not modified.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``outputMask``
                Planes DETECTED, SUSPECT and BAD (`lsst.afw.image.Mask`).
            ``outputBins``
                Mean, number of pixels and variance of a pixel of each bin (`astropy.table.Table`).
            ``outputProfiles``
                Sums in rings around objects (`astropy.table.Table`).
            ``outputObjects``
                Coarse map of the objects (`astropy.table.Table`).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if the exposure was not in the solve.
        lsst.cp.sky.MismatchedInputsError
            Raised if the exposure is not of the size that bins were made from.
        lsst.cp.sky.NoGoodPixelsError
            Raised if the exposure has no good pixel.
        lsst.cp.sky.UnreadableInputError
            Raised if its file is damaged.
        """
        parameters = parameters_of(self.config)
        known = KnownExposure.load(inputExp, noise, skies, pattern)
        if static is not None:
            requireType(static, MaskX, "static")
            require_shape(static.array.shape, known.geometry, known.names, "mask of what stays in place")
        found = mask_exposure(
            known.residual(),
            Wings.initial(parameters.wings)
            if wings is None
            else read_wings(wings, len(parameters.wings.classes)),
            None if static is None else mask_plane(static, "DETECTED"),
            known.site.grid,
            parameters,
        )
        masked = float((found.mask & known.good).sum() / known.good.sum())
        self._report(known, masked, found.ran_away)
        planes = {"DETECTED": found.detected.objects, "SUSPECT": found.mask, "BAD": ~known.good}
        return pipeBase.Struct(
            outputMask=make_mask(known.geometry, planes),
            outputBins=write_bins(found.bins),
            outputProfiles=write_profiles(found.detected.profiles),
            outputObjects=write_objects(found.detected.map),
        )

    def _report(self, known: KnownExposure, masked: float, ran_away: bool) -> None:
        """Log and record how much is masked."""
        who = phrase(known.names)
        self.log.info("%s: %.1f %% of the pixels masked.", who.capitalize(), 100 * masked)
        if ran_away:
            self.log.warning(
                "The mask of %s would cover more than %.0f %% of it; only sure objects are masked.",
                who,
                100 * self.config.runaway,
            )
        self.metadata["maskedFraction"] = masked
        self.metadata["ranAway"] = bool(ran_away)
