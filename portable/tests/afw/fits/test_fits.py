"""`Fits`, a file that is read or written HDU by HDU, and headers as text."""

import subprocess
import sys

import numpy as np
import pytest

from lsst.afw.fits import (
    CompressionOptions,
    Fits,
    FitsError,
    FitsTypeError,
    MemFileManager,
    combineMetadata,
    makeLimitedFitsHeader,
    readMetadata,
)
from lsst.afw.image import ExposureF, ImageD, ImageF, ImageFitsReader, ImageI, Mask, MaskedImageF
from lsst.daf.base import PropertyList, PropertySet
from lsst.geom import Box2I, Extent2I, Point2I


def _list(**cards):
    header = PropertyList()
    for name, value in cards.items():
        header.set(name, value)
    return header


def _through_file(header):
    manager = MemFileManager()
    with Fits(manager, "w") as fits:
        fits.createEmpty()
        fits.writeMetadata(header)
    with Fits(manager, "r") as fits:
        return fits.readMetadata(strip=True)


def test_header_through_a_file():
    header = _list(TEXT="two words", COUNT=17, RATIO=0.375, UNKNOWN=None, FLAG=False)
    assert _through_file(header).toDict() == header.toDict()


def test_cards_of_the_layout_are_not_taken_over():
    layout = ("SIMPLE", "NAXIS", "PCOUNT", "BSCALE", "TZERO", "ZIMAGE", "ZTILE", "ZNAME", "CHECKSUM")
    header = _list(**dict.fromkeys((*layout, "SIMPLEX", "NA"), 3))
    manager = MemFileManager()
    with Fits(manager, "wb") as fits:
        fits.createEmpty()
        fits.writeMetadata(header)
    written = manager.readMetadata(0)
    assert written["SIMPLE"] is True
    assert written["NAXIS"] == 0
    assert [name for name in written.getOrderedNames() if written.get(name) == 3] == ["SIMPLEX", "NA"]
    assert manager.readMetadata(0, strip=True).getOrderedNames() == ["SIMPLEX", "NA"]


def test_planes_one_by_one(tmp_path):
    path = tmp_path / "planes.fits"
    with Fits(str(path), "w") as fits:
        ImageF(4, 3, 2.5).writeFits(fits)
        Mask(4, 3, 1).writeFits(fits, _list(KEY="mask"))
        assert (fits.getHdu(), fits.countHdus()) == (1, 2)
        ImageI(Box2I(Point2I(5, 6), Extent2I(4, 3)), 9).writeFits(fits, CompressionOptions())
        assert fits.readMetadata()["ZIMAGE"] is True
        assert not path.exists()
    with Fits(str(path), "r") as fits:
        assert fits.countHdus() == 3
        assert fits.getFileName() == str(path)
        assert ImageF(fits)[0, 0] == 2.5
        assert (fits.readImageI() == 2).all()
        fits.setHdu(1)
        header = PropertySet()
        assert Mask(fits, header)[0, 0] == 1
        assert header.getScalar("KEY") == "mask"
        fits.setHdu(1, relative=True)
        assert ImageFitsReader(fits).hdu == 2
        part = ImageI(fitsFile=fits, bbox=Box2I(Point2I(6, 7), Extent2I(2, 1)))
        assert part.getXY0() == Point2I(6, 7)
        assert (part.array == 9).all()
        fits.setHdu(-2, True)
        assert fits.getHdu() == 0
        assert fits.status == 0


def test_append_and_find_by_name():
    manager = MemFileManager()
    ImageF(2, 2).writeFits(manager)
    with Fits(manager, "ab") as fits:
        fits.createEmpty()
        fits.writeMetadata(_list(EXTNAME="LAST", A=1))
        fits.writeMetadata(_list(B=2))
        assert fits.getHdu() == 1
        fits.setHdu(0)
        assert fits.readMetadata()["NAXIS1"] == 2
    with Fits(manager, "rb") as fits:
        fits.setHdu("last")
        assert fits.readMetadata(strip=True).toDict() == {"EXTNAME": "LAST", "A": 1, "B": 2}


def test_compressed_and_empty_primary_hdus():
    manager = MemFileManager()
    ImageF(3, 2, 1.0).writeFits(manager, CompressionOptions())
    with Fits(manager, "r") as fits:
        assert fits.checkCompressedImagePhu()
        assert fits.getHdu() == 1
        assert not fits.checkCompressedImagePhu()
        fits.setHdu(0)
        assert ImageF(fits)[1, 1] == 1.0
    with Fits(manager, "w") as fits:
        ExposureF(MaskedImageF(ImageF(3, 2, 4.0))).writeFits(fits)
    with Fits(manager, "r") as fits:
        assert not fits.checkCompressedImagePhu()
        fits.gotoFirstHdu()
        assert fits.getHdu() == 1
        fits.gotoFirstHdu()
        assert fits.getHdu() == 1
        assert ExposureF(fits).image[0, 0] == 4.0
        assert MaskedImageF(fits).image[0, 0] == 4.0


def test_a_failure_leaves_no_file(tmp_path):
    path = tmp_path / "none.fits"
    fits = Fits(path, "w")
    ImageF(2, 2).writeFits(fits)
    fits.__exit__(KeyError, KeyError(), None)
    assert not path.exists()
    fits.closeFile()
    assert not path.exists()


def test_a_forgotten_file_is_written(tmp_path):
    script = (
        "import sys; from lsst.afw.fits import Fits; from lsst.daf.base import PropertyList\n"
        "fits = Fits(sys.argv[1], 'w'); fits.createEmpty(); fits.writeMetadata(PropertyList())"
    )
    path = tmp_path / "forgotten.fits"
    subprocess.run([sys.executable, "-c", script, path], check=True)
    assert readMetadata(path, 0)["NAXIS"] == 0


def test_errors(tmp_path):
    path = tmp_path / "image.fits"
    ImageF(2, 2).writeFits(path)
    with pytest.raises(FitsError, match="Unknown mode 'x'"):
        Fits(path, "x")
    with pytest.raises(FitsError, match=r"absent.fits: cannot be opened"):
        Fits(tmp_path / "absent.fits", "r")
    with pytest.raises(FitsError, match=r"absent.fits: there is no file to append to"):
        Fits(tmp_path / "absent.fits", "a")
    with Fits(path, "r") as fits:
        with pytest.raises(FitsError, match="there is no HDU 1"):
            fits.setHdu(1)
        with pytest.raises(FitsError, match="there is no HDU named 'SCI'"):
            fits.setHdu("SCI")
        with pytest.raises(FitsError, match="not open for writing"):
            fits.createEmpty()
    with pytest.raises(FitsError, match="the file is closed"):
        fits.readMetadata()
    with Fits(MemFileManager(), "w") as fits:
        ImageD(2, 2, 3e9).writeFits(fits)
        with pytest.raises(FitsError, match="made by createEmpty only"):
            fits.writeMetadata(PropertyList())
        with pytest.raises(FitsTypeError, match="no int32"):
            fits.readImageI()


@pytest.mark.parametrize("inherit", [True, "T"])
def test_inherited_cards(inherit):
    manager = MemFileManager()
    with Fits(manager, "w") as fits:
        fits.createEmpty()
        fits.writeMetadata(_list(A=1, B=2))
        ImageF(2, 2).writeFits(fits, _list(INHERIT=inherit, B=3))
        header = fits.readMetadata(strip=True)
    assert (header["A"], header["B"]) == (1, 3)
    assert not header.exists("INHERIT")


def test_repeated_cards_beside_inherit():
    manager = MemFileManager()
    with Fits(manager, "w") as fits:
        fits.createEmpty()
        ImageF(2, 2).writeFits(fits, _list(INHERIT=False, B=[3, 4], COMMENT=["x", "y"]))
        header = fits.readMetadata()
    assert header.getArray("B") == [4]
    assert header.getArray("COMMENT") == ["x", "y"]


def test_combine():
    first, second = _list(A=[1, 2], COMMENT="x", HISTORY=3), _list(A=2.5, COMMENT=["y", "z"])
    combined = combineMetadata(first, second)
    assert combined.toDict() == {"A": 2.5, "COMMENT": ["x", "y", "z"]}
    assert combined is not first
    assert first.getArray("A") == [1, 2]
    with pytest.raises(TypeError, match="as PropertyList, got PropertySet"):
        combineMetadata(PropertySet(), second)


def test_limited_header(caplog):
    header = _list(
        YES=True, COUNT=-42, BIG=1 << 40, HALF=0.5, LARGE=2.0**83, TEXT="some text", LAST=[1, 7], EMPTY=None
    )
    header.set("TOOLONGAKEY", 1)
    header.set("LONG", "t" * 69)
    header.set("NOTANUM", float("nan"))
    header.setFloat("SINGLE", 0.1)
    text = makeLimitedFitsHeader(header)
    assert [text[start : start + 80].rstrip() for start in range(0, len(text), 80)] == [
        "YES     = T",
        "COUNT   =                  -42",
        "BIG     =        1099511627776",
        "HALF    =  0.50000000000000000",
        "LARGE   = 9.6714065569170334E+24",
        "TEXT    = 'some text'",
        "LAST    =                    7",
        "EMPTY   =",
        "NOTANUM =",
        "SINGLE  =    0.100000001490116",
    ]
    assert len(text) == 10 * 80
    assert "NOTANUM is NaN" in caplog.text
    assert (
        makeLimitedFitsHeader(header, excludeNames={"YES", "NOTANUM"}) == text[80 : 8 * 80] + text[9 * 80 :]
    )
    values = PropertySet()
    values.set("ONE", 1)
    assert makeLimitedFitsHeader(values) == f"{'ONE     =                    1':80}"


def test_pixels_without_a_file_are_not_needed_for_reading():
    """What is written so far can be read before the file is closed."""
    with Fits(MemFileManager(), "w") as fits:
        pixels = ImageF(np.arange(6, dtype=np.float32).reshape(2, 3))
        pixels.writeFits(fits)
        np.testing.assert_array_equal(ImageF(fits).array, pixels.array)
