"""Sky frames of one detector."""

import numpy as np
import pytest
from exposures import make_exposure, make_masked_image

from lsst.afw.math import BackgroundList
from lsst.pex.exceptions import InvalidParameterError
from lsst.pipe.tasks.background import SkyMeasurementConfig, SkyMeasurementTask


@pytest.fixture
def task():
    config = SkyMeasurementConfig()
    config.background.xBinSize = 20
    config.background.yBinSize = 30
    return SkyMeasurementTask(config=config)


@pytest.fixture
def image():
    rng = np.random.default_rng(11)
    y, x = np.indices((110, 170))
    return make_masked_image(1 + 1e-4 * x + rng.normal(0, 0.01, y.shape), xy0=(-40, 25))


def test_averaging_does_not_change_its_inputs(task, image):
    image.mask.array[:40] = image.mask.getPlaneBitMask("NO_DATA")
    background = task.measureBackground(image)
    average = task.averageBackgrounds([background])
    assert not background[0][0].getStatsImage().mask.array.any()
    assert np.isnan(background[0][0].getStatsImage().image.array[0]).all()
    assert np.isfinite(average.image.array).all()


def test_exposure_and_background_are_two_forms_of_one(task, image):
    background = task.measureBackground(image)
    exposure = task.backgroundToExposure(background[0][0].getStatsImage(), image.getBBox())
    again = task.exposureToBackground(exposure)
    assert again.getImage().getBBox() == image.getBBox()
    np.testing.assert_array_equal(again.getImage().array, background.getImage().array)


def test_exposure_that_is_no_sky_frame_is_refused(task):
    with pytest.raises(
        InvalidParameterError, match=r"not a sky frame: its metadata lack BOX\.MINX, BOX\.MINY"
    ):
        task.exposureToBackground(make_exposure(np.ones((3, 4))))


def test_backgrounds_that_do_not_match_are_refused(task, image):
    background = task.measureBackground(image)
    with pytest.raises(InvalidParameterError, match="There are no backgrounds to average"):
        task.averageBackgrounds([])
    moved = image.clone()
    moved.setXY0(0, 0)
    with pytest.raises(InvalidParameterError, match=r"number 1 has .* number 0 has "):
        task.averageBackgrounds([background, task.measureBackground(moved)])
    double = task.measureBackground(image)
    double.append(background[0])
    with pytest.raises(InvalidParameterError, match=r"one member each, got \[1, 2\]"):
        task.averageBackgrounds([background, double])


def test_backgrounds_without_a_good_cell_are_refused(task, image):
    image.mask.array[:] = image.mask.getPlaneBitMask("NO_DATA")
    background = task.measureBackground(image)
    with pytest.raises(
        RuntimeError, match="None of the 2 backgrounds to average has a good cell among its 36"
    ):
        task.averageBackgrounds([background, background])


def test_scale_of_an_image_with_an_origin(task, image):
    sky = task.measureBackground(image)
    science = image.clone()
    science *= 250.0
    samples = task.measureScale(science, sky)
    assert len(samples[0]) == len(samples[1]) == 16
    scale = task.solveScales([samples, samples])
    assert scale == pytest.approx(250.0, rel=1e-3)
    backgrounds = type(sky)()
    task.subtractSkyFrame(science, sky, scale, backgrounds)
    assert abs(science.image.array.mean()) < 0.1
    np.testing.assert_allclose(backgrounds.getImage().array, scale * sky.getImage().array, rtol=1e-5)


def test_empty_sky_frame_is_refused(task, image):
    with pytest.raises(InvalidParameterError, match="empty BackgroundList; expected one member"):
        task.measureScale(image, BackgroundList())
    with pytest.raises(InvalidParameterError, match="empty BackgroundList; expected one member"):
        task.subtractSkyFrame(image, BackgroundList(), 1.0)


def test_samples_that_do_not_pair_are_refused(task):
    with pytest.raises(InvalidParameterError, match="Got 2 samples of the images but 1 of the sky frames"):
        task.solveScales([([1.0, 2.0], [1.0])])
