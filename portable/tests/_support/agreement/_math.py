# SPDX-License-Identifier: GPL-3.0-or-later
"""Statistics, interpolation, backgrounds, stacks and warping."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from exposures import make_masked_image

from lsst.afw import image as afw_image
from lsst.afw import math as afw_math
from lsst.afw.geom import makeTransform
from lsst.geom import AffineTransform, Box2I, Extent2D, Extent2I, LinearTransform, Point2I

from ._check import Check

Arrays = Mapping[str, np.ndarray]
Params = Mapping[str, Any]


def _bits(params: Params) -> int:
    """Mask bits of the planes that a case leaves out."""
    return sum(1 << params["maskPlanes"][name] for name in params["andMaskPlanes"])


def _flags(params: Params) -> afw_math.Property:
    """All properties of a case, with their errors."""
    flags = afw_math.ERRORS
    for name in params["properties"]:
        flags |= afw_math.stringToStatisticsProperty(name)
    return flags


def _masked_image(arrays: Arrays, xy0: tuple[int, int] = (0, 0)) -> afw_image.MaskedImageF:
    return make_masked_image(arrays["in_image"], arrays["in_mask"], arrays["in_variance"], xy0)


def _compare_properties(
    statistics: afw_math.Statistics, params: Params, arrays: Arrays, check: Check
) -> None:
    for i, name in enumerate(params["properties"]):
        value, error = statistics.getResult(afw_math.stringToStatisticsProperty(name))
        check.floats(f"{name} value", value, arrays["out_value"][i])
        check.floats(f"{name} error", error, arrays["out_error"][i])


def compare_statistics(params: Params, arrays: Arrays, check: Check) -> None:
    """`makeStatistics` of an image of one of four pixel types, with or without a mask."""
    control = afw_math.StatisticsControl(
        params["numSigmaClip"], params["numIter"], params["andMask"], params["nanSafe"]
    )
    image = getattr(afw_image, f"Image{params['pixel']}")(arrays["in_image"])
    masks = [afw_image.MaskX(arrays["in_mask"])] if params["use_mask"] else []
    statistics = afw_math.makeStatistics(image, *masks, _flags(params), control)
    _compare_properties(statistics, params, arrays, check)


def compare_statistics_masked(params: Params, arrays: Arrays, check: Check) -> None:
    """`makeStatistics` of a masked image: weights, errors, the OR of the mask."""
    control = afw_math.StatisticsControl(params["numSigmaClip"], params["numIter"], _bits(params))
    control.setWeighted(params.get("weighted", False))
    control.setCalcErrorFromInputVariance(params["calcErrorFromInputVariance"])
    statistics = afw_math.makeStatistics(_masked_image(arrays), _flags(params), control)
    _compare_properties(statistics, params, arrays, check)
    check.equal("ORMASK", statistics.getOrMask(), params["orMask"])


def compare_interpolate(params: Params, arrays: Arrays, check: Check) -> None:
    """`makeInterpolate`: values between and beyond the samples, or an exception for too few."""
    style = afw_math.stringToInterpStyle(params["style"])
    x, y = arrays["in_x"], arrays["in_y"]
    if "raises" in params:
        check.raises("samples", params["raises"], afw_math.makeInterpolate, x, y, style)
        return
    function = afw_math.makeInterpolate(x, y, style)
    check.floats("values", function.interpolate(arrays["in_xi"]), arrays["out_yi"])
    one_by_one = [function.interpolate(float(xi)) for xi in arrays["in_xi"]]
    check.floats("values one by one", one_by_one, arrays["out_yi"])


def compare_background(params: Params, arrays: Arrays, check: Check) -> None:
    """`makeBackground`: statistics of the cells, and images in every style."""
    control = afw_math.BackgroundControl(params["nx"], params["ny"])
    control.setStatisticsProperty(afw_math.stringToStatisticsProperty(params["statistic"]))
    control.getStatisticsControl().setAndMask(_bits(params))
    background = afw_math.makeBackground(_masked_image(arrays, params["xy0"]), control)
    stats = background.getStatsImage()
    check.floats("stats image", stats.image.array, arrays["out_stats_image"])
    check.floats("stats variance", stats.variance.array, arrays["out_stats_variance"])
    check.equal("stats mask", stats.mask.array, arrays["out_stats_mask"])
    for key, expected in params["images"].items():
        style, undersample = key.split("-")
        if "raises" in expected:
            check.raises(key, expected["raises"], background.getImageF, style, undersample)
            continue
        image = background.getImageF(style, undersample)
        check.floats(key, image.array, arrays[f"out_image_{key}"])
        check.equal(f"{key} type", image.array.dtype, np.dtype(np.float32))
        check.equal(f"{key} xy0", list(image.getXY0()), expected["xy0"])
        used = int(background.getAsUsedInterpStyle().value)
        check.equal(f"{key} style used", used, expected["asUsedInterpStyle"])
    if "subbox" in params:
        x, y, width, height = params["subbox"]
        box = Box2I(Point2I(x, y), Extent2I(width, height))
        image = background.getImageF(box, "NATURAL_SPLINE", "REDUCE_INTERP_ORDER")
        check.floats("image of a box", image.array, arrays["out_subimage"])


def compare_approximate(params: Params, arrays: Arrays, check: Check) -> None:
    """Chebyshev approximation of a background, asked for and as its image."""
    order = params["order"]
    approximation = afw_math.ApproximateControl(
        afw_math.ApproximateControl.CHEBYSHEV, order, order, params["weighting"]
    )
    control = afw_math.BackgroundControl(params["nx"], params["ny"])
    control.getStatisticsControl().setAndMask(_bits(params))
    background = afw_math.makeBackground(_masked_image(arrays), control)
    image = background.getApproximate(approximation).getImage()
    check.floats("image", image.array, arrays["out_image"])
    control.setApproximateControl(approximation)
    check.floats("image of the background", background.getImageF().array, arrays["out_image"])


def compare_stack(params: Params, arrays: Arrays, check: Check) -> None:
    """`statisticsStack` of masked images, with or without weights."""
    planes = (arrays[f"in_{plane}"] for plane in ("images", "masks", "variances"))
    images = [make_masked_image(*each, xy0=(3, -4)) for each in zip(*planes, strict=True)]
    control = afw_math.StatisticsControl()
    control.setAndMask(_bits(params))
    control.setWeighted(params.get("weighted", False))
    weights = [arrays["in_weights"].tolist()] if "in_weights" in arrays else []
    flag = afw_math.stringToStatisticsProperty(params["statistic"])
    stacked = afw_math.statisticsStack(images, flag, control, *weights)
    check.floats("image", stacked.image.array, arrays["out_image"])
    check.floats("variance", stacked.variance.array, arrays["out_variance"])
    check.equal("mask", stacked.mask.array, arrays["out_mask"])
    check.equal("xy0", stacked.getXY0(), Point2I(0, 0))


def compare_warp(params: Params, arrays: Arrays, check: Check) -> None:
    """`warpImage` by an affine transform."""
    *linear, offset = params["affine"]
    transform = makeTransform(AffineTransform(LinearTransform(np.array(linear)), Extent2D(*offset)))
    height, width = (int(size) for size in arrays["in_dst_shape"])
    warped = afw_image.ImageF(width, height)
    control = afw_math.WarpingControl(params["kernel"])
    afw_math.warpImage(warped, afw_image.ImageF(arrays["in_image"]), transform, control)
    check.floats("image", warped.array, arrays["out_image"])
