"""Images in FITS files: plain and compressed, whole and by box, ours and the stack's."""

import os

import numpy as np
import pytest

from lsst.afw.fits import (
    CompressionAlgorithm,
    CompressionOptions,
    DitherAlgorithm,
    FitsError,
    FitsTypeError,
    MemFileManager,
    QuantizationOptions,
    ScalingAlgorithm,
)
from lsst.afw.image import Mask
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.fits import FitsReader, FitsWriter, _tiles

GZIP_1 = CompressionOptions(CompressionAlgorithm.GZIP_1)
GZIP_2 = CompressionOptions()
TILES = CompressionOptions(CompressionAlgorithm.GZIP_2, tile_width=7, tile_height=5)
RICE = CompressionOptions(CompressionAlgorithm.RICE_1, tile_width=16, tile_height=3)


def write(array, compression=None, **kwargs):
    manager = MemFileManager()
    with FitsWriter(manager) as writer:
        writer.write_image(array, compression=compression, **kwargs)
    return manager


def pixels(dtype, shape=(23, 31), seed=5):
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        array = rng.normal(100, 10, shape).astype(dtype)
        array[3, 4:8] = np.nan
        array[5, 5] = 0
        return array
    info = np.iinfo(dtype)
    array = rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    array[0, :2] = info.min, info.max
    return array


@pytest.mark.parametrize("compression", [None, GZIP_1, GZIP_2, TILES])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def test_every_type_comes_back(dtype, compression):
    array = pixels(dtype)
    manager = write(array, compression)
    with FitsReader(manager) as reader:
        hdu = len(reader) - 1
        assert reader.image_shape(hdu) == array.shape
        assert reader.image_dtype(hdu) == array.dtype
        back = reader.read_image(hdu)
        assert back.dtype == array.dtype
        assert back.flags.writeable
        np.testing.assert_array_equal(back, array)
        box = reader.read_image(hdu, slice(4, 19), slice(2, 30))
        np.testing.assert_array_equal(box, array[4:19, 2:30])


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "u4"])
def test_rice_of_every_integer(dtype):
    array = pixels(dtype)
    with FitsReader(write(array, RICE)) as reader:
        np.testing.assert_array_equal(reader.read_image(1), array)
    smooth = (np.add.outer(np.arange(23), np.arange(31)) % 100).astype(dtype)
    with FitsReader(write(smooth, RICE)) as reader:
        np.testing.assert_array_equal(reader.read_image(1), smooth)


@pytest.mark.parametrize("algorithm", ["GZIP_1", "GZIP_2", "RICE_1", "HCOMPRESS_1", "PLIO_1", "NOCOMPRESS"])
@pytest.mark.parametrize("tile", [None, (8, 9)])
def test_we_read_what_others_compress(algorithm, tile, tmp_path):
    fits = pytest.importorskip("astropy.io.fits")
    array = pixels("i4") % 1000
    path = tmp_path / "image.fits"
    fits.CompImageHDU(array, compression_type=algorithm, tile_shape=tile).writeto(path)
    with FitsReader(path) as reader:
        np.testing.assert_array_equal(reader.read_image(1), array)
        np.testing.assert_array_equal(reader.read_image(1, slice(5, 20), slice(7, 11)), array[5:20, 7:11])


@pytest.mark.parametrize("algorithm", ["GZIP_1", "GZIP_2", "RICE_1", "HCOMPRESS_1"])
@pytest.mark.parametrize("dither", [-1, 1, 2])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_we_read_what_others_quantise(algorithm, dither, dtype, tmp_path):
    fits = pytest.importorskip("astropy.io.fits")
    array = pixels(dtype, (40, 64))
    if algorithm == "HCOMPRESS_1":
        array = np.nan_to_num(array)
    path = tmp_path / "image.fits"
    hdu = fits.CompImageHDU(array, compression_type=algorithm, quantize_method=dither, dither_seed=9990)
    hdu.writeto(path)
    with FitsReader(path) as reader, fits.open(path) as hdus:
        np.testing.assert_array_equal(reader.read_image(1), hdus[1].data)


@pytest.mark.parametrize("compression", [None, GZIP_2, TILES, RICE])
def test_others_read_what_we_write(compression, tmp_path):
    fits = pytest.importorskip("astropy.io.fits")
    array = pixels("i4")
    array //= 1 << 12
    path = tmp_path / "image.fits"
    path.write_bytes(write(array, compression, extname="IMAGE").getData())
    with fits.open(path) as hdus:
        hdus.verify("exception")
        np.testing.assert_array_equal(hdus["IMAGE"].data, array)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1)])
def test_thin_images(shape):
    array = pixels("i4", (20, 20))[: shape[0], : shape[1]]
    for compression in (None, GZIP_2, TILES, RICE):
        with FitsReader(write(array, compression)) as reader:
            np.testing.assert_array_equal(reader.read_image(len(reader) - 1), array)


def test_view_of_a_larger_array_and_other_byte_order():
    array = pixels("f4").astype(">f4")[2:-2:2, ::3]
    with FitsReader(write(array, GZIP_2)) as reader:
        np.testing.assert_array_equal(reader.read_image(1), array)


def rice(dither, scaling=ScalingAlgorithm.STDEV_MASKED, level=16.0, seed=7, algorithm="RICE_1"):
    quantization = QuantizationOptions(dither, scaling, ["NO_DATA"], level, seed)
    return CompressionOptions(CompressionAlgorithm[algorithm], quantization=quantization)


@pytest.mark.parametrize("algorithm", ["RICE_1", "GZIP_1", "GZIP_2"])
@pytest.mark.parametrize("dither", list(DitherAlgorithm))
@pytest.mark.parametrize("scaling", list(ScalingAlgorithm))
def test_quantised_pixels_are_close(dither, scaling, algorithm, tmp_path):
    fits = pytest.importorskip("astropy.io.fits")
    array = pixels("f4", (40, 60))
    manager = write(array, rice(dither, scaling, algorithm=algorithm))
    with FitsReader(manager) as reader:
        back = reader.read_image(1)
    step = 16.0 if scaling is ScalingAlgorithm.MANUAL else 1.5
    np.testing.assert_array_equal(np.isnan(back), np.isnan(array))
    assert np.nanmax(np.abs(back - array)) <= 0.51 * step
    if dither is DitherAlgorithm.SUBTRACTIVE_DITHER_2:
        assert back[5, 5] == 0
    path = tmp_path / "image.fits"
    path.write_bytes(manager.getData())
    with fits.open(path) as hdus:
        np.testing.assert_array_equal(hdus[1].data, back)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("low", "high", "span"), [(-3.0, 5.0, 8.0), (2.0, 5.0, 3.0), (-5.0, -3.0, 5.0)])
def test_step_of_a_range(dtype, low, high, span):
    """In the precision of the pixels, and up to zero where nothing is positive."""
    array = np.full((3, 4), low, dtype)
    array[1, 1] = high
    array[2, 2] = 100.0
    mask = np.zeros((3, 4), np.int32)
    mask[2, 2] = 1
    options = rice(DitherAlgorithm.NO_DITHER, ScalingAlgorithm.RANGE)
    with FitsReader(write(array, options, mask=mask)) as reader:
        assert reader.hdu(1).get("UZSCALE") == pytest.approx(float(np.float32(span / 4294967283)), rel=1e-14)


def test_options_that_do_not_suit_the_pixels():
    with pytest.raises(InvalidParameterError, match="RICE_1 cannot compress") as info:
        write(pixels("f4"), RICE)
    assert isinstance(info.value, FitsError)
    with pytest.raises(InvalidParameterError, match="int32 are integers; take the quantisation out"):
        write(pixels("i4"), rice(DitherAlgorithm.NO_DITHER))


def test_quantised_is_what_the_stack_writes(golden_dir):
    """The data unit is the stack's, byte for byte, under the seed it noted."""
    with (
        FitsReader(golden_dir / "files/exposure_plain.fits") as plain,
        FitsReader(golden_dir / "files/exposure_rice.fits") as stack,
    ):
        options = rice(DitherAlgorithm.SUBTRACTIVE_DITHER_2)
        for hdu in (1, 3):
            ignore = plain.read_image(2) & (1 << 8)
            with FitsReader(write(plain.read_image(hdu), options, mask=ignore)) as ours:
                assert data_unit(ours, 1) == data_unit(stack, hdu)
                np.testing.assert_array_equal(ours.read_image(1), stack.read_image(hdu))


def data_unit(reader, hdu):
    found = reader.hdu(hdu)
    return bytes(reader._data[found.data_start : found.data_start + found.data_size])


def header_unit(reader, hdu):
    found = reader.hdu(hdu)
    return bytes(reader._data[found.header_start : found.data_start])


@pytest.mark.parametrize(("name", "compression"), [("plain", None), ("gzip", GZIP_2)])
def test_lossless_is_what_the_stack_writes(golden_dir, name, compression):
    """Header and data of every plane are the stack's, byte for byte."""
    with FitsReader(golden_dir / f"files/exposure_{name}.fits") as stack:
        manager = MemFileManager()
        with FitsWriter(manager) as writer:
            writer.write_image(None, stack.header(0, strip=False))
            for hdu in (1, 2, 3):
                header = stack.header(hdu, strip=False)
                writer.write_image(stack.read_image(hdu), header, compression=compression)
        with FitsReader(manager) as ours:
            for hdu in (1, 2, 3):
                assert header_unit(ours, hdu) == header_unit(stack, hdu)
                assert data_unit(ours, hdu) == data_unit(stack, hdu)


def test_pixels_of_the_stack(golden_dir):
    expected = np.load(golden_dir / "files/expected.npz")
    for name in ("plain", "gzip", "rice", "sub"):
        with FitsReader(golden_dir / f"files/exposure_{name}.fits") as reader:
            for plane in ("image", "mask", "variance"):
                key = f"exposure_{name}.fits:{plane}"
                hdu = reader.find(plane.upper())
                if key in expected:
                    np.testing.assert_array_equal(reader.read_image(hdu), expected[key])


def test_pixels_of_observatories(real_dir):
    fits = pytest.importorskip("astropy.io.fits")
    for path in sorted((real_dir / "pixels").glob("*.fits")):
        with FitsReader(path) as reader, fits.open(path) as hdus:
            ours = reader.read_image(1)
            np.testing.assert_array_equal(ours, hdus[1].data)
            part = reader.read_image(1, slice(7, 31), slice(5, 50))
            np.testing.assert_array_equal(part, ours[7:31, 5:50])


def test_a_box_leaves_other_tiles_alone():
    """Damage in a tile shows only when that tile is read."""
    array = pixels("f4", (50, 40))
    data = bytearray(write(array, GZIP_2).getData())
    with FitsReader(bytes(data)) as reader:
        hdu = reader.hdu(1)
        last = hdu.data_start + hdu.data_size - 20
    data[last : last + 12] = bytes(12)
    with FitsReader(bytes(data)) as reader:
        np.testing.assert_array_equal(reader.read_image(1, slice(0, 49)), array[:49])
        with pytest.raises(FitsError, match=r"<memory>\[1\]: tile 49: damaged gzip data"):
            reader.read_image(1)


def test_threads_do_not_matter(monkeypatch):
    monkeypatch.setattr(_tiles, "_LEAST_BYTES", 0)
    array = pixels("f4", (600, 700))
    files, images = [], []
    for threads in ("1", "3"):
        monkeypatch.setattr("os.sched_getaffinity", lambda pid: range(8), raising=False)
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        for options in (GZIP_2, rice(DitherAlgorithm.SUBTRACTIVE_DITHER_1)):
            manager = write(array, options)
            files.append(manager.getData())
            images.append(FitsReader(manager).read_image(1))
    assert files[:2] == files[2:]
    np.testing.assert_array_equal(images[1], images[3])


def test_tile_that_cannot_be_quantised_is_kept():
    array = pixels("f4", (6, 30))
    array[2, 3] = 1e30
    options = rice(DitherAlgorithm.NO_DITHER, ScalingAlgorithm.MANUAL, 0.5)
    with FitsReader(write(array, options)) as reader:
        back = reader.read_image(1)
    np.testing.assert_array_equal(back[2], array[2])
    assert np.nanmax(np.abs(back - array)) <= 0.251


def test_what_makes_no_sense_is_refused():
    with pytest.raises(FitsError, match="RICE_1 cannot compress floating-point"):
        write(pixels("f4"), CompressionOptions(CompressionAlgorithm.RICE_1))
    with pytest.raises(FitsTypeError, match="complex64"):
        write(np.zeros((3, 4), np.complex64))
    with pytest.raises(FitsError, match=r"shape \(3,\)"):
        write(np.zeros(3))
    with pytest.raises(FitsError, match="not positive"):
        write(pixels("f4"), rice(DitherAlgorithm.NO_DITHER, level=0.0))
    with pytest.raises(FitsError, match="mask for lossy"):
        write(pixels("f4"), rice(DitherAlgorithm.NO_DITHER), mask=np.zeros((2, 2)))


def read_all(data):
    with FitsReader(data) as reader:
        for hdu in range(len(reader)):
            if reader.hdu(hdu).get_int("NAXIS"):
                reader.read_image(hdu)


def write_and_fail(path):
    with FitsWriter(path) as writer:
        writer.write_image(pixels("f4"))
        raise ZeroDivisionError


class TestDamage:
    """Damaged files end in one error that names file and HDU."""

    def check(self, data, match):
        with pytest.raises(FitsError, match=match):
            read_all(bytes(data))

    def test_not_fits(self, tmp_path):
        self.check(b"hello world", "not a FITS file")
        self.check(b"", "not a FITS file")
        (tmp_path / "empty.fits").write_bytes(b"")
        with pytest.raises(FitsError, match=r"empty\.fits: not a FITS file"):
            FitsReader(tmp_path / "empty.fits")
        with pytest.raises(FitsError, match=r"nowhere\.fits: cannot be opened"):
            FitsReader(tmp_path / "nowhere.fits")

    @pytest.mark.parametrize("compression", [None, GZIP_2, RICE])
    def test_every_truncation(self, compression):
        data = write(pixels("i4"), compression).getData()
        for length in range(0, len(data) - 2880, 720):
            with pytest.raises(FitsError), FitsReader(data[:length]) as reader:
                reader.read_image(0 if compression is None else 1)

    @pytest.mark.parametrize(
        ("card", "value", "match"),
        [
            (b"ZNAXIS1 =", b"2000000000", "tiles in the table"),
            (b"ZNAXIS2 =", b"2000000000", "tiles in the table"),
            (b"ZNAXIS1 =", b"-5", "impossible shape"),
            (b"NAXIS2  =", b"99999999999", "truncated"),
            (b"ZBITPIX =", b"17", "BITPIX is 17"),
            (b"ZCMPTYPE=", b"'MAGIC   '", "unknown compression"),
            (b"TFORM1  =", b"'1ZZ     '", "format"),
        ],
    )
    def test_header(self, card, value, match):
        data = bytearray(write(pixels("i4"), GZIP_2).getData())
        pos = data.index(card, 2880)
        data[pos + 10 : pos + 80] = value.rjust(20).ljust(70) if value[:1] != b"'" else value.ljust(70)
        self.check(data, match)

    def test_impossible_ratio(self):
        """No memory is asked for on the word of a header that the file cannot back."""
        data = bytearray(write(pixels("i4"), GZIP_2).getData())
        for card in (b"ZNAXIS1 =", b"ZTILE1  ="):
            pos = data.index(card, 2880)
            data[pos + 10 : pos + 30] = b"2000000000".rjust(20)
        self.check(data, "cannot come out")

    def test_random_bytes_never_do_worse(self):
        rng = np.random.default_rng(3)
        original = write(pixels("i4"), RICE).getData()
        for _ in range(60):
            data = bytearray(original)
            for pos in rng.integers(0, len(data), 8):
                data[pos] = rng.integers(0, 256)
            try:
                with FitsReader(bytes(data)) as reader:
                    reader.read_image(1)
            except FitsError:
                pass

    def test_offset_outside(self):
        data = bytearray(write(pixels("i4"), GZIP_2).getData())
        with FitsReader(bytes(data)) as reader:
            start = reader.hdu(1).data_start
        data[start + 4 : start + 8] = b"\x7f\xff\xff\xff"
        self.check(data, "points outside")


class TestWriting:
    """Files appear whole or not at all."""

    def test_failure_leaves_nothing(self, tmp_path):
        path = tmp_path / "image.fits"
        with pytest.raises(ZeroDivisionError):
            write_and_fail(path)
        assert list(tmp_path.iterdir()) == []
        with FitsWriter(path) as writer:
            writer.write_image(pixels("f4"))
        before = path.read_bytes()
        with pytest.raises(FitsError), FitsWriter(path) as writer:
            writer.write_image(np.zeros((2, 2), np.complex64))
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]

    def test_no_folder(self, tmp_path):
        with (
            pytest.raises(FitsError, match="cannot be written"),
            FitsWriter(tmp_path / "no/image.fits") as writer,
        ):
            writer.write_image(None)

    def test_permissions_follow_the_umask(self, tmp_path):
        old = os.umask(0o027)
        try:
            with FitsWriter(tmp_path / "image.fits") as writer:
                writer.write_image(None)
        finally:
            os.umask(old)
        assert (tmp_path / "image.fits").stat().st_mode & 0o777 == 0o640

    def test_append(self, tmp_path):
        path = tmp_path / "image.fits"
        for i in range(3):
            with FitsWriter(path, "a") as writer:
                assert len(writer) == i
                writer.write_image(np.full((2, 3), i, np.int32))
        with FitsReader(path) as reader:
            assert [reader.read_image(i)[0, 0] for i in range(len(reader))] == [0, 1, 2]
            with pytest.raises(FitsError, match="no HDU 3"):
                reader.read_image(3)
            with pytest.raises(FitsError, match="cannot read x from 0 to 4"):
                reader.read_image(0, x=slice(0, 4))

    def test_unknown_mode(self, tmp_path):
        with pytest.raises(FitsError, match="mode 'r'"):
            FitsWriter(tmp_path / "image.fits", "r")


def test_file_compressed_as_a_whole(tmp_path):
    import gzip

    array = pixels("f4")
    path = tmp_path / "image.fits.gz"
    path.write_bytes(gzip.compress(write(array).getData()))
    with FitsReader(path) as reader:
        np.testing.assert_array_equal(reader.read_image(0), array)


def test_uri(tmp_path):
    array = pixels("f4")
    path = tmp_path / "image.fits"
    path.write_bytes(write(array).getData())
    with FitsReader(path.as_uri()) as reader:
        np.testing.assert_array_equal(reader.read_image(0), array)


def test_astropy_is_not_imported_for_gzip():
    import subprocess
    import sys

    code = (
        "import sys, numpy as np; from lsst.portable.fits import *; m = MemFileManager()\n"
        "with FitsWriter(m) as w: w.write_image(np.ones((3, 4)), compression=CompressionOptions())\n"
        "FitsReader(m).read_image(1); FitsReader(m).header(1)\n"
        "assert not {'astropy', 'scipy', 'numba'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_plane_in_the_sign_bit_of_the_mask():
    """Mask plane 31 is as good as any: its pixels do not count for the quantisation step."""
    noise = np.random.default_rng(3).normal(10, 2, (40, 50)).astype(np.float32)
    ignored = np.zeros(noise.shape, bool)
    ignored[:20] = True
    noise[ignored] *= 1000
    mask = Mask(50, 40)
    while mask.addMaskPlane(name := f"EXTRA_{len(mask.getMaskPlaneDict())}") < 31:
        pass
    mask.array[ignored] = -(2**31)
    options = CompressionOptions(
        CompressionAlgorithm.RICE_1, quantization=QuantizationOptions(level=16.0, mask_planes=[name])
    )
    expected = write(noise, options, mask=ignored).getData()
    assert write(noise, options, mask=mask).getData() == expected
    assert write(noise, options).getData() != expected
