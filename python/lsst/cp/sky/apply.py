# SPDX-License-Identifier: GPL-3.0-or-later
"""Take sky frames out of science exposures, and say what that did to them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.table import Table

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.afw.cameraGeom import Camera
from lsst.afw.math import BackgroundList
from lsst.pex.exceptions import InvalidParameterError
from lsst.pipe.tasks.background import (
    FocalPlaneBackground,
    FocalPlaneBackgroundConfig,
    MaskObjectsTask,
    SkyMeasurementTask,
)

from ._masker import adaptBins, findObjects, maskNotFinite
from ._model import checkNumber
from ._naming import identify, phrase
from ._quantum import annotated
from ._reading import detectorsOf, load, readInputs
from ._settings import checkBackground, checkModel, checkPlanes
from ._sky import evaluator
from ._validation import (
    requireBinnable,
    requireDetector,
    requireFloat,
    requireOnModel,
    requireType,
    statsImage,
)
from .errors import CpSkyError, MaskingError, MismatchedInputsError, NoGoodPixelsError, UnreadableInputError
from .verify import clipped

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF, ImageF

    from ._protocols import Handle, Names
    from .verify._numbers import Clipped

__all__ = ("CpSkyApplyConfig", "CpSkyApplyConnections", "CpSkyApplyTask")

_EXPOSURE_DETECTOR = ("instrument", "exposure", "detector")


class CpSkyApplyConnections(pipeBase.PipelineTaskConnections, dimensions=("instrument", "exposure")):
    """Connections of `CpSkyApplyTask`."""

    inputExps = cT.Input(
        name="postISRCCD",
        doc="Science exposure of each detector, its sky not subtracted.",
        storageClass="Exposure",
        dimensions=_EXPOSURE_DETECTOR,
        multiple=True,
        deferLoad=True,
    )
    skyFrames = cT.PrerequisiteInput(
        name="sky",
        doc="Sky frame of each detector.",
        storageClass="ExposureF",
        dimensions=("instrument", "physical_filter", "detector"),
        isCalibration=True,
        multiple=True,
        deferLoad=True,
    )
    camera = cT.PrerequisiteInput(
        name="camera",
        doc="Camera that the sky of an exposure is modelled over.",
        storageClass="Camera",
        dimensions=("instrument",),
        isCalibration=True,
    )
    outputExps = cT.Output(
        name="cpSkyCorrectedExp",
        doc="The exposures without what their sky frames say of them.",
        storageClass="ExposureF",
        dimensions=_EXPOSURE_DETECTOR,
        multiple=True,
    )
    outputBkgs = cT.Output(
        name="cpSkyCorrection",
        doc="What was subtracted.",
        storageClass="Background",
        dimensions=_EXPOSURE_DETECTOR,
        multiple=True,
    )
    metrics = cT.Output(
        name="cpSkyCorrectionMetrics",
        doc="A row of figures per detector, before and after.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "exposure"),
    )


class CpSkyApplyConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyApplyConnections):
    """Configuration of `CpSkyApplyTask`."""

    largeScaleBackground: pexConfig.ConfigField = pexConfig.ConfigField(
        dtype=FocalPlaneBackgroundConfig,
        doc="Model of the sky over the focal plane, as the one that the sky frames were made with; xSize, "
        "ySize and pixelSize are in mm.",
    )
    sky: pexConfig.ConfigurableField = pexConfig.ConfigurableField(
        target=SkyMeasurementTask, doc="Task that measures the scale and subtracts."
    )
    doMaskObjects = pexConfig.Field[bool](
        default=True, doc="Look for objects and leave them out? Otherwise the mask is taken as it is."
    )
    maskTask: pexConfig.ConfigurableField = pexConfig.ConfigurableField(
        target=MaskObjectsTask, doc="Task that finds objects."
    )
    adaptMaskBins = pexConfig.Field[bool](
        default=False, doc="Make the bins of the masker smaller on small detectors, as in CpSkyImageTask?"
    )
    maskNotFinite = pexConfig.Field[bool](
        default=True, doc="Mask pixels that are not finite (NO_DATA), and go on without them?"
    )
    keepSky = pexConfig.Field[bool](
        default=True,
        doc="Leave the sky itself in the images, and take out only what the sky frame says of it?",
    )

    def validate(self) -> None:
        """Check what can be checked without data.

        Raises
        ------
        lsst.pex.config.FieldValidationError
            Raised if a size is not positive.
        """
        super().validate()
        checkModel(self.largeScaleBackground)


@dataclasses.dataclass(frozen=True)
class _Measured:
    """What was found of the sky of an exposure."""

    model: FocalPlaneBackground
    objects: Mapping[int, np.ndarray]
    """Pixels of objects of each detector, eight a byte."""
    sky: float
    """Level of the model: the median of its superpixels."""
    scale: float


class CpSkyApplyTask(pipeBase.PipelineTask):
    """Take the sky frames out of all detectors of an exposure, with one scale for the whole focal plane.

    The sky over the focal plane is modelled and set aside; what is left of all detectors together is compared
    with the sky frames, which gives their scale; the sky frames times this scale are subtracted. An exposure
    of all detectors does not fit into memory, so each of them is loaded three times.
    """

    ConfigClass = CpSkyApplyConfig
    _DefaultName = "cpSkyApply"
    config: CpSkyApplyConfig
    sky: SkyMeasurementTask
    maskTask: MaskObjectsTask

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.makeSubtask("sky")
        self.makeSubtask("maskTask")

    def runQuantum(
        self,
        butlerQC: pipeBase.QuantumContext,
        inputRefs: pipeBase.InputQuantizedConnection,
        outputRefs: pipeBase.OutputQuantizedConnection,
    ) -> None:
        """Measure the exposure, and store each detector as soon as it is corrected.

        Parameters
        ----------
        butlerQC : `lsst.pipe.base.QuantumContext`
            Butler restricted to this quantum.
        inputRefs : `lsst.pipe.base.InputQuantizedConnection`
            References of the inputs.
        outputRefs : `lsst.pipe.base.OutputQuantizedConnection`
            References of the outputs.
        """
        exposures, backgrounds = (
            {int(ref.dataId["detector"]): ref for ref in refs}
            for refs in (outputRefs.outputExps, outputRefs.outputBkgs)
        )

        def store(detector: int, exposure: ExposureF, background: BackgroundList) -> None:
            butlerQC.put(exposure, exposures[detector])
            butlerQC.put(background, backgrounds[detector])

        with annotated(self):
            metrics = self.correct(**readInputs(butlerQC, inputRefs, self.log), store=store)
        butlerQC.put(metrics, outputRefs.metrics)

    def run(
        self, inputExps: Sequence[Handle], skyFrames: Sequence[Handle], camera: Camera
    ) -> pipeBase.Struct:
        """Take the sky frames out of all detectors of one exposure.

        Parameters
        ----------
        inputExps : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the exposures; their data IDs name their detectors. What they load is not modified. A
            detector that cannot be read or masked is left out, with a warning.
        skyFrames : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the sky frames. A detector without one is left out, with a warning.
        camera : `lsst.afw.cameraGeom.Camera`
            Camera that spans the model.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``outputExps``
                Corrected exposures by detector (`dict` [`int`, `lsst.afw.image.ExposureF`]).
            ``outputBkgs``
                What was subtracted, by detector (`dict` [`int`, `lsst.afw.math.BackgroundList`]).
            ``metrics``
                A row per detector (`astropy.table.Table`).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there are no exposures.
        lsst.cp.sky.MismatchedInputsError
            Raised if no detector has a sky frame, or one is not of the size of its detector.
        lsst.cp.sky.NoGoodPixelsError
            Raised if nothing is left to measure the scale from.
        lsst.cp.sky.CpSkyError
            Raised if an exposure cannot be modelled, or none can be masked, see
            `lsst.cp.sky.CpSkyImageTask.run`.
        lsst.pex.config.FieldValidationError
            Raised if the configuration is invalid, see `lsst.cp.sky.CpSkyImageTask.run`.
        TypeError
            Raised if an input is not a handle whose data ID names a detector, or no camera.
        """
        exposures: dict[int, ExposureF] = {}
        backgrounds: dict[int, BackgroundList] = {}

        def store(detector: int, exposure: ExposureF, background: BackgroundList) -> None:
            exposures[detector], backgrounds[detector] = exposure, background

        metrics = self.correct(inputExps, skyFrames, camera, store)
        return pipeBase.Struct(outputExps=exposures, outputBkgs=backgrounds, metrics=metrics)

    def correct(
        self,
        inputExps: Sequence[Handle],
        skyFrames: Sequence[Handle],
        camera: Camera,
        store: Callable[[int, ExposureF, BackgroundList], None],
    ) -> Table:
        """Do what `run` does, but hand over each result as soon as it exists.

        Parameters
        ----------
        inputExps : `~collections.abc.Sequence` [`lsst.daf.butler.DeferredDatasetHandle`]
            As for `run`.
        skyFrames : `~collections.abc.Sequence` [`lsst.daf.butler.DeferredDatasetHandle`]
            As for `run`.
        camera : `lsst.afw.cameraGeom.Camera`
            As for `run`.
        store : `~collections.abc.Callable`
            Called with the number of a detector, its corrected exposure and what was subtracted from it.

        Returns
        -------
        metrics : `astropy.table.Table`
            A row per detector.

        Notes
        -----
        The task's metadata tell what was found: ``detectors`` (corrected), ``scale`` (units of the image),
        ``sky`` (level of the model), ``residualRmsBefore`` and ``residualRmsAfter`` (units of the image,
        medians over the detectors).
        """
        if not inputExps:
            raise pipeBase.NoWorkFound("There are no exposures to take a sky frame out of.")
        handles, frames = detectorsOf(inputExps), detectorsOf(skyFrames or ())
        requireType(camera, Camera, "camera")
        if missing := sorted(handles.keys() - frames.keys()):
            self.log.warning(
                "There are no sky frames for detectors %s; they are not corrected.",
                ", ".join(map(str, missing)),
            )
        chosen = {detector: handles[detector] for detector in sorted(handles.keys() & frames.keys())}
        if not chosen:
            raise MismatchedInputsError(
                "None of the detectors has a sky frame; certify sky frames of this filter for the time of "
                "the exposure, and name their collection among the inputs."
            )
        measured = self._measure(chosen, frames, camera)
        rows = []
        for detector in measured.objects:
            exposure = self._load(chosen[detector], measured.model)
            frame = self._background(load(frames[detector]), detector)
            work = self._flatten(exposure, detector, measured)
            row = {"detector": detector, "detectorName": exposure.getDetector().getName()}
            rows.append(row | self._compare(work, frame, measured.scale))
            background = BackgroundList()
            if not self.config.keepSky:
                self._subtractModel(exposure, measured.model, background)
            self.sky.subtractSkyFrame(exposure.getMaskedImage(), frame, measured.scale, background)
            store(detector, exposure, background)
        metrics = Table(rows)
        metrics["sky"] = measured.sky
        metrics["scale"] = measured.scale
        self._report(metrics, identify(exposure))
        return metrics

    def _measure(
        self, handles: Mapping[int, Handle], frames: Mapping[int, Handle], camera: Camera
    ) -> _Measured:
        """Model the sky over the focal plane, and compare what is left with the sky frames."""
        config = self.config.largeScaleBackground
        checkModel(config)
        checkNumber(config, camera)
        model = FocalPlaneBackground.fromCamera(config, camera)
        objects: dict[int, np.ndarray] = {}
        error: CpSkyError | None = None
        for detector, handle in handles.items():
            try:
                exposure = self._load(handle, model)
                self._warnOfPixels(exposure)
                objects[detector] = np.packbits(self._findObjects(exposure))
            except (MaskingError, UnreadableInputError) as problem:
                self.log.warning("%s It is not corrected; the other detectors are.", problem)
                error = problem
                continue
            _setDetected(exposure, objects[detector])
            model.addCcd(exposure)
        if error is not None and not objects:
            raise error
        samples = []
        first = _Measured(
            model, objects, float(np.nanmedian(statsImage(model, identify(exposure)).array)), math.nan
        )
        for detector in objects:
            work = self._flatten(self._load(handles[detector], model), detector, first)
            frame = self._background(load(frames[detector]), detector, work)
            samples.append(self.sky.measureScale(work.getMaskedImage(), frame))
        try:
            scale = float(self.sky.solveScales(samples))
        except RuntimeError as error:
            raise NoGoodPixelsError(
                f"The scale of the sky frames cannot be measured: {error} Check the masks of the exposure."
            ) from error
        return dataclasses.replace(first, scale=scale)

    def _load(self, handle: Handle, model: FocalPlaneBackground) -> ExposureF:
        """Load an exposure, which may be modified, and check that it suits model and configuration."""
        exposure = load(handle)
        requireFloat(exposure)
        requireDetector(exposure)
        requireOnModel(exposure, model, self.log)
        requireBinnable(exposure, model)
        checkPlanes(self.config.largeScaleBackground, "mask", exposure.getMask())
        checkBackground(self.sky.config.background, exposure.getMask())
        exposure = exposure.clone()
        if self.config.maskNotFinite:
            maskNotFinite(exposure)
        return exposure

    def _warnOfPixels(self, exposure: ExposureF) -> None:
        """Say how many pixels are not finite."""
        if count := int(np.count_nonzero(~np.isfinite(exposure.image.array))):
            self.log.warning(
                "%d pixels of %s are not finite; they are %s (NO_DATA).",
                count,
                phrase(identify(exposure)),
                "masked" if self.config.maskNotFinite else "not masked",
            )

    def _findObjects(self, exposure: ExposureF) -> np.ndarray:
        """Pixels of objects; the exposure is not changed."""
        plane = exposure.mask.getPlaneBitMask("DETECTED")
        if not self.config.doMaskObjects:
            return (exposure.mask.array & plane) != 0
        masker = self.maskTask
        if self.config.adaptMaskBins:
            masker = adaptBins(masker, exposure.getWidth(), exposure.getHeight())
        work = exposure.clone()
        findObjects(masker, work, identify(work))
        return (work.mask.array & plane) != 0

    def _flatten(self, exposure: ExposureF, detector: int, measured: _Measured) -> ExposureF:
        """Copy of an exposure with its objects masked and without its sky."""
        work = exposure.clone()
        _setDetected(work, measured.objects[detector])
        self._subtractModel(work, measured.model)
        return work

    def _subtractModel(
        self, exposure: ExposureF, model: FocalPlaneBackground, background: BackgroundList | None = None
    ) -> None:
        """Subtract the sky in place, and note it in a list of backgrounds."""
        image: ImageF = exposure.getImage()
        image -= evaluator(exposure, model, self.log)(exposure.getBBox())
        if background is not None:
            for member in model.toCcdBackground(exposure.getDetector(), exposure.getBBox()):
                background.append(member)

    def _background(
        self, frame: ExposureF, detector: int, exposure: ExposureF | None = None
    ) -> BackgroundList:
        """Sky frame as a background, which is of the size of an exposure."""
        try:
            background = self.sky.exposureToBackground(frame)
        except InvalidParameterError as error:
            raise MismatchedInputsError(
                f"The sky frame of detector {detector} is not one: {error}", detector=detector
            ) from error
        box = background[0][0].getImageBBox()
        if exposure is not None and box.getDimensions() != exposure.getBBox().getDimensions():
            raise MismatchedInputsError(
                f"The sky frame of detector {detector} is of {box.getWidth()} x {box.getHeight()} pixels, "
                f"{phrase(identify(exposure))} of {exposure.getWidth()} x {exposure.getHeight()}; use sky "
                "frames of this detector that were made with the same trimming and binning.",
                detector=detector,
            )
        return background

    def _compare(self, work: ExposureF, frame: BackgroundList, scale: float) -> dict[str, float]:
        """Cells of what is left before and after; the copy is changed."""
        before = self._cells(work)
        self.sky.subtractSkyFrame(work.getMaskedImage(), frame, scale)
        after = self._cells(work)
        return {
            "residualOffsetBefore": before.mean,
            "residualOffsetAfter": after.mean,
            "residualRmsBefore": before.rms,
            "residualRmsAfter": after.rms,
        }

    def _cells(self, exposure: ExposureF) -> Clipped:
        background = self.sky.measureBackground(exposure.getMaskedImage())
        return clipped(background[0][0].getStatsImage().image.array)

    def _report(self, metrics: Table, names: Names) -> None:
        """Say what was done."""
        before, after = (float(np.nanmedian(metrics[f"residualRms{when}"])) for when in ("Before", "After"))
        self.metadata["detectors"] = len(metrics)
        self.metadata["sky"] = float(metrics["sky"][0])
        self.metadata["scale"] = float(metrics["scale"][0])
        self.metadata["residualRmsBefore"] = before
        self.metadata["residualRmsAfter"] = after
        self.log.info(
            "Took the sky frames out of %d detectors of exposure %s: scale %g, residual %.4g before, %.4g "
            "after (rms of cells, median).",
            len(metrics),
            names.get("exposure", "?"),
            self.metadata["scale"],
            before,
            after,
        )


def _setDetected(exposure: ExposureF, objects: np.ndarray) -> None:
    """Set DETECTED on the pixels of objects, and nowhere else, in place."""
    mask = exposure.mask
    plane = mask.getPlaneBitMask("DETECTED")
    shape = mask.array.shape
    found = np.unpackbits(objects, count=shape[0] * shape[1]).reshape(shape).astype(bool)
    mask.array[found] |= plane
    mask.array[~found] &= ~plane
