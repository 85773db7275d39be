"""What notices a flipped bit, and what does not: ``doc/files.md`` says it of each kind of file."""

import numpy as np
import pytest

from lsst.afw.fits import CompressionAlgorithm, CompressionOptions, FitsError, MemFileManager
from lsst.afw.image import ImageF, ImageI

fits = pytest.importorskip("astropy.io.fits")

VARIABLE = "LSST_PORTABLE_FITS_VERIFY"
FLIPS = 200


def image(kind):
    made = kind(100, 80)
    made.array[:] = np.random.default_rng(0).normal(1000, 10, (80, 100))
    return made


def written(made, options):
    """File of an image in memory, and where the data of its last HDU begin."""
    file = MemFileManager()
    made.writeFits(file, *options)
    content = bytes(file.getData())
    end = content.rindex(b"END".ljust(80)) + 80
    return content, -(-end // 2880) * 2880


def read(kind, content):
    file = MemFileManager(len(content))
    file.setData(content, len(content))
    return kind.readFits(file).array


def flip(content, start=0, seed=1):
    """Copies of a file, each with another bit flipped."""
    rng = np.random.default_rng(seed)
    for _ in range(FLIPS):
        data = bytearray(content)
        data[rng.integers(start, len(data))] ^= 1 << int(rng.integers(8))
        yield bytes(data)


def fates(made, content, start):
    """How many flipped bits of the data are noticed, and how many change pixels without a word."""
    noticed = changed = 0
    for damaged in flip(content, start):
        try:
            changed += not np.array_equal(read(type(made), damaged), made.array, equal_nan=True)
        except FitsError:
            noticed += 1
    return noticed, changed


@pytest.mark.parametrize(
    ("kind", "options", "most_changed"),
    [
        (ImageF, [CompressionOptions(CompressionAlgorithm.GZIP_1)], 0),
        (ImageF, [CompressionOptions(CompressionAlgorithm.GZIP_2)], 0),
        (ImageI, [CompressionOptions(CompressionAlgorithm.RICE_1)], FLIPS),
        (ImageF, [], FLIPS),
    ],
    ids=["GZIP_1", "GZIP_2", "RICE_1", "plain"],
)
def test_what_notices_a_flipped_bit(kind, options, most_changed):
    """gzip has checksums of its own; Rice and plain pixels have none."""
    made = image(kind)
    noticed, changed = fates(made, *written(made, options))
    assert changed <= most_changed
    assert (changed > FLIPS / 2) == (most_changed > 0)
    assert (noticed > FLIPS / 2) == (most_changed == 0)


def test_what_we_write_has_no_checksums():
    """Nor has what the compiled stack writes."""
    for options in ([], [CompressionOptions()]):
        content, _ = written(image(ImageF), options)
        assert b"DATASUM" not in content
        assert b"CHECKSUM" not in content


@pytest.fixture(params=[False, True], ids=["plain", "compressed"])
def summed(request, tmp_path):
    """File with checksums by another writer."""
    made, path = image(ImageF if not request.param else ImageI), tmp_path / "summed.fits"
    hdu = fits.CompImageHDU if request.param else fits.ImageHDU
    fits.HDUList([fits.PrimaryHDU(), hdu(made.array)]).writeto(path, checksum=True)
    return type(made), path.read_bytes(), made


def test_checksums_of_others_are_verified_on_request(summed, monkeypatch):
    kind, content, made = summed
    monkeypatch.setenv(VARIABLE, "1")
    np.testing.assert_array_equal(read(kind, content), made.array)
    second = content.index(b"XTENSION")
    start = second + content[second:].index(b"END".ljust(80)) + 80
    assert fates(made, content, -(-start // 2880) * 2880) == (FLIPS, 0)
    header = content.replace(b"EXTNAME", b"EXTNOME") if b"EXTNAME" in content else None
    if header is not None:
        with pytest.raises(FitsError, match=r"<memory>\[1\]: header and data do not match .*CHECKSUM"):
            read(kind, header)
    monkeypatch.setenv(VARIABLE, "0")
    assert fates(made, content, -(-start // 2880) * 2880)[0] < FLIPS


def test_files_without_checksums_are_read_all_the_same(monkeypatch):
    monkeypatch.setenv(VARIABLE, "1")
    for options in ([], [CompressionOptions()]):
        made = image(ImageF)
        np.testing.assert_array_equal(read(ImageF, written(made, options)[0]), made.array)


def test_a_switch_that_is_none(monkeypatch):
    monkeypatch.setenv(VARIABLE, "yes")
    with pytest.raises(FitsError, match=f"{VARIABLE} is 'yes'; expected 0 or 1"):
        read(ImageF, written(image(ImageF), [])[0])
