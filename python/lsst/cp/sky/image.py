# SPDX-License-Identifier: GPL-3.0-or-later
"""Step one: find the sky of one detector of one exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.pipe.tasks.background import FocalPlaneBackground, FocalPlaneBackgroundConfig, MaskObjectsTask

from ._checks import allMasked, identify, phrase, requireOnModel
from ._legacy import LegacyTaskMethods

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera
    from lsst.afw.image import ExposureF

__all__ = ("CpSkyImageConfig", "CpSkyImageConnections", "CpSkyImageTask")


class CpSkyImageConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter", "exposure", "detector")
):
    """Connections of `CpSkyImageTask`."""

    inputExp = cT.Input(
        name="cpSkyIsrExp",
        doc="Exposure of one detector after instrument signature removal.",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
    )
    camera = cT.PrerequisiteInput(
        name="camera",
        doc="Camera that says where the detector lies in the focal plane.",
        storageClass="Camera",
        dimensions=("instrument",),
        isCalibration=True,
    )
    maskedExp = cT.Output(
        name="cpSkyMaskedIsrExp",
        doc="The exposure with its objects masked and replaced.",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
    )
    maskedBkg = cT.Output(
        name="cpSkyDetectorBackground",
        doc="This detector's share of the focal-plane model of the sky.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure", "detector"),
    )


class CpSkyImageConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyImageConnections):
    """Configuration of `CpSkyImageTask`."""

    maskTask: pexConfig.ConfigurableField = pexConfig.ConfigurableField(
        target=MaskObjectsTask,
        doc="Task that finds objects, masks them and puts sky in their place.",
    )
    maskThresh = pexConfig.Field[float](
        default=3.0,
        doc="Detection threshold in standard deviations. Not used by MaskObjectsTask, which has its own.",
    )
    maskList = pexConfig.ListField[str](
        default=["DETECTED", "BAD", "NO_DATA", "SAT"],
        doc="Mask planes whose pixels are replaced along with the objects.",
    )
    largeScaleBackground: pexConfig.ConfigField = pexConfig.ConfigField(
        dtype=FocalPlaneBackgroundConfig,
        doc="The focal-plane model; xSize, ySize (size of a superpixel) and pixelSize are in mm.",
    )


class CpSkyImageTask(LegacyTaskMethods, pipeBase.PipelineTask):
    """Mask the objects of one detector of one exposure, and measure its share of the sky model."""

    ConfigClass = CpSkyImageConfig
    _DefaultName = "CpSkyImage"
    config: CpSkyImageConfig
    maskTask: MaskObjectsTask

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.makeSubtask("maskTask")

    def run(self, inputExp: ExposureF, camera: Camera) -> pipeBase.Struct:
        """Mask the objects of ``inputExp`` *in place* and measure its sky in superpixels of the focal plane.

        Parameters
        ----------
        inputExp : `lsst.afw.image.Exposure`
            Exposure of one detector after instrument signature removal; it must carry its detector. Modified:
            its objects are masked and, as configured, replaced by sky. This same object is returned as
            ``maskedExp``.
        camera : `lsst.afw.cameraGeom.Camera`
            Camera that spans the model. Not modified.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``maskedExp``
                ``inputExp`` with its objects masked (`lsst.afw.image.Exposure`).
            ``maskedBkg``
                Model of the whole focal plane that holds this detector's pixels only
                (`lsst.pipe.tasks.background.FocalPlaneBackground`).

        Raises
        ------
        lsst.cp.sky.MissingDetectorError
            Raised if the exposure has no detector.
        lsst.cp.sky.DetectorOffModelError
            Raised if the detector lies outside of the camera's focal plane.

        Notes
        -----
        A detector with every pixel in ``maskList`` is passed on as it is, with a warning: it takes no part in
        the model, whose superpixels other detectors may still fill.
        """
        model = FocalPlaneBackground.fromCamera(self.config.largeScaleBackground, camera)
        requireOnModel(inputExp, model)

        if allMasked(inputExp.getMask(), self.config.maskList):
            self.log.warning(
                "All pixels of %s are masked (%s); it is passed on as it is and adds nothing to the model "
                "of the sky.",
                phrase(identify(inputExp)),
                ", ".join(self.config.maskList),
            )
        else:
            self.maskTask.run(inputExp, self.config.maskList)

        model.addCcd(inputExp)
        # For the header of the safe file form (lsst.cp.sky.files); the stack's pickle does not have it.
        model.physicalType = inputExp.getDetector().getPhysicalType()  # type: ignore[attr-defined]
        return pipeBase.Struct(maskedExp=inputExp, maskedBkg=model)
