"""Files of other writers: kinds of images and headers that the standard allows or that exist."""

import bz2
import gzip
import lzma
import struct

import fitsio
import numpy as np
import pytest

from lsst.afw.fits import readMetadata, writeMetadata
from lsst.afw.image import ExposureF, ImageD, ImageF, ImageI, ImageU, MaskX
from lsst.daf.base import PropertyList
from lsst.portable.fits import FitsError, FitsReader, FitsWriter, default_hdu

TYPES = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
PRIMARY = ("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0", "EXTEND  = T")


def header(*cards):
    raw = b"".join(card.encode("latin-1").ljust(80) for card in (*cards, "END"))
    return raw + b" " * (-len(raw) % 2880)


def padded(data):
    return data + bytes(-len(data) % 2880)


def image(values, bitpix, *more, axes=None, start="SIMPLE  = T"):
    """An image HDU."""
    values = np.asarray(values)
    axes = axes or values.shape[::-1]
    layout = [start, f"BITPIX  = {bitpix}", f"NAXIS   = {len(axes)}"]
    layout += [f"NAXIS{i}  = {length}" for i, length in enumerate(axes, 1)]
    return header(*layout, *more) + padded(values.astype(TYPES[bitpix]).tobytes())


def tiled(
    chunks, bitpix, axes, algorithm, *more, form="1PB", columns=(), further=b"", name="COMPRESSED_DATA"
):
    """A compressed image, a row a tile, in HDU 1."""
    code = ">qq" if "Q" in form else ">ii"
    offsets = np.cumsum([0, *map(len, chunks)])
    table = b"".join(struct.pack(code, len(c), o) + further for c, o in zip(chunks, offsets, strict=False))
    width = struct.calcsize(code) + len(further)
    fields = [(name, form), *columns]
    layout = ["XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", f"NAXIS1  = {width}"]
    layout += [
        f"NAXIS2  = {len(chunks)}",
        f"PCOUNT  = {offsets[-1]}",
        "GCOUNT  = 1",
        f"TFIELDS = {len(fields)}",
    ]
    for i, (field, kind) in enumerate(fields, 1):
        layout += [f"TTYPE{i}  = '{field}'", f"TFORM{i}  = '{kind}'"]
    layout += ["ZIMAGE  = T", f"ZBITPIX = {bitpix}", f"ZNAXIS  = {len(axes)}", f"ZCMPTYPE= '{algorithm}'"]
    layout += [f"ZNAXIS{i} = {length}" for i, length in enumerate(axes, 1)]
    layout += [f"ZTILE{i}  = {axes[0] if i == 1 else 1}" for i in range(1, len(axes) + 1)]
    return header(*PRIMARY) + header(*layout, *more) + padded(table + b"".join(chunks))


def gzipped(rows, kind, *, shuffled=False):
    """Tiles of rows."""
    result = []
    for row in rows:
        raw = np.asarray(row).astype(kind)
        if shuffled:
            raw = np.ascontiguousarray(raw.view("u1").reshape(len(row), -1).T)
        result.append(gzip.compress(raw.tobytes()))
    return result


def pixels(data, hdu=0, wanted=np.float32):
    return FitsReader(data).read_image(hdu, wanted=np.dtype(wanted))


class TestMissingIntegers:
    """What BLANK marks is NaN where the result is floating point, and the number where it is not."""

    @pytest.mark.parametrize(("bitpix", "blank"), [(8, 7), (16, -32768), (32, -2147483648), (64, -99)])
    @pytest.mark.parametrize("wanted", ["f4", "f8"])
    def test_plain(self, bitpix, blank, wanted):
        found = pixels(image([[1, blank, 3]], bitpix, f"BLANK   = {blank}"), wanted=wanted)
        np.testing.assert_array_equal(found, [[1, np.nan, 3]])
        assert found.dtype == wanted

    def test_offset(self):
        """The card refers to what is stored."""
        data = image([[1, -32768, 3]], 16, "BLANK   = -32768", "BZERO   = 32768")
        np.testing.assert_array_equal(pixels(data), [[32769, np.nan, 32771]])
        np.testing.assert_array_equal(FitsReader(data).read_image(0), [[32769, 0, 32771]])

    def test_scale(self):
        data = image([[1, -1, 3]], 16, "BLANK   = -1", "BSCALE  = 0.5")
        np.testing.assert_array_equal(FitsReader(data).read_image(0), [[0.5, np.nan, 1.5]])

    @pytest.mark.parametrize("key", ["BLANK", "ZBLANK"])
    @pytest.mark.parametrize("algorithm", ["GZIP_1", "GZIP_2"])
    def test_compressed(self, key, algorithm):
        chunks = gzipped([[1, -5, 3], [-5, 2, 2]], ">i2", shuffled=algorithm == "GZIP_2")
        data = tiled(chunks, 16, (3, 2), algorithm, f"{key:8s}= -5")
        np.testing.assert_array_equal(pixels(data, 1), [[1, np.nan, 3], [np.nan, 2, 2]])
        np.testing.assert_array_equal(FitsReader(data).read_image(1), [[1, -5, 3], [-5, 2, 2]])

    def test_by_class(self, tmp_path):
        path = tmp_path / "image.fits"
        path.write_bytes(image([[10, -32768]], 16, "BLANK   = -32768"))
        for cls in (ImageF, ImageD):
            np.testing.assert_array_equal(cls(str(path)).array, [[10, np.nan]])
        assert ImageI(str(path)).array.tolist() == [[10, -32768]]

    def test_card_that_is_no_integer_is_passed_over(self):
        np.testing.assert_array_equal(pixels(image([[1, 2]], 16, "BLANK   = 'none'")), [[1, 2]])


class TestScaledIntegers:
    """The type is the smallest for what BZERO and BSCALE can make, as CFITSIO has it."""

    @pytest.mark.parametrize("bitpix", [8, 16, 32])
    @pytest.mark.parametrize("bzero", [0, 1.5, -10, -128, 1000, 32768, 1 << 31, 1 << 63])
    @pytest.mark.parametrize("bscale", [1, 0.5, -2, 3])
    def test_as_cfitsio(self, tmp_path, bitpix, bzero, bscale):
        values = [[0, 3], [100, 127]]
        path = tmp_path / "image.fits"
        path.write_bytes(image(values, bitpix, f"BZERO   = {bzero}", f"BSCALE  = {bscale}"))
        theirs = fitsio.read(str(path))
        ours = FitsReader(path).read_image(0)
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)

    def test_64_bits_stay_integers_unless_fractions_are_wanted(self):
        data = image([[2, 3]], 64, "BSCALE  = 0.5", "BZERO   = 10")
        assert FitsReader(data).read_image(0).tolist() == [[11, 11]]
        assert FitsReader(data).read_image(0).dtype == np.int64
        assert pixels(data).tolist() == [[11.0, 11.5]]
        with pytest.raises(FitsError, match="make numbers of the pixels that int64 cannot hold"):
            FitsReader(image([[2, 1 << 60]], 64, "BSCALE  = 100")).read_image(0)

    def test_integers_without_an_offset_of_their_own_make_integer_images(self, tmp_path):
        path = tmp_path / "image.fits"
        path.write_bytes(image([[2, 3]], 16, "BZERO   = 1000"))
        assert ImageI(str(path)).array.tolist() == [[1002, 1003]]


class TestTiles:
    @pytest.mark.parametrize("algorithm", ["GZIP_1", "GZIP_2"])
    @pytest.mark.parametrize(
        ("bitpix", "kind"), [(16, ">i4"), (16, "u1"), (32, ">i2"), (8, ">i4"), (32, ">i8")]
    )
    def test_width_of_the_numbers(self, algorithm, bitpix, kind):
        rows = np.arange(12).reshape(3, 4)
        data = tiled(gzipped(rows, kind, shuffled=algorithm == "GZIP_2"), bitpix, (4, 3), algorithm)
        np.testing.assert_array_equal(FitsReader(data).read_image(1), rows)
        assert FitsReader(data).read_image(1).dtype == np.dtype(TYPES[bitpix]).newbyteorder("=")

    def test_numbers_that_do_not_fit(self):
        data = tiled(gzipped([[1, 70000]], ">i4"), 16, (2, 1), "GZIP_1")
        with pytest.raises(FitsError, match="numbers that int16 cannot hold"):
            FitsReader(data).read_image(1)

    def test_rice_without_bytepix_has_four(self):
        rows = np.arange(64, dtype="i4").reshape(1, 64)
        from lsst.portable.fits._codecs import other_codec

        chunk = bytes(other_codec("RICE_1", {"BYTEPIX": 4, "BLOCKSIZE": 32}, (1, 64)).encode(rows))
        data = tiled([chunk], 16, (64, 1), "RICE_1", "ZNAME1  = 'BLOCKSIZE'", "ZVAL1   = 32")
        np.testing.assert_array_equal(FitsReader(data).read_image(1), rows)

    @pytest.mark.parametrize(("kind", "most"), [("u2", 32767), ("i2", 32767), ("i4", 32767), ("u1", 255)])
    def test_plio(self, tmp_path, kind, most):
        path = str(tmp_path / "image.fits")
        values = np.array([[0, 1, 5, most // 8 + 1, most]] * 3, kind)
        fitsio.write(path, values, compress="PLIO_1")
        assert ImageF(path, hdu=1).array.tolist() == values.tolist()
        assert MaskX(path, hdu=1).array.tolist() == values.tolist()
        if kind == "u2":
            assert ImageU(path, hdu=1).array.tolist() == values.tolist()

    @pytest.mark.parametrize("algorithm", ["HCOMPRESS_1", "PLIO_1", "RICE_1", "GZIP_1", "GZIP_2"])
    def test_constant(self, tmp_path, algorithm):
        """What is constant becomes smaller by more than anything else."""
        path = str(tmp_path / "image.fits")
        fitsio.write(path, np.zeros((64, 4096), "i4"), compress=algorithm)
        assert not FitsReader(path).read_image(1).any()

    @pytest.mark.parametrize("form", ["4A", "3E", "12X", "1PJ(9)", "2C", "1L", "1M"])
    def test_further_columns(self, form):
        rows = np.arange(6).reshape(2, 3)
        size = {"4A": 4, "3E": 12, "12X": 2, "1PJ(9)": 8, "2C": 16, "1L": 1, "1M": 16}[form]
        data = tiled(
            gzipped(rows, ">i2"), 16, (3, 2), "GZIP_1", columns=[("NOTE", form)], further=b"x" * size
        )
        np.testing.assert_array_equal(FitsReader(data).read_image(1), rows)

    @pytest.mark.parametrize("name", ["compressed_data", "Compressed_Data"])
    def test_names_of_columns_in_any_case(self, name):
        rows = np.arange(6).reshape(2, 3)
        np.testing.assert_array_equal(
            FitsReader(tiled(gzipped(rows, ">i2"), 16, (3, 2), "GZIP_1", name=name)).read_image(1), rows
        )

    def test_wide_descriptors(self):
        rows = np.arange(6).reshape(2, 3)
        data = tiled(gzipped(rows, ">i2"), 16, (3, 2), "GZIP_1", form="1QB")
        np.testing.assert_array_equal(FitsReader(data).read_image(1), rows)

    def test_descriptors_that_overflow(self):
        rows = np.arange(3).reshape(1, 3)
        data = bytearray(tiled(gzipped(rows, ">i2"), 16, (3, 1), "GZIP_1", form="1QB"))
        start = 2 * 2880 if len(data) > 3 * 2880 else 2880
        start = FitsReader(bytes(data)).hdu(1).data_start
        data[start : start + 16] = struct.pack(">qq", 2**62, 2**62)
        with pytest.raises(FitsError, match="points outside"):
            FitsReader(bytes(data)).read_image(1)

    def test_bomb(self, monkeypatch):
        rows = np.zeros((200, 4096))
        data = tiled(gzipped(rows, ">i4"), 32, (4096, 200), "GZIP_1")
        assert FitsReader(data).read_image(1).shape == (200, 4096)
        monkeypatch.setenv("LSST_PORTABLE_FITS_LIMIT", str(1 << 20))
        with pytest.raises(FitsError, match="raise the limit by the environment variable LSST_PORTABLE"):
            FitsReader(data).read_image(1)
        assert FitsReader(data).read_image(1, slice(0, 2)).shape == (2, 4096)
        monkeypatch.setenv("LSST_PORTABLE_FITS_LIMIT", "much")
        with pytest.raises(FitsError, match="'much'; expected a number"):
            FitsReader(data).read_image(1)


class TestAxes:
    @pytest.mark.parametrize("axes", [(3, 2, 1), (3, 2, 1, 1)])
    def test_further_axes_of_length_one(self, axes):
        rows = np.arange(6).reshape(2, 3)
        np.testing.assert_array_equal(FitsReader(image(rows, 16, axes=axes)).read_image(0), rows)
        data = tiled(gzipped(rows, ">i2"), 16, axes, "GZIP_1")
        np.testing.assert_array_equal(FitsReader(data).read_image(1), rows)

    def test_cubes_are_refused(self):
        with pytest.raises(FitsError, match="3 axes"):
            FitsReader(image(np.zeros((2, 2, 2)), 16)).read_image(0)

    def test_random_groups(self):
        layout = ["SIMPLE  = T", "BITPIX  = 16", "NAXIS   = 3", "NAXIS1  = 0", "NAXIS2  = 5", "NAXIS3  = 2"]
        groups = header(*layout, "GROUPS  = T", "PCOUNT  = 3", "GCOUNT  = 4") + padded(
            bytes(2 * 4 * (3 + 10))
        )
        data = groups + image([[1, 2]], 16, "PCOUNT  = 0", "GCOUNT  = 1", start="XTENSION= 'IMAGE'")
        reader = FitsReader(data)
        assert len(reader) == 2
        assert default_hdu(reader) == 1
        assert reader.read_image(1).tolist() == [[1, 2]]


class TestNames:
    @pytest.fixture
    def path(self, tmp_path):
        with FitsWriter(tmp_path / "in.fits") as writer:
            writer.write_image(None)
            for number, name in enumerate(("SCI", "ERR", "SCI"), 1):
                extra = PropertyList()
                extra.set("EXTVER", 1 if number < 3 else 2)
                writer.write_image(np.full((2, 3), number, "f4"), extra, extname=name)
        return str(tmp_path / "in.fits")

    @pytest.mark.parametrize(
        ("suffix", "value"),
        [
            ("", 1),
            ("[1]", 1),
            ("[2]", 2),
            ("+2", 2),
            (" [ 2 ] ", 2),
            ("[SCI]", 1),
            ("[err]", 2),
            ("[SCI,2]", 3),
            ("[ SCI , 2 ]", 3),
        ],
    )
    def test_hdu_in_the_name(self, path, suffix, value):
        assert ImageF(path + suffix).array[0, 0] == value
        assert readMetadata(path + suffix).getScalar("EXTNAME") == ("ERR" if value == 2 else "SCI")

    @pytest.mark.parametrize("suffix", ["[9]", "[DQ]", "[SCI,3]"])
    def test_hdu_that_is_not_there(self, path, suffix):
        with pytest.raises(FitsError, match=r"no HDU"):
            ImageF(path + suffix)

    @pytest.mark.parametrize("suffix", ["[0]", "+0", "[P]", "[primary]", "[]"])
    def test_primary_hdu(self, path, suffix):
        with FitsReader(path + suffix) as reader:
            assert reader.selected == 0
        assert ImageF(path + suffix).array[0, 0] == 1

    @pytest.mark.parametrize("suffix", ["[1][2:4,1:3]", "[2:4,1:3]", "[*,2:4]", "[SCI][-*,*]"])
    def test_a_part_of_an_image_is_not_read_by_name(self, path, suffix):
        with pytest.raises(FitsError, match=r"a part of an image is read with a box"):
            ImageF(path + suffix)

    @pytest.mark.parametrize("hdu", [-1, 4])
    def test_number_that_is_not_there(self, path, hdu):
        with pytest.raises(FitsError, match=rf"there is no HDU {hdu}; the file has 4"):
            ImageF(path, hdu=hdu)

    def test_version_that_is_no_number(self, path):
        with pytest.raises(FitsError, match=r"after the comma comes a number"):
            ImageF(path + "[SCI,second]")

    @pytest.mark.parametrize("suffix", ["", "[2]"])
    def test_gz_is_left_out(self, path, tmp_path, suffix):
        (tmp_path / "packed.fits.gz").write_bytes(gzip.compress((tmp_path / "in.fits").read_bytes()))
        assert ImageF(str(tmp_path / "packed.fits") + suffix).array[0, 0] == (2 if suffix else 1)

    def test_a_file_whose_name_has_brackets(self, path, tmp_path):
        (tmp_path / "in.fits[2]").write_bytes(image([[8.0]], -32))
        assert ImageF(path + "[2]").array.tolist() == [[8.0]]

    def test_gzip(self, tmp_path):
        values = np.arange(6, dtype="f4").reshape(2, 3)
        path = tmp_path / "image.fits.gz"
        picture = ImageF(3, 2)
        picture.array[:] = values
        for _ in range(2):
            picture.writeFits(str(path))
            first = path.read_bytes()
        assert first[:2] == b"\x1f\x8b"
        assert gzip.decompress(first)[:6] == b"SIMPLE"
        assert ImageF(str(path)).array.tolist() == values.tolist()
        more = PropertyList()
        more.set("MORE", 1)
        writeMetadata(str(path), more, "a")
        assert path.read_bytes()[:2] == b"\x1f\x8b"
        assert readMetadata(str(path), hdu=1).getScalar("MORE") == 1

    @pytest.mark.parametrize("suffix", [".bz2", ".xz", ".zst", ".Z", ".zip"])
    def test_compressions_that_are_not_offered(self, tmp_path, suffix):
        with pytest.raises(FitsError, match=r"compressed by gzip \(.gz\) or not at all"):
            ImageF(3, 2).writeFits(str(tmp_path / f"image.fits{suffix}"))
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(("compress", "name"), [(bz2.compress, "bzip2"), (lzma.compress, "xz")])
    def test_files_in_such(self, tmp_path, compress, name):
        (tmp_path / "image.fits").write_bytes(compress(image([[1.0]], -32)))
        with pytest.raises(FitsError, match=f"is compressed by {name}; only gzip"):
            ImageF(str(tmp_path / "image.fits"))


class TestCards:
    def metadata(self, tmp_path, *cards):
        path = tmp_path / "in.fits"
        path.write_bytes(image([[1.0, 2.0]], -32, *cards))
        ExposureF(str(path)).writeFits(str(tmp_path / "out.fits"))  # what could be read can be written
        return readMetadata(str(path))

    @pytest.mark.parametrize("value", ["55700500000000067457", "-99999999999999999999", "9" * 60])
    def test_integers_beyond_64_bits(self, tmp_path, value):
        found = self.metadata(tmp_path, f"QID     = {value}", "EXPTIME = 30.0")
        assert found.getScalar("EXPTIME") == 30.0
        assert found.getScalar("QID") == float(value)

    def test_integers_of_64_bits(self, tmp_path):
        assert self.metadata(tmp_path, f"BIG     = {2**64 - 1}").getScalar("BIG") == 2**64 - 1

    @pytest.mark.parametrize(
        ("cards", "values"),
        [
            (("KEY     = 22.01", "KEY     ="), [22.01]),
            (("KEY     =", "KEY     = 22.01"), [22.01]),
            (("KEY     = 'a'", "KEY     =", "KEY     = 'b'"), ["a", "b"]),
            (("KEY     =", "KEY     ="), [None, None]),
            (("KEY     =",), [None]),
        ],
    )
    def test_cards_without_a_value(self, tmp_path, cards, values):
        assert self.metadata(tmp_path, *cards).getArray("KEY") == values

    def test_characters_beyond_ascii(self, tmp_path):
        self.metadata(tmp_path, "OBSERVER= 'Jos\u00e9'", "COMMENT Jos\u00e9")
        assert readMetadata(str(tmp_path / "out.fits"), hdu=0).getScalar("OBSERVER") == "Jos"

    def test_keywords_are_upper_case(self, tmp_path):
        found = self.metadata(tmp_path, "filter1 = 'r'", "HIERARCH eso det id = 3")
        assert found.getScalar("FILTER1") == "r"
        assert found.getScalar("ESO DET ID") == 3

    @pytest.mark.parametrize("name", ["ESO DET ID", "HIERARCH ESO DET ID"])
    def test_hierarch_is_not_doubled(self, tmp_path, name):
        header = PropertyList()
        header.set(name, 3)
        writeMetadata(str(tmp_path / "out.fits"), header)
        assert readMetadata(str(tmp_path / "out.fits")).getScalar("ESO DET ID") == 3
        assert b"HIERARCH HIERARCH" not in (tmp_path / "out.fits").read_bytes()

    @pytest.mark.parametrize("name", ["TZERO", "TSCALE", "ZTILED", "NAXISX", "ZVALUE"])
    def test_names_that_begin_like_those_of_the_layout(self, tmp_path, name):
        """The stack drops them, number or not."""
        header = PropertyList()
        header.set(name, 3)
        header.set("KEPT", 4)
        writeMetadata(str(tmp_path / "out.fits"), header)
        found = readMetadata(str(tmp_path / "out.fits"), strip=True)
        assert found.exists("KEPT")
        assert not found.exists(name)
