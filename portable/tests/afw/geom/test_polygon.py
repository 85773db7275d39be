"""Polygons: what they measure, and the files they go to."""

import copy
import math
import pickle

import numpy as np
import pytest

from lsst.afw.geom import Polygon, makeTransform
from lsst.afw.image import ExposureF
from lsst.geom import AffineTransform, Box2D, Extent2D, LinearTransform, Point2D
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
    with pytest.raises(NotImplementedError, match="shapely"):
        of(NOTCHED).intersection(Polygon(BOX))
