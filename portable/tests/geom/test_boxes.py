"""Integer and floating-point boxes."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.geom import (
    Box2D,
    Box2I,
    BoxD,
    BoxI,
    Extent2D,
    Extent2I,
    IntervalD,
    IntervalI,
    Point2D,
    Point2I,
    Point3I,
)
from lsst.pex.exceptions import InvalidParameterError, OverflowError

small = st.integers(-1000, 1000)
boxes = st.builds(
    lambda x, y, w, h: Box2I(Point2I(x, y), Extent2I(w, h), False),
    small,
    small,
    st.integers(-2, 40),
    st.integers(-2, 40),
)


def pixels(box):
    return {(x, y) for y in range(box.beginY, box.endY) for x in range(box.beginX, box.endX)}


BOX = Box2I(Point2I(-3, 10), Extent2I(20, 5))


def test_accessors():
    assert (BOX.minX, BOX.minY, BOX.maxX, BOX.maxY) == (-3, 10, 16, 14)
    assert (BOX.beginX, BOX.beginY, BOX.endX, BOX.endY) == (-3, 10, 17, 15)
    assert (BOX.width, BOX.height, BOX.area) == (20, 5, 100)
    assert BOX.getDimensions() == Extent2I(20, 5)
    assert BOX.getMin() == BOX.getBegin() == Point2I(-3, 10)
    assert BOX.getMax() == Point2I(16, 14)
    assert BOX.getEnd() == Point2I(17, 15)
    assert BOX.getCenter() == Point2D(6.5, 12.0)
    assert (BOX.centerX, BOX.centerY) == (6.5, 12.0)
    assert BOX.x == IntervalI(min=-3, max=16)
    assert BOX.getY() == IntervalI(min=10, size=5)
    assert BOX.getCorners() == [Point2I(-3, 10), Point2I(16, 10), Point2I(16, 14), Point2I(-3, 14)]
    assert not BOX.isEmpty()
    assert BoxI is Box2I
    assert BoxD is Box2D


def test_accessors_of_the_plane():
    box = Box2D(BOX)
    assert (box.minX, box.minY, box.maxX, box.maxY) == (-3.5, 9.5, 16.5, 14.5)
    assert (box.width, box.height, box.area) == (20.0, 5.0, 100.0)
    assert box.getCenter() == BOX.getCenter()
    assert box.getDimensions() == Extent2D(20, 5)
    assert box.x == IntervalD(min=-3.5, max=16.5)
    assert box.getCorners()[2] == box.getMax() == Point2D(16.5, 14.5)


def test_slices():
    box = Box2I(Point2I(2, 1), Extent2I(3, 2))
    array = np.arange(20).reshape(4, 5)
    np.testing.assert_array_equal(array[box.slices], [[7, 8, 9], [12, 13, 14]])
    assert box.slices == box.getSlices()
    x, y = box.grid()
    assert x.shape == y.shape == (2, 3)
    np.testing.assert_array_equal(array[y, x], array[box.slices])


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Box2I(Point2I(-3, 10), Point2I(16, 14)), BOX),
        (Box2I(Point2I(16, 14), Point2I(-3, 10)), BOX),
        (Box2I(Point2I(16, 14), Point2I(-3, 10), invert=False), Box2I()),
        (Box2I(Point2I(16, 14), Extent2I(-20, -5)), BOX),
        (Box2I(Point2I(16, 14), Extent2I(-20, -5), False), Box2I()),
        (Box2I(Point2I(1, 1), Extent2I(0, 5)), Box2I()),
        (Box2I(minimum=Point2I(-3, 10), maximum=Point2I(16, 14)), BOX),
        (Box2I(corner=Point2I(-3, 10), dimensions=Extent2I(20, 5)), BOX),
        (Box2I(minimum=Point2I(-3, 10), dimensions=Extent2I(20, 5)), BOX),
        (Box2I(x=IntervalI(min=-3, max=16), y=IntervalI(min=10, max=14)), BOX),
        (Box2I(Box2D(BOX)), BOX.dilatedBy(1)),  # pixels that are only touched belong to it
        (Box2I(Box2D(BOX), Box2I.SHRINK), BOX),
        (Box2I(other=BOX), BOX),
        (Box2I(Box2D()), Box2I()),
        (Box2I.makeCenteredBox(BOX.getCenter(), BOX.getDimensions()), BOX),
        (Box2I.makeCenteredBox(Point2D(0, 0), Extent2I(3, 2)), Box2I(Point2I(-1, 0), Extent2I(3, 2))),
        (Box2I.makeCenteredBox(Point2D(0, 0), Extent2I(3, 0)), Box2I()),
    ],
)
def test_constructors(made, expected):
    assert made == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Box2D(Point2D(1, 2), Extent2D(-1, -2)), Box2D(Point2D(0, 0), Point2D(1, 2))),
        (Box2D(Point2D(1, 2), Extent2D(-1, -2), False), Box2D()),
        (Box2D(Point2D(1, 2), Point2D(1, 3)), Box2D()),
        (Box2D(Point2D(1, math.nan), Point2D(1, 3)), Box2D()),
        (Box2D(IntervalD(min=1, max=2), IntervalD(min=3, max=5)), Box2D(Point2D(1, 3), Extent2D(1, 2))),
        (Box2D.makeCenteredBox(Point2D(1, 2), Extent2D(2, 4)), Box2D(Point2D(0, 0), Point2D(2, 4))),
        (Box2D(Box2I()), Box2D()),
    ],
)
def test_constructors_of_the_plane(made, expected):
    assert made == expected


@pytest.mark.parametrize("handling", [Box2I.EXPAND, Box2I.SHRINK])
def test_partial_pixels(handling):
    box = Box2I(Box2D(Point2D(0.2, -0.4), Point2D(4.4, 3.6)), handling)
    expected = (
        Box2I(Point2I(0, 0), Point2I(4, 4))
        if handling is Box2I.EXPAND
        else Box2I(Point2I(1, 1), Point2I(3, 3))
    )
    assert box == expected
    assert Box2I(Box2D(Point2D(0.2, 0.2), Point2D(0.3, 0.3)), edgeHandling=Box2I.SHRINK).isEmpty()


def test_empty():
    empty = Box2I()
    assert empty.isEmpty()
    assert (empty.getMin(), empty.getMax(), empty.getArea()) == (Point2I(0, 0), Point2I(-1, -1), 0)
    assert BOX.contains(empty)
    assert empty.contains(empty)
    assert not empty.overlaps(BOX)
    assert empty.dilatedBy(5).isEmpty()
    assert empty.shiftedBy(Extent2I(1, 1)).isEmpty()
    assert Box2D() == Box2D()
    assert Box2D().getWidth() == 0
    assert math.isnan(Box2D().minX)
    assert not Box2D().contains(Point2D(0, 0))


@pytest.mark.parametrize("box", [BOX, Box2I(), Box2D(BOX), Box2D(), Box2D(Point2D(-8.5, 0), Point2D(1, 1))])
def test_copies_and_text(box):
    for other in (
        copy.copy(box),
        copy.deepcopy(box),
        pickle.loads(pickle.dumps(box)),
        eval(repr(box)),
        type(box)(box),
    ):
        assert type(other) is type(box)
        assert other == box
        assert other is not box
    with pytest.raises(TypeError, match="unhashable"):
        hash(box)


def test_text():
    assert repr(BOX) == "Box2I(corner=Point2I(-3, 10), dimensions=Extent2I(20, 5))"
    assert str(BOX) == "(minimum=(-3, 10), maximum=(16, 14))"


def test_text_of_positions_and_sizes():
    assert BOX.toString() == "Box2I(Point(-3,10),Extent(20,5))"
    assert Box2D(BOX).toString() == "Box2D(Point(-3.5,9.5),Point(16.5,14.5))"
    assert repr(Box2D(BOX)) == "Box2D(corner=Point2D(-3.5, 9.5), dimensions=Extent2D(20, 5))"
    assert eval(repr(BOX)) == BOX
    assert eval(repr(Box2D(BOX))) == Box2D(BOX)


def test_boxes_of_pixels_cut_off_the_fractions_of_arrays():
    x = np.array([-4.0, -3.9, -3.0, 16.9, 17.0, np.nan])
    np.testing.assert_array_equal(BOX.contains(x, np.full(6, 10.5)), [False, True, True, True, False, False])
    assert Box2I(Point2I(0, 0), Extent2I(2, 2)).contains(np.array([-0.5]), np.array([1.5])).all()


def test_contains():
    assert Point2I(16, 14) in BOX
    assert BOX.contains(-3, 10)
    assert not BOX.contains(x=17, y=14)
    assert Box2I(Point2I(0, 11), Extent2I(2, 2)) in BOX
    assert not BOX.contains(Box2I(Point2I(0, 11), Extent2I(2, 5)))
    inside = BOX.contains(np.array([-4, -3, 16, 17]), np.array([10, 14, 15, 10]))
    np.testing.assert_array_equal(inside, [False, True, False, False])
    box = Box2D(BOX)
    assert box.contains(Point2D(-3.5, 9.5))
    assert not box.contains(Point2D(16.5, 9.5))
    np.testing.assert_array_equal(box.contains(np.array([0.0, 20.0]), np.array([10.0, 10.0])), [True, False])
    assert not box.overlaps(Box2D(Point2D(16.5, 9.5), Extent2D(1, 1)))


def test_in_place():
    box = Box2I(BOX)
    box.grow(2)
    assert box == Box2I(Point2I(-5, 8), Extent2I(24, 9))
    box.grow(Extent2I(-2, 0))
    box.shift(Extent2I(3, -8))
    assert box == Box2I(Point2I(0, 0), Extent2I(20, 9))
    box.include(Point2I(25, -1))
    assert box == Box2I(Point2I(0, -1), Point2I(25, 8))
    box.clip(Box2I(Point2I(20, -5), Extent2I(3, 100)))
    assert box == Box2I(Point2I(20, -1), Point2I(22, 8))
    box.flipLR(100)
    assert box == Box2I(Point2I(77, -1), Point2I(79, 8))
    box.flipTB(10)
    assert box == Box2I(Point2I(77, 1), Point2I(79, 10))
    other = Box2I()
    box.swap(other)
    assert box.isEmpty()
    assert other.width == 3
    box.include(Point2I(7, 8))
    assert box == Box2I(Point2I(7, 8), Extent2I(1, 1))


def test_in_place_of_the_plane():
    box = Box2D()
    box.include(Point2D(1, 2))
    box.include(Point2D(0, -4))
    assert all(box.contains(p) for p in (Point2D(1, 2), Point2D(0, -4)))
    assert box.maxX == 1 + Box2D.EPSILON
    box = Box2D(Point2D(0, 0), Extent2D(4, 2))
    box.grow(1)
    box.shift(Extent2D(0.5, 0.5))
    assert box == Box2D(Point2D(-0.5, -0.5), Point2D(5.5, 3.5))
    box.flipLR(10)
    assert box == Box2D(Point2D(4.5, -0.5), Point2D(10.5, 3.5))
    box.grow(-2)
    assert box.isEmpty()


def test_results():
    assert BOX.erodedBy(2) == Box2I(Point2I(-1, 12), Point2I(14, 12))
    assert BOX.erodedBy(3).isEmpty()
    assert BOX.dilatedBy(Extent2I(1, 0)).width == 22
    assert BOX.reflectedAboutX(0) == Box2I(Point2I(-16, 10), Point2I(3, 14))
    assert BOX.reflectedAboutY(0).minY == -14
    assert Box2D(BOX).erodedBy(Extent2D(1, 0.5)).getDimensions() == Extent2D(18, 4)
    assert Box2D(BOX).reflectedAboutX(0).maxX == 3.5


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Box2I(Point2I(2**31 - 1, 0), Extent2I(2, 1)), OverflowError, "2147483648"),
        (lambda: Box2I(Point2I(-(2**31), 0), Point2I(2**31 - 1, 0)), OverflowError, "dimension"),
        (lambda: BOX.shiftedBy(Extent2I(2**31 - 1, 0)), OverflowError, "corner"),
        (lambda: Box2I(Box2D(Point2D(0, 0), Point2D(math.inf, 1))), InvalidParameterError, "not finite"),
        (lambda: Box2I(Box2D(Point2D(0, 0), Point2D(1e10, 1))), OverflowError, "10000000000"),
        (lambda: Box2I.makeCenteredBox(Point2D(math.nan, 0), Extent2I(1, 1)), InvalidParameterError, "nan"),
        (lambda: Box2D(BOX).dilatedBy(math.nan), InvalidParameterError, "not finite"),
        (lambda: Box2D(BOX).shiftedBy(Extent2D(math.inf, 0)), InvalidParameterError, "not finite"),
        (lambda: Box2I(Point2I(1, 2)), TypeError, "Cannot make a Box2I from .Point2I"),
        (lambda: Box2I(Point2D(1, 2), Extent2I(3, 4)), TypeError, "Point2D, Extent2I"),
        (lambda: Box2I(0, 0, 3, 4), TypeError, "int, int"),
        (lambda: Box2I(Point2I(1, 2), Extent2I(3, 4), size=3), TypeError, "size"),
        (lambda: Box2D(1), TypeError, "Box2D"),
        (lambda: BOX.contains(Point2D(1, 2)), TypeError, "Point2D"),
        (lambda: BOX.contains(1.5, 2.5), TypeError, "integer positions"),
        (lambda: Box2D(BOX).contains(Point2I(1, 2)), TypeError, "Point2I"),
        (lambda: BOX.shift(Extent2D(1, 2)), TypeError, "Extent2D"),
        (lambda: Box2D(BOX).shift(Extent2I(1, 2)), TypeError, "Extent2I"),
        (lambda: Box2I().include(Point3I(1, 2, 3)), TypeError, "Point3I"),
        (lambda: BOX.dilatedBy(1.5), TypeError, "float"),
    ],
)
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@settings(deadline=None)
@given(boxes, boxes)
def test_sets_of_pixels(a, b):
    both = pixels(a) & pixels(b)
    assert pixels(a.clippedTo(b)) == both
    assert a.overlaps(b) == bool(both)
    assert a.isDisjointFrom(b) != a.overlaps(b)
    assert a.contains(b) == (pixels(b) <= pixels(a))
    union = a.expandedTo(b)
    assert union.contains(a)
    assert union.contains(b)
    assert union == b.expandedTo(a)


@settings(deadline=None)
@given(boxes, st.integers(-10, 10), small, small)
def test_round_trips(box, buffer, dx, dy):
    offset = Extent2I(dx, dy)
    assert box.shiftedBy(offset).shiftedBy(-offset) == box
    assert box.dilatedBy(abs(buffer)).erodedBy(abs(buffer)) == box
    assert box.area == len(pixels(box))
    assert Box2I(Box2D(box), Box2I.SHRINK) == box
    assert Box2I(Box2D(box)) == box.dilatedBy(1)
    assert eval(repr(box)) == box
    flipped = Box2I(box)
    flipped.flipLR(100)
    flipped.flipLR(100)
    assert flipped == box


@settings(deadline=None)
@given(st.floats(-100, 100), st.floats(-100, 100), st.floats(0.01, 50), st.floats(0.01, 50))
def test_expanded_contains_shrunk(x, y, width, height):
    box = Box2D(Point2D(x, y), Extent2D(width, height))
    expanded, shrunk = Box2I(box), Box2I(box, Box2I.SHRINK)
    assert expanded.contains(shrunk)
    assert Box2D(expanded).contains(box)
    assert box.contains(Box2D(shrunk))
