"""Points and extents."""

import copy
import math
import operator
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst import geom
from lsst.geom import (
    Extent,
    Extent2D,
    Extent2I,
    Extent3D,
    Extent3I,
    Point,
    Point2D,
    Point2I,
    Point3D,
    Point3I,
)

CLASSES = [Point2I, Point2D, Point3I, Point3D, Extent2I, Extent2D, Extent3I, Extent3D]
small = st.integers(-(10**6), 10**6)


def make(cls):
    values = (3, -7, 11)[: cls.dimensions]
    return cls(*values)


@pytest.mark.parametrize("cls", CLASSES)
def test_elements(cls):
    c = make(cls)
    assert tuple(c) == (3, -7, 11)[: cls.dimensions]
    assert len(c) == cls.dimensions
    assert all(type(v) is cls.dtype for v in c)
    assert (c.x, c.getX(), c[0], c[-cls.dimensions]) == (3, 3, 3, 3)
    c.x = 4
    c.setY(5)
    c[1] += 1
    assert tuple(c)[:2] == (4, 6)
    np.testing.assert_array_equal(np.array(c)[:2], [4, 6])
    with pytest.raises(IndexError):
        c[cls.dimensions]
    with pytest.raises(TypeError, match="unhashable"):
        hash(c)


@pytest.mark.parametrize("cls", CLASSES)
def test_copies_and_text(cls):
    c = make(cls)
    for other in (
        c.clone(),
        copy.copy(c),
        copy.deepcopy(c),
        pickle.loads(pickle.dumps(c)),
        eval(repr(c)),
        cls(c),
    ):
        assert type(other) is cls
        assert other == c
        assert other is not c
    assert c != tuple(c)
    assert cls() == cls(0)
    assert cls(value=2) == cls(*(2,) * cls.dimensions)


def test_text():
    assert str(Point2I(3, -4)) == "(3, -4)"
    assert repr(Point2I(3, -4)) == "Point2I(3, -4)"
    assert repr(Point2D(0.1, math.nan)) == "Point2D(0.10000000000000001, float('nan'))"
    assert str(Extent2D(1234567.0, 0.5)) == "(1.2346e+06, 0.5)"


def test_pickle_is_the_call_the_stack_makes():
    assert Extent2I(2, 3).__reduce__() == (Extent2I, (2, 3))
    assert b"lsst.geom\x94\x8c\x08Extent2I" in pickle.dumps(Extent2I(2, 3))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda: Point2I(Point2D(1.5, -1.5)), Point2I(2, -1)),
        (lambda: Point2I(Point2D(-0.6, 0.49)), Point2I(-1, 0)),
        (lambda: Point2I(1.9, -1.9), Point2I(1, -1)),
        (lambda: Extent2I(1.9, -1.9), Extent2I(1, -1)),
        (lambda: Point2D(Point2I(1, 2)), Point2D(1, 2)),
        (lambda: Point2D(Extent2I(1, 2)), Point2D(1, 2)),
        (lambda: Extent2D(Point2I(1, 2)), Extent2D(1, 2)),
        (lambda: Point2I((4, 5)), Point2I(4, 5)),
        (lambda: Point2D(np.array([4.5, 5.0])), Point2D(4.5, 5)),
        (lambda: Extent2D([4.5, 5]), Extent2D(4.5, 5)),
        (lambda: Point2I(np.int64(4), np.uint16(5)), Point2I(4, 5)),
        (lambda: Point2D(np.float32(0.5), 5), Point2D(0.5, 5)),
        (lambda: Point2I(y=1, x=2), Point2I(2, 1)),
        (lambda: Point2I(2, y=1), Point2I(2, 1)),
        (lambda: Point(1, 2, dtype=int), Point2I(1, 2)),
        (lambda: Extent(1, 2, 3, dtype=float, dimensions=3), Extent3D(1, 2, 3)),
        (lambda: Extent2D(1.2, -3.4).floor(), Extent2I(1, -4)),
        (lambda: geom.ceil(Extent2D(1.2, -3.4)), Extent2I(2, -3)),
        (lambda: Extent2D(1.2, -3.4).truncate(), Extent2I(1, -3)),
        (lambda: Extent2I(-7, 7) // 2, Extent2I(-4, 3)),
        (lambda: Extent2I(-7, 7) / 2, Extent2D(-3.5, 3.5)),
        (lambda: 2 * Extent2I(1, 2), Extent2I(2, 4)),
        (lambda: Extent2I(1, 2) * 2.0, Extent2D(2, 4)),
        (lambda: -Extent2I(1, 2), Extent2I(-1, -2)),
        (lambda: Point2I(1, 2).asExtent(), Extent2I(1, 2)),
        (lambda: Extent3D(1, 2, 3).asPoint(), Point3D(1, 2, 3)),
    ],
)
def test_conversions(made, expected):
    result = made()
    assert type(result) is type(expected)
    assert result == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Point2I("a", 2), "Cannot make a Point2I from .str, int"),
        (lambda: Point2I(1, 2, 3), "2 numbers"),
        (lambda: Point2I(2**31, 0), "32-bit"),
        (lambda: Point2I(math.nan, 0), "Point2I"),
        (lambda: Point2I(1.5), "Point2I"),
        (lambda: Point2I(x=1), "named"),
        (lambda: Point2I(Point3I(1, 2, 3)), "Point3I"),
        (lambda: Extent2I(Extent2D(1.5, 2)), "floor"),
        (lambda: setattr(Point2I(1, 2), "x", 1.5), "float"),
        (lambda: Point2D("12"), "Point2D"),
        (lambda: operator.itruediv(Extent2I(1, 2), 2), "not integer"),
        (lambda: Extent2D(math.inf, 0).floor(), "inf"),
    ],
)
def test_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def expected_class(op, left, right):
    """Class of a sum or difference, or None where there is none."""
    if left.dimensions != right.dimensions:
        return None
    points = (issubclass(left, Point), issubclass(right, Point))
    kinds = {
        (operator.add, (True, False)): Point,
        (operator.add, (False, True)): Point,
        (operator.add, (False, False)): Extent,
        (operator.sub, (True, True)): Extent,
        (operator.sub, (True, False)): Point,
        (operator.sub, (False, False)): Extent,
    }
    kind = kinds.get((op, points))
    return kind and kind[int if left.dtype is right.dtype is int else float, left.dimensions]


@pytest.mark.parametrize("op", [operator.add, operator.sub])
@pytest.mark.parametrize("left", CLASSES)
@pytest.mark.parametrize("right", CLASSES)
def test_sums(op, left, right):
    a, b = make(left), make(right)
    cls = expected_class(op, left, right)
    if cls is None:
        with pytest.raises(TypeError, match="unsupported operand"):
            op(a, b)
        return
    result = op(a, b)
    assert type(result) is cls
    np.testing.assert_array_equal(np.array(result), op(np.array(a), np.array(b)))


@pytest.mark.parametrize("op", [operator.iadd, operator.isub])
@pytest.mark.parametrize("left", CLASSES)
@pytest.mark.parametrize("right", CLASSES)
def test_sums_in_place(op, left, right):
    a, b = make(left), make(right)
    allowed = issubclass(right, Extent) and left.dimensions == right.dimensions
    if not allowed or (left.dtype is int and right.dtype is float):
        with pytest.raises(TypeError, match="in place"):
            op(a, b)
        return
    before = np.array(a)
    assert op(a, b) is a
    np.testing.assert_array_equal(np.array(a), op(before, np.array(b)))


def test_other_in_place():
    p = Point2I(1, 2)
    p.shift(Extent2I(3, 4))
    p.scale(2)
    assert p == Point2I(8, 12)
    e = Extent2D(3, 4)
    e *= 2
    e /= 4
    assert e == Extent2D(1.5, 2)
    i = Extent2I(-7, 9)
    i //= 2
    assert i == Extent2I(-4, 4)
    assert Extent2D(3, 4).computeNorm() == 5.0
    assert Extent2I(3, 4).computeSquaredNorm() == 25
    assert Point2D(0, 0).distanceSquared(Point2D(3, 4)) == 25.0


def test_comparisons():
    result = Point2I(1, 5).lt(Point2I(2, 5))
    assert tuple(result) == (True, False)
    assert geom.any(result)
    assert not geom.all(result)
    assert geom.all(Point2I(1, 5).le(Point2I(2, 5)))
    assert tuple(Extent3D(1, 2, 3).ge(2.0)) == (False, True, True)
    assert type(result) is geom.CoordinateExpr[2]
    assert tuple(result.not_().or_(result)) == (True, True)


def test_what_is_missing_says_so():
    with pytest.raises(AttributeError, match="SphereTransform is not part of the portable stack"):
        geom.SphereTransform  # noqa: B018


def test_templates():
    assert isinstance(Point2D(1, 2), Point)
    assert not isinstance(Extent2D(1, 2), Point)
    assert Point[int, 2] is Point2I
    assert geom.PointI is Point2I
    assert geom.ExtentD is Extent2D


@settings(deadline=None)
@given(small, small, small, small)
def test_point_plus_difference_is_the_other_point(ax, ay, bx, by):
    a, b = Point2I(ax, ay), Point2I(bx, by)
    assert a + (b - a) == b
    assert -(a - b) == b - a


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_position_rounds_to_the_pixel_it_lies_on(x, y):
    pixel = Point2I(Point2D(x, y))
    box = geom.Box2D(geom.Box2I(pixel, Extent2I(1, 1)))
    assert box.dilatedBy(1e-9).contains(Point2D(x, y))
