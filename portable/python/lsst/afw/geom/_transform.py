# SPDX-License-Identifier: GPL-3.0-or-later
"""Transforms between planes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

import lsst.pex.exceptions
from lsst.geom import Point2D
from lsst.portable.archive import Persistable

from . import _ast
from ._mapping import Mapping
from ._mapping_content import Content
from ._python._transform import unpickleTransform

if TYPE_CHECKING:
    from starlink import Ast

__all__ = ("TransformPoint2ToPoint2",)

#: First token of the text form of a transform.
_TEXT_VERSION = "1"
#: Name of the class in texts and files.
_NAME = "TransformPoint2ToPoint2"


class TransformPoint2ToPoint2(Persistable):
    """An immutable, invertible transform of points in a plane.

    Parameters
    ----------
    mapping : `starlink.Ast.Mapping` or what `getMapping` gives
        A mapping of two axes to two axes, or an object whose method ``show`` gives the text of one, as those
        of astshim have it; a copy is kept.
    simplify : `bool`, optional
        Whether to reduce the mapping to the fewest steps that AST can find.

    Raises
    ------
    TypeError
        Raised if ``mapping`` is not an AST mapping.
    lsst.pex.exceptions.InvalidParameterError
        Raised if the mapping does not have two input and two output axes.

    Notes
    -----
    A transform is pickled and written to files as the same text that the compiled stack writes.
    """

    __slots__ = ("_content",)

    def __init__(self, mapping: Any, simplify: bool = True) -> None:
        if isinstance(mapping, Mapping):
            mapping = mapping.ast
        elif not _ast.is_mapping(mapping) and hasattr(mapping, "show"):
            # Layers over AST of other packages have their objects' text in common with ours.
            mapping = _ast.mapping_from_text(mapping.show(False))
        if not _ast.is_mapping(mapping):
            raise TypeError(
                f"a transform is made from a starlink.Ast.Mapping, not from {type(mapping).__name__}"
            )
        _check_axes(mapping)
        self._content = Content(_ast.simplify(mapping) if simplify else mapping.copy())

    @property
    def _mapping(self) -> Ast.Mapping:
        """The mapping, which nobody may change: transforms with the same text share it."""
        return self._content.mapping

    @property
    def hasForward(self) -> bool:
        """Whether `applyForward` is possible (`bool`)."""
        return bool(self._mapping.TranForward)

    @property
    def hasInverse(self) -> bool:
        """Whether `applyInverse` is possible (`bool`)."""
        return bool(self._mapping.TranInverse)

    def getMapping(self) -> Mapping:
        """Return a copy of the mapping, which transforms points given as arrays."""
        return Mapping(self._mapping)

    @overload
    def applyForward(self, points: Point2D) -> Point2D: ...
    @overload
    def applyForward(self, points: np.ndarray) -> np.ndarray: ...
    @overload
    def applyForward(self, points: Sequence[Point2D]) -> list[Point2D]: ...
    def applyForward(self, points: Any) -> Any:
        """Transform one or many points.

        Parameters
        ----------
        points : `lsst.geom.Point2D`, sequence of them, or `numpy.ndarray` of shape (2, n)
            Points to transform; an array holds all x in its first row and all y in its second.

        Returns
        -------
        points : `lsst.geom.Point2D`, `list` of them, or `numpy.ndarray` of shape (2, n)
            Transformed points, of the same kind as the input; NaN where the transform is undefined.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if the transform has no forward direction.
        lsst.pex.exceptions.InvalidParameterError
            Raised if an array has the wrong shape.
        """
        if not self.hasForward:
            raise lsst.pex.exceptions.RuntimeError(f"{self} has no forward direction; use applyInverse")
        return _apply_to_points(self._mapping, points, forward=True)

    @overload
    def applyInverse(self, points: Point2D) -> Point2D: ...
    @overload
    def applyInverse(self, points: np.ndarray) -> np.ndarray: ...
    @overload
    def applyInverse(self, points: Sequence[Point2D]) -> list[Point2D]: ...
    def applyInverse(self, points: Any) -> Any:
        """Transform one or many points with the inverse; see `applyForward`.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if the transform has no inverse.
        lsst.pex.exceptions.InvalidParameterError
            Raised if an array has the wrong shape.
        """
        if not self.hasInverse:
            raise lsst.pex.exceptions.RuntimeError(f"{self} has no inverse; use applyForward")
        return _apply_to_points(self._mapping, points, forward=False)

    def inverted(self) -> TransformPoint2ToPoint2:
        """Return the transform with its directions swapped."""
        return TransformPoint2ToPoint2(_ast.reverse(self._mapping))

    def then(self, next: TransformPoint2ToPoint2, simplify: bool = True) -> TransformPoint2ToPoint2:
        """Return the transform that applies this one, then another.

        Parameters
        ----------
        next : `TransformPoint2ToPoint2`
            Transform to apply to the result of this one.
        simplify : `bool`, optional
            Whether to reduce the chain to the fewest steps that AST can find.

        Raises
        ------
        TypeError
            Raised if ``next`` is not a transform.
        """
        if not isinstance(next, TransformPoint2ToPoint2):
            raise TypeError(f"cannot chain a transform with {type(next).__name__}")
        return TransformPoint2ToPoint2(_ast.series(self._mapping, next._mapping), simplify=simplify)

    def getJacobian(self, x: Point2D) -> np.ndarray:
        """Return the derivatives of the transform at a point.

        Parameters
        ----------
        x : `lsst.geom.Point2D`
            Where to evaluate the derivatives.

        Returns
        -------
        jacobian : `numpy.ndarray`, (2, 2)
            ``jacobian[i, j]`` is the derivative of output i with respect to input j, or NaN if undefined.
        """
        return _ast.jacobian(self._mapping, [x[0], x[1]])

    @classmethod
    def getShortClassName(cls) -> str:
        """Return the name of the class as it appears in files."""
        return _NAME

    def writeString(self) -> str:
        """Return the transform as text: a version, the class, and AST's dump with 17 digits (no bit is lost).

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the text could not be read back, as for a mapping that no camera uses.
        """
        try:
            text = self._content.readable_text
        except ValueError as error:
            raise lsst.pex.exceptions.InvalidParameterError(
                f"{self} cannot be stored, because it could not be read back: {error}"
            ) from error
        return f"{_TEXT_VERSION} {_NAME}{text}"

    @classmethod
    def readString(cls, string: str) -> Self:
        """Make a transform from its text form.

        Parameters
        ----------
        string : `str`
            Text from `writeString`, here or in the compiled stack.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the text has another version or class, or is damaged.
        """
        version, _, rest = string.lstrip().partition(" ")
        name, _, dump = rest.partition(" ")
        if version != _TEXT_VERSION or name != _NAME:
            raise lsst.pex.exceptions.InvalidParameterError(
                f"the text of a transform begins with '{_TEXT_VERSION} {_NAME}', this one with "
                f"{string[:40]!r}"
            )
        try:
            content = Content.read(dump)
        except ValueError as error:
            raise lsst.pex.exceptions.InvalidParameterError(f"cannot read {name}: {error}") from error
        _check_axes(content.mapping)
        # A new object even for the same text: files keep apart what was apart when it was read.
        self = cls.__new__(cls)
        self._content = content
        return self

    def __reduce__(self) -> tuple[Callable[..., object], tuple[type, str]]:
        return unpickleTransform, (type(self), self.writeString())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TransformPoint2ToPoint2):
            return NotImplemented
        return self is other or self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> str:
        """Return what equality compares: the steps of the mapping and all their numbers."""
        return _ast.without_marks(self._content.text)

    def __str__(self) -> str:
        return f"{_NAME}[{self._mapping.Nin}->{self._mapping.Nout}]"

    def __repr__(self) -> str:
        return f"lsst.afw.geom.{self}"


TransformPoint2ToPoint2.__module__ = "lsst.afw.geom"


def _check_axes(mapping: Ast.Mapping) -> None:
    """Reject a mapping that is not one of a plane to a plane."""
    if (mapping.Nin, mapping.Nout) != (2, 2):
        raise lsst.pex.exceptions.InvalidParameterError(
            f"a plane transform needs a mapping of 2 axes to 2 axes, got {mapping.Nin} to {mapping.Nout}"
        )


def _apply_to_points(mapping: Ast.Mapping, points: Any, forward: bool) -> Any:
    """Apply a mapping to a point, a sequence of points or an array of shape (2, n)."""
    if isinstance(points, np.ndarray):
        if points.ndim != 2 or points.shape[0] != 2:
            raise lsst.pex.exceptions.InvalidParameterError(
                f"points in an array have shape (2, n), all x and then all y; got {points.shape}"
            )
        return _ast.apply(mapping, points, forward)
    # Points of either element type are sequences of coordinates; a sequence of points has no getX.
    if isinstance(points, Sequence) and not hasattr(points, "getX"):
        coordinates = np.array([(point[0], point[1]) for point in points], dtype=np.float64).reshape(-1, 2).T
        result = _ast.apply(mapping, coordinates, forward)
        return [Point2D(x, y) for x, y in result.T.tolist()]
    x, y = _ast.apply(mapping, np.array([[points[0]], [points[1]]], dtype=np.float64), forward)[:, 0].tolist()
    return Point2D(x, y)
