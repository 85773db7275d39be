"""Streams of astropy's codecs that are damaged: an exception, and never the end of the process."""

import concurrent.futures
import io
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits

from lsst.afw.fits import FitsError, MemFileManager
from lsst.afw.image import ImageF
from lsst.portable.fits._codecs import other_codec
from lsst.portable.fits._guarded import decode_other

SHAPE = (16, 40)
PARAMETERS = {"BLOCKSIZE": 32, "BYTEPIX": 4}
NUMBERS = (np.random.default_rng(4).poisson(40, SHAPE) + np.arange(40)).astype("i4")


def packed(name, numbers=NUMBERS):
    """Stream of a tile as astropy writes it."""
    stream = other_codec(name, PARAMETERS, numbers.shape).encode(numbers)
    if name == "PLIO_1":
        return np.frombuffer(bytes(stream), "i2").astype(">i2")
    return np.frombuffer(bytes(stream), np.uint8)


STREAMS = {name: packed(name) for name in ("RICE_1", "PLIO_1", "HCOMPRESS_1")}


@pytest.mark.parametrize("name", STREAMS)
def test_sound_streams(name):
    found = decode_other(name, PARAMETERS, SHAPE, STREAMS[name])
    np.testing.assert_array_equal(found.reshape(SHAPE), NUMBERS)


@pytest.mark.parametrize("shape", [(4, 4), (5, 7), (7, 4), (4, 129), (65, 66)])
@pytest.mark.parametrize("spread", [0, 3, 30_000, 100_000_000])
def test_extreme_streams(shape, spread):
    """However many bits a pixel takes, the bytes after the end are not taken for the stream's."""
    numbers = np.random.default_rng(5).integers(-spread, spread + 1, shape).astype("i4")
    for name in ("RICE_1", "HCOMPRESS_1"):
        found = decode_other(name, PARAMETERS, shape, packed(name, numbers))
        np.testing.assert_array_equal(found.reshape(shape), numbers)


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("left", [0, 1, 3, 7, 20, 24, 25, 26, 60])
def test_truncated_streams(name, left):
    with pytest.raises(Exception, match=r"words|stream|end|input buffer|not zero|format|bit plane"):
        decode_other(name, PARAMETERS, SHAPE, STREAMS[name][: left // STREAMS[name].itemsize])


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"BLOCKSIZE": 0}, "in blocks of 0"),
        ({"BLOCKSIZE": -5}, "in blocks of -5"),
        ({"BLOCKSIZE": 1 << 30}, "in blocks of"),
        ({"BYTEPIX": 8}, "pixels of 8 bytes"),
        ({"BYTEPIX": 3}, "pixels of 3 bytes"),
        ({"BLOCKSIZE": "many"}, "invalid literal"),
        ({"BYTEPIX": None}, "NoneType"),
    ],
)
def test_parameters(parameters, match):
    with pytest.raises((ValueError, TypeError), match=match):
        decode_other("RICE_1", PARAMETERS | parameters, SHAPE, STREAMS["RICE_1"])


def changed(stream, place, value):
    out = stream.copy()
    out[place] = value
    return out


@pytest.mark.parametrize(
    ("name", "place", "value", "match"),
    [
        ("HCOMPRESS_1", 0, 0, "begins with 0099"),
        ("HCOMPRESS_1", 4, 1, r"272 x 40 pixels"),
        ("HCOMPRESS_1", 9, 41, r"16 x 41 pixels"),
        ("HCOMPRESS_1", 23, 200, "200 bit planes"),
        ("PLIO_1", 1, -900, "should be instructions"),
        ("PLIO_1", 3, 32000, "should be instructions"),
        ("PLIO_1", 4, 32000, "should be instructions"),
        ("PLIO_1", 2, 32000, "should be instructions"),
    ],
)
def test_what_streams_state(name, place, value, match):
    with pytest.raises(ValueError, match=match):
        decode_other(name, PARAMETERS, SHAPE, changed(STREAMS[name], place, value))


def test_unknown_and_huge():
    with pytest.raises(ValueError, match="unknown compression"):
        decode_other("OTHER", PARAMETERS, SHAPE, STREAMS["RICE_1"])
    with pytest.raises(ValueError, match="can be decompressed at once"):
        decode_other("RICE_1", PARAMETERS, (1 << 20, 1 << 20), STREAMS["RICE_1"])


@pytest.mark.parametrize(
    ("card", "match"),
    [
        ("ZSCALE  = 'BLOCKSIZE'", "ZSCALE is 'BLOCKSIZE', which is no number"),
        ("ZSCALE  = T", "ZSCALE is True, which is no number"),
        ("ZVAL1   = 0", "in blocks of 0"),
        ("ZVAL2   = 'four'", "invalid literal"),
    ],
)
def test_headers(card, match):
    """What the header says of tiles is checked as what streams say."""
    file = io.BytesIO()
    hdu = fits.CompImageHDU(NUMBERS, compression_type="RICE_1", tile_shape=SHAPE)
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(file)
    content = bytearray(file.getvalue())
    place = content.find(card[:10].encode())
    place = content.find(b"ZTILE1 ") if place < 0 else place  # whose default will do
    content[place : place + 80] = card.ljust(80).encode()
    with pytest.raises(FitsError, match=match):
        ImageF.readFits(MemFileManager(bytes(content)))


def test_threads_do_not_mix_streams():
    """HCOMPRESS_1 keeps its place in variables of the process, and lets other threads run meanwhile."""
    made = [(NUMBERS + np.arange(640).reshape(SHAPE) * n % 999).astype("i4") for n in range(8)]
    streams = [packed("HCOMPRESS_1", numbers) for numbers in made]

    def turn(thread):
        return [
            np.array_equal(decode_other("HCOMPRESS_1", PARAMETERS, SHAPE, streams[n]).reshape(SHAPE), made[n])
            for n in np.roll(range(8), thread).tolist() * 50
        ]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(all(found) for found in pool.map(turn, range(8)))


FUZZ = r"""
import random, sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from test_guarded import PARAMETERS, SHAPE, STREAMS, decode_other
for seed in range(int(sys.argv[2])):
    rng = random.Random(seed)
    name = rng.choice(sorted(STREAMS))
    stream = STREAMS[name].copy()
    for _ in range(rng.choice((1, 2, 5, 40))):
        place = rng.randrange(len(stream)) if rng.random() < 0.5 else rng.randrange(min(len(stream), 40))
        stream.view(np.uint8)[place] = rng.choice((0, 0xFF, 0x7F, 1, rng.randrange(256)))
    stream = stream[: rng.choice((len(stream), rng.randrange(len(stream) + 1)))]
    parameters = PARAMETERS | rng.choice(({}, {}, {"BLOCKSIZE": rng.choice((1, 7, 1 << 20))}, {"SMOOTH": 1}))
    try:
        decode_other(name, parameters | {"BYTEPIX": rng.choice((4, 4, 1, 2))}, SHAPE, stream)
    except Exception:
        pass
print("done")
"""


@pytest.mark.parametrize("count", [2000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_changed_streams_do_not_end_the_process(count):
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{FUZZ}"]
    arguments = [__file__.rpartition("/")[0], str(count)]
    result = subprocess.run(command + arguments, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr[-2000:]
