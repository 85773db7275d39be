# SPDX-License-Identifier: GPL-3.0-or-later
"""Stretches from pixel values to shades."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.visualization import AsinhStretch, ImageNormalize, LinearStretch, ZScaleInterval

__all__ = ("make_norm",)

#: Ratio of the range of an asinh stretch to that of zscale.
_BRIGHTER = 100.0

_UNITS = ("absolute", "percent", "sigma")


def make_norm(
    pixels: np.ndarray,
    algorithm: str,
    low: float | str,
    high: float | None = None,
    unit: str | None = None,
    softening: float = 0.125,
) -> Any:
    """Make the normalization that maps pixel values to the range from 0 to 1.

    Parameters
    ----------
    pixels : `numpy.ndarray`
        Pixels from which to find the limits; non-finite pixels are ignored.
    algorithm : `str`
        ``linear`` or ``asinh``.
    low : `float` or `str`
        Value that maps to 0, or ``minmax`` or ``zscale``.
    high : `float`, optional
        Value that maps to 1.
    unit : `str`, optional
        Unit of the limits: ``absolute`` (the default), ``percent`` of the pixels, or ``sigma`` around the
        mean.
    softening : `float`, optional
        Fraction of the range over which ``asinh`` is roughly linear.

    Raises
    ------
    RuntimeError
        Raised if the algorithm or the unit is unknown.
    """
    if algorithm not in ("linear", "asinh"):
        raise RuntimeError(f'Unsupported stretch algorithm "{algorithm}"; use linear or asinh')
    used = pixels[np.isfinite(pixels)]
    if used.size == 0:
        used = np.zeros(1)
    first, last = _limits(used, low, high, "absolute" if unit is None else unit.lower())
    if (
        algorithm == "asinh" and low == "zscale"
    ):  # faint features as zscale shows them, with room for bright ones
        last, softening = first + _BRIGHTER * (last - first), softening / _BRIGHTER
    stretch = AsinhStretch(softening) if algorithm == "asinh" else LinearStretch()
    return ImageNormalize(vmin=first, vmax=last, stretch=stretch, clip=True)


def _limits(used: np.ndarray, low: float | str, high: float | None, unit: str) -> tuple[float, float]:
    """Return the values that map to 0 and 1."""
    if unit not in _UNITS:
        raise RuntimeError(f'Unsupported unit "{unit}" of a stretch; use one of {", ".join(_UNITS)}')
    if low == "zscale":
        first, last = ZScaleInterval().get_limits(used)
    elif low == "minmax" or isinstance(low, str) or high is None:
        first, last = used.min(), used.max()
    elif unit == "percent":
        first, last = np.percentile(used, (low, high))
    elif unit == "sigma":
        mean, sigma = used.mean(dtype=float), used.std(dtype=float)
        first, last = mean + low * sigma, mean + high * sigma
    else:
        first, last = low, high
    # A constant image has no range.
    return float(first), float(last if last > first else first + 1)
