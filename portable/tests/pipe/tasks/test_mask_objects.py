"""Masking of objects."""

import logging
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from exposures import make_exposure, set_fields

from lsst.meas.algorithms import TooManyMaskedPixelsError
from lsst.pex.exceptions import InvalidParameterError
from lsst.pipe.tasks.background import MaskObjectsConfig, MaskObjectsTask
from lsst.portable import threads


def make_task(fields=None):
    return MaskObjectsTask(config=set_fields(MaskObjectsConfig(), fields or {}))


def test_default_configuration():
    config = MaskObjectsConfig()
    config.validate()
    assert config.nIter == 3
    assert config.detectSigma == 5.0
    assert config.detection.thresholdValue == 2.5
    assert config.subtractBackground.binSize == 1024
    assert config.interpolate.binSize == 256
    config.detection.doTempLocalBackground = True
    with pytest.raises(RuntimeError, match=r"detection\.doTempLocalBackground is True"):
        config.validate()


@pytest.fixture
def exposure():
    rng = np.random.default_rng(3)
    y, x = np.indices((180, 230))
    image = 800 + 0.005 * x + rng.normal(0, 28, y.shape)
    image += 4000 * np.exp(-((x - 90) ** 2 + (y - 70) ** 2) / (2 * 3.0**2))
    return make_exposure(image, variance=np.full(image.shape, 28.0**2), xy0=(-12, 300))


def test_run_replaces_objects_in_place(exposure):
    before = exposure.image.array.copy()
    found = exposure.clone()
    make_task().findObjects(found)
    sky = (found.mask.array & found.mask.getPlaneBitMask("DETECTED")) == 0
    make_task().run(exposure, ["SAT"])
    assert before[70, 90] > 4000
    assert exposure.image.array[70, 90] == pytest.approx(805, abs=10)
    assert sky.mean() > 0.5
    np.testing.assert_allclose(exposure.image.array[sky], before[sky], rtol=1e-6)
    assert not (exposure.mask.array & exposure.mask.getPlaneBitMask("DETECTED")).any()
    assert exposure.getMetadata().exists("BGMEAN")


@pytest.mark.parametrize("interpolate", [True, False])
def test_no_good_pixel_is_an_error(exposure, interpolate):
    exposure.mask.array[:] = exposure.mask.getPlaneBitMask("NO_DATA")
    task = make_task({"doInterpolate": interpolate})
    with pytest.raises(TooManyMaskedPixelsError, match="All 41400 pixels are masked by one of"):
        task.findObjects(exposure)
    with pytest.raises(TooManyMaskedPixelsError, match="All 41400 pixels are masked by one of"):
        task.removeObjects(exposure, ["NO_DATA"])


def test_one_nan_that_is_not_masked_stays_one(exposure, caplog):
    expected = exposure.clone()
    exposure.image.array[40, 50] = np.nan
    task = make_task()
    with caplog.at_level(logging.WARNING):
        task.run(exposure)
        task.run(expected)
    assert np.argwhere(np.isnan(exposure.image.array)).tolist() == [[40, 50]]
    assert not caplog.records
    # It leaves the model of the sky as it is, but for the pixel that is missing.
    far = np.ones(expected.image.array.shape, dtype=bool)
    far[20:61, 30:71] = False
    np.testing.assert_allclose(exposure.image.array[far], expected.image.array[far], rtol=2e-3)


def test_memory_beside_the_exposure(monkeypatch):
    monkeypatch.setattr(threads, "thread_count", lambda: 2)
    rng = np.random.default_rng(4)
    image = rng.normal(800, 28, (1400, 1301))
    image[rng.integers(0, 1400, 60), rng.integers(0, 1301, 60)] += 30000
    exposure = make_exposure(image, variance=np.full(image.shape, 28.0**2))
    size, peaks = exposure.image.array.nbytes, {}
    task = make_task()
    task.run(exposure.clone())
    for name in ("findObjects", "removeObjects"):
        tracemalloc.start()
        getattr(task, name)(exposure)
        peaks[name] = tracemalloc.get_traced_memory()[1] / size
        tracemalloc.stop()
    # The smoothed variance is one image; the rest are the cells that each thread measures, half an
    # image with their scratch, more or less as the threads happen to meet. No other array is of the size of
    # an image.
    assert 1.0 < peaks["findObjects"] < 2.2
    assert peaks["removeObjects"] < 1.0


def test_threads_may_share_a_task():
    rng = np.random.default_rng(8)
    given = []
    for level in np.linspace(1.0, 40.0, 16):
        image = rng.normal(500.0, np.sqrt(level), (160, 170))
        image[40:44, 60:65] += 300.0
        given.append(make_exposure(image, variance=rng.uniform(0.5, 1.5, image.shape) * level))
    task = make_task()
    expected = [exposure.clone() for exposure in given]
    for exposure in expected:
        task.run(exposure)
    for _ in range(5):
        found = [exposure.clone() for exposure in given]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(task.run, found))
        for ours, theirs in zip(found, expected, strict=True):
            for plane in ("image", "mask", "variance"):
                np.testing.assert_array_equal(getattr(ours, plane).array, getattr(theirs, plane).array)


def test_the_background_comes_back_when_detection_fails(exposure):
    before = exposure.clone()
    task = make_task({"detectSigma": 60.0})
    with pytest.raises(InvalidParameterError, match="is smaller than the smoothing kernel"):
        task.run(exposure)
    np.testing.assert_allclose(exposure.image.array, before.image.array, rtol=1e-6)
    np.testing.assert_array_equal(exposure.mask.array, before.mask.array)
