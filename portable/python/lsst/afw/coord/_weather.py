# SPDX-License-Identifier: GPL-3.0-or-later
"""The weather while an exposure was taken."""

from __future__ import annotations

import math

from lsst.pex.exceptions import InvalidParameterError

__all__ = ("Weather",)


class Weather:
    """Basic weather at the telescope. Immutable; unknown values are NaN.

    Parameters
    ----------
    airTemperature : `float` or `Weather`
        Outside air temperature (degrees Celsius), or a `Weather` to copy.
    airPressure : `float`
        Outside air pressure (Pa).
    humidity : `float`
        Outside relative humidity (percent).

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the humidity is negative.
    """

    __slots__ = ("_values",)
    _values: tuple[float, float, float]

    def __init__(
        self, airTemperature: float | Weather, airPressure: float | None = None, humidity: float | None = None
    ) -> None:
        if isinstance(airTemperature, Weather) and airPressure is None and humidity is None:
            self._values = airTemperature._values
            return
        if isinstance(airTemperature, Weather) or airPressure is None or humidity is None:
            raise TypeError(
                "Weather takes an air temperature, an air pressure and a humidity, or another Weather."
            )
        self._values = (float(airTemperature), float(airPressure), float(humidity))
        if humidity < 0:
            raise InvalidParameterError(f"Relative humidity = {humidity:g} must not be negative")

    def getAirTemperature(self) -> float:
        """Return the outside air temperature in degrees Celsius."""
        return self._values[0]

    def getAirPressure(self) -> float:
        """Return the outside air pressure in pascal."""
        return self._values[1]

    def getHumidity(self) -> float:
        """Return the outside relative humidity in percent."""
        return self._values[2]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Weather):
            return NotImplemented
        pairs = zip(self._values, other._values, strict=True)
        return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)

    def __hash__(self) -> int:
        return hash(tuple(None if math.isnan(value) else value for value in self._values))

    def __str__(self) -> str:
        return "Weather({:g}, {:g}, {:g})".format(*self._values)

    __repr__ = __str__

    def __reduce__(self) -> tuple:
        return Weather, self._values
