# SPDX-License-Identifier: GPL-3.0-or-later
"""Distances to masks and masks grown by discs, some rows at a time to save memory."""

from __future__ import annotations

import numpy as np
from scipy import ndimage as ndi

__all__ = ("block_any", "block_sum", "distance_to", "grow_mask", "interior_radius", "unblock")

_ROWS = 512
"""Number of rows that are processed at once."""


def distance_to(mask: np.ndarray, reach: float) -> np.ndarray:
    """Return the distance of each pixel to the nearest masked one.

    Parameters
    ----------
    mask : `numpy.ndarray`, ``(ny, nx)``, bool
        Mask; the distance is 0 where it is set.
    reach : `float`
        Distances up to this are exact (pixels); larger ones are some larger number.

    Returns
    -------
    distance : `numpy.ndarray`, ``(ny, nx)``, float32
        Infinite where no masked pixel is near.
    """
    out = np.full(mask.shape, np.inf, dtype=np.float32)
    margin = int(np.ceil(reach)) + 1
    for top in range(0, len(mask), _ROWS):
        low, high = max(top - margin, 0), min(top + _ROWS + margin, len(mask))
        band = mask[low:high]
        if not band.any():
            continue
        inner = slice(top - low, min(top + _ROWS, len(mask)) - low)
        out[top : top + _ROWS] = ndi.distance_transform_edt(~band)[inner]
    return out


def grow_mask(mask: np.ndarray, radius: float) -> np.ndarray:
    """Grow a mask by a disc of a radius in pixels.

    Parameters
    ----------
    mask : `numpy.ndarray`, ``(ny, nx)``, bool
        Mask to grow. Not modified.
    radius : `float`
        Pixels no further than this from a masked one are masked.

    Returns
    -------
    grown : `numpy.ndarray`, ``(ny, nx)``, bool
        The grown mask.
    """
    if radius <= 0 or not mask.any():
        return mask.copy()
    ny, nx = mask.shape
    reach = int(radius)
    half = [int(np.sqrt(radius**2 - dy**2)) for dy in range(reach + 1)]
    # Masked pixels to the left of each: a row of the disc holds any if their number rises over it.
    left = np.zeros((ny, nx + 1), dtype=np.int32)
    np.cumsum(mask, axis=1, out=left[:, 1:])
    at = np.arange(nx)
    out = np.zeros_like(mask)
    for width in set(half):
        low, high = np.maximum(at - width, 0), np.minimum(at + width + 1, nx)
        spans = left[:, high] > left[:, low] if width else mask
        for dy in (k for k, w in enumerate(half[:ny]) if w == width):
            out[: ny - dy] |= spans[dy:]
            out[dy:] |= spans[: ny - dy]
    return out


def interior_radius(mask: np.ndarray, reach: float) -> np.ndarray:
    """Return the distance of masked pixels to the nearest unmasked one, up to about ``reach``; else 0.

    The edge of the array is no edge of the mask.
    """
    out = np.zeros(mask.shape, dtype=np.float32)
    margin = int(np.ceil(reach)) + 1
    for top in range(0, len(mask), _ROWS):
        low, high = max(top - margin, 0), min(top + _ROWS + margin, len(mask))
        band = mask[low:high]
        if not band.any():
            continue
        inner = slice(top - low, min(top + _ROWS, len(mask)) - low)
        if band.all():
            out[top : top + _ROWS] = margin
            continue
        out[top : top + _ROWS] = ndi.distance_transform_edt(band)[inner]
    return out


def block_sum(values: np.ndarray, factor: int) -> np.ndarray:
    """Return sums over blocks of ``factor`` pixels a side; blocks at the end may have fewer."""
    values = _whole_blocks(values, factor)
    rows = values[::factor].copy()
    for k in range(1, factor):
        rows += values[k::factor]
    out = rows[:, ::factor].copy()
    for k in range(1, factor):
        out += rows[:, k::factor]
    return out


def block_any(mask: np.ndarray, factor: int) -> np.ndarray:
    """Blocks of ``factor`` pixels a side of which any pixel is masked."""
    mask = _whole_blocks(mask, factor)
    rows = mask[::factor].copy()
    for k in range(1, factor):
        rows |= mask[k::factor]
    out = rows[:, ::factor].copy()
    for k in range(1, factor):
        out |= rows[:, k::factor]
    return out


def _whole_blocks(values: np.ndarray, factor: int) -> np.ndarray:
    """Zeros added at the end of rows and columns that no whole block fills."""
    short = [-n % factor for n in values.shape]
    return np.pad(values, [(0, n) for n in short]) if any(short) else values


def unblock(blocks: np.ndarray, factor: int, shape: tuple[int, int]) -> np.ndarray:
    """Each block's value at its pixels, cut to ``shape``."""
    return np.repeat(np.repeat(blocks, factor, axis=0), factor, axis=1)[: shape[0], : shape[1]]
