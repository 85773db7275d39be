"""The main job on the focal planes of real cameras, read from their files; detector pixels are binned."""

import dataclasses

import numpy as np
import pytest

from lsst.afw.cameraGeom import Camera
from lsst.cp.sky import (
    CpSkyCombineTask,
    CpSkyImageTask,
    CpSkyScaleMeasureTask,
    CpSkySubtractBackgroundTask,
)
from lsst.cp.sky.demo import MaskNothingTask, Recovery, compare_detector, photon_limit, run_chain
from lsst.cp.sky.simulate import (
    Night,
    NightConfig,
    bin_camera,
    binning_for_size,
    focal_plane_grid,
    pixel_size,
)
from lsst.pipe.base import InMemoryDatasetHandle


def read_camera(real_dir, name, size):
    camera = Camera.readFits(str(real_dir / "cameras" / f"camera_{name}_{name}_calib_unbounded.fits"))
    return bin_camera(camera, binning_for_size(camera, size))


def test_sky_frames_of_lsstcomcam(real_dir):
    camera = read_camera(real_dir, "LSSTComCam", 256)
    assert len(camera) == 9
    config = dataclasses.replace(NightConfig(), exposures=3)
    superpixels = {"xSize": 40.96, "ySize": 40.96, "pixelSize": pixel_size(camera)}
    detectors = [detector.getId() for detector in camera]
    frames = {
        kind: run_chain(Night(camera, night), detectors, superpixels, lambda: None)
        for kind, night in (("expected", config.without_noise()), ("unmasked", config.without_sources()))
    }
    skies = [sky.level for sky in Night(camera, config).skies]
    ratios = []
    for number in detectors:
        expected, unmasked = frames["expected"][number], frames["unmasked"][number]
        # Real detectors have 4072 x 4000 pixels; 16 times coarser they have 254 x 250, 8 x 8 cells of 32.
        assert expected.shape == (8, 8)
        limit = photon_limit(skies, config.read_noise, camera[number].getBBox().getArea() / expected.size)
        recovery = Recovery(expected, unmasked, np.full((8, 8), limit**2), np.zeros((8, 8), dtype=bool))
        result = compare_detector("", "", injected=expected, recoveries={"stock": recovery}, limit=limit)
        ratios.append(result.chains["stock"].ratio)
    assert 0.8 < np.sqrt(np.mean(np.square(ratios))) < 1.5


def test_stock_masking_on_lsstcomcam(real_dir):
    camera = read_camera(real_dir, "LSSTComCam", 256)
    night = Night(camera, dataclasses.replace(NightConfig(), exposures=2))
    config = CpSkyImageTask.ConfigClass()
    config.largeScaleBackground.update(xSize=40.96, ySize=40.96, pixelSize=pixel_size(camera))
    image_task, subtract_task = CpSkyImageTask(config=config), CpSkySubtractBackgroundTask()
    residuals = {detector.getId(): [] for detector in camera}
    handles = {detector.getId(): [] for detector in camera}
    for number, sky in enumerate(night.skies):
        exposures = [night.exposure(number, detector) for detector in camera]
        before = [exposure.image.array.copy() for exposure in exposures]
        shares = [image_task.run(exposure, camera).maskedBkg for exposure in exposures]
        model = CpSkyScaleMeasureTask().run(shares)
        assert model.outputScale["scale"] == pytest.approx(sky.level, rel=0.02)
        for exposure, pixels in zip(exposures, before, strict=True):
            # Objects have given way to sky; the stock masker takes DETECTED back when it has replaced them.
            assert 0.05 < np.mean(exposure.image.array != pixels) < 0.95
            rest = subtract_task.run(exposure, model.outputBkg, model.outputScale).outputBkg
            residuals[exposure.getDetector().getId()].append(rest)
            handles[exposure.getDetector().getId()].append(
                InMemoryDatasetHandle(exposure, storageClass="ExposureF")
            )
    for number, backgrounds in residuals.items():
        sky_frame = CpSkyCombineTask().run(backgrounds, handles[number]).outputCalib
        assert sky_frame.getDetector().getName() == camera[number].getName()
        assert np.isfinite(sky_frame.image.array).all()
        # The injected pattern is 0.25 % rms, its glow 1 %.
        assert abs(sky_frame.image.array).max() < 0.02


def test_sky_model_of_lsstcam(real_dir):
    camera = read_camera(real_dir, "LSSTCam", 64)
    assert len(camera) == 205
    night = Night(camera, NightConfig().without_noise())
    quiet = dataclasses.replace(night.config.pattern, amplifier_rms=0.0, response_rms=0.0, glow_peak=0.0)
    night = Night(camera, dataclasses.replace(night.config, pattern=quiet))
    config = CpSkyImageTask.ConfigClass()
    config.maskTask.retarget(MaskNothingTask)
    config.largeScaleBackground.update(xSize=40.96, ySize=40.96, pixelSize=pixel_size(camera), binning=8)
    task = CpSkyImageTask(config=config)
    shares = [task.run(night.exposure(0, detector), camera).maskedBkg for detector in camera]
    merged = CpSkyScaleMeasureTask().run(shares)
    sky = night.skies[0]
    assert merged.outputScale["scale"] == pytest.approx(sky.level, rel=0.01)
    worst = 0.0
    for detector in camera:
        found = merged.outputBkg.toCcdBackground(detector, detector.getBBox()).getImage().array
        worst = max(worst, float(abs(found / sky(*focal_plane_grid(detector)) - 1).max()))
    # Between superpixels the sky (gradient 2 %, curvature 1 % to the edge) is followed linearly, and held
    # constant beyond the middle of the outermost superpixels.
    assert worst < 0.01
