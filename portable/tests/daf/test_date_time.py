"""Moments in time against astropy and known answers."""

import copy
import datetime
import pickle

import pytest
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st

from lsst.daf.base import DateTime
from lsst.pex.exceptions import DomainError, RuntimeError

TAI, UTC, TT = DateTime.TAI, DateTime.UTC, DateTime.TT


def test_mjd():
    d = DateTime(45205.125, DateTime.MJD, UTC)
    assert d.nsecs() == 399006021000000000
    assert d.nsecs(UTC) == 399006000000000000
    assert d.nsecs(TT) == 399006053184000000
    assert d.get(DateTime.MJD, UTC) == 45205.125
    assert d.get(DateTime.MJD, TAI) == pytest.approx(45205.125 + 21 / 86400, abs=1e-11)
    assert d.get(DateTime.JD, UTC) == 2445205.625
    assert DateTime(d.get(DateTime.EPOCH, TAI), DateTime.EPOCH, TAI).nsecs() == pytest.approx(
        d.nsecs(), abs=1e6
    )
    assert DateTime(2445205.625, DateTime.JD, UTC) == d
    assert d == DateTime(date=45205.125, system=DateTime.MJD, scale=UTC)
    assert DateTime(51544, DateTime.MJD, TAI) == DateTime(51544.0)


def test_text():
    d = DateTime("2024-03-31T06:00:00.5", TAI)
    assert d.toString(TAI) == "2024-03-31T06:00:00.500000000"
    assert d.toString(UTC) == "2024-03-31T05:59:23.500000000Z"
    assert repr(d) == 'DateTime("2024-03-31T06:00:00.500000000", TAI)'
    assert d == DateTime("20240331T055923,5Z", UTC)
    assert d == DateTime("2024-03-31T06:00:32.684", TT)
    assert DateTime(2024, 3, 31, 6, 0, 0, TAI).nsecs() == d.nsecs() - 500_000_000
    assert d.toPython() == datetime.datetime(2024, 3, 31, 6, 0, 0, 500000)
    assert d.toPython(UTC) == datetime.datetime(2024, 3, 31, 5, 59, 23, 500000)
    assert d.toAstropy().isot == "2024-03-31T06:00:00.500"
    assert d.toAstropy().scale == "tai"


def test_invalid():
    d = DateTime()
    assert not d.isValid()
    assert d.nsecs() == DateTime.invalid_nsecs
    assert repr(d) == "DateTime()"
    assert {d.nsecs(scale) for scale in (TAI, UTC, TT)} == {DateTime.invalid_nsecs}
    for call in (d.get, lambda: d.toString(TAI), d.toPython, d.toAstropy):
        with pytest.raises(RuntimeError, match="not valid"):
            call()
    for scale in (TAI, UTC, TT):
        for method in (d.gmtime, d.timespec, d.timeval):
            with pytest.raises(RuntimeError, match="not valid"):
                method(scale)


def test_structures_of_c_are_refused():
    d = DateTime(60000.25)
    for method in (d.gmtime, d.timespec, d.timeval):
        with pytest.raises(TypeError, match="use "):
            method(TAI)
    with pytest.raises(NotImplementedError, match="ERFA"):
        DateTime.initializeLeapSeconds("")


def test_julian_epoch_starts_at_noon():
    d = DateTime(2000.0, DateTime.EPOCH, TAI)
    assert d.get(DateTime.JD) == 2451545.0
    assert d.get(DateTime.EPOCH) == 2000.0
    assert d.toString(TAI) == "2000-01-01T12:00:00.000000000"
    assert d.toAstropy().jyear == 2000.0


def test_order_is_that_of_time():
    days = [60002.0, 60000.0, 60001.5]
    assert [d.get() for d in sorted(DateTime(day) for day in days)] == sorted(days)
    early, late = DateTime(60000.0), DateTime(60001.0)
    assert (early < late, early <= early, late > early, late >= late) == (True, True, True, True)
    assert (late < early, late <= early, early > late, early >= late) == (False, False, False, False)
    with pytest.raises(TypeError):
        early < 60001.0  # noqa: B015


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((2024, 13, 1, 0, 0, 0), "2025-01-01T00:00:00"),
        ((2024, 0, 1, 0, 0, 0), "2023-12-01T00:00:00"),
        ((2024, 2, 30, 0, 0, 0), "2024-03-01T00:00:00"),
        ((2024, 1, 0, 0, 0, 0), "2023-12-31T00:00:00"),
        ((2024, 1, 1, 24, 60, 61), "2024-01-02T01:01:01"),
        ((2024, 1, 1, 0, 0, -1), "2023-12-31T23:59:59"),
        ((1969, 12, 31, 23, 59, 59), "1969-12-31T23:59:59"),
    ],
)
def test_fields_roll_over(fields, expected):
    assert DateTime(*fields, TAI).toString(TAI) == expected + ".000000000"


@pytest.mark.parametrize(
    "call",
    [
        lambda d: d.nsecs("TAI"),
        lambda d: d.get(DateTime.TAI),
        lambda d: d.get(DateTime.MJD, DateTime.MJD),
        lambda d: d.toString(None),
        lambda d: d.gmtime(5),
        lambda d: DateTime(60000.0, "MJD"),
        lambda d: DateTime(d),
    ],
)
def test_wrong_types(call):
    with pytest.raises(TypeError):
        call(DateTime(60000.25))


@pytest.mark.parametrize("d", [DateTime(), DateTime(1), DateTime(60000.25)])
def test_copies(d):
    for other in (pickle.loads(pickle.dumps(d)), copy.copy(d), copy.deepcopy(d), DateTime(d.nsecs())):
        assert other == d
        assert hash(other) == hash(d)
    assert d != 3


def test_now():
    assert abs(DateTime.now().nsecs(UTC) - Time.now().unix * 1e9) < 60e9


@pytest.mark.parametrize(
    "text",
    [
        "1965-05-05T01:02:03",
        "1972-06-30T23:59:59",
        "1990-12-31T23:59:59",
        "2016-12-31T23:59:59",
        "2017-01-01T00:00:00",
    ],
)
def test_leap_seconds(text):
    d = DateTime(text + "Z", UTC)
    assert abs((d.toAstropy() - Time(text, scale="utc")).sec) < 2e-9
    assert abs(d.nsecs(UTC) - DateTime(text, TAI).nsecs()) <= 1


def test_nanoseconds_before_1972():
    """UTC drifted against TAI then, by less than a nanosecond in a tenth of a second."""
    base = DateTime("1968-06-01T00:00:00Z", UTC).nsecs()
    utc = [DateTime(base + n).nsecs(UTC) for n in range(-3, 4)]
    assert utc == [*range(utc[3] - 3, utc[3] + 4)]
    # Fractions of a second are TAI's: half a second of them is 15 nanoseconds less of UTC (at 30 ms per Ms).
    half = DateTime("1968-06-01T00:00:00.5Z", UTC)
    assert half.nsecs() - base == 500_000_000
    assert half.toString(UTC) == "1968-06-01T00:00:00.499999985Z"


@settings(deadline=None)
@given(st.integers(-283996800 * 10**9, 63072000 * 10**9 - 10**12))
def test_utc_round_trip_before_1972(nsecs):
    """To a nanosecond, but for times that UTC, set back by 0.05 s or 0.1 s, had twice."""
    error = abs(DateTime(nsecs, UTC).nsecs(UTC) - nsecs)
    assert error <= 1 or 50_000_000 <= error + 1 <= 100_000_002


@settings(deadline=None)
@given(st.integers(63072000 * 10**9, 2**62))
def test_utc_round_trip(nsecs):
    assert DateTime(nsecs, UTC).nsecs(UTC) == nsecs
    assert DateTime(DateTime(nsecs).toString(TAI), TAI).nsecs() == nsecs


@pytest.mark.parametrize(
    ("args", "error", "message"),
    [
        (("2024-03-31T06:00:00Z", TAI), DomainError, "ISO8601"),
        (("2024-03-31T06:00:00", UTC), DomainError, "ISO8601"),
        (("yesterday", TAI), DomainError, "yesterday"),
        ((1901, 12, 31, 0, 0, 0, TAI), DomainError, "1901 out of range"),
        (("2262-01-01T06:00:00", TAI), DomainError, "2262 out of range"),
        ((2024, 10**9, 1, 0, 0, 0, TAI), DomainError, "Unconvertible"),
        ((2024, 1, 10**9, 0, 0, 0, TAI), DomainError, "Unconvertible"),
        ((1e9,), DomainError, "too far in the future"),
        ((-1e9,), DomainError, "too far in the past"),
        ((-(10**18), UTC), DomainError, "too early"),
        (("2024-03-31T06:00:00",), TypeError, "scale"),
        ((2024, 3, 31, 6, 0, 0), TypeError, "scale"),
        ((2**63,), TypeError, "64 bits"),
        ((None,), TypeError, "NoneType"),
    ],
)
def test_refused(args, error, message):
    with pytest.raises(error, match=message):
        DateTime(*args)
