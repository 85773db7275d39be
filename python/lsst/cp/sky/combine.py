# SPDX-License-Identifier: GPL-3.0-or-later
"""Step four: average the residual backgrounds of many exposures into the sky frame of a detector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.afw.math import BackgroundList
from lsst.daf.butler import DeferredDatasetHandle
from lsst.pipe.tasks.background import SkyMeasurementTask

from ._header import combineHeaders
from ._inputs import minInputsField, requireEnough
from ._legacy import LegacyTaskMethods
from ._naming import nameDetector, phrase
from ._origins import requireOneShape, requireSameOrigin
from ._quantum import annotated
from ._reading import load, readInputs
from ._settings import checkBackground
from ._validation import requireType
from .errors import MismatchedInputsError, NoGoodPixelsError

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF

    from ._protocols import Handle, Names

__all__ = ("CpSkyCombineConfig", "CpSkyCombineConnections", "CpSkyCombineTask")


class CpSkyCombineConnections(
    pipeBase.PipelineTaskConnections, dimensions=("instrument", "physical_filter", "detector")
):
    """Connections of `CpSkyCombineTask`."""

    inputBkgs = cT.Input(
        name="cpSkyExpResidualBackground",
        doc="Residual background of each exposure after sky subtraction, as a fraction of the sky.",
        storageClass="Background",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
    )
    inputExpHandles = cT.Input(
        name="cpSkyMaskedIsrExp",
        doc="Masked exposures from which the residual backgrounds were measured; only their metadata, visit "
        "information, detector and filter are loaded.",
        storageClass="Exposure",
        dimensions=("instrument", "exposure", "detector"),
        multiple=True,
        deferLoad=True,
    )
    outputCalib = cT.Output(
        name="sky",
        doc="Sky frame of the detector, averaged over all exposures, as a fraction of the sky.",
        storageClass="ExposureF",
        dimensions=("instrument", "detector", "physical_filter"),
        isCalibration=True,
    )


class CpSkyCombineConfig(pipeBase.PipelineTaskConfig, pipelineConnections=CpSkyCombineConnections):
    """Configuration of `CpSkyCombineTask`."""

    sky: pexConfig.ConfigurableField = pexConfig.ConfigurableField(
        target=SkyMeasurementTask,
        doc="Subtask that averages residual backgrounds.",
    )
    minInputs = minInputsField("exposures")

    def validate(self) -> None:
        """Check the interpolation style, which is recorded in the header of the sky frame.

        Raises
        ------
        lsst.pex.config.FieldValidationError
            Raised if the style does not interpolate.
        """
        super().validate()
        if isinstance(self.sky.value, SkyMeasurementTask.ConfigClass):
            checkBackground(self.sky.value.background)


class CpSkyCombineTask(LegacyTaskMethods, pipeBase.PipelineTask):
    """Average the residual backgrounds of many exposures of one detector into its sky frame."""

    ConfigClass = CpSkyCombineConfig
    _DefaultName = "cpSkyCombine"
    config: CpSkyCombineConfig
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
        """Load the backgrounds and the handles of their exposures, run, and store the sky frame.

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
        If earlier tasks failed for some exposures, there are fewer backgrounds than exposures. The header
        then lists as inputs only the exposures that went into the average, and the others as left out. Inputs
        are averaged in the order of their exposure IDs, however they are listed.
        """
        with annotated(self):
            inputs = readInputs(butlerQC, inputRefs, self.log, several=["inputBkgs"])
            handles = {handle.dataId["exposure"]: handle for handle in inputs["inputExpHandles"]}
            backgrounds = {
                ref.dataId["exposure"]: background
                for ref, background in zip(inputRefs.inputBkgs, inputs["inputBkgs"], strict=True)
            }
            used, leftOut = sorted(backgrounds), sorted(handles.keys() - backgrounds.keys())
            if lost := sorted(backgrounds.keys() - handles.keys()):
                raise MismatchedInputsError(
                    f"There are backgrounds of exposures {', '.join(map(str, lost))} without the masked "
                    "exposures from which they were measured; keep both, or neither.",
                    detector=int(butlerQC.quantum.dataId["detector"]),  # type: ignore[index]
                    exposures={str(i): exposure for i, exposure in enumerate(lost)},
                )
            result = self.run(
                inputBkgs=[backgrounds[exposure] for exposure in used],
                inputExpHandles=[handles[exposure] for exposure in used],
                **({"leftOut": leftOut} if leftOut else {}),
            )
        butlerQC.put(result, outputRefs)

    def run(
        self,
        inputBkgs: Sequence[BackgroundList],
        inputExpHandles: Sequence[Handle],
        leftOut: Sequence[int] = (),
    ) -> pipeBase.Struct:
        """Average the residual backgrounds of one detector.

        Parameters
        ----------
        inputBkgs : `list` [`lsst.afw.math.BackgroundList`]
            Residual background of each exposure, all with the same box and number of cells. Not modified.
        inputExpHandles : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handle of the exposure of each background, in the same order; their metadata, visit information,
            detector and filter go into the result.
        leftOut : `list` [`int`], optional
            IDs of exposures that are missing from the inputs, for the header.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attribute

            ``outputCalib``
                The sky frame (`lsst.afw.image.Exposure`), one pixel per cell of the backgrounds, as a
                fraction of the sky; the cards ``BOX.MINX`` and so on of its metadata hold the detector's box
                in pixels.

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there are no backgrounds, or no exposures.
        lsst.cp.sky.TooFewInputsError
            Raised if there are fewer exposures than ``minInputs``.
        lsst.cp.sky.MismatchedInputsError
            Raised if the numbers of backgrounds and exposures differ, if an exposure occurs twice, or if the
            inputs differ in detector, filter, box or number of cells.
        lsst.cp.sky.NoGoodPixelsError
            Raised if no background has a good cell.
        lsst.pex.config.FieldValidationError
            Raised if the style configured for ``sky`` does not interpolate.

        Notes
        -----
        The task's metadata record ``inputs`` (exposures averaged), ``leftOut`` (exposures that are missing)
        and ``filledCells`` (cells not measured in any exposure, which are set to the median of the others).
        """
        inputBkgs, inputExpHandles = list(inputBkgs or ()), list(inputExpHandles or ())
        if not inputBkgs or not inputExpHandles:
            missing = "backgrounds" if not inputBkgs else "exposures"
            raise pipeBase.NoWorkFound(f"There are no {missing} to make a sky frame from.")
        for position, background in enumerate(inputBkgs):
            requireType(background, BackgroundList, f"inputBkgs[{position}]")
        for position, handle in enumerate(inputExpHandles):
            if not hasattr(handle, "get"):
                advice = "; wrap an exposure in InMemoryDatasetHandle(exposure, storageClass='ExposureF')"
                requireType(handle, DeferredDatasetHandle, f"inputExpHandles[{position}]", advice)
        if isinstance(self.sky, SkyMeasurementTask):
            checkBackground(self.sky.config.background)
        detector = load(inputExpHandles[0], "detector")
        names = nameDetector(detector)
        requireEnough(len(inputBkgs), self.config.minInputs, f"exposures of {_who(names)}", names)
        requireSameOrigin(inputBkgs, inputExpHandles, names)
        requireOneShape(inputBkgs, names)

        calib = self._average(inputBkgs, names)
        calib.setDetector(detector)
        calib.setFilter(load(inputExpHandles[0], "filter"))
        combineHeaders(inputExpHandles, calib, calibType="SKY", leftOut=leftOut)
        self._report(inputBkgs, leftOut, names)
        return pipeBase.Struct(outputCalib=calib)

    def _report(self, backgrounds: Sequence[BackgroundList], leftOut: Sequence[int], names: Names) -> None:
        """Log and record a summary of what was done."""
        cells = [background[0][0].getStatsImage().image.array for background in backgrounds]
        filled = int(np.count_nonzero(np.logical_and.reduce([np.isnan(array) for array in cells])))
        self.metadata["inputs"] = len(backgrounds)
        self.metadata["leftOut"] = len(leftOut)
        self.metadata["filledCells"] = filled
        self.log.info(
            "Averaged %d exposures of %s (%d left out): %d of %d cells filled.",
            len(backgrounds),
            _who(names),
            len(leftOut),
            filled,
            cells[0].size,
        )

    def _average(self, backgrounds: Sequence[BackgroundList], names: Names) -> ExposureF:
        """Return the average of backgrounds, with all cells finite."""
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


def _who(names: Names) -> str:
    return phrase(names, unknown="this detector")
