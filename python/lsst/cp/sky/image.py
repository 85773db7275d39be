# SPDX-License-Identifier: GPL-3.0-or-later
"""Step one: measure the sky of one detector in one exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.afw.cameraGeom import Camera
from lsst.pipe.tasks.background import FocalPlaneBackgroundConfig, MaskObjectsTask

from ._legacy import LegacyTaskMethods
from ._masker import adaptBins, isStock, maskNotFinite, maskObjects, requireMaskable, warnOfSize
from ._model import TypedModel, checkNumber, sums
from ._naming import identify, phrase
from ._quantum import AnnotatedTask
from ._settings import checkBetween, checkMasker, checkModel, checkPlanes, refuse
from ._undo import undoneOnError
from ._validation import allMasked, requireDetector, requireFloat, requireOnModel, requireType
from .errors import InvalidScaleError

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF

    from ._protocols import Names

__all__ = ("CpSkyImageConfig", "CpSkyImageConnections", "CpSkyImageTask")

#: Maximum number of superpixels: ten times that of the largest cameras with superpixels of 100 pixels.
_MAX_SUPERPIXELS = 10_000_000


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
        doc="Camera geometry, which gives the position of the detector in the focal plane.",
        storageClass="Camera",
        dimensions=("instrument",),
        isCalibration=True,
    )
    maskedExp = cT.Output(
        name="cpSkyMaskedIsrExp",
        doc="Exposure of one detector with its objects masked and replaced.",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
    )
    maskedBkg = cT.Output(
        name="cpSkyDetectorBackground",
        doc="Share of one detector in the focal-plane model of the sky.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure", "detector"),
    )


class CpSkyImageConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyImageConnections):
    """Configuration of `CpSkyImageTask`."""

    maskTask: pexConfig.ConfigurableField = pexConfig.ConfigurableField(
        target=MaskObjectsTask,
        doc="Subtask that detects objects, masks them and replaces them with sky.",
    )
    maskThresh = pexConfig.Field[float](
        default=3.0,
        doc="Detection threshold (standard deviations). Ignored by MaskObjectsTask, which has its own.",
    )
    maskList = pexConfig.ListField[str](
        default=["DETECTED", "BAD", "NO_DATA", "SAT"],
        doc="Mask planes whose pixels are replaced along with the objects.",
    )
    largeScaleBackground: pexConfig.ConfigField = pexConfig.ConfigField(
        dtype=FocalPlaneBackgroundConfig,
        doc="Focal-plane model of the sky; xSize, ySize (size of a superpixel) and pixelSize are in mm.",
    )
    maskNotFinite = pexConfig.Field[bool](
        default=False,
        doc="Mask pixels that are NaN or infinite but not masked (as NO_DATA) and proceed? Otherwise a "
        "single one spoils a bin of the masker's background. Requires NO_DATA in maskList.",
    )
    excludeReplaced = pexConfig.Field[bool](
        default=False,
        doc="Exclude the pixels of objects, which the masker replaces with a smooth model, from all "
        "statistics of the sky? They then stay DETECTED in the mask. Requires a maskTask that works like "
        "MaskObjectsTask.",
    )
    adaptMaskBins = pexConfig.Field[bool](
        default=False,
        doc="Reduce the bins of the masker's backgrounds (binSize of subtractBackground and interpolate, in "
        "pixels) on detectors with fewer than 4 and 8 of them, respectively, along a side?",
    )

    def validate(self) -> None:
        """Check everything that can be checked without data.

        Raises
        ------
        lsst.pex.config.FieldValidationError
            Raised if a size is not positive, or fields contradict each other.
        """
        super().validate()
        checkModel(self.largeScaleBackground)
        stock = isinstance(self.maskTask.value, MaskObjectsTask.ConfigClass)
        if stock:
            checkMasker(self.maskTask.value)
        for field in ("excludeReplaced", "adaptMaskBins"):
            if getattr(self, field) and not stock:
                refuse(self, field, "it needs a maskTask that works like MaskObjectsTask.")
        if self.maskNotFinite and "NO_DATA" not in self.maskList:
            refuse(
                self, "maskNotFinite", "it needs NO_DATA in maskList, or the pixels would keep their values."
            )


class CpSkyImageTask(LegacyTaskMethods, AnnotatedTask):
    """Mask the objects of one detector in one exposure, and measure its share of the focal-plane model."""

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
            Exposure of one detector after instrument signature removal; it must have a detector. Modified:
            its objects are masked and, if so configured, replaced with sky. The same object is returned as
            ``maskedExp``. If this method raises, nothing is modified: inputs and configuration are checked
            before any pixel is touched, and changes by a masker that fails are undone.
        camera : `lsst.afw.cameraGeom.Camera`
            Camera whose focal plane the model covers. Not modified.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``maskedExp``
                ``inputExp`` with its objects masked (`lsst.afw.image.Exposure`).
            ``maskedBkg``
                This detector's share: a model of the focal plane that contains only its pixels
                (`lsst.pipe.tasks.background.FocalPlaneBackground`).

        Raises
        ------
        lsst.cp.sky.PixelTypeError
            Raised if the pixels are not float32.
        lsst.cp.sky.MissingDetectorError
            Raised if the exposure has no detector.
        lsst.cp.sky.DetectorOffModelError
            Raised if the detector lies outside the camera's focal plane.
        lsst.cp.sky.MismatchedInputsError
            Raised if the pixel size is not the one configured for the model.
        lsst.cp.sky.MaskingError
            Raised if objects cannot be masked: the image is smaller than the smoothing kernel, its variance
            is zero, or no sky is left.
        lsst.cp.sky.InvalidScaleError
            Raised if the sky of a superpixel sums to more than float32 can hold.
        lsst.pex.config.FieldValidationError
            Raised if the configuration is invalid: a mask plane that the exposure does not have, a style that
            does not interpolate, a number that is NaN or out of range, or too many superpixels.
        OSError
            Raised if there is no room for a temporary copy of image and mask.

        Notes
        -----
        A detector whose every pixel is in ``maskList`` is passed through unchanged, with a warning: it does
        not contribute to the model, whose superpixels other detectors may still fill.

        The task's metadata record ``replacedFraction`` (of the pixels), ``notFinitePixels`` (masked by
        ``maskNotFinite``) and ``coveredSuperpixels`` (with any pixel of this detector).
        """
        requireFloat(inputExp)
        requireType(camera, Camera, "camera")
        names = identify(inputExp)
        model = self._makeModel(inputExp, camera)
        with undoneOnError(inputExp):
            replaced = self._mask(inputExp, names)
            model.addCcd(inputExp)
            _requireFinite(model, names)
        model.physicalType = requireDetector(inputExp).getPhysicalType()
        self._report(replaced, int(np.count_nonzero(sums(model)[1].array)), names)
        return pipeBase.Struct(maskedExp=inputExp, maskedBkg=model)

    def _makeModel(self, exposure: ExposureF, camera: Camera) -> TypedModel:
        """Return an empty model that contains the position of an exposure."""
        config = self.config.largeScaleBackground
        requireDetector(exposure)
        checkModel(config)
        count = checkNumber(config, camera)
        if config.doSmooth:
            checkBetween(config, "smoothScale", 0, max(count, 1) ** 0.5, openLow=True)
        checkPlanes(config, "mask", exposure.getMask())
        checkPlanes(self.config, "maskList", exposure.getMask())
        model = cast(TypedModel, TypedModel.fromCamera(config, camera))
        requireOnModel(exposure, model, self.log)
        return model

    def _mask(self, exposure: ExposureF, names: Names) -> float:
        """Mask and replace objects; return the fraction of pixels replaced."""
        planes = list(self.config.maskList)
        nothingLeft = allMasked(exposure.getMask(), planes)
        if not nothingLeft:
            masker = self._chooseMasker(exposure, names)
            if self.config.maskNotFinite:
                self._maskNotFinite(exposure, names)
                nothingLeft = allMasked(exposure.getMask(), planes)
        if nothingLeft:
            self.log.warning(
                "All pixels of %s are masked (%s); it is passed on as it is and contributes nothing to "
                "the model of the sky.",
                phrase(names),
                ", ".join(planes),
            )
            return 0.0
        return maskObjects(masker, exposure, planes, names, keepObjects=self.config.excludeReplaced)

    def _chooseMasker(self, exposure: ExposureF, names: Names) -> pipeBase.Task:
        """Return a masker that suits the exposure, after checking the exposure."""
        masker: pipeBase.Task = self.maskTask
        if isinstance(masker, MaskObjectsTask):
            width, height = exposure.getWidth(), exposure.getHeight()
            if self.config.adaptMaskBins:
                masker = adaptBins(masker, width, height)
            warnOfSize(masker, width, height, names, self.log)
            requireMaskable(masker, exposure, names)
        if self.config.excludeReplaced and not isStock(masker):
            refuse(self.config, "excludeReplaced", "it needs a maskTask that works like MaskObjectsTask.")
        return masker

    def _maskNotFinite(self, exposure: ExposureF, names: Names) -> None:
        """Set NO_DATA on all non-finite pixels, masked or not."""
        count = maskNotFinite(exposure)
        self.metadata["notFinitePixels"] = count
        if count:
            self.log.warning(
                "%d pixels of %s are not finite; they are masked (NO_DATA).", count, phrase(names)
            )

    def _report(self, replaced: float, superpixels: int, names: Names) -> None:
        """Log and record a summary of what was done."""
        self.metadata["replacedFraction"] = replaced
        self.metadata["coveredSuperpixels"] = superpixels
        self.log.info(
            "Masked %s: %.1f %% of the pixels replaced, %d superpixels measured.",
            phrase(names),
            100 * replaced,
            superpixels,
        )


def _requireFinite(model: TypedModel, names: Names) -> None:
    """Check that the sums of a model fit into float32."""
    if not np.isfinite(sums(model)[0].array).all():
        raise InvalidScaleError(
            f"The sky of {phrase(names)} sums to more than float32 can hold. Look for unmasked saturated or "
            "corrupted pixels, or leave this exposure out.",
            **names,
        )
