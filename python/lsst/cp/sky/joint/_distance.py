# SPDX-License-Identifier: GPL-3.0-or-later
"""Distances to masks and masks grown by discs, some rows at a time so that memory stays small."""

from __future__ import annotations

import numpy as np
from scipy import ndimage as ndi

__all__ = ("block_any", "block_sum", "distance_to", "grow_mask", "interior_radius", "unblock")

_ROWS = 512
"""Rows that are worked on at once."""


def distance_to(mask: np.ndarray, reach: float) -> np.ndarray:
    """Distance of each pixel to the nearest one of a mask.

    Parameters
    ----------
    mask : `numpy.ndarray`, ``(ny, nx)``, bool
        Where the distance is 0.
    reach : `float`
        Distances beyond this are of no interest: they come out as some larger number.

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
    """Grow a mask by a disc of a radius in pixels."""
    if radius <= 0 or not mask.any():
        return mask.copy()
    return distance_to(mask, radius) <= radius


def interior_radius(mask: np.ndarray, reach: float) -> np.ndarray:
    """Distance of masked pixels to the nearest unmasked one, up to about ``reach``; 0 where unmasked.

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
    """Sums over blocks of ``factor`` pixels a side; blocks at the end may have fewer."""
    rows = np.add.reduceat(values, np.arange(0, values.shape[0], factor), axis=0)
    return np.add.reduceat(rows, np.arange(0, values.shape[1], factor), axis=1)


def block_any(mask: np.ndarray, factor: int) -> np.ndarray:
    """Blocks of ``factor`` pixels a side of which any pixel is masked."""
    rows = np.logical_or.reduceat(mask, np.arange(0, mask.shape[0], factor), axis=0)
    return np.logical_or.reduceat(rows, np.arange(0, mask.shape[1], factor), axis=1)


def unblock(blocks: np.ndarray, factor: int, shape: tuple[int, int]) -> np.ndarray:
    """Each block's value at its pixels, cut to ``shape``."""
    return np.repeat(np.repeat(blocks, factor, axis=0), factor, axis=1)[: shape[0], : shape[1]]
