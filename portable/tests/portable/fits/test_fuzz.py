"""Files changed at random: what comes of them is an object or one FitsError, and never anything else."""

import contextlib
import logging
import os
import pathlib
import resource
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsst.afw.cameraGeom import Camera
from lsst.afw.fits import FitsError, MemFileManager
from lsst.afw.image import ExposureF, ImageF, MaskX
from lsst.afw.math import BackgroundList
from lsst.portable.archive import InputArchive
from lsst.portable.fits import FitsReader

READERS = {
    "exposure_plain": ExposureF,
    "exposure_gzip": ExposureF,
    "exposure_rice": ExposureF,
    "exposure_sub": ExposureF,
    "image": ImageF,
    "mask": MaskX,
    "background_two": BackgroundList,
    "camera": Camera,
}
VALUES = [
    "0", "1", "-1", "2147483647", "2147483648", "99999999999", "999999999999999999", "1e300", "NaN", "T", "F",
    "", "'abc'", "''", "(1,2)", "'1PB(99999999)'", "'0J'", "'99999999X'", "'1QB(3)'", "'9999A'", "'RICE_1'",
    "'HCOMPRESS_1'", "'PLIO_1'", "'GZIP_1'", "'NOCOMPRESS'",
]  # fmt: skip
WORDS = [b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\1", b"\x7f\xc0\0\0"]


class Files(dict):
    """Bytes of each file, and where its headers and its data are."""

    def __repr__(self):
        return "Files()"  # hypothesis prints what it calls a test with


@pytest.fixture(scope="module")
def files(golden_dir):
    found = Files()
    for name in READERS:
        data = (golden_dir / f"files/{name}.fits").read_bytes()
        with FitsReader(data) as reader:
            hdus = [reader.hdu(i) for i in range(len(reader))]
        found[name] = data, [(hdu.header_start, hdu.data_start, hdu.data_size) for hdu in hdus]
    return found


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


#: What to do, in which HDU, where in it (as a fraction), and with which of the values.
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["byte", "card", "digit", "word", "cut", "drop"]),
        st.integers(0, 40),
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=4,
)


def changed(data, spans, changes):
    """The file with changes."""
    result = bytearray(data)
    for kind, hdu, fraction, value in changes:
        header, start, size = spans[hdu % len(spans)]
        if kind == "byte":
            result[int(fraction * len(result))] = value
        elif kind == "card":
            cards = [pos for pos in range(header, start, 80) if data[pos + 8 : pos + 10] == b"= "]
            pos = cards[int(fraction * len(cards))]
            text = VALUES[value % len(VALUES)].rjust(20).ljust(70)
            result[pos + 10 : pos + 80] = text.encode()
        elif kind == "digit":
            result[header + int(fraction * (start - header))] = b"0123456789 ATF'=-&/XEJPQ"[value % 24]
        elif kind == "word" and size >= 8:
            pos = start + 4 * int(fraction * min(size // 4 - 1, 1000))
            result[pos : pos + 4] = WORDS[value % len(WORDS)]
        elif kind in ("cut", "drop"):  # these move what follows, so they come alone
            pos = int(fraction * len(result))
            return bytes(result[:pos]) + (b"" if kind == "cut" else data[pos + value + 1 :])
    return bytes(result)


def read_parts(data):
    """Every header, image, table and object, each by itself."""
    with contextlib.suppress(FitsError), FitsReader(data) as reader:
        for number in range(len(reader)):
            hdu = reader.hdu(number)
            reader.header(number, strip=False)
            with contextlib.suppress(FitsError):
                if hdu.get("EXTTYPE") == "ARCHIVE_INDEX":
                    read_objects(InputArchive.read(reader, number))
                elif hdu.is_compressed or not hdu.is_table:
                    reader.read_image(number)
                else:
                    reader.read_table(number)


def read_objects(archive):
    for number in archive.ids():
        with contextlib.suppress(FitsError):
            found = archive.get(number)
            if hasattr(found, "getAmplifiers"):
                found.getAmplifiers()


def read_whole(cls, data):
    with contextlib.suppress(FitsError):
        found = cls.readFits(MemFileManager(data))
        if isinstance(found, ExposureF):
            for plane in (found.image, found.mask, found.variance):
                assert plane.array.shape == (found.getHeight(), found.getWidth())


def fuzz(files, name, changes):
    data = changed(*files[name], changes)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read_parts(data)
    read_whole(READERS[name], data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


BOUNDED = {"deadline": 10_000, "suppress_health_check": list(HealthCheck), "derandomize": True}


@settings(max_examples=60, **BOUNDED)
@given(name=st.sampled_from(sorted(READERS)), changes=CHANGES)
def test_some_damage(files, name, changes):
    fuzz(files, name, changes)


@pytest.mark.slow
@settings(max_examples=6000, **BOUNDED)
@given(name=st.sampled_from(sorted(READERS)), changes=CHANGES)
def test_much_damage(files, name, changes):
    fuzz(files, name, changes)


@pytest.mark.parametrize("count", [150, pytest.param(20_000, marks=pytest.mark.slow)])
def test_changed_files_do_not_end_the_process(golden_dir, count):
    """Exposures, cameras, backgrounds, tables, images of every codec; with other seeds by ``FIRST_SEED``."""
    script = pathlib.Path(__file__).parents[2] / "_support" / "fuzz_reads.py"
    first = int(os.environ.get("FIRST_SEED", "0"))
    code = f"import sys; sys.path[:0] = {[str(script.parent), *sys.path]!r}; import fuzz_reads as f; f.run()"
    command = [sys.executable, "-c", code, str(golden_dir / "files"), str(first), str(count)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=3000)
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout.split("\n") == [f"{count} files", ""]


def test_object_of_another_class(golden_dir, monkeypatch):
    """The seed whose file has another object in the place of the detector."""
    monkeypatch.setenv("FIRST_SEED", "3882")
    test_changed_files_do_not_end_the_process(golden_dir, 1)
