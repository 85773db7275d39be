"""Intervals of pixels and of the real line."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.geom import IntervalD, IntervalI
from lsst.pex.exceptions import InvalidParameterError, OverflowError

small = st.integers(-50, 50)


def test_pixels():
    i = IntervalI(min=-2, max=3)
    assert (i.min, i.max, i.size, i.begin, i.end) == (-2, 3, 6, -2, 4)
    assert i == IntervalI(min=-2, size=6) == IntervalI(max=3, size=6) == IntervalI(center=0.5, size=6)
    assert list(i.range()) == list(i.arange()) == [-2, -1, 0, 1, 2, 3]
    assert i.arange().dtype == np.int32
    assert i.slice() == slice(-2, 4)
    assert 3 in i
    assert 4 not in i
    np.testing.assert_array_equal(i.contains(np.array([-3, 0, 4])), [False, True, False])
    assert IntervalI(min=3, max=2) == IntervalI() == IntervalI(min=3, size=0)
    assert repr(i) == "IntervalI(min=-2, max=3)"
    assert hash(i) == hash(IntervalI(i))
    assert IntervalI.fromSpannedPoints([3, -1, 2]) == IntervalI(min=-1, max=3)
    assert i.reflectedAbout(0) == IntervalI(min=-3, max=2)


def test_real_line():
    i = IntervalD(min=-0.5, max=2.5)
    assert (i.min, i.max, i.size, i.center) == (-0.5, 2.5, 3.0, 1.0)
    assert i == IntervalD(IntervalI(min=0, max=2)) == IntervalD(center=1.0, size=3.0)
    assert 2.5 in i
    assert not IntervalD(min=1, max=1).isEmpty()
    assert IntervalD(min=math.nan, max=1).isEmpty()
    assert not IntervalD(min=0, max=math.inf).isFinite()
    assert IntervalI(i) == IntervalI(min=-1, max=3)  # pixels that are only touched belong to it
    assert IntervalI(IntervalD(min=0.5, max=0.5)) == IntervalI(min=0, max=1)
    assert IntervalD().isFinite()
    assert IntervalI(IntervalD(min=-0.4, max=2.6), IntervalI.EdgeHandlingEnum.SHRINK) == IntervalI(
        min=1, max=2
    )


@pytest.mark.parametrize(
    "interval",
    [
        IntervalI(min=1, max=4),
        IntervalI(),
        IntervalD(min=0.5, max=1.5),
        IntervalD(),
        IntervalD(min=0, max=math.inf),
    ],
)
def test_pickle(interval):
    assert pickle.loads(pickle.dumps(interval)) == interval


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: IntervalI(1, 2), TypeError, "keyword pairs"),
        (lambda: IntervalI(min=1), TypeError, "keyword pairs"),
        (lambda: IntervalI(min=1.5, max=2), TypeError, "float"),
        (lambda: IntervalI(min=2**31 - 1, size=2), OverflowError, "maximum"),
        (lambda: IntervalI(IntervalD(min=0, max=math.inf)), InvalidParameterError, "finite"),
        (lambda: IntervalD(min=0, size=math.inf), InvalidParameterError, "infinite"),
        (lambda: IntervalD(min=math.inf, max=math.inf), InvalidParameterError, "inf"),
        (lambda: IntervalD(min=0, max=1).contains(math.nan), InvalidParameterError, "NaN"),
        (lambda: IntervalD(min=0, max=1).dilatedBy(math.inf), InvalidParameterError, "inf"),
        (lambda: IntervalD(IntervalI), TypeError, "type"),
    ],
)
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@settings(deadline=None)
@given(small, small, small, small)
def test_sets(a, b, c, d):
    first, second = IntervalI(min=a, max=b), IntervalI(min=c, max=d)
    points, others = set(first.range()), set(second.range())
    assert set(first.clippedTo(second).range()) == points & others
    assert first.overlaps(second) == bool(points & others)
    assert first.contains(second) == (others <= points)
    assert first.expandedTo(second).contains(first)
    assert IntervalI(IntervalD(first), IntervalI.EdgeHandlingEnum.SHRINK) == first
    assert first.shiftedBy(c).shiftedBy(-c) == first
