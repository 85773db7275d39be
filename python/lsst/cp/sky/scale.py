# SPDX-License-Identifier: GPL-3.0-or-later
"""Step two: put the detectors of an exposure together and measure how bright its sky is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.daf.base import PropertyList

from ._checks import checkScale, phrase, statsImage
from ._legacy import LegacyTaskMethods
from .errors import DetectorOffModelError, DetectorTypeError, MismatchedInputsError

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera
    from lsst.pipe.tasks.background import FocalPlaneBackground

__all__ = ("CpSkyScaleMeasureConfig", "CpSkyScaleMeasureConnections", "CpSkyScaleMeasureTask")


class CpSkyScaleMeasureConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter", "exposure")
):
    """Connections of `CpSkyScaleMeasureTask`; two of them exist only where configured."""

    camera = cT.PrerequisiteInput(
        name="camera",
        doc="Camera that says of which physical type each detector is.",
        storageClass="Camera",
        dimensions=("instrument",),
        isCalibration=True,
    )
    inputBkgs = cT.Input(
        name="cpSkyDetectorBackground",
        doc="Each detector's share of the focal-plane model of the sky.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
    )
    outputBkg = cT.Output(
        name="cpSkyExpBackground",
        doc="Model of the sky of the exposure over the whole focal plane.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure"),
    )
    outputBkgAlternate = cT.Output(
        name="cpSkyExpBackgroundAlternate",
        doc="The same from, and for, the detectors of the second physical type.",
        storageClass="FocalPlaneBackground",
        dimensions=("instrument", "exposure"),
    )
    outputScale = cT.Output(
        name="cpSkyExpScale",
        doc="How bright the sky of the exposure is.",
        storageClass="PropertyList",
        dimensions=("instrument", "exposure"),
    )

    def __init__(self, *, config: CpSkyScaleMeasureConfig | None = None) -> None:
        super().__init__(config=config)
        if config is None or not config.includeAlternateBackground:
            del self.camera
            del self.outputBkgAlternate


class CpSkyScaleMeasureConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyScaleMeasureConnections):
    """Configuration of `CpSkyScaleMeasureTask`."""

    includeAlternateBackground = pexConfig.Field[bool](
        default=False,
        doc="Make a second model for a second type of detectors? Set it for CpSkySubtractBackground too.",
    )


class CpSkyScaleMeasureTask(LegacyTaskMethods, pipeBase.PipelineTask):
    """Merge the detectors' focal-plane models of one exposure, and measure the scale of its sky."""

    ConfigClass = CpSkyScaleMeasureConfig
    _DefaultName = "cpSkyScaleMeasure"
    config: CpSkyScaleMeasureConfig

    def runQuantum(self, butlerQC: Any, inputRefs: Any, outputRefs: Any) -> None:
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
        inputs = butlerQC.get(inputRefs)
        inputs["inputDims"] = [dict(ref.dataId.required) for ref in inputRefs.inputBkgs]
        butlerQC.put(self.run(**inputs), outputRefs)

    def run(
        self,
        inputBkgs: Sequence[FocalPlaneBackground],
        camera: Camera | None = None,
        inputDims: Sequence[Mapping[str, Any]] | None = None,
    ) -> pipeBase.Struct:
        """Merge focal-plane models and measure the scale, the median of the merged superpixels.

        Parameters
        ----------
        inputBkgs : `list` [`lsst.pipe.tasks.background.FocalPlaneBackground`]
            One model per detector, all of one geometry. Not modified.
        camera : `lsst.afw.cameraGeom.Camera`, optional
            Says of which physical type each detector is; needed for the alternate model.
        inputDims : `list` [`dict`], optional
            Data ID of each model, in the same order; needed for the alternate model, and named in errors.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``outputBkg``
                The merged model (`lsst.pipe.tasks.background.FocalPlaneBackground`). With
                ``includeAlternateBackground`` it is that of the first physical type in alphabetical order.
            ``outputBkgAlternate``
                That of the second type, or `None` where there is none.
            ``outputScale``
                Median of the model in key ``scale`` (`lsst.daf.base.PropertyList`); where there is a second
                type also ``detectorType``, ``detectorTypeAlternate`` and ``scaleAlternate``.

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there are no models.
        lsst.cp.sky.MismatchedInputsError
            Raised if the models differ in geometry.
        lsst.cp.sky.DetectorTypeError
            Raised if an alternate model is asked for and there are more than two physical types.
        lsst.cp.sky.DetectorOffModelError
            Raised if the camera lacks one of the detectors.
        lsst.cp.sky.NoGoodSuperpixelsError
            Raised if no superpixel of a merged model has enough pixels.
        lsst.cp.sky.InvalidScaleError
            Raised if the median is not finite or not positive.
        ValueError
            Raised if an alternate model is asked for without ``camera`` and ``inputDims``, or if these do not
            have one data ID per model.
        """
        if not inputBkgs:
            raise pipeBase.NoWorkFound("There are no focal-plane models to merge for this exposure.")
        if inputDims is not None and len(inputDims) != len(inputBkgs):
            raise ValueError(
                f"Received {len(inputBkgs)} models but {len(inputDims)} data IDs; give one for each."
            )
        names = _exposureNames(inputDims)
        groups = self._groupByType(len(inputBkgs), camera, inputDims, names)

        models, scales = [], []
        for detectorType, members in groups.items():
            label = f" ({detectorType})" if detectorType is not None else ""
            model = _merge(
                [inputBkgs[i] for i in members], [inputDims[i] for i in members] if inputDims else None
            )
            if detectorType is not None:  # for the header of the safe file form
                model.physicalType = detectorType  # type: ignore[attr-defined]
            pixels = statsImage(model, names, label).array
            scale = float(np.median(pixels))
            self.log.info(
                "Background model%s min/max: %f %f. Scale: %f", label, pixels.min(), pixels.max(), scale
            )
            models.append(model)
            scales.append(checkScale(scale, "scale", names))

        outputScale = PropertyList()
        outputScale.set("scale", scales[0])
        if len(models) > 1:
            main, alternate = groups
            outputScale.set("detectorType", main)
            outputScale.set("scaleAlternate", scales[1])
            outputScale.set("detectorTypeAlternate", alternate)
        return pipeBase.Struct(
            outputBkg=models[0],
            outputBkgAlternate=models[1] if len(models) > 1 else None,
            outputScale=outputScale,
        )

    def _groupByType(
        self,
        count: int,
        camera: Camera | None,
        inputDims: Sequence[Mapping[str, Any]] | None,
        names: dict[str, Any],
    ) -> dict[str | None, list[int]]:
        """Positions of the inputs of each physical type, types in order; one type, `None`, by default."""
        if not self.config.includeAlternateBackground:
            return {None: list(range(count))}
        if camera is None or inputDims is None:
            raise ValueError(
                "With includeAlternateBackground, run needs camera and inputDims to tell the detectors' "
                f"physical types; received camera={camera!r}, inputDims={inputDims!r}."
            )
        groups: dict[str, list[int]] = {}
        for position, dataId in enumerate(inputDims):
            detector = camera.get(dataId["detector"])
            if detector is None:
                raise DetectorOffModelError(
                    f"Camera {camera.getName()} has no {phrase(dict(dataId))}; use the camera that the "
                    "exposure was taken with.",
                    **_plain(dataId),
                )
            groups.setdefault(detector.getPhysicalType(), []).append(position)
        if len(groups) > 2:
            found = ", ".join(f"{name!r}: {len(members)}" for name, members in sorted(groups.items()))
            raise DetectorTypeError(
                f"The detectors of {phrase(names)} are of {len(groups)} physical types ({found}), but "
                "there are only a main and an alternate model. Leave out the detectors of the other "
                "types, for instance with \"detector.purpose = 'SCIENCE'\" in the data query.",
                **names,
                types={str(name): len(members) for name, members in groups.items()},
            )
        return {name: groups[name] for name in sorted(groups)}


def _exposureNames(inputDims: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """What all the data IDs have in common: the exposure."""
    return {"exposure": inputDims[0]["exposure"]} if inputDims and "exposure" in inputDims[0] else {}


def _plain(dataId: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in dataId.items()}


def _merge(
    models: Sequence[FocalPlaneBackground], dataIds: Sequence[Mapping[str, Any]] | None
) -> FocalPlaneBackground:
    """Sum of models, as a new one."""
    first = models[0]
    merged = type(first)(first.config, first.dims, first.transform)
    for position, model in enumerate(models):
        try:
            merged.merge(model)
        except RuntimeError as error:
            dataId = _plain(dataIds[position]) if dataIds else {"position": position}
            who = phrase(dataId) if dataIds else f"input number {position}"
            raise MismatchedInputsError(
                f"The focal-plane model of {who} cannot be merged with the first one ({error}): its "
                f"superpixels are {model.config.xSize:g} x {model.config.ySize:g} mm and "
                f"{model.dims.getX()} x {model.dims.getY()} in number, those of the first "
                f"{first.config.xSize:g} x {first.config.ySize:g} mm and {first.dims.getX()} x "
                f"{first.dims.getY()}. Make all models of an exposure with one camera and one "
                "largeScaleBackground.",
                **dataId,
            ) from error
    return merged
