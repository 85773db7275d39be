# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping behind a transform, with the method names of the compiled stack's mappings."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _ast

__all__ = ("Mapping",)


class Mapping:
    """A mapping of the AST library between points given as arrays.

    Parameters
    ----------
    mapping : `starlink.Ast.Mapping`
        The mapping; it is copied.
    """

    __slots__ = ("ast",)

    def __init__(self, mapping: Any) -> None:
        self.ast = mapping.copy()

    @property
    def nIn(self) -> int:
        """Number of input coordinates (`int`)."""
        return int(self.ast.Nin)

    @property
    def nOut(self) -> int:
        """Number of output coordinates (`int`)."""
        return int(self.ast.Nout)

    @property
    def hasForward(self) -> bool:
        """Whether `applyForward` is possible (`bool`)."""
        return bool(self.ast.TranForward)

    @property
    def hasInverse(self) -> bool:
        """Whether `applyInverse` is possible (`bool`)."""
        return bool(self.ast.TranInverse)

    def applyForward(self, points: np.ndarray) -> np.ndarray:
        """Transform points.

        Parameters
        ----------
        points : `numpy.ndarray`, ``(nIn, n)``
            Input coordinates, one row per axis.

        Returns
        -------
        points : `numpy.ndarray`, ``(nOut, n)``
            Output coordinates, NaN where the mapping is not defined.
        """
        return _ast.apply(self.ast, np.asarray(points, dtype=np.float64), True)

    def applyInverse(self, points: np.ndarray) -> np.ndarray:
        """Transform points with the inverse, from ``(nOut, n)`` to ``(nIn, n)``; see `applyForward`."""
        return _ast.apply(self.ast, np.asarray(points, dtype=np.float64), False)

    def inverted(self) -> Mapping:
        """Return the mapping with its directions swapped."""
        return Mapping(_ast.reverse(self.ast))

    def then(self, next: Mapping) -> Mapping:
        """Return the mapping that applies this one, then another."""
        return Mapping(_ast.series(self.ast, next.ast))

    def simplified(self) -> Mapping:
        """Return an equivalent mapping with the fewest steps that AST can find."""
        return Mapping(_ast.simplify(self.ast))

    def show(self) -> str:
        """Return AST's text form of the mapping."""
        return _ast.mapping_to_text(self.ast)
