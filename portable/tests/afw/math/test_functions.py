# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions of one and of two variables: values, parameters and descriptions."""

import numpy as np
import pytest

from lsst.afw.math import (
    Chebyshev1Function1D,
    Chebyshev1Function2D,
    DoubleGaussianFunction2D,
    GaussianFunction1D,
    GaussianFunction2D,
    IntegerDeltaFunction1D,
    IntegerDeltaFunction2D,
    LanczosFunction1D,
    LanczosFunction2D,
    PolynomialFunction1D,
    PolynomialFunction2D,
)
from lsst.geom import Box2D, Point2D
from lsst.pex.exceptions import InvalidParameterError, NotFoundError


def test_order_of_the_coefficients():
    function = PolynomialFunction2D([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    x, y = 0.5, -3.0
    assert function.getOrder() == 2
    assert function(x, y) == 1 + 2 * x + 3 * y + 4 * x**2 + 5 * x * y + 6 * y**2
    assert function.getDFuncDParameters(x, y) == [1, x, y, x**2, x * y, y**2]
    grid = function(np.arange(3.0), np.arange(2.0)[:, np.newaxis])
    assert grid.shape == (2, 3)
    assert grid[1, 2] == function(2, 1)


def test_coefficients_are_set():
    function = PolynomialFunction2D(1)
    assert (function.getNParameters(), function(3.0, 4.0)) == (3, 0.0)
    function.setParameter(2, 7.0)
    copy = function.clone()
    function.setParameters([1, 2, 3])
    assert function.getParameters() == [1.0, 2.0, 3.0]
    assert (copy.getParameter(2), copy(0.0, 2.0)) == (7.0, 14.0)
    assert function.isLinearCombination()


def test_numbers_that_fit_no_polynomial():
    for wrong in ([], [1.0, 2.0], [0.0] * 5):
        with pytest.raises(InvalidParameterError, match=f"has {len(wrong)} coefficients"):
            PolynomialFunction2D(wrong)
    with pytest.raises(InvalidParameterError, match="cannot be negative"):
        PolynomialFunction2D(-1)
    with pytest.raises(InvalidParameterError, match="has 3 parameters, not 2"):
        PolynomialFunction2D(1).setParameters([1, 2])
    assert PolynomialFunction2D.orderFromNParameters(PolynomialFunction2D.nParametersFromOrder(11)) == 11


def test_polynomial_of_one_variable():
    polynomial = PolynomialFunction1D([1.0, -2.0, 0.5])
    assert polynomial(4.0) == 1.0
    np.testing.assert_array_equal(polynomial(np.array([0.0, 2.0])), [1.0, -1.0])
    assert (polynomial.getOrder(), polynomial.getNParameters()) == (2, 3)
    zero = PolynomialFunction1D(1)
    zero.setParameters([3.0, 1.0])
    assert (zero(2.0), zero.getParameters()) == (5.0, [3.0, 1.0])
    with pytest.raises(InvalidParameterError, match="2 parameters, not 3"):
        zero.setParameters([1.0, 2.0, 3.0])
    with pytest.raises(InvalidParameterError):
        PolynomialFunction1D([])


@pytest.mark.parametrize("order", range(5))
def test_chebyshev_polynomials_of_one_variable(order):
    coefficients = np.random.default_rng(order).normal(size=order + 1)
    function = Chebyshev1Function1D(order, -3.5, 12.0)
    function.setParameters(coefficients)
    assert (function.getMinX(), function.getMaxX(), function.getOrder()) == (-3.5, 12.0, order)
    for same in (function, function.clone(), Chebyshev1Function1D(coefficients, -3.5, 12.0)):
        for place in (-3.5, 0.0, 7.25, 12.0):
            angle = np.arccos(np.clip((2 * place - 8.5) / 15.5, -1, 1))
            terms = [np.cos(n * angle) for n in range(order + 1)]
            assert same(place) == pytest.approx(coefficients @ terms, abs=1e-13)
    with pytest.raises(InvalidParameterError):
        Chebyshev1Function1D([])


@pytest.mark.parametrize("order", range(5))
def test_chebyshev_polynomials_of_two_variables(order):
    box = Box2D(Point2D(-3.5, 1.0), Point2D(12.0, 2.0))
    count = Chebyshev1Function2D.nParametersFromOrder(order)
    coefficients = np.random.default_rng(order).normal(size=count)
    function = Chebyshev1Function2D(coefficients, box)
    assert (function.getXYRange(), function.getOrder(), function.getNParameters()) == (box, order, count)

    def expected(x, y, highest):
        across, up = np.arccos((2 * x - 8.5) / 15.5), np.arccos(2 * y - 3.0)
        terms = [np.cos((n - j) * across) * np.cos(j * up) for n in range(highest + 1) for j in range(n + 1)]
        return coefficients[: len(terms)] @ terms

    for highest in range(order + 1):
        shorter = function.truncate(highest)
        assert (shorter.getOrder(), shorter.getXYRange()) == (highest, box)
        for place in ((-3.5, 1.0), (5.0, 1.25), (12.0, 2.0)):
            assert shorter(*place) == pytest.approx(expected(*place, highest), abs=1e-13)
    grid = function(np.linspace(-3, 12, 4), np.array([[1.1], [1.9]]))
    assert grid.shape == (2, 4)
    assert grid[1, 2] == pytest.approx(function(7.0, 1.9))
    with pytest.raises(InvalidParameterError, match=f"cannot be truncated to order {order + 1}"):
        function.truncate(order + 1)
    assert Chebyshev1Function2D(order).getXYRange() == Box2D(Point2D(-1, -1), Point2D(1, 1))


def test_gaussians_follow_their_parameters():
    line = GaussianFunction1D(1.0)
    line.setParameters((3.0,))
    assert line(3.0) == pytest.approx(np.exp(-0.5) / (3 * np.sqrt(2 * np.pi)))
    ellipse = GaussianFunction2D(1.0, 1.0)
    ellipse.setParameters([3.0, 0.5, 0.7])
    along = ellipse(2 * np.cos(0.7), 2 * np.sin(0.7))
    assert along == pytest.approx(line(2.0) * GaussianFunction1D(0.5)(0.0))
    y, x = np.mgrid[-30:31, -30:31]
    wings = DoubleGaussianFunction2D(1.5)
    assert wings.getParameters() == [1.5, 0.0, 0.0]
    wings.setParameters([1.5, 4.0, 0.2])
    assert wings(x, y).sum() == pytest.approx(1.0, abs=1e-6)
    core, rest = (GaussianFunction2D(sigma, sigma) for sigma in (1.5, 4.0))
    share = 1.5**2 / (1.5**2 + 0.2 * 4.0**2)
    assert wings(2, 1) == pytest.approx(share * core(2, 1) + (1 - share) * rest(2, 1))


def test_deltas_and_lanczos_functions():
    assert [IntegerDeltaFunction1D(2)(x) for x in (1, 2, 3)] == [0.0, 1.0, 0.0]
    assert IntegerDeltaFunction2D(2, -1)(np.arange(4), -1).tolist() == [0.0, 0.0, 1.0, 0.0]
    assert IntegerDeltaFunction2D(2, -1)(2, 0) == 0.0
    line = LanczosFunction1D(3, 0.5)
    assert (line.getOrder(), line.getParameters(), line(0.5)) == (3, [0.5], 1.0)
    line.setParameters([0.0])
    assert line(1.5) == pytest.approx(np.sin(1.5 * np.pi) * np.sin(0.5 * np.pi) / (1.5 * 0.5 * np.pi**2))
    square = LanczosFunction2D(3)
    square.setParameters([0.25, -0.5])
    assert square(1.75, 0.0) == pytest.approx(line(1.5) * line(0.5))


def test_descriptions():
    assert (
        GaussianFunction1D(2.5).toString() == "GaussianFunction1 [0.398942]: Function1: parameters: [ 2.5 ]"
    )
    assert GaussianFunction2D(2, 1).toString("-") == "GaussianFunction2: Function2: parameters: [ 2, 1, 0 ]"
    assert IntegerDeltaFunction2D(2, -1).toString().startswith("IntegerDeltaFunction2 [2, -1]: Function2:")
    assert LanczosFunction1D(3).toString() == "LanczosFunction1 [3]: Function1: parameters: [ 0 ]"
    assert PolynomialFunction1D(1).toString() == "PolynomialFunction1 []: Function1: parameters: [ 0, 0 ]"
    assert (
        Chebyshev1Function1D(0, 0, 9).toString() == "Chebyshev1Function1 [0, 9]: Function1: parameters: [ 0 ]"
    )


def test_what_only_polynomials_have():
    assert not GaussianFunction1D(1).isLinearCombination()
    assert PolynomialFunction1D(1).isLinearCombination()
    with pytest.raises(NotFoundError, match="not offered by GaussianFunction2D"):
        GaussianFunction2D(1, 1).getDFuncDParameters(0, 0)
    chebyshev = Chebyshev1Function2D([1.0, 2.0, 3.0])
    assert chebyshev.getDFuncDParameters(0.5, -0.25) == [1.0, 0.5, -0.25]
