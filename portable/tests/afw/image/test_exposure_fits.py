"""Exposures in files: those of the compiled stack and our own."""

import gc
import json
import pickle
import re

import numpy as np
import pytest
from astropy.io import fits

import lsst.pex.exceptions
from lsst.afw.fits import FitsError, MemFileManager, readMetadata
from lsst.afw.image import (
    LOCAL,
    ApCorrMap,
    CoaddInputs,
    Exposure,
    ExposureD,
    ExposureF,
    ExposureFitsReader,
    ExposureSummaryStats,
    FilterLabel,
    Mask,
    PhotoCalib,
    TransmissionCurve,
    VisitInfo,
    _wcs_cards,
)
from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.portable.fits import FitsReader

GOLDEN = ("exposure_plain.fits", "exposure_gzip.fits", "exposure_rice.fits", "exposure_sub.fits")
REAL = (
    "exposure-noversion.fits",
    "exposure-version-1.fits",
    "exposure-version-2.fits",
    "HSC-0908120-056-small.fits",
    "calexp.fits",
)
#: Keywords by which cfitsio describes compressed data; they depend on the compressor.
LAYOUT = ("PCOUNT", "TFORM1", "ZTILE1", "ZTILE2", "ZDITHER0")


@pytest.fixture(autouse=True)
def _mask_planes():
    """Undo what reading does to the default mask planes."""
    before = dict(Mask[np.int32](1, 1).getMaskPlaneDict())
    yield
    for name in set(Mask[np.int32](1, 1).getMaskPlaneDict()) - set(before):
        Mask[np.int32].removeMaskPlane(name)


@pytest.fixture(scope="module")
def expected(golden_dir):
    files = golden_dir / "files"
    with np.load(files / "expected.npz") as arrays:
        return json.loads((files / "expected.json").read_text()), dict(arrays)


def cards(path, hdu=0):
    """Cards of a header as they are in the file, as text."""
    with fits.open(path, disable_image_compression=True) as file:
        return [str(card).rstrip() for card in file[hdu].header.cards]


def tables(path):
    """Header cards and bytes of all HDUs of the archive."""
    with fits.open(path, disable_image_compression=True) as file:
        start = 4
        return [
            (
                [str(card).rstrip() for card in hdu.header.cards],
                hdu.data.tobytes() if hdu.data is not None else b"",
            )
            for hdu in file[start:]
        ]


def planes_in_file_bits(exposure, planes):
    """Mask values with the bits where the file has them."""
    array = np.zeros_like(exposure.mask.array)
    for name, bit in planes.items():
        array |= np.where(exposure.mask.array & exposure.mask.getPlaneBitMask(name), 1 << bit, 0).astype(
            array.dtype
        )
    return array


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name, golden_dir, expected):
    info, arrays = expected[0][name], expected[1]
    exposure = ExposureF.readFits(golden_dir / "files" / name)
    assert type(exposure) is ExposureF
    x, y, width, height = info["bbox"]
    assert exposure.getBBox() == Box2I(Point2I(x, y), Extent2I(width, height))
    np.testing.assert_array_equal(exposure.image.array, arrays[f"{name}:image"])
    np.testing.assert_array_equal(exposure.variance.array, arrays[f"{name}:variance"])
    np.testing.assert_array_equal(planes_in_file_bits(exposure, info["maskPlanes"]), arrays[f"{name}:mask"])
    assert exposure.filter == FilterLabel(*info["filter"])
    assert exposure.visitInfo.id == exposure.info.id == info["visitId"]
    assert exposure.detector.getName() == info["detector"]
    assert exposure.detector.getSerial() == "GOLD-001"
    assert exposure.visitInfo.observationType == "science"
    assert exposure.visitInfo.instrumentLabel == "GoldCam"


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_metadata(name, golden_dir):
    metadata = ExposureF.readFits(golden_dir / "files" / name).metadata
    assert list(metadata.getOrderedNames()) == [
        "SHUTTER",
        "LONG_KEYWORD_NAME",
        "MULTI",
        "QUOTE",
        "COMMENT",
        "EXPINFO_V",
    ]
    assert metadata.getScalar("MULTI") == 3
    assert metadata.valueCount("MULTI") == 1
    assert metadata.getArray("COMMENT") == ["first comment", "second comment"]
    assert metadata.getScalar("SHUTTER") is True


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_written_again(name, golden_dir, tmp_path):
    source, copied = golden_dir / "files" / name, tmp_path / name
    exposure = ExposureF.readFits(source)
    exposure.writeFits(copied)
    again = ExposureF.readFits(copied)
    for plane in ("image", "mask", "variance"):
        np.testing.assert_array_equal(getattr(again, plane).array, getattr(exposure, plane).array)
    assert again.getBBox() == exposure.getBBox()
    assert again.visitInfo == exposure.visitInfo
    assert again.filter == exposure.filter
    assert again.photoCalib == exposure.photoCalib
    assert list(again.metadata.getOrderedNames()) == list(exposure.metadata.getOrderedNames())
    assert list(again.info._components) == list(exposure.info._components)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_archive_is_written_as_it_was(name, golden_dir, tmp_path):
    source, copied = golden_dir / "files" / name, tmp_path / name
    ExposureF.readFits(source).writeFits(copied)
    for (ours, data), (theirs, stored) in zip(tables(copied), tables(source), strict=True):
        assert ours == theirs
        assert data == stored


@pytest.mark.parametrize("hdu", [1, 2, 3])
@pytest.mark.parametrize("name", ["exposure_plain.fits", "exposure_sub.fits"])
def test_golden_plane_headers_are_written_as_they_were(name, hdu, golden_dir, tmp_path):
    source, copied = golden_dir / "files" / name, tmp_path / name
    gzip = {"algorithm": "GZIP_2"}
    options = None if name == "exposure_plain.fits" else {"image": gzip, "mask": gzip, "variance": gzip}
    exposure = ExposureF.readFits(source)
    planes = exposure.mask.getMaskPlaneDict()
    for plane in {"GOLDEN_PLANE"} & set(planes) if name == "exposure_plain.fits" else ():
        exposure.mask.removeAndClearMaskPlane(plane)
    exposure.writeFitsWithOptions(str(copied), options)

    def chosen(path):
        return [card for card in cards(path, hdu) if not card.startswith((*LAYOUT, "HIERARCH MP_GOLDEN"))]

    assert chosen(copied) == chosen(source)


def golden_metadata():
    """Cards that the golden exposures were given."""
    metadata = PropertyList()
    metadata.set("OBSTYPE", "science", "what was observed")
    metadata.set("EXPID", 101)
    metadata.set("AIRTEMP", 10.0, "[C] outside")
    metadata.set("SHUTTER", True)
    metadata.set("LONG_KEYWORD_NAME", "a value")
    metadata.set("MULTI", [1, 2, 3])
    metadata.set("QUOTE", "it's here")
    metadata.set("COMMENT", ["first comment", "second comment"])
    return metadata


def test_primary_header_of_a_new_exposure(golden_dir, tmp_path):
    source = golden_dir / "files" / "exposure_plain.fits"
    golden = ExposureF.readFits(source)
    exposure = ExposureF(Extent2I(5, 4))
    exposure.setMetadata(golden_metadata())
    exposure.setDetector(golden.detector)
    exposure.setFilter(FilterLabel("r", "r_03"))
    exposure.info.setVisitInfo(golden.visitInfo)
    exposure.writeFits(tmp_path / "new.fits")
    assert cards(tmp_path / "new.fits") == cards(source)


def test_primary_header_that_the_stack_wrote_again(golden_dir, tmp_path):
    """A raw exposure that a task of the stack read and wrote again, against the same by us."""
    name = "20240328/GC_2024032800001/{}_GoldCam_r_03_GC_2024032800001_R00_S11_{}.fits"
    raw = golden_dir / "repo/GoldCam/raw/cpSkyIsrExp" / name.format("cpSkyIsrExp", "GoldCam_raw")
    masked = (
        golden_dir / "repo/stack/cpSky/cpSkyMaskedIsrExp" / name.format("cpSkyMaskedIsrExp", "stack_cpSky")
    )
    exposure = ExposureF.readFits(raw)
    metadata = exposure.metadata
    for key in [key for key in metadata.getOrderedNames() if key.startswith("LSST BUTLER")]:
        metadata.remove(key)
    exposure.writeFits(tmp_path / "again.fits")

    def known(path):
        # what the task and the butler added; a quote that the stack doubles each time it reads
        return [
            card
            for card in cards(path)
            if "LSST BUTLER" not in card and card[:5] not in ("BGMEA", "BGVAR", "QUOTE")
        ]

    assert known(tmp_path / "again.fits") == known(masked)


@pytest.mark.parametrize("name", REAL)
def test_real_written_again(name, real_dir, tmp_path):
    source = real_dir / "exposures" / name
    with ExposureFitsReader(source) as reader:
        exposure = reader.read()
    exposure.writeFits(tmp_path / name)
    again = type(exposure).readFits(tmp_path / name)
    for plane in ("image", "mask", "variance"):
        np.testing.assert_array_equal(getattr(again, plane).array, getattr(exposure, plane).array)
    assert again.visitInfo == exposure.visitInfo
    assert again.filter == exposure.filter
    assert repr(again.photoCalib) == repr(exposure.photoCalib)
    assert list(again.info._components) == list(exposure.info._components)
    again.writeFits(tmp_path / "third.fits")
    assert cards(tmp_path / "third.fits") == cards(tmp_path / name)
    assert tables(tmp_path / "third.fits") == tables(tmp_path / name)


def test_real_with_twenty_kinds_of_component(real_dir, tmp_path):
    source = real_dir / "exposures" / "calexp.fits"
    exposure = ExposureF.readFits(source)
    info = exposure.info
    assert list(info._components) == [
        "SUMMARY_STATS",
        "SKYWCS",
        "DETECTOR",
        "VALID_POLYGON",
        "FILTER",
        "TRANSMISSION_CURVE",
        "PHOTOCALIB",
        "COADD_INPUTS",
        "PSF",
        "AP_CORR_MAP",
    ]
    assert exposure.filter == FilterLabel("300", "HSC-I")
    assert exposure.info.id == 180802004
    assert exposure.visitInfo.object == "STRIPE82L"
    assert exposure.photoCalib.getCalibrationMean() == pytest.approx(1.9940875054616918)
    stats = info.getSummaryStats()
    assert isinstance(stats, ExposureSummaryStats)
    assert (stats.psfSigma, stats.nPsfStar, len(stats.raCorners)) == (1.0, 0, 4)
    assert exposure.metadata.getScalar("FLATNESS_NGRIDS").rstrip() == "8x16"
    assert exposure.hasWcs()
    assert exposure.hasPsf()
    assert not exposure.metadata.exists("CRPIX1")
    exposure.writeFits(tmp_path / "again.fits")
    assert cards(tmp_path / "again.fits") == cards(source)
    with fits.open(source) as old, fits.open(tmp_path / "again.fits") as new:
        assert [hdu.header.get("AR_NAME") for hdu in new] == [hdu.header.get("AR_NAME") for hdu in old]
        np.testing.assert_array_equal(new[4].data, old[4].data)
    assert tables(tmp_path / "again.fits") == tables(source)


def test_components_that_are_only_carried(real_dir):
    info = ExposureF.readFits(real_dir / "exposures" / "calexp.fits").info
    for component, cls in (
        (info.getApCorrMap(), ApCorrMap),
        (info.getCoaddInputs(), CoaddInputs),
        (info.getTransmissionCurve(), TransmissionCurve),
    ):
        assert type(component) is cls
        again = pickle.loads(pickle.dumps(component))
        assert type(again) is cls
        assert again.name == component.name
        with pytest.raises(NotImplementedError, match=f"{cls.__name__} is not part of the portable stack"):
            cls()


@pytest.mark.parametrize(
    ("name", "version", "label"),
    [
        ("exposure-noversion.fits", 0, FilterLabel(physical="ha")),
        ("exposure-version-1.fits", 1, FilterLabel(physical="ha")),
        ("exposure-version-2.fits", 2, FilterLabel("N656", "ha")),
    ],
)
def test_versions_of_the_format(name, version, label, real_dir):
    with ExposureFitsReader(real_dir / "exposures" / name) as reader:
        assert reader.readSerializationVersion() == version
        assert reader.readFilter() == label
        assert reader.readExposureId() == 12345
        assert reader.readVisitInfo().darkTime == 600.0
        assert reader.readDetector().getName() == "detector 1"
        calib = reader.readPhotoCalib()
        exposure = reader.read()
    if version == 0:
        assert calib.getInstFluxAtZeroMagnitude() == pytest.approx(1e6)
        assert not exposure.metadata.exists("FLUXMAG0")
    else:
        assert (calib.getCalibrationMean(), calib.getCalibrationErr()) == (1e6, 2e4)
    assert exposure.filter == label
    assert exposure.info.id == 12345
    assert exposure.hasWcs()


@pytest.mark.parametrize(
    ("card", "value"),
    [
        ("EXPTIME", "half a minute"),
        ("DATE-AVG", "yesterday"),
        ("TIMESYS", "UTC"),
        ("ROTTYPE", "SPIN"),
        ("IDNUM", "first"),
        ("EXPINFO_V", "two"),
        ("AR_HDU", "five"),
        ("EXPID", 1.5),
    ],
)
def test_damaged_cards_are_named(golden_dir, tmp_path, card, value):
    path = tmp_path / "damaged.fits"
    with fits.open(golden_dir / "files/exposure_plain.fits") as file:
        file[0].header[card] = value
        file.writeto(path)
    with pytest.raises(FitsError, match=rf"damaged\.fits.*{card}"):
        ExposureF.readFits(path)
    with ExposureFitsReader(path) as reader, pytest.raises(FitsError, match=rf"damaged\.fits.*{card}"):
        reader.readVisitInfo()


def test_newer_version_is_refused(tmp_path):
    exposure = ExposureF(3, 2)
    exposure.writeFits(tmp_path / "new.fits")
    with fits.open(tmp_path / "new.fits", mode="update") as file:
        file[0].header["EXPINFO_V"] = 3
    with pytest.raises(
        lsst.pex.exceptions.TypeError, match="version 3 cannot be read; the newest known is 2"
    ):
        ExposureF.readFits(tmp_path / "new.fits")


def test_wcs_that_only_the_header_has(real_dir, tmp_path):
    source = real_dir / "exposures" / "HSC-0908120-056-small.fits"
    exposure = ExposureF.readFits(source)
    metadata = exposure.metadata
    assert exposure.wcs is None
    assert exposure.filter is None
    with fits.open(source) as file:
        header = file[1].header
        assert metadata.getScalar("CRPIX1") == header["CRPIX1"]
        assert metadata.getScalar("CTYPE1").rstrip() == header["CTYPE1"]
    box = Box2I(Point2I(30, 50), Extent2I(20, 10))
    part = ExposureF(source, box, LOCAL)
    assert part.metadata.getScalar("CRPIX1") == metadata.getScalar("CRPIX1") - 30
    assert part.metadata.getScalar("CRPIX2") == metadata.getScalar("CRPIX2") - 50
    part.writeFits(tmp_path / "part.fits")
    assert (
        ExposureF.readFits(tmp_path / "part.fits").metadata.getScalar("CRPIX1")
        == metadata.getScalar("CRPIX1") - 30
    )


def test_wcs_cards_of_an_exposure_whose_twin_has_gone(golden_dir, tmp_path):
    """Equal WCSs of two exposures have their cards each, in whatever order they are dropped."""
    path = str(golden_dir / "files/exposure_sub.fits")
    written = []
    for drop_first in (True, False):
        twins = [ExposureF.readFits(path), ExposureF.readFits(path)]
        assert twins[0].wcs == twins[1].wcs
        assert twins[0].wcs is not twins[1].wcs
        del twins[0 if drop_first else 1]
        gc.collect()
        twins[0].writeFits(tmp_path / "again.fits")
        written.append(readMetadata(str(tmp_path / "again.fits"), hdu=1))
    for header in written:
        assert header.exists("CRVAL1")
        assert header.getScalar("CRPIX1") == readMetadata(path, hdu=1).getScalar("CRPIX1")


def test_wcs_cards_are_forgotten_with_the_wcs(golden_dir):
    exposure = ExposureF.readFits(str(golden_dir / "files/exposure_sub.fits"))
    gc.collect()
    key, before = id(exposure.wcs), len(_wcs_cards._known)
    assert key in _wcs_cards._known
    del exposure
    gc.collect()
    assert len(_wcs_cards._known) == before - 1
    assert key not in _wcs_cards._known


def test_wcs_cards_stay_in_the_metadata(tmp_path):
    cards = {
        "CTYPE1": "RA---TAN",
        "CTYPE2": "DEC--TAN",
        "CRPIX1": 40.0,
        "CRPIX2": 30.0,
        "CRVAL1": 5.0,
        "CRVAL2": -3.0,
    }
    image = fits.ImageHDU(np.ones((60, 80), np.float32), fits.Header(cards), name="IMAGE")
    mask = fits.ImageHDU(np.zeros((60, 80), np.int32), fits.Header({"MP_BAD": 0}), name="MASK")
    variance = fits.ImageHDU(np.ones((60, 80), np.float32), name="VARIANCE")
    fits.HDUList([fits.PrimaryHDU(), image, mask, variance]).writeto(tmp_path / "whole.fits")
    whole = ExposureF.readFits(tmp_path / "whole.fits")
    assert whole.wcs is None
    assert {name: whole.metadata.getScalar(name) for name in cards} == cards
    part = ExposureF(tmp_path / "whole.fits", Box2I(Point2I(30, 20), Extent2I(20, 10)), LOCAL)
    part.writeFits(tmp_path / "part.fits")
    again = ExposureF.readFits(tmp_path / "part.fits").metadata
    assert {name: again.getScalar(name) for name in cards} == cards | {"CRPIX1": 10.0, "CRPIX2": 10.0}


def test_wcs_cards_of_a_part(golden_dir, tmp_path):
    exposure = ExposureF.readFits(golden_dir / "files" / "exposure_sub.fits")
    exposure[Box2I(Point2I(20, 30), Extent2I(9, 8))].writeFits(tmp_path / "part.fits")
    header = fits.getheader(tmp_path / "part.fits", 1)
    assert (header["CRPIX1"], header["CRPIX2"]) == (70 + 11 - 20, 44 + 17 - 30)
    assert (header["LTV1"], header["LTV2"], header["CRVAL1A"], header["CRVAL2A"]) == (-20, -30, 20, 30)
    other = ExposureF(Box2I(Point2I(20, 30), Extent2I(9, 8)))
    with ExposureFitsReader(golden_dir / "files" / "exposure_sub.fits") as reader:
        other.setWcs(reader.readWcs())
    other.writeFits(tmp_path / "other.fits")
    assert fits.getheader(tmp_path / "other.fits", 2)["CRPIX1"] == header["CRPIX1"]
    exposure.setWcs(None)
    exposure.writeFits(tmp_path / "none.fits")
    assert "CRPIX1" not in fits.getheader(tmp_path / "none.fits", 1)


@pytest.mark.parametrize("origin", ["parent", "local"])
def test_part_of_a_file(origin, golden_dir, expected):
    name = "exposure_sub.fits"
    arrays = expected[1]
    box = Box2I(Point2I(20, 30), Extent2I(9, 8))
    if origin == "parent":
        part = ExposureF(golden_dir / "files" / name, box)
    else:
        part = ExposureF(golden_dir / "files" / name, Box2I(Point2I(9, 13), Extent2I(9, 8)), origin=LOCAL)
    assert part.getBBox() == box
    np.testing.assert_array_equal(part.image.array, arrays[f"{name}:image"][13:21, 9:18])
    assert part.filter == FilterLabel("r", "r_03")
    with pytest.raises(lsst.pex.exceptions.LengthError):
        ExposureF(golden_dir / "files" / name, Box2I(Point2I(0, 0), Extent2I(9, 8)))


def test_reader_reads_pieces(golden_dir, expected):
    _info, arrays = expected
    path = golden_dir / "files" / "exposure_sub.fits"
    with ExposureFitsReader(str(path)) as reader:
        assert reader.fileName == str(path)
        assert reader.readBBox() == Box2I(Point2I(11, 17), Extent2I(70, 50))
        assert reader.readBBox(LOCAL) == Box2I(Point2I(0, 0), Extent2I(70, 50))
        assert reader.readXY0() == Point2I(11, 17)
        assert reader.readImageDType() == np.float32
        assert reader.readMaskDType() == np.int32
        assert reader.readVarianceDType() == np.float32
        np.testing.assert_array_equal(reader.readImage().array, arrays["exposure_sub.fits:image"])
        np.testing.assert_array_equal(reader.readVariance().array, arrays["exposure_sub.fits:variance"])
        assert reader.readMask().getXY0() == Point2I(11, 17)
        assert reader.readMaskedImage().getBBox() == reader.readBBox()
        assert reader.readPhotoCalib() == PhotoCalib(1500.0, 2.0)
        assert reader.readPsf() is not None
        assert reader.readWcs() is not None
        assert reader.readPsf() is reader.readComponent("PSF")
        for nothing in ("ValidPolygon", "ApCorrMap", "CoaddInputs", "TransmissionCurve", "SummaryStats"):
            assert getattr(reader, f"read{nothing}")() is None
        assert reader.readExtraComponents() == {"FILTER": FilterLabel("r", "r_03")}
        assert reader.readComponent("NOTHING") is None
        assert reader.readExposure().getBBox() == reader.readBBox()
        assert type(reader.read(dtype=np.float64)) is ExposureD
        assert reader.readExposureInfo().getMetadata() is reader.readMetadata()


def test_header_is_read_without_the_archive(golden_dir, monkeypatch):
    with ExposureFitsReader(golden_dir / "files" / "exposure_plain.fits") as reader:
        monkeypatch.setattr(FitsReader, "read_table", None)
        monkeypatch.setattr(FitsReader, "read_image", None)
        assert reader.readVisitInfo().id == 101
        assert reader.readMetadata().exists("SHUTTER")
        assert reader.readBBox().getWidth() == 160


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.uint16])
def test_round_trip_of_pixel_types(dtype, tmp_path):
    exposure = Exposure(Box2I(Point2I(-3, 5), Extent2I(7, 4)), dtype=dtype)
    rng = np.random.default_rng(8)
    exposure.image.array[...] = rng.integers(0, 60000, (4, 7)).astype(dtype)
    exposure.writeFits(str(tmp_path / "new.fits"))
    memory = MemFileManager()
    exposure.writeFits(memory)
    for source in (str(tmp_path / "new.fits"), memory):
        again = type(exposure).readFits(source)
        np.testing.assert_array_equal(again.image.array, exposure.image.array)
        assert again.image.array.dtype == dtype
        assert again.getBBox() == exposure.getBBox()
        assert again.filter is again.detector is again.photoCalib is None
        assert again.visitInfo == VisitInfo()


def test_summary_stats_and_extra_components(tmp_path):
    exposure = ExposureF(3, 2)
    exposure.info.setSummaryStats(ExposureSummaryStats(psfSigma=2.0, raCorners=[1.0, 2.0, 3.0, 4.0]))
    exposure.info.setComponent("OTHER", PhotoCalib(5.0))
    exposure.info.getSummaryStats().later = "kept"
    exposure.writeFits(tmp_path / "new.fits")
    info = ExposureF.readFits(tmp_path / "new.fits").info
    assert info.getSummaryStats().psfSigma == 2.0
    assert info.getSummaryStats().raCorners == [1.0, 2.0, 3.0, 4.0]
    assert info.getSummaryStats().later == "kept"
    assert info.getComponent("OTHER") == PhotoCalib(5.0)


def test_component_without_file_form_is_left_out(tmp_path, caplog):
    exposure = ExposureF(3, 2)
    exposure.info.setComponent("PSF", object())
    exposure.writeFits(tmp_path / "new.fits")
    assert "Component PSF of an exposure is not written" in caplog.text
    assert not ExposureF.readFits(tmp_path / "new.fits").hasPsf()


def test_lossy_options(golden_dir, tmp_path):
    exposure = ExposureF.readFits(golden_dir / "files" / "exposure_plain.fits")
    options = {
        "image": {
            "algorithm": "RICE_1",
            "quantization": {
                "dither": "SUBTRACTIVE_DITHER_2",
                "scaling": "STDEV_CFITSIO",
                "level": 10.0,
                "seed": 1,
            },
        },
        "mask": {"algorithm": "GZIP_2"},
        "variance": None,
    }
    exposure.writeFitsWithOptions(str(tmp_path / "lossy.fits"), options)
    again = ExposureF.readFitsWithOptions(
        str(tmp_path / "lossy.fits"), {"llcX": 10, "llcY": 20, "width": 50, "height": 40}
    )
    assert again.getBBox() == Box2I(Point2I(10, 20), Extent2I(50, 40))
    difference = again.image.array - exposure.image.array[20:60, 10:60]
    good = np.isfinite(difference)
    assert 0 < np.abs(difference[good]).max() < np.nanstd(exposure.image.array)
    np.testing.assert_array_equal(again.mask.array, exposure.mask.array[20:60, 10:60])
    np.testing.assert_array_equal(again.variance.array, exposure.variance.array[20:60, 10:60])


def changed(path, number, key, value):
    """The file with another value of a card."""
    content = bytearray(path.read_bytes())
    with FitsReader(bytes(content)) as reader:
        hdu = reader.hdu(number)
    at = content.index(f"{key:8s}".encode(), hdu.header_start, hdu.data_start)
    content[at : at + 80] = f"{key:8s}= {value}".encode().ljust(80)
    return MemFileManager(bytes(content))


@pytest.mark.parametrize(("plane", "axis"), [(2, "NAXIS1"), (3, "NAXIS2")])
def test_planes_of_different_size(golden_dir, plane, axis):
    path = golden_dir / "files/exposure_plain.fits"
    with pytest.raises(FitsError, match="the planes are not of one size"):
        ExposureF.readFits(changed(path, plane, axis, 10))


def test_detector_of_a_class_that_is_not_known(golden_dir):
    content = (golden_dir / "files/exposure_plain.fits").read_bytes()
    data = MemFileManager(re.sub(rb"\bDetector\b", b"Detectyr", content))
    with pytest.raises(FitsError, match="'Detectyr' where a Detector should be"):
        ExposureF.readFits(data)
