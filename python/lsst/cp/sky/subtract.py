# SPDX-License-Identifier: GPL-3.0-or-later
"""Step three: subtract the sky of the exposure, and measure the residual background of the detector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.daf.base import PropertyList
from lsst.pipe.tasks.background import FocalPlaneBackground, SkyMeasurementTask

from ._alternates import addConnections, alternatesField, connectionNames
from ._legacy import LegacyTaskMethods
from ._naming import identify, phrase
from ._quantum import annotated
from ._reading import readInputs
from ._settings import checkBackground
from ._sky import Sky, chooseSky, evaluator
from ._strips import strips
from ._validation import requireFloat, requireQuotients, requireType

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF
    from lsst.afw.math import BackgroundList

__all__ = (
    "CpSkySubtractBackgroundConfig",
    "CpSkySubtractBackgroundConnections",
    "CpSkySubtractBackgroundTask",
)


class CpSkySubtractBackgroundConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter", "exposure", "detector")
):
    """Connections of `CpSkySubtractBackgroundTask`.

    ``inputBkgAlternate`` exists only if configured, as do ``inputBkgAlternate2`` and so on.
    """

    inputExp = cT.Input(
        name="cpSkyMaskedIsrExp",
        doc="Exposure of one detector with its objects masked and replaced.",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
    )
    inputBkg = cT.Input(
        name="cpSkyExpBackground",
        doc="Focal-plane model of the sky of one exposure, merged from all detectors.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure"),
    )
    inputBkgAlternate = cT.Input(
        name="cpSkyExpBackgroundAlternate",
        doc="Focal-plane model of the sky of one exposure for detectors of the second physical type; absent "
        "if the exposure has only one type.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure"),
        minimum=0,
    )
    inputScale = cT.Input(
        name="cpSkyExpScale",
        doc="Sky scale of one exposure (units of the image).",
        storageClass="PropertyList",
        dimensions=("instrument", "exposure"),
    )
    outputBkg = cT.Output(
        name="cpSkyExpResidualBackground",
        doc="Residual background of one detector after sky subtraction, as a fraction of the sky.",
        storageClass="Background",
        dimensions=("instrument", "exposure", "detector"),
    )

    def __init__(self, *, config: CpSkySubtractBackgroundConfig | None = None) -> None:
        super().__init__(config=config)
        addConnections(self, "inputBkg", config)


class CpSkySubtractBackgroundConfig(
    pipeBase.PipelineTaskConfig, pipelineConnections=CpSkySubtractBackgroundConnections
):
    """Configuration of `CpSkySubtractBackgroundTask`."""

    sky: pexConfig.ConfigurableField = pexConfig.ConfigurableField(
        target=SkyMeasurementTask,
        doc="Subtask that measures the residual background.",
    )
    includeAlternateBackground = pexConfig.Field[bool](
        default=False,
        doc="Use a separate model for each physical type of detector? Set this for CpSkyScaleMeasure, too.",
    )
    alternateModels = alternatesField()

    def validate(self) -> None:
        """Check the configuration of the residual background.

        Raises
        ------
        lsst.pex.config.FieldValidationError
            Raised if the style of ``sky`` does not interpolate.
        """
        super().validate()
        if isinstance(self.sky.value, SkyMeasurementTask.ConfigClass):
            checkBackground(self.sky.value.background)


class CpSkySubtractBackgroundTask(LegacyTaskMethods, pipeBase.PipelineTask):
    """Subtract the sky from one detector, normalise, and measure the residual background.

    The sky over the whole focal plane differs from exposure to exposure; the focal-plane model of the
    exposure removes it. The residual, divided by the sky scale, is due to the detector and its optics and is
    the same in every exposure; `CpSkyCombineTask` averages it into the sky frame.
    """

    ConfigClass = CpSkySubtractBackgroundConfig
    _DefaultName = "cpSkySubtractBkg"
    config: CpSkySubtractBackgroundConfig
    sky: SkyMeasurementTask

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.makeSubtask("sky")

    def runQuantum(
        self,
        butlerQC: pipeBase.QuantumContext,
        inputRefs: pipeBase.InputQuantizedConnection,
        outputRefs: pipeBase.OutputQuantizedConnection,
    ) -> None:
        """Load exposure, model and scale, run, and store the residual background.

        Parameters
        ----------
        butlerQC : `lsst.pipe.base.QuantumContext`
            Butler restricted to this quantum.
        inputRefs : `lsst.pipe.base.InputQuantizedConnection`
            References of the inputs.
        outputRefs : `lsst.pipe.base.OutputQuantizedConnection`
            References of the output.
        """
        with annotated(self):
            inputs = readInputs(butlerQC, inputRefs, self.log)
            names = connectionNames("inputBkg", self.config)
            if len(names) > 1:
                inputs["inputBkgAlternate"] = [inputs.pop(name, None) for name in names]
            result = self.run(**inputs)
        butlerQC.put(result, outputRefs)

    def run(
        self,
        inputExp: ExposureF,
        inputBkg: FocalPlaneBackground,
        inputScale: PropertyList,
        inputBkgAlternate: FocalPlaneBackground | Sequence[FocalPlaneBackground | None] | None = None,
    ) -> pipeBase.Struct:
        """Subtract the sky from ``inputExp`` and divide by its scale, *in place*; measure the residual.

        Parameters
        ----------
        inputExp : `lsst.afw.image.Exposure`
            Exposure of one detector with its objects masked; it must have a detector. Modified: the model is
            subtracted from the image, then the image is divided by the scale and the variance by its square.
            Mask and metadata stay. If this method raises one of the errors below, nothing is modified: all
            inputs and the configuration are checked before any pixel is touched.
        inputBkg : `lsst.pipe.tasks.background.FocalPlaneBackground`
            Focal-plane model of the exposure, in the units of the image. Not modified.
        inputScale : `lsst.daf.base.PropertyList`
            Sky scale of the exposure, in the units of the image, in key ``scale``. With
            ``includeAlternateBackground``, also the keys ``detectorType``, ``detectorTypeAlternate`` and
            ``scaleAlternate`` (then ``detectorTypeAlternate2``, ``scaleAlternate2`` and so on) if the
            exposure has detectors of several physical types. Not modified.
        inputBkgAlternate : `lsst.pipe.tasks.background.FocalPlaneBackground` or `list`, optional
            Model for detectors of type ``detectorTypeAlternate``, or the models of all alternates in order.
            Not modified.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attribute

            ``outputBkg``
                The residual background, as a fraction of the sky (`lsst.afw.math.BackgroundList` with one
                member). Cells without a good pixel are NaN in its statistics image; `CpSkyCombineTask`
                ignores them.

        Raises
        ------
        lsst.cp.sky.PixelTypeError
            Raised if the pixels are not float32.
        lsst.cp.sky.MissingDetectorError
            Raised if the exposure has no detector.
        lsst.cp.sky.DetectorTypeError
            Raised if no model is given for the detector's physical type.
        lsst.cp.sky.MissingScaleError
            Raised if the scale is not recorded.
        lsst.cp.sky.InvalidScaleError
            Raised if the scale is not a number, not finite, zero or negative, or if float32 cannot hold its
            square, by which the variance is divided, or what comes out of dividing by them.
        lsst.cp.sky.DetectorOffModelError
            Raised if no part of the detector lies within the model.
        lsst.cp.sky.MismatchedInputsError
            Raised if the model was configured for pixels of another size; where its ``pixelSize`` was left
            at its default there is a warning instead.
        lsst.cp.sky.ExposureTooSmallError
            Raised if the image is smaller than one bin of the model.
        lsst.cp.sky.NoGoodSuperpixelsError
            Raised if the model has no value for this detector.
        lsst.pex.config.FieldValidationError
            Raised if the configuration of ``sky``, or the one stored in the model, is invalid: a mask plane
            that the exposure does not have, a style that does not interpolate, a size that is not positive.

        Notes
        -----
        The task's metadata record ``scale`` (units of the image), ``residualRms`` (root mean square of the
        cells, as a fraction of the sky) and ``emptyCells`` (cells without a good pixel).
        """
        requireFloat(inputExp)
        requireType(inputBkg, FocalPlaneBackground, "inputBkg")
        if not hasattr(inputScale, "get"):
            advice = "; give outputScale of CpSkyScaleMeasureTask, or one with the key 'scale'"
            requireType(inputScale, PropertyList, "inputScale", advice)
        useAlternates = self.config.includeAlternateBackground
        sky = chooseSky(inputExp, inputBkg, inputScale, inputBkgAlternate, useAlternates=useAlternates)
        if isinstance(self.sky, SkyMeasurementTask):
            checkBackground(self.sky.config.background, inputExp.getMask())
        evaluate = evaluator(inputExp, sky.model, self.log)
        requireQuotients(inputExp, sky.scale)

        for box in strips(inputExp.getBBox()):
            strip = inputExp.getImage()[box]
            strip -= evaluate(box)
        image = inputExp.getMaskedImage()
        image /= sky.scale
        residual = self.sky.measureBackground(image)
        self._report(inputExp, sky, residual)
        return pipeBase.Struct(outputBkg=residual)

    def _report(self, exposure: ExposureF, sky: Sky, residual: BackgroundList) -> None:
        """Log and record a summary of what was done."""
        cells = residual[0][0].getStatsImage().image.array
        good = cells[np.isfinite(cells)]
        self.metadata["scale"] = sky.scale
        self.metadata["emptyCells"] = int(cells.size - good.size)
        rms = float(np.sqrt(np.mean(np.square(good, dtype=np.float64)))) if good.size else float("nan")
        self.metadata["residualRms"] = rms
        self.log.info(
            "Subtracted the sky of %s: scale %g, residual background %.4g of the sky (rms), "
            "%d of %d cells empty.",
            phrase(identify(exposure)),
            sky.scale,
            rms,
            cells.size - good.size,
            cells.size,
        )
