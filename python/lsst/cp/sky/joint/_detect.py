# SPDX-License-Identifier: GPL-3.0-or-later
"""Find objects on a residual: sure ones relative to the model, faint ones relative to the local level."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import ndimage as ndi

from ._distance import block_sum, grow_mask
from ._parameters import DetectParameters

__all__ = ("Detections", "detect_objects")

_TRUNCATE = 3.5
"""Number of standard deviations at which Gaussians are cut off."""
_CROSS = ndi.generate_binary_structure(2, 1)
_BLOCK = 4
"""Side of the blocks from which the local level is measured (pixels); at most a third of its Gaussian."""


@dataclasses.dataclass(frozen=True)
class Detections:
    """What was found on one exposure of one detector."""

    mask: np.ndarray
    """Pixels to ignore, before wings; ``(rows, columns)``, bool."""
    objects: np.ndarray
    """Sure objects alone, before they were grown; ``(rows, columns)``, bool."""


def detect_objects(residual: np.ndarray, good: np.ndarray, parameters: DetectParameters) -> Detections:
    """Find objects on a flat residual.

    Parameters
    ----------
    residual : `numpy.ndarray`, ``(rows, columns)``, float32
        Exposure minus its model (units of the noise of a pixel of sky). Pixels that are not good may hold
        anything.
    good : `numpy.ndarray`, ``(rows, columns)``, bool
        Pixels without defects.
    parameters : `DetectParameters`
        Thresholds.

    Returns
    -------
    detections : `Detections`
        What was detected.

    Notes
    -----
    Faint objects are searched for relative to the local level of the exposure and with both signs: a cut
    at so many standard deviations about the model would pull the result towards the noise of the model.
    """
    flat = np.where(good, residual, np.float32(0))
    mask = ndi.binary_dilation(np.abs(flat) > parameters.peak, _CROSS)
    np.clip(flat, parameters.floor, parameters.ceiling, out=flat)
    objects = _extended(_signal_to_noise(flat, good, parameters.sigma), good, parameters)
    mask |= grow_mask(objects, parameters.grow)

    use = good & ~mask
    flat = np.where(use, residual, np.float32(0))
    if parameters.local:
        flat -= _local_level(flat, use, parameters.local)
        flat[~use] = 0
    found = (np.abs(_signal_to_noise(flat, use, parameters.sigma)) > parameters.faint) & use
    mask |= grow_mask(found, parameters.grow)
    return Detections(mask, objects)


def _signal_to_noise(values: np.ndarray, good: np.ndarray, sigma: float) -> np.ndarray:
    """Values of unit variance, zero where not good, smoothed by a Gaussian, in units of the noise after that.

    The squares of the Gaussian's weights are themselves a Gaussian, narrower by the square root of two.
    """
    squares = gaussian(good.astype(np.float32), sigma / np.sqrt(2))
    squares /= np.float32(4 * np.pi * sigma**2)
    np.maximum(squares, np.float32(1e-6), out=squares)
    np.sqrt(squares, out=squares)
    smooth = gaussian(values, sigma)
    smooth /= squares
    return smooth


def gaussian(values: np.ndarray, sigma: float) -> np.ndarray:
    """Smooth in single precision; pixels beyond the edges count as 0."""
    return ndi.gaussian_filter(values, sigma, mode="constant", truncate=_TRUNCATE)


def _extended(snr: np.ndarray, good: np.ndarray, parameters: DetectParameters) -> np.ndarray:
    """Return connected pixels above the low threshold that reach the strong one."""
    label, number = ndi.label((snr > parameters.low) & good)
    sure = np.zeros(number + 1, dtype=bool)
    sure[label[(snr > parameters.strong) & good]] = True
    sure[0] = False
    return sure[label]


def _local_level(values: np.ndarray, use: np.ndarray, sigma: float) -> np.ndarray:
    """Mean of the used pixels (others are zero) under a Gaussian, from blocks, linear between them."""
    factor = _BLOCK if sigma >= 3 * _BLOCK else 1
    total = gaussian(block_sum(values, factor), sigma / factor)
    number = gaussian(block_sum(use.astype(np.float32), factor), sigma / factor)
    level = np.where(number > 0.05 * factor**2, total / np.maximum(number, np.float32(1e-3)), np.float32(0))
    if factor == 1:
        return level
    return _between(_between(level, factor, values.shape[0], 0), factor, values.shape[1], 1)


def _between(blocks: np.ndarray, factor: int, length: int, axis: int) -> np.ndarray:
    """Linear interpolation from the centres of blocks to pixels along an axis; constant beyond the last
    centres.
    """
    at = np.clip((np.arange(length) + 0.5) / factor - 0.5, 0, blocks.shape[axis] - 1)
    low = np.minimum(at.astype(int), max(blocks.shape[axis] - 2, 0))
    high = np.minimum(low + 1, blocks.shape[axis] - 1)
    part = (at - low).astype(np.float32)
    part = part[:, np.newaxis] if axis == 0 else part
    return np.take(blocks, low, axis=axis) * (1 - part) + np.take(blocks, high, axis=axis) * part
