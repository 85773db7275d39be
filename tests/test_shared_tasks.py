"""A task that threads share gives each of them what it would give alone, to the bit."""

import concurrent.futures
import hashlib
import sys
import threading
import time

import numpy as np
import pytest
import skydata

from lsst.afw.math import BackgroundList
from lsst.cp.sky import (
    CpSkyCombineTask,
    CpSkyImageTask,
    CpSkyScaleMeasureTask,
    CpSkySubtractBackgroundTask,
)
from lsst.meas.algorithms import SourceDetectionTask, SubtractBackgroundTask
from lsst.pipe.base import InMemoryDatasetHandle
from lsst.pipe.tasks.background import FocalPlaneBackground, MaskObjectsTask, SkyMeasurementTask

THREADS, INPUTS = 8, 8


def bits(*things):
    """Digest of everything in the products of a task."""
    digest = hashlib.sha256()
    for thing in things:
        if isinstance(thing, BackgroundList):
            for member in thing:
                cells = member[0].getStatsImage()
                digest.update(bits(cells.image.array, cells.mask.array, cells.variance.array).encode())
        elif isinstance(thing, FocalPlaneBackground):
            digest.update(bits(thing._values.array, thing._numbers.array).encode())
        elif hasattr(thing, "mask"):
            digest.update(bits(thing.image.array, thing.mask.array, thing.variance.array).encode())
        elif isinstance(thing, np.ndarray):
            digest.update(f"{thing.shape} {thing.dtype}".encode() + thing.tobytes())
        else:
            digest.update(repr(thing).encode())
    return digest.hexdigest()


class Work:
    """Inputs that differ from number to number: level, noise, stars and masks."""

    def __init__(self, camera):
        self.camera = camera

    def exposure(self, number):
        exposure = skydata.make_exposure(
            self.camera[number % 4], visit=100 + number, level=300.0 * (1 + number % 7)
        )
        rng = np.random.default_rng(number)
        for x, y in zip(rng.integers(6, 120, 5), rng.integers(6, 90, 5), strict=True):
            exposure.image.array[y - 2 : y + 3, x - 2 : x + 3] += 3000.0 * (1 + number % 5)
        exposure.mask.array[number % 90] |= exposure.mask.getPlaneBitMask("BAD")
        return exposure

    def sky(self, number):
        return skydata.make_scale(self.camera, level=300.0 * (1 + number % 7))

    def image(self, settings):
        config = CpSkyImageTask.ConfigClass()
        config.largeScaleBackground = skydata.model_config()
        for name in settings:
            setattr(config, name, True)
        task = CpSkyImageTask(config=config)

        def run(number):
            result = task.run(self.exposure(number), self.camera)
            return bits(result.maskedExp, result.maskedBkg)

        return run

    def scale(self, statistic):
        config = CpSkyScaleMeasureTask.ConfigClass()
        config.scaleStatistic = statistic
        task = CpSkyScaleMeasureTask(config=config)

        def run(number):
            result = task.run(skydata.make_models(self.camera, level=50.0 * (1 + number), visit=number))
            return bits(result.outputBkg, result.outputScale.toDict())

        return run

    def subtract(self):
        task = CpSkySubtractBackgroundTask()

        def run(number):
            exposure, sky = self.exposure(number), self.sky(number)
            return bits(task.run(exposure, sky.outputBkg, sky.outputScale).outputBkg, exposure)

        return run

    def combine(self):
        task, sky = CpSkyCombineTask(), SkyMeasurementTask()

        def run(number):
            exposures = [skydata.make_exposure(self.camera[0], visit=10 * number + i) for i in range(3)]
            backgrounds = [sky.measureBackground(exposure.maskedImage) for exposure in exposures]
            handles = [InMemoryDatasetHandle(exposure, storageClass="ExposureF") for exposure in exposures]
            calib = task.run(backgrounds, handles).outputCalib
            cards = calib.getMetadata().toDict()
            return bits(calib, {name: cards[name] for name in sorted(cards) if "CALIB_CREATION" not in name})

        return run

    def detection(self):
        config = SourceDetectionTask.ConfigClass()
        config.reEstimateBackground = config.doTempLocalBackground = config.doTempWideBackground = False
        task = SourceDetectionTask(config=config)

        def run(number):
            exposure = self.exposure(number)
            exposure.image.array -= np.median(exposure.image.array)
            result = task.detectFootprints(exposure, sigma=1.0 + number % 3)
            return bits(
                exposure,
                *(len(found) for found in (result.positive, result.negative) if found is not None),
            )

        return run

    def background(self):
        config = SubtractBackgroundTask.ConfigClass()
        config.binSize = 16
        task = SubtractBackgroundTask(config=config)

        def run(number):
            exposure = self.exposure(number)
            return bits(task.run(exposure).background, exposure)

        return run

    def mask_objects(self):
        config = MaskObjectsTask.ConfigClass()
        config.detectSigma = 1.5
        config.subtractBackground.binSize = config.interpolate.binSize = 32
        task = MaskObjectsTask(config=config)

        def run(number):
            exposure = self.exposure(number)
            task.run(exposure, [])
            return bits(exposure)

        return run

    def sky_measurement(self):
        task = SkyMeasurementTask()

        def run(number):
            exposure = self.exposure(number)
            sky = task.measureBackground(exposure.maskedImage)
            average = task.averageBackgrounds(
                [sky, task.measureBackground(self.exposure(number + 4).maskedImage)]
            )
            scale = task.measureScale(exposure.maskedImage, sky)
            task.subtractSkyFrame(exposure.maskedImage, sky, 0.5)
            return bits(sky, average, exposure, *scale)

        return run


#: The tasks, and how to make one that takes the number of an input and returns a digest of what came out.
TASKS = {
    "CpSkyImage": lambda work: work.image([]),
    "CpSkyImage, recommended": lambda work: work.image(["maskNotFinite", "excludeReplaced", "adaptMaskBins"]),
    "CpSkyScaleMeasure": lambda work: work.scale("MEDIAN"),
    "CpSkyScaleMeasure, weighted": lambda work: work.scale("WEIGHTED"),
    "CpSkySubtractBackground": lambda work: work.subtract(),
    "CpSkyCombine": lambda work: work.combine(),
    "SourceDetection": lambda work: work.detection(),
    "SubtractBackground": lambda work: work.background(),
    "MaskObjects": lambda work: work.mask_objects(),
    "SkyMeasurement": lambda work: work.sky_measurement(),
}


@pytest.fixture
def often_interrupted():
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def differing(make):
    """Numbers of the inputs whose products differ when threads share what ``make`` makes."""
    alone = [make()(number) for number in range(INPUTS)]
    assert len(set(alone)) == INPUTS
    shared, together = make(), threading.Barrier(THREADS)

    def turn(thread):
        together.wait(timeout=60)
        return [(number, shared(number)) for number in np.roll(range(INPUTS), thread).tolist()]

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        turns = list(pool.map(turn, range(THREADS)))
    assert sum(map(len, turns)) == THREADS * INPUTS
    return [number for results in turns for number, found in results if found != alone[number]]


@pytest.mark.parametrize("name", TASKS)
def test_every_thread_gets_its_own(camera, often_interrupted, name):
    work = Work(camera)
    assert differing(lambda: TASKS[name](work)) == []


def test_data_on_the_task_would_be_seen(camera, often_interrupted):
    """The same with a task that keeps its input between two steps."""
    work = Work(camera)

    def careless():
        task = SkyMeasurementTask()

        def run(number):
            task.exposure = work.exposure(number)
            time.sleep(0.01)
            return bits(task.measureBackground(task.exposure.maskedImage))

        return run

    assert differing(careless) != []
