# SPDX-License-Identifier: GPL-3.0-or-later
"""Stars and galaxies."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._config import SourceConfig

__all__ = ("SourceCatalog", "add_sources", "draw_sources")


@dataclasses.dataclass(frozen=True)
class SourceCatalog:
    """Sources on one detector in one exposure, with one entry per source in each array."""

    x: np.ndarray
    """Column of the centre, pixels (0 is the centre of the first pixel)."""
    y: np.ndarray
    """Row of the centre, pixels."""
    flux: np.ndarray
    """Electrons in the exposure."""
    sigma: np.ndarray
    """Radius of the unconvolved galaxy, pixels; zero for a star."""
    axis_ratio: np.ndarray
    """Minor over major axis; one for a star."""
    angle: np.ndarray
    """Direction of the major axis, radians from the x axis."""

    def __len__(self) -> int:
        return len(self.x)


def draw_sources(shape: tuple[int, int], config: SourceConfig, rng: np.random.Generator) -> SourceCatalog:
    """Draw the sources on a detector of shape ``(ny, nx)``, some centred just outside it."""
    margin = 20
    area = (shape[0] + 2 * margin) * (shape[1] + 2 * margin) / 1e6
    n_star, n_galaxy = rng.poisson([config.stars_per_megapixel * area, config.galaxies_per_megapixel * area])
    n = n_star + n_galaxy
    magnitude = np.concatenate(
        [
            _draw_magnitudes(n_star, config.star_slope, config, rng),
            _draw_magnitudes(n_galaxy, config.galaxy_slope, config, rng),
        ]
    )
    is_galaxy = np.arange(n) >= n_star
    return SourceCatalog(
        x=rng.uniform(-margin, shape[1] + margin, n),
        y=rng.uniform(-margin, shape[0] + margin, n),
        flux=10 ** (0.4 * (config.zero_point - magnitude)),
        sigma=np.where(is_galaxy, 0.4 * config.fwhm * rng.lognormal(0, 0.4, n), 0.0),
        axis_ratio=np.where(is_galaxy, rng.uniform(0.3, 1.0, n), 1.0),
        angle=rng.uniform(0, np.pi, n),
    )


def _draw_magnitudes(n: int, slope: float, config: SourceConfig, rng: np.random.Generator) -> np.ndarray:
    """Draw magnitudes whose counts grow by ``slope`` dex per magnitude, by inverting cumulative counts."""
    low, high = 10 ** (slope * config.brightest), 10 ** (slope * config.faintest)
    return np.log10(rng.uniform(low, high, n)) / slope


def add_sources(image: np.ndarray, catalog: SourceCatalog, config: SourceConfig, floor: float) -> None:
    """Add sources to an image in place.

    Parameters
    ----------
    image : `numpy.ndarray`, ``(ny, nx)``
        Electrons; modified in place.
    catalog : `SourceCatalog`
        Sources to add.
    config : `SourceConfig`
        Parameters of the point-spread function.
    floor : `float`
        Surface brightness (electrons per pixel) below which the wings of a source are cut off.
    """
    for i in range(len(catalog)):
        covariance = _profile_covariance(config, catalog.sigma[i], catalog.axis_ratio[i], catalog.angle[i])
        _add_moffat(image, catalog.x[i], catalog.y[i], catalog.flux[i], covariance, config.beta, floor)


def _profile_covariance(config: SourceConfig, sigma: float, axis_ratio: float, angle: float) -> np.ndarray:
    """Return the squared Moffat radii, shape ``(2, 2)``: point-spread function plus galaxy."""
    psf = config.fwhm / (2 * np.sqrt(2 ** (1 / config.beta) - 1))
    cos, sin = np.cos(angle), np.sin(angle)
    rotation = np.array([[cos, -sin], [sin, cos]])
    return psf**2 * np.eye(2) + rotation @ np.diag([sigma**2, (sigma * axis_ratio) ** 2]) @ rotation.T


def _add_moffat(
    image: np.ndarray, x0: float, y0: float, flux: float, covariance: np.ndarray, beta: float, floor: float
) -> None:
    """Add an elliptical Moffat profile, out to the radius at which it falls below the floor.

    The central brightness is ``flux (beta - 1) / (pi sqrt(det covariance))`` (Moffat 1969).
    """
    peak = flux * (beta - 1) / (np.pi * np.sqrt(np.linalg.det(covariance)))
    if peak <= floor:
        return
    reach = np.sqrt((peak / floor) ** (1 / beta) - 1)
    half_width, half_height = reach * np.sqrt(np.diag(covariance))
    y_min, y_max = max(0, int(np.ceil(y0 - half_height))), min(image.shape[0], int(y0 + half_height) + 1)
    x_min, x_max = max(0, int(np.ceil(x0 - half_width))), min(image.shape[1], int(x0 + half_width) + 1)
    if y_min >= y_max or x_min >= x_max:
        return
    dy, dx = np.arange(y_min, y_max)[:, np.newaxis] - y0, np.arange(x_min, x_max) - x0
    inverse = np.linalg.inv(covariance)
    squared = inverse[0, 0] * dx**2 + 2 * inverse[0, 1] * dx * dy + inverse[1, 1] * dy**2
    image[y_min:y_max, x_min:x_max] += peak * (1 + squared) ** -beta
