"""A task that threads share gives each of them what it would give alone, to the bit."""

import concurrent.futures
import functools
import hashlib
import sys
import threading
import time

import badjoint
import badothers
import jointnight
import numpy as np
import pytest
import skydata
from astropy.table import Table
from jointnight import handle, tables

from lsst.afw.image import MaskX
from lsst.afw.math import BackgroundList
from lsst.cp.sky import (
    CpSkyCombineTask,
    CpSkyImageTask,
    CpSkyScaleMeasureTask,
    CpSkySubtractBackgroundTask,
)
from lsst.cp.sky.apply import CpSkyApplyTask
from lsst.cp.sky.verify import CpSkyVerifyExposureTask, CpSkyVerifyFrameTask
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
        elif isinstance(thing, Table):
            for name in thing.colnames:
                digest.update(bits(name, np.asarray(thing[name])).encode())
        elif isinstance(thing, MaskX):
            digest.update(bits(thing.array).encode())
        elif hasattr(thing, "mask"):
            digest.update(bits(thing.image.array, thing.mask.array, thing.variance.array).encode())
        elif isinstance(thing, np.ndarray):
            digest.update(f"{thing.shape} {thing.dtype}".encode() + thing.tobytes())
        else:
            digest.update(repr(thing).encode())
    return digest.hexdigest()


@functools.lru_cache
def joint_nights(camera):
    """Nights of the joint chain, made once for all its tasks."""
    return [badjoint.Good.make(camera, 300.0 * (1 + number), 1 + number) for number in range(INPUTS)]


@functools.lru_cache
def stock_nights(camera):
    """Nights of the stock chain."""
    return [badothers.Good(camera, 300.0 * (1 + number), number) for number in range(INPUTS)]


class JointWork:
    """Nights of the joint chain that differ from number to number, and its tasks."""

    def __init__(self, camera):
        self.camera = camera

    def median(self):
        task, nights = jointnight.task("Median"), self.nights()

        def run(number):
            result = task.run(nights[number].exposures[101, 0])
            return bits(result.outputBins, result.outputNoise)

        return run

    def nights(self):
        return joint_nights(self.camera)

    def solves(self, name):
        task, nights = jointnight.task(name), self.nights()

        def run(number):
            night = nights[number]
            inputs = [tables(night.bins), tables(night.noise, "StructuredDataDict")]
            if name == "Solve":
                patterns = [handle(p, "ArrowAstropy", detector=d) for d, p in night.patterns.items()]
                inputs += [night.skies, patterns, night.wings]
            result = task.run(*inputs)
            return bits(result.outputSkies, *result.outputPatterns)

        return run

    def mask(self):
        task, nights = jointnight.task("Mask"), self.nights()

        def run(number):
            night = nights[number]
            result = task.run(night.exposures[101, 0], night.noise[101, 0], night.skies, night.patterns[0])
            return bits(result.outputMask, result.outputBins, result.outputProfiles, result.outputObjects)

        return run

    def pool(self):
        task, nights = jointnight.task("Pool"), self.nights()

        def run(number):
            night = nights[number]
            rng = np.random.default_rng(number)
            profiles = {key: table.copy() for key, table in night.profiles.items()}
            for table in profiles.values():
                table["count"], table["total"] = 1e4, 1e4 * rng.normal(size=len(table))
            return bits(task.run(tables(profiles), tables(night.objects)).outputWings)

        return run

    def stack(self):
        task, nights = jointnight.task("Stack"), self.nights()

        def run(number):
            night = nights[number]
            notes, masks = tables(night.noise, "StructuredDataDict"), tables(night.masks, "Mask")
            own = [jointnight.only(found, 0) for found in (night.exposures.values(), notes, masks)]
            static = task.run(*own, night.skies, night.patterns[0], night.wings).outputStatic
            return bits(static)

        return run

    def frame(self):
        task, nights = jointnight.task("Frame"), self.nights()

        def run(number):
            night = nights[number]
            notes, exposures = tables(night.noise, "StructuredDataDict"), night.exposures.values()
            own = [jointnight.only(found, 0) for found in (tables(night.bins), notes, exposures)]
            return bits(task.run(night.patterns[0], night.skies, *own).outputCalib)

        return run


class OtherWork:
    """Nights of the stock chain, and the tasks that apply and verify sky frames."""

    def __init__(self, camera):
        self.camera, self.nights = camera, stock_nights(camera)

    def apply(self):
        config = CpSkyApplyTask.ConfigClass()
        config.largeScaleBackground = skydata.model_config()
        task = CpSkyApplyTask(config=config)

        def run(number):
            night = self.nights[number]
            result = task.run(night.of(night.science), night.frames, self.camera)
            return bits(result.metrics, *result.outputExps.values())

        return run

    def verify_exposure(self):
        task = CpSkyVerifyExposureTask()

        def run(number):
            night = self.nights[number]
            residuals = night.of(night.residuals)
            found = task.run(night.of(night.masked), night.scale, residuals, night.frames, 101)
            return bits(found.metrics)

        return run

    def verify_frame(self):
        task = CpSkyVerifyFrameTask()

        def run(number):
            result = task.run(self.nights[number].frames, self.nights[number].residuals)
            return bits(result.metrics, result.pulls)

        return run


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
    "CpSkyJointMedian": lambda work: JointWork(work.camera).median(),
    "CpSkyJointStart": lambda work: JointWork(work.camera).solves("Start"),
    "CpSkyJointMask": lambda work: JointWork(work.camera).mask(),
    "CpSkyJointPool": lambda work: JointWork(work.camera).pool(),
    "CpSkyJointSolve": lambda work: JointWork(work.camera).solves("Solve"),
    "CpSkyJointStack": lambda work: JointWork(work.camera).stack(),
    "CpSkyJointFrame": lambda work: JointWork(work.camera).frame(),
    "CpSkyApply": lambda work: OtherWork(work.camera).apply(),
    "CpSkyVerifyExposure": lambda work: OtherWork(work.camera).verify_exposure(),
    "CpSkyVerifyFrame": lambda work: OtherWork(work.camera).verify_frame(),
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
