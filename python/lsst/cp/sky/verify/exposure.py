# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics of each detector in one exposure: its sky, its residual, and whether it was used."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from astropy.table import Table

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.daf.base import PropertyList

from .._alternates import scaleKeys
from .._naming import identify, phrase
from .._quantum import annotated
from .._reading import detectorsOf, load, readInputs
from .._settings import checkPlanes
from .._validation import readScale, requireDetector, requireType
from ..errors import MismatchedInputsError
from ._connections import residuals_input, sky_frames_input
from ._frames import frame_inputs, require_chain, stats_array
from ._numbers import cell_photon_variance, finite_median, residual_factor
from ._tables import LEFT_FIGURES, left_figures, report_exposure
from ._visit import circumstances

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF
    from lsst.afw.math import BackgroundList

    from .._protocols import Handle

__all__ = ("CpSkyVerifyExposureConfig", "CpSkyVerifyExposureConnections", "CpSkyVerifyExposureTask")

_EXPOSURE_DETECTOR = ("instrument", "exposure", "detector")


class CpSkyVerifyExposureConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter", "exposure")
):
    """Connections of `CpSkyVerifyExposureTask`."""

    inputExps = cT.Input(
        name="cpSkyMaskedIsrExp",
        doc="Masked exposures of one exposure, one per detector, with objects masked and replaced.",
        storageClass="Exposure",
        dimensions=_EXPOSURE_DETECTOR,
        multiple=True,
        deferLoad=True,
    )
    inputBkgs = residuals_input(0)
    inputScale = cT.Input(
        name="cpSkyExpScale",
        doc="Sky scale of one exposure (units of the image).",
        storageClass="PropertyList",
        dimensions=("instrument", "exposure"),
    )
    maskMetadata = cT.Input(
        name="cpSkyImage_metadata",
        doc="Metadata of cpSkyImage, with the fraction of pixels that the masker replaced.",
        storageClass="TaskMetadata",
        dimensions=_EXPOSURE_DETECTOR,
        multiple=True,
        minimum=0,
    )
    skyFrames = sky_frames_input(0)
    metrics = cT.Output(
        name="cpSkyExposureMetrics",
        doc="Table of metrics of one exposure, one row per detector.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter", "exposure"),
    )


class CpSkyVerifyExposureConfig(
    pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyVerifyExposureConnections
):
    """Configuration of `CpSkyVerifyExposureTask`."""

    mask = pexConfig.ListField[str](
        default=["SAT", "BAD", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "NO_DATA"],
        doc="Mask planes of pixels to ignore; as sky.background.mask of CpSkySubtractBackground.",
    )


@dataclasses.dataclass(frozen=True)
class _Parts:
    """The inputs of one detector."""

    exposure: ExposureF
    residual: BackgroundList | None
    frame: ExposureF | None
    replaced: float


class CpSkyVerifyExposureTask(pipeBase.PipelineTask):
    """Measure how well the sky frames describe one exposure."""

    ConfigClass = CpSkyVerifyExposureConfig
    _DefaultName = "cpSkyVerifyExposure"
    config: CpSkyVerifyExposureConfig

    def runQuantum(
        self,
        butlerQC: pipeBase.QuantumContext,
        inputRefs: pipeBase.InputQuantizedConnection,
        outputRefs: pipeBase.OutputQuantizedConnection,
    ) -> None:
        """Load the inputs, run, and store the table.

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
            inputs = readInputs(butlerQC, inputRefs, self.log, several=["maskMetadata"])
            replaced = {
                int(ref.dataId["detector"]): _replaced(metadata)
                for ref, metadata in zip(inputRefs.maskMetadata, inputs.pop("maskMetadata"), strict=True)
            }
            exposure = int(butlerQC.quantum.dataId["exposure"])  # type: ignore[index]
            result = self.run(**inputs, exposure=exposure, replaced=replaced)
        butlerQC.put(result, outputRefs)

    def run(
        self,
        inputExps: Sequence[Handle],
        inputScale: PropertyList,
        inputBkgs: Sequence[Handle] = (),
        skyFrames: Sequence[Handle] = (),
        exposure: int = 0,
        replaced: Mapping[int, float] | None = None,
    ) -> pipeBase.Struct:
        """Measure all detectors of one exposure, one after the other.

        Parameters
        ----------
        inputExps : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the masked exposures, whose data IDs name their detectors.
        inputScale : `lsst.daf.base.PropertyList`
            Sky scale of the exposure.
        inputBkgs : `list` [`lsst.daf.butler.DeferredDatasetHandle`], optional
            Handles of the residual backgrounds of some or all detectors.
        skyFrames : `list` [`lsst.daf.butler.DeferredDatasetHandle`], optional
            Handles of the sky frames of some or all detectors.
        exposure : `int`, optional
            ID of the exposure.
        replaced : `~collections.abc.Mapping` [`int`, `float`], optional
            Fraction of the pixels that were replaced, by detector.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attribute

            ``metrics``
                One row per detector (`astropy.table.Table`).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there are no exposures.
        lsst.cp.sky.MissingScaleError, lsst.cp.sky.InvalidScaleError
            Raised if the scale is not recorded, or is not valid as a divisor.
        lsst.cp.sky.MissingDetectorError
            Raised if an exposure has no detector.
        lsst.cp.sky.MismatchedInputsError
            Raised if a residual background is not that of its exposure, or a sky frame is of the joint chain.
        lsst.cp.sky.UnreadableInputError
            Raised if a file is damaged or missing.
        lsst.pex.config.FieldValidationError
            Raised if an exposure lacks one of the mask planes.

        Notes
        -----
        The task's metadata record ``detectors``, ``used`` (detectors that are in their sky frame), ``scale``
        (units of the image) and ``residualRatio`` (median over the detectors).
        """
        if not inputExps:
            raise pipeBase.NoWorkFound("There are no exposures to verify.")
        handles, residuals, frames = (detectorsOf(found or ()) for found in (inputExps, inputBkgs, skyFrames))
        if not hasattr(inputScale, "get"):
            requireType(inputScale, PropertyList, "inputScale")
        rows = []
        for detector, handle in sorted(handles.items()):
            frame = load(frames[detector]) if detector in frames else None
            if frame is not None:
                require_chain(frame, "stock", detector)
            parts = _Parts(
                exposure=load(handle),
                residual=load(residuals[detector]) if detector in residuals else None,
                frame=frame,
                replaced=(replaced or {}).get(detector, math.nan),
            )
            rows.append(
                {"exposure": exposure, "detector": detector, **self._measure(parts, inputScale, exposure)}
            )
        metrics = Table(rows)
        report_exposure(self, metrics, exposure)
        return pipeBase.Struct(metrics=metrics)

    def _measure(self, parts: _Parts, scales: PropertyList, exposure: int) -> dict[str, float | str]:
        """Return the row of the table for one detector."""
        detector, label = requireDetector(parts.exposure), parts.exposure.getFilter()
        physicalType = detector.getPhysicalType()
        key = _scale_key(scales, physicalType)
        scale = readScale(scales, key, {"exposure": exposure})
        uncertainty = scales.get(key.replace("scale", "scaleUncertainty", 1))
        mask = parts.exposure.mask
        checkPlanes(self.config, "mask", mask)
        image, variance = parts.exposure.image.array, parts.exposure.variance.array
        good = (mask.array & mask.getPlaneBitMask(list(self.config.mask))) == 0
        good &= np.isfinite(image) & np.isfinite(variance)
        used, reason = _use(parts, exposure)
        return {
            "detectorName": detector.getName(),
            "physicalType": str(physicalType),
            "physicalFilter": str(label.physicalLabel) if label is not None else "",
            "used": used,
            "reason": reason,
            "scale": scale,
            "scaleUncertainty": math.nan if uncertainty is None else float(uncertainty),
            "skyBg": float(image[good].mean(dtype=np.float64)) if good.any() else math.nan,
            "meanVar": float(variance[good].mean(dtype=np.float64)) if good.any() else math.nan,
            "maskedFraction": float(1.0 - np.count_nonzero(good) / good.size),
            "replacedFraction": parts.replaced,
            **_residual(parts, good, scale, used),
            **circumstances(parts.exposure.getInfo().getVisitInfo()),
        }


def _replaced(metadata: object) -> float:
    """Fraction of the pixels that the masker replaced, whatever the label of its task; NaN if not there."""
    found = metadata.to_dict() if hasattr(metadata, "to_dict") else {}
    for task in found.values():
        if isinstance(task, Mapping) and "replacedFraction" in task:
            return float(task["replacedFraction"])
    return math.nan


def _scale_key(scales: PropertyList, physicalType: str) -> str:
    """Key of the scale of detectors of a type."""
    for typeKey, scaleKey in scaleKeys():
        served = scales.get(typeKey)
        if served is None:
            break
        if served == physicalType:
            return scaleKey
    return "scale"


def _use(parts: _Parts, exposure: int) -> tuple[bool, str]:
    """Whether an exposure is in the sky frame, and if not, why."""
    if parts.residual is None:
        return False, "it has no residual background; see why cpSkySubtractBackground failed"
    if parts.frame is None:
        return False, "its detector has no sky frame; see why cpSkyCombine failed"
    if exposure not in frame_inputs(parts.frame):
        return False, "the sky frame was made without it; make the sky frame anew to include it"
    return True, ""


def _residual(parts: _Parts, good: np.ndarray, scale: float, used: bool) -> dict[str, float]:
    """Return metrics of the residual that the sky frame leaves of an exposure."""
    found = dict.fromkeys(LEFT_FIGURES, math.nan)
    if parts.residual is None:
        return found | {"coverage": 0.0}
    cells = stats_array(parts.residual)
    if any(pixels < number for pixels, number in zip(good.shape, cells.shape, strict=True)):
        who = identify(parts.exposure)
        raise MismatchedInputsError(
            f"The image of {phrase(who)} has {good.shape[0]} x {good.shape[1]} pixels (rows, columns), "
            f"fewer than its residual background has cells ({cells.shape[0]} x {cells.shape[1]}); take both "
            "from one run.",
            **who,
        )
    noise = np.sqrt(cell_photon_variance(parts.exposure.variance.array, good, cells.shape, scale))
    if parts.frame is None or parts.frame.image.array.shape != cells.shape:
        return found | {"coverage": float(np.isfinite(cells).mean()), "photonLimit": finite_median(noise)}
    factor = residual_factor(len(frame_inputs(parts.frame)), used)
    return left_figures(cells - parts.frame.image.array, noise * factor, noise)
