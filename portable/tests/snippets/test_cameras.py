"""What users of the stack type every day: cameras and detectors."""

import pickle

import numpy as np
import pytest

import lsst.afw.geom as afwGeom
from lsst.afw.cameraGeom import (
    FIELD_ANGLE,
    FOCAL_PLANE,
    PIXELS,
    TAN_PIXELS,
    Camera,
    CameraSys,
    DetectorType,
    ReadoutCorner,
)
from lsst.geom import Box2D, Point2D, degrees


@pytest.fixture(scope="module")
def camera(real_dir):
    return Camera.readFits(str(real_dir / "cameras/camera_LSSTCam_LSSTCam_calib_unbounded.fits"))


@pytest.fixture
def detector(camera):
    return camera["R22_S11"]


def test_detectors(camera, detector):
    assert len(camera) == len(list(camera)) == 205
    assert camera[detector.getId()] is camera["R22_S11"] is camera.get("R22_S11")
    assert camera.get("NOPE", None) is None
    assert "R22_S11" in camera
    assert detector.getId() in camera
    science = [det for det in camera if det.getType() == DetectorType.SCIENCE]
    assert {det.getPhysicalType() for det in science} == {"ITL", "E2V"}
    assert len(science) == 189
    assert camera.getName() == "LSSTCam"
    assert sorted(camera.getNameIter()) == sorted(det.getName() for det in camera)
    with pytest.raises(LookupError):
        camera["NOPE"]


def test_where_is_it(camera, detector):
    box = Box2D(detector.getBBox())
    corners = detector.getCorners(FOCAL_PLANE)
    assert len(corners) == 4
    centre = detector.getCenter(FOCAL_PLANE)
    assert centre == detector.transform(box.getCenter(), PIXELS, FOCAL_PLANE)
    assert [found.getName() for found in camera.findDetectors(centre, FOCAL_PLANE)] == ["R22_S11"]
    assert camera.getFpBBox().contains(centre)
    angle = camera.transform(centre, FOCAL_PLANE, FIELD_ANGLE)
    assert abs(angle.x) < (0.1 * degrees).asRadians()


def test_transforms(detector):
    transform = detector.getTransform(PIXELS, FIELD_ANGLE)
    points = [Point2D(0, 0), Point2D(100, 200)]
    there = transform.applyForward(points)
    assert there == [transform.applyForward(point) for point in points]
    np.testing.assert_allclose(transform.applyInverse(there), points, atol=1e-6)
    np.testing.assert_allclose(transform.inverted().applyForward(there), points, atol=1e-6)
    chained = detector.getTransform(PIXELS, FOCAL_PLANE).then(detector.getTransform(FOCAL_PLANE, FIELD_ANGLE))
    np.testing.assert_allclose(chained.applyForward(points), there, atol=1e-12)
    local = afwGeom.linearizeTransform(transform, points[0])
    np.testing.assert_allclose(local(points[0]), there[0], rtol=1e-12)
    assert transform.getJacobian(points[0]).shape == (2, 2)
    again = afwGeom.TransformPoint2ToPoint2.readString(transform.writeString())
    assert again.applyForward(points) == there
    assert detector.hasTransform(TAN_PIXELS)


def test_coordinate_systems(detector):
    pixels = detector.makeCameraSys(PIXELS)
    assert pixels == CameraSys("Pixels", "R22_S11")
    assert (pixels.getSysName(), pixels.getDetectorName()) == ("Pixels", "R22_S11")
    assert {pixels: 1, FOCAL_PLANE: 2}[CameraSys("Pixels", "R22_S11")] == 1
    assert pickle.loads(pickle.dumps(FOCAL_PLANE)) == FOCAL_PLANE
    assert FOCAL_PLANE in detector.getTransformMap()


def test_amplifiers(detector):
    assert len(detector) == len(detector.getAmplifiers()) == 16
    amplifier = detector["C00"]
    assert amplifier.getName() == "C00" == next(amp for amp in detector if amp.getName() == "C00").getName()
    assert detector.getBBox().contains(amplifier.getBBox())
    assert amplifier.getRawBBox().contains(amplifier.getRawDataBBox())
    assert amplifier.getReadoutCorner() in list(ReadoutCorner)
    assert amplifier.getGain() > 0
    assert amplifier.getReadNoise() >= 0


def test_orientation(detector):
    orientation = detector.getOrientation()
    assert orientation.getYaw().asDegrees() == pytest.approx(0)
    assert orientation.getNQuarter() == 0
    assert detector.getPixelSize().x == pytest.approx(0.01)
    assert detector.getSerial()


def test_pickle_and_text(camera, detector):
    assert pickle.loads(pickle.dumps(detector)).getCorners(FOCAL_PLANE) == detector.getCorners(FOCAL_PLANE)
    assert "R22_S11" in str(detector) + repr(detector)
    assert str(camera)
    rebuilt = detector.rebuild()
    rebuilt.setSerial("other")
    assert rebuilt.finish().getSerial() == "other" != detector.getSerial()
