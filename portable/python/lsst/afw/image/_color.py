# SPDX-License-Identifier: GPL-3.0-or-later
"""Colour of an object."""

from __future__ import annotations

import math

__all__ = ("Color",)


class Color:
    """Colour of an object, or no particular one.

    Parameters
    ----------
    colorValue : `float`, optional
        The colour (mag).
    colorType : `str`, optional
        Bands of which it is the difference, such as ``g-r``.

    Raises
    ------
    TypeError
        Raised if only one of them is given, or their types are wrong.
    """

    __module__ = "lsst.afw.image"

    def __init__(self, colorValue: float | None = None, colorType: str | None = None) -> None:
        self._indeterminate = colorValue is None and colorType is None
        if self._indeterminate:
            colorValue, colorType = math.nan, ""
        if not isinstance(colorValue, float | int) or not isinstance(colorType, str):
            raise TypeError(f"a color needs a number and a type, got {colorValue!r} and {colorType!r}")
        self._value, self._type = float(colorValue), colorType

    def isIndeterminate(self) -> bool:
        """Return whether this is no particular colour."""
        return self._indeterminate

    def getColorValue(self) -> float:
        """Return the colour (mag); NaN if indeterminate."""
        return self._value

    def getColorType(self) -> str:
        """Return the bands of which it is the difference."""
        return self._type

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Color):
            return NotImplemented
        if self._indeterminate or other._indeterminate:
            return self._indeterminate == other._indeterminate
        return (self._value, self._type) == (other._value, other._type)

    __hash__ = None  # type: ignore[assignment]  # as on the compiled stack
