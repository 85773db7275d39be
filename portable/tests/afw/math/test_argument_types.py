"""Arguments of the wrong type are refused with a `TypeError` that names them."""

import numpy as np
import pytest

from lsst.afw import detection, math
from lsst.afw.image import ExposureF, ImageF, makeImageFromArray, makeMaskFromArray
from lsst.geom import Box2I

IMAGE = ImageF(8, 6)
CONTROL = math.BackgroundControl(2, 2)


@pytest.mark.parametrize(
    ("function", "arguments", "named"),
    [
        (math.makeBackground, (IMAGE, 3), "bgCtrl"),
        (math.makeStatistics, (3, math.MEAN), "data"),
        (math.makeStatistics, (IMAGE, math.MEAN, 3), "sctrl"),
        (math.statisticsStack, (3, math.MEAN), "images"),
        (math.statisticsStack, ([IMAGE], math.MEAN, 3), "sctrl"),
        (math.makeInterpolate, ([0.0, 1.0], [0.0, 1.0], "LINEAR"), "style"),
        (math.makeApproximate, ([1.0], [1.0], IMAGE, Box2I(), 3), "ctrl"),
        (math.binImage, (IMAGE.array, 2), "inImage"),
        (math.binImage, (IMAGE,), "binX"),
        (math.flipImage, (IMAGE.array, True, False), "inImage"),
        (math.rotateImageBy90, (IMAGE.array, 1), "image"),
        (math.rotateImageBy90, (IMAGE, 1.0), "nQuarter"),
        (math.convolve, (IMAGE, IMAGE, np.ones((3, 3))), "kernel"),
        (math.FixedKernel, (np.ones((3, 3)),), "image"),
        (math.WarpingControl, (2,), "warpingKernelName"),
        (math.BackgroundControl, (2.0, 2), "style"),
        (detection.Threshold, ("5",), "value"),
        (detection.Threshold, (5.0, "stdev"), "type"),
        (detection.FootprintSet, (IMAGE, 5.0), "threshold"),
        (detection.FootprintSet, (IMAGE.array, detection.Threshold(5.0)), "FootprintSet"),
        (makeImageFromArray, (3,), "array"),
        (makeMaskFromArray, ([[1, 2]],), "array"),
        *(
            (getattr(ExposureF(2, 2).info, f"set{name}"), (3,), name)
            for name in ("Detector", "Wcs", "Psf", "ApCorrMap", "CoaddInputs", "SummaryStats")
        ),
    ],
)
def test_named(function, arguments, named):
    with pytest.raises(TypeError, match=f"(?i){named}.* got "):
        function(*arguments)
