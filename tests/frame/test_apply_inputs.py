"""What `CpSkyApplyTask` does with what is wrong."""

import badothers
import numpy as np
import pytest
import skydata
from badjoint import Broken
from jointnight import handle

from lsst.cp.sky import MaskingError, MismatchedInputsError, UnreadableInputError
from lsst.cp.sky.apply import CpSkyApplyTask


@pytest.fixture(scope="module")
def good(camera):
    return badothers.Good(camera)


def correct(good, exposures, frames=None, **settings):
    config = CpSkyApplyTask.ConfigClass()
    config.largeScaleBackground = skydata.model_config()
    for name, value in settings.items():
        setattr(config, name, value)
    return CpSkyApplyTask(config=config).run(
        exposures, good.frames if frames is None else frames, good.camera
    )


def test_exposures_in_memory_are_left_alone(good):
    science = good.of(good.science)
    with skydata.assert_unmodified(*science, *good.frames):
        result = correct(good, science)
    assert not np.array_equal(result.outputExps[0].image.array, science[0].get().image.array)


def test_frames_that_do_not_fit(good):
    science = good.of(good.science)
    with pytest.raises(MismatchedInputsError, match="None of the detectors has a sky frame"):
        correct(good, science, [])
    frame = good.frames[0].get().clone()
    frame.getMetadata().set("BOX.MAXX", 63)
    small = handle(frame, "ExposureF", detector=0)
    with pytest.raises(MismatchedInputsError, match="detector 0"):
        correct(good, science, [small, *good.frames[1:]])


def spoilt(good, detector):
    exposure = good.of(good.science)[detector].get().clone()
    exposure.variance.array[:] = 0
    return handle(exposure, "ExposureF", exposure=101, detector=detector)


def test_one_detector_does_not_cost_the_others(good, caplog):
    science = good.of(good.science)
    bad = [spoilt(good, 0), Broken(exposure=101, detector=1), science[2]]
    result = correct(good, bad)
    assert list(result.outputExps) == [2]
    assert caplog.text.count("It is not corrected; the other detectors are.") == 2
    alone = correct(good, science[2:])
    np.testing.assert_array_equal(result.outputExps[2].image.array, alone.outputExps[2].image.array)


def test_no_detector_that_can_be_corrected(good):
    with pytest.raises(MaskingError, match="The variance of detector 0"):
        correct(good, [spoilt(good, 0)])
    with pytest.raises(UnreadableInputError, match="detector 0 of exposure 101"):
        correct(good, [Broken(exposure=101, detector=0)])


@pytest.mark.parametrize("mask", [True, False])
def test_pixels_that_are_not_finite(good, caplog, mask):
    exposure = good.of(good.science)[0].get().clone()
    exposure.image.array[10, 20], exposure.image.array[30, 50] = np.nan, np.inf
    science = [handle(exposure, "ExposureF", exposure=101, detector=0), *good.of(good.science)[1:]]
    result = correct(good, science, maskNotFinite=mask)
    found = result.outputExps[0].mask
    assert ((found.array & found.getPlaneBitMask("NO_DATA")) != 0).sum() == (2 if mask else 0)
    assert "2 pixels of detector 0 (D0) of exposure 101 are not finite" in caplog.text
    good_pixels = np.isfinite(exposure.image.array)
    assert np.isfinite(result.outputExps[0].image.array[good_pixels]).all()
