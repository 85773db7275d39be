"""Cameras and detectors in FITS files, those of the compiled stack above all."""

import pickle
import re
import time

import numpy as np
import pytest
from astropy.io import fits
from golden import golden_cases, load_golden

import lsst.pex.exceptions as pexExceptions
from lsst.afw.cameraGeom import (
    ACTUAL_PIXELS,
    FIELD_ANGLE,
    FOCAL_PLANE,
    PIXELS,
    TAN_PIXELS,
    Camera,
    Detector,
    DetectorType,
    TransformMap,
)
from lsst.afw.cameraGeom._archive_io import _read_detector, _read_transform_map
from lsst.afw.fits import FitsError
from lsst.afw.geom import TransformPoint2ToPoint2, makeIdentityTransform, makeRadialTransform
from lsst.geom import Box2I, Extent2I, Point2D, Point2I
from lsst.portable.archive import ArchiveCatalog, InputArchive
from lsst.portable.fits import FitsReader

REAL = {
    "LSSTCam": "camera_LSSTCam_LSSTCam_calib_unbounded.fits",
    "LSSTComCam": "camera_LSSTComCam_LSSTComCam_calib_unbounded.fits",
    "LATISS": "camera_LATISS_LATISS_calib_unbounded.fits",
}
_cameras = {}


@pytest.fixture(params=["golden", *(pytest.param(name, marks=pytest.mark.shared) for name in REAL)])
def camera_path(request):
    if request.param == "golden":
        return request.getfixturevalue("golden_dir") / "files" / "camera.fits"
    return request.getfixturevalue("real_dir") / "cameras" / REAL[request.param]


def read_camera(path):
    """Camera from a file, read once."""
    if path not in _cameras:
        _cameras[path] = Camera.readFits(path)
    return _cameras[path]


def read_tables(path):
    """All tables of an archive: name and, by column, the values of all rows."""
    tables = []
    with fits.open(path) as hdus:
        for hdu in hdus[1:]:
            columns = {}
            for column in hdu.columns.names:
                values = hdu.data[column]
                if values.dtype == object:
                    values = ["".join(v) if "QA" in hdu.columns[column].format else list(v) for v in values]
                columns[column] = values if isinstance(values, list) else values.tolist()
            tables.append((hdu.name, columns))
    return tables


def assert_same(ours, theirs):
    """Equal, NaN being equal to NaN."""
    for one, other in zip(ours, theirs, strict=True):
        assert one == other or (one != one and other != other)


def test_written_tables_equal_those_read(camera_path, tmp_path):
    path = tmp_path / "camera.fits"
    read_camera(camera_path).writeFits(path)
    ours, theirs = read_tables(path), read_tables(camera_path)
    assert [name for name, _ in ours] == [name for name, _ in theirs]
    for (name, left), (_, right) in zip(ours, theirs, strict=True):
        # Tables of before 2024 lack two columns.
        extra = {"fpPosition_z", "version"} if name == "Detector" and "version" not in right else set()
        assert set(left) - set(right) <= extra
        assert [column for column in left if column in right] == list(right)
        for column, values in right.items():
            assert_same(left[column], values)


def test_what_is_written_reads_the_same(camera_path, tmp_path):
    camera = read_camera(camera_path)
    path = tmp_path / "camera.fits"
    camera.writeFits(path)
    again = Camera.readFits(path)
    assert again.getName() == camera.getName()
    assert again.getTransformMap().getConnections() == camera.getTransformMap().getConnections()
    assert [d.getName() for d in again] == [d.getName() for d in camera]
    for one, other in zip(again, camera, strict=True):
        assert one.getAmplifiers() == other.getAmplifiers()
        assert one.getOrientation() == other.getOrientation()
        assert one.getTransformMap() is again.getTransformMap()


def test_file_of_the_compiled_stack_to_the_byte(golden_dir, tmp_path):
    path = tmp_path / "camera.fits"
    original = golden_dir / "files" / "camera.fits"
    read_camera(original).writeFits(path)
    assert path.read_bytes() == original.read_bytes()


@pytest.mark.parametrize("path", golden_cases("real_camera"), ids=lambda path: path.stem)
def test_geometry_of_real_cameras(path, real_dir):
    params, _ = load_golden(path)
    camera = read_camera(real_dir / "cameras" / params["file"])
    assert camera.getName() == params["camera"]
    assert len(camera) == params["ndetectors"]
    points = np.array(params["points"]).T
    for number, expected in params["geometry"].items():
        detector = camera[int(number)]
        assert detector.getName() == expected["name"]
        assert detector.getSerial() == expected["serial"]
        assert detector.getPhysicalType() == expected["physicalType"]
        x, y, width, height = expected["bbox"]
        assert detector.getBBox() == Box2I(Point2I(x, y), Extent2I(width, height))
        assert len(detector) == expected["namps"]
        assert detector[0].getGain() == expected["gain0"]
        on_plane = detector.transform(points, PIXELS, FOCAL_PLANE)
        np.testing.assert_allclose(on_plane.T, expected["focalPlane"], rtol=1e-12, atol=1e-12)
        angles = detector.transform(points, PIXELS, FIELD_ANGLE)
        np.testing.assert_allclose(angles.T, expected["fieldAngle"], rtol=1e-11, atol=1e-15)
        back = detector.transform(angles, FIELD_ANGLE, PIXELS)
        np.testing.assert_allclose(back, points, atol=1e-5)


def test_lsstcam(real_dir):
    path = real_dir / "cameras" / REAL["LSSTCam"]
    start = time.perf_counter()
    camera = Camera.readFits(path)
    elapsed = time.perf_counter() - start
    assert elapsed < 5.0  # about 0.5 s on an idle machine
    assert len(camera) == 205
    kinds = [detector.getType() for detector in camera]
    assert kinds.count(DetectorType.SCIENCE) == 189
    assert kinds.count(DetectorType.GUIDER) == 8
    assert {d.getPhysicalType() for d in camera if d.getType() == DetectorType.SCIENCE} == {"ITL", "E2V"}
    assert sum(len(detector) for detector in camera) == 3216
    assert camera["R22_S11"].getId() == 94
    assert [d.getName() for d in camera.findDetectors(Point2D(0.0, 0.0), FIELD_ANGLE)] == ["R22_S11"]
    assert camera["R22_S11"].hasTransform(TAN_PIXELS)


def test_rebuilt_camera_is_the_same(golden_dir):
    camera = read_camera(golden_dir / "files" / "camera.fits")
    again = camera.rebuild().finish()
    assert again.getPupilFactoryName() == camera.getPupilFactoryName()
    assert set(map(repr, again.getTransformMap())) == set(map(repr, camera.getTransformMap()))
    for one, other in zip(again, camera, strict=True):
        assert one.getCorners(FIELD_ANGLE) == other.getCorners(FIELD_ANGLE)


def test_pickle_of_a_real_camera(real_dir):
    camera = read_camera(real_dir / "cameras" / REAL["LSSTComCam"])
    copy = pickle.loads(pickle.dumps(camera))
    assert copy["R22_S11"].getAmplifiers() == camera["R22_S11"].getAmplifiers()
    assert copy.getFpBBox() == camera.getFpBBox()


def test_detector_of_its_own(golden_dir, tmp_path):
    detector = read_camera(golden_dir / "files" / "camera.fits")[4]
    builder = detector.rebuild()
    crosstalk = np.arange(16.0, dtype=np.float32).reshape(4, 4)
    builder.setCrosstalk(crosstalk)
    path = tmp_path / "detector.fits"
    builder.finish().writeFits(path)
    again = Detector.readFits(path)
    assert again.getName() == detector.getName()
    assert again.getBBox() == detector.getBBox()
    assert again.getAmplifiers() == detector.getAmplifiers()
    np.testing.assert_array_equal(again.getCrosstalk(), crosstalk)
    assert again.getCorners(FIELD_ANGLE) == detector.getCorners(FIELD_ANGLE)


def test_transform_of_its_own(golden_dir, tmp_path):
    camera = read_camera(golden_dir / "files" / "camera.fits")
    transform = camera.getTransform(FOCAL_PLANE, FIELD_ANGLE)
    path = tmp_path / "transform.fits"
    transform.writeFits(path)
    again = TransformPoint2ToPoint2.readFits(path)
    assert again == transform
    for cls, message in ((Camera, "not a Camera"), (Detector, "not a Detector")):
        with pytest.raises(pexExceptions.TypeError, match=message) as caught:
            cls.readFits(path)
        assert isinstance(caught.value, FitsError)
    camera.writeFits(path)
    with pytest.raises(pexExceptions.TypeError, match="holds Camera, not a TransformPoint2ToPoint2"):
        TransformPoint2ToPoint2.readFits(path)


def test_old_form_of_a_transform_map():

    transforms = {5: makeRadialTransform([0.0, 2.0]), 6: makeIdentityTransform()}

    class Archive:
        """An archive of two transforms."""

        def get_as(self, id, cls):
            assert isinstance(transforms[id], cls)
            return transforms[id]

    systems = [
        {"id": 1, "sysName": "FocalPlane", "detectorName": ""},
        {"id": 2, "sysName": "FieldAngle", "detectorName": ""},
        {"id": 3, "sysName": "Pixels", "detectorName": "a"},
    ]
    connections = [{"from": 1, "to": 2, "transform": 5}, {"from": 1, "to": 3, "transform": 6}]
    catalogs = [ArchiveCatalog("TransformMap", (), rows) for rows in (systems, connections)]
    tree = _read_transform_map(Archive(), catalogs)
    assert tree.transform(Point2D(3.0, 4.0), FOCAL_PLANE, FIELD_ANGLE) == Point2D(6.0, 8.0)
    assert len(tree) == 3


@pytest.mark.parametrize(
    ("name", "physical_type"), [("noversion", ""), ("version-1", ""), ("version-2", "CCD")]
)
def test_detectors_of_old_exposures(real_dir, tmp_path, name, physical_type):
    with FitsReader(real_dir / "exposures" / f"exposure-{name}.fits") as reader:
        index = next(i for i in range(len(reader)) if reader.header(i).get("EXTTYPE", "") == "ARCHIVE_INDEX")
        archive = InputArchive.read(reader, index)
    (detector,) = (obj for obj in map(archive.get, archive.ids()) if isinstance(obj, Detector))
    path = tmp_path / "detector.fits"
    detector.writeFits(path)
    for one in (detector, Detector.readFits(path)):
        assert one.getName() == "detector 1"
        assert one.getPhysicalType() == physical_type
        assert [amplifier.getName() for amplifier in one] == [a.getName() for a in detector]
        assert one.getCrosstalk().shape == (3, 3)
        assert one.getOrientation().getHeight() == 0.0
        corner = one.getCorners(FOCAL_PLANE)[2]
        np.testing.assert_allclose([corner[0], corner[1]], [0.2, 0.2], atol=1e-12)
        assert one.hasTransform(ACTUAL_PIXELS)


def test_amplifiers_without_a_column(golden_dir):
    with FitsReader(golden_dir / "files" / "camera.fits") as reader:
        archive = InputArchive.read(reader, reader.find("ARCHIVE_INDEX"))
    number = next(id for id in archive.ids() if archive.catalogs(id)[0].name == "Detector")
    about, amplifiers = archive.catalogs(number)
    amplifiers.columns = tuple(column for column in amplifiers.columns if column.name != "gain")
    with pytest.raises(pexExceptions.InvalidParameterError, match="detector R00_S00 lacks the columns gain"):
        _read_detector(archive, [about, amplifiers])


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        (
            rb"\bTransformPoint2ToPoint2\b",
            b"TransformPoint9ToPoint2",
            "'TransformPoint9ToPoint2' .*where a Tr",
        ),
        (rb"\bTransformMap\b", b"TransformMop", "'TransformMop' .*where a TransformMap should be"),
        (rb"\bDetector\b", b"Detectyr", "'Detectyr' .*where a Detector should be"),
        (b"FocalPlane", b"FocalPlone", "have no .*FocalPlane.*which detector"),
        (b"Pixels", b"Pixols", "have no .*Pixels.*which detector"),
    ],
)
def test_damaged_names_of_classes_and_systems(golden_dir, tmp_path, old, new, match):
    """They would be kept unread, and miss later, where the file is not known any more."""
    content = (golden_dir / "files" / "camera.fits").read_bytes()
    (tmp_path / "camera.fits").write_bytes(re.sub(old, new, content))
    with pytest.raises(FitsError, match=match):
        Camera.readFits(tmp_path / "camera.fits")


def test_transform_map_of_its_own(tmp_path):
    transforms = TransformMap(FOCAL_PLANE, {FIELD_ANGLE: makeRadialTransform([0.0, 2.0])})
    transforms.writeFits(tmp_path / "map.fits")
    back = TransformMap.readFits(tmp_path / "map.fits")
    assert back.transform(Point2D(1.0, 3.0), FOCAL_PLANE, FIELD_ANGLE) == Point2D(2.0, 6.0)
