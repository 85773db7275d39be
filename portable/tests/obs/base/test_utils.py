"""Boxes and provenance in headers, names of files, and exposures for tests."""

import importlib.resources
import uuid

import numpy as np
import pytest

import lsst.obs.base
from lsst.afw.cameraGeom import makeUpdatedDetector
from lsst.afw.cameraGeom.testUtils import CameraWrapper
from lsst.daf.base import PropertyList, PropertySet
from lsst.daf.butler import DataCoordinate, DatasetProvenance, DatasetRef, DatasetType, DimensionUniverse
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.obs.base import bboxFromIraf, iso_date_to_curated_calib_file_root
from lsst.obs.base.tests import make_ramp_array, make_ramp_exposure_trimmed, make_ramp_exposure_untrimmed
from lsst.obs.base.utils import add_provenance_to_fits_header, strip_provenance_from_fits_header
from lsst.obs.base.yamlCamera import makeCamera
from lsst.resources import ResourcePath


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("[3:10,1:20]", Box2I(Point2I(2, 0), Extent2I(8, 20))),
        ("[-2:5,0:0]", Box2I(Point2I(-3, -1), Extent2I(8, 1))),
    ],
)
def test_box_of_iraf(text, box):
    assert bboxFromIraf(text) == box


@pytest.mark.parametrize("text", ["3:10,1:20", "(3:10,1:20)", "[3:10]", "[3:10,1:x]", " [3:10,1:20]"])
def test_what_is_no_box_of_iraf(text):
    with pytest.raises(RuntimeError, match="should be like"):
        bboxFromIraf(text)
    with pytest.raises(TypeError):
        bboxFromIraf((text,))


@pytest.mark.parametrize(
    ("date", "name"),
    [
        ("2024-02-29", "20240229T000000"),
        ("2024-02-29 07:08", "20240229T070800"),
        ("20240229T070809.987", "20240229T070809"),
    ],
)
def test_name_of_a_curated_calibration(date, name):
    assert iso_date_to_curated_calib_file_root(date) == name


@pytest.fixture
def ref():
    universe = DimensionUniverse()
    kind = DatasetType("flat", ["instrument", "detector"], "ExposureF", universe=universe)
    where = DataCoordinate.standardize(instrument="Cam", detector=4, universe=universe)
    return DatasetRef(kind, where, run="a/run/whose/name/is/so/long/that/no/single/card/could/hold/all/of/it")


@pytest.mark.parametrize("header", [PropertyList(), PropertySet(), {}])
def test_provenance(ref, header):
    header["LSST BUTLER INPUT 7 ID"] = "of an older file"
    header["OBJECT"] = "sky"
    add_provenance_to_fits_header(header, ref, DatasetProvenance(quantum_id=uuid.uuid4()))
    assert "LSST BUTLER INPUT 7 ID" not in header
    assert header["LSST BUTLER ID"] == str(ref.id)
    assert header["LSST BUTLER RUN"] == ref.run
    assert header["LSST BUTLER DATAID DETECTOR"] == 4
    if isinstance(header, PropertyList):
        assert header.getComment("LSST BUTLER RUN") == "Run collection"
    strip_provenance_from_fits_header(header)
    assert list(header) == ["OBJECT"]
    add_provenance_to_fits_header(None, ref)


def test_provenance_in_short_cards(ref):
    header = PropertyList()
    add_provenance_to_fits_header(header, ref, allow_long_headers=False)
    # One character less than a card has, where the number to leave out is odd.
    run = header["LSST BUTLER RUN"]
    assert 79 <= len(f"HIERARCH LSST BUTLER RUN = '{run}'") <= 80
    before, after = run.split("...")
    assert ref.run.startswith(before)
    assert ref.run.endswith(after)
    assert abs(len(before) - len(after)) <= 1
    assert header["LSST BUTLER ID"] == str(ref.id)
    assert not any(header.getComment(name) for name in header)
    with pytest.raises(ValueError, match="has room for 58 and text"):
        lsst.obs.base._provenance.store_text(header, "K" * 59, "text", allow_long_headers=False)


def test_camera_for_tests():
    where = "resource://lsst.obs.base/test/dummycam.yaml"
    camera = makeCamera(ResourcePath(where))
    assert [detector.getName() for detector in camera] == ["RXX_S00", "RXX_S01"]
    for detector in camera:
        assert Box2I(detector[0].getBBox()).getWidth() == detector.getBBox().getWidth()
    with importlib.resources.as_file(
        importlib.resources.files("lsst.obs.base") / "test/dummycam.yaml"
    ) as path:
        assert [detector.getId() for detector in makeCamera(path)] == [0, 1]


def test_ramps():
    ramp, end = make_ramp_array(Box2I(Point2I(3, 4), Extent2I(3, 2)), 5)
    assert ramp.tolist() == [[5, 6, 7], [8, 9, 10]]
    assert end == 11
    detector = makeUpdatedDetector(CameraWrapper().camera[20])
    raw, trimmed = make_ramp_exposure_untrimmed(detector), make_ramp_exposure_trimmed(detector, np.float32)
    assert (raw.image.array.dtype, trimmed.image.array.dtype) == (np.int32, np.float32)
    assert raw.getDetector() == trimmed.getDetector() == detector
    assert sorted(trimmed.image.array.ravel()) == list(range(detector.getBBox().getArea()))
    values = np.concatenate([raw.image[amp.getRawDataBBox()].array.ravel() for amp in detector])
    assert len(set(values.tolist())) == trimmed.image.array.size
    with pytest.raises(AttributeError, match="not part of the portable stack"):
        lsst.obs.base.tests.ObsTests  # noqa: B018
