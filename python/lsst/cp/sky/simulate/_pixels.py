# SPDX-License-Identifier: GPL-3.0-or-later
"""One detector in one exposure, as arrays: sky, pattern, sources, defects, noise."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._config import NightConfig, Stream, random_stream
from ._defects import add_cosmic_rays, draw_bad_columns, draw_dead_pixels, saturate
from ._sources import add_sources, draw_sources

__all__ = ("DetectorPixels", "simulate_pixels")


@dataclasses.dataclass
class DetectorPixels:
    """Pixels of one detector; every array is ``(ny, nx)``."""

    image: np.ndarray
    """Electrons, float32; NaN where a pixel is dead."""
    variance: np.ndarray
    """Expected variance, electrons squared, float32."""
    bad: np.ndarray
    """Pixels in bad columns, bool."""
    dead: np.ndarray
    """Pixels without a value, bool."""
    saturated: np.ndarray
    """Saturated pixels and their bleed trails, bool."""
    cosmic_rays: np.ndarray
    """Pixels hit by cosmic rays, bool; instrument signature removal does not know them."""


def simulate_pixels(
    sky: np.ndarray, pattern: np.ndarray, night: NightConfig, keys: tuple[int, int]
) -> DetectorPixels:
    """Simulate the pixels of one detector in one exposure.

    Parameters
    ----------
    sky : `numpy.ndarray`, ``(ny, nx)``
        Sky level (electrons per pixel).
    pattern : `numpy.ndarray`, ``(ny, nx)``
        Static pattern of the detector, as a fraction of the sky.
    night : `NightConfig`
        Parameters and seed of the night.
    keys : `tuple` [`int`, `int`]
        Numbers of the exposure in the night and of the detector.

    Returns
    -------
    pixels : `DetectorPixels`
        Image with its expected variance: Poisson noise of all light plus read noise.
    """
    exposure, detector = keys
    light = sky * (1 + pattern)
    if night.sources is not None:
        rng = random_stream(night.seed, Stream.SOURCES, exposure, detector)
        catalog = draw_sources(sky.shape, night.sources, rng)
        add_sources(light, catalog, night.sources, floor=0.02 * float(np.sqrt(sky.mean())))
    none = np.zeros(sky.shape, dtype=bool)
    pixels = DetectorPixels(light, light, none, none, none, none)
    if night.defects is not None:
        rng = random_stream(night.seed, Stream.COSMIC_RAYS, exposure, detector)
        pixels.cosmic_rays = add_cosmic_rays(light, night.defects, rng)
        pixels.saturated = saturate(light, night.defects.full_well)
    pixels.variance = (light + night.read_noise**2).astype(np.float32)
    if night.noise:
        rng = random_stream(night.seed, Stream.NOISE, exposure, detector)
        light = rng.poisson(light) + rng.normal(0, night.read_noise, light.shape)
    pixels.image = light.astype(np.float32)
    if night.defects is not None:
        rng = random_stream(night.seed, Stream.DEFECTS, detector)
        pixels.bad = draw_bad_columns(sky.shape, night.defects, rng)
        pixels.dead = draw_dead_pixels(sky.shape, night.defects, rng)
        pixels.image[pixels.bad] *= np.float32(0.2)
        pixels.image[pixels.dead] = np.nan
    return pixels
