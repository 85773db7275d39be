"""Cameras made of configurations."""

import subprocess
import sys

import numpy as np
import pytest

from lsst.afw.cameraGeom import (
    ACTUAL_PIXELS,
    FIELD_ANGLE,
    FOCAL_PLANE,
    PIXELS,
    TAN_PIXELS,
    Amplifier,
    Camera,
    CameraConfig,
    DetectorConfig,
    DetectorType,
    addDetectorBuilderFromConfig,
    makeCameraFromAmpLists,
)
from lsst.afw.geom import TransformConfig, makeRadialTransform
from lsst.geom import Box2I, Extent2D, Extent2I, Point2D, Point2I, degrees
from lsst.pex.exceptions import InvalidParameterError

SCALE = 1e-4  # radians per mm


def detector_config(name="D0", id=3):
    return DetectorConfig(
        name=name,
        id=id,
        bbox_x0=0,
        bbox_y0=0,
        bbox_x1=99,
        bbox_y1=49,
        detectorType=int(DetectorType.FOCUS),
        serial="E2V-7",
        offset_x=10.0,
        offset_y=-20.0,
        refpos_x=49.5,
        refpos_y=24.5,
        yawDeg=90.0,
        pitchDeg=0.0,
        rollDeg=0.0,
        pixelSize_x=0.01,
        pixelSize_y=0.02,
        transposeDetector=False,
    )


def amplifiers(count=2):
    result = []
    for number in range(count):
        builder = Amplifier.Builder()
        builder.setName(f"A{number}")
        builder.setBBox(Box2I(Point2I(50 * number, 0), Extent2I(50, 50)))
        result.append(builder)
    return result


def camera_config(*detectors):
    config = CameraConfig()
    config.name = "Tiny"
    config.plateScale = 20.0
    config.detectorList = dict(enumerate(detectors))
    config.transformDict.nativeSys = FOCAL_PLANE.getSysName()
    field = TransformConfig()
    field.transform = "radial"
    field.transform["radial"].coeffs = (0.0, SCALE)
    config.transformDict.transforms = {FIELD_ANGLE.getSysName(): field}
    return config


def test_values_of_a_detector():
    config = detector_config()
    assert config.bbox == Box2I(Point2I(0, 0), Extent2I(100, 50))
    assert config.offset == Point2D(10, -20)
    assert config.refPos == Point2D(49.5, 24.5)
    assert config.pixelSize == Extent2D(0.01, 0.02)
    assert config.orientation.getYaw() == 90 * degrees
    assert config.physicalType == "CCD"


def test_crosstalk_is_a_square_or_none():
    config = detector_config()
    assert config.getCrosstalk(2) is None
    config.crosstalk = [0.0, 1.0, 2.0, 3.0]
    np.testing.assert_array_equal(config.getCrosstalk(2), np.array([[0, 1], [2, 3]], dtype=np.float32))
    with pytest.raises(
        RuntimeError, match="Detector D0 has 4 crosstalk coefficients; its 3 amplifiers need 9"
    ):
        config.getCrosstalk(3)


def test_camera_of_configurations():
    config = camera_config(detector_config("D0", 3), detector_config("D1", 1))
    config.detectorList[0].crosstalk = [0.0, 1e-4, 2e-4, 0.0]
    config.detectorList[1].offset_x = 30.0
    camera = makeCameraFromAmpLists(config, {"D0": amplifiers(), "D1": amplifiers(1)})
    assert camera.getName() == "Tiny"
    assert [detector.getName() for detector in camera] == ["D1", "D0"]
    assert camera.getPupilFactoryName() == "lsst.afw.cameraGeom.pupil.PupilFactory"
    detector = camera["D0"]
    assert detector.getId() == 3
    assert detector.getType() == DetectorType.FOCUS
    assert detector.getSerial() == "E2V-7"
    assert detector.getPhysicalType() == "CCD"
    assert [amplifier.getName() for amplifier in detector] == ["A0", "A1"]
    assert detector.getCrosstalk()[1, 0] == np.float32(2e-4)
    assert not camera["D1"].hasCrosstalk()
    # A quarter turn: x of the pixels runs along y of the focal plane.
    np.testing.assert_allclose(
        detector.transform(Point2D(50.5, 24.5), PIXELS, FOCAL_PLANE), [10, -19.99], atol=1e-12
    )
    np.testing.assert_allclose(camera.transform(Point2D(10, -20), FOCAL_PLANE, FIELD_ANGLE), [1e-3, -2e-3])
    # Nothing is distorted, so that the tangent plane has the same pixels.
    np.testing.assert_allclose(detector.transform(Point2D(7, 8), PIXELS, TAN_PIXELS), [7, 8], atol=1e-9)


def test_class_of_pupils_is_named():
    class Factory:
        pass

    camera = makeCameraFromAmpLists(
        camera_config(detector_config()), {"D0": amplifiers()}, pupilFactoryClass=Factory
    )
    assert camera.getPupilFactoryName().endswith("Factory")


def test_transforms_of_a_detector():
    config = detector_config()
    shifted = TransformConfig()
    shifted.transform = "affine"
    shifted.transform["affine"].translation = (0.5, -0.5)
    config.transformDict.transforms = {ACTUAL_PIXELS.getSysName(): shifted}
    builder = Camera.Builder("Tiny")
    field = makeRadialTransform([0, SCALE])
    builder.setTransformFromFocalPlaneTo(FIELD_ANGLE, field)
    addDetectorBuilderFromConfig(builder, config, amplifiers(), field)
    detector = builder.finish()["D0"]
    actual = detector.transform(Point2D(1, 1), PIXELS, ACTUAL_PIXELS)
    np.testing.assert_allclose(actual, [1.5, 0.5])


def test_what_is_missing_is_named():
    config = camera_config(detector_config())
    with pytest.raises(InvalidParameterError, match="no list of amplifiers of detector D0"):
        makeCameraFromAmpLists(config, {})
    config.transformDict.transforms["Sky"] = TransformConfig()
    with pytest.raises(InvalidParameterError, match="no coordinate system Sky; those of cameras are Act"):
        makeCameraFromAmpLists(config, {"D0": amplifiers()})
    config.transformDict.transforms = {}
    with pytest.raises(
        InvalidParameterError, match="Camera Tiny needs a transform from focal plane to field"
    ):
        makeCameraFromAmpLists(config, {"D0": amplifiers()})


def test_builder_keeps_its_place_unless_it_has_one_to_give():
    """A detector of a finished camera stays where it is."""
    camera = makeCameraFromAmpLists(camera_config(detector_config()), {"D0": amplifiers()})
    other = detector_config()
    other.offset_x, other.serial, other.crosstalk = 77.0, "ITL-9", [0.0, 1.0, 2.0, 0.0]
    builder = camera["D0"].rebuild()
    builder.fromConfig(other, numAmps=2)
    detector = builder.finish()
    assert detector.getSerial() == "ITL-9"
    assert detector.hasCrosstalk()
    assert detector.getOrientation() == camera["D0"].getOrientation()


def test_configurations_are_not_imported_until_asked_for():
    code = (
        "import sys, lsst.afw.cameraGeom\n"
        "assert 'lsst.pex.config' not in sys.modules\n"
        "lsst.afw.cameraGeom.CameraConfig\n"
        "assert 'lsst.pex.config' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
