"""A small night with a truth, and the tasks of the joint chain run on it without a butler."""

import dataclasses
import itertools

import numpy as np

import lsst.cp.sky as sky
from lsst.cp.sky.simulate import Mosaic, MosaicConfig, MosaicNight
from lsst.pipe.base import InMemoryDatasetHandle, NoWorkFound

CONFIG = MosaicConfig(grid=(2, 1), exposures=3, missing=1)


def make_night(config=CONFIG, seed=5):
    """Night of two detectors of 512 pixels; one exposure lacks a detector."""
    return MosaicNight(Mosaic(config, seed))


def handle(dataset, storageClass, **dataId):
    """Handle of something in memory."""
    return InMemoryDatasetHandle(dataset, storageClass=storageClass, dataId=dataId)


def exposure_handles(night):
    """Handles of all exposures, by exposure and detector."""
    places = itertools.product(range(night.config.exposures), range(len(night.camera)))
    made = {(e, d): night.exposure(e, night.camera[d]) for e, d in places}
    return {
        (e, d): handle(exposure, "ExposureF", exposure=e, detector=d)
        for (e, d), exposure in made.items()
        if exposure is not None
    }


@dataclasses.dataclass
class Run:
    """What the chain made, by exposure and detector or by detector."""

    exposures: dict
    noise: dict
    bins: dict
    profiles: dict
    objects: dict
    masks: dict
    wings: object
    skies: object
    patterns: dict
    frames: dict
    first_bins: dict
    first_solution: object


def task(name, **fields):
    """Task of the joint chain with some of its fields set."""
    cls = getattr(sky, f"CpSkyJoint{name}Task")
    config = cls.ConfigClass()
    config.update(**fields)
    return cls(config=config)


def tables(found, storageClass="ArrowAstropy"):
    """Handles of what there is of each exposure and detector."""
    return [handle(t, storageClass, exposure=e, detector=d) for (e, d), t in found.items()]


def run_tasks(exposures, passes=2):
    """Run all tasks in the order of the pipeline."""
    first = {key: task("Median").run(h) for key, h in exposures.items()}
    bins = {key: r.outputBins for key, r in first.items()}
    noise = {key: r.outputNoise for key, r in first.items()}
    notes = tables(noise, "StructuredDataDict")
    solution = task("Start").run(tables(bins), notes)
    first_bins, first_solution = bins, solution
    wings, static = None, {}
    for number in range(passes):
        skies = solution.outputSkies
        patterns = dict(zip(solution.detectors, solution.outputPatterns, strict=True))
        mask = task("Mask", firstPass=number == 0)
        found = {
            (e, d): mask.run(h, noise[e, d], skies, patterns[d], wings, static.get(d))
            for (e, d), h in exposures.items()
        }
        profiles = {key: r.outputProfiles for key, r in found.items()}
        objects = {key: r.outputObjects for key, r in found.items()}
        masks = {key: r.outputMask for key, r in found.items()}
        bins = {key: r.outputBins for key, r in found.items()}
        wings = task("Pool").run(tables(profiles), tables(objects)).outputWings
        before = [handle(p, "ArrowAstropy", detector=d) for d, p in patterns.items()]
        solution = task("Solve").run(tables(bins), notes, skies, before, wings)
        patterns = dict(zip(solution.detectors, solution.outputPatterns, strict=True))
        if number < passes - 1:
            static = {
                d: stack_of(d, exposures, noise, masks, solution.outputSkies, patterns[d], wings)
                for d in patterns
            }
    frames = {
        d: task("Frame")
        .run(
            patterns[d],
            solution.outputSkies,
            only(tables(bins), d),
            only(notes, d),
            only(exposures.values(), d),
        )
        .outputCalib
        for d in patterns
    }
    return Run(
        exposures,
        noise,
        bins,
        profiles,
        objects,
        masks,
        wings,
        solution.outputSkies,
        patterns,
        frames,
        first_bins,
        first_solution,
    )


def only(handles, detector):
    """Handles of a detector."""
    return [h for h in handles if h.dataId["detector"] == detector]


def stack_of(detector, exposures, noise, masks, skies, pattern, wings):
    """Mask of what stays in place, or nothing where it is not sought."""
    try:
        return (
            task("Stack")
            .run(
                only(exposures.values(), detector),
                only(tables(noise, "StructuredDataDict"), detector),
                only(tables(masks, "Mask"), detector),
                skies,
                pattern,
                wings,
            )
            .outputStatic
        )
    except NoWorkFound:
        return None


def frames_of(run):
    """Pixels of the sky frames of all detectors, ``(D, ny, nx)``."""
    return np.array([run.frames[d].image.array for d in sorted(run.frames)])
