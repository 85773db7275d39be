"""What users of the stack type every day: points, boxes, angles and transforms of the plane."""

import copy
import math
import pickle

import numpy as np
import pytest

from lsst import geom
from lsst.geom import (
    AffineTransform,
    Angle,
    Box2D,
    Box2I,
    Extent2D,
    Extent2I,
    IntervalI,
    LinearTransform,
    Point2D,
    Point2I,
    SpherePoint,
    arcseconds,
    degrees,
    hours,
    radians,
)


def test_boxes():
    box = Box2I(Point2I(10, 20), Extent2I(8, 6))
    assert box == Box2I(Point2I(10, 20), Point2I(17, 25))
    assert box == Box2I(minimum=Point2I(10, 20), maximum=Point2I(17, 25))
    assert box == Box2I(corner=Point2I(10, 20), dimensions=Extent2I(8, 6))
    assert box == Box2I(box.x, box.y) == Box2I(Box2D(box), Box2I.SHRINK)
    assert Box2I(Box2D(box)) == box.dilatedBy(1)  # its edges touch the pixels around it
    assert (box.getMin(), box.getMax()) == (Point2I(10, 20), Point2I(17, 25))
    assert (box.getBegin(), box.getEnd()) == (Point2I(10, 20), Point2I(18, 26))
    assert (box.minX, box.maxX, box.beginY, box.endY) == (10, 17, 20, 26)
    assert (box.width, box.height, box.area) == (box.getWidth(), box.getHeight(), box.getArea()) == (8, 6, 48)
    assert box.getDimensions() == Extent2I(8, 6)
    assert box.getCorners()[2] == Point2I(17, 25)
    assert Box2I().isEmpty()
    assert np.zeros((100, 100))[box.getSlices()].shape == (6, 8)


def test_boxes_from_boxes():
    box = Box2I(Point2I(10, 20), Extent2I(8, 6))
    assert box.dilatedBy(3).erodedBy(3) == box
    assert box.dilatedBy(Extent2I(1, 2)).getDimensions() == Extent2I(10, 10)
    assert box.shiftedBy(Extent2I(1, -1)).getMin() == Point2I(11, 19)
    assert box.clippedTo(Box2I(Point2I(0, 0), Point2I(12, 22))) == Box2I(Point2I(10, 20), Point2I(12, 22))
    assert box.expandedTo(Point2I(0, 0)).getMin() == Point2I(0, 0)
    assert Box2I.makeCenteredBox(Point2D(3, 4), Extent2I(3, 3)).getMin() == Point2I(2, 3)
    assert box.contains(Point2I(17, 25))
    assert not box.contains(Point2I(18, 25))
    assert Point2I(10, 20) in box
    assert box.contains(box.erodedBy(1))
    assert box.overlaps(box.shiftedBy(Extent2I(7, 0)))
    changed = Box2I(box)
    changed.grow(2)
    changed.shift(Extent2I(1, 1))
    changed.clip(box)
    changed.include(Point2I(0, 0))
    assert changed.contains(Point2I(0, 0))
    assert box.getMin() == Point2I(10, 20)


def test_boxes_of_doubles():
    box = Box2D(Box2I(Point2I(0, 0), Extent2I(4, 2)))
    assert (box.getMin(), box.getMax()) == (Point2D(-0.5, -0.5), Point2D(3.5, 1.5))
    assert box.getCenter() == Point2D(1.5, 0.5)
    assert Box2I(Box2D(Point2D(0.2, 0.2), Point2D(3.9, 1.9)), Box2I.EXPAND).getDimensions() == Extent2I(5, 3)
    assert Box2I(Box2D(Point2D(0.2, 0.2), Point2D(3.9, 1.9)), Box2I.SHRINK).getDimensions() == Extent2I(3, 1)
    assert list(box.contains(np.array([0.0, 9.0]), np.array([0.0, 0.0]))) == [True, False]


def test_points():
    point = Point2D(1.5, 2.5)
    x, y = point
    assert (x, y) == (point.x, point.y) == (point.getX(), point[1]) == tuple(point) == (1.5, 2.5)
    assert point + Extent2D(1, 1) == Point2D(2.5, 3.5)
    assert point - Point2D(1, 1) == Extent2D(0.5, 1.5)
    assert Point2I(point) == Point2I(2, 3)
    assert (
        Point2D(Point2I(1, 2)) == Point2D(Extent2D(1, 2)) == Point2D([1, 2]) == Point2D(np.array([1.0, 2.0]))
    )
    assert Point2D(3, 4).distanceSquared(Point2D(0, 0)) == Extent2D(3, 4).computeSquaredNorm() == 25
    assert Extent2D(3, 4).computeNorm() == 5
    assert Extent2I(7, 4) // 2 == Extent2I(3, 2)
    assert 2 * Extent2D(1, 2) == Extent2D(1, 2) * 2 == Extent2D(4, 8) / 2 == -Extent2D(-2, -4)
    point += Extent2D(1, 0)
    point.x = 7
    assert point == Point2D(7, 2.5)
    with pytest.raises(TypeError):
        Point2D(1, 2) + Point2D(1, 2)
    with pytest.raises(IndexError):
        point[2]


def test_angles():
    angle = 3 * degrees
    assert angle == Angle(3, degrees)
    assert float(angle) == angle.asRadians() == math.radians(3)
    assert (angle + angle) / 2 == angle
    assert abs(-angle) == angle
    assert (12 * hours).asDegrees() == pytest.approx(180)
    assert (3600 * arcseconds).asDegrees() == pytest.approx(1)
    assert (370 * degrees).wrap().asDegrees() == pytest.approx(10)
    assert (350 * degrees).wrapCtr().asDegrees() == pytest.approx(-10)
    assert 1 * degrees < 1 * radians
    with pytest.raises(TypeError):
        angle / angle


def test_sky():
    point = SpherePoint(10 * degrees, 20 * degrees)
    assert point == SpherePoint(10, 20, degrees)
    assert point.getRa() == point.getLongitude() == point[0] == 10 * degrees
    assert point.getDec() == point.getLatitude()
    north = point.offset(90 * degrees, 1 * degrees)
    assert north.separation(point).asDegrees() == pytest.approx(1)
    assert point.bearingTo(north).asDegrees() == pytest.approx(90)
    assert point.getPosition(degrees).x == pytest.approx(10)


def test_transforms():
    transform = AffineTransform(LinearTransform.makeScaling(2.0), Extent2D(1, 2))
    assert transform(Point2D(1, 1)) == Point2D(3, 4)
    assert transform(Extent2D(1, 1)) == Extent2D(2, 2)
    assert (transform.inverted() * transform).getMatrix() == pytest.approx(np.eye(3))
    assert transform[AffineTransform.XX] == transform[0] == 2
    assert transform.getTranslation() == Extent2D(1, 2)
    x, y = transform(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    assert list(x) == [3, 5]
    assert list(y) == [4, 6]
    quarter = AffineTransform.makeRotation(90 * degrees)(Point2D(1, 0))
    assert quarter.y == pytest.approx(1)


@pytest.mark.parametrize(
    "thing",
    [
        Point2I(1, 2),
        Point2D(1.5, 2),
        Extent2I(1, 2),
        Extent2D(1.5, 2),
        Box2I(Point2I(1, 2), Extent2I(3, 4)),
        Box2D(Point2D(1.5, 2), Extent2D(3, 4)),
        IntervalI(min=1, max=3),
        SpherePoint(1, 2, degrees),
        3 * degrees,
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_copies_and_text(thing):
    for same in (
        pickle.loads(pickle.dumps(thing)),
        copy.copy(thing),
        copy.deepcopy(thing),
        eval(repr(thing), {**vars(geom), "geom": geom}),
    ):
        assert type(same) is type(thing)
        assert same == thing
    assert str(thing)


def test_where_points_and_boxes_used_to_be():
    import lsst.afw.geom as afwGeom

    with pytest.raises(AttributeError, match=r"lsst.afw.geom.Box2I is lsst.geom.Box2I"):
        _ = afwGeom.Box2I
    with pytest.raises(AttributeError, match="is not offered by the portable stack"):
        _ = afwGeom.SpanSet
