"""Images, masks and masked images in FITS files."""

import json
import logging
import os
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.afw.fits import CompressionOptions, FitsError, FitsTypeError, MemFileManager, readMetadata
from lsst.afw.image import (
    LOCAL,
    PARENT,
    DecoratedImage,
    DecoratedImageF,
    ImageD,
    ImageF,
    ImageFitsReader,
    ImageI,
    ImageL,
    ImageU,
    Mask,
    MaskedImageD,
    MaskedImageF,
    MaskedImageFitsReader,
    MaskFitsReader,
    bboxFromMetadata,
)
from lsst.afw.image._mask_dict import MaskDict, default_planes, set_default_planes
from lsst.afw.image._plane_fits import write_plane
from lsst.daf.base import PropertyList, PropertySet
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError, NotFoundError
from lsst.portable.fits import FitsReader, FitsWriter

CLASSES = {ImageF: np.float32, ImageD: np.float64, ImageI: np.int32, ImageU: np.uint16, ImageL: np.uint64}
BOX = Box2I(Point2I(-3, 5), Extent2I(7, 4))
PART = Box2I(Point2I(-1, 6), Extent2I(3, 2))
PART_SLICES = (slice(1, 3), slice(2, 5))
LOSSLESS = {"algorithm": "GZIP_2"}


@pytest.fixture(autouse=True)
def _planes_of_a_fresh_process():
    before = default_planes()
    set_default_planes(MaskDict({name: bit for name, bit in before.planes.items() if bit < 11}))
    yield
    set_default_planes(before)


def make_image(cls=ImageF, seed=1):
    pixels = np.random.default_rng(seed).integers(0, 60000, (4, 7)).astype(CLASSES[cls])
    return cls(pixels, xy0=BOX.getMin())


def make_masked_image(cls=MaskedImageF):
    masked_image = cls(BOX)
    rng = np.random.default_rng(7)
    masked_image.image.array = rng.normal(1000, 30, (4, 7)).astype(masked_image.image.array.dtype)
    masked_image.mask.array = rng.integers(0, 1 << 11, (4, 7)).astype(np.int32)
    masked_image.variance.array = rng.uniform(1, 4, (4, 7)).astype(np.float32)
    return masked_image


def assert_same(a, b):
    assert type(a) is type(b)
    assert a.getBBox() == b.getBBox()
    np.testing.assert_array_equal(a.array, b.array)


def assert_same_planes(a, b):
    assert type(a) is type(b)
    for name in ("image", "mask", "variance"):
        assert_same(getattr(a, name), getattr(b, name))


# ---- images


@pytest.mark.parametrize(
    ("cls", "compressed"),
    [
        (cls, compressed)
        for cls in CLASSES
        for compressed in (False, True)
        if not (compressed and cls is ImageL)
    ],
)
def test_image_round_trip(tmp_path, cls, compressed):
    """Of all pixel types; FITS cannot compress 64-bit integers."""
    image = make_image(cls)
    path = str(tmp_path / "image.fits")
    options = CompressionOptions.from_mapping(LOSSLESS) if compressed else None
    image.writeFits(path, options=options)
    for read in (
        cls.readFits(path),
        cls(path),
        cls(fileName=path),
        cls.readFits(os.fspath(path), 1 if compressed else 0),
    ):
        assert_same(read, image)
    with FitsReader(path) as reader:
        assert len(reader) == 1 + compressed


def test_image_in_memory():
    image = make_image()
    manager = MemFileManager()
    image.writeFits(manager)
    assert_same(ImageF.readFits(manager), image)
    assert_same(ImageF(manager), image)


@pytest.mark.parametrize(
    "obj",
    [*(make_image(cls) for cls in CLASSES), make_masked_image(), make_masked_image(MaskedImageD)],
    ids=lambda obj: type(obj).__name__,
)
def test_pickle(obj):
    again = pickle.loads(pickle.dumps(obj))
    if hasattr(obj, "array"):
        assert_same(again, obj)
    else:
        assert_same_planes(again, obj)


def test_pickle_names_modules_of_the_stack():
    data = pickle.dumps([make_image(), Mask(BOX), make_masked_image()])
    for name in (
        b"lsst.afw.image._image",
        b"MaskX",
        b"lsst.afw.image._maskedImage",
        b"lsst.afw.fits._pickleFits",
    ):
        assert name in data


@pytest.mark.parametrize("compressed", [False, True])
def test_image_parts(tmp_path, compressed):
    image = make_image()
    path = str(tmp_path / "image.fits")
    image.writeFits(path, options=CompressionOptions.from_mapping(LOSSLESS) if compressed else None)
    assert_same(ImageF(path, bbox=PART), image[PART])
    local = PART.shiftedBy(-Extent2I(BOX.getMin()))
    assert_same(ImageF(path, bbox=local, origin=LOCAL), image[PART])
    assert_same(ImageF(path, bbox=Box2I()), image)
    assert_same(ImageF.readFitsWithOptions(path, {"bbox": PART}), image[PART])
    options = {"llcX": -1, "llcY": 6, "width": 3, "height": 2}
    assert_same(ImageF.readFitsWithOptions(path, options), image[PART])
    options = {"llcX": 2, "llcY": 1, "width": 3, "height": 2, "imageOrigin": "LOCAL"}
    assert_same(ImageF.readFitsWithOptions(path, options), image[PART])
    for box, origin in ((BOX, LOCAL), (BOX.dilatedBy(1), PARENT)):
        with pytest.raises(LengthError, match="does not fit"):
            ImageF(path, bbox=box, origin=origin)


def test_read_options_errors(tmp_path):
    path = str(tmp_path / "image.fits")
    make_image().writeFits(path)
    with pytest.raises(NotFoundError, match="lack llcY, height"):
        ImageF.readFitsWithOptions(path, {"llcX": 1, "width": 2})
    with pytest.raises(RuntimeError, match="SOMEWHERE"):
        ImageF.readFitsWithOptions(
            path, {"llcX": 1, "llcY": 1, "width": 2, "height": 1, "imageOrigin": "SOMEWHERE"}
        )


def test_write_options(tmp_path):
    image, path = make_image(), str(tmp_path / "image.fits")
    image.writeFitsWithOptions(path, {"image": LOSSLESS})
    with FitsReader(path) as reader:
        assert reader.hdu(1).is_compressed
    image.writeFits(path, CompressionOptions.from_mapping(LOSSLESS))
    with FitsReader(path) as reader:
        assert reader.hdu(1).is_compressed
    for options in (None, {"image": None}):
        image.writeFitsWithOptions(path, options)
        with FitsReader(path) as reader:
            assert len(reader) == 1
    mask = Mask(BOX)
    mask.writeFitsWithOptions(path, {"mask": LOSSLESS, "image": None})
    with FitsReader(path) as reader:
        assert reader.hdu(1).is_compressed
    mask.writeFitsWithOptions(path, {"image": None})
    with FitsReader(path) as reader:
        assert len(reader) == 1


def test_metadata(tmp_path):
    path = str(tmp_path / "image.fits")
    header = PropertyList()
    header.set("ANSWER", 42, "of everything")
    header.set("LIST", [1, 2, 3])
    make_image().writeFits(path, header)
    assert readMetadata(path).getComment("ANSWER") == "of everything"
    metadata = PropertyList()
    ImageF(path, metadata=metadata)
    assert metadata.getScalar("ANSWER") == 42
    assert list(metadata.getArray("LIST")) == [1, 2, 3]
    assert not metadata.exists("CRVAL1A")
    assert not metadata.exists("NAXIS1")
    assert header.names() == ["ANSWER", "LIST"]
    assert bboxFromMetadata(readMetadata(path)) == BOX
    plain = PropertySet()
    plain.set("SOMETHING", "else")
    make_image().writeFits(path, metadata=plain)
    assert readMetadata(path).getScalar("SOMETHING") == "else"


def test_append(tmp_path):
    path = str(tmp_path / "images.fits")
    first, second = make_image(), make_image(seed=2)
    first.writeFits(path)
    second.writeFits(path, mode="a")
    assert_same(ImageF(path, 0), first)
    assert_same(ImageF(path, 1), second)
    with FitsWriter(path) as writer:
        second.writeFits(writer)
        first.writeFits(writer)
    assert_same(ImageF.readFits(path, 1), first)


def test_image_reader(tmp_path):
    image, path = make_image(ImageU), str(tmp_path / "image.fits")
    image.writeFits(path)
    reader = ImageFitsReader(path)
    assert reader.fileName == reader.getFileName() == path
    assert reader.hdu == reader.getHdu() == 0
    assert reader.readBBox() == BOX
    assert reader.readBBox(LOCAL) == Box2I(Point2I(0, 0), Extent2I(7, 4))
    assert reader.readXY0() == Point2I(-3, 5)
    assert reader.readXY0(PART) == Point2I(-1, 6)
    assert reader.readXY0(Box2I(Point2I(2, 1), Extent2I(1, 1)), LOCAL) == Point2I(-1, 6)
    assert reader.readDType() == np.uint16
    assert_same(reader.read(), image)
    assert_same(reader.read(PART), image[PART])
    converted = reader.read(dtype=np.float64)
    assert type(converted) is ImageD
    np.testing.assert_array_equal(converted.array, image.array)
    np.testing.assert_array_equal(reader.readArray(PART, dtype=np.int32), image.array[PART_SLICES])


def test_unsafe_conversion(tmp_path):
    path = str(tmp_path / "image.fits")
    make_image(ImageD).writeFits(path)
    assert type(ImageF(path)) is ImageF
    with pytest.raises(FitsTypeError, match="float64, which does not fit into int32"):
        ImageI(path)
    np.testing.assert_array_equal(ImageI(path, allowUnsafe=True).array, make_image(ImageI).array)


@pytest.mark.parametrize(("stored", "cls"), [(np.uint8, ImageU), (np.int16, ImageI)])
def test_pixel_types_without_a_class(tmp_path, stored, cls):
    path = str(tmp_path / "image.fits")
    pixels = np.arange(12, dtype=stored).reshape(3, 4)
    with FitsWriter(path) as writer:
        writer.write_image(pixels)
    image = ImageFitsReader(path).read()
    assert type(image) is cls
    np.testing.assert_array_equal(image.array, pixels)


def test_missing_file_and_hdu(tmp_path):
    with pytest.raises(FitsError, match="nowhere"):
        ImageF(str(tmp_path / "nowhere.fits"))
    path = str(tmp_path / "image.fits")
    make_image().writeFits(path)
    with pytest.raises(FitsError, match="no HDU 4"):
        ImageF(path, 4)
    with pytest.raises(TypeError, match="cannot be made from object"):
        ImageF(object())
    with pytest.raises(TypeError, match="cannot be made from object"):
        MaskedImageF(object())


@settings(deadline=None, max_examples=25)
@given(st.integers(-(2**30), 2**30), st.integers(-(2**30), 2**30), st.integers(1, 9), st.integers(1, 9))
def test_any_origin(x0, y0, nx, ny):
    image = ImageF(Box2I(Point2I(x0, y0), Extent2I(nx, ny)), 3.0)
    assert_same(pickle.loads(pickle.dumps(image)), image)


def test_plane_functions(tmp_path):
    path = tmp_path / "plane.fits"
    array = np.arange(28, dtype=np.float32).reshape(4, 7)
    cards = PropertyList()
    cards.set("KEY", "value")
    with FitsWriter(path) as writer:
        writer.write_image(None)
        write_plane(writer, array, BOX.getMin(), exttype="IMAGE", metadata=cards)
    with FitsReader(path) as reader:
        assert reader.find("IMAGE") == 1
        image = ImageFitsReader(reader, 1).read(PART)
        assert image.getBBox() == PART
        np.testing.assert_array_equal(image.array, array[PART_SLICES])
        assert reader.header(1).getOrderedNames() == ["KEY", "INHERIT", "EXTTYPE", "EXTNAME"]


# ---- masks


def test_mask_round_trip(tmp_path):
    path = str(tmp_path / "mask.fits")
    mask = Mask(BOX)
    mask.array = np.random.default_rng(3).integers(0, 1 << 11, (4, 7)).astype(np.int32)
    mask.writeFits(path)
    assert_same(Mask.readFits(path), mask)
    assert_same(Mask(path, bbox=PART), mask[PART])
    metadata = PropertyList()
    Mask(path, metadata=metadata)
    assert Mask.parseMaskPlaneMetadata(metadata) == mask.getMaskPlaneDict()
    Mask(path).writeFits(str(tmp_path / "again.fits"), metadata)
    assert (tmp_path / "again.fits").read_bytes() == (tmp_path / "mask.fits").read_bytes()
    assert readMetadata(path).getScalar("MP_NO_DATA") == 8
    assert Mask.parseMaskPlaneMetadata(readMetadata(path)) == mask.getMaskPlaneDict()
    header = PropertyList()
    mask.addMaskPlanesToMetadata(header)
    assert header.getScalar("MP_EDGE") == 4


def write_foreign_mask(path):
    foreign = {"SAT": 0, "BAD": 1, "ALIEN": 2, "CR": 3}
    mask = Mask(Box2I(Point2I(2, 3), Extent2I(4, 1)), planeDefs=foreign)
    mask.array = np.array([[1, 2, 4, 8]], np.int32)
    mask.writeFits(path)
    return foreign


def test_read_mask_moves_bits(tmp_path):
    path = str(tmp_path / "mask.fits")
    write_foreign_mask(path)
    mask = Mask.readFits(path)
    np.testing.assert_array_equal(mask.array, [[2, 1, 2048, 8]])
    assert Mask.getMaskPlane("ALIEN") == 11
    assert mask.getMaskPlaneDict()["ALIEN"] == 11
    mask |= Mask(4, 1)


def test_read_mask_adopting_its_planes(tmp_path):
    path = str(tmp_path / "mask.fits")
    foreign = write_foreign_mask(path)
    older = Mask(4, 1)
    mask = Mask(path, conformMasks=True)
    np.testing.assert_array_equal(mask.array, [[1, 2, 4, 8]])
    assert mask.getMaskPlaneDict() == Mask(1, 1).getMaskPlaneDict() == foreign
    assert older.getMaskPlaneDict() != foreign


def test_mask_reader(tmp_path):
    path = str(tmp_path / "mask.fits")
    foreign = write_foreign_mask(path)
    reader = MaskFitsReader(path)
    assert reader.readMaskPlanes() == foreign
    assert reader.readDType() == np.int32
    np.testing.assert_array_equal(reader.readArray(), [[1, 2, 4, 8]])
    np.testing.assert_array_equal(reader.read().array, [[2, 1, 2048, 8]])
    make_image(ImageD).writeFits(path)
    with pytest.raises(FitsTypeError, match="float64"):
        Mask(path)


# ---- masked images


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("cls", [MaskedImageF, MaskedImageD])
def test_masked_image_round_trip(tmp_path, cls, compressed):
    masked_image = make_masked_image(cls)
    path = str(tmp_path / "masked_image.fits")
    options = {"image": LOSSLESS, "mask": LOSSLESS, "variance": None} if compressed else None
    masked_image.writeFitsWithOptions(path, options)
    assert_same_planes(cls.readFits(path), masked_image)
    assert_same_planes(cls(path, bbox=PART), masked_image[PART])
    assert_same_planes(cls.readFitsWithOptions(path, {"bbox": PART}), masked_image[PART])
    manager = MemFileManager()
    masked_image.writeFits(manager)
    assert_same_planes(cls(manager), masked_image)


def test_masked_image_compressed_by_position(tmp_path):
    path = str(tmp_path / "masked_image.fits")
    lossless = CompressionOptions.from_mapping(LOSSLESS)
    header = PropertyList()
    header.set("NUMBER", 3)
    make_masked_image().writeFits(path, lossless, None, lossless, header)
    with FitsReader(path) as reader:
        assert [reader.hdu(hdu).is_compressed for hdu in range(4)] == [False, True, False, True]
        assert reader.header(0).getScalar("NUMBER") == 3
    assert_same_planes(MaskedImageF(path), make_masked_image())


def test_lossy_compression_leaves_masked_pixels_out(tmp_path):
    """The step of the quantisation follows the noise of good pixels, not the bad ones."""
    rng = np.random.default_rng(11)
    masked_image = MaskedImageF(Extent2I(200, 40))
    masked_image.image.array = rng.normal(0, 1, (40, 200)).astype(np.float32)
    masked_image.image.array[:, ::3] = rng.normal(0, 1e4, (40, 67)).astype(np.float32)
    masked_image.mask.array[:, ::3] = Mask.getPlaneBitMask("BAD")
    quantization = {
        "dither": "SUBTRACTIVE_DITHER_2",
        "scaling": "STDEV_MASKED",
        "mask_planes": ["BAD"],
        "level": 16.0,
    }
    recipe = {"algorithm": "RICE_1", "tile_height": 0, "quantization": {**quantization, "seed": 1}}
    path = str(tmp_path / "lossy.fits")
    masked_image.writeFitsWithOptions(path, {"image": recipe, "mask": LOSSLESS, "variance": LOSSLESS})
    read = MaskedImageF(path)
    assert_same(read.mask, masked_image.mask)
    error = np.abs(read.image.array - masked_image.image.array)[:, 1::3]
    assert 0 < error.max() < 1 / 16
    masked_image.image.writeFits(path, CompressionOptions.from_mapping(recipe), mask=masked_image.mask)
    np.testing.assert_array_equal(ImageF(path).array, read.image.array)


def test_masked_image_metadata(tmp_path):
    path = str(tmp_path / "masked_image.fits")
    headers = []
    for value in range(4):
        headers.append(PropertyList())
        headers[-1].set("NUMBER", value)
    make_masked_image().writeFits(path, *headers)
    read = [PropertyList() for _ in range(4)]
    names = ("metadata", "imageMetadata", "maskMetadata", "varianceMetadata")
    MaskedImageF(path, **dict(zip(names, read, strict=True)))
    assert [header.getScalar("NUMBER") for header in read] == [0, 1, 2, 3]
    assert not any(header.exists("EXTTYPE") for header in read)
    make_masked_image().writeFits(path, header=headers[3])
    assert readMetadata(path, 0).getScalar("NUMBER") == 3


def test_masked_image_reader(tmp_path):
    path = str(tmp_path / "masked_image.fits")
    masked_image = make_masked_image(MaskedImageD)
    masked_image.writeFits(path)
    reader = MaskedImageFitsReader(path)
    assert reader.fileName == path
    assert reader.readBBox() == BOX
    assert reader.readXY0() == BOX.getMin()
    assert reader.readImageDType() == np.float64
    assert reader.readMaskDType() == np.int32
    assert reader.readVarianceDType() == np.float32
    assert_same(reader.readImage(), masked_image.image)
    assert_same(reader.readMask(PART), masked_image.mask[PART])
    assert_same(reader.readVariance(), masked_image.variance)
    for name in ("Image", "Mask", "Variance"):
        expected = getattr(masked_image, name.lower()).array
        np.testing.assert_array_equal(getattr(reader, f"read{name}Array")(), expected)
        assert getattr(reader, f"read{name}Metadata")().getScalar("EXTNAME") == name.upper()
    assert_same_planes(reader.read(), masked_image)
    assert_same_planes(reader.read(dtype=np.float32), masked_image.convertF())


def test_masked_image_with_planes_missing(tmp_path, caplog):
    path = str(tmp_path / "partial.fits")
    masked_image = make_masked_image()
    with FitsWriter(path) as writer:
        writer.write_image(None)
        write_plane(writer, masked_image.image.array, BOX.getMin(), exttype="IMAGE")
    with caplog.at_level(logging.WARNING, "lsst.afw.image"):
        read = MaskedImageF(path)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert_same(read.image, masked_image.image)
    assert not read.mask.array.any()
    assert read.variance.getBBox() == BOX
    with pytest.raises(FitsError, match="The mask cannot be read: there is no image in HDU 2"):
        MaskedImageF(path, needAllHdus=True)
    with pytest.raises(InvalidParameterError, match="'IMAGE' by EXTTYPE, expected 'MASK'"):
        MaskedImageFitsReader(path, 0).readMaskMetadata()


@pytest.mark.parametrize("hdu", [2, 3])
@pytest.mark.parametrize("compression", [None, {"algorithm": "GZIP_2"}])
def test_damaged_planes_are_not_taken_for_missing_ones(tmp_path, hdu, compression):
    path = tmp_path / "damaged.fits"
    options = compression and dict.fromkeys(("image", "mask", "variance"), compression)
    make_masked_image().writeFitsWithOptions(str(path), options)
    whole = path.read_bytes()
    header = [i for i in range(0, len(whole), 2880) if whole.startswith(b"XTENSION", i)][hdu - 1]
    axis = whole.index(b"NAXIS1  =", header)
    for damaged, message in (
        (whole[: whole.index(b"END     ", header) // 2880 * 2880 + 2900], "truncated"),
        (whole[:axis] + b"NAXIS1  =                   -7" + whole[axis + 30 :], "negative"),
    ):
        path.write_bytes(damaged)
        with pytest.raises(FitsError, match=rf"damaged.fits\[{hdu}\]: .*{message}"):
            MaskedImageF(str(path))


# ---- decorated images


def test_decorated_image(tmp_path):
    path = str(tmp_path / "decorated.fits")
    decorated = DecoratedImageF(make_image())
    decorated.getMetadata().set("KEY", 5)
    decorated.writeFits(path)
    read = DecoratedImage["F"](path)
    assert isinstance(read, DecoratedImage)
    assert_same(read.image, decorated.getImage())
    assert read.getMetadata().getScalar("KEY") == 5
    copied = DecoratedImageF(read, True)
    read.setMetadata(PropertyList())
    assert copied.getMetadata().getScalar("KEY") == 5
    assert copied.getBBox() == BOX
    assert DecoratedImageF(BOX).getDimensions() == Extent2I(7, 4)
    copied.swap(read)
    assert read.getMetadata().getScalar("KEY") == 5
    with pytest.raises(TypeError, match="ImageF, or the name"):
        DecoratedImageF(make_image(ImageD))


# ---- files of the compiled stack


@pytest.fixture
def expected(golden_dir):
    with np.load(golden_dir / "files" / "expected.npz") as data:
        arrays = {name: data[name] for name in data.files}
    return arrays, json.loads((golden_dir / "files" / "expected.json").read_text())


def test_golden_planes(golden_dir, expected):
    """The plain files hold the planes of the plain exposure, and the mask plane that was added after it."""
    arrays, facts = expected
    files = golden_dir / "files"
    masked_image = MaskedImageF(str(files / "masked_image.fits"))
    for name in ("image", "variance"):
        np.testing.assert_array_equal(
            getattr(masked_image, name).array, arrays[f"exposure_plain.fits:{name}"]
        )
    mask = masked_image.mask
    np.testing.assert_array_equal(mask.array & ~(1 << 11), arrays["exposure_plain.fits:mask"])
    x0, y0, nx, ny = facts["exposure_sub.fits"]["bbox"]
    part = mask[x0 : x0 + nx, y0 : y0 + ny]
    np.testing.assert_array_equal(part.array, arrays["exposure_sub.fits:mask"])
    assert (part.array & (1 << 11)).any()
    assert_same(ImageF(str(files / "image.fits")), masked_image.image)
    assert_same(Mask(str(files / "mask.fits")), masked_image.mask)
    assert Mask.getMaskPlane("GOLDEN_PLANE") == 11
    assert masked_image.getBBox() == Box2I(Point2I(0, 0), Extent2I(160, 120))


@pytest.mark.parametrize("name", ["plain", "gzip", "rice", "sub"])
def test_golden_exposure_planes(expected, golden_dir, name):
    arrays, facts = expected
    name = f"exposure_{name}.fits"
    x0, y0, nx, ny = facts[name]["bbox"]
    reader = MaskedImageFitsReader(str(golden_dir / "files" / name))
    assert reader.readBBox() == Box2I(Point2I(x0, y0), Extent2I(nx, ny))
    masked_image = reader.read()
    for plane in ("image", "mask", "variance"):
        np.testing.assert_array_equal(getattr(masked_image, plane).array, arrays[f"{name}:{plane}"])
    assert facts[name]["maskPlanes"].items() <= masked_image.mask.getMaskPlaneDict().items()
    part = Box2I(Point2I(x0 + 5, y0 + 7), Extent2I(13, 11))
    assert_same_planes(reader.read(part), masked_image[part])


def cards(reader, hdu):
    """Cards of an HDU, as they are on disk."""
    return [(card.key, card.value, card.comment) for card in reader.hdu(hdu).cards]


@pytest.mark.parametrize("name", ["image.fits", "masked_image.fits"])
def test_golden_headers(golden_dir, tmp_path, name):
    """What we write has the cards that the compiled stack writes, in its order."""
    source = str(golden_dir / "files" / name)
    again = str(tmp_path / name)
    (ImageF if name == "image.fits" else MaskedImageF)(source).writeFits(again)
    with FitsReader(source) as theirs, FitsReader(again) as ours:
        assert len(theirs) == len(ours)
        for hdu in range(len(ours)):
            assert cards(ours, hdu) == cards(theirs, hdu)


def test_golden_mask_header(golden_dir, tmp_path):
    source = str(golden_dir / "files" / "mask.fits")
    again = str(tmp_path / "mask.fits")
    Mask(source).writeFits(again)
    with FitsReader(source) as theirs, FitsReader(again) as ours:
        assert {card[:2] for card in cards(theirs, 0)} == {card[:2] for card in cards(ours, 0)}


def test_golden_pickled_images(golden_dir):
    """An image as it lies in a pickle of the compiled stack."""
    data = (golden_dir / "files" / "focal_plane_background.pickle").read_bytes()
    start = data.index(b"SIMPLE  =")
    image = ImageF.readFits(MemFileManager(data[start : start + 8640]))
    assert image.getDimensions() == Extent2I(14, 8)


@pytest.mark.parametrize(
    "name", ["HSC-0908120-056-small", "calexp", "exposure-noversion", "exposure-version-1"]
)
def test_real_exposures(real_dir, name):
    """Exposures of several ages; bits of the mask go where this process has the planes."""
    path = str(real_dir / "exposures" / f"{name}.fits")
    reader = MaskedImageFitsReader(path)
    masked_image = reader.read(needAllHdus=True)
    assert np.isfinite(masked_image.image.array).any()
    with FitsReader(path) as file:
        stored = file.read_image(2).astype(np.int64)
        file_planes = Mask.parseMaskPlaneMetadata(file.header(2))
    assert file_planes
    planes = masked_image.mask.getMaskPlaneDict()
    for plane, bit in file_planes.items():
        np.testing.assert_array_equal((masked_image.mask.array >> planes[plane]) & 1, (stored >> bit) & 1)
    if name.startswith("HSC"):
        assert masked_image.getXY0() == Point2I(100, 100)


def test_gain_of_a_decorated_image():
    """It is kept beside the image, not in files."""
    decorated = DecoratedImageF(Extent2I(3, 2))
    assert decorated.getGain() == 0.0
    decorated.setGain(1.5)
    assert decorated.getGain() == 1.5


def test_infinite_pixels_stay(tmp_path):
    image = ImageF(Extent2I(3, 1))
    image.array[:] = [[np.inf, -np.inf, np.nan]]
    image.writeFits(str(tmp_path / "image.fits"))
    np.testing.assert_array_equal(ImageF(str(tmp_path / "image.fits")).array, image.array)
