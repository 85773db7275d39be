# SPDX-License-Identifier: GPL-3.0-or-later
"""Detection thresholds."""

from __future__ import annotations

import enum
import math

import numpy as np

from lsst.afw import math as afwMath
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arguments import require

__all__ = ("Threshold", "createThreshold")


class ThresholdType(enum.IntEnum):
    """Meaning of the value of a `Threshold`."""

    __str__ = enum.Enum.__str__

    VALUE = 0
    """A pixel value."""

    BITMASK = 1
    """Bits of a mask, any of which counts as a detection."""

    STDEV = 2
    """A multiple of the standard deviation of the image."""

    VARIANCE = 3
    """A multiple of the variance of the image; the level is the square root of the product."""

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
    """A detection threshold.

    Parameters
    ----------
    value : `float`
        Value of the threshold, in units given by ``type``.
    type : `ThresholdType`, optional
        Meaning of the value: one of ``VALUE``, ``BITMASK``, ``STDEV``, ``VARIANCE``, ``PIXEL_STDEV``.
    polarity : `bool`, optional
        Whether to detect pixels above the level (True) or below its negative (False).
    includeMultiplier : `float`, optional
        A region is kept only if one of its pixels reaches this multiple of the level.
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
            Raised if there is no type of this name.
        """
        try:
            return _NAMES[typeStr]
        except KeyError:
            raise InvalidParameterError(
                f"Unsupported threshold type {typeStr!r}; expected one of {', '.join(sorted(_NAMES))}."
            ) from None

    @staticmethod
    def getTypeString(type: ThresholdType) -> str:
        """Return the name of a type, as accepted by `parseTypeString`."""
        return ThresholdType(type).name.lower()

    def getType(self) -> ThresholdType:
        """Return the type of the threshold."""
        return self._type

    def getValue(self, param: object = -1.0) -> float:
        """Return the level as a pixel value, for types that have one level for all pixels.

        Parameters
        ----------
        param : `object`, optional
            The standard deviation (for ``STDEV``) or variance (for ``VARIANCE``) to multiply, which must be
            positive; or an image or masked image from which to measure it with outliers clipped. Unused for
            other types.

        Returns
        -------
        level : `float`
            The level; for ``PIXEL_STDEV`` and ``BITMASK``, the value as given.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if a standard deviation or variance is required and ``param`` is not positive.
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
        """Return whether pixels above the level (rather than below its negative) are detected."""
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


def createThreshold(value: float, type: str = "value", polarity: bool = True) -> Threshold:
    """Make a `Threshold` from the name of its type.

    Parameters
    ----------
    value : `float`
        Value of the threshold.
    type : `str`, optional
        One of ``value``, ``bitmask``, ``stdev`` (or ``sigma``), ``variance``, ``pixel_stdev``.
    polarity : `bool`, optional
        Whether to detect pixels above the level (True) or below its negative (False).

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no type of this name.
    """
    return Threshold(value, Threshold.parseTypeString(type), polarity)
