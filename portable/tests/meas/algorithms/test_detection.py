"""Detection of sources with a Gaussian."""

import numpy as np
import pytest
from exposures import make_exposure

from lsst.afw import math as afw_math
from lsst.meas.algorithms import SourceDetectionConfig, SourceDetectionTask
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arrays import smooth


def make_config(**fields):
    config = SourceDetectionConfig()
    config.update(
        reEstimateBackground=False, doTempLocalBackground=False, doTempWideBackground=False, **fields
    )
    return config


@pytest.fixture
def exposure():
    """One bright source above, one negative source below."""
    rng = np.random.default_rng(20240328)
    y, x = np.indices((120, 170))
    image = rng.normal(0, 1, (120, 170))
    image += 50 * np.exp(-((x - 60) ** 2 + (y - 50) ** 2) / (2 * 2.0**2))
    image -= 50 * np.exp(-((x - 120) ** 2 + (y - 80) ** 2) / (2 * 2.0**2))
    return make_exposure(image, xy0=(11, -30))


def plane(exposure, name):
    return (exposure.mask.array & exposure.mask.getPlaneBitMask(name)) != 0


def test_default_configuration():
    config = SourceDetectionConfig()
    assert config.thresholdValue == 5.0
    assert config.thresholdType == "pixel_stdev"
    assert config.isotropicGrow
    assert config.nSigmaToGrow == 2.4
    assert config.tempLocalBackground.binSize == 64
    assert config.tempWideBackground.binSize == 512
    assert "DETECTED" not in config.tempWideBackground.ignoredPixelMask


def test_positive_source_is_masked_and_edge_marked(exposure):
    before = exposure.image.array.copy()
    exposure.mask.array[:] |= exposure.mask.getPlaneBitMask(["DETECTED", "DETECTED_NEGATIVE"])
    results = SourceDetectionTask(config=make_config()).detectFootprints(exposure, sigma=2.0)
    assert len(results.positive) == 1
    assert results.negative is None
    detected = plane(exposure, "DETECTED")
    assert detected[50, 60]
    assert detected.sum() < 1000
    assert not plane(exposure, "DETECTED_NEGATIVE").any()
    edge = plane(exposure, "EDGE")
    half = 15 // 2
    assert edge.sum() == edge.size - (120 - 2 * half) * (170 - 2 * half)
    assert not edge[half:-half, half:-half].any()
    np.testing.assert_array_equal(exposure.image.array, before)


def test_both_polarities(exposure):
    config = make_config(thresholdPolarity="both")
    results = SourceDetectionTask(config=config).detectFootprints(exposure, sigma=2.0)
    assert (len(results.positive), len(results.negative)) == (1, 1)
    assert plane(exposure, "DETECTED_NEGATIVE")[80, 120]
    assert not plane(exposure, "DETECTED")[80, 120]


def test_older_detections_may_be_kept(exposure):
    exposure.mask.array[3, 4] |= exposure.mask.getPlaneBitMask("DETECTED")
    SourceDetectionTask(config=make_config()).detectFootprints(exposure, sigma=2.0, clearMask=False)
    assert plane(exposure, "DETECTED")[3, 4]


def test_growth_and_size(exposure):
    sizes = {}
    for grow in (0.0, 2.4):
        task = SourceDetectionTask(config=make_config(nSigmaToGrow=grow))
        task.detectFootprints(exposure, sigma=2.0)
        sizes[grow] = plane(exposure, "DETECTED").sum()
    assert 0 < sizes[0.0] < sizes[2.4]
    task = SourceDetectionTask(config=make_config(minPixels=int(sizes[0.0]) + 1))
    task.detectFootprints(exposure, sigma=2.0)
    assert not plane(exposure, "DETECTED").any()


def test_nan_is_never_detected(exposure):
    exposure.image.array[:] = np.nan
    results = SourceDetectionTask(config=make_config()).detectFootprints(exposure, sigma=2.0)
    assert len(results.positive) == 0
    assert not plane(exposure, "DETECTED").any()


def test_without_smoothing(exposure):
    results = SourceDetectionTask(config=make_config()).detectFootprints(exposure, sigma=2.0, doSmooth=False)
    assert len(results.positive) >= 1
    assert not plane(exposure, "EDGE").any()


def test_image_smaller_than_the_kernel_is_refused(exposure):
    task = SourceDetectionTask(config=make_config())
    exposure.mask.array[3, 4] = exposure.mask.getPlaneBitMask("DETECTED")
    before = exposure.clone()
    with pytest.raises(
        InvalidParameterError, match="170 x 120 pixels is smaller than the smoothing kernel of 211"
    ):
        task.detectFootprints(exposure, sigma=30.0)
    with pytest.raises(InvalidParameterError, match="positive sigma"):
        task.detectFootprints(exposure, sigma=0.0)
    np.testing.assert_array_equal(exposure.mask.array, before.mask.array)


@pytest.mark.parametrize(
    "fields",
    [
        {"doTempWideBackground": True},
        {"excludeMaskPlanes": ["SAT"]},
    ],
)
def test_what_is_not_offered_says_so(fields):
    config = make_config()
    config.update(**fields)
    with pytest.raises(NotImplementedError, match=next(iter(fields))):
        SourceDetectionTask(config=config)


def test_catalogue_and_psf_are_not_offered(exposure):
    task = SourceDetectionTask(config=make_config())
    with pytest.raises(NotImplementedError, match="use detectFootprints"):
        task.run(None, exposure)
    with pytest.raises(NotImplementedError, match="pass sigma"):
        task.detectFootprints(exposure)


def test_variance_is_smoothed_once_for_several_searches(monkeypatch, exposure):
    task = SourceDetectionTask(config=make_config())
    expected = exposure.clone()
    task.detectFootprints(expected, sigma=2.0)
    smoothed = []
    smooth_inside = smooth.smooth_inside
    monkeypatch.setattr(
        smooth, "smooth_inside", lambda *args, **kwargs: smoothed.append(1) or smooth_inside(*args, **kwargs)
    )
    variance = smooth.RepeatedSmoothing(exposure.variance.array)
    for _ in range(3):
        task.detectFootprints(exposure, sigma=2.0, smoothedVariance=variance)
    assert len(smoothed) == 1
    np.testing.assert_array_equal(exposure.mask.array, expected.mask.array)
    task.detectFootprints(exposure, sigma=2.5, smoothedVariance=variance)
    task.detectFootprints(exposure, sigma=2.5)
    assert len(smoothed) == 3


@pytest.mark.parametrize("kind", ["stdev", "variance"])
def test_noise_of_the_whole_image(kind):
    rng = np.random.default_rng(6)
    image = rng.normal(0, 3.0, (90, 100))
    image[40:43, 50:53] += 60.0
    exposure = make_exposure(image, variance=np.full(image.shape, 1e6))
    config = make_config()
    config.update(thresholdType=kind, thresholdValue=5.0, nSigmaToGrow=0.0)
    task = SourceDetectionTask(config=config)
    middle = task.convolveImage(exposure.maskedImage.clone(), 1.5).middle
    task.detectFootprints(exposure, sigma=1.5)
    statistics = afw_math.StatisticsControl()
    if kind == "stdev":
        statistics.setAndMask(middle.mask.getPlaneBitMask(list(config.statsMask)))
    level = 5.0 * afw_math.makeStatistics(middle, afw_math.STDEVCLIP, statistics).getValue()
    detected = (exposure.mask.array & exposure.mask.getPlaneBitMask("DETECTED")) != 0
    np.testing.assert_array_equal(detected[5:-5, 5:-5], middle.image.array >= level)
    assert 5 < detected.sum() < 100


def test_noise_of_the_whole_image_leaves_masked_pixels_out():
    rng = np.random.default_rng(6)
    image = rng.normal(0, 3.0, (90, 100))
    exposure = make_exposure(image)
    exposure.image.array[:, 60:] *= 30.0
    exposure.mask.array[:, 60:] = exposure.mask.getPlaneBitMask("BAD")
    config = make_config()
    config.update(thresholdType="stdev")
    task = SourceDetectionTask(config=config)
    middle = task.convolveImage(exposure.maskedImage, 1.5).middle
    # Bits spread under the kernel, so that pixels which a bad one has touched do not count either.
    bad = (middle.mask.array & middle.mask.getPlaneBitMask("BAD")) != 0
    assert bad[0].tolist() == [x >= 60 - 10 for x in range(90)]
    level = task.makeThreshold(middle, "positive").getValue()
    assert level == pytest.approx(5.0 * middle.image.array[~bad].std(ddof=1), rel=0.1)


@pytest.mark.parametrize("polarity", ["positive", "negative", "both"])
def test_background_is_estimated_again(exposure, polarity):
    expected = exposure.clone()
    config = SourceDetectionConfig()
    config.update(thresholdPolarity=polarity, adjustBackground=0.5)
    config.background.update(useApprox=False, binSize=64)
    task = SourceDetectionTask(config=config)
    before = afw_math.BackgroundList()
    results = task.detectFootprints(exposure, sigma=2.0, background=before)

    # Sources of both signs are left out of the background, those that are not wanted are forgotten.
    both = SourceDetectionTask(config=make_config(thresholdPolarity="both"))
    both.detectFootprints(expected, sigma=2.0)
    fit = task.background.fitBackground(expected.maskedImage)
    fit += 0.5
    np.testing.assert_allclose(
        exposure.image.array,
        expected.image.array - fit.getImageF("AKIMA_SPLINE", "REDUCE_INTERP_ORDER").array,
        atol=1e-6,
    )
    for name, plane in (("positive", "DETECTED"), ("negative", "DETECTED_NEGATIVE")):
        wanted = polarity in (name, "both")
        assert (getattr(results, name) is not None) == wanted
        bit = exposure.mask.getPlaneBitMask(plane)
        found = (exposure.mask.array & bit) != 0
        np.testing.assert_array_equal(found, ((expected.mask.array & bit) != 0) & wanted)
    assert results.background is before
    assert len(before) == 1
    assert before[0][1] == afw_math.Interpolate.AKIMA_SPLINE


def test_default_configuration_works(exposure):
    results = SourceDetectionTask().detectFootprints(exposure, sigma=2.0)
    assert len(results.positive) == 1
    assert results.negative is None
    assert len(results.background) == 1
    assert abs(np.median(exposure.image.array)) < 0.2
