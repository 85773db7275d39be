# SPDX-License-Identifier: GPL-3.0-or-later
"""Sky frames, masking of objects, and smoothing."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from exposures import make_exposure, make_masked_image, set_fields

from lsst.afw.image import MaskedImageF
from lsst.pipe.tasks.background import (
    MaskObjectsConfig,
    MaskObjectsTask,
    SkyMeasurementConfig,
    SkyMeasurementTask,
    smoothArray,
)

from ._check import Check

Arrays = Mapping[str, np.ndarray]
Params = Mapping[str, Any]

PLANES = ("image", "mask", "variance")


def _normalised(arrays: Arrays, i: int) -> MaskedImageF:
    """Input exposure of a case as it was measured; see the note among its parameters."""
    planes = [arrays[f"in_{plane}_{i}"] for plane in PLANES]
    masked_image = make_masked_image(*planes)
    masked_image /= float(np.nanmedian(planes[0]))
    if i == 3:
        masked_image.mask.array[:100] |= masked_image.mask.getPlaneBitMask("NO_DATA")
    return masked_image


def _compare_planes(found: MaskedImageF, arrays: Arrays, name: str, check: Check) -> None:
    for plane in ("image", "variance"):
        key = name.format(plane)
        check.floats(key, getattr(found, plane).array, arrays[key])
    check.equal(name.format("mask"), found.mask.array, arrays[name.format("mask")])


def compare_sky_measurement(params: Params, arrays: Arrays, check: Check) -> None:
    """`SkyMeasurementTask`: measure, average, find the scale, subtract."""
    task = SkyMeasurementTask(config=set_fields(SkyMeasurementConfig(), params["config"]))
    backgrounds = [task.measureBackground(_normalised(arrays, i)) for i in range(5)]
    for i, background in enumerate(backgrounds):
        _compare_planes(background[0][0].getStatsImage(), arrays, f"out_stats_{{}}_{i}", check)

    average = task.averageBackgrounds(backgrounds)
    _compare_planes(average.maskedImage, arrays, "out_average_{}", check)
    header = average.getMetadata()
    for name, value in params["header"].items():
        check.equal(name, header.getScalar(name), value)

    science = make_exposure(*(arrays[f"in_science_{plane}"] for plane in PLANES))
    sky = task.exposureToBackground(average)
    on_image, on_sky = task.measureScale(science, sky)
    check.floats("scales of the image", on_image, arrays["out_scale_image"])
    check.floats("scales of the sky", on_sky, arrays["out_scale_sky"])
    check.floats("scale", task.solveScales([(on_image, on_sky)]), np.float64(params["scale"]))
    task.subtractSkyFrame(science, sky, params["scale"])
    # What is left is the difference of numbers the size of the sky.
    check.floats("subtracted", science.image.array, arrays["out_subtracted"], params["scale"])


def compare_mask_objects(params: Params, arrays: Arrays, check: Check) -> None:
    """`MaskObjectsTask`: objects found, and replaced."""
    task = MaskObjectsTask(config=set_fields(MaskObjectsConfig(), params["config"]))
    exposure = make_exposure(*(arrays[f"in_{plane}"] for plane in PLANES))
    planes = dict(exposure.mask.getMaskPlaneDict())
    check.equal("planes", {name: planes.get(name) for name in params["maskPlanes"]}, params["maskPlanes"])
    task.findObjects(exposure)
    check.detection("found mask", exposure.mask.array, arrays["out_found_mask"])
    check.floats("found image", exposure.image.array, arrays["out_found_image"])
    same = exposure.mask.array == arrays["out_found_mask"]
    task.removeObjects(exposure, params["maskList"])
    check.detection("mask", exposure.mask.array, arrays["out_mask"])
    check.floats("image", exposure.image.array[same], arrays["out_image"][same])
    check.floats("variance", exposure.variance.array, arrays["out_variance"])


def compare_smooth_array(params: Params, arrays: Arrays, check: Check) -> None:
    """`smoothArray`."""
    smoothed = smoothArray(arrays["in_array"], arrays["in_bad"], params["sigma"])
    check.floats("array", smoothed, arrays["out_array"])
