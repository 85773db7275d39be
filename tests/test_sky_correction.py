"""What the stack's correction of the sky does to a night: backgrounds, a sky frame, a mosaic."""

import numpy as np
import pytest

import lsst.afw.math as afwMath
from lsst.afw.cameraGeom.utils import makeImageFromCamera
from lsst.afw.image import ImageF
from lsst.cp.sky.simulate import Night, NightConfig, bin_camera, make_raft_camera
from lsst.pipe.tasks.background import (
    FocalPlaneBackground,
    FocalPlaneBackgroundConfig,
    SkyMeasurementConfig,
    SkyMeasurementTask,
)

EXPOSURES = 4
BINNING = 10
"""Pixels of the detectors along a side of a pixel of the mosaic."""


class Binned:
    """Binned exposures, by detector, in the orientation of the focal plane."""

    isTrimmed = True
    background = np.nan

    def __init__(self, exposures):
        self.images = {
            number: afwMath.binImage(exposure.image, BINNING) for number, exposure in exposures.items()
        }

    def getCcdImage(self, detector, imageFactory, binSize):
        image = self.images[detector.getId()]
        return afwMath.rotateImageBy90(image, detector.getOrientation().getNQuarter()), detector


def focal_plane_model(camera, exposures, config):
    """Measure a background over the focal plane as the stack does: one model per detector, then merged."""
    merged = FocalPlaneBackground.fromCamera(config, camera)
    for exposure in exposures.values():
        part = FocalPlaneBackground.fromCamera(config, camera)
        part.addCcd(exposure)
        merged.merge(part)
    return merged


def subtract_model(model, exposures):
    """Subtract a focal-plane background; return what was subtracted, by detector."""
    subtracted = {}
    for number, exposure in exposures.items():
        subtracted[number] = model.toCcdBackground(exposure.getDetector(), exposure.getBBox())
        exposure.image -= subtracted[number].getImage()
    return subtracted


def scatter(exposures):
    """Root mean square of all detectors in boxes of a mosaic's pixels, beyond the noise of the pixels."""
    bad = next(iter(exposures.values())).mask.getPlaneBitMask(["BAD", "SAT", "NO_DATA"])
    values, noise = [], []
    for exposure in exposures.values():
        pixels = np.where(exposure.mask.array & bad, np.nan, exposure.image.array)
        ny, nx = (size // BINNING * BINNING for size in pixels.shape)
        boxes = pixels[:ny, :nx].reshape(ny // BINNING, BINNING, nx // BINNING, BINNING)
        values.append(np.nanmean(boxes, axis=(1, 3)).ravel())
        noise.append(np.nanmean(exposure.variance.array) / BINNING**2)
    return np.sqrt(np.nanmean(np.concatenate(values) ** 2) - np.mean(noise))


@pytest.fixture(scope="module")
def camera():
    return bin_camera(make_raft_camera(), 2)


@pytest.fixture(scope="module")
def settings(camera):
    """Sizes of superpixels for a first background of the size of a detector and a second, finer one."""
    detector = camera[0]
    side = detector.getPixelSize().x * detector.getBBox().width
    coarse, fine = FocalPlaneBackgroundConfig(), FocalPlaneBackgroundConfig()
    for config, size in ((coarse, side), (fine, side / 4)):
        config.xSize = config.ySize = size
        config.pixelSize = detector.getPixelSize().x
        config.binning = 16
    return coarse, fine


@pytest.fixture(scope="module")
def task():
    config = SkyMeasurementConfig()
    config.background.xBinSize = config.background.yBinSize = 16
    return SkyMeasurementTask(config=config, name="sky")


@pytest.fixture(scope="module")
def night(camera):
    return Night(camera, NightConfig(exposures=EXPOSURES).without_sources())


def expose(night, number):
    return {detector.getId(): night.exposure(number, detector) for detector in night.camera}


@pytest.fixture(scope="module")
def sky_frames(night, settings, task):
    """Sky frame of each detector from all exposures but the last."""
    measured = {detector.getId(): [] for detector in night.camera}
    for number in range(EXPOSURES - 1):
        exposures = expose(night, number)
        model = focal_plane_model(night.camera, exposures, settings[0])
        levels = {key: part.getImage() for key, part in subtract_model(model, exposures).items()}
        for key, exposure in exposures.items():
            # The pattern is a fraction of the sky, so that frames of different nights can be averaged.
            exposure.maskedImage /= float(np.median(levels[key].array))
            measured[key].append(task.measureBackground(exposure.maskedImage))
    return {key: task.averageBackgrounds(backgrounds) for key, backgrounds in measured.items()}


def test_correction_of_an_exposure_outside_the_sky_frame(night, settings, task, sky_frames):
    camera = night.camera
    exposures = expose(night, EXPOSURES - 1)
    level = night.skies[EXPOSURES - 1].level

    model = focal_plane_model(camera, exposures, settings[0])
    subtracted = subtract_model(model, exposures)
    after_model = scatter(exposures)
    assert after_model < 0.01 * level

    frames = {key: task.exposureToBackground(frame) for key, frame in sky_frames.items()}
    samples = [task.measureScale(exposures[key].maskedImage, frames[key]) for key in exposures]
    scale = task.solveScales(samples)
    # What the first model leaves of the sky's own gradient counts into the fit: that is a tenth at most.
    assert scale == pytest.approx(level, rel=0.1)
    for key, exposure in exposures.items():
        members = len(subtracted[key])
        task.subtractSkyFrame(exposure.maskedImage, frames[key], scale, subtracted[key])
        assert len(subtracted[key]) == members + 1
    after_frame = scatter(exposures)
    assert after_frame < 0.5 * after_model

    second = focal_plane_model(camera, exposures, settings[1])
    again = subtract_model(second, exposures)
    assert scatter(exposures) <= after_frame

    # What was subtracted, and what is left, add up to the exposure.
    for key, original in expose(night, EXPOSURES - 1).items():
        total = exposures[key].image.array + subtracted[key].getImage().array + again[key].getImage().array
        np.testing.assert_allclose(total, original.image.array, rtol=1e-5)


def test_mosaic_shows_every_detector_at_its_place(night, settings):
    exposures = expose(night, 0)
    mosaic = makeImageFromCamera(
        night.camera, imageSource=Binned(exposures), imageFactory=ImageF, binSize=BINNING
    )
    filled = np.isfinite(mosaic.array)
    expected = sum(image.array.size for image in Binned(exposures).images.values())
    assert filled.sum() == expected
    # The sky of the focal plane runs on from detector to detector: a quadratic fits the whole mosaic.
    y, x = (index[filled].astype(float) for index in np.indices(mosaic.array.shape))
    x, y = x / x.max(), y / y.max()
    terms = np.array([np.ones_like(x), x, y, x * x, x * y, y * y]).T
    values = mosaic.array[filled].astype(float)
    fitted = terms @ np.linalg.lstsq(terms, values, rcond=None)[0]
    assert np.std(values - fitted) < 0.01 * values.mean()


def test_mosaic_of_the_sky_before_and_after(night, settings):
    exposures = expose(night, 0)
    before = makeImageFromCamera(
        night.camera, imageSource=Binned(exposures), imageFactory=ImageF, binSize=BINNING
    )
    subtract_model(focal_plane_model(night.camera, exposures, settings[0]), exposures)
    after = makeImageFromCamera(
        night.camera, imageSource=Binned(exposures), imageFactory=ImageF, binSize=BINNING
    )
    assert after.getBBox() == before.getBBox()
    assert np.nanstd(after.array) < np.nanstd(before.array)
    assert abs(np.nanmean(after.array)) < 0.01 * np.nanmean(before.array)
