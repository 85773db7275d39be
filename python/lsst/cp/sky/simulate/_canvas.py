# SPDX-License-Identifier: GPL-3.0-or-later
"""Stars with aureoles and galaxies with extended light on a canvas of sky that exposures show in part."""

from __future__ import annotations

import dataclasses

import numpy as np

__all__ = ("CanvasConfig", "draw_canvas")

_ZERO_POINT = 32.0
"""Magnitude that gives one electron in the exposure."""
_COUNTS_AT = 25.0
"""Densities count sources brighter than this magnitude."""
_FLOOR = 0.01
"""Surface brightness at which profiles end, electrons per pixel."""
_REACH = 1000.0
"""Radius at which they end at the latest, pixels."""


@dataclasses.dataclass(frozen=True)
class CanvasConfig:
    """Stars and galaxies."""

    stars: float = 200.0
    """Stars per megapixel that are brighter than magnitude 25 (631 electrons)."""
    star_slope: float = 0.2
    """Slope of their number counts, dex per magnitude."""
    galaxies: float = 400.0
    """Galaxies per megapixel that are brighter than magnitude 25."""
    galaxy_slope: float = 0.35
    """Slope of their number counts, dex per magnitude."""
    brightest: float = 15.0
    """Magnitude of the brightest stars; galaxies begin 1.5 magnitudes fainter."""
    faintest: float = 26.5
    """Magnitude at which both end."""
    aureole: tuple[float, float, float] = (0.04, 1.5, 6.0)
    """Fraction of a star's light in its aureole, exponent and core radius (pixels) of the Moffat profile."""
    fwhm: float = 4.0
    """Full width at half maximum of the cores of stars, pixels."""


def draw_canvas(shape: tuple[int, int], config: CanvasConfig, rng: np.random.Generator) -> np.ndarray:
    """Draw sources on a canvas.

    Parameters
    ----------
    shape : `tuple` [`int`, `int`]
        Rows and columns.
    config : `CanvasConfig`
        How many, how bright, how extended.
    rng : `numpy.random.Generator`
        Random numbers.

    Returns
    -------
    canvas : `numpy.ndarray`, ``(rows, columns)``
        Electrons per pixel. Stars are a Moffat core of exponent 3 and an aureole; galaxies an exponential
        disc or, two of five, an envelope that falls as ``r**-3.2``.
    """
    canvas = np.zeros(shape)
    area = shape[0] * shape[1] / 1e6
    depth = config.faintest - _COUNTS_AT
    expected = [
        config.stars * area * 10 ** (config.star_slope * depth),
        config.galaxies * area * 10 ** (config.galaxy_slope * depth),
    ]
    stars, galaxies = (int(n) for n in rng.poisson(expected))
    magnitude = np.concatenate(
        [
            _draw_magnitudes(rng, stars, config.star_slope, config.brightest, config.faintest),
            _draw_magnitudes(rng, galaxies, config.galaxy_slope, config.brightest + 1.5, config.faintest),
        ]
    )
    number = stars + galaxies
    is_star = np.arange(number) < stars
    envelope = rng.random(number) < 0.4
    size = np.clip(1.6 * 10 ** (0.12 * (_COUNTS_AT - magnitude)), 1.2, 12) * rng.lognormal(0, 0.3, number)
    x, y = rng.uniform(0, shape[1], number), rng.uniform(0, shape[0], number)
    ratio, angle = rng.uniform(0.35, 1, number), rng.uniform(0, np.pi, number)
    flux = 10 ** (0.4 * (_ZERO_POINT - magnitude))
    for i in range(number):
        if is_star[i]:
            _add_star(canvas, x[i], y[i], flux[i], config)
        else:
            add = _add_envelope if envelope[i] else _add_disc
            add(canvas, x[i], y[i], flux[i], size[i], ratio[i], angle[i])
    return canvas


def _draw_magnitudes(
    rng: np.random.Generator, number: int, slope: float, bright: float, faint: float
) -> np.ndarray:
    """Magnitudes whose counts grow by ``slope`` dex per magnitude."""
    low, high = 10 ** (slope * bright), 10 ** (slope * faint)
    return np.log10(rng.uniform(low, high, number)) / slope


def _add_star(canvas: np.ndarray, x: float, y: float, flux: float, config: CanvasConfig) -> None:
    fraction, beta, radius = config.aureole
    core = config.fwhm / (2 * np.sqrt(2 ** (1 / 3) - 1))
    bright = (1 - fraction) * flux * 2 / (np.pi * core**2)
    faint = fraction * flux * (beta - 1) / (np.pi * radius**2)
    reach = max(_moffat_reach(bright, core, 3), _moffat_reach(faint, radius, beta))
    part, dx, dy = _window(canvas.shape, x, y, reach)
    squared = dx**2 + dy[:, np.newaxis] ** 2
    canvas[part] += bright * (1 + squared / core**2) ** -3 + faint * (1 + squared / radius**2) ** -beta


def _add_disc(
    canvas: np.ndarray, x: float, y: float, flux: float, size: float, ratio: float, angle: float
) -> None:
    peak = flux / (2 * np.pi * size**2 * ratio)
    reach = min(size * max(np.log(max(peak / _FLOOR, 1.0)), 1.0) + 3, _REACH)
    part, squared = _ellipse(canvas.shape, x, y, reach, ratio, angle)
    canvas[part] += peak * np.exp(-(np.sqrt(squared + 2) - np.sqrt(2)) / size)


def _add_envelope(
    canvas: np.ndarray, x: float, y: float, flux: float, size: float, ratio: float, angle: float
) -> None:
    core = 0.6 * size + 1
    peak = flux * 0.6 / (np.pi * core**2 * ratio)
    part, squared = _ellipse(canvas.shape, x, y, _moffat_reach(peak, core, 1.6), ratio, angle)
    canvas[part] += peak * (1 + squared / core**2) ** -1.6


def _moffat_reach(peak: float, core: float, beta: float) -> float:
    """Radius at which a Moffat profile falls below the floor."""
    return min(core * np.sqrt(max((peak / _FLOOR) ** (1 / beta) - 1, 0.0)), _REACH)


def _window(
    shape: tuple[int, int], x: float, y: float, reach: float
) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """Part of the canvas within reach, and distances along columns and rows."""
    rows = slice(max(0, int(y - reach)), min(shape[0], int(y + reach) + 2))
    columns = slice(max(0, int(x - reach)), min(shape[1], int(x + reach) + 2))
    return (rows, columns), np.arange(columns.start, columns.stop) - x, np.arange(rows.start, rows.stop) - y


def _ellipse(
    shape: tuple[int, int], x: float, y: float, reach: float, ratio: float, angle: float
) -> tuple[tuple[slice, slice], np.ndarray]:
    """Part of the canvas within reach, and squared elliptical radii."""
    part, dx, dy = _window(shape, x, y, reach)
    cos, sin, down = np.cos(angle), np.sin(angle), dy[:, np.newaxis]
    return part, (cos * dx + sin * down) ** 2 + ((cos * down - sin * dx) / ratio) ** 2
