"""Least squares: agreement with numpy, rank and bad input."""

import numpy as np
import pytest

from lsst.afw.math import LeastSquares
from lsst.pex.exceptions import InvalidParameterError


@pytest.mark.parametrize("factorization", list(LeastSquares.Factorization))
def test_agrees_with_numpy(factorization):
    rng = np.random.default_rng(12)
    design, data = rng.normal(size=(30, 4)), rng.normal(size=30)
    solution = LeastSquares.fromDesignMatrix(design, data, factorization)
    np.testing.assert_allclose(solution.getSolution(), np.linalg.lstsq(design, data, rcond=None)[0])
    np.testing.assert_allclose(solution.getCovariance(), np.linalg.inv(design.T @ design))
    np.testing.assert_allclose(solution.getFisherMatrix(), design.T @ design)
    assert (solution.getRank(), solution.getDimension()) == (4, 4)
    np.testing.assert_allclose(
        solution.getDiagnostic(LeastSquares.DIRECT_SVD), np.linalg.svd(design, compute_uv=False)
    )


def test_one_parameter_through_the_origin():
    x, y = np.array([1.0, 2.0, 3.0]), np.array([2.1, 3.9, 6.0])
    scale = LeastSquares.fromDesignMatrix(x.reshape(3, 1), y, LeastSquares.DIRECT_SVD).getSolution()
    assert scale == pytest.approx([np.dot(x, y) / np.dot(x, x)])


@pytest.mark.parametrize("factorization", [LeastSquares.NORMAL_EIGENSYSTEM, LeastSquares.DIRECT_SVD])
def test_degenerate_directions_are_left_at_zero(factorization):
    design = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    solution = LeastSquares.fromDesignMatrix(design, np.array([2.0, 4.0, 6.0]), factorization)
    assert solution.getRank() == 1
    np.testing.assert_allclose(solution.getSolution(), [1.0, 1.0])
    with pytest.raises(InvalidParameterError, match="rank 1 of 2"):
        LeastSquares.fromDesignMatrix(design, np.ones(3), LeastSquares.NORMAL_CHOLESKY)


def test_normal_equations():
    fisher = np.array([[4.0, 1.0], [1.0, 3.0]])
    np.testing.assert_allclose(
        LeastSquares.fromNormalEquations(fisher, [1.0, 2.0]).getSolution(), [1 / 11, 7 / 11]
    )
    with pytest.raises(InvalidParameterError, match="needs a design matrix"):
        LeastSquares.fromNormalEquations(fisher, [1.0, 2.0], LeastSquares.DIRECT_SVD)
    with pytest.raises(InvalidParameterError, match=r"got shapes \(2, 2\) and \(3,\)"):
        LeastSquares.fromNormalEquations(fisher, [1.0, 2.0, 3.0])
    with pytest.raises(InvalidParameterError, match="design matrix"):
        LeastSquares.fromDesignMatrix(np.ones((3, 2)), np.ones(4))


def test_a_threshold_drops_directions():
    design = np.array([[1.0, 0.0], [0.0, 1e-3], [0.0, 0.0]])
    for factorization in (LeastSquares.NORMAL_EIGENSYSTEM, LeastSquares.DIRECT_SVD):
        solution = LeastSquares.fromDesignMatrix(design, np.array([2.0, 3e-3, 0.0]), factorization)
        assert solution.getFactorization() == factorization
        np.testing.assert_allclose(solution.getSolution(), [2.0, 3.0])
        solution.setThreshold(1e-2)
        assert (solution.getThreshold(), solution.getRank()) == (1e-2, 1)
        np.testing.assert_allclose(solution.getSolution(), [2.0, 0.0])
        solution.setThreshold(1e-8)
        np.testing.assert_allclose(solution.getSolution(), [2.0, 3.0])


def test_another_problem_is_solved():
    solution = LeastSquares.fromDesignMatrix(np.eye(2), np.ones(2))
    solution.setDesignMatrix(np.diag([2.0, 4.0, 5.0]), np.array([2.0, 8.0, 15.0]))
    np.testing.assert_allclose(solution.getSolution(), [1.0, 2.0, 3.0])
    assert solution.getDimension() == 3
    solution.setNormalEquations(np.diag([2.0, 4.0]), np.array([6.0, 4.0]))
    np.testing.assert_allclose(solution.getSolution(), [3.0, 1.0])
    np.testing.assert_array_equal(solution.getFisherMatrix(), np.diag([2.0, 4.0]))
    with pytest.raises(InvalidParameterError, match="needs data"):
        solution.setDesignMatrix(np.eye(2), np.ones(3))
    with pytest.raises(InvalidParameterError, match="needs a design matrix"):
        LeastSquares.fromDesignMatrix(np.eye(2), np.ones(2), LeastSquares.DIRECT_SVD).setNormalEquations(
            np.eye(2), np.ones(2)
        )
