"""Cards that are not in the primary header: those of planes, what they inherit, units, stale references."""

import numpy as np
import pytest
from astropy.io import fits

from lsst.afw.image import (
    ExposureF,
    ExposureFitsReader,
    ImageF,
    ImageFitsReader,
    MaskedImageF,
    MaskedImageFitsReader,
)
from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.fits import FitsError


@pytest.fixture
def make_file(tmp_path):
    """Write an exposure, then change its HDUs with astropy."""

    def make(change, metadata=()):
        path = str(tmp_path / "exposure.fits")
        exposure = ExposureF(Extent2I(3, 2))
        for name, value in metadata:
            exposure.metadata.set(name, value)
        exposure.writeFits(path)
        with fits.open(path, mode="update") as hdus:
            change(hdus)
        return path

    return make


def add_card(hdus):
    hdus[1].header["SEEING"] = (0.7, "arcsec")
    hdus[1].header["BOTH"] = "image"


def test_cards_of_the_image_are_metadata(make_file):
    path = make_file(add_card, [("BOTH", "primary"), ("OWN", 1)])
    metadata = ExposureF(path).metadata
    assert (metadata.getScalar("SEEING"), metadata.getComment("SEEING")) == (0.7, "arcsec")
    assert metadata.getScalar("BOTH") == "image"
    assert metadata.getScalar("OWN") == 1
    assert not {"INHERIT", "EXTTYPE", "EXTNAME", "LTV1", "CRVAL1A"} & set(metadata.getOrderedNames())


def test_planes_inherit(make_file):
    path = make_file(add_card, [("BOTH", "primary"), ("OWN", 1)])
    given = PropertyList()
    ImageF(path, 1, given)
    for header in (
        given,
        ImageFitsReader(path, 1).readMetadata(),
        MaskedImageFitsReader(path).readImageMetadata(),
        ExposureFitsReader(path).readImageMetadata(),
    ):
        assert [header.getScalar(name) for name in ("SEEING", "BOTH", "OWN")] == [0.7, "image", 1]
        assert not header.exists("INHERIT")
    variance = MaskedImageFitsReader(path).readVarianceMetadata()
    assert variance.getScalar("BOTH") == "primary"
    assert not variance.exists("SEEING")


def test_planes_that_do_not_inherit(make_file):
    def refuse(hdus):
        add_card(hdus)
        hdus[1].header["INHERIT"] = False

    path = make_file(refuse, [("OWN", 1)])
    for header in (ImageFitsReader(path, 1).readMetadata(), ExposureF(path).metadata):
        assert header.getScalar("SEEING") == 0.7
        assert not header.exists("OWN")
        assert not header.exists("INHERIT")


@pytest.mark.parametrize(
    ("unit", "squared"), [("nJy", "nJy**2"), ("adu", "adu**2"), ("electron/s", "(electron/s)**2")]
)
def test_units_stand_with_the_planes(unit, squared, tmp_path):
    exposure = ExposureF(Extent2I(3, 2))
    exposure.metadata.set("BUNIT", unit, "unit of the pixels")
    exposure.writeFits(tmp_path / "exposure.fits")
    with fits.open(tmp_path / "exposure.fits") as hdus:
        assert "BUNIT" not in hdus[0].header
        assert hdus[1].header["BUNIT"] == unit
        assert hdus[1].header.comments["BUNIT"] == "unit of the pixels"
        assert "BUNIT" in hdus[2].header
        assert hdus[2].header["BUNIT"] is None
        assert hdus[3].header["BUNIT"] == squared
    assert exposure.metadata.getScalar("BUNIT") == unit
    assert ExposureF(tmp_path / "exposure.fits").metadata.getScalar("BUNIT") == unit


def test_without_a_unit_there_is_no_card(tmp_path):
    ExposureF(Extent2I(3, 2)).writeFits(tmp_path / "exposure.fits")
    with fits.open(tmp_path / "exposure.fits") as hdus:
        assert not any("BUNIT" in hdu.header for hdu in hdus)


def test_references_to_the_archive_of_another_file_are_left_out(tmp_path):
    exposure = ExposureF(Extent2I(3, 2))
    for name in ("PSF_ID", "ARCHIVE_ID_PSF", "ARCHIVE_ID_SOMETHING", "GAIN_ID"):
        exposure.metadata.set(name, 7)
    exposure.writeFits(tmp_path / "exposure.fits")
    header = fits.getheader(tmp_path / "exposure.fits")
    assert header["GAIN_ID"] == 7
    assert not {"PSF_ID", "ARCHIVE_ID_PSF", "ARCHIVE_ID_SOMETHING"} & set(header)
    read = ExposureF(tmp_path / "exposure.fits")
    assert read.getPsf() is None
    assert exposure.metadata.getScalar("PSF_ID") == 7


def test_other_images_are_not_taken_for_planes(tmp_path, caplog):
    path = str(tmp_path / "mosaic.fits")
    hdus = [fits.ImageHDU(np.full((2, 3), 1000 * k, "u2"), name=f"ccd{k:02d}") for k in (1, 2, 3)]
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(path)
    for cls in (ExposureF, MaskedImageF):
        caplog.clear()
        read = cls(path)
        assert read.image.array[0, 0] == 1000
        assert not read.mask.array.any()
        assert not read.variance.array.any()
        assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
        assert "HDU 2 of" in caplog.text
        assert "'CCD02' by EXTNAME" in caplog.text
    with pytest.raises(FitsError, match=r"HDU 2 of .*mosaic\.fits is 'CCD02' by EXTNAME"):
        MaskedImageF(path, needAllHdus=True)
    with pytest.raises(FitsError, match="'CCD02' by EXTNAME, expected 'MASK'"):
        MaskedImageFitsReader(path).readMask()
    with pytest.raises(InvalidParameterError, match="'CCD03' by EXTNAME, expected 'VARIANCE'"):
        MaskedImageFitsReader(path).readVariance()
    assert ImageF(path, 3).array[0, 0] == 3000


@pytest.mark.parametrize(
    "names", [("IMAGE", "MASK", "VARIANCE"), ("image", "mask", "variance"), ("", "", "")]
)
def test_planes_by_name_or_by_place(names, tmp_path):
    path = str(tmp_path / "planes.fits")
    planes = (np.ones((2, 3), "f4"), np.full((2, 3), 4, "i4"), np.full((2, 3), 9, "f4"))
    hdus = [fits.ImageHDU(plane) for plane in planes]
    for hdu, name in zip(hdus, names, strict=True):
        if name:
            hdu.header["EXTNAME"] = name
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(path)
    read = MaskedImageF(path)
    for one, other in zip(read.getArrays(), planes, strict=True):
        np.testing.assert_array_equal(one, other)


def test_planes_without_pixels_are_zero(tmp_path, caplog):
    path = str(tmp_path / "planes.fits")
    empty = [fits.ImageHDU(name="MASK"), fits.ImageHDU(name="VARIANCE")]
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.ones((2, 3), "f4")), *empty]).writeto(path)
    read = MaskedImageF(path)
    assert read.image.array.sum() == 6
    assert not read.mask.array.any()
    assert not read.variance.array.any()
    assert caplog.records == []
    with pytest.raises(FitsError, match=r"The mask cannot be read: HDU 2 of .*planes\.fits has no pixels"):
        MaskedImageF(path, needAllHdus=True)


@pytest.mark.parametrize(
    "card",
    [
        "EXPINFO_V",
        "AR_HDU",
        "EXPID",
        "FILTER",
        "FILTER_ID",
        "ARCHIVE_ID_FILTER",
        "FLUXMAG0",
        "OBJECT",
        "CRPIX1",
    ],
)
def test_undefined_cards_leave_exposures_readable(card, make_file):
    def undefine(hdus):
        name = f"HIERARCH {card}" if "_" in card else card
        hdus[0].header[name] = None
        hdus[1].header[name] = None

    path = make_file(undefine)
    exposure = ExposureF(path)
    assert exposure.getBBox() == ExposureF(Extent2I(3, 2)).getBBox()
    assert exposure.getFilter() is None
    assert exposure.info.getId() is None
    assert exposure.info.getVisitInfo().object == ""
    part = ExposureF(path, Box2I(Point2I(1, 0), Extent2I(2, 2)))
    assert part.getDimensions() == Extent2I(2, 2)
