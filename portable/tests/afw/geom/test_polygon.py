"""Polygons: what they measure, and the files they go to."""

import copy
import math
import pickle

import numpy as np
import pytest

from lsst.afw.geom import Polygon, SinglePolygonException, makeTransform
from lsst.afw.image import ExposureF, ImageF
from lsst.geom import AffineTransform, Box2D, Box2I, Extent2D, Extent2I, LinearTransform, Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError

BOX = Box2D(Point2D(-2.0, 1.0), Point2D(4.0, 5.0))
NOTCHED = [(0.0, 0.0), (8.0, 0.0), (8.0, 6.0), (4.0, 2.0), (0.0, 6.0)]


def of(points):
    return Polygon([Point2D(x, y) for x, y in points])


def test_vertices_are_clockwise_and_closed():
    polygon = of(NOTCHED)
    vertices = polygon.getVertices()
    assert vertices[0] == vertices[-1]
    assert [tuple(point) for point in vertices[:-1]] == NOTCHED[:1] + NOTCHED[:0:-1]
    assert of([*NOTCHED, NOTCHED[0]]) == of(NOTCHED[::-1]) == of(NOTCHED[2:] + NOTCHED[:2]) == polygon
    assert polygon != of([*NOTCHED[:3], (4.0, 3.0), NOTCHED[4]])
    assert (len(polygon), polygon.getNumEdges()) == (5, 5)
    assert list(polygon) == vertices
    assert polygon[1] == vertices[1]
    assert polygon.getEdges()[-1] == (vertices[-2], vertices[0])


def test_of_a_box():
    polygon = Polygon(BOX)
    assert [tuple(p) for p in polygon.getVertices()] == [(-2, 1), (-2, 5), (4, 5), (4, 1), (-2, 1)]
    assert polygon.getBBox() == BOX
    assert polygon.calculateCenter() == BOX.getCenter()


def test_measures():
    polygon = of(NOTCHED)
    assert polygon.calculateArea() == 8 * 6 - 0.5 * 8 * 4
    assert polygon.calculatePerimeter() == pytest.approx(8 + 6 + 6 + 2 * math.hypot(4, 4))
    assert polygon.calculateCenter() == Point2D(4.0, (48 * 3.0 - 16 * (6 - 4 / 3)) / 32)


@pytest.mark.parametrize(
    ("point", "inside"),
    [((1, 1), True), ((4, 3), False), ((7, 4.5), True), ((4, 1.9), True), ((8, 3), False), ((9, 0), False)],
)
def test_contains(point, inside):
    assert of(NOTCHED).contains(Point2D(*point)) is inside


def test_transforms():
    affine = AffineTransform(LinearTransform(np.array([[0.0, -2.0], [2.0, 0.0]])), Extent2D(3.0, 4.0))
    expected = of([(3 - 2 * y, 4 + 2 * x) for x, y in ((-2, 1), (-2, 5), (4, 5), (4, 1))])
    for transform in (affine, makeTransform(affine)):
        assert Polygon(BOX, transform) == expected
        assert Polygon(BOX).transform(transform) == expected


@pytest.mark.parametrize(("num", "count"), [(3, 15), (2.0, 4 + 3 + 3 + 2 * 3)])
def test_more_vertices(num, count):
    more = of(NOTCHED).subSample(num)
    assert len(more) == count
    assert more == of(NOTCHED)
    assert more.calculateArea() == pytest.approx(32.0)


def test_hull():
    assert of(NOTCHED).convexHull() == of([NOTCHED[0], NOTCHED[1], NOTCHED[2], NOTCHED[4]])


def test_copies_and_files(tmp_path):
    polygon = of(NOTCHED)
    polygon.writeFits(tmp_path / "polygon.fits")
    assert Polygon.readFits(tmp_path / "polygon.fits").getVertices() == polygon.getVertices()
    assert pickle.loads(pickle.dumps(polygon)) == copy.deepcopy(polygon) == polygon
    assert hash(pickle.loads(pickle.dumps(polygon))) == hash(polygon)
    exposure = ExposureF(4, 3)
    exposure.info.setValidPolygon(polygon)
    exposure.writeFits(tmp_path / "exposure.fits")
    assert ExposureF(tmp_path / "exposure.fits").info.getValidPolygon() == polygon


def test_of_a_file_of_the_stack(real_dir, tmp_path):
    """Read, and written back number by number."""
    polygon = ExposureF(real_dir / "exposures/calexp.fits").info.getValidPolygon()
    assert polygon.getBBox().getMaxY() == 3787.2579166241485
    polygon.writeFits(tmp_path / "polygon.fits")
    vertices = [tuple(point) for point in Polygon.readFits(tmp_path / "polygon.fits").getVertices()]
    assert vertices[0] == vertices[-1] == (-0.5009755066603316, 1552.9564734855712)
    assert len(vertices) == 8


def test_what_is_no_polygon():
    with pytest.raises(InvalidParameterError, match="at least three vertices, got 2"):
        of([(0, 0), (1, 1), (0, 0)])
    with pytest.raises(TypeError):
        Polygon([1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="combined with another or a Box2D, not a list"):
        of(NOTCHED).intersection(NOTCHED)


def test_contains_many():
    polygon, points = of(NOTCHED), [(1, 1), (4, 3), (7, 4), (4, 1), (8, 3), (0, 0)]
    expected = [True, False, True, True, False, False]
    assert polygon.contains([Point2D(*point) for point in points]) == expected
    assert polygon.contains([Point2I(*point) for point in points]) == expected
    assert polygon.contains([]) == []
    x, y = (np.array(values).reshape(2, 3) for values in zip(*points, strict=True))
    assert polygon.contains(x, y).tolist() == [expected[:3], expected[3:]]
    assert polygon.contains(x.astype(np.float32), 1).tolist() == polygon.contains(x, np.ones((2, 3))).tolist()
    assert polygon.contains(1, 1.5) is True


def square(size, x=0.0, y=0.0):
    return Polygon(Box2D(Point2D(x - size, y - size), Point2D(x + size, y + size)))


def same(polygons, expected):
    """Whether there are the expected polygons, in any order."""
    return len(polygons) == len(expected) and all(polygon in expected for polygon in polygons)


def test_two_squares():
    one, two, far = square(2, -1, -1), square(2, 1, 1), square(1, 6, 6)
    steps = [(-3, -3), (-3, 1), (-1, 1), (-1, 3), (3, 3), (3, -1), (1, -1), (1, -3)]
    for first, second in ((one, two), (two, one)):
        assert first.intersection(second) == [first.intersectionSingle(second)] == [square(1)]
        assert first.union(second) == [first.unionSingle(second)] == [of(steps)]
        corners = [steps[:3] + [(-1, -1)] + steps[-2:], steps[2:7] + [(1, 1)]]
        assert same(first.symDifference(second), [of(corner) for corner in corners])
        assert first.overlaps(second)
    assert one.intersection(Box2D(Point2D(-1.0, -1.0), Point2D(3.0, 3.0))) == [square(1)]
    assert one.intersection(far) == []
    assert same(one.union(far), [one, far])
    assert same(one.symDifference(far), [one, far])
    assert not one.overlaps(far)
    with pytest.raises(
        SinglePolygonException, match="intersection is a single polygon if there is one, not 0"
    ):
        one.intersectionSingle(far)
    with pytest.raises(SinglePolygonException, match="not 2"):
        one.unionSingle(far)
    assert issubclass(SinglePolygonException, RuntimeError)


def test_several_parts():
    bar = Box2D(Point2D(-1.0, 3.0), Point2D(9.0, 5.0))
    left, right = [(0, 3), (0, 5), (1, 5), (3, 3)], [(8, 3), (8, 5), (7, 5), (5, 3)]
    assert same(of(NOTCHED).intersection(bar), [of(left), of(right)])
    with pytest.raises(SinglePolygonException, match="not 2"):
        of(NOTCHED).intersectionSingle(bar)
    with pytest.raises(NotImplementedError, match=r"union of these polygons has a hole.*shapely"):
        of(NOTCHED).union(bar)
    with pytest.raises(NotImplementedError, match=r"difference of these polygons has a hole.*shapely"):
        square(2).symDifference(square(1))


@pytest.mark.parametrize(
    ("other", "touches"),
    [
        (square(1, 3, 0), True),  # part of an edge
        (square(2, 4, 0), True),  # an edge
        (square(2, 4, 4), True),  # a corner
        (square(1, 3.0 + 1e-6, 0), False),
        (square(0.5), True),  # within
        (square(5), True),  # around
        (square(2), True),
    ],
)
def test_touching(other, touches):
    assert square(2).overlaps(other) is touches
    assert other.overlaps(square(2)) is touches


def test_image():
    image = of(NOTCHED).createImage(Box2I(Point2I(-1, 1), Extent2I(11, 3)))
    assert isinstance(image, ImageF)
    assert image.getXY0() == Point2I(-1, 1)
    # Rows from 0.5 to 1.5, without the notch, and around the notch, whose tip is at (4, 2).
    np.testing.assert_array_equal(image.array[0], [0, 0.5, 1, 1, 1, 1, 1, 1, 1, 0.5, 0])
    np.testing.assert_array_equal(image.array[1], [0, 0.5, 1, 1, 1, 0.75, 1, 1, 1, 0.5, 0])
    np.testing.assert_array_equal(image.array[2], [0, 0.5, 1, 1, 0.5, 0, 0.5, 1, 1, 0.5, 0])
    whole = of(NOTCHED).createImage(Extent2I(9, 7))
    assert whole.getXY0() == Point2I(0, 0)
    assert whole.array.sum() == 32.0
    with pytest.raises(InvalidParameterError, match="no pixels"):
        of(NOTCHED).createImage(Box2I())


def test_image_of_many_corners():
    angle = np.linspace(0, 2 * math.pi, 17, endpoint=False)
    polygon = of(zip(75 + 25 * np.cos(angle), 71 + 25 * np.sin(angle), strict=True))
    image = polygon.createImage(Box2I(Point2I(40, 40), Extent2I(70, 65)))
    assert image.array.sum(dtype=float) == pytest.approx(polygon.calculateArea(), rel=1e-7)
    assert polygon.createImage(Extent2I(75, 71)).array.sum(dtype=float) < polygon.calculateArea() / 2


def test_plot():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    axes = of(NOTCHED).plot(color="red")
    assert len(axes.lines) == 5
    assert of(NOTCHED).plot(axes) is axes
    assert len(axes.lines) == 10
