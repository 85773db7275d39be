# SPDX-License-Identifier: GPL-3.0-or-later
"""Linear and affine transforms of the plane."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self, SupportsIndex, overload

import numpy as np

from lsst.pex.exceptions import RuntimeError

from ._angle import Angle
from ._coordinates import Extent2D, Point2D
from ._elements import as_float

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = (
    "AffineTransform",
    "LinearTransform",
    "SingularTransformException",
    "makeAffineTransformFromTriple",
)


class SingularTransformException(RuntimeError):
    """The inverse of a singular transform was requested."""


SingularTransformException.__module__ = "lsst.geom"


def _numbers(values: npt.ArrayLike) -> np.ndarray:
    """Return a number, or an array of numbers, as float64."""
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"A transform needs numbers, not {values!r}.")
    return array.astype(np.float64)


def _apply(rows: np.ndarray, row: int, x: npt.ArrayLike, y: npt.ArrayLike) -> float | np.ndarray:
    """Return one coordinate of transformed positions, a `float` where both ``x`` and ``y`` are scalars."""
    x, y = _numbers(x), _numbers(y)
    result = rows[row, 0] * x + rows[row, 1] * y
    if rows.shape[1] > 2:
        result = result + rows[row, 2]
    return result if result.ndim else float(result)


class LinearTransform:
    """A linear transform of the plane: a 2 by 2 matrix.

    Calling it transforms a `Point2D`, an `Extent2D`, or coordinates ``x`` and ``y`` (numbers or arrays, which
    give a pair). ``a * b`` applies ``b`` first, then ``a``. Single elements are read as ``t[row, column]``,
    or with one of the indices `XX`, `YX`, `XY` and `YY`.

    Parameters
    ----------
    matrix : array-like, (2, 2), optional
        The matrix; the identity by default.
    """

    __slots__ = ("_matrix",)

    XX, YX, XY, YY = 0, 1, 2, 3

    def __init__(self, matrix: npt.ArrayLike | None = None) -> None:
        if matrix is None:
            matrix = np.identity(2)
        array = _numbers(matrix)
        if array.shape != (2, 2):
            raise TypeError(f"A LinearTransform needs a matrix of shape (2, 2), not {array.shape}.")
        self._matrix = array

    @staticmethod
    def makeScaling(*scale: float) -> LinearTransform:
        """Return a scaling.

        Parameters
        ----------
        *scale : `float`
            One factor for both axes, or one each for x and y.
        """
        if len(scale) not in (1, 2):
            raise TypeError(f"makeScaling takes one or two factors, not {len(scale)}.")
        return LinearTransform(np.diag([as_float(scale[0]), as_float(scale[-1])]))

    @staticmethod
    def makeRotation(angle: Angle) -> LinearTransform:
        """Return a counterclockwise rotation by an `Angle`."""
        if not isinstance(angle, Angle):
            raise TypeError(
                f"A rotation needs an Angle, not {type(angle).__name__}; write value*lsst.geom.degrees."
            )
        cos, sin = np.cos(angle.asRadians()), np.sin(angle.asRadians())
        return LinearTransform([[cos, -sin], [sin, cos]])

    def getMatrix(self) -> np.ndarray:
        """Return a copy of the matrix, (2, 2)."""
        return self._matrix.copy()

    def getParameterVector(self) -> np.ndarray:
        """Return the elements in the order XX, YX, XY, YY."""
        return self._matrix.T.ravel()

    def set(self, xx: float, yx: float, xy: float, yy: float) -> None:
        """Set all elements."""
        self._matrix = _numbers([[xx, xy], [yx, yy]])

    def computeDeterminant(self) -> float:
        """Return the determinant."""
        (xx, xy), (yx, yy) = self._matrix.tolist()
        return xx * yy - xy * yx

    def inverted(self) -> LinearTransform:
        """Return the inverse.

        Raises
        ------
        SingularTransformException
            Raised if the transform is singular.
        """
        determinant = self.computeDeterminant()
        if not determinant:
            raise SingularTransformException(f"This transform has no inverse: {self._matrix.tolist()}.")
        (xx, xy), (yx, yy) = (self._matrix / determinant).tolist()
        return LinearTransform([[yy, -xy], [-yx, xx]])

    def isIdentity(self) -> bool:
        """Return whether this is exactly the identity."""
        return bool(np.array_equal(self._matrix, np.identity(2)))

    @overload
    def applyX(self, x: float, y: float) -> float: ...
    @overload
    def applyX(self, x: np.ndarray | Sequence, y: npt.ArrayLike) -> np.ndarray: ...
    @overload
    def applyX(self, x: npt.ArrayLike, y: np.ndarray | Sequence) -> np.ndarray: ...
    def applyX(self, x: npt.ArrayLike, y: npt.ArrayLike) -> float | np.ndarray:
        """Return the first coordinate of transformed positions (numbers or arrays)."""
        return _apply(self._matrix, 0, x, y)

    @overload
    def applyY(self, x: float, y: float) -> float: ...
    @overload
    def applyY(self, x: np.ndarray | Sequence, y: npt.ArrayLike) -> np.ndarray: ...
    @overload
    def applyY(self, x: npt.ArrayLike, y: np.ndarray | Sequence) -> np.ndarray: ...
    def applyY(self, x: npt.ArrayLike, y: npt.ArrayLike) -> float | np.ndarray:
        """Return the second coordinate of transformed positions (numbers or arrays)."""
        return _apply(self._matrix, 1, x, y)

    @overload
    def __call__(self, point: Point2D, /) -> Point2D: ...
    @overload
    def __call__(self, extent: Extent2D, /) -> Extent2D: ...
    @overload
    def __call__(self, x: float, y: float) -> tuple[float, float]: ...
    @overload
    def __call__(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and isinstance(args[0], Point2D | Extent2D):
            x, y = args[0]
            (xx, xy), (yx, yy) = self._matrix.tolist()
            return type(args[0])(xx * x + xy * y, yx * x + yy * y)
        return _call_arrays(self, args, kwargs)

    def __getitem__(self, index: SupportsIndex | tuple[int, int]) -> float:
        return float(
            self._matrix[index]
            if isinstance(index, tuple)
            else self.getParameterVector()[operator.index(index)]
        )

    def __mul__(self, other: object) -> LinearTransform:
        return (
            LinearTransform(self._matrix @ other._matrix)
            if type(other) is LinearTransform
            else NotImplemented
        )

    def __add__(self, other: object) -> LinearTransform:
        return (
            LinearTransform(self._matrix + other._matrix)
            if type(other) is LinearTransform
            else NotImplemented
        )

    def __sub__(self, other: object) -> LinearTransform:
        return (
            LinearTransform(self._matrix - other._matrix)
            if type(other) is LinearTransform
            else NotImplemented
        )

    def __str__(self) -> str:
        return str(self._matrix)

    def __repr__(self) -> str:
        return f"LinearTransform(\n{self._matrix}\n)"

    def __reduce__(self) -> tuple:
        return LinearTransform, (self.getMatrix(),)


class AffineTransform:
    """An affine transform of the plane: a linear transform and a translation.

    Calling it transforms a `Point2D`, an `Extent2D` (to which the translation does not apply), or coordinates
    ``x`` and ``y`` (numbers or arrays, which give a pair). ``a * b`` applies ``b`` first, then ``a``. Single
    elements are read as ``t[row, column]``, or read and set with one of the indices `XX`, `YX`, `XY`, `YY`,
    `X` and `Y`.

    Parameters
    ----------
    *args : array-like (3, 3) or (2, 2) or (2,), `LinearTransform`, or `Extent2D`, optional
        A whole matrix, or the linear part and the translation, or one of the two; the identity by default.
    **kwargs : `object`
        ``matrix``, ``linear`` and ``translation`` by keyword.
    """

    __slots__ = ("_matrix",)

    XX, YX, XY, YY, X, Y = 0, 1, 2, 3, 4, 5
    _PLACES = ((0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2))

    @overload
    def __init__(self) -> None: ...
    @overload
    def __init__(self, matrix: npt.ArrayLike) -> None: ...
    @overload
    def __init__(self, linear: LinearTransform) -> None: ...
    @overload
    def __init__(self, translation: Extent2D) -> None: ...
    @overload
    def __init__(
        self, linear: LinearTransform | npt.ArrayLike, translation: Extent2D | npt.ArrayLike
    ) -> None: ...
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._matrix = np.identity(3)
        if "matrix" in kwargs:
            args += (kwargs.pop("matrix"),)
        args += tuple(kwargs.pop(name) for name in ("linear", "translation") if name in kwargs)
        if kwargs or len(args) > 2:
            raise TypeError("An AffineTransform takes a matrix, or a linear part and a translation.")
        shapes = {}
        for arg in args:
            array = arg._matrix if isinstance(arg, LinearTransform) else _numbers(arg)
            shapes[array.shape] = array
        if (
            len(shapes) != len(args)
            or not set(shapes) <= {(3, 3), (2, 2), (2,)}
            or (len(args) == 2 and (3, 3) in shapes)
        ):
            raise TypeError(
                "An AffineTransform takes a matrix of shape (3, 3), or a linear part of shape (2, 2) and a "
                f"translation of shape (2,), not shapes {list(shapes)}."
            )
        for shape, array in shapes.items():
            target: Any = {(3, 3): np.s_[:, :], (2, 2): np.s_[:2, :2], (2,): np.s_[:2, 2]}[shape]
            self._matrix[target] = array

    @classmethod
    def _of(cls, matrix: np.ndarray) -> Self:
        self = cls.__new__(cls)
        self._matrix = matrix
        return self

    @staticmethod
    def makeScaling(*scale: float) -> AffineTransform:
        """Return a scaling; see `LinearTransform.makeScaling`."""
        return AffineTransform(LinearTransform.makeScaling(*scale))

    @staticmethod
    def makeRotation(angle: Angle) -> AffineTransform:
        """Return a counterclockwise rotation by an `Angle`."""
        return AffineTransform(LinearTransform.makeRotation(angle))

    @staticmethod
    def makeTranslation(translation: Extent2D) -> AffineTransform:
        """Return a shift by an `Extent2D`."""
        return AffineTransform(translation=translation)

    def getMatrix(self) -> np.ndarray:
        """Return a copy of the matrix, (3, 3); its last row is (0, 0, 1)."""
        return self._matrix.copy()

    def getLinear(self) -> LinearTransform:
        """Return the linear part."""
        return LinearTransform(self._matrix[:2, :2])

    def getTranslation(self) -> Extent2D:
        """Return the translation."""
        return Extent2D(*self._matrix[:2, 2].tolist())

    def getParameterVector(self) -> np.ndarray:
        """Return the elements in the order XX, YX, XY, YY, X, Y."""
        return self._matrix[:2].T.ravel()

    def setParameterVector(self, vector: npt.ArrayLike) -> None:
        """Set all elements, in the order XX, YX, XY, YY, X, Y."""
        self._matrix[:2] = _numbers(vector).reshape(3, 2).T

    def inverted(self) -> AffineTransform:
        """Return the inverse.

        Raises
        ------
        SingularTransformException
            Raised if the transform is singular.
        """
        linear = self.getLinear().inverted()
        return AffineTransform(linear, -linear(self.getTranslation()))

    def isIdentity(self) -> bool:
        """Return whether this is exactly the identity."""
        return bool(np.array_equal(self._matrix, np.identity(3)))

    @overload
    def applyX(self, x: float, y: float) -> float: ...
    @overload
    def applyX(self, x: np.ndarray | Sequence, y: npt.ArrayLike) -> np.ndarray: ...
    @overload
    def applyX(self, x: npt.ArrayLike, y: np.ndarray | Sequence) -> np.ndarray: ...
    def applyX(self, x: npt.ArrayLike, y: npt.ArrayLike) -> float | np.ndarray:
        """Return the first coordinate of transformed positions (numbers or arrays)."""
        return _apply(self._matrix, 0, x, y)

    @overload
    def applyY(self, x: float, y: float) -> float: ...
    @overload
    def applyY(self, x: np.ndarray | Sequence, y: npt.ArrayLike) -> np.ndarray: ...
    @overload
    def applyY(self, x: npt.ArrayLike, y: np.ndarray | Sequence) -> np.ndarray: ...
    def applyY(self, x: npt.ArrayLike, y: npt.ArrayLike) -> float | np.ndarray:
        """Return the second coordinate of transformed positions (numbers or arrays)."""
        return _apply(self._matrix, 1, x, y)

    @overload
    def __call__(self, point: Point2D, /) -> Point2D: ...
    @overload
    def __call__(self, extent: Extent2D, /) -> Extent2D: ...
    @overload
    def __call__(self, x: float, y: float) -> tuple[float, float]: ...
    @overload
    def __call__(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and isinstance(args[0], Point2D | Extent2D):
            x, y = args[0]
            (xx, xy, x0), (yx, yy, y0) = self._matrix[:2].tolist()
            if isinstance(args[0], Extent2D):
                return Extent2D(xx * x + xy * y, yx * x + yy * y)
            return Point2D(xx * x + xy * y + x0, yx * x + yy * y + y0)
        return _call_arrays(self, args, kwargs)

    def _place(self, index: SupportsIndex | tuple[int, int]) -> tuple[int, int]:
        if not isinstance(index, tuple):
            index = operator.index(index)
            if not 0 <= index < 6:
                raise IndexError(f"Invalid index for AffineTransform: {index}; it must be 0 to 5.")
            return self._PLACES[index]
        row, column = index
        if not (0 <= row < 3 and 0 <= column < 3):
            raise IndexError(f"Invalid index for AffineTransform: {row}, {column}; both must be 0 to 2.")
        return row, column

    def __getitem__(self, index: SupportsIndex | tuple[int, int]) -> float:
        return float(self._matrix[self._place(index)])

    def __setitem__(self, index: int, value: float) -> None:
        self._matrix[self._place(operator.index(index))] = value

    def __mul__(self, other: object) -> AffineTransform:
        return (
            AffineTransform._of(self._matrix @ other._matrix)
            if type(other) is AffineTransform
            else NotImplemented
        )

    def __str__(self) -> str:
        return str(self._matrix)

    def __repr__(self) -> str:
        return f"AffineTransform(\n{self._matrix}\n)"

    def __reduce__(self) -> tuple:
        return AffineTransform, (self.getMatrix(),)


def _call_arrays(transform: LinearTransform | AffineTransform, args: tuple, kwargs: dict[str, Any]) -> tuple:
    args += tuple(kwargs[name] for name in "xy" if name in kwargs)
    if len(args) != 2:
        kinds = ", ".join(type(a).__name__ for a in args)
        raise TypeError(f"A transform takes a Point2D, an Extent2D, or x and y, not ({kinds}).")
    return transform.applyX(*args), transform.applyY(*args)


def makeAffineTransformFromTriple(
    p1: Point2D, p2: Point2D, p3: Point2D, q1: Point2D, q2: Point2D, q3: Point2D
) -> AffineTransform:
    """Return the affine transform that maps three points to three others.

    Parameters
    ----------
    p1, p2, p3 : `Point2D`
        Points to transform; they must not be collinear.
    q1, q2, q3 : `Point2D`
        The points they map to.

    Returns
    -------
    transform : `AffineTransform`
        The transform.

    Raises
    ------
    SingularTransformException
        Raised if the first three points are collinear.
    """
    sources, targets = (np.array([[*a], [*b], [*c]]) for a, b, c in ((p1, p2, p3), (q1, q2, q3)))
    system = np.column_stack([sources, np.ones(3)])
    try:
        solution = np.linalg.solve(system, targets)
    except np.linalg.LinAlgError:
        raise SingularTransformException(f"The points {sources.tolist()} lie on a line.") from None
    return AffineTransform(solution[:2].T, solution[2])
