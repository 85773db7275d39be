"""Linear and affine transforms of the plane."""

import pickle

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lsst.geom import (
    AffineTransform,
    Extent2D,
    LinearTransform,
    Point2D,
    Point2I,
    SingularTransformException,
    degrees,
    makeAffineTransformFromTriple,
)

elements = st.floats(-10, 10)
MATRIX = np.array([[2.0, 1.0, 5.0], [-1.0, 3.0, -7.0], [0.0, 0.0, 1.0]])


def test_linear():
    t = LinearTransform(MATRIX[:2, :2])
    assert t(Point2D(1, 2)) == Point2D(4, 5)
    assert t(Extent2D(1, 2)) == Extent2D(4, 5)
    assert t(1.0, 2.0) == (4.0, 5.0)
    x, y = t(np.array([[1.0, 0.0]]), np.array([[2.0, 0.0]]))
    np.testing.assert_array_equal([x, y], [[[4, 0]], [[5, 0]]])
    assert t.computeDeterminant() == 7.0
    assert (t[LinearTransform.XX], t[LinearTransform.YX], t[LinearTransform.XY], t[0, 1]) == (2, -1, 1, 1)
    np.testing.assert_array_equal(t.getParameterVector(), [2, -1, 1, 3])
    np.testing.assert_allclose((t * t.inverted()).getMatrix(), np.identity(2), atol=1e-15)
    assert LinearTransform().isIdentity()
    assert LinearTransform.makeScaling(2, 3)(Point2D(1, 1)) == Point2D(2, 3)
    assert LinearTransform.makeScaling(2)(Point2D(1, 1)) == Point2D(2, 2)
    np.testing.assert_allclose(
        [*LinearTransform.makeRotation(90 * degrees)(Point2D(1, 0))], [0, 1], atol=1e-15
    )
    np.testing.assert_array_equal((t + t - t).getMatrix(), t.getMatrix())
    t.set(1, 2, 3, 4)
    np.testing.assert_array_equal(t.getMatrix(), [[1, 3], [2, 4]])


def test_affine():
    t = AffineTransform(MATRIX)
    assert t(Point2D(1, 2)) == Point2D(9, -2)
    assert t(Extent2D(1, 2)) == Extent2D(4, 5)
    assert t(1, 2) == (9.0, -2.0)
    np.testing.assert_array_equal(t(np.array([1.0, 0.0]), np.array([2.0, 0.0])), [[9, 5], [-2, -7]])
    assert t.applyX(np.zeros((2, 3)), 1.0).shape == (2, 3)
    assert t.getTranslation() == Extent2D(5, -7)
    np.testing.assert_array_equal(t.getLinear().getMatrix(), MATRIX[:2, :2])
    assert [t[i] for i in range(6)] == [2, -1, 1, 3, 5, -7]
    assert t[1, 2] == -7
    t[AffineTransform.X] = 6
    assert t.getTranslation().x == 6
    t.setParameterVector([1, 0, 0, 1, 0, 0])
    assert t.isIdentity()


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (AffineTransform(), np.identity(3)),
        (AffineTransform(MATRIX[:2, :2], MATRIX[:2, 2]), MATRIX),
        (AffineTransform(LinearTransform(MATRIX[:2, :2]), Extent2D(5, -7)), MATRIX),
        (AffineTransform(linear=LinearTransform(MATRIX[:2, :2]), translation=Extent2D(5, -7)), MATRIX),
        (AffineTransform(Extent2D(5, -7)), [[1, 0, 5], [0, 1, -7], [0, 0, 1]]),
        (AffineTransform.makeTranslation(Extent2D(5, -7)), [[1, 0, 5], [0, 1, -7], [0, 0, 1]]),
        (AffineTransform.makeScaling(2.0), np.diag([2, 2, 1])),
        (AffineTransform.makeScaling(2, 3), np.diag([2, 3, 1])),
    ],
)
def test_constructors(made, expected):
    np.testing.assert_array_equal(made.getMatrix(), expected)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(made)).getMatrix(), expected)


def test_matrix_is_a_copy():
    t = AffineTransform(MATRIX)
    t.getMatrix()[0, 0] = 99
    assert t[0] == 2


def test_from_triple():
    p = [Point2D(0, 0), Point2D(1, 0), Point2D(0, 1)]
    t = AffineTransform(MATRIX)
    np.testing.assert_allclose(makeAffineTransformFromTriple(*p, *map(t, p)).getMatrix(), MATRIX, atol=1e-14)
    with pytest.raises(SingularTransformException, match="on a line"):
        makeAffineTransformFromTriple(p[0], p[0], p[1], *p)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: LinearTransform.makeScaling(0).inverted(), SingularTransformException, "no inverse"),
        (lambda: LinearTransform(np.identity(3)), TypeError, "3, 3"),
        (lambda: AffineTransform(np.zeros(3)), TypeError, "shape"),
        (lambda: AffineTransform(np.identity(3), np.zeros(2)), TypeError, "shape"),
        (lambda: AffineTransform()[6], IndexError, "0 to 5"),
        (lambda: AffineTransform()[0, 3], IndexError, "0 to 2"),
        (lambda: AffineTransform()(Point2I(1, 2)), TypeError, "Point2I"),
        (lambda: LinearTransform.makeRotation(1.0), TypeError, "Angle"),
        (lambda: AffineTransform() * LinearTransform(), TypeError, "unsupported"),
    ],
)
def test_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@settings(deadline=None)
@given(st.lists(elements, min_size=12, max_size=12), elements, elements)
def test_composition(values, x, y):
    a, b = AffineTransform(), AffineTransform()
    a.setParameterVector(values[:6])
    b.setParameterVector(values[6:])
    np.testing.assert_allclose([*(a * b)(Point2D(x, y))], [*a(b(Point2D(x, y)))], atol=1e-9)


@settings(deadline=None)
@given(st.lists(elements, min_size=6, max_size=6), elements, elements)
def test_inverse(values, x, y):
    t = AffineTransform()
    t.setParameterVector(values)
    assume(abs(t.getLinear().computeDeterminant()) > 0.01)
    np.testing.assert_allclose([*t.inverted()(t(Point2D(x, y)))], [x, y], atol=1e-8)
