"""Interpolation: nodes, known functions, many columns at once and bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.afw import math as afw_math
from lsst.pex.exceptions import InvalidParameterError, OutOfRangeError, RuntimeError
from lsst.portable.arrays.interpolate import (
    evaluate_columns,
    evaluate_rows,
    evaluate_scattered,
    find_spans,
    pieces,
)

STYLES = [style for style in afw_math.Interpolate.Style if 0 <= style < 7]
SMOOTH = [style for style in STYLES if style != afw_math.Interpolate.CONSTANT]
APERIODIC = [style for style in SMOOTH if "PERIODIC" not in style.name]


@pytest.mark.parametrize("style", SMOOTH)
@settings(max_examples=20, deadline=None)
@given(steps=st.lists(st.floats(0.1, 10), min_size=5, max_size=15), seed=st.integers(0, 1000))
def test_passes_through_nodes(style, steps, seed):
    x = np.cumsum(steps)
    y = np.random.default_rng(seed).normal(size=len(x))
    if "PERIODIC" in style.name:
        y[-1] = y[0]
    np.testing.assert_allclose(afw_math.makeInterpolate(x, y, style).interpolate(x), y, rtol=0, atol=1e-9)


@pytest.mark.parametrize("style", APERIODIC)
def test_straight_line_stays_straight_beyond_the_ends(style):
    x = np.array([-3.0, -1.0, 0.5, 2.0, 7.0, 8.0])
    function = afw_math.makeInterpolate(x, 2.0 - 0.5 * x, style)
    points = np.linspace(-20, 20, 41)
    np.testing.assert_allclose(function.interpolate(points), 2.0 - 0.5 * points, rtol=0, atol=1e-12)


def test_natural_spline_agrees_with_scipy():
    scipy_interpolate = pytest.importorskip("scipy.interpolate")
    rng = np.random.default_rng(3)
    x, y = np.cumsum(rng.uniform(0.5, 2.0, 9)), rng.normal(size=9)
    points = np.linspace(x[0], x[-1], 50)
    for style, boundary in (("NATURAL_SPLINE", "natural"), ("CUBIC_SPLINE_PERIODIC", "periodic")):
        y[-1] = y[0]
        expected = scipy_interpolate.CubicSpline(x, y, bc_type=boundary)(points)
        function = afw_math.makeInterpolate(x, y, afw_math.stringToInterpStyle(style))
        np.testing.assert_allclose(function.interpolate(points), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("style", STYLES)
def test_columns_rows_and_points_agree(style):
    rng = np.random.default_rng(8)
    x, y = np.cumsum(rng.integers(2, 6, 8)) + 0.5, rng.normal(size=(8, 70))
    function = pieces(x, y, int(style))
    expected = evaluate_scattered(function, np.arange(-3, 45))
    np.testing.assert_allclose(evaluate_columns(function, -3, 45), expected, rtol=0, atol=1e-11)
    rows = np.empty((70, 48), dtype=np.float32)
    evaluate_rows(function, find_spans(function, -3, 45), rows)
    np.testing.assert_allclose(rows.T, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("style", SMOOTH)
def test_nan_stays_in_its_column(style):
    y = np.random.default_rng(0).normal(size=(7, 3))
    y[3, 1] = np.nan
    values = evaluate_scattered(pieces(np.arange(7.0), y, int(style)), np.array([3.0, 3.5]))
    assert np.isnan(values[:, 1]).all()
    assert np.isfinite(values[:, [0, 2]]).all()


def test_scalars_and_arrays():
    function = afw_math.makeInterpolate([0, 1, 2], [0, 2, 4], afw_math.Interpolate.LINEAR)
    assert function.interpolate(0.5) == 1.0
    assert isinstance(function.interpolate(0.5), float)
    np.testing.assert_array_equal(function.interpolate([0.5, 1.5]), [1.0, 3.0])
    assert np.isnan(function.interpolate(float("nan")))


@pytest.mark.parametrize(
    ("count", "style"), [(1, "CONSTANT"), (2, "LINEAR"), (3, "CUBIC_SPLINE"), (4, "CUBIC_SPLINE")]
)
def test_best_style_for_few_points(count, style):
    assert afw_math.lookupMaxInterpStyle(count) == afw_math.Interpolate.Style[style]
    for many in (5, 50):
        assert afw_math.lookupMaxInterpStyle(many) == afw_math.Interpolate.AKIMA_SPLINE


def test_bad_input():
    with pytest.raises(InvalidParameterError, match="at least 1 point"):
        afw_math.lookupMaxInterpStyle(0)
    with pytest.raises(OutOfRangeError, match="out of range"):
        afw_math.lookupMinInterpPoints(afw_math.Interpolate.UNKNOWN)
    with pytest.raises(InvalidParameterError, match="Unknown interpolation style 'SPLINE'"):
        afw_math.stringToInterpStyle("SPLINE")
    with pytest.raises(InvalidParameterError, match="must match"):
        afw_math.makeInterpolate([0, 1, 2], [0, 1], afw_math.Interpolate.LINEAR)
    with pytest.raises(RuntimeError, match="strictly ascending"):
        afw_math.makeInterpolate([0, 2, 1], [0, 1, 2], afw_math.Interpolate.LINEAR)
    with pytest.raises(InvalidParameterError, match="No interpolation style is set"):
        afw_math.makeInterpolate([0, 1, 2], [0, 1, 2], afw_math.Interpolate.UNKNOWN)
    with pytest.raises(OutOfRangeError, match="needs at least 1 points, got 0"):
        afw_math.makeInterpolate([], [], afw_math.Interpolate.CONSTANT)


@pytest.mark.parametrize("style", ["AKIMA_SPLINE", "AKIMA_SPLINE_PERIODIC"])
def test_akima_keeps_corners_between_straight_pieces(style):
    """Where both weights vanish, the slope on either side is that of the piece, as in the compiled stack."""
    y = [1.0, 1.0, 1.0, 2.0, 3.0]
    function = afw_math.makeInterpolate(np.arange(5.0), np.array(y), afw_math.stringToInterpStyle(style))
    x = np.linspace(1.0, 3.0, 21)
    np.testing.assert_allclose(function.interpolate(x), np.interp(x, np.arange(5.0), y), rtol=1e-15)


@pytest.mark.parametrize("style", [0, 1, 2, 3, 5, 6])
def test_compiled_rows_are_those_of_numpy(style):
    rng = np.random.default_rng(9)
    x = np.cumsum(rng.uniform(3, 9, 11))
    values = rng.normal(0, 1, (11, 67))
    values[:, 3], values[4, 5] = 0.1, np.nan
    function = pieces(x, values, style)
    results = []
    for compiled in (False, True):
        results.append(np.empty((67, 80), dtype=np.float32))
        evaluate_rows(function, find_spans(function, -5, 75), results[-1], compiled=compiled)
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize(
    ("x", "y", "at", "expected"),
    [([0, 1, 2], [1, 2, 4], 0.5, 1.6875), ([0, 1, 2], [1, 2, 1], 0.5, 1.5), ([0, 1, 3], [1, 2, 4], 2, 3.5)],
)
def test_periodic_spline_through_three_points(x, y, at, expected):
    function = afw_math.makeInterpolate(x, y, afw_math.Interpolate.CUBIC_SPLINE_PERIODIC)
    assert function.interpolate(at) == pytest.approx(expected, rel=1e-15)
    np.testing.assert_allclose(function.interpolate(np.array(x, dtype=float)), y, rtol=1e-15)
