"""Binary tables: every format, both ways, and damage."""

import numpy as np
import pytest

from lsst.afw.fits import FitsError, MemFileManager
from lsst.portable.fits import Column, FitsReader, FitsWriter

COLUMNS = (
    Column("name", "1QA", "a name", "", "String"),
    Column("good", "X", "a flag"),
    Column("id", "1J", "a number"),
    Column("big", "1K", "a larger number"),
    Column("small", "1I", "a smaller number"),
    Column("x", "1D", "a length", "mm"),
    Column("y", "1E", "another", "mm"),
    Column("pair", "2D", "two of them", "pixel", "Array"),
    Column("label", "12A", "a label", "", "String"),
    Column("bytes", "1QB", "a blob", "", "Array"),
    Column("curve", "1QD", "a curve", "", "Array"),
    Column("old", "1PE", "a curve of old", "", "Array"),
    Column("bad", "X", "another flag"),
    Column("yes", "1L", "a truth"),
    Column("angle", "1D", "an angle", "rad", "Angle"),
)


def make_rows(count=5, seed=1):
    rng = np.random.default_rng(seed)
    return [
        {
            "name": "n" * i,
            "good": i % 2 == 0,
            "id": -i,
            "big": 2**40 + i,
            "small": 7 * i,
            "x": float(rng.normal()),
            "y": float(np.float32(rng.normal())),
            "pair": rng.normal(size=2),
            "label": f"label {i}",
            "bytes": bytes(range(i)),
            "curve": rng.normal(size=i),
            "old": rng.normal(size=3 - i % 3).astype(np.float32),
            "bad": i == 3,
            "yes": i == 1,
            "angle": 0.1 * i,
        }
        for i in range(count)
    ]


def write(columns, rows, **kwargs):
    manager = MemFileManager()
    with FitsWriter(manager) as writer:
        writer.write_table(columns, rows, **kwargs)
    return manager


@pytest.mark.parametrize("count", [0, 1, 5])
def test_round_trip(count):
    rows = make_rows(count)
    with FitsReader(write(COLUMNS, rows, extname="T")) as reader:
        assert reader.find("T") == 1
        table = reader.read_table(1)
    assert [(one.name, one.doc, one.unit) for one in table.columns] == [
        (one.name, one.doc, one.unit) for one in COLUMNS
    ]
    assert len(table.rows) == count
    for back, row in zip(table.rows, rows, strict=True):
        for name, value in row.items():
            np.testing.assert_array_equal(back[name], value, err_msg=name)
            if not isinstance(value, np.ndarray):
                assert type(back[name]) is type(value)
    assert table.header.getOrderedNames() == ["EXTNAME"]


def test_others_read_what_we_write(tmp_path):
    fits = pytest.importorskip("astropy.io.fits")
    rows = make_rows()
    path = tmp_path / "table.fits"
    path.write_bytes(write(COLUMNS, rows).getData())
    with fits.open(path) as hdus:
        hdus.verify("exception")
        data = hdus[1].data
        for i, row in enumerate(rows):
            assert data["id"][i] == row["id"]
            assert data["label"][i] == row["label"]
            np.testing.assert_array_equal(data["pair"][i], row["pair"])
            np.testing.assert_array_equal(data["curve"][i], row["curve"])
            np.testing.assert_array_equal(data["flags"][i][:2], [row["good"], row["bad"]])


def test_we_read_what_others_write(tmp_path):
    fits = pytest.importorskip("astropy.io.fits")
    path = tmp_path / "table.fits"
    columns = [
        fits.Column("u", "I", array=np.array([1, 60000], np.uint16), bzero=32768),
        fits.Column("s", "5A", array=["ab", "cd "]),
        fits.Column("v", "PJ()", array=np.array([np.array([1, 2]), np.array([], int)], dtype=object)),
        fits.Column("c", "C", array=np.array([1j, 2])),
        fits.Column("bits", "3X", array=np.array([[1, 0, 1], [0, 1, 0]], bool)),
    ]
    fits.BinTableHDU.from_columns(columns).writeto(path)
    with FitsReader(path) as reader:
        rows = reader.read_table(1).rows
    assert [row["u"] for row in rows] == [1, 60000]
    assert [row["s"] for row in rows] == ["ab", "cd"]
    assert [list(row["v"]) for row in rows] == [[1, 2], []]
    assert [row["c"] for row in rows] == [1j, 2]
    assert [list(row["bits"]) for row in rows] == [[True, False, True], [False, True, False]]


@pytest.mark.parametrize(
    ("column", "value", "match"),
    [
        (Column("a", "1J"), 2**31, "not an integer"),
        (Column("a", "1J"), 1.5, "not an integer"),
        (Column("a", "4A"), "too long", "longer than the 4"),
        (Column("a", "1D"), "word", "does not take"),
        (Column("a", "2D"), [1.0, 2.0, 3.0], "does not take"),
        (Column("a", "1Z"), 1, "unknown column format"),
        (Column("a", "3X"), 1, "does not take"),
    ],
)
def test_values_that_do_not_fit(column, value, match):
    with pytest.raises(FitsError, match=match):
        write((column,), [{"a": value}])


def test_missing_value():
    with pytest.raises(FitsError, match="no value for the field 'id'"):
        write((Column("id", "1J"),), [{"x": 1}])


def test_damage():
    data = write(COLUMNS, make_rows()).getData()
    with FitsReader(data[:-2880]) as reader, pytest.raises(FitsError, match="truncated"):
        reader.read_table(1)
    with FitsReader(data) as reader, pytest.raises(FitsError, match="not a binary table"):
        reader.read_table(0)
    with FitsReader(data) as reader, pytest.raises(FitsError, match="holds a table"):
        reader.read_image(1)
    for card, value, match in (
        (b"TFORM2  =", b"'7D      '", "take"),
        (b"TFORM2  =", b"'?'", "unknown column format"),
        (b"NAXIS2  =", b"100000000", "truncated"),
        (b"PCOUNT  =", b"-1", "may be negative"),
    ):
        damaged = bytearray(data)
        pos = damaged.index(card, 2880)
        damaged[pos + 10 : pos + 80] = value.ljust(70)
        with pytest.raises(FitsError, match=match):
            FitsReader(bytes(damaged)).read_table(1)


def test_array_outside_the_heap():
    manager = write((Column("a", "1QD"),), [{"a": np.zeros(3)}])
    data = bytearray(manager.getData())
    with FitsReader(bytes(data)) as reader:
        start = reader.hdu(1).data_start
    data[start : start + 8] = (10**12).to_bytes(8, "big")
    with pytest.raises(FitsError, match="column a points outside"):
        FitsReader(bytes(data)).read_table(1)


def test_rows_are_made_when_they_are_asked_for():
    with FitsReader(write(COLUMNS, make_rows())) as reader:
        rows = reader.read_table(1).rows
    assert [row["id"] for row in rows[1:4]] == [-1, -2, -3]
    assert rows[-1]["id"] == rows[3:][1]["id"] == -4
    assert len(rows[4:9]) == 1
    with pytest.raises(IndexError):
        rows[5]
    plain = rows[:0]
    assert plain == []
    assert [{"id": 1}] != plain
    assert repr(plain) == "[]"
