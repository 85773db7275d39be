"""Cameras from YAML against those that the compiled stack made of the same descriptions."""

import io

import numpy as np
import pytest
import yaml
from golden import golden_cases, load_golden

import lsst.afw.cameraGeom as cameraGeom
import lsst.pex.exceptions as pexExceptions
from lsst.geom import Box2I, Extent2I, Point2D, Point2I
from lsst.obs.base.yamlCamera import makeCamera

MINIMAL = """
name: TestCam
plateScale: 12.5
transforms: {nativeSys: FocalPlane, FieldAngle: {transformType: radial, coeffs: [0.0, 1.0]}}
CCDs:
  B:
    id: 7
    serial: 12
    detectorType: 2
    refpos: [3.0, 4.0]
    offset: [10.0, 20.0, 0.5]
    bbox: [[-2, 0], [9, 19]]
    pixelSize: [0.02, 0.01]
    transformDict: {nativeSys: Pixels, transforms: None}
    transposeDetector: false
    pitch: 0.0
    yaw: 90.0
    roll: 0.0
    crosstalk: [[0.0, 0.125], [0.25, 0.0]]
    amplifiers:
      second: &amp
        {hdu: 2, perAmpData: false, ixy: [1, 0], readCorner: UR, flipXY: [true, false],
         rawBBox: [[0, 0], [8, 22]], rawDataBBox: [[1, 0], [6, 20]],
         rawSerialPrescanBBox: [[0, 0], [1, 20]], rawSerialOverscanBBox: [[7, 0], [1, 20]],
         rawParallelPrescanBBox: [[0, 0], [0, 0]], rawParallelOverscanBBox: [[1, 20], [6, 2]],
         saturation: 5e4, suspect: 4e4, linearityType: NONE, linearityThreshold: 1, linearityMax: 2,
         linearityCoeffs: [3, 4], gain: 1.5, readNoise: 6}
      first: {<<: *amp, hdu: 1, ixy: [0, 0], readCorner: LL, gain: 2.5}
"""


def connections(camera):
    return {(c.fromSys, c.toSys): c.transform for c in camera.getTransformMap().getConnections()}


def assert_cameras_equal(left, right):
    assert left.getName() == right.getName()
    assert left.getPupilFactoryName() == right.getPupilFactoryName()
    assert [detector.getId() for detector in left] == [detector.getId() for detector in right]
    for one, other in zip(left, right, strict=True):
        for what in ("Name", "Type", "Serial", "PhysicalType", "BBox", "PixelSize", "Orientation"):
            assert getattr(one, f"get{what}")() == getattr(other, f"get{what}")(), what
        np.testing.assert_array_equal(one.getCrosstalk(), other.getCrosstalk())
        assert one.getAmplifiers() == other.getAmplifiers()
    ours, theirs = connections(left), connections(right)
    assert ours.keys() == theirs.keys()
    for (start, end), transform in ours.items():
        other = theirs[start, end]
        if end.getSysName() == "TanPixels":
            # Versions of AST order the steps of this chain differently.
            points = np.array([[0.0, 40.0, 159.0], [0.0, 70.0, 119.0]])
            np.testing.assert_allclose(transform.applyForward(points), other.applyForward(points), atol=1e-9)
        else:
            assert transform.writeString() == other.writeString()


def test_camera_of_the_compiled_stack(golden_dir):
    made = makeCamera(golden_dir / "files" / "camera.yaml")
    assert_cameras_equal(made, cameraGeom.Camera.readFits(golden_dir / "files" / "camera.fits"))


def test_camera_of_the_compiled_stack_in_a_repository(golden_dir):
    made = makeCamera(str(golden_dir / "repo-camera.yaml"))
    (path,) = (golden_dir / "repo" / "GoldCam" / "calib").rglob("camera_*.fits")
    assert_cameras_equal(made, cameraGeom.Camera.readFits(path))


@pytest.mark.parametrize("path", golden_cases("focal_plane") + golden_cases("tasks"), ids=str)
def test_cameras_of_golden_cases(path):
    description = load_golden(path)[0]["camera"]
    camera = makeCamera(io.StringIO(description))
    assert len(camera) == len(yaml.safe_load(description)["CCDs"])
    for detector in camera:
        centre = detector.getCenter(cameraGeom.PIXELS)
        position = detector.getCenter(cameraGeom.FOCAL_PLANE)
        there = detector.getOrientation().getFpPosition()
        np.testing.assert_allclose([position[0], position[1]], [there[0], there[1]], atol=1e-12)
        back = detector.transform(position, cameraGeom.FOCAL_PLANE, cameraGeom.PIXELS)
        np.testing.assert_allclose([back[0], back[1]], [centre[0], centre[1]], atol=1e-9)


def test_every_entry_of_a_description():
    camera = makeCamera(io.StringIO(MINIMAL))
    assert camera.getName() == "TestCam"
    assert camera.getPupilFactoryName() == "lsst.afw.cameraGeom.pupil.PupilFactory"
    assert not camera.getFocalPlaneParity()
    detector = camera["B"]
    assert detector.getId() == 7
    assert detector.getSerial() == "12"
    assert detector.getPhysicalType() == ""
    assert detector.getType() is cameraGeom.DetectorType.GUIDER
    assert detector.getBBox() == Box2I(Point2I(-2, 0), Point2I(9, 19))
    assert detector.getOrientation().getHeight() == 0.5
    assert detector.getOrientation().getNQuarter() == 1
    np.testing.assert_array_equal(detector.getCrosstalk(), np.array([[0.0, 0.125], [0.25, 0.0]], np.float32))
    # A quarter turn: pixel x runs along focal plane y.
    there = detector.transform(Point2D(4.0, 4.0), cameraGeom.PIXELS, cameraGeom.FOCAL_PLANE)
    np.testing.assert_allclose([there[0], there[1]], [10.0, 20.02], rtol=1e-13)
    angle = detector.transform(Point2D(3.0, 4.0), cameraGeom.PIXELS, cameraGeom.FIELD_ANGLE)
    scale = np.radians(12.5 / 3600)
    np.testing.assert_allclose([angle[0], angle[1]], [10.0 * scale, 20.0 * scale], rtol=1e-12)

    first, second = detector
    assert (first.getName(), second.getName()) == ("first", "second")
    assert first.getBBox() == Box2I(Point2I(0, 0), Extent2I(6, 20))
    assert second.getBBox() == Box2I(Point2I(6, 0), Extent2I(6, 20))
    # Not perAmpData: all amplifiers lie in one raw image.
    assert second.getRawBBox() == Box2I(Point2I(8, 0), Extent2I(8, 22))
    assert second.getRawDataBBox() == Box2I(Point2I(9, 0), Extent2I(6, 20))
    assert second.getRawPrescanBBox() == Box2I(Point2I(8, 0), Extent2I(1, 20))
    assert second.getRawHorizontalOverscanBBox() == Box2I(Point2I(15, 0), Extent2I(1, 20))
    assert second.getRawVerticalOverscanBBox() == Box2I(Point2I(9, 20), Extent2I(6, 2))
    assert second.getRawXYOffset() == Extent2I(0, 0)
    assert (second.getRawFlipX(), second.getRawFlipY()) == (True, False)
    assert second.getReadoutCorner() is cameraGeom.ReadoutCorner.UR
    assert (first.getGain(), second.getGain(), second.getReadNoise()) == (2.5, 1.5, 6.0)
    assert (second.getSaturation(), second.getSuspectLevel()) == (5e4, 4e4)
    assert (second.getLinearityType(), second.getLinearityUnits()) == ("NONE", "DN")
    assert (second.getLinearityThreshold(), second.getLinearityMaximum()) == (1.0, 2.0)
    np.testing.assert_array_equal(second.getLinearityCoeffs(), [3.0, 4.0])


def test_parity_and_affine_transforms():
    text = MINIMAL.replace("coeffs: [0.0, 1.0]}}", "coeffs: [0.0, 1.0]}, FieldFlat: " + AFFINE + "}")
    camera = makeCamera(io.StringIO(text + "\nfocalPlaneParity: true\n"))
    assert camera.getFocalPlaneParity()
    angle = camera.transform(Point2D(1.0, 2.0), cameraGeom.FOCAL_PLANE, cameraGeom.FIELD_ANGLE)
    scale = np.radians(12.5 / 3600)
    np.testing.assert_allclose([angle[0], angle[1]], [-scale, 2.0 * scale], rtol=1e-12)
    flat = camera.transform(Point2D(1.0, 2.0), cameraGeom.FOCAL_PLANE, cameraGeom.CameraSys("FieldFlat"))
    assert flat == Point2D(12.0, 14.0)


def test_transforms_of_a_detector():
    text = MINIMAL.replace("transforms: None", "transforms: {ActualPixels: " + AFFINE + "}")
    detector = makeCamera(io.StringIO(text))["B"]
    actual = detector.transform(Point2D(1.0, 2.0), cameraGeom.PIXELS, cameraGeom.ACTUAL_PIXELS)
    assert actual == Point2D(12.0, 14.0)


AFFINE = "{transformType: affine, linear: [2.0, 0.0, 0.0, 2.0], translation: [10, 10]}"


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("radial", "spiral", RuntimeError, "unknown type 'spiral'"),
        ("nativeSys: FocalPlane", "nativeSys: Sky", RuntimeError, "must be FocalPlane"),
        ("nativeSys: Pixels", "nativeSys: Tangent", RuntimeError, "must be Pixels"),
        ("FieldAngle", "Nowhere", KeyError, "FieldAngle"),
        ("gain: 1.5, ", "", KeyError, "gain"),
        ("coeffs: [0.0, 1.0]", "coeffs: [1.0]", pexExceptions.InvalidParameterError, "begin with 0"),
        ("[[0.0, 0.125], [0.25, 0.0]]", "[1.0, 2.0]", ValueError, "cannot reshape"),
    ],
)
def test_faulty_descriptions(old, new, error, message):
    with pytest.raises(error, match=message):
        makeCamera(io.StringIO(MINIMAL.replace(old, new)))
