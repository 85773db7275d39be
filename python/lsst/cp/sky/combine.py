# SPDX-License-Identifier: GPL-3.0-or-later
"""Step four: average what remains in many exposures into the sky frame of a detector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.pipe.tasks.background import SkyMeasurementTask

from ._header import combineHeaders
from ._legacy import LegacyTaskMethods
from .errors import MismatchedInputsError, NoGoodPixelsError

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF
    from lsst.afw.math import BackgroundList

__all__ = ("CpSkyCombineConfig", "CpSkyCombineConnections", "CpSkyCombineTask")


class CpSkyCombineConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter", "detector")
):
    """Connections of `CpSkyCombineTask`."""

    inputBkgs = cT.Input(
        name="cpSkyExpResidualBackground",
        doc="What is left of each exposure without its sky, in units of that sky.",
        storageClass="Background",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
    )
    inputExpHandles = cT.Input(
        name="cpSkyMaskedIsrExp",
        doc="The exposures; only their metadata, visit information, detector and filter are loaded.",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    outputCalib = cT.Output(
        name="sky",
        doc="The sky frame: the average over all exposures.",
        storageClass="ExposureF",
        dimensions=("instrument", "detector", "physical_filter"),
        isCalibration=True,
    )


class CpSkyCombineConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyCombineConnections):
    """Configuration of `CpSkyCombineTask`."""

    sky: pexConfig.ConfigurableField = pexConfig.ConfigurableField(
        target=SkyMeasurementTask,
        doc="Task that averages the backgrounds.",
    )


class CpSkyCombineTask(LegacyTaskMethods, pipeBase.PipelineTask):
    """Average the normalised backgrounds of many exposures of one detector into its sky frame."""

    ConfigClass = CpSkyCombineConfig
    _DefaultName = "cpSkyCombine"
    config: CpSkyCombineConfig
    sky: SkyMeasurementTask

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.makeSubtask("sky")

    def runQuantum(self, butlerQC: Any, inputRefs: Any, outputRefs: Any) -> None:
        """Load the backgrounds and the handles of the exposures they come from, run, and store the sky frame.

        Parameters
        ----------
        butlerQC : `lsst.pipe.base.QuantumContext`
            Butler restricted to this quantum.
        inputRefs : `lsst.pipe.base.InputQuantizedConnection`
            References of the inputs.
        outputRefs : `lsst.pipe.base.OutputQuantizedConnection`
            References of the output.

        Notes
        -----
        Where earlier tasks failed for some exposures there are fewer backgrounds than exposures; the header
        then names only the exposures that went into the average.
        """
        inputs = butlerQC.get(inputRefs)
        used = {ref.dataId["exposure"] for ref in inputRefs.inputBkgs}
        inputs["inputExpHandles"] = [h for h in inputs["inputExpHandles"] if h.dataId["exposure"] in used]
        butlerQC.put(self.run(**inputs), outputRefs)

    def run(self, inputBkgs: Sequence[BackgroundList], inputExpHandles: Sequence[Any]) -> pipeBase.Struct:
        """Average backgrounds of one detector.

        Parameters
        ----------
        inputBkgs : `list` [`lsst.afw.math.BackgroundList`]
            Normalised background of each exposure, all of one box and one number of cells. Not modified.
        inputExpHandles : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the exposures that the backgrounds come from; their metadata, visit information,
            detector and filter go into the result.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attribute

            ``outputCalib``
                The sky frame (`lsst.afw.image.Exposure`), one pixel per cell of the backgrounds, in units of
                the sky; cards ``BOX.MINX`` and so on of its metadata hold the box in the detector.

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there are no backgrounds, or no exposures.
        lsst.cp.sky.MismatchedInputsError
            Raised if the inputs are of different detectors, boxes or numbers of cells.
        lsst.cp.sky.NoGoodPixelsError
            Raised if no background has a good cell.
        """
        if not inputBkgs or not inputExpHandles:
            missing = "backgrounds" if not inputBkgs else "exposures"
            raise pipeBase.NoWorkFound(f"There are no {missing} to make a sky frame from.")
        detector = inputExpHandles[0].get(component="detector")
        names = (
            {"detector": int(detector.getId()), "detectorName": str(detector.getName())} if detector else {}
        )
        _requireOneDetector(inputExpHandles, names)
        _requireOneShape(inputBkgs, names)

        calib = self._average(inputBkgs, names)
        calib.setDetector(detector)
        calib.setFilter(inputExpHandles[0].get(component="filter"))
        combineHeaders(inputExpHandles, calib, calibType="SKY")
        return pipeBase.Struct(outputCalib=calib)

    def _average(self, backgrounds: Sequence[BackgroundList], names: Mapping[str, Any]) -> ExposureF:
        """Average of backgrounds, every cell of it finite."""
        try:
            calib = self.sky.averageBackgrounds(backgrounds)
            reason = "" if np.isfinite(calib.image.array).all() else "the average is not finite"
        except RuntimeError as error:
            reason = str(error)
        if reason:
            raise NoGoodPixelsError(
                f"None of the {len(backgrounds)} exposures of {_who(names)} has an unmasked cell to make a "
                f"sky frame from ({reason.rstrip('.')}). Check the masks of cpSkyMaskedIsrExp, or leave "
                "this detector out.",
                **names,
                inputs=len(backgrounds),
            )
        return calib


def _who(names: Mapping[str, Any]) -> str:
    return f"detector {names['detector']} ({names['detectorName']})" if names else "this detector"


def _detectorId(handle: Any) -> int | None:
    """Detector of a handle: from its data ID, which costs nothing, where that has it."""
    dataId = getattr(handle, "dataId", None)
    if dataId is not None and "detector" in dataId:
        return int(dataId["detector"])
    detector = handle.get(component="detector")
    return None if detector is None else int(detector.getId())


def _requireOneDetector(handles: Sequence[Any], names: Mapping[str, Any]) -> None:
    found = [_detectorId(handle) for handle in handles]
    if len(set(found)) > 1:
        raise MismatchedInputsError(
            f"The exposures to combine are of detectors {sorted(set(found), key=str)}, where one was "
            "expected; combine each detector by itself.",
            **names,
            found={str(i): detector if detector is not None else "none" for i, detector in enumerate(found)},
        )


def _requireOneShape(backgrounds: Sequence[BackgroundList], names: Mapping[str, Any]) -> None:
    shapes = []
    for position, members in enumerate(backgrounds):
        if len(members) != 1:
            raise MismatchedInputsError(
                f"Background number {position} of {_who(names)} has {len(members)} members, where one was "
                "expected; use what CpSkySubtractBackgroundTask made.",
                **names,
                position=position,
                members=len(members),
            )
        background = members[0][0]
        shapes.append((background.getImageBBox(), background.getStatsImage().getDimensions()))
    for position, (box, cells) in enumerate(shapes):
        if (box, cells) != shapes[0]:
            raise MismatchedInputsError(
                f"Background number {position} of {_who(names)} covers {box} with {cells} cells, the first "
                f"{shapes[0][0]} with {shapes[0][1]}; use backgrounds of one detector, trimmed and "
                "measured alike.",
                **names,
                position=position,
            )
