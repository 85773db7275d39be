# SPDX-License-Identifier: GPL-3.0-or-later
"""Models of the background over the focal plane, and the cameras of observatories."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from exposures import make_camera, make_exposure, set_fields
from golden import shared_dir

from lsst.afw.cameraGeom import FIELD_ANGLE, FOCAL_PLANE, PIXELS, Camera, Detector
from lsst.afw.math import BackgroundList
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pipe.tasks.background import FocalPlaneBackground, FocalPlaneBackgroundConfig

from ._check import Check

Arrays = Mapping[str, np.ndarray]
Params = Mapping[str, Any]


def _make_model(params: Params, camera: Camera, check: Check) -> FocalPlaneBackground:
    config = set_fields(FocalPlaneBackgroundConfig(), params["config"])
    model = FocalPlaneBackground.fromCamera(config, camera)
    check.equal("dims", list(model.dims), params["dims"])
    return model


def _compare_sums(model: FocalPlaneBackground, arrays: Arrays, suffix: str, check: Check) -> None:
    check.floats(f"values{suffix}", model._values.array, arrays[f"out_values{suffix}"])
    check.floats(f"numbers{suffix}", model._numbers.array, arrays[f"out_numbers{suffix}"])


def _compare_detector(background: BackgroundList, arrays: Arrays, i: int, check: Check) -> None:
    stats = background[0][0].getStatsImage()
    check.floats(f"stats of detector {i}", stats.image.array, arrays[f"out_ccd_stats_{i}"])
    if f"out_ccd_mask_{i}" in arrays:
        check.equal(f"mask of detector {i}", stats.mask.array, arrays[f"out_ccd_mask_{i}"])
    image = background.getImage().array
    if f"out_ccd_image_{i}" in arrays:
        check.floats(f"image of detector {i}", image, arrays[f"out_ccd_image_{i}"])
    else:
        check.floats(f"sample of detector {i}", image[3::97, 5::101], arrays[f"out_ccd_sample_{i}"])


def compare_focal_plane(params: Params, arrays: Arrays, check: Check) -> None:
    """`FocalPlaneBackground`: measured per detector, merged, and evaluated on detectors."""
    camera = make_camera(params["camera"])
    model = _make_model(params, camera, check)
    parts = []
    for detector in camera:
        i = detector.getId()
        if f"in_image_{i}" not in arrays:
            continue
        planes = (arrays[f"in_{plane}_{i}"] for plane in ("image", "mask", "variance"))
        part = model.clone()
        part.addCcd(make_exposure(*planes, detector=detector))
        _compare_sums(part, arrays, f"_{i}", check)
        parts.append(part)
    for part in parts:
        model.merge(part)
    _compare_sums(model, arrays, "", check)
    used = params["asUsed"]
    if "stats" in used:
        check.raises("stats", used["stats"], model.getStatsImage)
    else:
        check.floats("stats", model.getStatsImage().array, arrays["out_stats"])
    for detector in camera:
        i, box = detector.getId(), detector.getBBox()
        if isinstance(used[str(i)], str):
            check.raises(f"detector {i}", used[str(i)], model.toCcdBackground, detector, box)
            continue
        background = model.toCcdBackground(detector, box)
        _compare_detector(background, arrays, i, check)
        style = int(background[0][0].getAsUsedInterpStyle().value)
        check.equal(f"style used on detector {i}", style, used[str(i)])


def _compare_geometry(detector: Detector, points: np.ndarray, expected: Params, check: Check) -> None:
    names = {
        "name": detector.getName(),
        "serial": detector.getSerial(),
        "physicalType": detector.getPhysicalType(),
        "namps": len(detector),
        "gain0": detector[0].getGain(),
    }
    for name, value in names.items():
        check.equal(f"{name} of {expected['name']}", value, expected[name])
    x, y, width, height = expected["bbox"]
    check.equal("bbox", detector.getBBox(), Box2I(Point2I(x, y), Extent2I(width, height)))
    for name, system in (("focalPlane", FOCAL_PLANE), ("fieldAngle", FIELD_ANGLE)):
        found = detector.transform(points.T, PIXELS, system).T
        check.floats(name, found, np.array(expected[name]))


def compare_real_camera(params: Params, arrays: Arrays, check: Check) -> None:
    """Geometry of the camera of an observatory, and models evaluated on some of its detectors.

    Raises
    ------
    FileNotFoundError
        Raised if the cameras of observatories are not beside the checkout.
    """
    path = shared_dir() / "real" / "cameras" / params["file"]
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there")
    camera = Camera.readFits(str(path))
    check.equal("camera", camera.getName(), params["camera"])
    check.equal("number of detectors", len(camera), params["ndetectors"])
    for number, expected in params["geometry"].items():
        _compare_geometry(camera[int(number)], np.array(params["points"]), expected, check)
    model = _make_model(params, camera, check)
    model._values.array[:] = arrays["in_values"]
    model._numbers.array[:] = arrays["in_numbers"]
    check.floats("stats", model.getStatsImage().array, arrays["out_stats"])
    for i in params["detectors"]:
        detector = camera[i]
        _compare_detector(model.toCcdBackground(detector, detector.getBBox()), arrays, i, check)
