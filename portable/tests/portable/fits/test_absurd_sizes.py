"""Files that claim more than they have: one error, at once, and no memory asked for on their word."""

import gzip
import resource
import struct

import numpy as np
import pytest

from lsst.afw.fits import FitsError
from lsst.portable.archive import InputArchive
from lsst.portable.fits import FitsReader


def card(key, value):
    return f"{key:<8}= {value:>20}".ljust(80).encode()


def hdu(cards, data=b""):
    header = b"".join(card(key, value) for key, value in cards) + b"END".ljust(80)
    return header + b" " * (-len(header) % 2880) + data + b"\0" * (-len(data) % 2880)


PRIMARY = hdu([("SIMPLE", "T"), ("BITPIX", 8), ("NAXIS", 0)])


def table(width, rows, forms, data=b"", pcount=0, extra=()):
    cards = [("XTENSION", "'BINTABLE'"), ("BITPIX", 8), ("NAXIS", 2), ("NAXIS1", width), ("NAXIS2", rows)]
    cards += [("PCOUNT", pcount), ("GCOUNT", 1), ("TFIELDS", len(forms))]
    for i, form in enumerate(forms, 1):
        cards += [(f"TTYPE{i}", f"'c{i}'"), (f"TFORM{i}", f"'{form}'")]
    return PRIMARY + hdu(cards + list(extra), data)


def image(bitpix, *axes, data=b"", extra=()):
    cards = [("SIMPLE", "T"), ("BITPIX", bitpix), ("NAXIS", len(axes))]
    return hdu(cards + [(f"NAXIS{i}", n) for i, n in enumerate(axes, 1)] + list(extra), data)


def pairs(count):
    """Arrays of variable length that all are the same 50000 bytes."""
    return struct.pack(">ii", 50000, 0) * count


@pytest.fixture(autouse=True)
def no_memory():
    """Whatever happens, not more than a few tens of megabytes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (table(0, 10**9, ["0J"]), "1000000000 rows of 0 bytes"),
        (table(0, 10**9, ["0A"]), "1000000000 rows of 0 bytes"),
        (table(0, 10**9, []), "1000000000 rows of 0 bytes"),
        (table(125 * 10**9, 0, [f"{10**12}X"], extra=[("FLAGCOL", 1)]), "0 rows of 125000000000 bytes"),
        (table(4 * 10**12, 0, [f"{10**12}J"]), "0 rows of"),
        (table(8, 10**9, ["1D"]), "truncated"),
        (table(8, 1, ["1D"], b"\0" * 8, 10**15), "truncated"),
        (table(8, 1, ["1PB"], struct.pack(">ii", 10**9, 0)), "points outside"),
        (table(8, 9000, ["1PB"], pairs(9000) + bytes(50000), 50000), "claims more"),
        (table(8, 1, ["1PB"], struct.pack(">ii", 4, 0) + b"abcd", 4, [("THEAP", -5)]), "heap begins at"),
        (table(4, 1, ["1J"], b"\0\0\0\1", extra=[("TSCAL1", "'abc'")]), "cannot be scaled"),
        (table(4, 1, ["4A"], b"abcd", extra=[("TZERO1", 1)]), "cannot be scaled"),
        (table(4, 1, ["4A"], b"abcd", extra=[("FLAGCOL", 1)]), None),
        (table(4, "'x'", ["4A"], b"abcd"), "NAXIS2 is 'x'"),
        (table(4, 1, ["4A"], b"abcd", "1.5"), "PCOUNT is 1.5"),
    ],
)  # fmt: skip
def test_tables(data, match):
    if match is None:
        FitsReader(data).read_table(1)
        return
    with pytest.raises(FitsError, match=rf"<memory>\[1\].*{match}"):
        FitsReader(data).read_table(1)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (image(-32, 10**12, 10**12), "truncated"),
        (image(-32, 10, 10**12), "truncated"),
        (image(16, 2, 2, data=bytes(8), extra=[("BSCALE", "'x'")]), "BSCALE is 'x'"),
        (image(16, 2, 2, data=bytes(8), extra=[("BSCALE", 0)]), "BSCALE is 0"),
        (image(17, 2, 2, data=bytes(8)), "BITPIX is 17"),
        (image("'x'", 2, 2, data=bytes(8)), "BITPIX is 'x'"),
        (image(16, 2, data=bytes(8)), "image of 1 axes"),
        (image(16, 2, -2, data=bytes(8)), "negative"),
    ],
)
def test_images(data, match):
    with pytest.raises(FitsError, match=rf"<memory>\[0\].*{match}"):
        FitsReader(data).read_image(0)


@pytest.mark.parametrize(("nx", "ny"), [(0, 10), (10, 0), (0, 10**12), (0, 0)])
def test_images_without_pixels(nx, ny):
    assert FitsReader(image(-32, nx, ny)).read_image(0).shape == (ny, nx)


def test_scale_beyond_the_type():
    data = image(16, 2, 2, data=bytes(8), extra=[("BZERO", "1E300")])
    assert np.isinf(FitsReader(data).read_image(0)).all()


def test_gzip(monkeypatch):
    monkeypatch.setenv("LSST_PORTABLE_FITS_LIMIT", str(1 << 20))
    with pytest.raises(FitsError, match="more than 1048576 when decompressed"):
        FitsReader(gzip.compress(PRIMARY + bytes(1 << 22)))
    with pytest.raises(FitsError, match="not a FITS file in a gzip file"):
        FitsReader(gzip.compress(bytes(1 << 22)))
    with pytest.raises(FitsError, match="damaged gzip file"):
        FitsReader(gzip.compress(PRIMARY)[:-9])
    with pytest.raises(FitsError, match="damaged gzip file"):
        FitsReader(b"\x1f\x8b" + bytes(30))
    with FitsReader(gzip.compress(PRIMARY[:1000]) + gzip.compress(PRIMARY[1000:]) + bytes(512)) as reader:
        assert len(reader) == 1


def test_long_headers_take_no_longer_than_they_are():
    more = b"CONTINUE  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx&'".ljust(80) * 60_000
    start = b"".join(card(key, value) for key, value in (("SIMPLE", "T"), ("BITPIX", 8), ("NAXIS", 0)))
    header = start + b"LONG    = 'x&'".ljust(80) + more + b"END".ljust(80)
    with FitsReader(header + b" " * (-len(header) % 2880)) as reader:
        assert len(reader.hdu(0).get("LONG")) == 1 + 56 * 60_000 + 1


def index(rows, catalogs):
    """Archive whose index has the rows (id, cat.archive, cat.persistable, row0, nrows)."""
    names = ("id", "cat.archive", "cat.persistable", "row0", "nrows", "name", "module")
    data = b"".join(struct.pack(">5i", *row) + b"Nothing ".ljust(64) * 2 for row in rows)
    extra = [("EXTTYPE", "'ARCHIVE_INDEX'"), ("AR_NCAT", catalogs)]
    extra += [(f"TTYPE{i}", f"'{name}'") for i, name in enumerate(names, 1)]
    body = hdu(
        [("XTENSION", "'BINTABLE'"), ("BITPIX", 8), ("NAXIS", 2), ("NAXIS1", 148), ("NAXIS2", len(rows))]
        + [("PCOUNT", 0), ("GCOUNT", 1), ("TFIELDS", 7), *extra]
        + [(f"TFORM{i}", f"'{form}'") for i, form in enumerate(["1J"] * 5 + ["64A"] * 2, 1)],
        data,
    )
    return PRIMARY + body + table(4, 2, ["1J"], bytes(8))[len(PRIMARY) :]


@pytest.mark.parametrize(
    ("rows", "catalogs", "match"),
    [
        ([(1, 9, 0, 0, 1)], 2, "object 1 is in catalog 9; there are 1"),
        ([(1, -1, 0, 0, 1)], 2, "object 1 is in catalog -1"),
        ([(1, 1, 0, 1, 2)], 2, "rows 1 to 3 of catalog 1, which has 2"),
        ([(1, 1, 0, -1, 1)], 2, "rows -1 to 0"),
        ([(1, 1, 0, 0, 2**31 - 1)], 2, "which has 2"),
        ([(1, 1, 0, 0, 1)], 5, "AR_NCAT is 5"),
        ([(1, 1, 0, 0, 1)], -5, "AR_NCAT is -5"),
        ([(1, 1, 0, 0, 1)], "'x'", "AR_NCAT is 'x'"),
    ],
)
def test_archives_that_point_nowhere(rows, catalogs, match):
    with pytest.raises(FitsError, match=match):
        InputArchive.read(FitsReader(index(rows, catalogs)), 1)


def test_objects_that_are_not_there():
    archive = InputArchive.read(FitsReader(index([(1, 1, 0, 0, 1)], 2)), 1)
    assert archive.get(1).name == "Nothing"
    for number in (2, -1, 10**12):
        with pytest.raises(FitsError, match=f"no object {number}"):
            archive.get(number)
