"""Observatory and weather."""

import math
import pickle

import pytest

import lsst.afw.coord
from lsst.afw.coord import Observatory, Weather
from lsst.geom import degrees
from lsst.pex.exceptions import InvalidParameterError


def test_observatory():
    site = Observatory(-70.75 * degrees, -30.25 * degrees, 2663)
    assert site.getLongitude().asDegrees() == pytest.approx(-70.75)
    assert site.getLatitude().asDegrees() == pytest.approx(-30.25)
    assert site.getElevation() == 2663.0
    assert str(site) == "-30.25N, -70.75E  2663"
    copy = pickle.loads(pickle.dumps(site))
    assert copy == site
    copy.setElevation(2700)
    assert copy != site
    with pytest.raises(TypeError, match=r"latitude of an observatory must be an lsst\.geom\.Angle"):
        Observatory(1 * degrees, 1.0, 0)


def test_weather():
    weather = Weather(12.5, 77000.0, 40)
    assert (weather.getAirTemperature(), weather.getAirPressure(), weather.getHumidity()) == (
        12.5,
        77000.0,
        40.0,
    )
    assert str(weather) == "Weather(12.5, 77000, 40)"
    assert weather == Weather(weather) == pickle.loads(pickle.dumps(weather))
    assert weather != Weather(12.5, 77000.0, 41)
    assert math.isnan(Weather(math.nan, math.nan, math.nan).getHumidity())
    with pytest.raises(InvalidParameterError, match="Relative humidity = -1 must not be negative"):
        Weather(0, 0, -1)
    with pytest.raises(TypeError, match="Weather takes"):
        Weather(0)


def test_what_is_missing_says_so():
    with pytest.raises(AttributeError, match="refraction is not part of the portable stack"):
        lsst.afw.coord.refraction  # noqa: B018


def test_unknown_weather_equals_unknown_weather():
    unknown = Weather(math.nan, math.nan, math.nan)
    assert unknown == Weather(float("nan"), math.nan, math.nan)
    assert hash(unknown) == hash(Weather(float("nan"), math.nan, math.nan))
    assert unknown != Weather(1.0, math.nan, math.nan)
    assert Weather(1.0, math.nan, math.nan) != Weather(1.0, 2.0, math.nan)
