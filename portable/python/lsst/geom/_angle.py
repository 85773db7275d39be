# SPDX-License-Identifier: GPL-3.0-or-later
"""Angles and their units."""

from __future__ import annotations

import math
from typing import Self, SupportsFloat, TypeGuard

from ._elements import as_float, divide, need, number

__all__ = (
    "HALFPI",
    "INVSQRTPI",
    "ONE_OVER_PI",
    "PI",
    "ROOT2",
    "SQRTPI",
    "TWOPI",
    "Angle",
    "AngleUnit",
    "arcminutes",
    "arcsecToRad",
    "arcseconds",
    "degToRad",
    "degrees",
    "hours",
    "isAngle",
    "masToRad",
    "milliarcseconds",
    "radToArcsec",
    "radToDeg",
    "radToMas",
    "radians",
)

PI = math.pi
TWOPI = 2 * math.pi
HALFPI = 0.5 * math.pi
ONE_OVER_PI = 1 / math.pi
SQRTPI = math.sqrt(math.pi)
INVSQRTPI = 1 / math.sqrt(math.pi)
ROOT2 = math.sqrt(2)


class AngleUnit:
    """A unit of angle; multiplying a number by it gives an `Angle`.

    Parameters
    ----------
    value : `float`
        The unit in radians.
    """

    __slots__ = ("_val",)

    def __init__(self, value: float) -> None:
        self._val = value

    def __mul__(self, factor: object) -> Angle:
        if isinstance(factor, Angle | AngleUnit):
            raise NotImplementedError(
                f"An AngleUnit times an {type(factor).__name__} has no meaning; multiply a number by it."
            )
        value = number(factor)
        return NotImplemented if value is None else Angle(value, self)

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return self._val == other._val if isinstance(other, AngleUnit) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._val)

    def __repr__(self) -> str:
        names = (name for name, unit in _UNITS.items() if unit == self)
        return next(names, f"AngleUnit({self._val!r})")

    def __reduce__(self) -> tuple:
        return AngleUnit, (self._val,)


radians = AngleUnit(1.0)
degrees = AngleUnit(math.pi / 180)
hours = AngleUnit(math.pi * 15 / 180)
arcminutes = AngleUnit(math.pi / 60 / 180)
arcseconds = AngleUnit(math.pi / 180 / 3600)
# In this order of operations 648e6 milliarcseconds are exactly 180 degrees.
milliarcseconds = AngleUnit(math.pi / (180 * 3.6e6))

_UNITS = {
    "radians": radians,
    "degrees": degrees,
    "hours": hours,
    "arcminutes": arcminutes,
    "arcseconds": arcseconds,
    "milliarcseconds": milliarcseconds,
}


class Angle:
    """An angle, equal to the same angle in any other unit and to its value in radians as a number.

    An angle changes only through ``+=``, ``-=`` and ``*=``, which modify it in place; it is therefore not
    hashable.

    Parameters
    ----------
    val : `float`, optional
        Value, in ``units``.
    units : `AngleUnit`, optional
        Unit of ``val``; radians by default.
    """

    __slots__ = ("_val",)

    def __init__(self, val: SupportsFloat = 0.0, units: AngleUnit = radians) -> None:
        if not isinstance(units, AngleUnit):
            raise TypeError(f"The unit of an angle must be an AngleUnit, not {type(units).__name__}.")
        self._val = as_float(val) * units._val

    def asAngularUnits(self, units: AngleUnit) -> float:
        """Return the value in the given unit."""
        return self._val / need(AngleUnit, units, "An angle in units")._val

    def asRadians(self) -> float:
        """Return the value in radians."""
        return self._val

    def asDegrees(self) -> float:
        """Return the value in degrees."""
        return self._val / degrees._val

    def asHours(self) -> float:
        """Return the value in hours, of which 24 make a full circle."""
        return self._val / hours._val

    def asArcminutes(self) -> float:
        """Return the value in arcminutes."""
        return self._val / arcminutes._val

    def asArcseconds(self) -> float:
        """Return the value in arcseconds."""
        return self._val / arcseconds._val

    def asMilliarcseconds(self) -> float:
        """Return the value in milliarcseconds."""
        return self._val / milliarcseconds._val

    def wrap(self) -> Angle:
        """Return the same direction in the range [0, 2 pi)."""
        wrapped = _fmod(self._val)
        if wrapped < 0.0:
            wrapped += TWOPI
        return Angle(0.0 if wrapped >= TWOPI else wrapped)

    def wrapCtr(self) -> Angle:
        """Return the same direction in the range [-pi, pi)."""
        wrapped = _fmod(self._val)
        if wrapped < -PI:
            wrapped += TWOPI
        elif wrapped >= PI:
            wrapped -= TWOPI
        return Angle(-PI if wrapped >= PI or wrapped < -PI else wrapped)

    def wrapNear(self, refAng: Angle) -> Angle:
        """Return the same direction wrapped to within pi of a reference angle, up to rounding."""
        reference = need(Angle, refAng, "wrapNear")._val
        wrapped = (self - refAng).wrapCtr()._val + reference
        if wrapped - reference >= PI:
            wrapped -= TWOPI
        if wrapped - reference < -PI:
            wrapped += TWOPI
        return Angle(wrapped)

    def separation(self, other: Angle) -> Angle:
        """Return this angle minus another one, wrapped, in the range [-pi, pi)."""
        return (self - need(Angle, other, "A separation")).wrapCtr()

    def __float__(self) -> float:
        return self._val

    def __abs__(self) -> Angle:
        return Angle(abs(self._val))

    def __neg__(self) -> Angle:
        return Angle(-self._val)

    def __pos__(self) -> Angle:
        return Angle(self._val)

    def __add__(self, other: object) -> Angle:
        return Angle(self._val + other._val) if isinstance(other, Angle) else NotImplemented

    def __sub__(self, other: object) -> Angle:
        return Angle(self._val - other._val) if isinstance(other, Angle) else NotImplemented

    def __mul__(self, factor: object) -> Angle:
        # An angle used as a factor counts as its value in radians, as in the stack.
        value = number(factor)
        return NotImplemented if value is None else Angle(self._val * value)

    __rmul__ = __mul__

    def __truediv__(self, divisor: object) -> Angle:
        value = None if isinstance(divisor, Angle) else number(divisor)
        return NotImplemented if value is None else Angle(divide(self._val, value))

    def __iadd__(self, other: object) -> Self:
        if not isinstance(other, Angle):
            return NotImplemented
        self._val += other._val
        return self

    def __isub__(self, other: object) -> Self:
        if not isinstance(other, Angle):
            return NotImplemented
        self._val -= other._val
        return self

    def __imul__(self, factor: object) -> Self:
        value = number(factor)
        if value is None:
            return NotImplemented
        self._val *= value
        return self

    def _other(self, other: object) -> float | None:
        if isinstance(other, Angle):
            return other._val
        return float(other) if isinstance(other, int | float) else None

    def __eq__(self, other: object) -> bool:
        value = self._other(other)
        if value is None:
            return NotImplemented
        return self._val == value or (math.isnan(self._val) and math.isnan(value))

    def __lt__(self, other: object) -> bool:
        return NotImplemented if (value := self._other(other)) is None else self._val < value

    def __le__(self, other: object) -> bool:
        return NotImplemented if (value := self._other(other)) is None else self._val <= value

    def __gt__(self, other: object) -> bool:
        return NotImplemented if (value := self._other(other)) is None else self._val > value

    def __ge__(self, other: object) -> bool:
        return NotImplemented if (value := self._other(other)) is None else self._val >= value

    __hash__ = None  # type: ignore[assignment]  # mutable, as in the stack

    def __str__(self) -> str:
        return f"{self._val:g} rad"

    def __repr__(self) -> str:
        value = self._val / degrees._val
        return (
            f"Angle({value:0.17g}, degrees)" if math.isfinite(value) else f"Angle(float('{value}'), degrees)"
        )

    def __reduce__(self) -> tuple:
        return Angle, (self._val,)


def _fmod(value: float) -> float:
    """Return ``value`` modulo a full circle, with the sign of ``value``, or NaN if it is not finite."""
    return math.fmod(value, TWOPI) if math.isfinite(value) else math.nan


def isAngle(value: object) -> TypeGuard[Angle]:
    """Return whether a value is an `Angle`."""
    return isinstance(value, Angle)


def degToRad(x: float) -> float:
    """Convert degrees to radians."""
    return x * PI / 180.0


def radToDeg(x: float) -> float:
    """Convert radians to degrees."""
    return x * 180.0 / PI


def radToArcsec(x: float) -> float:
    """Convert radians to arcseconds."""
    return x * 3600.0 * 180.0 / PI


def radToMas(x: float) -> float:
    """Convert radians to milliarcseconds."""
    return x * 1000.0 * 3600.0 * 180.0 / PI


def arcsecToRad(x: float) -> float:
    """Convert arcseconds to radians."""
    return (x / 3600.0) * PI / 180.0


def masToRad(x: float) -> float:
    """Convert milliarcseconds to radians."""
    return (x / (1000.0 * 3600.0)) * PI / 180.0
