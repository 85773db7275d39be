"""Many gzip streams at once, and numbers put together from bytes that were sorted."""

import gzip
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lsst.portable.fits._codecs import inflate, inflate_all, unshuffle


def inflated(streams, size):
    """What comes out of streams that lie one after the other; `None` if they are left to others."""
    stops = np.cumsum([len(stream) for stream in streams])
    out = np.zeros((len(streams), size), np.uint8)
    starts = stops - [len(stream) for stream in streams]
    done = inflate_all(memoryview(b"".join(streams)), starts, stops, out)
    return [row.tobytes() for row in out] if done else None


@given(st.integers(1, 300).flatmap(lambda n: st.lists(st.binary(min_size=n, max_size=n), min_size=1)))
def test_streams_of_one_size_come_out_in_order(contents):
    assert inflated([gzip.compress(raw) for raw in contents], len(contents[0])) == contents


RAW = bytes(range(200))
WHOLE = gzip.compress(RAW)
ODD = {
    "cut off": WHOLE[:-9],
    "nothing but a header": WHOLE[:10],
    "damaged": WHOLE[:30] + bytes([WHOLE[30] ^ 0x55]) + WHOLE[31:],
    "of another size": gzip.compress(RAW[:-1]),
    "of zlib": zlib.compress(RAW),
    "without a compressed byte": b"",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_streams_that_are_odd_are_left_to_others(odd):
    assert inflated([WHOLE, odd, WHOLE], len(RAW)) is None
    assert inflated([WHOLE, WHOLE], len(RAW)) == [RAW, RAW]


def test_one_stream_by_itself():
    assert inflate(ODD["of zlib"], len(RAW)) == RAW
    for name in ("cut off", "damaged", "of another size"):
        with pytest.raises(ValueError, match="damaged gzip data"):
            inflate(ODD[name], len(RAW))


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u4", "i4", "f4", "i8", "f8"])
@given(data=st.data())
def test_sorted_bytes_become_numbers(dtype, data):
    """Whatever the leading bytes are: those of masks are zero."""
    shape = (data.draw(st.integers(1, 3)), data.draw(st.integers(1, 9)))
    dtype = np.dtype(dtype)
    few = data.draw(st.integers(1, dtype.itemsize))
    raw = np.zeros((shape[0], dtype.itemsize, shape[1]), np.uint8)
    raw[:, dtype.itemsize - few :] = data.draw(arrays(np.uint8, (shape[0], few, shape[1])))
    out = np.ones(shape, dtype)
    unshuffle(raw, out)
    expected = raw.swapaxes(1, 2).copy().view(dtype.newbyteorder(">"))[..., 0]
    np.testing.assert_array_equal(out.view(np.uint8), expected.astype(dtype).view(np.uint8))
