# SPDX-License-Identifier: GPL-3.0-or-later
"""Control of the measurement of backgrounds: `BackgroundControl` and `UndersampleStyle`."""

import enum
from typing import Any

from lsst.pex.exceptions import InvalidParameterError, LengthError
from lsst.portable.arguments import require

from ._approximate import ApproximateControl
from ._interpolate import Interpolate, InterpStyle, stringToInterpStyle
from ._statistics import Property, StatisticsControl, stringToStatisticsProperty

__all__ = ("BackgroundControl", "UndersampleStyle", "stringToUndersampleStyle")


class UndersampleStyle(enum.IntEnum):
    """What to do if there are too few cells for the interpolation."""

    __str__ = enum.Enum.__str__

    THROW_EXCEPTION = 0
    """Raise."""
    REDUCE_INTERP_ORDER = 1
    """Use a lower order."""
    INCREASE_NXNYSAMPLE = 2
    """Use more cells; not supported once the cells have been measured."""


def stringToUndersampleStyle(style: str) -> UndersampleStyle:
    """Look up an undersample style by name.

    Parameters
    ----------
    style : `str`
        Name of an `UndersampleStyle`.

    Returns
    -------
    style : `UndersampleStyle`
        The style of that name.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no such style.
    """
    try:
        return UndersampleStyle[style]
    except KeyError:
        names = ", ".join(UndersampleStyle.__members__)
        raise InvalidParameterError(f"Unknown undersample style {style!r}; expected one of {names}") from None


class BackgroundControl:
    """Control of the measurement and interpolation of a background.

    Called as ``BackgroundControl(nxSample, nySample, sctrl, prop, actrl)`` or as ``BackgroundControl(style,
    nxSample, nySample, undersampleStyle, sctrl, prop, actrl)``, with styles and statistics as members or
    names.

    Parameters
    ----------
    *args, **kwargs
        By name: ``style`` (`Interpolate.Style` or `str`, default AKIMA_SPLINE), ``nxSample`` and ``nySample``
        (`int`, numbers of cells, default 10), ``undersampleStyle`` (`UndersampleStyle` or `str`, default
        THROW_EXCEPTION), ``sctrl`` (`StatisticsControl`), ``prop`` (`Property` or `str`, default MEANCLIP)
        and ``actrl`` (`ApproximateControl`, by default no approximation).

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if a number of cells is not positive.
    lsst.pex.exceptions.InvalidParameterError
        Raised if a name is unknown.
    """

    _WITH_STYLE = ("style", "nxSample", "nySample", "undersampleStyle", "sctrl", "prop", "actrl")
    _WITHOUT_STYLE = ("nxSample", "nySample", "sctrl", "prop", "actrl")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        plain_int = bool(args) and isinstance(args[0], int) and not isinstance(args[0], enum.Enum)
        names = self._WITHOUT_STYLE if plain_int else self._WITH_STYLE
        if len(args) > len(names):
            raise TypeError(
                f"BackgroundControl takes at most {len(names)} arguments ({', '.join(names)}), got"
                f" {len(args)}"
            )
        values = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in self._WITH_STYLE or name in values:
                raise TypeError(f"BackgroundControl got an unexpected or repeated argument {name!r}")
            values[name] = value
        self._nxSample, self._nySample = 10, 10
        self.setInterpStyle(values.get("style", Interpolate.AKIMA_SPLINE))
        self.setUndersampleStyle(values.get("undersampleStyle", UndersampleStyle.THROW_EXCEPTION))
        self.setNxSample(values.get("nxSample", 10))
        self.setNySample(values.get("nySample", 10))
        sctrl = values.get("sctrl")
        require("sctrl of BackgroundControl", sctrl, StatisticsControl, optional=True)
        self._sctrl = sctrl if sctrl is not None else StatisticsControl()
        self.setStatisticsProperty(values.get("prop", Property.MEANCLIP))
        actrl = values.get("actrl")
        require("actrl of BackgroundControl", actrl, ApproximateControl, optional=True)
        self._actrl = actrl if actrl is not None else ApproximateControl(ApproximateControl.UNKNOWN, 1)

    def getNxSample(self) -> int:
        """Return the number of cells along x."""
        return self._nxSample

    def setNxSample(self, nxSample: int) -> None:
        """Set the number of cells along x, which must be positive."""
        self._nxSample = _positive(nxSample, "nxSample")

    def getNySample(self) -> int:
        """Return the number of cells along y."""
        return self._nySample

    def setNySample(self, nySample: int) -> None:
        """Set the number of cells along y, which must be positive."""
        self._nySample = _positive(nySample, "nySample")

    def getInterpStyle(self) -> InterpStyle:
        """Return the interpolation style."""
        return self._style

    def setInterpStyle(self, style: InterpStyle | str) -> None:
        """Set the interpolation style, by member or name."""
        require("style of BackgroundControl", style, InterpStyle, str)
        self._style = stringToInterpStyle(style) if isinstance(style, str) else InterpStyle(style)

    def getUndersampleStyle(self) -> UndersampleStyle:
        """Return what to do if there are too few cells."""
        return self._undersampleStyle

    def setUndersampleStyle(self, undersampleStyle: UndersampleStyle | str) -> None:
        """Set what to do if there are too few cells, by member or name."""
        self._undersampleStyle = undersample_style(undersampleStyle)

    def getStatisticsControl(self) -> StatisticsControl:
        """Return the control of how pixels are selected, clipped and weighted."""
        return self._sctrl

    def getStatisticsProperty(self) -> Property:
        """Return the statistic used for each cell."""
        return self._prop

    def setStatisticsProperty(self, prop: Property | str) -> None:
        """Set the statistic used for each cell, by member or name."""
        self._prop = stringToStatisticsProperty(prop) if isinstance(prop, str) else Property(prop)

    def getApproximateControl(self) -> ApproximateControl:
        """Return the control of the approximation, whose style is UNKNOWN to interpolate instead."""
        return self._actrl

    def setApproximateControl(self, actrl: ApproximateControl) -> None:
        """Set the control of the approximation."""
        self._actrl = actrl


def undersample_style(style: UndersampleStyle | str) -> UndersampleStyle:
    """Return an undersample style from a member or name."""
    return stringToUndersampleStyle(style) if isinstance(style, str) else UndersampleStyle(style)


def _positive(count: int, name: str) -> int:
    if count <= 0:
        raise LengthError(f"A background needs at least one cell along an axis, got {name} = {count}")
    return int(count)
