# SPDX-License-Identifier: GPL-3.0-or-later
"""What enumerations are printed as."""

import pickle

import pytest

from lsst.afw import math
from lsst.afw.detection import Threshold


@pytest.mark.parametrize(
    ("member", "text"),
    [
        (math.MEDIAN, "Property.MEDIAN"),
        (math.WEIGHTS_TRUE, "WeightsBoolean.WEIGHTS_TRUE"),
        (math.REDUCE_INTERP_ORDER, "UndersampleStyle.REDUCE_INTERP_ORDER"),
        (math.Interpolate.AKIMA_SPLINE, "Style.AKIMA_SPLINE"),
        (math.ApproximateControl.UNKNOWN, "Style.UNKNOWN"),
        (math.LeastSquares.DIRECT_SVD, "Factorization.DIRECT_SVD"),
        (Threshold.PIXEL_STDEV, "ThresholdType.PIXEL_STDEV"),
    ],
)
def test_names(member, text):
    assert str(member) == text
    assert pickle.loads(pickle.dumps(member)) is member
    assert int(member) == member
