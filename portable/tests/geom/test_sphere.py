"""Angles and positions on the sphere."""

import math
import pickle

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st

import lsst.sphgeom
from lsst import geom
from lsst.geom import Angle, SpherePoint, arcseconds, degrees, hours, radians
from lsst.pex.exceptions import InvalidParameterError, LengthError


def test_units():
    a = 90 * degrees
    assert a.asRadians() == math.pi / 2
    assert a.asDegrees() == 90.0
    assert a.asHours() == pytest.approx(6.0, rel=1e-15)
    assert a.asArcseconds() == pytest.approx(324000.0, rel=1e-15)
    assert a.asArcminutes() == pytest.approx(5400.0, rel=1e-15)
    assert a.asMilliarcseconds() == pytest.approx(3.24e8, rel=1e-15)
    assert (6 * hours).asDegrees() == pytest.approx(90.0, rel=1e-15)
    assert a.asAngularUnits(arcseconds) == a.asArcseconds()
    assert degrees * 90 == a
    assert Angle(90, degrees) == a == Angle(math.pi / 2)
    assert (np.float64(90) * degrees) == a
    assert repr(degrees) == "degrees"


def test_arithmetic():
    a = 30 * degrees
    assert (a + a) == 2 * a
    assert (2 * a - a) == a
    assert abs(-a) == a
    assert (a / 2) * 2 == a
    assert a < 1.0
    assert a > 0
    assert a <= 30 * degrees
    assert float(a) == a.asRadians()
    assert math.sin(a) == pytest.approx(0.5)
    assert Angle(math.nan) == Angle(math.nan)
    assert geom.isAngle(a)
    assert not geom.isAngle(1.0)
    assert str(a) == "0.523599 rad"
    assert repr(90 * degrees) == "Angle(90, degrees)"
    assert pickle.loads(pickle.dumps(a)) == a
    assert geom.degToRad(180) == math.pi


def test_the_same_angle_in_all_units():
    values = {
        geom.radians: math.pi,
        degrees: 180,
        geom.hours: 12,
        geom.arcminutes: 180 * 60,
        arcseconds: 180 * 3600,
        geom.milliarcseconds: 648000000,
    }
    assert [Angle(value, unit) == Angle(math.pi) for unit, value in values.items()] == [True] * 6
    assert Angle(648000000, geom.milliarcseconds) == 180 * degrees


def test_angles_change_in_place():
    a = 30 * degrees
    same = a
    a += 15 * degrees
    a -= 5 * degrees
    a *= 2
    assert a is same
    assert same.asDegrees() == pytest.approx(80.0, rel=1e-15)
    a /= 2  # there is no division in place
    assert a is not same
    with pytest.raises(TypeError, match="unhashable"):
        hash(a)
    for wrong in (1, "x", degrees):
        with pytest.raises(TypeError):
            a += wrong


def test_an_angle_as_a_factor_is_a_number_of_radians():
    assert (2 * radians) * (3 * radians) == 6 * radians
    with pytest.raises(TypeError):
        (2 * radians) / (3 * radians)


@pytest.mark.parametrize("call", [lambda: 1 * degrees * degrees, lambda: degrees * degrees])
def test_units_of_units(call):
    with pytest.raises(NotImplementedError, match="multiply a number"):
        call()


def test_units_of_arrays():
    angles = np.array([1.0, 2.0]) * degrees
    assert list(angles) == [1 * degrees, 2 * degrees]
    assert list(degrees * np.array([1.0, 2.0])) == list(angles)


@pytest.mark.parametrize(
    ("dividend", "divisor", "expected"),
    [(1.0, 0.0, math.inf), (-1.0, 0, -math.inf), (1.0, -0.0, -math.inf), (0.0, 0.0, math.nan)],
)
def test_division_by_zero(dividend, divisor, expected):
    quotients = [
        (dividend * radians / divisor).asRadians(),
        (geom.Extent2D(dividend, 1) / divisor).x,
        (geom.Extent2I(int(dividend), 1) / divisor).x,
    ]
    assert quotients == pytest.approx([expected] * 3, nan_ok=True)


@pytest.mark.parametrize(
    "call",
    [
        lambda: (1 * degrees) / (1 * degrees),
        lambda: 1 / (1 * degrees),
        lambda: (1 * degrees) + 1,
        lambda: "a" * degrees,
        lambda: Angle(1, 2),
    ],
)
def test_refused(call):
    with pytest.raises(TypeError):
        call()


@settings(deadline=None)
@given(st.floats(-1e4, 1e4), st.floats(-10, 10))
def test_wrapping(value, reference):
    a = Angle(value)
    assert 0 <= a.wrap().asRadians() < 2 * math.pi
    assert -math.pi <= a.wrapCtr().asRadians() < math.pi
    assert abs(a.wrapNear(Angle(reference)).asRadians() - reference) <= math.pi + 1e-9
    for wrapped in (a.wrap(), a.wrapCtr(), a.wrapNear(Angle(reference))):
        assert math.cos(wrapped.asRadians() - value) == pytest.approx(1.0, abs=1e-9)


def test_sphere_point():
    p = SpherePoint(30 * degrees, -45 * degrees)
    assert p == SpherePoint(30, -45, degrees) == SpherePoint(p)
    assert p.separation(SpherePoint(390, -45, degrees)) < 1e-14
    assert (p.getRa(), p.getDec()) == (p.getLongitude(), p.getLatitude()) == tuple(p) == (p[0], p[1])
    assert len(p) == 2
    assert str(p) == "(30.0000000000, -45.0000000000)"
    assert p.separation(eval(repr(p))) < 1e-14
    assert pickle.loads(pickle.dumps(p)) == p
    assert hash(p) == hash(SpherePoint(p))
    assert p.getPosition(degrees).y == pytest.approx(-45)
    assert isinstance(p.getVector(), lsst.sphgeom.UnitVector3d)
    assert SpherePoint(p.getVector()).separation(p) < 1e-12
    assert SpherePoint(lsst.sphgeom.LonLat.fromDegrees(30, -45)).separation(p) < 1e-12
    assert SpherePoint(0, 90, degrees).atPole()
    assert not SpherePoint().isFinite()
    with pytest.raises(IndexError, match="0 or 1"):
        p[2]
    with pytest.raises(InvalidParameterError, match="not a valid latitude"):
        SpherePoint(0, 91, degrees)
    with pytest.raises(InvalidParameterError, match="zero norm"):
        SpherePoint(lsst.sphgeom.Vector3d(0, 0, 0))
    with pytest.raises(TypeError, match="float, float"):
        SpherePoint(1.0, 2.0)


@settings(deadline=None)
@given(st.floats(0, 359), st.floats(-89, 89), st.floats(0, 359), st.floats(-89, 89))
def test_separation_agrees_with_astropy(lon1, lat1, lon2, lat2):
    separation = SpherePoint(lon1, lat1, degrees).separation(SpherePoint(lon2, lat2, degrees))
    expected = SkyCoord(lon1, lat1, unit="deg").separation(SkyCoord(lon2, lat2, unit="deg")).rad
    assert separation.asRadians() == pytest.approx(expected, abs=1e-7)


@settings(deadline=None)
@given(st.floats(0, 359), st.floats(-80, 80), st.floats(0, 359), st.floats(0.1, 90))
def test_offset(lon, lat, bearing, amount):
    start = SpherePoint(lon, lat, degrees)
    end = start.offset(bearing * degrees, amount * degrees)
    assert start.separation(end).asDegrees() == pytest.approx(amount, abs=1e-9)
    assert abs(start.bearingTo(end).separation(bearing * degrees).asDegrees()) < 1e-6


def test_directions():
    p = SpherePoint(0, 0, degrees)
    assert p.bearingTo(SpherePoint(1, 0, degrees)).asDegrees() == pytest.approx(0)
    assert p.bearingTo(SpherePoint(0, 1, degrees)).asDegrees() == pytest.approx(90)
    turned = SpherePoint(10, 20, degrees).rotated(SpherePoint(0, 90, degrees), 15 * degrees)
    assert turned.separation(SpherePoint(25, 20, degrees)) < 1e-12
    east, north = p.getTangentPlaneOffset(SpherePoint(1, 2, degrees))
    there, here = SkyCoord(1, 2, unit="deg"), SkyCoord(0, 0, unit="deg")
    frame = there.skyoffset_frame()
    x, y, z = here.transform_to(frame).cartesian.xyz.value
    assert east.asRadians() == pytest.approx(-y / x, rel=1e-12)
    assert north.asRadians() == pytest.approx(-z / x, rel=1e-12)
    assert north > 2 * degrees
    mean = geom.averageSpherePoint([SpherePoint(350, 0, degrees), SpherePoint(10, 0, degrees)])
    assert mean.separation(p) < 1e-12
    with pytest.raises(LengthError, match="No coordinates"):
        geom.averageSpherePoint([])


def test_unit_vectors():
    x, y, z = SpherePoint.toUnitXYZ(ra=np.array([0.0, 90.0]), dec=np.array([0.0, 0.0]), units=degrees)
    np.testing.assert_allclose([x, y, z], [[1, 0], [0, 1], [0, 0]], atol=1e-15)
    with pytest.raises(ValueError, match="ra and longitude"):
        SpherePoint.toUnitXYZ(ra=1, longitude=1, dec=1, units=radians)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "call",
    [
        lambda p, a: p.rotated(SpherePoint(0, 90, degrees), a),
        lambda p, a: p.rotated(SpherePoint(a, 20 * degrees), 10 * degrees),
        lambda p, a: p.offset(a, 10 * degrees),
        lambda p, a: p.offset(10 * degrees, a),
        lambda p, a: SpherePoint(a, 10 * degrees).offset(10 * degrees, 10 * degrees),
    ],
)
def test_what_is_not_finite_leads_nowhere(call, value):
    result = call(SpherePoint(30, 60, degrees), Angle(value))
    assert math.isnan(result.getLongitude())
    assert math.isnan(result.getLatitude())


def test_text_of_positions():
    p = SpherePoint(10, -20, degrees)
    assert repr(p) == "SpherePoint(10.0*degrees, -20.0*degrees)"
    assert eval(repr(p)) == p
    assert str(p) == "(10.0000000000, -20.0000000000)"
    assert str(SpherePoint()) == "(nan, +nan)"


def test_longitudes_and_latitudes_of_sphgeom_are_positions():
    p = SpherePoint(10, 20, degrees)
    other = lsst.sphgeom.LonLat.fromDegrees(11, 20)
    assert p.separation(other) == p.separation(SpherePoint(11, 20, degrees))
