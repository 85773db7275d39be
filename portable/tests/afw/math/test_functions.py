# SPDX-License-Identifier: GPL-3.0-or-later
"""Polynomials of one and of two variables."""

import numpy as np
import pytest

from lsst.afw.math import PolynomialFunction1D, PolynomialFunction2D
from lsst.pex.exceptions import InvalidParameterError


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
    with pytest.raises(InvalidParameterError, match="order 1 has 3 coefficients, not 2"):
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
    with pytest.raises(InvalidParameterError, match="2 coefficients, not 3"):
        zero.setParameters([1.0, 2.0, 3.0])
    with pytest.raises(InvalidParameterError):
        PolynomialFunction1D([])
