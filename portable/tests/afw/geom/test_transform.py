"""Transforms: points, chains, texts and pickles."""

import pickle
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlink import Ast

import lsst.afw.geom as afwGeom
import lsst.pex.exceptions as pexExceptions
from lsst.afw.geom._python._transform import unpickleTransform
from lsst.geom import AffineTransform, Extent2D, LinearTransform, Point2D

finite = st.floats(-1e4, 1e4)


def affine(matrix, offset):
    return AffineTransform(LinearTransform(np.array(matrix, dtype=float)), Extent2D(*offset))


@pytest.fixture
def shear():
    return afwGeom.makeTransform(affine([[1.5, 0.25], [-0.5, 2.0]], (3.0, -7.0)))


@pytest.fixture
def radial():
    return afwGeom.makeRadialTransform([0.0, 1e-2, 0.0, 3e-6])


def test_point_list_and_array_agree(shear):
    points = [Point2D(1.0, 2.0), Point2D(-3.5, 4.0), Point2D(0.0, 0.0)]
    array = np.array([[p[0] for p in points], [p[1] for p in points]])
    expected = np.array([[1.5, 0.25], [-0.5, 2.0]]) @ array + np.array([[3.0], [-7.0]])
    from_array = shear.applyForward(array)
    np.testing.assert_allclose(from_array, expected, rtol=1e-15)
    from_list = shear.applyForward(points)
    assert isinstance(from_list, list)
    for index, point in enumerate(points):
        single = shear.applyForward(point)
        assert isinstance(single, Point2D)
        assert single == from_list[index] == Point2D(*from_array[:, index])


def test_no_points(shear):
    assert shear.applyForward([]) == []
    assert shear.applyInverse(np.empty((2, 0))).shape == (2, 0)


def test_input_array_is_left_alone(shear):
    array = np.arange(6.0).reshape(2, 3)
    shear.applyForward(array)
    np.testing.assert_array_equal(array, np.arange(6.0).reshape(2, 3))


@settings(deadline=None, max_examples=60)
@given(st.tuples(finite, finite), st.floats(-3, 3), st.floats(0.1, 10), st.tuples(finite, finite))
def test_inverse_undoes_forward(point, angle, scale, offset):
    matrix = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    transform = afwGeom.makeTransform(affine(matrix, offset))
    back = transform.applyInverse(transform.applyForward(Point2D(*point)))
    np.testing.assert_allclose([back[0], back[1]], point, rtol=1e-9, atol=1e-6)
    same = transform.inverted().applyForward(transform.applyForward(Point2D(*point)))
    np.testing.assert_allclose([same[0], same[1]], point, rtol=1e-9, atol=1e-6)


@settings(deadline=None, max_examples=60)
@given(st.tuples(st.floats(-300, 300), st.floats(-300, 300)), st.tuples(finite, finite))
def test_chain_is_one_after_the_other(point, offset):
    first = afwGeom.makeRadialTransform([0.0, 1e-2, 0.0, 3e-6])
    second = afwGeom.makeTransform(affine([[0.0, -2.0], [3.0, 0.5]], offset))
    expected = second.applyForward(first.applyForward(Point2D(*point)))
    for simplify in (True, False):
        result = first.then(second, simplify=simplify).applyForward(Point2D(*point))
        np.testing.assert_allclose([result[0], result[1]], [expected[0], expected[1]], rtol=1e-12, atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.floats(0, 400), st.floats(-3.2, 3.2))
def test_radial_transform_is_its_polynomial(radius, angle):
    coefficients = [0.0, 1e-2, 1e-6, 3e-6]
    transform = afwGeom.makeRadialTransform(coefficients)
    out = transform.applyForward(Point2D(radius * np.cos(angle), radius * np.sin(angle)))
    expected = np.polynomial.polynomial.polyval(radius, coefficients)
    assert np.hypot(out[0], out[1]) == pytest.approx(expected, rel=1e-12, abs=1e-14)
    back = transform.applyInverse(out)
    assert np.hypot(back[0], back[1]) == pytest.approx(radius, rel=1e-6, abs=1e-6)


def test_radial_transform_with_an_inverse_of_its_own():
    transform = afwGeom.makeRadialTransform([0.0, 2.0], [0.0, 0.25])
    assert transform.applyForward(Point2D(3.0, 4.0)) == Point2D(6.0, 8.0)
    back = transform.applyInverse(Point2D(6.0, 8.0))
    np.testing.assert_allclose([back[0], back[1]], [1.5, 2.0], rtol=1e-14)


def test_no_coefficients_give_the_identity():
    for transform in (
        afwGeom.makeRadialTransform([]),
        afwGeom.makeRadialTransform([], []),
        afwGeom.makeIdentityTransform(),
    ):
        assert transform.applyForward(Point2D(3.5, -4.0)) == Point2D(3.5, -4.0)
        assert transform.writeString().split()[3] == "UnitMap"


@pytest.mark.parametrize("bad", [[0.0], [1.0, 1.0], [0.0, 0.0, 1.0]])
def test_radial_coefficients_of_another_form(bad):
    with pytest.raises(pexExceptions.InvalidParameterError, match=r"forward radial .* must begin with 0"):
        afwGeom.makeRadialTransform(bad)
    with pytest.raises(pexExceptions.InvalidParameterError, match=r"inverse radial .* must begin with 0"):
        afwGeom.makeRadialTransform([0.0, 1.0], bad)


def test_only_one_set_of_radial_coefficients():
    with pytest.raises(pexExceptions.InvalidParameterError, match="both given or both empty"):
        afwGeom.makeRadialTransform([0.0, 1.0], [])


def test_jacobian(shear, radial):
    np.testing.assert_allclose(shear.getJacobian(Point2D(9.0, 9.0)), [[1.5, 0.25], [-0.5, 2.0]], rtol=1e-12)
    x, y, step = 30.0, -40.0, 1e-3
    numeric = np.empty((2, 2))
    for column, (dx, dy) in enumerate(((step, 0.0), (0.0, step))):
        ahead, behind = (
            radial.applyForward(Point2D(x + dx, y + dy)),
            radial.applyForward(Point2D(x - dx, y - dy)),
        )
        numeric[:, column] = [(ahead[i] - behind[i]) / (2 * step) for i in range(2)]
    np.testing.assert_allclose(radial.getJacobian(Point2D(x, y)), numeric, rtol=1e-6)


def test_linearize(radial):
    point = Point2D(120.0, 55.0)
    line = afwGeom.linearizeTransform(radial, point)
    there, expected = line(point), radial.applyForward(point)
    np.testing.assert_allclose([there[0], there[1]], [expected[0], expected[1]], rtol=1e-13)
    near = Point2D(120.0001, 55.0002)
    there, expected = line(near), radial.applyForward(near)
    np.testing.assert_allclose([there[0], there[1]], [expected[0], expected[1]], rtol=1e-10)


def test_linearize_where_it_is_not_defined(shear):
    with pytest.raises(pexExceptions.InvalidParameterError, match="not defined at"):
        afwGeom.linearizeTransform(shear, Point2D(np.nan, 0.0))


def test_text_of_the_compiled_stack(golden_dir):
    with open(golden_dir / "files" / "focal_plane_background.pickle", "rb") as stream:
        data = stream.read()
    start = data.index(b"1 TransformPoint2ToPoint2")
    text = data[start : data.index(b" End WinMap\n", start) + len(b" End WinMap\n")].decode()
    transform = afwGeom.TransformPoint2ToPoint2.readString(text)
    assert transform.writeString() == text
    made = afwGeom.makeTransform(
        AffineTransform(
            LinearTransform(np.diag([1.4285714285714286, 1.4285714285714286])),
            Extent2D(6.7142857142857135, 3.8571428571428572),
        )
    )
    assert made.writeString() == text


def test_text_keeps_every_bit():
    values = np.array([1 / 3, np.pi * 1e-9, -np.e * 1e7, 0.1])
    made = afwGeom.makeTransform(affine([[values[0], 0.0], [0.0, values[1]]], values[2:]))
    read = afwGeom.TransformPoint2ToPoint2.readString(made.writeString())
    assert read == made
    assert hash(read) == hash(made)
    points = np.random.default_rng(5).normal(size=(2, 50))
    np.testing.assert_array_equal(read.applyForward(points), made.applyForward(points))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "begins with"),
        ("2 TransformPoint2ToPoint2 Begin UnitMap\n Nin = 2\nIsA Mapping\nEnd UnitMap\n", "begins with"),
        ("1 TransformPoint2ToSpherePoint Begin UnitMap\n", "begins with"),
        ("1 TransformPoint2ToPoint2 Begin UnitMap\n Nin = 2\n", "cannot read"),
        ("1 TransformPoint2ToPoint2 nothing", "cannot read"),
        ("1 TransformPoint2ToPoint2 Begin UnitMap\nNin = 3\nIsA Mapping\nEnd UnitMap\n", "2 axes"),
    ],
)
def test_damaged_text(text, message):
    with pytest.raises(pexExceptions.InvalidParameterError, match=message):
        afwGeom.TransformPoint2ToPoint2.readString(text)


def test_pickle_names_the_function_of_the_stack(shear, radial):
    for transform in (shear, radial, shear.inverted()):
        data = pickle.dumps(transform)
        assert b"lsst.afw.geom._python._transform" in data
        assert b"unpickleTransform" in data
        assert pickle.loads(data) == transform
    assert unpickleTransform(afwGeom.TransformPoint2ToPoint2, shear.writeString()) == shear


def test_comparison(shear):
    assert shear == shear.inverted().inverted()
    assert shear != shear.inverted()
    assert shear != "TransformPoint2ToPoint2"


def test_str(shear):
    assert str(shear) == "TransformPoint2ToPoint2[2->2]"
    assert repr(shear) == "lsst.afw.geom.TransformPoint2ToPoint2[2->2]"


def test_mapping_is_a_copy(shear):
    mapping = shear.getMapping()
    mapping.ast.invert()
    assert shear.applyForward(Point2D(0.0, 0.0)) == Point2D(3.0, -7.0)


def test_mapping_transforms_arrays(shear):
    mapping = shear.getMapping()
    points = np.random.default_rng(6).uniform(-9, 9, (2, 5))
    np.testing.assert_array_equal(mapping.applyForward(points), shear.applyForward(points))
    np.testing.assert_allclose(mapping.inverted().applyForward(points), shear.applyInverse(points))
    np.testing.assert_allclose(mapping.then(mapping.inverted()).simplified().applyForward(points), points)
    assert (mapping.nIn, mapping.nOut, mapping.hasForward, mapping.hasInverse) == (2, 2, True, True)
    assert afwGeom.TransformPoint2ToPoint2(mapping) == shear


def test_singular_transform_has_no_inverse():
    transform = afwGeom.makeTransform(affine([[1.0, 1.0], [1.0, 1.0]], (0.0, 0.0)))
    assert transform.hasForward
    assert not transform.hasInverse
    with pytest.raises(pexExceptions.RuntimeError, match="no inverse"):
        transform.applyInverse(Point2D(0.0, 0.0))
    with pytest.raises(pexExceptions.RuntimeError, match="no forward"):
        transform.inverted().applyForward(Point2D(0.0, 0.0))


def test_wrong_arguments(shear):
    with pytest.raises(TypeError, match=r"starlink\.Ast\.Mapping"):
        afwGeom.TransformPoint2ToPoint2("map")
    with pytest.raises(TypeError, match="AffineTransform"):
        afwGeom.makeTransform(np.eye(2))
    with pytest.raises(TypeError, match="cannot chain"):
        shear.then(affine([[1.0, 0.0], [0.0, 1.0]], (0.0, 0.0)))
    with pytest.raises(pexExceptions.InvalidParameterError, match=r"shape \(2, n\)"):
        shear.applyForward(np.zeros((3, 2)))


def test_names_that_are_not_offered():
    with pytest.raises(AttributeError, match="not offered by the portable stack"):
        afwGeom.SpanSet  # noqa: B018


def test_threads_share_a_transform(radial):
    points = np.random.default_rng(1).normal(scale=100, size=(2, 1000))
    expected = radial.applyForward(points)
    results = [None] * 4

    def work(index):
        results[index] = radial.applyForward(points)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        np.testing.assert_array_equal(result, expected)


def test_nan_where_a_transform_is_not_defined():
    mapping = Ast.MathMap(2, 2, ["a = log10(x)", "b = y"], ["x = 10**a", "y = b"])
    transform = afwGeom.TransformPoint2ToPoint2(mapping)
    out = transform.applyForward(np.array([[100.0, -1.0], [5.0, 6.0]]))
    np.testing.assert_array_equal(out, [[2.0, np.nan], [5.0, 6.0]])
    with pytest.raises(pexExceptions.InvalidParameterError, match="not defined at"):
        afwGeom.linearizeTransform(transform, Point2D(-1.0, 0.0))


def test_text_of_something_else():
    with pytest.raises(
        pexExceptions.InvalidParameterError, match="class that no transform of a camera is made of"
    ):
        afwGeom.TransformPoint2ToPoint2.readString(
            "1 TransformPoint2ToPoint2 Begin KeyMap\nIsA Object\nEnd KeyMap\n"
        )
