"""Nights whose sky frames are to be judged: untouched, or with a bad exposure and a bad detector."""

import dataclasses

import numpy as np

from lsst.cp.sky.simulate import (
    CALIB_COLLECTION,
    RAW_COLLECTION,
    Night,
    NightConfig,
    SkyConfig,
    bin_camera,
    binning_for_size,
    make_raft_camera,
    make_repository,
    pixel_size,
)
from lsst.daf.butler import Butler
from lsst.pipe.base import Pipeline
from lsst.pipe.base.simple_pipeline_executor import SimplePipelineExecutor

BAD_EXPOSURE, BAD_DETECTOR = 2024032800003, 4
DETECTORS = (0, 1, 3, 4, 8)
#: So even that superpixels of the size of a detector describe it.
SKY = SkyConfig(gradient=0.002, curvature=0.001)
PIPELINES = "resource://lsst.cp.sky/pipelines/_ingredients"


class SpoiltNight(Night):
    """Night with light where it does not belong."""

    def __init__(self, *args, spoil, **kwargs):
        super().__init__(*args, **kwargs)
        self.spoil = spoil

    def exposure(self, number, detector, visit_info=None):
        exposure = super().exposure(number, detector, visit_info)
        self.spoil(exposure, number, detector.getId(), self.skies[number].level)
        return exposure


def untouched(exposure, number, detector, level):
    """Leave the exposure alone."""


def waves(exposure, number, detector, level):
    """One exposure with stray light over all of it, and one detector that is different each time."""
    y, x = np.mgrid[: exposure.getHeight(), : exposure.getWidth()] / exposure.getWidth()
    rng = np.random.default_rng([number, detector])
    if number == BAD_EXPOSURE % 10 - 1:
        exposure.image.array += 0.02 * level * np.sin(9 * x + detector)
    if detector == BAD_DETECTOR:
        exposure.image.array += 0.02 * level * np.sin(7 * y + rng.uniform(0, 6))


@dataclasses.dataclass(frozen=True)
class Made:
    """A repository with sky frames and what is said of them."""

    root: str
    sizes: dict
    night: Night

    def butler(self, collections="verify,sky"):
        return Butler.from_config(self.root, collections=collections.split(","), instrument="SkySim")


def run(root, pipeline, inputs, output, where="instrument='SkySim'"):
    """Run a pipeline in this process; returns the number of quanta."""
    butler = SimplePipelineExecutor.prep_butler(root, inputs=inputs, output=output)
    executor = SimplePipelineExecutor.from_pipeline(pipeline, where=where, butler=butler)
    return len(executor.run(register_dataset_types=True))


def chain_pipeline(sizes):
    pipeline = Pipeline.from_uri(f"{PIPELINES}/cpSkyPostIsr.yaml")
    for field, value in {"adaptMaskBins": True, "excludeReplaced": True, **sizes}.items():
        pipeline.addConfigOverride("cpSkyImage", field, value)
    return pipeline


def make(folder, spoil=untouched, size=192, exposures=5, seed=5, joint_tasks=""):
    """Simulate a night, make its sky frames with both chains, and verify them."""
    camera = make_raft_camera()
    camera = bin_camera(camera, binning_for_size(camera, size))
    config = NightConfig(exposures=exposures, seed=seed, sources=None, sky=SKY)
    night = SpoiltNight(camera, config, spoil=spoil)
    root = str(folder / "repo")
    make_repository(root, night, detectors=DETECTORS)
    pixel = pixel_size(camera)
    sizes = {
        "largeScaleBackground.xSize": round(size * pixel, 6),
        "largeScaleBackground.ySize": round(size * pixel, 6),
        "largeScaleBackground.pixelSize": round(pixel, 9),
    }
    run(root, chain_pipeline(sizes), [RAW_COLLECTION, CALIB_COLLECTION], "sky")
    verify = Pipeline.from_uri(f"{PIPELINES}/cpSkyVerify.yaml")
    run(root, verify, ["sky", CALIB_COLLECTION], "verify")
    chain = Pipeline.from_uri(f"{PIPELINES}/cpSkyJointPostIsr.yaml")
    run(root, chain, [RAW_COLLECTION, CALIB_COLLECTION], "joint")
    verify = Pipeline.from_uri(f"{PIPELINES}/cpSkyJointVerify.yaml{joint_tasks}")
    run(root, verify, ["joint", CALIB_COLLECTION], "verify-joint")
    return Made(root, sizes, night)
