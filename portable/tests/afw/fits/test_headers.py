"""Headers as property lists: types, comments, order, and what is left out."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.afw.fits import DEFAULT_HDU, FitsError, MemFileManager, readMetadata, writeMetadata
from lsst.afw.image import ExposureF
from lsst.daf.base import PropertyList, PropertySet
from lsst.pex.exceptions import IoError
from lsst.portable.fits import FitsReader, FitsWriter, default_hdu


def round_trip(metadata):
    manager = MemFileManager()
    writeMetadata(manager, metadata)
    return readMetadata(manager, 0, strip=True)


def test_types_order_and_comments():
    metadata = PropertyList()
    values = {
        "INT": 3,
        "LONG": 2**40,
        "DOUBLE": 10.0,
        "PRECISE": 60400.249826388891,
        "TRUE": True,
        "STRING": "trailing blanks go",
        "QUOTE": "it's here",
        "LONG STRING": "words " * 40 + "end",
        "BOX.MINX": -3,
        "HAS-DASH": "x",
        "MULTI": [1, 2, 3],
        "NAMES": ["a", "b"],
        "EMPTY": "",
    }
    for name, value in values.items():
        metadata.set(name, value, f"about {name}")
    metadata.setLong("LONG", values["LONG"])
    metadata.set("NOTHING", None, "no value")
    metadata.set("COMMENT", ["first", "second " + "x" * 100])
    metadata.set("HISTORY", "long ago")
    back = round_trip(metadata)
    assert back.getOrderedNames() == metadata.getOrderedNames()
    for name, value in values.items():
        assert back.getArray(name) == (value if isinstance(value, list) else [value])
        assert type(back.getScalar(name)) is type(metadata.getScalar(name))
        assert back.getComment(name) == f"about {name}"
        assert back.typeOf(name) == metadata.typeOf(name)
    assert back.getScalar("NOTHING") is None
    assert back.getArray("COMMENT")[0] == "first"
    assert "".join(back.getArray("COMMENT")[1:]) == "second " + "x" * 100
    assert back.getScalar("HISTORY") == "long ago"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([2**31 - 1], "Int"),
        ([2**31], "Long"),
        ([-(2**31)], "Int"),
        ([-(2**31) - 1], "Long"),
        ([2**63 - 1], "Long"),
        ([2**63], "UnsignedLongLong"),
        ([7, 2**40], "Long"),
        ([2**40, 7, -3], "Long"),
        ([5, 6], "Int"),
    ],
)
def test_integers_beyond_32_bits(values, kind):
    metadata = PropertyList()
    metadata.set("N", values)
    back = round_trip(metadata)
    assert back.typeOf("N") == getattr(PropertyList, f"TYPE_{kind}")
    assert back.getArray("N") == values
    assert back.getAsUInt64("N") == values[-1] % 2**64
    assert round_trip(back) == back
    back["N"] = 4
    back.add("N", 5)
    assert back.typeOf("N") == getattr(PropertyList, f"TYPE_{kind}")


def test_inherited_integers_keep_their_type():
    manager = MemFileManager()
    primary, extension = PropertyList(), PropertyList()
    primary.set("N", [1, 2**40], "of the file")
    primary.set("HISTORY", ["a", "b"])
    extension.set("INHERIT", True)
    extension.set("HISTORY", "c")
    extension.set("M", 2**41)
    writeMetadata(manager, primary)
    writeMetadata(manager, extension, "a")
    merged = readMetadata(manager, 1, strip=True)
    assert merged.getArray("N") == [2**40]
    assert merged.getComment("N") == "of the file"
    assert {merged.typeOf(name) for name in "MN"} == {PropertyList.TYPE_Long}
    assert merged.getArray("HISTORY") == ["a", "b", "c"]


def test_non_finite_numbers():
    metadata = PropertyList()
    metadata.set("A", math.nan)
    metadata.set("B", math.inf)
    metadata.set("C", -math.inf)
    back = round_trip(metadata)
    assert math.isnan(back["A"])
    assert (back["B"], back["C"]) == (math.inf, -math.inf)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_-. 0123456789", min_size=1, max_size=30).map(
            lambda s: "X" + s.strip()
        ),
        st.one_of(st.integers(-(2**63), 2**63 - 1), st.booleans(), st.floats(allow_nan=False)),
        max_size=20,
    )
)
def test_any_numbers(values):
    metadata = PropertyList()
    for name, value in values.items():
        if name.count(" ") <= 1:
            metadata.set(" ".join(name.split()), value)
    back = round_trip(metadata)
    for name in metadata.getOrderedNames():
        assert back.getArray(name) == metadata.getArray(name)


def test_structure_is_never_taken_from_metadata():
    metadata = PropertyList()
    for name, value in {"BITPIX": 99, "NAXIS1": 7, "ZCMPTYPE": "MAGIC", "SIMPLE": False, "KEY": 1}.items():
        metadata.set(name, value)
    manager = MemFileManager()
    writeMetadata(manager, metadata)
    with FitsReader(manager) as reader:
        assert reader.hdu(0).get("BITPIX") == 8
        assert reader.hdu(0).get("ZCMPTYPE") is None
        assert reader.header(0).getOrderedNames() == ["KEY"]


def test_property_set_has_no_order_or_comments():
    metadata = PropertySet()
    metadata.set("B", 2)
    metadata.set("A", "x")
    back = round_trip(metadata)
    assert back.getOrderedNames() == ["A", "B"]


def test_header_of_the_stack(golden_dir):
    header = readMetadata(golden_dir / "files/exposure_gzip.fits", 0, strip=True)
    assert header["OBSTYPE"] == "science"
    assert header.getComment("OBSTYPE") == "what was observed"
    assert header.getArray("MULTI") == [1, 2, 3]
    assert header["QUOTE"] == "it's here"
    assert header["LONG_KEYWORD_NAME"] == "a value"
    assert header["AIRTEMP"] == 10.0
    assert header["SHUTTER"] is True
    assert header.getArray("COMMENT") == ["first comment", "second comment"]
    assert "SIMPLE" not in header
    assert "SIMPLE" in readMetadata(golden_dir / "files/exposure_gzip.fits", 0)


def test_plane_header_of_the_stack(golden_dir):
    with FitsReader(golden_dir / "files/exposure_sub.fits") as reader:
        hdu = reader.find("MASK")
        kept = reader.header(hdu).getOrderedNames()
        assert {"INHERIT", "EXTTYPE", "EXTNAME", "MP_BAD"} <= set(kept)
        assert not [
            name
            for name in kept
            if name[:3] in ("LTV", "ZTI", "TTY", "TFO", "NAX") or name[-2:] in ("1A", "2A")
        ]
        everything = reader.header(hdu, strip=False)
        assert "CRVAL1A" in everything
        assert "ZTILE1" in everything
        assert reader.find("NONSENSE") is None
        assert reader.find("MASK", hdu + 1) is None


def test_inherited_cards(golden_dir):
    header = readMetadata(golden_dir / "files/exposure_gzip.fits", 2, strip=True)
    assert header["MP_BAD"] == 0
    assert header["OBSTYPE"] == "science"
    assert header.getArray("MULTI") == [3]
    assert header.getArray("COMMENT") == ["first comment", "second comment"]
    assert "INHERIT" not in header


def test_default_hdu(golden_dir):
    with FitsReader(golden_dir / "files/exposure_plain.fits") as reader:
        assert default_hdu(reader) == 1
    with FitsReader(golden_dir / "files/image.fits") as reader:
        assert default_hdu(reader) == 0
    one = readMetadata(golden_dir / "files/exposure_plain.fits")
    assert (
        one["EXTNAME"]
        == readMetadata(golden_dir / "files/exposure_plain.fits", DEFAULT_HDU)["EXTNAME"]
        == "IMAGE"
    )


def test_headers_of_observatories(real_dir):
    fits = pytest.importorskip("astropy.io.fits")
    for path in sorted((real_dir / "pixels").glob("*.fits")):
        ours = readMetadata(path, 1)
        with fits.open(path, disable_image_compression=True) as hdus:
            for card in hdus[1].header.cards:
                if card.keyword in ("", "COMMENT", "HISTORY") or list(hdus[1].header).count(card.keyword) > 1:
                    continue
                if isinstance(card.value, bool | int | float | str):
                    assert ours.getScalar(card.keyword) == card.value, card.keyword


def test_append_and_refusals(tmp_path):
    path = tmp_path / "header.fits"
    metadata = PropertyList()
    metadata.set("A", 1)
    writeMetadata(path, metadata)
    metadata.set("A", 2)
    writeMetadata(path, metadata, "a")
    assert [readMetadata(path, i)["A"] for i in (0, 1)] == [1, 2]
    with pytest.raises(FitsError, match="no HDU 2"):
        readMetadata(path, 2)
    with pytest.raises(IoError, match="cannot be opened"):
        readMetadata(tmp_path / "nowhere.fits")
    with pytest.raises(FitsError, match="Unknown mode"):
        writeMetadata(path, metadata, "x")


def test_extname_argument_wins():
    metadata = PropertyList()
    metadata.set("EXTNAME", "OLD")
    metadata.set("A", 1)
    manager = MemFileManager()
    with FitsWriter(manager) as writer:
        writer.write_image(None, metadata, extname="NEW")
    assert readMetadata(manager, 0).getArray("EXTNAME") == ["NEW"]


def test_scale_of_a_quantized_image(golden_dir, tmp_path):
    """It is in the header, but goes neither into an exposure's metadata nor into another file."""
    name = golden_dir / "files" / "exposure_rice.fits"
    metadata = readMetadata(name, 1, strip=True)
    assert metadata.getScalar("UZSCALE") > 0
    assert "UZSCALE" not in ExposureF(name).metadata
    writeMetadata(tmp_path / "other.fits", metadata)
    assert "UZSCALE" not in readMetadata(tmp_path / "other.fits")
