# SPDX-License-Identifier: GPL-3.0-or-later
"""Step three: take the sky of the exposure away, and measure what the detector itself adds to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

import lsst.geom
import lsst.pex.config as pexConfig
import lsst.pex.exceptions
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.pipe.tasks.background import SkyMeasurementTask

from ._checks import identify, phrase, readScale, requireBinnable, requireDetector, requireOnModel
from ._legacy import LegacyTaskMethods
from ._strips import strips
from .errors import DetectorTypeError, NoGoodSuperpixelsError

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF, ImageF
    from lsst.daf.base import PropertyList
    from lsst.pipe.tasks.background import FocalPlaneBackground

__all__ = (
    "CpSkySubtractBackgroundConfig",
    "CpSkySubtractBackgroundConnections",
    "CpSkySubtractBackgroundTask",
)

#: Values whose float32 interpolation is finite whatever its style, with a few orders of magnitude to spare.
_MODERATE = 1e30


class CpSkySubtractBackgroundConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter", "exposure", "detector")
):
    """Connections of `CpSkySubtractBackgroundTask`; ``inputBkgAlternate`` exists only where configured."""

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
        if config is None or not config.includeAlternateBackground:
            del self.inputBkgAlternate


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
        doc="Use a second model for a second physical type of detectors? Set it for CpSkyScaleMeasure too.",
    )


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
        butlerQC.put(self.run(**butlerQC.get(inputRefs)), outputRefs)

    def run(
        self,
        inputExp: ExposureF,
        inputBkg: FocalPlaneBackground,
        inputScale: PropertyList,
        inputBkgAlternate: FocalPlaneBackground | None = None,
    ) -> pipeBase.Struct:
        """Subtract the sky model from ``inputExp`` and divide by the scale, *in place*; measure the rest.

        Parameters
        ----------
        inputExp : `lsst.afw.image.Exposure`
            Exposure of one detector with its objects masked; it must carry its detector. Modified: the model
            is subtracted from the image, then image and variance are divided by the scale and its square. Its
            mask and metadata stay. Where this raises one of the errors below, nothing was modified.
        inputBkg : `lsst.pipe.tasks.background.FocalPlaneBackground`
            Model of the sky of the exposure, in the units of the image. Not modified.
        inputScale : `lsst.daf.base.PropertyList`
            How bright the sky of the exposure is, in the units of the image, in key ``scale``. With
            ``includeAlternateBackground`` also keys ``detectorType``, ``detectorTypeAlternate`` and
            ``scaleAlternate`` where the exposure has detectors of two physical types. Not modified.
        inputBkgAlternate : `lsst.pipe.tasks.background.FocalPlaneBackground`, optional
            Model for detectors of type ``detectorTypeAlternate``. Not modified.

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
        lsst.cp.sky.MissingDetectorError
            Raised if the exposure has no detector.
        lsst.cp.sky.DetectorTypeError
            Raised if the detector is of a type that no model given serves.
        lsst.cp.sky.MissingScaleError
            Raised if the scale is not recorded.
        lsst.cp.sky.InvalidScaleError
            Raised if the scale is not a number, not finite, zero or negative.
        lsst.cp.sky.DetectorOffModelError
            Raised if no part of the detector lies within the model.
        lsst.cp.sky.ExposureTooSmallError
            Raised if the image is smaller than one bin of the model.
        lsst.cp.sky.NoGoodSuperpixelsError
            Raised if the model has no value for this detector.
        """
        names = identify(inputExp)
        model, scaleKey = self._chooseModel(inputExp, inputBkg, inputScale, inputBkgAlternate)
        scale = readScale(inputScale, scaleKey, names)
        evaluate = self._evaluate(inputExp, model)

        for box in strips(inputExp.getBBox()):
            strip = inputExp.getImage()[box]
            strip -= evaluate(box)
        image = inputExp.getMaskedImage()
        image /= scale
        return pipeBase.Struct(outputBkg=self.sky.measureBackground(image))

    def _chooseModel(
        self,
        exposure: ExposureF,
        main: FocalPlaneBackground,
        scale: PropertyList,
        alternate: FocalPlaneBackground | None,
    ) -> tuple[FocalPlaneBackground, str]:
        """Model that serves the detector of an exposure, and the key of the scale that goes with it."""
        detector = requireDetector(exposure)
        alternateType = scale.get("detectorTypeAlternate") if self.config.includeAlternateBackground else None
        if alternateType is None:
            return main, "scale"
        physicalType = detector.getPhysicalType()
        mainType = scale.get("detectorType")
        if physicalType == alternateType and alternate is not None:
            return alternate, "scaleAlternate"
        if physicalType != alternateType and mainType in (None, physicalType):
            return main, "scale"
        names = identify(exposure)
        problem = (
            "the model for that type was not given; pass it as inputBkgAlternate"
            if physicalType == alternateType
            else f"the models serve {mainType!r} and {alternateType!r}; leave this detector out"
        )
        raise DetectorTypeError(
            f"The physical type of {phrase(names)} is {physicalType!r}, and {problem}.",
            **names,
            physicalType=str(physicalType),
            detectorType=str(mainType),
            detectorTypeAlternate=str(alternateType),
        )

    def _evaluate(
        self, exposure: ExposureF, model: FocalPlaneBackground
    ) -> Callable[[lsst.geom.Box2I], ImageF]:
        """Function that makes the image of the model in a box of an exposure, every pixel of it finite."""
        names = identify(exposure)
        requireBinnable(exposure, model)
        if not requireOnModel(exposure, model):
            self.log.warning(
                "Part of %s lies outside of the focal-plane model, which is extended there.", phrase(names)
            )
        try:
            members = model.toCcdBackground(exposure.getDetector(), exposure.getBBox())
            [(background, interpolation, undersampling, *_)] = members
            cells = background.getStatsImage().image.array
            # Between cells of moderate values no interpolation overflows; otherwise each pixel is looked at.
            finite = (np.abs(cells) < _MODERATE).all() or np.isfinite(
                background.getImageF(interpolation, undersampling).array
            ).all()
        except (RuntimeError, lsst.pex.exceptions.Exception) as error:
            raise _noValue(names, str(error)) from error
        if not finite:
            raise _noValue(names, "it is not finite there")
        return lambda box: background.getImageF(box, interpolation, undersampling)


def _noValue(names: dict[str, Any], reason: str) -> NoGoodSuperpixelsError:
    return NoGoodSuperpixelsError(
        f"The focal-plane model has no value for {phrase(names)}: {reason}. Check how many pixels its "
        "superpixels have (largeScaleBackground.minFrac), and the masks of the exposure it was made from.",
        **names,
    )
