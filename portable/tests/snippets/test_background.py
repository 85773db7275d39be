"""What users of the stack type every day: statistics, backgrounds, and the tasks around them."""

import pickle

import numpy as np
import pytest

import lsst.afw.detection as afwDet
import lsst.afw.image as afwImage
import lsst.afw.math as afwMath
import lsst.geom as geom
import lsst.pex.exceptions as pexExceptions
from lsst.meas.algorithms import SubtractBackgroundTask
from lsst.pipe.tasks.background import SkyMeasurementTask

BBOX = geom.Box2I(geom.Point2I(10, 20), geom.Extent2I(200, 160))


@pytest.fixture
def exp():
    rng = np.random.default_rng(3)
    exp = afwImage.ExposureF(BBOX)
    exp.image.array[:] = rng.normal(100, 3, exp.image.array.shape)
    exp.variance.set(9.0)
    exp.mask.array[5:9, 5:9] |= exp.mask.getPlaneBitMask("SAT")
    exp.image.array[5:9, 5:9] = 60000
    return exp


@pytest.fixture
def sctrl(exp):
    sctrl = afwMath.StatisticsControl(3.0, 3)
    sctrl.setAndMask(exp.mask.getPlaneBitMask(["SAT", "BAD"]))
    return sctrl


def test_statistics(exp, sctrl):
    stats = afwMath.makeStatistics(exp.maskedImage, afwMath.MEANCLIP | afwMath.STDEVCLIP, sctrl)
    assert stats.getValue(afwMath.MEANCLIP) == pytest.approx(100, abs=0.1)
    assert stats.getValue(afwMath.STDEVCLIP) == pytest.approx(3, rel=0.03)
    value, error = afwMath.makeStatistics(exp.maskedImage, afwMath.MEAN | afwMath.ERRORS, sctrl).getResult()
    assert (value, error) == pytest.approx((100, 3 / np.sqrt(200 * 160)), rel=0.05)
    assert afwMath.makeStatistics(exp.image.array.ravel().tolist(), afwMath.MAX).getValue() == 60000
    assert afwMath.makeStatistics(exp.image, exp.mask, afwMath.MAX, sctrl).getValue() < 200
    assert afwMath.makeStatistics(exp.image, afwMath.MEDIAN).getValue() == pytest.approx(100, abs=0.1)
    # The sum of a mask is all bits that are set anywhere in it.
    assert afwMath.makeStatistics(exp.mask, afwMath.SUM).getValue() == exp.mask.getPlaneBitMask("SAT")
    assert afwMath.stringToStatisticsProperty("MEANCLIP") == afwMath.MEANCLIP
    with pytest.raises(pexExceptions.InvalidParameterError):
        stats.getValue(afwMath.MEDIAN)
    with pytest.raises(pexExceptions.InvalidParameterError):
        afwMath.stringToStatisticsProperty("NOPE")


def test_background(exp, sctrl):
    bctrl = afwMath.BackgroundControl(5, 4, sctrl, "MEANCLIP")
    bctrl.setInterpStyle("AKIMA_SPLINE")
    bctrl.setUndersampleStyle("REDUCE_INTERP_ORDER")
    bkg = afwMath.makeBackground(exp.maskedImage, bctrl)
    assert bkg.getStatsImage().getDimensions() == geom.Extent2I(5, 4)
    for image in (
        bkg.getImageF(),
        bkg.getImageF("LINEAR"),
        bkg.getImageF(interpStyle=afwMath.Interpolate.LINEAR),
        bkg.getImageF("AKIMA_SPLINE", "REDUCE_INTERP_ORDER"),
        bkg.getImageF(bctrl.getInterpStyle(), bctrl.getUndersampleStyle()),
    ):
        assert image.getBBox() == BBOX
        np.testing.assert_allclose(image.array, 100, atol=1)
    chebyshev = afwMath.ApproximateControl(afwMath.ApproximateControl.CHEBYSHEV, 1, 1)
    image = bkg.getApproximate(chebyshev).getImage()
    assert image.getBBox() == geom.Box2I(geom.Point2I(0, 0), BBOX.getDimensions())
    np.testing.assert_allclose(image.array, 100, atol=1)
    bkg += 3
    bkg -= 3
    np.testing.assert_allclose(pickle.loads(pickle.dumps(bkg)).getImageF().array, bkg.getImageF().array)
    exp.image -= bkg.getImageF()
    assert abs(np.median(exp.image.array)) < 0.1


def test_background_lists(exp, sctrl, tmp_path):
    bkg = afwMath.makeBackground(exp.maskedImage, afwMath.BackgroundControl(5, 4, sctrl, "MEANCLIP"))
    style, reduce = afwMath.Interpolate.LINEAR, afwMath.REDUCE_INTERP_ORDER
    backgrounds = afwMath.BackgroundList()
    backgrounds.append((bkg, style, reduce, afwMath.ApproximateControl.UNKNOWN, 0, 0, False))
    backgrounds.append(backgrounds[0])
    total = backgrounds.getImage()
    np.testing.assert_allclose(total.array, 2 * bkg.getImageF(style, reduce).array)
    np.testing.assert_allclose(total.array, sum(one[0].getImageF(style, reduce).array for one in backgrounds))
    backgrounds.writeFits(str(tmp_path / "background.fits"))
    for same in (
        pickle.loads(pickle.dumps(backgrounds)),
        backgrounds.clone(),
        afwMath.BackgroundList(*backgrounds),
        afwMath.BackgroundList.readFits(str(tmp_path / "background.fits")),
    ):
        assert len(same) == 2
        np.testing.assert_array_equal(same.getImage().array, total.array)
    exp.maskedImage -= total
    assert np.median(exp.image.array) == pytest.approx(-100, abs=0.1)


def test_interpolation():
    x = [1.0, 2.0, 3.0]
    interpolate = afwMath.makeInterpolate(x, [10.0, 20.0, 30.0], afwMath.Interpolate.LINEAR)
    assert interpolate.interpolate(1.5) == 15
    assert list(interpolate.interpolate(np.array([1.5, 2.5]))) == [15, 25]
    assert afwMath.stringToInterpStyle("LINEAR") == afwMath.Interpolate.LINEAR
    assert afwMath.lookupMaxInterpStyle(2) == afwMath.Interpolate.LINEAR


def test_stack_and_bin(exp, sctrl):
    mi = exp.maskedImage
    stacked = afwMath.statisticsStack([mi, mi.clone(), mi.clone()], afwMath.MEANCLIP, sctrl)
    np.testing.assert_allclose(stacked.image.array[20:], mi.image.array[20:], rtol=1e-6)
    weighted = afwMath.statisticsStack([exp.image, exp.image.clone()], afwMath.MEAN, sctrl, [1.0, 3.0])
    np.testing.assert_allclose(weighted.array, exp.image.array, rtol=1e-6)
    assert afwMath.binImage(exp.image, 4).getDimensions() == geom.Extent2I(50, 40)
    assert afwMath.binImage(mi, 4, 2).getDimensions() == geom.Extent2I(50, 80)


def test_detection(exp, sctrl):
    footprints = afwDet.FootprintSet(exp.maskedImage, afwDet.Threshold(1000), "DETECTED", 3)
    assert len(footprints) == 1
    assert ((exp.mask.array & exp.mask.getPlaneBitMask("DETECTED")) > 0).sum() == 16
    grown = afwDet.FootprintSet(footprints, 2, True)
    grown.setMask(exp.mask, "EDGE")
    assert ((exp.mask.array & exp.mask.getPlaneBitMask("EDGE")) > 0).sum() > 16


def test_subtract_background_task(exp):
    config = SubtractBackgroundTask.ConfigClass()
    config.binSize = 40
    config.useApprox = False
    result = SubtractBackgroundTask(config=config).run(exp)
    assert abs(np.median(exp.image.array)) < 0.1
    np.testing.assert_allclose(result.background.getImage().array, 100, atol=2)


def test_sky_measurement_task(exp):
    config = SkyMeasurementTask.ConfigClass()
    config.background.xBinSize = config.background.yBinSize = 40
    task = SkyMeasurementTask(config=config)
    sky = task.measureBackground(exp.maskedImage)
    as_exposure = task.averageBackgrounds([sky, sky])
    assert as_exposure.getDimensions() == sky[0][0].getStatsImage().getDimensions()
    frame = task.exposureToBackground(as_exposure)
    scale = task.solveScales([task.measureScale(exp.maskedImage, frame)])
    assert scale == pytest.approx(1, rel=0.01)
    task.subtractSkyFrame(exp.maskedImage, frame, scale)
    assert abs(np.median(exp.image.array)) < 0.5
