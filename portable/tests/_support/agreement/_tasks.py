# SPDX-License-Identifier: GPL-3.0-or-later
"""The four tasks, chained over the exposures of a mosaic as the pipeline does."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from exposures import make_camera, make_exposure, set_fields

from lsst.afw.cameraGeom import Camera
from lsst.afw.image import ExposureF, Mask
from lsst.afw.math import BackgroundList
from lsst.cp.sky import (
    CpSkyCombineTask,
    CpSkyImageTask,
    CpSkyScaleMeasureTask,
    CpSkySubtractBackgroundTask,
)
from lsst.pipe.base import InMemoryDatasetHandle
from lsst.pipe.tasks.background import FocalPlaneBackground

from ._check import Check

Arrays = Mapping[str, np.ndarray]
Params = Mapping[str, Any]

EXPOSURES, DETECTORS = range(3), range(4)
#: Brightness of the sky in its own units, of which residuals are what is left after subtraction.
SKY = 1.0


def _running_planes(mask: np.ndarray, planes: Mapping[str, int]) -> np.ndarray:
    """Bits of a case's mask plane dictionary, as those of the running one."""
    result = np.zeros_like(mask)
    for name, bit in planes.items():
        Mask.addMaskPlane(name)
        result |= np.where(mask & (1 << bit), Mask.getPlaneBitMask(name), 0).astype(mask.dtype)
    return result


class _Chain:
    """The tasks of one case, run exposure by exposure."""

    def __init__(self, params: Params, arrays: Arrays, check: Check) -> None:
        self.params, self.arrays, self.check = params, arrays, check
        self.camera: Camera = make_camera(params["camera"])
        image = set_fields(
            CpSkyImageTask.ConfigClass(), {"largeScaleBackground": params["largeScaleBackground"]}
        )
        alternate = {"includeAlternateBackground": params["includeAlternateBackground"]}
        self.image = CpSkyImageTask(config=image)
        self.scale = CpSkyScaleMeasureTask(config=set_fields(CpSkyScaleMeasureTask.ConfigClass(), alternate))
        self.subtract = CpSkySubtractBackgroundTask(
            config=set_fields(CpSkySubtractBackgroundTask.ConfigClass(), alternate)
        )
        self.combine = CpSkyCombineTask()
        self.residuals: dict[int, list[BackgroundList]] = {d: [] for d in DETECTORS}
        self.handles: dict[int, list[InMemoryDatasetHandle]] = {d: [] for d in DETECTORS}

    def _floats(self, name: str, actual: np.ndarray, scale: float = 0.0) -> None:
        self.check.floats(name, actual, self.arrays[f"out_{name}"], scale)

    def _compare_model(self, name: str, model: FocalPlaneBackground) -> None:
        for what, array in (("values", model._values.array), ("numbers", model._numbers.array)):
            self._floats(name.format(what), array)

    def _mask(self, e: int, d: int) -> tuple[ExposureF, FocalPlaneBackground]:
        """Mask the objects of one detector and measure its background."""
        planes, arrays = self.params["maskPlanes"], self.arrays
        exposure = make_exposure(
            arrays[f"in_image_{e}_{d}"],
            _running_planes(arrays[f"in_mask_{e}_{d}"], planes),
            arrays[f"in_variance_{e}_{d}"],
            detector=self.camera[d],
        )
        result = self.image.run(exposure, self.camera)
        masked = result.maskedExp
        expected = _running_planes(arrays[f"out_masked_mask_{e}_{d}"], planes)
        self.check.detection(f"masked mask {e} {d}", masked.mask.array, expected)
        self._floats(f"masked_image_{e}_{d}", masked.image.array)
        self._compare_model(f"bkg_{{}}_{e}_{d}", result.maskedBkg)
        return masked, result.maskedBkg

    def _compare_residual(self, e: int, d: int, exposure: ExposureF, residual: BackgroundList) -> None:
        """Compare what is left of one detector, in units of the sky, with its statistics."""
        stats = residual[0][0].getStatsImage()
        self.check.equal(
            f"residual mask {e} {d}", stats.mask.array, self.arrays[f"out_residual_mask_{e}_{d}"]
        )
        self._floats(f"residual_image_{e}_{d}", stats.image.array, SKY)
        self._floats(f"residual_variance_{e}_{d}", stats.variance.array, SKY)
        self._floats(f"subtracted_sample_{e}_{d}", exposure.image.array[3::17, 5::19], SKY)

    def run_exposure(self, e: int) -> None:
        """Run all but the last task on the detectors of an exposure."""
        exposures, models = zip(*(self._mask(e, d) for d in DETECTORS), strict=True)
        ids = [{"exposure": e, "detector": d} for d in DETECTORS]
        merged = self.scale.run(list(models), self.camera, ids)
        self._compare_model(f"exp_{{}}_{e}", merged.outputBkg)
        if self.params["includeAlternateBackground"]:
            self._compare_model(f"exp_alt_{{}}_{e}", merged.outputBkgAlternate)
        for name, expected in self.params["scales"][e].items():
            value = merged.outputScale.get(name)
            if isinstance(expected, str):
                self.check.equal(f"{name} {e}", value, expected)
            else:
                self.check.floats(f"{name} {e}", value, np.float32(expected))
        for d, exposure in enumerate(exposures):
            self.handles[d].append(InMemoryDatasetHandle(exposure, storageClass="ExposureF"))
            residual = self.subtract.run(
                exposure, merged.outputBkg, merged.outputScale, merged.outputBkgAlternate
            ).outputBkg
            self.residuals[d].append(residual)
            self._compare_residual(e, d, exposure, residual)

    def run_combination(self, d: int) -> None:
        """Average the exposures of a detector into its sky frame."""
        if error := self.params["combine_errors"].get(str(d)):
            inputs = self.residuals[d], self.handles[d]
            # Ours tell the operator which data are at fault, and derive from what the stock tasks raise.
            self.check.raises(f"sky {d}", error, self.combine.run, *inputs, derived=True)
            return
        calib = self.combine.run(self.residuals[d], self.handles[d]).outputCalib
        self._floats(f"sky_image_{d}", calib.image.array, SKY)
        self._floats(f"sky_variance_{d}", calib.variance.array, SKY)
        self.check.equal(f"sky mask {d}", calib.mask.array, self.arrays[f"out_sky_mask_{d}"])


def compare_tasks(params: Params, arrays: Arrays, check: Check) -> None:
    """Exposures of a mosaic through the four tasks."""
    chain = _Chain(params, arrays, check)
    for e in EXPOSURES:
        chain.run_exposure(e)
    for d in DETECTORS:
        chain.run_combination(d)
