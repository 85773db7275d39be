# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad columns, dead pixels, saturation with bleed trails, cosmic rays, as functions of arrays."""

from __future__ import annotations

import numpy as np

from ._config import DefectConfig

__all__ = ("add_cosmic_rays", "draw_bad_columns", "draw_dead_pixels", "saturate")


def draw_bad_columns(shape: tuple[int, int], config: DefectConfig, rng: np.random.Generator) -> np.ndarray:
    """Draw bad columns, each from a random row to the top; bool, shape ``(ny, nx)``."""
    bad = np.zeros(shape, dtype=bool)
    count = min(config.bad_columns, shape[1])
    for column in rng.choice(shape[1], size=count, replace=False):
        bad[rng.integers(shape[0]) :, column] = True
    return bad


def draw_dead_pixels(shape: tuple[int, int], config: DefectConfig, rng: np.random.Generator) -> np.ndarray:
    """Draw pixels without a value; bool, shape ``(ny, nx)``."""
    return rng.random(shape) < config.dead_pixels_per_megapixel * 1e-6


def saturate(image: np.ndarray, full_well: float) -> np.ndarray:
    """Clip pixels at the full well and let the excess charge bleed along columns, in place.

    Parameters
    ----------
    image : `numpy.ndarray`, ``(ny, nx)``
        Electrons; modified in place. Charge is conserved until it leaves the detector.
    full_well : `float`
        Full well of a pixel (electrons).

    Returns
    -------
    saturated : `numpy.ndarray`, ``(ny, nx)``, bool
        Saturated pixels.
    """
    for column in np.flatnonzero((image > full_well).any(axis=0)):
        _bleed(image[:, column], full_well)
    return image >= full_well


def _bleed(column: np.ndarray, full_well: float) -> None:
    """Move the excess of every full pixel half up and half down, into pixels with room left."""
    excess = np.maximum(column - full_well, 0.0)
    np.minimum(column, full_well, out=column)
    for direction in (1, -1):
        carried = 0.0
        view, share = column[::direction], 0.5 * excess[::direction]
        for row in range(len(view)):
            carried += share[row]
            if carried > 0:
                moved = min(carried, full_well - view[row])
                view[row] += moved
                carried -= moved


def add_cosmic_rays(image: np.ndarray, config: DefectConfig, rng: np.random.Generator) -> np.ndarray:
    """Add straight tracks of ionizing particles, in place.

    Parameters
    ----------
    image : `numpy.ndarray`, ``(ny, nx)``
        Electrons; modified in place.
    config : `DefectConfig`
        Parameters of the tracks.
    rng : `numpy.random.Generator`
        Generator of positions, directions, lengths and charges.

    Returns
    -------
    hit : `numpy.ndarray`, ``(ny, nx)``, bool
        Pixels touched by a track.
    """
    hit = np.zeros(image.shape, dtype=bool)
    for _ in range(rng.poisson(config.cosmic_rays_per_megapixel * image.size * 1e-6)):
        length = 1 + rng.exponential(8.0)
        angle = rng.uniform(0, 2 * np.pi)
        steps = np.arange(0, length, 0.5)
        rows = np.rint(rng.uniform(0, image.shape[0]) + steps * np.sin(angle)).astype(int)
        columns = np.rint(rng.uniform(0, image.shape[1]) + steps * np.cos(angle)).astype(int)
        inside = (rows >= 0) & (rows < image.shape[0]) & (columns >= 0) & (columns < image.shape[1])
        np.add.at(image, (rows[inside], columns[inside]), 0.5 * rng.lognormal(np.log(1500.0), 0.6))
        hit[rows[inside], columns[inside]] = True
    return hit
