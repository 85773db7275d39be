# SPDX-License-Identifier: GPL-3.0-or-later
"""The static pattern that a detector imprints on every sky: steps, response, glow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ._config import PatternConfig

__all__ = ("draw_pattern",)


def draw_pattern(
    shape: tuple[int, int],
    amplifiers: Sequence[tuple[slice, slice]],
    config: PatternConfig,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw the pattern of one detector.

    Parameters
    ----------
    shape : `tuple` [`int`, `int`]
        Rows and columns ``(ny, nx)`` of the detector.
    amplifiers : `~collections.abc.Sequence` [`tuple` [`slice`, `slice`]]
        Rows and columns of each amplifier.
    config : `PatternConfig`
        Parameters of the pattern.
    rng : `numpy.random.Generator`
        Generator of the detector's properties.

    Returns
    -------
    pattern : `numpy.ndarray`, ``(ny, nx)``, float64
        Pattern that the detector adds to the sky, as a fraction of the sky.
    """
    pattern = _smooth_response(shape, config, rng) + _edge_glow(shape, config, rng)
    for region in amplifiers:
        pattern[region] += rng.normal(0, config.amplifier_rms)
    return pattern


def _smooth_response(shape: tuple[int, int], config: PatternConfig, rng: np.random.Generator) -> np.ndarray:
    """Return a zero-mean sum of cosines with random amplitudes, scaled to the configured rms."""
    order = config.response_order + 1
    amplitudes = rng.normal(size=(order, order)) / (1 + np.add.outer(np.arange(order), np.arange(order)))
    amplitudes[0, 0] = 0.0
    waves = [np.cos(np.pi * np.outer(np.arange(order), (np.arange(size) + 0.5) / size)) for size in shape]
    response = waves[0].T @ amplitudes @ waves[1]
    rms = response.std()
    return response * (config.response_rms / rms) if rms > 0 else response


def _edge_glow(shape: tuple[int, int], config: PatternConfig, rng: np.random.Generator) -> np.ndarray:
    """Return light that leaks in at one edge: exponential inward, Gaussian along the edge."""
    edge = rng.integers(4)
    across, along = (shape[0], shape[1]) if edge < 2 else (shape[1], shape[0])
    inwards = np.exp(-(np.arange(across) + 0.5) / (config.glow_scale * across))
    centre, width = rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.3)
    sideways = np.exp(-0.5 * (((np.arange(along) + 0.5) / along - centre) / width) ** 2)
    glow = config.glow_peak * np.outer(inwards[::-1] if edge % 2 else inwards, sideways)
    return glow if edge < 2 else glow.T
