# SPDX-License-Identifier: GPL-3.0-or-later
"""AB magnitudes and fluxes in Jansky."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np

from lsst.pex.exceptions import LengthError

__all__ = ("abMagErrFromFluxErr", "abMagFromFlux", "fluxErrFromABMagErr", "fluxFromABMag")

Values = TypeVar("Values", float, np.ndarray)

#: Flux of magnitude zero (Jy).
_ZERO = 3631.0

#: Change of a magnitude with the natural logarithm of a flux.
_PER_LOGARITHM = 2.5 / math.log(10.0)


def _doubles(*values: float | np.ndarray) -> tuple[list[np.ndarray], np.dtype | None]:
    """Return values as float64, and the type of the result, which is `None` for numbers."""
    arrays = [np.asarray(value) for value in values]
    if any(array.dtype.kind not in "fiu" or array.ndim > 1 for array in arrays):
        raise TypeError(f"expected a number or an array of one axis, got {values!r}")
    if len({array.shape for array in arrays}) > 1:
        raise LengthError(f"expected as many errors as values, got {[array.size for array in arrays]}")
    single = all(array.dtype == np.float32 for array in arrays)
    kind = None if arrays[0].ndim == 0 else np.dtype(np.float32 if single else np.float64)
    return [array.astype(np.float64) for array in arrays], kind


def _returned(result: np.ndarray, kind: np.dtype | None) -> Any:
    """Return a result in its type."""
    return float(result) if kind is None else result.astype(kind)


def abMagFromFlux(flux: Values) -> Values:
    """Return the AB magnitude of a flux.

    Parameters
    ----------
    flux : `float` or `numpy.ndarray`
        Flux (Jy).

    Returns
    -------
    mag : `float` or `numpy.ndarray`
        Magnitude, of the type of the argument; NaN for a negative flux.
    """
    (values,), kind = _doubles(flux)
    with np.errstate(all="ignore"):
        mag = -2.5 * np.log10(values / _ZERO)
    return _returned(mag, kind)


def abMagErrFromFluxErr(fluxErr: Values, flux: Values) -> Values:
    """Return the error of an AB magnitude.

    Parameters
    ----------
    fluxErr, flux : `float` or `numpy.ndarray`
        Flux and its error (Jy).

    Returns
    -------
    magErr : `float` or `numpy.ndarray`
        Error of the magnitude.
    """
    (error, value), kind = _doubles(fluxErr, flux)
    with np.errstate(all="ignore"):
        result = np.abs(error / value) * _PER_LOGARITHM
    return _returned(result, kind)


def fluxFromABMag(mag: Values) -> Values:
    """Return the flux of an AB magnitude.

    Parameters
    ----------
    mag : `float` or `numpy.ndarray`
        Magnitude.

    Returns
    -------
    flux : `float` or `numpy.ndarray`
        Flux (Jy).
    """
    (values,), kind = _doubles(mag)
    with np.errstate(all="ignore"):
        flux = 10.0 ** (-0.4 * values) * _ZERO
    return _returned(flux, kind)


def fluxErrFromABMagErr(magErr: Values, mag: Values) -> Values:
    """Return the error of the flux of an AB magnitude.

    Parameters
    ----------
    magErr, mag : `float` or `numpy.ndarray`
        Magnitude and its error.

    Returns
    -------
    fluxErr : `float` or `numpy.ndarray`
        Error of the flux (Jy).
    """
    (error, value), kind = _doubles(magErr, mag)
    with np.errstate(all="ignore"):
        result = np.abs(error) * fluxFromABMag(value) / _PER_LOGARITHM
    return _returned(result, kind)
