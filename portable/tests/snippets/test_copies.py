"""What users of the stack send to other processes: everything can be pickled and copied."""

import copy
import pickle

import pytest

import lsst.afw.image as afwImage
import lsst.afw.math as afwMath
from lsst.afw.cameraGeom import PIXELS, CameraSys, DetectorType, ReadoutCorner
from lsst.afw.coord import Observatory, Weather
from lsst.afw.detection import Threshold
from lsst.afw.geom import makeRadialTransform
from lsst.daf.base import DateTime
from lsst.geom import AffineTransform, Extent2D, LinearTransform, degrees
from lsst.meas.algorithms import SourceDetectionConfig, SubtractBackgroundConfig, SubtractBackgroundTask
from lsst.pipe.tasks.background import FocalPlaneBackgroundConfig, MaskObjectsTask, SkyMeasurementTask

WITH_EQUALITY = [
    afwImage.PARENT,
    afwImage.PhotoCalib(2.0, 0.5),
    afwImage.FilterLabel(band="r"),
    afwImage.VisitInfo(exposureTime=3.0, darkTime=4.0, era=1 * degrees),
    afwMath.MEAN,
    afwMath.MEANCLIP | afwMath.ERRORS,
    afwMath.Interpolate.AKIMA_SPLINE,
    afwMath.REDUCE_INTERP_ORDER,
    PIXELS,
    CameraSys("Pixels", "R22_S11"),
    DetectorType.SCIENCE,
    ReadoutCorner.UL,
    DateTime.TAI,
    Observatory(-70 * degrees, -30 * degrees, 2663.0),
    Weather(10.0, 75000.0, 30.0),
    SubtractBackgroundConfig(binSize=64),
    FocalPlaneBackgroundConfig(),
]


@pytest.mark.parametrize("thing", WITH_EQUALITY, ids=lambda thing: type(thing).__name__)
def test_equal(thing):
    for same in (pickle.loads(pickle.dumps(thing)), copy.copy(thing), copy.deepcopy(thing)):
        assert type(same) is type(thing)
        assert same == thing
    assert str(thing)
    assert repr(thing)


def transform_of_plane():
    return AffineTransform(LinearTransform.makeScaling(2.0), Extent2D(1, 2))


@pytest.mark.parametrize(
    ("thing", "look"),
    [
        (afwMath.StatisticsControl(2.5, 4, 3), lambda one: (one.getNumSigmaClip(), one.getNumIter())),
        (afwMath.BackgroundControl(3, 4), lambda one: (one.getNxSample(), one.getNySample())),
        (
            afwMath.ApproximateControl(afwMath.ApproximateControl.CHEBYSHEV, 3, 3),
            lambda one: (one.getStyle(), one.getOrderX(), one.getOrderY()),
        ),
        (Threshold(3.5, Threshold.STDEV), lambda one: (one.getValue(2.0), one.getType())),
        (transform_of_plane(), lambda one: one.getMatrix().tolist()),
        (makeRadialTransform([0.0, 1.0, 0.0, 1e-4]), lambda one: one.writeString()),
        (SourceDetectionConfig(thresholdValue=7.0), lambda one: one.toDict()),
        (SubtractBackgroundTask(), lambda one: one.config.toDict()),
        (SkyMeasurementTask(), lambda one: one.config.toDict()),
        (MaskObjectsTask(), lambda one: one.config.toDict()),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_same_content(thing, look):
    for same in (pickle.loads(pickle.dumps(thing)), copy.deepcopy(thing)):
        assert type(same) is type(thing)
        assert look(same) == look(thing)
