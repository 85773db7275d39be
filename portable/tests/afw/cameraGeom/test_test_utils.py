"""The cameras for unit tests, and the assertions about cameras."""

import math
import pickle

import numpy as np
import pytest

import lsst.utils.tests
from lsst.afw.cameraGeom import (
    ACTUAL_PIXELS,
    FIELD_ANGLE,
    FOCAL_PLANE,
    PIXELS,
    TAN_PIXELS,
    CameraSys,
    DetectorType,
    ReadoutCorner,
)
from lsst.afw.cameraGeom.testUtils import CameraWrapper, DetectorWrapper
from lsst.geom import Box2I, Extent2D, Extent2I, Point2D, Point2I, arcseconds
from lsst.pex.exceptions import InvalidParameterError


@pytest.fixture(scope="module")
def wrapper():
    return CameraWrapper()


@pytest.fixture(scope="module")
def read_wrapper():
    return CameraWrapper(isLsstLike=True)


@pytest.fixture
def case():
    return lsst.utils.tests.TestCase()


def test_detector(case):
    wrapper = DetectorWrapper()
    detector = wrapper.detector
    assert detector.getName() == "detector 1"
    assert detector.getId() == 1
    assert detector.getSerial() == "xkcd722"
    assert detector.getBBox() == Box2I(Point2I(0, 0), Extent2I(1024, 1048))
    assert detector.getPixelSize() == Extent2D(0.02, 0.02)
    assert [amplifier.getName() for amplifier in detector] == ["amp 1", "amp 2", "amp 3"]
    np.testing.assert_array_equal(detector.getCrosstalk(), np.zeros((3, 3)))
    for system, transform in wrapper.transMap.items():
        case.compare2DFunctions(
            transform.applyForward, detector.getTransform(PIXELS, system).applyForward, minVal=0, maxVal=900
        )
    assert set(wrapper.transMap) == {
        FOCAL_PLANE,
        CameraSys(TAN_PIXELS, "detector 1"),
        CameraSys(ACTUAL_PIXELS, "detector 1"),
    }


def test_detector_is_changed_before_it_is_made():
    def change(wrapper):
        wrapper.ampList[1].setName("other")
        wrapper.serial = "1"

    detector = DetectorWrapper(modFunc=change, name="d", id=7).detector
    assert [amplifier.getName() for amplifier in detector] == ["amp 1", "other", "amp 3"]
    assert detector.getSerial() == "1"
    assert detector.getId() == 7


@pytest.mark.parametrize(
    "crosstalk", [[1.0] * 9, np.ones(9), np.ones(9, np.float32), 1.0, np.ones((3, 3, 1))]
)
def test_crosstalk_has_rows(crosstalk):
    with pytest.raises(TypeError, match="detector 1 must have a row per amplifier"):
        DetectorWrapper(crosstalk=crosstalk)


@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (1, 9)])
def test_crosstalk_has_a_row_for_each_amplifier(shape):
    with pytest.raises(InvalidParameterError, match=r"expected \(3, 3\)"):
        DetectorWrapper(crosstalk=np.ones(shape))


def test_camera(wrapper):
    camera = wrapper.camera
    assert camera.getName() == "testCameraSC"
    assert len(camera) == wrapper.nDetectors == 12
    assert wrapper.detectorNameList == [detector.getName() for detector in camera]
    assert wrapper.detectorIdList == [10 * (number + 1) for number in range(12)]
    assert [detector.getType() for detector in camera].count(DetectorType.GUIDER) == 2
    assert wrapper.ampDataDict["R:0,0 S:0,0"]["namps"] == 2
    assert wrapper.ampDataDict["R:1,0 S:1,2"]["namps"] == 8
    assert wrapper.ampDataDict["R:1,0 S:0,0"]["linInfo"]["C:1,0"]["linunits"] == "ELECTRONS"
    detector = camera["R:1,0 S:1,1"]
    assert detector.getSerial() == "1247"
    np.testing.assert_allclose(
        detector.transform(Point2D(99.5, 101.5), PIXELS, FOCAL_PLANE), [3.12, 0.0], atol=1e-12
    )
    assert detector.getOrientation().getNQuarter() == 1


def test_plate_scale_of_the_camera(wrapper):
    field = wrapper.camera.transform(Point2D(1e-3, 0), FOCAL_PLANE, FIELD_ANGLE)
    assert field.x == pytest.approx((20e-3 * arcseconds).asRadians(), rel=1e-6)


def test_amplifiers_of_assembled_and_of_single_raw_images(wrapper, read_wrapper):
    assert read_wrapper.camera.getName() == "testCameraLSST"
    for name in wrapper.detectorNameList:
        for assembled, read in zip(wrapper.camera[name], read_wrapper.camera[name], strict=True):
            assert assembled.getBBox() == read.getBBox()
            assert assembled.getRawDataBBox().getDimensions() == assembled.getBBox().getDimensions()
            assert not assembled.getRawFlipX()
            assert assembled.getRawXYOffset() == Extent2I(0, 0)
            assert read.getRawBBox().getMin() == Point2I(0, 0)
            assert assembled.getReadoutCorner() == (
                ReadoutCorner.LR if read.getRawFlipX() else ReadoutCorner.LL
            )
    right = wrapper.camera["R:0,0 S:1,0"]["C:1,2"]
    # The overscan is read last, so that it is in the middle of the assembled image.
    assert right.getRawHorizontalOverscanBBox() == Box2I(Point2I(125, 118), Extent2I(15, 51))
    assert right.getRawDataBBox() == Box2I(Point2I(140, 118), Extent2I(100, 51))
    assert right.getRawPrescanBBox() == Box2I(Point2I(240, 118), Extent2I(3, 51))


def test_raw_amplifiers_do_not_overlap(wrapper):
    for detector in wrapper.camera:
        boxes = [amplifier.getRawBBox() for amplifier in detector]
        for number, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:number])


def test_assertions_pass_for_equal_cameras(case, wrapper):
    case.assertCamerasEqual(wrapper.camera, pickle.loads(pickle.dumps(wrapper.camera)))
    case.assertCamerasEqual(wrapper.camera, CameraWrapper().camera)
    case.assertDetectorCollectionsEqual(wrapper.camera, wrapper.camera)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda amplifier: amplifier.setGain(3.0), "getGain"),
        (lambda amplifier: amplifier.setSaturation(math.nan), "getSaturation"),
        (lambda amplifier: amplifier.setLinearityCoeffs([1.0, 2.0]), "getLinearityCoeffs"),
        (lambda amplifier: amplifier.setRawFlipY(True), "getRawFlipY"),
    ],
)
def test_assertions_name_what_differs(case, change, what):
    first, second = (
        DetectorWrapper().detector,
        DetectorWrapper(modFunc=lambda w: change(w.ampList[2])).detector,
    )
    case.assertDetectorsEqual(second, second)
    with pytest.raises(AssertionError, match=what):
        case.assertDetectorsEqual(first, second)


def test_assertions_about_detectors_and_transforms(case, wrapper):
    first, other = DetectorWrapper().detector, DetectorWrapper(radialDistortion=0.5).detector
    case.assertDetectorsEqual(first, other, compareTransforms=False)
    with pytest.raises(AssertionError, match="differ"):
        case.assertDetectorsEqual(first, DetectorWrapper(name="detector 2").detector)
    with pytest.raises(AssertionError):
        case.assertTransformMapsEqual(first.getTransformMap(), wrapper.camera.getTransformMap())
    with pytest.raises(AssertionError, match=r"Functions of .* differ"):
        case.compare2DFunctions(lambda point: point, lambda point: Point2D(point.x, point.x))
    with pytest.raises(AssertionError):
        case.assertCamerasEqual(wrapper.camera, CameraWrapper(plateScale=21.0).camera)
