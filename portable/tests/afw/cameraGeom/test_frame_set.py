"""The frames of a camera, as packages that hold cameras in other ways take them."""

import numpy as np
import pytest

from lsst.afw.cameraGeom import FIELD_ANGLE, FOCAL_PLANE, PIXELS
from lsst.afw.cameraGeom.testUtils import CameraWrapper
from lsst.geom import Point2D
from lsst.pex.exceptions import OutOfRangeError


@pytest.fixture(scope="module")
def camera():
    return CameraWrapper().camera


@pytest.fixture(scope="module")
def frames(camera):
    return camera.getTransformMap().makeFrameSet(list(camera))


def test_frames(camera, frames):
    idents = [frames.getFrame(number, copy=False).ident for number in range(1, frames.nFrame + 1)]
    assert idents == ["FOCAL_PLANE", "FIELD_ANGLE"] + [f"DETECTOR_{d.getId()}" for d in camera]
    assert frames.base == frames.current == 1
    units = [[frames.getFrame(number).getUnit(axis) for axis in (1, 2)] for number in (1, 2, 3)]
    assert units == [["mm", "mm"], ["rad", "rad"], ["pixel", "pixel"]]
    detector = frames.getFrame(3)
    assert [detector.getLabel(axis) for axis in (1, 2)] == ["x", "y"]
    assert [(detector.getBottom(axis), detector.getTop(axis)) for axis in (1, 2)] == [(0, 200), (0, 204)]
    assert detector.nAxes == 2


def test_mappings_are_those_of_the_camera(camera, frames):
    points = np.array([[3.0, 150.0, 77.5], [200.0, 0.0, 12.25]])
    for number, detector in enumerate(camera, start=3):
        for frame, system in ((1, FOCAL_PLANE), (2, FIELD_ANGLE)):
            expected = detector.getTransform(PIXELS, system).getMapping().applyForward(points)
            np.testing.assert_allclose(
                frames.getMapping(number, frame).applyForward(points), expected, rtol=1e-12
            )
            np.testing.assert_allclose(
                frames.getMapping(frame, number).applyInverse(points), expected, rtol=1e-12
            )
    np.testing.assert_array_equal(frames.getMapping().applyForward(points), points)


def test_some_detectors(camera):
    frames = camera.getTransformMap().makeFrameSet([camera["R:1,0 S:0,0"]])
    assert frames.nFrame == 3
    assert frames.getFrame(3).ident == "DETECTOR_70"


def test_simplified_frames_say_the_same(frames):
    simple = frames.simplified()
    assert simple.nFrame == frames.nFrame
    point = np.array(Point2D(10, 20)).reshape(2, 1)
    np.testing.assert_allclose(
        simple.getMapping(3, 5).applyForward(point), frames.getMapping(3, 5).applyForward(point), rtol=1e-12
    )


def test_text_is_that_of_ast(camera, frames):
    text = frames.show()
    assert text.split()[:2] == ["Begin", "FrameSet"]
    assert text.count("Ident") == frames.nFrame
    assert camera.getTransformMap().makeFrameSet(list(camera)).show() == text


def test_numbers_are_checked(frames):
    with pytest.raises(OutOfRangeError, match="There are frames 1 to 14; got 15"):
        frames.getFrame(15)
    with pytest.raises(OutOfRangeError, match="got 0"):
        frames.getMapping(1, 0)
    with pytest.raises(OutOfRangeError, match="axes 1 to 2; got axis=3"):
        frames.getFrame(1).getUnit(3)
