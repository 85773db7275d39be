"""Reading by component and by box: what was not asked for may be garbage, for it is not looked at."""

import numpy as np
import pytest

from lsst.afw.fits import MemFileManager
from lsst.afw.image import ExposureF, ExposureFitsReader, ImageF, MaskX
from lsst.geom import Box2I, Extent2I
from lsst.portable.fits import FitsReader

GOLDEN = ["exposure_plain", "exposure_gzip", "exposure_rice", "exposure_sub"]
REAL = [
    "HSC-0908120-056-small",
    "calexp",
    "exposure-noversion",
    "exposure-version-1",
    "exposure-version-2",
]
PLANES = {"image": 1, "mask": 2, "variance": 3}


@pytest.fixture(params=[*GOLDEN, *(pytest.param(name, marks=pytest.mark.shared) for name in REAL)])
def path(request, golden_dir):
    if request.param in GOLDEN:
        return golden_dir / f"files/{request.param}.fits"
    return request.getfixturevalue("real_dir") / f"exposures/{request.param}.fits"


def garbled(path, keep=()):
    """The file with garbage for the data of all HDUs but some."""
    data = bytearray(path.read_bytes())
    with FitsReader(bytes(data)) as reader:
        for number in range(len(reader)):
            hdu = reader.hdu(number)
            if number not in keep:
                data[hdu.data_start : hdu.data_start + hdu.data_size] = b"\xa5" * hdu.data_size
    return ExposureFitsReader(MemFileManager(bytes(data)))


@pytest.mark.parametrize("plane", PLANES)
def test_a_plane(path, plane):
    name = f"read{plane.capitalize()}"
    expected = getattr(ExposureFitsReader(str(path)), name)()
    found = getattr(garbled(path, {PLANES[plane]}), name)()
    np.testing.assert_array_equal(found.array, expected.array)
    assert found.getXY0() == expected.getXY0()


def test_what_the_header_has(path):
    expected, found = ExposureFitsReader(str(path)), garbled(path)
    assert found.readBBox() == expected.readBBox()
    assert found.readXY0() == expected.readXY0()
    assert found.readMetadata().toDict() == expected.readMetadata().toDict()
    assert found.readVisitInfo() == expected.readVisitInfo()
    assert found.readExposureId() == expected.readExposureId()
    assert found.readImageDType() == expected.readImageDType()
    assert found.readSerializationVersion() == expected.readSerializationVersion()


def test_components(path):
    expected = ExposureFitsReader(str(path))
    with FitsReader(path) as reader:
        tables = set(range(4, len(reader)))
    found = garbled(path, tables)
    assert found.readFilter() == expected.readFilter()
    for name in ("Detector", "PhotoCalib", "Wcs", "Psf", "SummaryStats", "ValidPolygon", "ApCorrMap"):
        one, other = (getattr(reader, f"read{name}")() for reader in (found, expected))
        assert type(one) is type(other)
    if expected.readDetector() is not None:
        assert found.readDetector().getName() == expected.readDetector().getName()


def rows_only(path, first, last):
    """The file with garbage for all rows of pixels outside of a range."""
    data = bytearray(path.read_bytes())
    with FitsReader(bytes(data)) as reader:
        for number in PLANES.values():
            hdu = reader.hdu(number)
            ny, nx = reader.image_shape(number)
            if not hdu.is_compressed:
                width = nx * reader.hdu(number).stored_dtype().itemsize
                spans = [(row * width, width) for row in range(ny)]
            else:
                assert hdu.get("ZTILE2") in (None, 1)
                heap, step = hdu.get_int("THEAP", hdu.get_int("NAXIS1") * ny), hdu.get_int("NAXIS1")
                table = np.frombuffer(bytes(data), np.uint8, step * ny, hdu.data_start).reshape(ny, step)
                form = str(hdu.get("TFORM1"))
                size, kind = (16, ">i8") if "Q" in form else (8, ">i4")
                cells = np.ascontiguousarray(table[:, :size]).view(kind)
                spans = [(heap + int(offset), int(length)) for length, offset in cells]
            for row, (offset, length) in enumerate(spans):
                if not first <= row < last:
                    start = hdu.data_start + offset
                    data[start : start + length] = b"\xa5" * length
    return bytes(data)


def test_a_box(path):
    whole = ExposureF.readFits(str(path))
    box = whole.getBBox()
    if min(box.getWidth(), box.getHeight()) < 9:
        pytest.skip("this one has hardly any pixels")
    part = Box2I(box.getMin() + Extent2I(3, 2), Extent2I(box.getWidth() - 5, box.getHeight() // 2))
    data = rows_only(path, 2, 2 + part.getHeight())
    reader = ExposureFitsReader(MemFileManager(data))
    found = reader.read(bbox=part)
    assert found.getBBox() == part
    for plane in PLANES:
        expected = getattr(whole[part], plane).array
        np.testing.assert_array_equal(getattr(found, plane).array, expected)
        alone = getattr(reader, f"read{plane.capitalize()}")(bbox=part)
        np.testing.assert_array_equal(alone.array, expected)


@pytest.mark.parametrize(("name", "cls"), [("image", ImageF), ("mask", MaskX)])
def test_single_planes_by_box(golden_dir, name, cls):
    path = golden_dir / f"files/{name}.fits"
    whole = cls.readFits(str(path))
    part = Box2I(whole.getBBox().getMin() + Extent2I(5, 7), Extent2I(20, 11))
    data = path.read_bytes()
    with FitsReader(data) as reader:
        hdu = reader.hdu(0)
        row = whole.getWidth() * 4
        end = hdu.data_start + 18 * row
    found = cls(MemFileManager(data[:end]), bbox=part)  # nothing but the rows up to the last one asked for
    np.testing.assert_array_equal(found.array, whole[part].array)
