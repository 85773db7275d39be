# SPDX-License-Identifier: GPL-3.0-or-later
"""A variance is read when it is first asked for, and nobody can tell it from one that was read at once."""

import copy
import os
import pickle
import threading
import weakref

import numpy as np
import pytest

from lsst.afw.fits import CompressionOptions, FitsError, MemFileManager
from lsst.afw.image import ExposureD, ExposureF, ImageF, MaskedImageF
from lsst.afw.image._pending import PendingPixels
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.portable.fits import FitsReader, _later, _reader

GZIP = {f"{plane}Options": CompressionOptions.from_mapping({"algorithm": "GZIP_2"}) for plane in
        ("image", "mask", "variance")}  # fmt: skip
BOX = Box2I(Point2I(-5, 12), Extent2I(53, 37))
VARIANCE_HDU = 3


@pytest.fixture
def planes():
    """Image, mask and variance."""
    rng = np.random.default_rng(11)
    shape = (BOX.getHeight(), BOX.getWidth())
    return rng.normal(size=shape).astype("f4"), rng.integers(0, 8, shape, "i4"), rng.random(shape, "f4")


@pytest.fixture(params=["held open", "copied"])
def path(planes, tmp_path, request, monkeypatch):
    """File with the planes, compressed; whether it counts as large."""
    monkeypatch.setattr(_reader, "_LARGE", 0 if request.param == "held open" else 1 << 40)
    exposure = ExposureF(BOX)
    exposure.image.array, exposure.mask.array, exposure.variance.array = planes
    exposure.writeFits(tmp_path / "exposure.fits", **GZIP)
    return tmp_path / "exposure.fits"


@pytest.fixture
def reads(monkeypatch):
    """Shapes of the images that are decompressed from now on."""
    seen = []

    def spy(function):
        def call(*args, **kwargs):
            array = function(*args, **kwargs)
            seen.append(array.dtype.name)
            return array

        return call

    for cls, name in ((FitsReader, "read_image"), (_later.LaterImage, "read")):
        monkeypatch.setattr(cls, name, spy(getattr(cls, name)))
    return seen


def same(exposure, planes):
    maskedImage = getattr(exposure, "maskedImage", exposure)
    for actual, expected in zip(maskedImage.getArrays(), planes, strict=True):
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("cls", [ExposureF, MaskedImageF])
def test_variance_is_read_once_when_asked_for(cls, path, planes, reads):
    found = cls(str(path))
    assert reads == ["float32", "int32"]
    assert found.variance.getBBox() == BOX == found.getBBox()
    assert len(reads) == 2
    assert found.variance.array is found.variance.array
    assert len(reads) == 3
    same(found, planes)
    assert len(reads) == 3


def test_work_on_image_and_mask_leaves_the_variance_alone(path, planes, reads):
    exposure = ExposureF(str(path))
    exposure.maskedImage -= 3.0
    exposure.mask |= 4
    exposure.setXY0(Point2I(7, 8))
    assert exposure.variance.getXY0() == Point2I(7, 8)
    assert len(reads) == 2
    np.testing.assert_array_equal(exposure.variance.array, planes[2])


def test_scaling_waits_until_the_variance_is_read(path, planes, reads):
    expected = MaskedImageF(str(path))
    expected.variance.getArray()
    exposure = ExposureF(str(path))
    del reads[:]
    for maskedImage in (expected, exposure.maskedImage):
        maskedImage /= 3.0
        maskedImage *= 7.0
        maskedImage.variance += 0.5
    assert not reads
    same(exposure, expected.getArrays())
    assert reads == ["float32"]
    exposure.variance *= 2.0
    np.testing.assert_array_equal(exposure.variance.array, 2 * expected.variance.array)


def test_scaling_a_part_waits_and_reaches_the_whole(path, planes, reads):
    exposure = ExposureF(str(path))
    part = exposure[Box2I(Point2I(0, 20), Extent2I(9, 5))].variance
    copied = ExposureF(exposure, False).variance
    copied *= 2.0
    part += 1.0
    copied *= 3.0
    assert len(reads) == 2
    expected = planes[2] * np.float32(2)
    expected[8:13, 5:14] += 1
    expected *= np.float32(3)
    for variance in (exposure.variance, copied):
        np.testing.assert_array_equal(variance.array, expected)
    np.testing.assert_array_equal(part.array, expected[8:13, 5:14])
    part *= 0.0
    assert (exposure.variance.array == 0).sum() == part.array.size


def test_arithmetic_with_an_image_takes_its_pixels_of_the_moment(path, planes):
    exposure = ExposureF(str(path))
    other = ImageF(exposure.variance, True)
    exposure = ExposureF(str(path))
    exposure.variance += other
    other.set(0)
    np.testing.assert_array_equal(exposure.variance.array, 2 * planes[2])


def test_the_file_may_be_deleted_or_replaced(path, planes):
    exposures = [ExposureF(str(path)) for _ in range(2)]
    other = path.with_name("other")
    other.write_bytes(bytes(2880))
    other.replace(path)
    same(exposures[0], planes)
    path.unlink()
    same(exposures[1], planes)


@pytest.mark.parametrize("change", ["truncated", "written over"])
def test_a_file_that_is_changed_in_place_is_noticed(path, planes, change):
    exposure = ExposureF(str(path))
    copied = _reader._LARGE > 0
    size = path.stat().st_size
    with open(path, "r+b") as stream:  # the same file: what maps it would see this, or crash
        stream.truncate(2880)
        if change == "written over":
            stream.truncate(size)
    os.utime(path, ns=(0, 12345))
    if copied:
        same(exposure, planes)
        return
    for _ in range(2):
        with pytest.raises(FitsError, match=r"exposure\.fits: the file was changed in place"):
            exposure.variance.getArray()
    np.testing.assert_array_equal(exposure.image.array, planes[0])


def open_files():
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no list of open files on this system")
def test_no_file_stays_open_that_nobody_needs(path):
    ExposureF(str(path))
    before = open_files()
    exposures = [ExposureF(str(path)) for _ in range(3)]
    assert open_files() == before + (0 if _reader._LARGE else 3)
    exposures[0].variance.getArray()
    ExposureF(exposures[1], True)
    del exposures[2]
    assert open_files() == before


def test_too_many_open_files_are_no_reason_to_fail(path, planes, monkeypatch):
    def fail(descriptor):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(_later.os, "dup", fail)
    exposure = ExposureF(str(path))
    path.unlink()
    same(exposure, planes)


def test_file_in_memory_and_double_precision(path, planes):
    same(ExposureD(MemFileManager(path.read_bytes())), planes)


def test_the_file_may_be_written_again_from_what_was_read_of_it(path, planes, reads):
    ExposureF(str(path)).writeFits(path, **GZIP)
    assert len(reads) == 3
    same(ExposureF(str(path)), planes)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e)), lambda e: ExposureF(e, True)]
)
def test_copies(copied, path, planes):
    exposure = ExposureF(str(path))
    other = copied(exposure)
    other.variance.array[...] = -1
    same(exposure, planes)


def test_shallow_copies_share_what_will_be_read(path, planes, reads):
    exposure = ExposureF(str(path))
    other = ExposureF(exposure, False)
    variance = exposure.variance
    del exposure
    other.variance.array[3, 4] = 99
    assert len(reads) == 3
    assert variance.array[3, 4] == 99
    assert variance.array is other.variance.array


def test_parts_taken_before_are_views(path, planes, reads):
    exposure = ExposureF(str(path))
    box = Box2I(Point2I(0, 20), Extent2I(9, 5))
    part = exposure[box][box.erodedBy(1)]
    assert len(reads) == 2
    np.testing.assert_array_equal(part.variance.array, planes[2][9:12, 6:13])
    part.variance.array[...] = 7
    assert len(reads) == 3
    assert (exposure.variance.array == 7).sum() == 21
    assert np.shares_memory(part.variance.array, exposure.variance.array)


def test_parts_of_a_file_are_read_at_once(path, planes, reads):
    part = ExposureF(str(path), Box2I(Point2I(0, 20), Extent2I(9, 5)))
    assert len(reads) == 3
    np.testing.assert_array_equal(part.variance.array, planes[2][8:13, 5:14])


def test_assignment_and_replacement(path, planes):
    exposure = ExposureF(str(path))
    exposure.variance.array = np.ones_like(planes[2])
    assert (exposure.variance.array == 1).all()
    exposure = ExposureF(str(path))
    exposure.variance = exposure.image
    assert exposure.variance is exposure.image


def test_threads_get_the_same_array(path, reads):
    exposure = ExposureF(str(path))
    found = []
    threads = [threading.Thread(target=lambda: found.append(exposure.variance.array)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(array is found[0] for array in found)
    assert len(reads) == 3


def test_a_damaged_tile_shows_when_it_is_read(path, planes):
    with FitsReader(path) as reader:
        hdu = reader.hdu(VARIANCE_HDU)
    raw = bytearray(path.read_bytes())
    middle = hdu.data_start + hdu.data_size // 2
    raw[middle : middle + 200] = bytes(200)
    path.write_bytes(raw)
    exposure = ExposureF(str(path))
    np.testing.assert_array_equal(exposure.image.array, planes[0])
    for _ in range(2):
        with pytest.raises(FitsError, match=r"exposure\.fits\[3\]: tile"):
            exposure.variance.getArray()


def test_a_truncated_variance_shows_at_once(path):
    with FitsReader(path) as reader:
        hdu = reader.hdu(VARIANCE_HDU)
    raw = path.read_bytes()[: hdu.data_start + hdu.data_size - 3]
    with pytest.raises(FitsError, match=r"truncated"), FitsReader(raw) as reader:
        reader.read_image_later(VARIANCE_HDU)


def test_pending_pixels_let_go_of_their_source():
    source = np.arange(6.0).reshape(2, 3)
    pending = PendingPixels(source.shape, lambda source=source: source.copy())
    part = pending.part(slice(0, 1), slice(1, 3))
    alive = weakref.ref(source)
    del source
    assert alive() is not None  # until somebody has asked
    np.testing.assert_array_equal(part.get(), [[1.0, 2.0]])
    assert alive() is None
    assert pending.get() is pending.get()
