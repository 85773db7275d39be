"""The tree of coordinate systems."""

import pickle

import numpy as np
import pytest

import lsst.pex.exceptions as pexExceptions
from lsst.afw.cameraGeom import FIELD_ANGLE, FOCAL_PLANE, PIXELS, CameraSys, TransformMap
from lsst.afw.geom import makeIdentityTransform, makeTransform
from lsst.geom import AffineTransform, Extent2D, LinearTransform, Point2D

A, B, C = (CameraSys(PIXELS, name) for name in "abc")


def shift(x):
    return makeTransform(AffineTransform(LinearTransform(np.eye(2)), Extent2D(x, 0.0)))


@pytest.fixture
def tree():
    """FOCAL_PLANE to A, A to B (given backwards), FOCAL_PLANE to C."""
    connections = [
        TransformMap.Connection(shift(1.0), B, A),
        TransformMap.Connection(shift(10.0), FOCAL_PLANE, A),
        TransformMap.Connection(shift(100.0), FOCAL_PLANE, C),
    ]
    return TransformMap(FOCAL_PLANE, connections)


def test_connections_point_away_from_the_reference(tree):
    systems = [(c.fromSys, c.toSys) for c in tree.getConnections()]
    assert systems[2] == (A, B)
    assert set(systems[:2]) == {(FOCAL_PLANE, A), (FOCAL_PLANE, C)}


def test_paths(tree):
    for start, end, x in (
        (FOCAL_PLANE, B, 9.0),
        (B, FOCAL_PLANE, -9.0),
        (B, C, 91.0),
        (B, A, 1.0),
        (C, C, 0.0),
    ):
        assert tree.transform(Point2D(0.0, 2.0), start, end) == Point2D(x, 2.0)
    points = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(tree.transform(points, B, C), points + [[91.0], [0.0]])
    assert tree.transform([Point2D(1.0, 1.0)], B, C) == [Point2D(92.0, 1.0)]


def test_collection(tree):
    assert len(tree) == 4
    assert set(tree) == {FOCAL_PLANE, A, B, C}
    assert B in tree
    assert not any(hasattr(tree, name) for name in ("begin", "end", "contains", "size"))
    assert FIELD_ANGLE not in tree


def test_mapping_of_transforms():
    tree = TransformMap(FOCAL_PLANE, {A: shift(1.0), FIELD_ANGLE: makeIdentityTransform()})
    assert tree.transform(Point2D(0.0, 0.0), FIELD_ANGLE, A) == Point2D(1.0, 0.0)
    assert tree.getFocalPlaneParity() is False


def test_parity_follows_from_the_transform():
    flip = makeTransform(AffineTransform(LinearTransform(np.diag([-1.0, 1.0]))))
    assert TransformMap(FOCAL_PLANE, {FIELD_ANGLE: flip}).getFocalPlaneParity() is True


def test_pickle(tree):
    copy = pickle.loads(pickle.dumps(tree))
    assert copy.getConnections() == tree.getConnections()
    assert copy.transform(Point2D(0.0, 2.0), B, C) == Point2D(91.0, 2.0)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "no connections"),
        ([(FOCAL_PLANE, A), (FOCAL_PLANE, FOCAL_PLANE)], "Identity connection found"),
        ([(FOCAL_PLANE, A), (A, B), (B, FOCAL_PLANE)], "Multiple paths"),
        ([(FOCAL_PLANE, A), (A, FOCAL_PLANE)], "Multiple paths"),
        ([(FOCAL_PLANE, A), (B, C)], r"Disconnected connection\(s\) found: CameraSys\(Pixels, b\)"),
    ],
)
def test_what_is_no_tree(pairs, message):
    connections = [TransformMap.Connection(shift(1.0), start, end) for start, end in pairs]
    with pytest.raises(pexExceptions.InvalidParameterError, match=message):
        TransformMap(FOCAL_PLANE, connections)
