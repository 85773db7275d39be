"""What users of the stack type every day: exposures and what is known about them."""

import copy
import pickle

import numpy as np
import pytest

import lsst.afw.image as afwImage
import lsst.geom as geom
import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import readMetadata
from lsst.daf.base import DateTime, PropertyList

BBOX = geom.Box2I(geom.Point2I(10, 20), geom.Extent2I(8, 6))
PART = geom.Box2I(geom.Point2I(12, 21), geom.Extent2I(3, 2))


@pytest.fixture
def exp():
    exp = afwImage.ExposureF(BBOX)
    exp.image.array[:] = np.arange(48).reshape(6, 8)
    exp.variance.set(2.0)
    exp.setFilter(afwImage.FilterLabel(band="r", physical="r_03"))
    exp.metadata["OBSERVER"] = "nobody"
    date = DateTime("2024-03-28T05:06:07.123", DateTime.TAI)
    exp.info.setVisitInfo(afwImage.VisitInfo(exposureTime=30.0, darkTime=31.0, date=date))
    exp.info.setId(77)
    return exp


def test_planes(exp):
    exp.maskedImage.image.array[...] += 1
    exp.image -= afwImage.ImageF(BBOX, 1)
    exp.mask.array |= exp.mask.getPlaneBitMask("CR")
    exp.maskedImage /= 2
    assert exp.image[17, 25] == exp.getMaskedImage().getImage().getArray()[-1, -1] == 23.5
    assert exp.variance[10, 20] == 0.5
    exp.image = afwImage.ImageF(BBOX, 3)
    exp.setMaskedImage(exp.maskedImage.clone())
    assert exp[PART].image.array.shape == (2, 3)
    assert (exp.width, exp.height) == tuple(exp.getDimensions()) == (8, 6)


def test_parts_share_memory_and_copies_do_not(exp):
    for view in (exp[PART], exp.Factory(exp, PART, afwImage.PARENT), exp.subset(PART)):
        assert view.getBBox() == PART
        assert np.shares_memory(view.image.array, exp.image.array)
    for deep in (exp[PART].clone(), exp.Factory(exp, PART, afwImage.PARENT, True)):
        assert not np.shares_memory(deep.image.array, exp.image.array)
    for whole in (exp.clone(), copy.deepcopy(exp), afwImage.ExposureF(exp, deep=True)):
        assert not np.shares_memory(whole.image.array, exp.image.array)
        assert whole.info.getVisitInfo() == exp.info.getVisitInfo()


def test_ways_to_make_an_exposure(exp):
    mi = exp.maskedImage
    for made in (
        afwImage.ExposureF(mi),
        afwImage.ExposureF(maskedImage=mi),
        afwImage.ExposureF(mi, exp.info),
        afwImage.makeExposure(mi),
        afwImage.makeExposure(afwImage.makeMaskedImage(exp.image)),
        afwImage.Exposure(mi, dtype=np.float32),
        afwImage.ExposureF(BBOX),
    ):
        assert isinstance(made, afwImage.ExposureF)
        assert isinstance(made, afwImage.Exposure)
        assert made.getBBox() == BBOX
    assert isinstance(afwImage.ExposureI(BBOX).convertF(), afwImage.ExposureF)


def test_metadata(exp):
    exp.getMetadata().set("ADDED", 3, "a comment")
    assert exp.info.getMetadata().toDict() == {"OBSERVER": "nobody", "ADDED": 3}
    assert exp.getMetadata().getComment("ADDED") == "a comment"
    exp.setMetadata(PropertyList())
    assert len(exp.metadata) == 0


def test_visit(exp):
    visit = exp.info.getVisitInfo()
    assert visit == exp.visitInfo == exp.getInfo().getVisitInfo()
    assert visit.getExposureTime() == visit.exposureTime == 30.0
    assert visit.getDate().toAstropy().isot == "2024-03-28T05:06:07.123"
    assert visit.date.get(DateTime.MJD) == pytest.approx(60397.21258, abs=1e-5)
    assert visit.copyWith(exposureTime=3.0).exposureTime == 3.0
    assert not visit.boresightRaDec.isFinite()
    assert "exposureTime=30" in str(visit)
    for same in (pickle.loads(pickle.dumps(visit)), copy.copy(visit), copy.deepcopy(visit)):
        assert same == visit


def test_filter(exp):
    label = exp.filter
    assert label == exp.getFilter() == afwImage.FilterLabel.fromBandPhysical("r", "r_03")
    assert (label.bandLabel, label.physicalLabel) == ("r", "r_03")
    assert {label: 1}[afwImage.FilterLabel(band="r", physical="r_03")] == 1
    assert eval(repr(label), {"FilterLabel": afwImage.FilterLabel}) == label
    assert pickle.loads(pickle.dumps(label)) == copy.copy(label) == label
    with pytest.raises(pexExceptions.RuntimeError):
        _ = afwImage.FilterLabel.fromBand("r").physicalLabel


def test_what_is_not_there(exp):
    assert not exp.hasWcs()
    assert not exp.hasPsf()
    for value in (exp.getWcs(), exp.wcs, exp.getPsf(), exp.psf, exp.getDetector(), exp.detector):
        assert value is None
    exp.setPsf(None)
    exp.setWcs(None)
    exp.setDetector(None)
    assert exp.info.getValidPolygon() is None
    assert exp.info.getApCorrMap() is None
    assert exp.info.hasId()
    assert exp.info.id == 77


def test_photometric_calibration(exp):
    exp.setPhotoCalib(afwImage.PhotoCalib(1500.0, 2.0))
    calib = exp.getPhotoCalib()
    assert calib.getCalibrationMean() == 1500.0
    assert calib.instFluxToNanojansky(2.0) == 3000.0
    assert calib == pickle.loads(pickle.dumps(calib))


def test_files(exp, tmp_path):
    path = str(tmp_path / "exposure.fits")
    exp.writeFits(path)
    for read in (afwImage.ExposureF(path), afwImage.ExposureF.readFits(path)):
        np.testing.assert_array_equal(read.image.array, exp.image.array)
        assert read.info.getVisitInfo() == exp.info.getVisitInfo()
        assert read.filter == exp.filter
        assert read.info.id == 77
        assert read.metadata["OBSERVER"] == "nobody"
    assert afwImage.ExposureF(path, bbox=PART).getBBox() == PART
    local = geom.Box2I(geom.Point2I(0, 0), geom.Extent2I(2, 2))
    assert afwImage.ExposureF(path, local, afwImage.LOCAL).getXY0() == BBOX.getMin()
    assert afwImage.ImageF(path).getBBox() == afwImage.ImageF(path, hdu=1).getBBox() == BBOX
    assert afwImage.MaskedImageF.readFits(path).getBBox() == BBOX
    assert afwImage.Mask.readFits(path, 2).getBBox() == BBOX
    assert readMetadata(path)["OBSERVER"] == "nobody"
    assert readMetadata(path, 1)["EXTTYPE"].strip() == "IMAGE"
    with afwImage.ExposureFitsReader(path) as reader:
        assert reader.readBBox() == BBOX
        assert reader.readVisitInfo().darkTime == 31.0
        assert reader.readFilter() == exp.filter


def test_pickle(exp):
    back = pickle.loads(pickle.dumps(exp))
    np.testing.assert_array_equal(back.image.array, exp.image.array)
    np.testing.assert_array_equal(back.variance.array, exp.variance.array)
    assert back.filter == exp.filter
    assert back.info.getVisitInfo() == exp.info.getVisitInfo()
    assert str(exp)
    assert repr(exp)
