# SPDX-License-Identifier: GPL-3.0-or-later
"""The level at which pixels count as detected."""

from __future__ import annotations

import enum
import math
from typing import Any

import numpy as np

from lsst.afw import math as afwMath
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arguments import require

__all__ = ("Threshold", "createThreshold")


class ThresholdType(enum.IntEnum):
    """What the value of a `Threshold` means."""

    VALUE = 0
    """A pixel value."""

    BITMASK = 1
    """Bits of a mask, any of which detects."""

    STDEV = 2
    """A multiple of the standard deviation of the image."""

    VARIANCE = 3
    """A multiple of the variance of the image; the level is the product's root."""

    PIXEL_STDEV = 4
    """A multiple of the square root of each pixel's own variance."""


_NAMES = {
    "value": ThresholdType.VALUE,
    "bitmask": ThresholdType.BITMASK,
    "stdev": ThresholdType.STDEV,
    "sigma": ThresholdType.STDEV,
    "variance": ThresholdType.VARIANCE,
    "pixel_stdev": ThresholdType.PIXEL_STDEV,
}


class Threshold:
    """A detection level.

    Parameters
    ----------
    value : `float`
        The level, in units that ``type`` gives.
    type : `ThresholdType`, optional
        What the level means, one of the members ``VALUE``, ``BITMASK``, ``STDEV``, ``VARIANCE``,
        ``PIXEL_STDEV``.
    polarity : `bool`, optional
        True to detect pixels above the level, False for those below its negative.
    includeMultiplier : `float`, optional
        A region is kept only when one of its pixels reaches this many times the level.
    """

    VALUE = ThresholdType.VALUE
    BITMASK = ThresholdType.BITMASK
    STDEV = ThresholdType.STDEV
    VARIANCE = ThresholdType.VARIANCE
    PIXEL_STDEV = ThresholdType.PIXEL_STDEV

    def __init__(
        self,
        value: float,
        type: ThresholdType = ThresholdType.VALUE,
        polarity: bool = True,
        includeMultiplier: float = 1.0,
    ) -> None:
        require("value of Threshold", value, int, float, np.number)
        require("type of Threshold", type, ThresholdType)
        self._value = float(value)
        self._type = type
        self._polarity = bool(polarity)
        self._includeMultiplier = float(includeMultiplier)

    @staticmethod
    def parseTypeString(typeStr: str) -> ThresholdType:
        """Look up a type by its name.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            When no type has this name.
        """
        try:
            return _NAMES[typeStr]
        except KeyError:
            raise InvalidParameterError(
                f"Unsupported threshold type {typeStr!r}; expected one of {', '.join(sorted(_NAMES))}."
            ) from None

    @staticmethod
    def getTypeString(type: ThresholdType) -> str:
        """Name of a type, as `parseTypeString` reads it."""
        return ThresholdType(type).name.lower()

    def getType(self) -> ThresholdType:
        """Return what the level means."""
        return self._type

    def getValue(self, param: Any = -1.0) -> float:
        """Return the level as a pixel value, where the type allows one level for all pixels.

        Parameters
        ----------
        param : `object`, optional
            For ``STDEV`` the standard deviation, for ``VARIANCE`` the variance to multiply by (both
            positive); or an image or masked image to measure it on, outliers clipped. Not used by the other
            types.

        Returns
        -------
        level : `float`
            The level; for ``PIXEL_STDEV`` and ``BITMASK`` the value as it was given.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            When a standard deviation or variance is needed and ``param`` is not positive.
        """
        if self._type not in (ThresholdType.STDEV, ThresholdType.VARIANCE):
            return self._value
        is_stdev = self._type is ThresholdType.STDEV
        if not isinstance(param, int | float):
            stdev = afwMath.makeStatistics(param, afwMath.STDEVCLIP).getValue(afwMath.STDEVCLIP)
            param = stdev if is_stdev else stdev * stdev
        if not param > 0:
            what = "standard deviation" if is_stdev else "variance"
            raise InvalidParameterError(
                f"A threshold of type {self._type.name} needs a positive {what}, got {param}; "
                "pass one, or an image with more than one distinct good pixel."
            )
        return self._value * (param if is_stdev else math.sqrt(param))

    def getPolarity(self) -> bool:
        """Return True when pixels above the level are detected."""
        return self._polarity

    def setPolarity(self, polarity: bool) -> None:
        """Choose whether to detect above the level (True) or below its negative (False)."""
        self._polarity = bool(polarity)

    def getIncludeMultiplier(self) -> float:
        """Return the multiple of the level that a region's highest pixel must reach."""
        return self._includeMultiplier

    def setIncludeMultiplier(self, includeMultiplier: float) -> None:
        """Set the multiple of the level that a region's highest pixel must reach."""
        self._includeMultiplier = float(includeMultiplier)

    def __str__(self) -> str:
        sign = "positive" if self._polarity else "negative"
        text = f"{self._type.name} value={self.getValue(1.0):.8g} ({sign})"
        return text if self._includeMultiplier == 1 else f"{text} multiplier={self._includeMultiplier:.8g}"

    def __repr__(self) -> str:
        return (
            f"Threshold(value={self.getValue(1.0):.16g}, type={self._type.name}, "
            f"polarity={int(self._polarity)}, includeMultiplier={self._includeMultiplier:.16g})"
        )


def createThreshold(value: float, typeStr: str = "value", polarity: bool = True) -> Threshold:
    """Make a `Threshold` from the name of its type.

    Parameters
    ----------
    value : `float`
        The level.
    typeStr : `str`, optional
        One of ``value``, ``bitmask``, ``stdev`` (or ``sigma``), ``variance``, ``pixel_stdev``.
    polarity : `bool`, optional
        True to detect pixels above the level.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        When no type has this name.
    """
    return Threshold(value, Threshold.parseTypeString(typeStr), polarity)
