# SPDX-License-Identifier: GPL-3.0-or-later
"""Step three: take the sky of the exposure away, and measure what the detector itself adds to it."""

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

    ``inputBkgAlternate`` exists only where configured, and ``inputBkgAlternate2`` and so on like it.
    """

    inputExp = cT.Input(
        name="cpSkyMaskedIsrExp",
        doc="Exposure of one detector with its objects masked and replaced.",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
    )
    inputBkg = cT.Input(
        name="cpSkyExpBackground",
        doc="Model of the sky of the exposure over the whole focal plane.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure"),
    )
    inputBkgAlternate = cT.Input(
        name="cpSkyExpBackgroundAlternate",
        doc="The same for detectors of the second physical type; absent where an exposure has only one type.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure"),
        minimum=0,
    )
    inputScale = cT.Input(
        name="cpSkyExpScale",
        doc="How bright the sky of the exposure is.",
        storageClass="PropertyList",
        dimensions=("instrument", "exposure"),
    )
    outputBkg = cT.Output(
        name="cpSkyExpResidualBackground",
        doc="What is left without the sky of the exposure, in units of that sky.",
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
        doc="Task that measures the background that is left.",
    )
    includeAlternateBackground = pexConfig.Field[bool](
        default=False,
        doc="Use a model of its own for each physical type of detectors? Set it for CpSkyScaleMeasure too.",
    )
    alternateModels = alternatesField()

    def validate(self) -> None:
        """Check how backgrounds are measured.

        Raises
        ------
        lsst.pex.config.FieldValidationError
            Raised if the interpolation of ``sky`` is none.
        """
        super().validate()
        if isinstance(self.sky.value, SkyMeasurementTask.ConfigClass):
            checkBackground(self.sky.value.background)


class CpSkySubtractBackgroundTask(LegacyTaskMethods, pipeBase.PipelineTask):
    """Subtract the sky of the exposure from one detector, normalise, and measure the background that remains.

    What the sky does over the whole focal plane differs from exposure to exposure, and the model of the
    exposure takes it away. What remains, divided by how bright the sky was, belongs to the detector and its
    optics and is the same in every exposure; `CpSkyCombineTask` averages it into the sky frame.
    """

    ConfigClass = CpSkySubtractBackgroundConfig
    _DefaultName = "cpSkySubtractBkg"
    config: CpSkySubtractBackgroundConfig
    sky: SkyMeasurementTask

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.makeSubtask("sky")

    def runQuantum(self, butlerQC: Any, inputRefs: Any, outputRefs: Any) -> None:
        """Load exposure, model and scale, run, and store the background that remains.

        Parameters
        ----------
        butlerQC : `lsst.pipe.base.QuantumContext`
            Butler restricted to this quantum.
        inputRefs : `lsst.pipe.base.InputQuantizedConnection`
            References of the inputs.
        outputRefs : `lsst.pipe.base.OutputQuantizedConnection`
            References of the output.
        """
        inputs = butlerQC.get(inputRefs)
        names = connectionNames("inputBkg", self.config)
        if len(names) > 1:
            inputs["inputBkgAlternate"] = [inputs.pop(name, None) for name in names]
        with annotated(self):
            result = self.run(**inputs)
        butlerQC.put(result, outputRefs)

    def run(
        self,
        inputExp: ExposureF,
        inputBkg: FocalPlaneBackground,
        inputScale: PropertyList,
        inputBkgAlternate: FocalPlaneBackground | Sequence[FocalPlaneBackground | None] | None = None,
    ) -> pipeBase.Struct:
        """Subtract the sky model from ``inputExp`` and divide by the scale, *in place*; measure the rest.

        Parameters
        ----------
        inputExp : `lsst.afw.image.Exposure`
            Exposure of one detector with its objects masked; it must carry its detector. Modified: the model
            is subtracted from the image, then image and variance are divided by the scale and its square. Its
            mask and metadata stay. Where this raises one of the errors below, nothing was modified: all
            inputs and the configuration are looked at before the first pixel is touched.
        inputBkg : `lsst.pipe.tasks.background.FocalPlaneBackground`
            Model of the sky of the exposure, in the units of the image. Not modified.
        inputScale : `lsst.daf.base.PropertyList`
            How bright the sky of the exposure is, in the units of the image, in key ``scale``. With
            ``includeAlternateBackground`` also keys ``detectorType``, ``detectorTypeAlternate`` and
            ``scaleAlternate`` (then ``detectorTypeAlternate2``, ``scaleAlternate2`` and so on) where the
            exposure has detectors of several physical types. Not modified.
        inputBkgAlternate : `lsst.pipe.tasks.background.FocalPlaneBackground` or `list`, optional
            Model for detectors of type ``detectorTypeAlternate``, or those of all alternates in their order.
            Not modified.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attribute

            ``outputBkg``
                Background of what remains, in units of the sky (`lsst.afw.math.BackgroundList` of one
                member). Cells without a good pixel are NaN in its statistics image; `CpSkyCombineTask` leaves
                them out.

        Raises
        ------
        lsst.cp.sky.PixelTypeError
            Raised if the pixels are not float32.
        lsst.cp.sky.MissingDetectorError
            Raised if the exposure has no detector.
        lsst.cp.sky.DetectorTypeError
            Raised if the detector is of a type that no model given serves.
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
            Raised if the configuration of ``sky``, or the one that the model carries, cannot be used: a mask
            plane that the exposure does not have, an interpolation that is none, a size that is not positive.

        Notes
        -----
        The task's metadata tell what was done: ``scale`` (units of the image), ``residualRms`` (root mean
        square of the cells, in units of the sky) and ``emptyCells`` (cells without a good pixel).
        """
        requireFloat(inputExp)
        requireType(inputBkg, FocalPlaneBackground, "inputBkg")
        if not hasattr(inputScale, "get"):
            requireType(inputScale, PropertyList, "inputScale")
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
        """Say what was done."""
        cells = residual[0][0].getStatsImage().image.array
        good = cells[np.isfinite(cells)]
        self.metadata["scale"] = sky.scale
        self.metadata["emptyCells"] = int(cells.size - good.size)
        rms = float(np.sqrt(np.mean(np.square(good, dtype=np.float64)))) if good.size else float("nan")
        self.metadata["residualRms"] = rms
        self.log.info(
            "Took the sky of %s away: scale %g, residual background %.4g of the sky (rms), "
            "%d of %d cells empty.",
            phrase(identify(exposure)),
            sky.scale,
            rms,
            cells.size - good.size,
            cells.size,
        )
