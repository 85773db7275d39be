# SPDX-License-Identifier: GPL-3.0-or-later
"""Joint chain, each pass: the objects of an exposure, found on what its model leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from astropy.table import Table

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT

from .._checks import phrase
from ._configs import DetectConfig, WingConfig, parameters_of
from ._exposure import detect_exposure
from ._known import KnownExposure
from ._pixels import make_mask
from ._quantum import LeaveOutMixin
from ._tables import read_wings, write_objects, write_profiles
from ._wings import Wings

__all__ = ("CpSkyJointDetectConfig", "CpSkyJointDetectConnections", "CpSkyJointDetectTask")


class CpSkyJointDetectConnections(
    pipeBase.PipelineTaskConnections,
    dimensions=("instrument", "physical_filter", "exposure", "detector"),
    defaultTemplates={"solution": "1", "earlier": "0"},
):
    """Connections of `CpSkyJointDetectTask`; template ``solution`` numbers what comes from a solve."""

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
    wings = cT.Input(
        name="cpSkyJointWings{earlier}",
        doc="How far the wings of objects reached in the pass before.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )
    outputDetections = cT.Output(
        name="cpSkyJointDetections{solution}",
        doc="Sure objects (DETECTED), and pixels not to be counted before wings are masked (SUSPECT).",
        storageClass="Mask",
        dimensions=("instrument", "exposure", "detector"),
    )
    outputProfiles = cT.Output(
        name="cpSkyJointProfiles{solution}",
        doc="Sums of what is left in rings around objects, by size of the object.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "exposure", "detector"),
    )
    outputObjects = cT.Output(
        name="cpSkyJointObjects{solution}",
        doc="Coarse map of the objects.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "exposure", "detector"),
    )

    def __init__(self, *, config: CpSkyJointDetectConfig | None = None) -> None:
        super().__init__(config=config)
        if config is None or config.firstPass:
            del self.wings


class CpSkyJointDetectConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyJointDetectConnections):
    """Configuration of `CpSkyJointDetectTask`."""

    firstPass = pexConfig.Field[bool](default=True, doc="Is nothing known of wings yet?")
    detect = pexConfig.ConfigField[DetectConfig](doc="How objects are found.")
    wings = pexConfig.ConfigField[WingConfig](doc="Sizes of objects, and rings around them.")
    failOnBadData = pexConfig.Field[bool](
        default=False,
        doc="Fail where data are no good? Else the exposure does without this detector, which is logged.",
    )


class CpSkyJointDetectTask(LeaveOutMixin, pipeBase.PipelineTask):
    """Find the objects of one detector of one exposure, the pattern being known."""

    ConfigClass = CpSkyJointDetectConfig
    _DefaultName = "cpSkyJointDetect"
    config: CpSkyJointDetectConfig

    def run(
        self,
        inputExp: Any,
        noise: Mapping[str, Any],
        skies: Table,
        pattern: Table,
        wings: Table | None = None,
    ) -> pipeBase.Struct:
        """Find objects.

        Parameters
        ----------
        inputExp : `lsst.daf.butler.DeferredDatasetHandle`
            Handle of the exposure; its image and its mask are loaded. Not modified.
        noise : `dict`
            Noise of the exposure, from `CpSkyJointMedianTask`.
        skies, pattern : `astropy.table.Table`
            Skies of all exposures and pattern of this detector, from a solve.
        wings : `astropy.table.Table`, optional
            Radii of the pass before; assumed from the sizes of objects without it.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``outputDetections``
                Planes DETECTED and SUSPECT (`lsst.afw.image.Mask`).
            ``outputProfiles``
                Sums in rings around objects (`astropy.table.Table`).
            ``outputObjects``
                Coarse map of the objects (`astropy.table.Table`).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if the solve did without this exposure.
        lsst.cp.sky.MismatchedInputsError
            Raised if the exposure is not of the size that bins were made from.
        """
        parameters = parameters_of(self.config)
        known = KnownExposure.load(inputExp, noise, skies, pattern)
        radii = Wings.initial(parameters.wings) if wings is None else read_wings(wings)
        found = detect_exposure(known.residual(), radii, parameters)
        masked = float((found.mask & known.good).sum() / max(known.good.sum(), 1))
        self.log.info(
            "%s: %.1f %% of the pixels masked before wings.", phrase(known.names).capitalize(), 100 * masked
        )
        self.metadata["maskedFraction"] = masked
        return pipeBase.Struct(
            outputDetections=make_mask(known.geometry, {"DETECTED": found.objects, "SUSPECT": found.mask}),
            outputProfiles=write_profiles(found.profiles),
            outputObjects=write_objects(found.map),
        )
