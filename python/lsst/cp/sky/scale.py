# SPDX-License-Identifier: GPL-3.0-or-later
"""Step two: merge the detectors of an exposure and measure the scale of its sky."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.daf.base import PropertyList
from lsst.pipe.tasks.background import FocalPlaneBackground

from ._alternates import addConnections, alternatesField, connectionNames, scaleKeys
from ._inputs import minInputsField, requireEnough
from ._legacy import LegacyTaskMethods
from ._levels import Level, median_level, weighted_level
from ._model import TypedModel, covered, difference, sums
from ._naming import phrase, plain
from ._quantum import annotated
from ._reading import readInputs
from ._settings import checkModel
from ._validation import checkScale, requireLevels, requireType, statsImage
from .errors import (
    DetectorOffModelError,
    DetectorTypeError,
    MismatchedInputsError,
    NoGoodSuperpixelsError,
    TooFewInputsError,
)

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera

    from ._protocols import Names

__all__ = ("CpSkyScaleMeasureConfig", "CpSkyScaleMeasureConnections", "CpSkyScaleMeasureTask")


class CpSkyScaleMeasureConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter", "exposure")
):
    """Connections of `CpSkyScaleMeasureTask`.

    ``camera`` and ``outputBkgAlternate`` exist only if configured, as do ``outputBkgAlternate2`` and so on.
    """

    camera = cT.PrerequisiteInput(
        name="camera",
        doc="Camera geometry, which gives the physical type of each detector.",
        storageClass="Camera",
        dimensions=("instrument",),
        isCalibration=True,
    )
    inputBkgs = cT.Input(
        name="cpSkyDetectorBackground",
        doc="Share of each detector in the focal-plane model of the sky.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
    )
    outputBkg = cT.Output(
        name="cpSkyExpBackground",
        doc="Focal-plane model of the sky of one exposure, merged from all detectors.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure"),
    )
    outputBkgAlternate = cT.Output(
        name="cpSkyExpBackgroundAlternate",
        doc="Focal-plane model of the sky of one exposure, merged from the detectors of the second physical "
        "type.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure"),
    )
    outputScale = cT.Output(
        name="cpSkyExpScale",
        doc="Sky scale of one exposure (units of the image).",
        storageClass="PropertyList",
        dimensions=("instrument", "exposure"),
    )

    def __init__(self, *, config: CpSkyScaleMeasureConfig | None = None) -> None:
        super().__init__(config=config)
        if config is None or not config.includeAlternateBackground:
            del self.camera
        addConnections(self, "outputBkg", config)


class CpSkyScaleMeasureConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyScaleMeasureConnections):
    """Configuration of `CpSkyScaleMeasureTask`."""

    includeAlternateBackground = pexConfig.Field[bool](
        default=False,
        doc="Make a separate model for each physical type of detector? Set this for CpSkySubtractBackground, "
        "too.",
    )
    alternateModels = alternatesField()
    scaleStatistic = pexConfig.ChoiceField[str](
        default="MEDIAN",
        doc="Statistic used to measure the sky scale.",
        allowed={
            "MEDIAN": "median of all superpixels of the model, including those that were filled in",
            "WEIGHTED": "median of the superpixels with enough good pixels, weighted by their number, with "
            "an uncertainty in key scaleUncertainty",
        },
    )
    minInputs = minInputsField("detectors")
    requiredDetectors = pexConfig.ListField[int](
        default=[],
        doc="Numbers of the detectors that must be present; by default any may be missing.",
    )


class CpSkyScaleMeasureTask(LegacyTaskMethods, pipeBase.PipelineTask):
    """Merge the detectors' shares of the focal-plane model of one exposure, and measure its sky scale."""

    ConfigClass = CpSkyScaleMeasureConfig
    _DefaultName = "cpSkyScaleMeasure"
    config: CpSkyScaleMeasureConfig

    def runQuantum(
        self,
        butlerQC: pipeBase.QuantumContext,
        inputRefs: pipeBase.InputQuantizedConnection,
        outputRefs: pipeBase.OutputQuantizedConnection,
    ) -> None:
        """Load the models with their data IDs, run, and store the results.

        Parameters
        ----------
        butlerQC : `lsst.pipe.base.QuantumContext`
            Butler restricted to this quantum.
        inputRefs : `lsst.pipe.base.InputQuantizedConnection`
            References of the inputs.
        outputRefs : `lsst.pipe.base.OutputQuantizedConnection`
            References of the outputs.
        """
        with annotated(self):
            inputs = readInputs(butlerQC, inputRefs, self.log, several=["inputBkgs"])
            dims = [dict(ref.dataId.required) for ref in inputRefs.inputBkgs]
            # Sums in float32 depend on their order; sorting makes the order of the references irrelevant.
            order = sorted(range(len(dims)), key=lambda position: dims[position]["detector"])
            inputs["inputBkgs"] = [inputs["inputBkgs"][position] for position in order]
            inputs["inputDims"] = [dims[position] for position in order]
            result = self.run(**inputs)
        butlerQC.put(result, outputRefs)

    def run(
        self,
        inputBkgs: Sequence[FocalPlaneBackground],
        camera: Camera | None = None,
        inputDims: Sequence[Names] | None = None,
    ) -> pipeBase.Struct:
        """Merge focal-plane models and measure the sky scale, by default the median of the superpixels.

        Parameters
        ----------
        inputBkgs : `list` [`lsst.pipe.tasks.background.FocalPlaneBackground`]
            One model per detector, all with the same geometry. Not modified. Detectors may be missing, within
            ``minInputs`` and ``requiredDetectors``.
        camera : `lsst.afw.cameraGeom.Camera`, optional
            Camera that gives the physical type of each detector; required for alternate models.
        inputDims : `list` [`dict`], optional
            Data ID of each model, in the same order; required for alternate models and ``requiredDetectors``,
            and used in error messages.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``outputBkg``
                The merged model (`lsst.pipe.tasks.background.FocalPlaneBackground`). With
                ``includeAlternateBackground``, that of the first physical type in alphabetical order.
            ``outputBkgAlternate``
                The model of the second type, or `None` if there is none. Further configured models are in
                ``outputBkgAlternate2`` and so on.
            ``outputScale``
                The sky scale in key ``scale`` (`lsst.daf.base.PropertyList`), with ``scaleUncertainty`` if
                ``scaleStatistic`` provides it. If there is a second type, also ``detectorType``,
                ``detectorTypeAlternate`` and ``scaleAlternate``; the last two get a number for each further
                type.

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there are no models.
        lsst.cp.sky.TooFewInputsError
            Raised if there are fewer models than ``minInputs``, or a required detector has none.
        lsst.cp.sky.MismatchedInputsError
            Raised if the models differ in geometry or configuration.
        lsst.cp.sky.DetectorTypeError
            Raised if there are more physical types than configured models.
        lsst.cp.sky.DetectorOffModelError
            Raised if the camera lacks one of the detectors.
        lsst.cp.sky.NoGoodSuperpixelsError
            Raised if no superpixel of a merged model has enough pixels.
        lsst.cp.sky.InvalidScaleError
            Raised if the scale or a superpixel is not finite, or too large or small for division in float32,
            or if the scale is not positive.
        lsst.pex.config.FieldValidationError
            Raised if the configuration stored in the models is invalid.
        ValueError
            Raised if an alternate model is requested without ``camera`` and ``inputDims``, or if there is not
            one data ID per model.

        Notes
        -----
        The task's metadata record ``inputs`` (models), ``superpixels`` and ``goodSuperpixels`` (all
        superpixels of the main model, and those with enough good pixels) and ``scale`` (units of the image).
        """
        inputBkgs = list(inputBkgs or ())
        if not inputBkgs:
            raise pipeBase.NoWorkFound("There are no focal-plane models to merge for this exposure.")
        for position, model in enumerate(inputBkgs):
            requireType(model, FocalPlaneBackground, f"inputBkgs[{position}]")
        if inputDims is not None and len(inputDims) != len(inputBkgs):
            raise ValueError(
                f"Received {len(inputBkgs)} models but {len(inputDims)} data IDs; pass one for each."
            )
        names = _exposureNames(inputDims)
        self._requireInputs(len(inputBkgs), inputDims, names)
        groups = self._groupByType(len(inputBkgs), camera, inputDims, names)
        checkModel(inputBkgs[0].config)
        _requireAlike(inputBkgs, inputDims)

        models, levels = {}, {}
        for detectorType, members in groups.items():
            model = _merge([inputBkgs[i] for i in members], detectorType)
            levels[detectorType] = self._measure(model, names)
            models[detectorType] = model
        scales = _record(levels)
        main, *others = models.values()
        self._report(main, scales.get("scale"), len(inputBkgs), names)
        outputNames = connectionNames("outputBkg", self.config) or ["outputBkgAlternate"]
        return pipeBase.Struct(
            outputBkg=main,
            outputScale=scales,
            **dict(itertools.zip_longest(outputNames, others)),
        )

    def _requireInputs(self, count: int, inputDims: Sequence[Names] | None, names: Names) -> None:
        """Check that no more detectors are missing than allowed."""
        requireEnough(count, self.config.minInputs, f"detectors of {phrase(names)}", names)
        if not self.config.requiredDetectors:
            return
        if inputDims is None:
            raise ValueError(
                "With requiredDetectors, run needs inputDims to know which detectors are present."
            )
        present = {dataId["detector"] for dataId in inputDims}
        if missing := sorted(set(self.config.requiredDetectors) - present):
            raise TooFewInputsError(
                f"Detectors {', '.join(map(str, missing))} of {phrase(names)} are required "
                "(requiredDetectors) but have no model of the sky; find out why cpSkyImage failed for them, "
                "or leave the exposure out.",
                **names,
                missing={str(i): detector for i, detector in enumerate(missing)},
            )

    def _measure(self, model: TypedModel, names: Names) -> Level:
        """Return the level of a merged model, after checking that it is a valid divisor."""
        label = f" ({model.physicalType})" if model.physicalType is not None else ""
        pixels = statsImage(model, names, label)
        requireLevels(pixels, names, label)
        if self.config.scaleStatistic == "MEDIAN":
            level = median_level(pixels.array)
        else:
            good = covered(model)
            if not good.any():
                raise NoGoodSuperpixelsError(
                    f"No superpixel of the focal-plane model{label} of {phrase(names)} has a good pixel of "
                    "its own to measure the scale from; check the masks of the inputs.",
                    **names,
                )
            level = weighted_level(pixels.array[good], sums(model)[1].array[good])
        checkScale(level.value, "scale", names)
        return level

    def _report(self, model: TypedModel, scale: float, count: int, names: Names) -> None:
        """Log and record a summary of what was done."""
        good = covered(model)
        self.metadata["inputs"] = count
        self.metadata["superpixels"] = good.size
        self.metadata["goodSuperpixels"] = int(good.sum())
        self.metadata["scale"] = scale
        self.log.info(
            "Merged %d detectors of %s: %d of %d superpixels are good, scale %g.",
            count,
            phrase(names),
            good.sum(),
            good.size,
            scale,
        )

    def _groupByType(
        self,
        count: int,
        camera: Camera | None,
        inputDims: Sequence[Names] | None,
        names: Names,
    ) -> dict[str | None, list[int]]:
        """Return the indices of the inputs of each physical type, in order; by default one type, `None`."""
        if not self.config.includeAlternateBackground:
            return {None: list(range(count))}
        if camera is None or inputDims is None:
            raise ValueError(
                "With includeAlternateBackground, run needs camera and inputDims to know the physical types "
                f"of the detectors; received camera={camera!r}, inputDims={inputDims!r}."
            )
        groups: dict[str, list[int]] = {}
        for position, dataId in enumerate(inputDims):
            detector = camera.get(dataId["detector"])
            if detector is None:
                raise DetectorOffModelError(
                    f"Camera {camera.getName()} has no {phrase(dict(dataId))}; use the camera that the "
                    "exposure was taken with.",
                    **plain(dataId),
                )
            groups.setdefault(detector.getPhysicalType(), []).append(position)
        if len(groups) > 1 + self.config.alternateModels:
            found = ", ".join(f"{name!r}: {len(members)}" for name, members in sorted(groups.items()))
            raise DetectorTypeError(
                f"The detectors of {phrase(names)} are of {len(groups)} physical types ({found}), but "
                f"there are only {1 + self.config.alternateModels} models. Leave out the detectors of the "
                "other types, for instance with \"detector.purpose = 'SCIENCE'\" in the data query, or set "
                f"alternateModels to {len(groups) - 1}.",
                **names,
                types={str(name): len(members) for name, members in groups.items()},
            )
        return {name: groups[name] for name in sorted(groups)}


def _exposureNames(inputDims: Sequence[Names] | None) -> dict[str, int | str]:
    """Return what all data IDs have in common, which identifies the exposure."""
    return {"exposure": inputDims[0]["exposure"]} if inputDims and "exposure" in inputDims[0] else {}


def _requireAlike(models: Sequence[FocalPlaneBackground], dataIds: Sequence[Names] | None) -> None:
    """Check that the sums of all models refer to the same superpixels."""
    first = models[0]
    for position, model in enumerate(models):
        if problem := difference(model, first):
            dataId = plain(dataIds[position]) if dataIds else {"position": position}
            who = phrase(dataId) if dataIds else f"input number {position}"
            raise MismatchedInputsError(
                f"The focal-plane model of {who} cannot be merged with the first one: {problem}. Its "
                f"superpixels are {model.config.xSize:g} x {model.config.ySize:g} mm, those of the first "
                f"{first.config.xSize:g} x {first.config.ySize:g} mm. Make all models of an exposure with "
                "one camera and one largeScaleBackground.",
                **dataId,
                problem=problem,
            )


def _merge(models: Sequence[FocalPlaneBackground], detectorType: str | None) -> TypedModel:
    """Return the sum of models as a new model."""
    first = models[0]
    merged = TypedModel(first.config, first.dims, first.transform)
    merged.physicalType = detectorType
    for model in models:
        merged.merge(model)
    return merged


def _record(levels: Mapping[str | None, Level]) -> PropertyList:
    """Return metadata with the sky scales of all physical types, the main one first."""
    scales = PropertyList()
    (mainType, main), *alternates = levels.items()
    _set(scales, "scale", main)
    if alternates:
        scales.set("detectorType", mainType)
    for (detectorType, level), (typeKey, scaleKey) in zip(alternates, scaleKeys(), strict=False):
        _set(scales, scaleKey, level)
        scales.set(typeKey, detectorType)
    return scales


def _set(scales: PropertyList, key: str, level: Level) -> None:
    scales.set(key, level.value)
    if level.uncertainty is not None:
        scales.set(key.replace("scale", "scaleUncertainty", 1), level.uncertainty)
