# SPDX-License-Identifier: GPL-3.0-or-later
"""Linear least squares: `LeastSquares`."""

import enum

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

__all__ = ("LeastSquares",)


class LeastSquaresFactorization(enum.IntEnum):
    """Methods of solution."""

    def __str__(self) -> str:
        return f"Factorization.{self.name}"

    NORMAL_EIGENSYSTEM = 0
    """Eigenvalues of the normal equations; directions without information are left at zero."""
    NORMAL_CHOLESKY = 1
    """Cholesky factors of the normal equations, which must have full rank."""
    DIRECT_SVD = 2
    """Singular values of the design matrix; directions without information are left at zero."""


class LeastSquares:
    """Solution of a linear least-squares problem; created by `fromDesignMatrix` or `fromNormalEquations`.

    Parameters
    ----------
    factorization : `LeastSquares.Factorization`
        Method of solution.
    """

    Factorization = LeastSquaresFactorization
    NORMAL_EIGENSYSTEM = LeastSquaresFactorization.NORMAL_EIGENSYSTEM
    NORMAL_CHOLESKY = LeastSquaresFactorization.NORMAL_CHOLESKY
    DIRECT_SVD = LeastSquaresFactorization.DIRECT_SVD

    def __init__(self, factorization: LeastSquaresFactorization) -> None:
        self._factorization = LeastSquaresFactorization(factorization)
        self._threshold = float(np.finfo(np.float64).eps)
        self._fisher = np.empty((0, 0))
        #: Singular values, right singular vectors and projected data, from which the solution follows.
        self._parts = np.empty(0), np.empty((0, 0)), np.empty(0)

    def setDesignMatrix(self, design: np.ndarray, data: np.ndarray) -> None:
        """Minimize ``|design @ x - data|`` instead; see `fromDesignMatrix`."""
        design, data = np.asarray(design, dtype=np.float64), np.asarray(data, dtype=np.float64)
        if design.ndim != 2 or data.shape != (design.shape[0],):
            raise InvalidParameterError(
                f"A design matrix (m, n) needs data (m,); got shapes {design.shape} and {data.shape}"
            )
        if self._factorization != LeastSquaresFactorization.DIRECT_SVD:
            self._decompose(design.T @ design, design.T @ data)
            return
        left, values, right = np.linalg.svd(design, full_matrices=False)
        self._fisher = design.T @ design
        self._parts = values, right.T, left.T @ data
        self._solve()

    def setNormalEquations(self, fisher: np.ndarray, rhs: np.ndarray) -> None:
        """Solve ``fisher @ x = rhs`` instead; see `fromNormalEquations`."""
        matrix, vector = np.asarray(fisher, dtype=np.float64), np.asarray(rhs, dtype=np.float64)
        if matrix.shape != (vector.size, vector.size) or vector.ndim != 1:
            raise InvalidParameterError(
                f"Normal equations are a matrix (n, n) and a vector (n,); got shapes {matrix.shape} and"
                f" {vector.shape}"
            )
        if self._factorization == LeastSquaresFactorization.DIRECT_SVD:
            raise InvalidParameterError("DIRECT_SVD needs a design matrix; use fromDesignMatrix")
        self._decompose(matrix, vector)

    def _decompose(self, fisher: np.ndarray, rhs: np.ndarray) -> None:
        """Solve normal equations by their eigenvalues."""
        values, vectors = np.linalg.eigh(fisher)
        order = np.argsort(values)[::-1]
        roots = np.sqrt(np.clip(values[order], 0.0, None))
        vectors = vectors[:, order]
        with np.errstate(divide="ignore", invalid="ignore"):
            projected = (vectors.T @ rhs) / roots
        self._fisher = fisher
        self._parts = roots, vectors, projected
        self._solve()

    def _solve(self) -> None:
        """Solve, dropping negligible directions."""
        values, vectors, projected = self._parts
        largest = values.max(initial=0.0)
        power = 1 if self._factorization == LeastSquaresFactorization.DIRECT_SVD else 2
        good = (
            (values / largest) ** power > self._threshold
            if largest > 0
            else np.zeros(len(values), dtype=bool)
        )
        if self._factorization == LeastSquaresFactorization.NORMAL_CHOLESKY and not good.all():
            raise InvalidParameterError(
                f"The normal equations have rank {int(good.sum())} of {len(values)}; use"
                " NORMAL_EIGENSYSTEM or DIRECT_SVD"
            )
        self._rank = int(good.sum())
        self._diagnostic = values**power
        scaled = vectors[:, good] / values[good]
        self._solution = scaled @ projected[good]
        self._covariance = scaled @ scaled.T

    @classmethod
    def fromDesignMatrix(
        cls,
        design: np.ndarray,
        data: np.ndarray,
        factorization: LeastSquaresFactorization = LeastSquaresFactorization.NORMAL_EIGENSYSTEM,
    ) -> "LeastSquares":
        """Minimize ``|design @ x - data|``.

        Parameters
        ----------
        design : `numpy.ndarray`, (m, n)
            Design matrix.
        data : `numpy.ndarray`, (m,)
            Data.
        factorization : `LeastSquares.Factorization`, optional
            Method of solution.

        Returns
        -------
        solution : `LeastSquares`
            The solution.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the shapes do not match.
        """
        self = cls(factorization)
        self.setDesignMatrix(design, data)
        return self

    @classmethod
    def fromNormalEquations(
        cls,
        fisher: np.ndarray,
        rhs: np.ndarray,
        factorization: LeastSquaresFactorization = LeastSquaresFactorization.NORMAL_EIGENSYSTEM,
    ) -> "LeastSquares":
        """Solve ``fisher @ x = rhs``.

        Parameters
        ----------
        fisher : `numpy.ndarray`, (n, n)
            Matrix of the normal equations, symmetric.
        rhs : `numpy.ndarray`, (n,)
            Right-hand side.
        factorization : `LeastSquares.Factorization`, optional
            Method of solution, which must be one for normal equations.

        Returns
        -------
        solution : `LeastSquares`
            The solution.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the shapes do not match or the factorization needs a design matrix.
        """
        self = cls(factorization)
        self.setNormalEquations(fisher, rhs)
        return self

    def getFactorization(self) -> LeastSquaresFactorization:
        """Return the method of solution."""
        return self._factorization

    def getSolution(self) -> np.ndarray:
        """Return the solution, shape ``(n,)``."""
        return self._solution

    def getCovariance(self) -> np.ndarray:
        """Return the covariance of the solution, shape ``(n, n)``, for data of unit variance."""
        return self._covariance

    def getFisherMatrix(self) -> np.ndarray:
        """Return the matrix of the normal equations, shape ``(n, n)``."""
        return self._fisher

    def getDiagnostic(self, factorization: LeastSquaresFactorization | None = None) -> np.ndarray:
        """Return eigenvalues or singular values, shape ``(n,)``, largest first, as for ``factorization``."""
        wanted = self._factorization if factorization is None else LeastSquaresFactorization(factorization)
        direct = self._factorization == LeastSquaresFactorization.DIRECT_SVD
        if (wanted == LeastSquaresFactorization.DIRECT_SVD) == direct:
            return self._diagnostic
        return self._diagnostic**2 if direct else np.sqrt(self._diagnostic)

    def getDimension(self) -> int:
        """Return the number of parameters."""
        return len(self._fisher)

    def getRank(self) -> int:
        """Return the number of directions with information."""
        return self._rank

    def getThreshold(self) -> float:
        """Return the fraction of the largest diagnostic below which a direction has no information."""
        return self._threshold

    def setThreshold(self, threshold: float) -> None:
        """Set the fraction of the largest diagnostic below which a direction has no information; re-solve.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if Cholesky factors, which need all directions, are requested and not all have information.
        """
        self._threshold = float(threshold)
        self._solve()
