# SPDX-License-Identifier: GPL-3.0-or-later
"""How pixels become shades."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.visualization import AsinhStretch, ImageNormalize, LinearStretch, ZScaleInterval

__all__ = ("make_norm",)

#: How far the range of an asinh stretch reaches beyond that of zscale.
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
    """Make what turns pixels into the range from 0 to 1.

    Parameters
    ----------
    pixels : `numpy.ndarray`
        The pixels to find limits from; those that are not finite are left out.
    algorithm : `str`
        ``linear`` or ``asinh``.
    low : `float` or `str`
        What becomes 0; or ``minmax`` or ``zscale``.
    high : `float`, optional
        What becomes 1.
    unit : `str`, optional
        What the limits are in: ``absolute`` (the default), ``percent`` of the pixels, ``sigma`` around the
        mean.
    softening : `float`, optional
        Part of the range in which ``asinh`` is about linear.

    Raises
    ------
    RuntimeError
        Raised if there is no such algorithm or unit.
    """
    if algorithm not in ("linear", "asinh"):
        raise RuntimeError(f'Unsupported stretch algorithm "{algorithm}"; there are linear and asinh')
    used = pixels[np.isfinite(pixels)]
    if used.size == 0:
        used = np.zeros(1)
    first, last = _limits(used, low, high, "absolute" if unit is None else unit.lower())
    if algorithm == "asinh" and low == "zscale":  # faint things as zscale shows them, bright ones on top
        last, softening = first + _BRIGHTER * (last - first), softening / _BRIGHTER
    stretch = AsinhStretch(softening) if algorithm == "asinh" else LinearStretch()
    return ImageNormalize(vmin=first, vmax=last, stretch=stretch, clip=True)


def _limits(used: np.ndarray, low: float | str, high: float | None, unit: str) -> tuple[float, float]:
    """Values that become 0 and 1."""
    if unit not in _UNITS:
        raise RuntimeError(f'Unsupported unit "{unit}" of a stretch; there are {", ".join(_UNITS)}')
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
    # A constant image has no range of its own.
    return float(first), float(last if last > first else first + 1)
