# SPDX-License-Identifier: GPL-3.0-or-later
"""Take sky frames out of visits, as a list of backgrounds beside the calibrated exposures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import lsst.pipe.base as pipeBase
import lsst.pipe.base.connectionTypes as cT
from lsst.afw.math import BackgroundList, BackgroundMI

from ._quantum import annotated
from ._reading import readInputs
from .apply import CpSkyApplyConfig, CpSkyApplyTask

if TYPE_CHECKING:
    from astropy.table import Table

    from lsst.afw.cameraGeom import Camera
    from lsst.afw.image import ExposureF

    from ._protocols import Handle

__all__ = ("CpSkyApplyVisitConfig", "CpSkyApplyVisitConnections", "CpSkyApplyVisitTask")

_VISIT_DETECTOR = ("instrument", "visit", "detector")


class CpSkyApplyVisitConnections(pipeBase.PipelineTaskConnections, dimensions=("instrument", "visit")):
    """Connections of `CpSkyApplyVisitTask`, by the names of the stack's ``SkyCorrectionTask``."""

    calExps = cT.Input(
        name="calexp",
        doc="Calibrated exposure of each detector, less its background.",
        storageClass="ExposureF",
        dimensions=_VISIT_DETECTOR,
        multiple=True,
        deferLoad=True,
    )
    calBkgs = cT.Input(
        name="calexpBackground",
        doc="Background that was subtracted from each detector.",
        storageClass="Background",
        dimensions=_VISIT_DETECTOR,
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
        doc="Camera that the sky of a visit is modelled over.",
        storageClass="Camera",
        dimensions=("instrument",),
        isCalibration=True,
    )
    skyCorr = cT.Output(
        name="skyCorr",
        doc="What to subtract from the calibrated exposure: its background put back, then the sky over the "
        "focal plane and the scaled sky frame.",
        storageClass="Background",
        dimensions=_VISIT_DETECTOR,
        multiple=True,
    )
    metrics = cT.Output(
        name="skyCorrMetrics",
        doc="A row of figures per detector, before and after.",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "visit"),
    )


class CpSkyApplyVisitConfig(CpSkyApplyConfig, pipelineConnections=CpSkyApplyVisitConnections):
    """Configuration of `CpSkyApplyVisitTask`."""

    def setDefaults(self) -> None:
        """Take the sky out, too: calibrated exposures are without it."""
        super().setDefaults()
        self.keepSky = False


class CpSkyApplyVisitTask(CpSkyApplyTask):
    """Take the sky frames out of a visit: `CpSkyApplyTask` on exposures whose background is put back.

    The result is not another set of images but ``skyCorr``, as the stack's ``SkyCorrectionTask`` makes it: a
    list of backgrounds, whose sum is subtracted from the calibrated exposure. It begins with the background
    of the exposure, its sign changed; the model of the sky follows, and then the scaled sky frame.
    """

    ConfigClass = CpSkyApplyVisitConfig
    _DefaultName = "cpSkyApplyVisit"
    config: CpSkyApplyVisitConfig

    def runQuantum(
        self,
        butlerQC: pipeBase.QuantumContext,
        inputRefs: pipeBase.InputQuantizedConnection,
        outputRefs: pipeBase.OutputQuantizedConnection,
    ) -> None:
        """Measure the visit, and store each detector's list as soon as it is made.

        Parameters
        ----------
        butlerQC : `lsst.pipe.base.QuantumContext`
            Butler restricted to this quantum.
        inputRefs : `lsst.pipe.base.InputQuantizedConnection`
            References of the inputs.
        outputRefs : `lsst.pipe.base.OutputQuantizedConnection`
            References of the outputs.
        """
        corrections = {int(ref.dataId["detector"]): ref for ref in outputRefs.skyCorr}

        def store(detector: int, correction: BackgroundList) -> None:
            butlerQC.put(correction, corrections[detector])

        with annotated(self):
            metrics = self._correctVisit(**readInputs(butlerQC, inputRefs, self.log), store=store)
        butlerQC.put(metrics, outputRefs.metrics)

    # The stack's names of the inputs, which are not those of the task for exposures.
    def run(  # type: ignore[override]
        self,
        calExps: Sequence[Handle],
        calBkgs: Sequence[Handle],
        skyFrames: Sequence[Handle],
        camera: Camera,
    ) -> pipeBase.Struct:
        """Take the sky frames out of all detectors of one visit.

        Parameters
        ----------
        calExps : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the calibrated exposures; their data IDs name their detectors. What they load is not
            modified.
        calBkgs : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the backgrounds that were subtracted from them, in any order. A detector without one is
            left out, with a warning.
        skyFrames : `list` [`lsst.daf.butler.DeferredDatasetHandle`]
            Handles of the sky frames. A detector without one is left out, with a warning.
        camera : `lsst.afw.cameraGeom.Camera`
            Camera that spans the model.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            With attributes

            ``skyCorr``
                What to subtract, by detector (`dict` [`int`, `lsst.afw.math.BackgroundList`]).
            ``metrics``
                A row per detector (`astropy.table.Table`).

        Raises
        ------
        lsst.pipe.base.NoWorkFound
            Raised if there is no exposure with a background.
        lsst.cp.sky.CpSkyError
            Raised as by `CpSkyApplyTask.run`.
        """
        corrections: dict[int, BackgroundList] = {}
        metrics = self._correctVisit(calExps, calBkgs, skyFrames, camera, corrections.__setitem__)
        return pipeBase.Struct(skyCorr=corrections, metrics=metrics)

    def _correctVisit(
        self,
        calExps: Sequence[Handle],
        calBkgs: Sequence[Handle],
        skyFrames: Sequence[Handle],
        camera: Camera,
        store: Callable[[int, BackgroundList], None],
    ) -> Table:
        """Do what `run` does, but hand over each list as soon as it exists."""
        backgrounds = {int(handle.dataId["detector"]): handle for handle in calBkgs}
        exposures = {int(handle.dataId["detector"]): handle for handle in calExps}
        if missing := sorted(exposures.keys() - backgrounds.keys()):
            self.log.warning(
                "The backgrounds of detectors %s are missing; they are not corrected.",
                ", ".join(map(str, missing)),
            )
        restored = {
            detector: _Restored(handle, backgrounds[detector])
            for detector, handle in exposures.items()
            if detector in backgrounds
        }

        def finish(detector: int, _: ExposureF, subtracted: BackgroundList) -> None:
            store(detector, _joined(backgrounds[detector].get(), subtracted))

        return self.correct(cast("list[Handle]", list(restored.values())), skyFrames, camera, finish)


class _Restored:
    """Loads a calibrated exposure with its background.

    Parameters
    ----------
    exposure, background : `lsst.daf.butler.DeferredDatasetHandle`
        Handles of the two.
    """

    def __init__(self, exposure: Handle, background: Handle) -> None:
        self.dataId: Any = exposure.dataId
        self._exposure, self._background = exposure, background

    def get(self) -> ExposureF:
        """Return the exposure as it was before its background was subtracted."""
        exposure: ExposureF = self._exposure.get().clone()
        image = exposure.getImage()
        image += self._background.get().getImage()
        return exposure


def _joined(putBack: BackgroundList, subtracted: BackgroundList) -> BackgroundList:
    """One list: backgrounds with their signs changed, then others."""
    joined = BackgroundList()
    for background, *styles in putBack:
        cells = background.getStatsImage().clone()
        cells.image.array[:] *= -1
        joined.append((BackgroundMI(background.getImageBBox(), cells), *styles))
    for member in subtracted:
        joined.append(member)
    return joined
