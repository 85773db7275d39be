# SPDX-License-Identifier: GPL-3.0-or-later
"""Detection by rows finds what detection on the whole smoothed image finds, and holds less in memory."""

import tracemalloc

import numpy as np
import pytest
from exposures import make_exposure

from lsst.meas.algorithms import SourceDetectionConfig, SourceDetectionTask
from lsst.portable import threads
from lsst.portable.arrays import search, smooth


class WholeImage(SourceDetectionTask):
    """Smooths the whole image before it searches, as every task does that brings a step of its own."""

    def convolveImage(self, *args, **kwargs):
        return super().convolveImage(*args, **kwargs)


def make_task(task=SourceDetectionTask, **fields):
    config = SourceDetectionConfig()
    config.update(
        reEstimateBackground=False, doTempLocalBackground=False, doTempWideBackground=False, **fields
    )
    return task(config=config)


def make_noise(shape, seed=5):
    rng = np.random.default_rng(seed)
    image = rng.normal(0, 1, shape)
    image[shape[0] // 3, shape[1] // 2 :: 17] += 40
    image[shape[0] // 2, ::23] -= 40
    image[rng.random(shape) < 0.0005] = np.nan
    return make_exposure(image, variance=rng.uniform(0.5, 2, shape), xy0=(11, -30))


@pytest.mark.parametrize("shape", [(35, 41), (131, 97), (97, 260)])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("doSmooth", [False, True])
@pytest.mark.parametrize("polarity", ["positive", "negative", "both"])
@pytest.mark.parametrize(
    "fields",
    [
        {"thresholdType": "pixel_stdev", "thresholdValue": 2.5},
        {"thresholdType": "value", "thresholdValue": 0.6, "minPixels": 4},
        {"thresholdType": "variance", "thresholdValue": 2.0},
        {"thresholdType": "pixel_stdev", "thresholdValue": 2.0, "includeThresholdMultiplier": 1.5},
    ],
    ids=lambda fields: fields["thresholdType"],
)
def test_rows_find_what_the_whole_image_has(monkeypatch, shape, large, doSmooth, polarity, fields):
    given = make_noise(shape)
    expected, found = given.clone(), given.clone()
    whole = make_task(WholeImage, thresholdPolarity=polarity, **fields)
    sets = whole.detectFootprints(expected, sigma=2.0, doSmooth=doSmooth)
    if large:
        monkeypatch.setattr(threads, "thread_count", lambda: 3)
        for name, value in {"LARGE": 0, "_BLOCK": 1000, "_LEAST": 2000}.items():
            monkeypatch.setattr(threads, name, value)
        for name, value in {"_SEARCHED": 800, "_GROWN": 1000}.items():
            monkeypatch.setattr(search, name, value)
    task = make_task(thresholdPolarity=polarity, **fields)
    results = task.detectFootprints(found, sigma=2.0, doSmooth=doSmooth)
    np.testing.assert_array_equal(found.mask.array, expected.mask.array)
    np.testing.assert_array_equal(found.image.array, given.image.array)
    for name in ("doSmooth", "sigma", "smoothingKernelWidth", "nGrow"):
        assert task.metadata.get(name) == whole.metadata.get(name)
    for name in ("positive", "negative"):
        ours, theirs = getattr(results, name), getattr(sets, name)
        assert (ours is None) == (theirs is None)
        assert ours is None or len(ours) == len(theirs)
        assert ours is None or ours.getRegion() == theirs.getRegion()


@pytest.mark.parametrize("name", ["convolveImage", "makeThreshold", "applyThreshold"])
def test_a_step_of_ones_own_is_called(name):
    called = []
    own = getattr(SourceDetectionTask, name)

    def step(self, *args, **kwargs):
        called.append(name)
        return own(self, *args, **kwargs)

    derived = type("Derived", (SourceDetectionTask,), {name: step})
    make_task(derived).detectFootprints(make_noise((60, 70)), sigma=2.0)
    assert called == [name]


def test_a_threshold_in_pixel_values_needs_no_variance(monkeypatch):
    exposure = make_noise((60, 70))
    smoothed = []
    monkeypatch.setattr(smooth, "smooth_inside", lambda *args, **kwargs: smoothed.append(args))
    make_task(thresholdType="value").detectFootprints(exposure, sigma=2.0)
    assert not smoothed


def test_no_full_size_array_is_made(monkeypatch):
    monkeypatch.setattr(threads, "thread_count", lambda: 2)
    exposure = make_noise((1500, 1101))
    task = make_task()
    task.detectFootprints(exposure, sigma=5.0)
    variance = smooth.RepeatedSmoothing(exposure.variance.array)
    peaks = []
    for each in (task, make_task(WholeImage)):
        each.detectFootprints(exposure, sigma=5.0, smoothedVariance=variance)
        tracemalloc.start()
        each.detectFootprints(exposure, sigma=5.0, smoothedVariance=variance)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    size = exposure.image.array.nbytes
    assert peaks[0] < 1.2 * size  # what two threads have in hand
    assert peaks[1] > 2 * size
