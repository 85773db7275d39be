"""Cameras and detectors in memory: lookup, coordinates, builders, pickles."""

import io
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lsst.afw.cameraGeom as cameraGeom
import lsst.pex.exceptions as pexExceptions
from lsst.afw.cameraGeom import (
    ACTUAL_PIXELS,
    FIELD_ANGLE,
    FOCAL_PLANE,
    PIXELS,
    TAN_PIXELS,
    Amplifier,
    Camera,
    CameraSys,
    CameraSysPrefix,
    Detector,
    DetectorType,
    Orientation,
    ReadoutCorner,
)
from lsst.afw.geom import makeIdentityTransform, makeRadialTransform
from lsst.geom import Angle, Box2D, Box2I, Extent2D, Extent2I, Point2D, Point2I, Point3D, degrees

BBOX = Box2I(Point2I(-3, 5), Extent2I(40, 30))


def make_builder(parity=False):
    builder = Camera.Builder("TestCam")
    builder.setPupilFactoryName("some.PupilFactory")
    builder.setFocalPlaneParity(parity)
    builder.setTransformFromFocalPlaneTo(FIELD_ANGLE, makeRadialTransform([0.0, 1e-3, 0.0, 1e-6]))
    for name, number, x, yaw in (("late", 12, 2.0, 90.0), ("early", 3, -2.0, 0.0)):
        detector = builder.add(name, number)
        detector.setBBox(BBOX)
        detector.setType(DetectorType.FOCUS)
        detector.setSerial(f"serial-{number}")
        detector.setPhysicalType("E2V")
        detector.setPixelSize(Extent2D(0.1, 0.1))
        detector.setOrientation(Orientation(Point3D(x, 0.5, 0.25), Point2D(16.5, 19.5), Angle(yaw, degrees)))
        detector.setTransformFromPixelsTo(TAN_PIXELS, makeIdentityTransform())
        for index in range(2):
            amplifier = Amplifier.Builder()
            amplifier.setName(f"A{index}")
            amplifier.setBBox(Box2I(Point2I(-3 + 20 * index, 5), Extent2I(20, 30)))
            amplifier.setGain(1.5 + index)
            detector.append(amplifier)
    return builder


@pytest.fixture
def camera():
    return make_builder().finish()


def test_lookup(camera):
    assert camera.getName() == "TestCam"
    assert camera.getPupilFactoryName() == "some.PupilFactory"
    assert len(camera) == 2
    assert [detector.getName() for detector in camera] == ["early", "late"]
    assert list(camera.getIdIter()) == list(camera.getIdMap()) == [3, 12]
    assert list(camera.getNameIter()) == list(camera.getNameMap()) == ["early", "late"]
    assert camera[3] is camera["early"] is camera.get(3) is camera.get("early")
    assert camera.get("other") is None
    assert camera.get(4, "default") == "default"
    assert "late" in camera
    assert 12 in camera
    assert camera[12] in camera
    assert 4 not in camera
    assert "x" not in camera
    with pytest.raises(KeyError, match="ID 4 not found among 2 detectors, IDs 3 to 12"):
        camera[4]
    with pytest.raises(KeyError, match="name 'x' not found"):
        camera["x"]


def test_detector(camera):
    detector = camera["late"]
    assert detector.getId() == 12
    assert detector.getType() is DetectorType.FOCUS
    assert str(detector.getType()) == "DetectorType.FOCUS"
    assert detector.getSerial() == "serial-12"
    assert detector.getPhysicalType() == "E2V"
    assert detector.getPixelSize() == Extent2D(0.1, 0.1)
    assert detector.getBBox() == BBOX
    assert detector.getOrientation().getFpPosition() == Point2D(2.0, 0.5)
    assert detector.getOrientation().getHeight() == 0.25
    assert not detector.hasCrosstalk()
    assert detector.getCrosstalk().shape == (0, 0)
    assert detector.getNativeCoordSys() == CameraSys(PIXELS, "late")
    assert detector.makeCameraSys(TAN_PIXELS) == CameraSys("TanPixels", "late")
    assert detector.makeCameraSys(FOCAL_PLANE) == FOCAL_PLANE
    assert detector.hasTransform(TAN_PIXELS)
    assert not detector.hasTransform(ACTUAL_PIXELS)
    assert detector.getTransformMap() is camera.getTransformMap()


def test_getters_hand_out_copies(camera):
    detector = camera[3]
    detector.getBBox().grow(5)
    assert detector.getBBox() == BBOX
    detector[0].getBBox().grow(5)
    assert detector[0].getBBox() == Box2I(Point2I(-3, 5), Extent2I(20, 30))
    detector[0].getLinearityCoeffs().resize(3)
    assert detector[0].getLinearityCoeffs().shape == (0,)


def test_amplifiers_of_a_detector(camera):
    detector = camera[3]
    assert len(detector) == 2
    assert [amplifier.getName() for amplifier in detector] == ["A0", "A1"]
    assert detector["A1"] is detector[1] is detector[-1] is detector.getAmplifiers()[1]
    assert detector["A1"].getGain() == 2.5
    assert "A0" in detector
    assert "B0" not in detector
    with pytest.raises(
        pexExceptions.InvalidParameterError, match="B0 not found in detector early, which has A0, A1"
    ):
        detector["B0"]
    with pytest.raises(IndexError, match="out of range"):
        detector[2]


def test_coordinates(camera):
    # A quarter turn: pixel x runs along focal plane y, pixel y against focal plane x.
    point = camera["late"].transform(Point2D(17.5, 21.5), PIXELS, FOCAL_PLANE)
    np.testing.assert_allclose([point[0], point[1]], [1.8, 0.6], rtol=1e-14)
    corners = camera["early"].getCorners(FOCAL_PLANE)
    expected = [(-4.0, -1.0), (0.0, -1.0), (0.0, 2.0), (-4.0, 2.0)]
    np.testing.assert_allclose([(p[0], p[1]) for p in corners], expected, atol=1e-13)
    centre = camera["early"].getCenter(FOCAL_PLANE)
    np.testing.assert_allclose([centre[0], centre[1]], [-2.0, 0.5], atol=1e-13)
    box = camera.getFpBBox()
    assert isinstance(box, Box2D)
    np.testing.assert_allclose(
        [box.getMinX(), box.getMinY(), box.getMaxX(), box.getMaxY()], [-4.0, -1.5, 3.5, 2.5], atol=1e-13
    )


def test_from_one_detector_to_the_other(camera):
    start = Point2D(11.0, 12.0)
    near, far = CameraSys(PIXELS, "early"), CameraSys(PIXELS, "late")
    there = camera.transform(start, near, far)
    middle = camera["early"].transform(start, PIXELS, FOCAL_PLANE)
    expected = camera["late"].transform(middle, FOCAL_PLANE, PIXELS)
    np.testing.assert_allclose([there[0], there[1]], [expected[0], expected[1]], rtol=1e-12)
    assert camera.transform(start, near, near) == start
    assert camera.getTransform(near, far) is camera.getTransform(near, far)


def test_unknown_system(camera):
    with pytest.raises(
        pexExceptions.InvalidParameterError, match=r"Unsupported.*CameraSys\(ActualPixels, late\)"
    ):
        camera["late"].transform(Point2D(0.0, 0.0), PIXELS, ACTUAL_PIXELS)
    with pytest.raises(pexExceptions.InvalidParameterError, match=r"Unsupported.*CameraSys\(Sky\)"):
        camera.getTransform(CameraSys("Sky"), FOCAL_PLANE)


@settings(deadline=None, max_examples=50)
@given(
    st.floats(-180, 180),
    st.floats(-20, 20),
    st.floats(-20, 20),
    st.tuples(st.floats(0, 4e3), st.floats(0, 4e3)),
)
def test_orientation_there_and_back(yaw, pitch, roll, point):
    orientation = Orientation(
        Point2D(-30.0, 12.0), Point2D(7.0, 8.0), *(Angle(angle, degrees) for angle in (yaw, pitch, roll))
    )
    size = Extent2D(0.01, 0.015)
    there = orientation.makePixelFpTransform(size).applyForward(Point2D(*point))
    back = orientation.makeFpPixelTransform(size).applyForward(there)
    np.testing.assert_allclose([back[0], back[1]], point, rtol=1e-9, atol=1e-8)
    reference = orientation.makePixelFpTransform(size).applyForward(orientation.getReferencePoint())
    # AST takes a rotation by less than some 1e-9 for none.
    np.testing.assert_allclose([reference[0], reference[1]], [-30.0, 12.0], atol=1e-8)


def test_find_detectors(camera):
    assert camera.findDetectors(Point2D(-2.0, 0.5), FOCAL_PLANE) == [camera["early"]]
    assert camera.findDetectors(Point2D(40.0, 0.5), FOCAL_PLANE) == []
    found = camera.findDetectorsList(
        [Point2D(2e-3, 5e-4), Point2D(1.0, 1.0), Point2D(-2e-3, 0.0)], FIELD_ANGLE
    )
    assert found == [[camera["late"]], [], [camera["early"]]]


@pytest.mark.parametrize("parity", [False, True])
def test_parity(parity):
    camera = make_builder(parity).finish()
    assert camera.getFocalPlaneParity() is parity
    angle = camera.transform(Point2D(1.0, 1.0), FOCAL_PLANE, FIELD_ANGLE)
    assert (angle[0] < 0) == parity
    assert angle[1] > 0
    again = camera.rebuild().finish()
    assert again.getFocalPlaneParity() is parity
    assert again.transform(Point2D(1.0, 1.0), FOCAL_PLANE, FIELD_ANGLE) == angle


def test_rebuild_detector(camera):
    builder = camera["late"].rebuild()
    builder.setSerial("other")
    builder["A0"].setGain(9.0)
    builder.setCrosstalk([[0.0, 1.0], [2.0, 0.0]])
    changed = builder.finish()
    assert changed.getSerial() == "other"
    assert changed["A0"].getGain() == 9.0
    np.testing.assert_array_equal(changed.getCrosstalk(), [[0.0, 1.0], [2.0, 0.0]])
    assert changed.getTransformMap() is camera.getTransformMap()
    assert camera["late"].getSerial() == "serial-12"
    assert camera["late"]["A0"].getGain() == 1.5
    assert not camera["late"].hasCrosstalk()


def test_rebuild_camera(camera):
    builder = camera.rebuild()
    builder.setName("Other")
    builder["early"].setOrientation(Orientation(Point2D(-5.0, 0.0), Point2D(16.5, 19.5)))
    builder["late"].discardTransformFromPixelsTo(TAN_PIXELS)
    changed = builder.finish()
    assert changed.getName() == "Other"
    centre = changed["early"].getCenter(FOCAL_PLANE)
    np.testing.assert_allclose([centre[0], centre[1]], [-5.0, 0.0], atol=1e-13)
    assert changed["early"].hasTransform(TAN_PIXELS)
    assert not changed["late"].hasTransform(TAN_PIXELS)
    assert camera["late"].hasTransform(TAN_PIXELS)
    del builder["early"]
    assert [detector.getName() for detector in builder.finish()] == ["late"]


def test_pixels_to_focal_plane_given_outright():
    builder = make_builder()
    builder["early"].setTransformFromPixelsTo(FOCAL_PLANE, makeIdentityTransform())
    camera = builder.finish()
    assert camera["early"].transform(Point2D(7.0, 8.0), PIXELS, FOCAL_PLANE) == Point2D(7.0, 8.0)


def test_builder_refuses():
    builder = make_builder()
    with pytest.raises(pexExceptions.InvalidParameterError, match="cannot share"):
        builder.add("early", 99)
    with pytest.raises(pexExceptions.InvalidParameterError, match="cannot share"):
        builder.add("another", 3)
    with pytest.raises(pexExceptions.LogicError, match="should be added to Detector early, not Camera"):
        builder.setTransformFromFocalPlaneTo(CameraSys(PIXELS, "early"), makeIdentityTransform())
    with pytest.raises(pexExceptions.InvalidParameterError, match="does not belong to detector early"):
        builder["early"].setTransformFromPixelsTo(CameraSys(PIXELS, "late"), makeIdentityTransform())
    with pytest.raises(TypeError, match="rebuild"):
        Detector("name", (), None)
    with pytest.raises(TypeError, match=r"Amplifier\.Builder"):
        Amplifier("name")


def test_detector_must_be_consistent():
    builder = make_builder()
    builder["early"].setCrosstalk(np.zeros((3, 3)))
    with pytest.raises(pexExceptions.InvalidParameterError, match=r"shape \(3, 3\), expected \(2, 2\)"):
        builder.finish()
    builder["early"].unsetCrosstalk()
    builder["early"].append(builder["early"]["A0"])
    with pytest.raises(pexExceptions.InvalidParameterError, match="early are not unique"):
        builder.finish()


def test_pickle(camera):
    copy = pickle.loads(pickle.dumps(camera))
    assert copy.getName() == "TestCam"
    assert copy.getTransformMap().getConnections() == camera.getTransformMap().getConnections()
    assert copy["late"].getTransformMap() is copy.getTransformMap()
    assert copy["late"].getAmplifiers() == camera["late"].getAmplifiers()
    detector = pickle.loads(pickle.dumps(camera["late"]))
    assert detector.getBBox() == BBOX
    assert detector.getCorners(FIELD_ANGLE) == camera["late"].getCorners(FIELD_ANGLE)


def test_pickle_names_what_both_stacks_have(camera):
    """So that either stack reads what the other pickled."""
    named = set()

    class Unpickler(pickle.Unpickler):
        def find_class(self, module, name):
            named.add((module, name))
            return super().find_class(module, name)

    for obj in (camera, camera["late"]):
        Unpickler(io.BytesIO(pickle.dumps(obj))).load()
    assert named == {
        ("lsst.afw.fits._pickleFits", "unreduceFromFits"),
        ("lsst.afw.cameraGeom", "Camera"),
        ("lsst.afw.cameraGeom", "Detector"),
    }


def test_pickle_of_a_bare_detector():
    builder = Camera.Builder("Bare")
    builder.add("only", 0).setPixelSize(Extent2D(1.0, 1.0))
    detector = pickle.loads(pickle.dumps(builder.finish()))["only"]
    assert len(detector) == 0
    assert detector.getBBox().isEmpty()
    assert not detector.hasCrosstalk()


def test_amplifier_builder():
    builder = Amplifier.Builder()
    builder.setName("C00")
    builder.setReadoutCorner(ReadoutCorner.UL)
    builder.setLinearityCoeffs([1, 2])
    builder.setRawXYOffset(Extent2I(3, 4))
    builder.setRawSerialOverscanBBox(BBOX)
    builder.setRawParallelOverscanBBox(BBOX)
    builder.setRawSerialPrescanBBox(BBOX)
    amplifier = builder.finish()
    builder.setName("later")
    assert amplifier.getName() == "C00"
    assert type(amplifier) is Amplifier
    assert amplifier.getReadoutCorner() is ReadoutCorner.UL
    assert amplifier.getRawXYOffset() == Extent2I(3, 4)
    assert amplifier.getRawHorizontalOverscanBBox() == amplifier.getRawSerialOverscanBBox() == BBOX
    assert amplifier.getRawVerticalOverscanBBox() == amplifier.getRawParallelOverscanBBox() == BBOX
    assert amplifier.getRawHorizontalPrescanBBox() == amplifier.getRawPrescanBBox() == BBOX
    assert amplifier == amplifier.rebuild().finish() == pickle.loads(pickle.dumps(amplifier))
    assert amplifier != builder.finish()


def test_camera_sys():
    assert CameraSys("Pixels", "a") == CameraSys(PIXELS, "a") != CameraSys(PIXELS, "b")
    assert CameraSys("Pixels") != PIXELS
    assert CameraSysPrefix("Pixels") == PIXELS
    assert len({CameraSys(PIXELS, "a"), CameraSys(PIXELS, "a"), FOCAL_PLANE}) == 2
    assert repr(CameraSys(PIXELS, "a")) == "CameraSys(Pixels, a)"
    assert repr(PIXELS) == "CameraSysPrefix(Pixels)"
    assert not FOCAL_PLANE.hasDetectorName()
    for system in (CameraSys(PIXELS, "a"), PIXELS):
        assert pickle.loads(pickle.dumps(system)) == system


def test_detector_builder_as_a_collection_of_amplifiers():
    builder = make_builder()
    detector = builder["early"]
    assert len(detector) == 2
    assert [amplifier.getName() for amplifier in detector] == ["A0", "A1"]
    assert detector.getAmplifiers()[1] is detector[1] is detector["A1"]
    with pytest.raises(pexExceptions.InvalidParameterError, match="A7 not found in detector early"):
        detector["A7"]
    del detector["A0"]
    assert [amplifier.getName() for amplifier in detector] == ["A1"]
    detector.clear()
    detector.clearTransforms()
    camera = builder.finish()
    assert len(camera["early"]) == 0
    assert not camera["early"].hasTransform(TAN_PIXELS)
    assert camera["early"].hasTransform(FOCAL_PLANE)


def test_names_in_the_builder(camera):
    builder = camera.rebuild()
    assert builder.getName() == "TestCam"
    builder.setPupilFactoryClass(Orientation)
    assert builder.getPupilFactoryName() == "lsst.afw.cameraGeom.Orientation"
    with pytest.raises(NotImplementedError, match=r"no pupil models.*some\.PupilFactory"):
        camera.getPupilFactory()


def test_orientation():
    plain = Orientation()
    assert plain.getFpPosition3() == Point3D(0.0, 0.0, 0.0)
    assert plain.getReferencePoint() == Point2D(-0.5, -0.5)
    assert plain.getYaw() == plain.getPitch() == plain.getRoll() == Angle(0.0)
    turned = Orientation(yaw=Angle(-85, degrees))
    assert turned.getNQuarter() == 3
    assert turned != plain
    assert turned == Orientation(yaw=Angle(-85, degrees))
    assert hash(turned) == hash(Orientation(yaw=Angle(-85, degrees)))
    assert turned != "turned"


def test_reprs_name_what_they_show(camera):
    assert repr(camera) == "Camera('TestCam', 2 detectors, IDs 3 to 12)"
    assert repr(camera.rebuild()) == "Camera.Builder('TestCam', 2 detectors, IDs 3 to 12)"
    assert repr(camera["late"]).startswith("Detector('late', id=12, ")
    assert repr(camera["late"].rebuild()) == "Detector.PartialRebuilder('late', id=12)"
    assert repr(camera["late"]["A1"]).startswith("Amplifier('A1', ")
    assert repr(camera.getTransformMap()) == "TransformMap(6 systems about CameraSys(FocalPlane))"
    assert "yaw=0.0" in repr(camera["early"].getOrientation())


def test_names_that_are_not_offered():
    with pytest.raises(AttributeError, match="PupilFactory is not offered by the portable stack"):
        cameraGeom.PupilFactory  # noqa: B018


def test_amplifier_builder_takes_over_another(camera):
    first, second = next(iter(camera))[0], next(iter(camera))[1]
    builder = first.rebuild()
    builder.assign(second)
    builder.setGain(7.5)
    assert builder.finish().getName() == second.getName()
    assert second.getGain() != 7.5
