# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations of the sphere: `SphereTransform`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from ._sphere_point import SpherePoint

if TYPE_CHECKING:
    from lsst.sphgeom import UnitVector3d

__all__ = ("SphereTransform",)

_NumberT = TypeVar("_NumberT", float, np.ndarray)


class SphereTransform:
    """A rotation of the sphere.

    Parameters
    ----------
    matrix : `numpy.ndarray`, shape ``(3, 3)``, optional
        Orthogonal matrix with positive determinant that acts on unit vectors; it is not checked. By default
        the identity.
    """

    __slots__ = ("_matrix",)

    def __init__(self, matrix: np.ndarray | None = None) -> None:
        self._matrix = np.identity(3) if matrix is None else np.array(matrix, dtype=np.float64)
        if self._matrix.shape != (3, 3):
            raise TypeError(f"A SphereTransform needs a matrix of 3 x 3 elements, got {self._matrix.shape}")

    @staticmethod
    def fit_unit_vectors(
        from_: np.ndarray, to: np.ndarray, weights: np.ndarray | None = None
    ) -> SphereTransform:
        """Fit the rotation that best leads from some unit vectors to others, by least squares.

        Parameters
        ----------
        from_, to : `numpy.ndarray`, shape ``(n, 3)``
            Unit vectors.
        weights : `numpy.ndarray`, shape ``(n,)``, optional
            Their weights, by default equal.

        Returns
        -------
        transform : `SphereTransform`
            The rotation.
        """
        first, second = np.asarray(from_, dtype=np.float64), np.asarray(to, dtype=np.float64)
        if weights is not None and np.size(weights):
            first = first * np.asarray(weights, dtype=np.float64)[:, np.newaxis]
        u, _, vt = np.linalg.svd(first.T @ second)
        # Of the two orthogonal matrices that fit, the one that does not mirror.
        sign = np.diag([1.0, 1.0, np.sign(np.linalg.det(vt.T @ u.T))])
        return SphereTransform(vt.T @ sign @ u.T)

    def getMatrix(self) -> np.ndarray:
        """Matrix that acts on unit vectors, shape ``(3, 3)``."""
        return self._matrix.copy()

    def inverted(self) -> SphereTransform:
        """Return the rotation that undoes this one."""
        return SphereTransform(self._matrix.T)

    def __mul__(self, other: SphereTransform) -> SphereTransform:
        if not isinstance(other, SphereTransform):
            return NotImplemented
        return SphereTransform(self._matrix @ other._matrix)

    @overload
    def __call__(self, point: SpherePoint, /) -> SpherePoint: ...
    @overload
    def __call__(self, point: UnitVector3d, /) -> UnitVector3d: ...
    @overload
    def __call__(self, x: float, y: float, z: float, /) -> tuple[float, float, float]: ...
    @overload
    def __call__(self, x: np.ndarray, y: np.ndarray, z: np.ndarray, /) -> tuple[np.ndarray, ...]: ...
    def __call__(self, *args: Any) -> Any:
        """Rotate a point.

        Parameters
        ----------
        *args : `SpherePoint`, `lsst.sphgeom.UnitVector3d`, or three numbers or arrays
            The point, or x, y and z of unit vectors.

        Returns
        -------
        rotated : the same as came in
            The point, or the `tuple` of x, y and z, rotated.
        """
        if len(args) == 3:
            return self.applyX(*args), self.applyY(*args), self.applyZ(*args)
        (point,) = args
        if isinstance(point, SpherePoint):
            return SpherePoint(self(point.getVector()))
        return type(point)(*self(point.x(), point.y(), point.z()))

    def applyX(self, x: _NumberT, y: _NumberT, z: _NumberT) -> _NumberT:
        """X of rotated unit vectors, numbers or arrays."""
        return self._row(0, x, y, z)

    def applyY(self, x: _NumberT, y: _NumberT, z: _NumberT) -> _NumberT:
        """Y of rotated unit vectors, numbers or arrays."""
        return self._row(1, x, y, z)

    def applyZ(self, x: _NumberT, y: _NumberT, z: _NumberT) -> _NumberT:
        """Z of rotated unit vectors, numbers or arrays."""
        return self._row(2, x, y, z)

    def _row(self, row: int, x: _NumberT, y: _NumberT, z: _NumberT) -> _NumberT:
        a, b, c = self._matrix[row].tolist()
        return a * x + b * y + c * z

    def __reduce__(self) -> tuple[type[SphereTransform], tuple[np.ndarray]]:
        return SphereTransform, (self._matrix,)

    def __repr__(self) -> str:
        return f"SphereTransform({self._matrix.tolist()})"
