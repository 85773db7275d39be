# SPDX-License-Identifier: GPL-3.0-or-later
"""Instants of time, to the nanosecond, in the time scales TAI, UTC and TT."""

from __future__ import annotations

import calendar
import datetime
import enum
import functools
import operator
import re
import time
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, NoReturn, TypeAlias

from lsst.pex.exceptions import DomainError, RuntimeError

if TYPE_CHECKING:
    import astropy.time

__all__ = ("DateTime",)

_NS_PER_SECOND = 10**9
_NS_PER_DAY = 86400 * _NS_PER_SECOND
_TT_MINUS_TAI = 32_184_000_000
_MJD_OF_EPOCH = 40587.0
_MJD_TO_JD = 2400000.5
_JD2000 = 2451545.0
_MAX_DAYS = 106751.99
"""Days from 1970 that fit into 64 bits of nanoseconds."""
_YEARS = (1902, 2261)
"""First and last year allowed in dates given as year, month, day and so on."""

_ISO8601 = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})T(\d{2}):?(\d{2}):?(\d{2})(?:[.,](\d*))?(Z?)")


class _Timescale(enum.Enum):
    """Time scales."""

    TAI = 5
    UTC = 6
    TT = 7


class _DateSystem(enum.Enum):
    """Ways of counting days."""

    JD = 0
    MJD = 1
    EPOCH = 2


class _Leap(NamedTuple):
    """A period over which the drift between TAI and UTC is constant."""

    utc: int  # start, nanoseconds UTC
    tai: int  # start, nanoseconds TAI
    offset: float  # TAI - UTC at the reference day, seconds
    reference: float  # modified Julian day, UTC
    drift: float  # change of the offset, seconds a day

    def seconds_at(self, nsecs: int) -> float:
        """Return TAI - UTC, in seconds."""
        return self.offset + (nsecs / _NS_PER_DAY + _MJD_OF_EPOCH - self.reference) * self.drift


@functools.cache
def _leap_table() -> tuple[_Leap, ...]:
    """Return the periods since 1961, latest first, from the leap second table of ERFA."""
    import erfa  # with NumPy, only when a date is in UTC

    table = []
    for year, month, at_reference in erfa.leap_seconds.get():
        if year < 1961:
            continue
        utc = calendar.timegm((int(year), int(month), 1, 0, 0, 0)) * _NS_PER_SECOND
        leap = _Leap(utc, 0, float(at_reference), 0.0, 0.0)
        if year < 1972:
            # The drift, which has seven digits, and the day from which it counts follow from two days.
            start, next_day = (float(erfa.dat(year, month, day, 0.0)) for day in (1, 2))
            drift = round(next_day - start, 7)
            elapsed = round((start - leap.offset) / drift)
            leap = leap._replace(drift=drift, reference=utc / _NS_PER_DAY + _MJD_OF_EPOCH - elapsed)
        table.append(leap._replace(tai=utc + int(1e9 * leap.seconds_at(utc))))
    return tuple(sorted(table, reverse=True))


# In the two conversions the order of operations matters: times before 1972 are only good to some nanoseconds,
# and those that were written by the compiled stack should come back as they were.


def _utc_to_tai(utc: int) -> int:
    for leap in _leap_table():
        if utc >= leap.utc:
            return utc + int(leap.seconds_at(utc) * 1e9 + 0.5)
    raise DomainError(f"DateTime value too early for UTC-TAI conversion: {utc}")


def _tai_to_utc(tai: int) -> int:
    for leap in _leap_table():
        if tai >= leap.tai:
            return tai - int(leap.seconds_at(tai) / (1.0 + leap.drift * 1e9 / _NS_PER_DAY) * 1e9 + 0.5)
    raise DomainError(f"DateTime value too early for TAI-UTC conversion: {tai}")


class DateTime:
    """An immutable instant of time, stored as nanoseconds of TAI since 1970.

    Build one from nanoseconds and a scale; from a date in days, its system and a scale; from year (1902 to
    2261), month, day, hour, minute, second and a scale, where all but the year roll over; or from a string in
    a subset of ISO 8601 (``yyyy-mm-ddThh:mm:ss.nnnnnnnnn``, ending in ``Z`` if and only if the scale is UTC)
    and a scale. Without arguments the instant is invalid.

    Parameters
    ----------
    *args : `int`; `float`, `DateTime.DateSystem`; six `int`; or `str`; then `DateTime.Timescale`
        What to build the instant from. With nanoseconds or a date, the scale defaults to TAI; with a
        date, the system defaults to MJD.
    **kwargs : `object`
        ``nsecs`` or ``date``, ``system`` and ``scale`` by keyword.

    Raises
    ------
    lsst.pex.exceptions.DomainError
        Raised if a string is not a date, a date is too far from 1970 for 64 bits of nanoseconds, or an
        instant is too early for UTC (before 1961).
    TypeError
        Raised if the arguments do not define an instant.
    """

    __slots__ = ("_nsecs",)

    Timescale: TypeAlias = _Timescale
    DateSystem: TypeAlias = _DateSystem
    TAI: ClassVar = _Timescale.TAI
    UTC: ClassVar = _Timescale.UTC
    TT: ClassVar = _Timescale.TT
    JD: ClassVar = _DateSystem.JD
    MJD: ClassVar = _DateSystem.MJD
    EPOCH: ClassVar = _DateSystem.EPOCH
    invalid_nsecs: ClassVar[int] = -(2**63)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        args = _by_name(args, kwargs)
        scale = _Timescale.TAI
        if args and isinstance(args[-1], _Timescale):
            *args, scale = args  # type: ignore[assignment]
            explicit = True
        else:
            explicit = False
        if not args and not explicit:
            self._nsecs = self.invalid_nsecs
            return
        if len(args) == 1 and isinstance(args[0], str) and explicit:
            self._nsecs = _from_text(args[0], scale)
        else:
            self._nsecs = _to_tai(_nanoseconds(tuple(args), explicit), scale)

    def isValid(self) -> bool:
        """Return whether this instant is valid."""
        return self._nsecs != self.invalid_nsecs

    def _check(self) -> None:
        if not self.isValid():
            raise RuntimeError("DateTime not valid")

    def nsecs(self, scale: _Timescale = _Timescale.TAI) -> int:
        """Return nanoseconds since the start of 1970 in the given scale.

        Parameters
        ----------
        scale : `DateTime.Timescale`, optional
            The scale.

        Returns
        -------
        nsecs : `int`
            Nanoseconds; `invalid_nsecs`, in any scale, if the instant is invalid.
        """
        _check_kind(_Timescale, scale, "scale")
        if scale is _Timescale.TAI or not self.isValid():
            return self._nsecs
        if scale is _Timescale.TT:
            return self._nsecs + _TT_MINUS_TAI
        return _tai_to_utc(self._nsecs)

    def get(self, system: _DateSystem = _DateSystem.MJD, scale: _Timescale = _Timescale.TAI) -> float:
        """Return the date.

        Parameters
        ----------
        system : `DateTime.DateSystem`, optional
            Modified Julian day, Julian day, or Julian epoch (years).
        scale : `DateTime.Timescale`, optional
            The scale.

        Returns
        -------
        date : `float`
            The date.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if the instant is invalid.
        """
        _check_kind(_DateSystem, system, "date system")
        self._check()
        mjd = float(self.nsecs(scale)) / _NS_PER_DAY + _MJD_OF_EPOCH
        if system is _DateSystem.MJD:
            return mjd
        jd = mjd + _MJD_TO_JD
        return jd if system is _DateSystem.JD else 2000.0 + (jd - _JD2000) / 365.25

    def toString(self, scale: _Timescale) -> str:
        """Return the instant as a string.

        Parameters
        ----------
        scale : `DateTime.Timescale`
            The scale.

        Returns
        -------
        text : `str`
            Such as ``2024-03-31T06:00:00.000000000``; in UTC it ends in ``Z``.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if the instant is invalid.
        """
        _check_kind(_Timescale, scale, "scale")
        self._check()
        seconds, fraction = divmod(self.nsecs(scale), _NS_PER_SECOND)
        start = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
        return f"{start:%Y-%m-%dT%H:%M:%S}.{fraction:09d}{'Z' if scale is _Timescale.UTC else ''}"

    def toPython(self, timescale: _Timescale | None = None) -> datetime.datetime:
        """Return the instant, to the microsecond, as a `datetime.datetime` without a time zone.

        Parameters
        ----------
        timescale : `DateTime.Timescale`, optional
            The scale; TAI by default.
        """
        self._check()
        microseconds = self.nsecs(timescale or _Timescale.TAI) // 1000
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=microseconds)

    def toAstropy(self) -> astropy.time.Time:
        """Return the instant as an `astropy.time.Time` in TAI, format MJD."""
        from astropy.time import Time  # imported here because it takes a quarter of a second

        self._check()
        days, rest = divmod(self._nsecs, _NS_PER_DAY)
        return Time(_MJD_OF_EPOCH + days, rest / _NS_PER_DAY, format="mjd", scale="tai")

    def gmtime(self, scale: _Timescale) -> NoReturn:
        """Refuse to return a ``struct tm``, which Python does not have, here as on the compiled stack.

        Parameters
        ----------
        scale : `DateTime.Timescale`
            The scale.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if the instant is invalid.
        TypeError
            Raised if it is valid.
        """
        self._refuse("gmtime", scale, "toPython(scale).timetuple()")

    def timespec(self, scale: _Timescale) -> NoReturn:
        """Refuse to return a ``struct timespec``; see `gmtime`."""
        self._refuse("timespec", scale, "divmod(nsecs(scale), 10**9)")

    def timeval(self, scale: _Timescale) -> NoReturn:
        """Refuse to return a ``struct timeval``; see `gmtime`."""
        self._refuse("timeval", scale, "divmod(nsecs(scale) // 1000, 10**6)")

    def _refuse(self, method: str, scale: _Timescale, instead: str) -> NoReturn:
        _check_kind(_Timescale, scale, "scale")
        self._check()
        raise TypeError(f"DateTime.{method} gives a C structure, which Python does not have; use {instead}.")

    @staticmethod
    def initializeLeapSeconds(leapString: str) -> NoReturn:
        """Refuse to replace the table of leap seconds, which comes from ERFA."""
        raise NotImplementedError(
            "The portable stack takes leap seconds from ERFA; use erfa.leap_seconds to update its table."
        )

    @staticmethod
    def now() -> DateTime:
        """Return the current time."""
        return DateTime(time.time_ns(), DateTime.UTC)

    def __eq__(self, other: object) -> bool:
        return self._nsecs == other._nsecs if isinstance(other, DateTime) else NotImplemented

    def __lt__(self, other: DateTime) -> bool:
        return self._nsecs < other._nsecs if isinstance(other, DateTime) else NotImplemented

    def __le__(self, other: DateTime) -> bool:
        return self._nsecs <= other._nsecs if isinstance(other, DateTime) else NotImplemented

    def __gt__(self, other: DateTime) -> bool:
        return self._nsecs > other._nsecs if isinstance(other, DateTime) else NotImplemented

    def __ge__(self, other: DateTime) -> bool:
        return self._nsecs >= other._nsecs if isinstance(other, DateTime) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._nsecs)

    def __repr__(self) -> str:
        return f'DateTime("{self.toString(DateTime.TAI)}", TAI)' if self.isValid() else "DateTime()"

    def __reduce__(self) -> tuple:
        return DateTime, (self._nsecs,)


DateTime.__module__ = "lsst.daf.base"


def _check_kind(kind: type[enum.Enum], value: object, what: str) -> None:
    if not isinstance(value, kind):
        names = ", ".join(f"DateTime.{member.name}" for member in kind)
        raise TypeError(f"A {what} must be one of {names}, not {value!r}.")


def _by_name(args: tuple, kwargs: dict[str, Any]) -> tuple:
    """Put the keyword arguments of the constructor in positional order."""
    given = dict(kwargs)
    for name in ("nsecs", "date", "system", "scale"):
        if name in given:
            value = given.pop(name)
            args += (float(value) if name == "date" else value,)
    if given:
        raise TypeError(f"DateTime takes no arguments named {sorted(given)}.")
    return args


def _nanoseconds(args: tuple, explicit: bool) -> int:
    """Return nanoseconds since 1970 from the arguments of the constructor other than text and the scale."""
    if len(args) == 2 and isinstance(args[1], _DateSystem):
        return _from_date(float(args[0]), args[1])
    if len(args) == 1 and isinstance(args[0], float):
        return _from_date(args[0], _DateSystem.MJD)
    if len(args) == 6 and explicit:
        return _from_calendar(*(operator.index(a) for a in args))
    if len(args) == 1 and hasattr(args[0], "__index__"):
        nsecs = operator.index(args[0])
        if -(2**63) <= nsecs < 2**63:
            return nsecs
        raise TypeError(f"{nsecs} nanoseconds do not fit into 64 bits.")
    kinds = ", ".join(type(a).__name__ for a in args)
    raise TypeError(
        f"Cannot make a DateTime from ({kinds}) {'and a scale' if explicit else 'without a scale'}; give "
        "nanoseconds, a date and its system, year to second and a scale, or text and a scale."
    )


def _to_tai(nsecs: int, scale: _Timescale) -> int:
    if nsecs == DateTime.invalid_nsecs or scale is _Timescale.TAI:
        return nsecs
    return nsecs - _TT_MINUS_TAI if scale is _Timescale.TT else _utc_to_tai(nsecs)


def _from_date(date: float, system: _DateSystem) -> int:
    if system is _DateSystem.EPOCH:
        date = 365.25 * (date - 2000.0) + _JD2000 - _MJD_TO_JD
    elif system is _DateSystem.JD:
        date -= _MJD_TO_JD
    if not abs(date - _MJD_OF_EPOCH) <= _MAX_DAYS:
        where = "past" if date < _MJD_OF_EPOCH else "future"
        raise DomainError(f"MJD too far in the {where}: {date}")
    return int((date - _MJD_OF_EPOCH) * _NS_PER_DAY)


def _from_calendar(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    first, last = _YEARS
    if not first <= year <= last:
        raise DomainError(f"Year = {year} out of range [{first}, {last}]")
    # Months roll over here; days, hours, minutes and seconds do so in the sum.
    years, months = divmod(month - 1, 12)
    nsecs = None
    if 1 <= year + years <= 9999:
        seconds = calendar.timegm((year + years, months + 1, 1, 0, 0, 0))
        nsecs = (seconds + 86400 * (day - 1) + 3600 * hour + 60 * minute + second) * _NS_PER_SECOND
    if nsecs is None or not -(2**63) < nsecs < 2**63:
        raise DomainError(
            f"Unconvertible date: {year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}"
        )
    return nsecs


def _from_text(text: str, scale: _Timescale) -> int:
    """Return nanoseconds of TAI; fractions of a second are counted in TAI, as in the compiled stack."""
    match = _ISO8601.fullmatch(text)
    if match is None or (match[8] == "Z") != (scale is _Timescale.UTC):
        raise DomainError(f"Not in acceptable ISO8601 format: {text}")
    fraction = int(((match[7] or "") + "0" * 9)[:9])
    return _to_tai(_from_calendar(*(int(match[i]) for i in range(1, 7))), scale) + fraction
