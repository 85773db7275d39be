# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks as transparent colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ("Layer", "blend_planes")

#: A bit of the mask and its colour: red, green, blue and opacity, each from 0 to 1.
Layer = tuple[int, tuple[float, float, float, float]]


def blend_planes(pixels: np.ndarray, layers: Sequence[Layer]) -> np.ndarray:
    """Blend the planes of a mask.

    Parameters
    ----------
    pixels : `numpy.ndarray`
        Pixels of the mask, shape ``(ny, nx)``.
    layers : `collections.abc.Sequence` [`Layer`]
        Layers to show, from bottom to top.

    Returns
    -------
    colors : `numpy.ndarray`
        Red, green, blue and opacity of every pixel, shape ``(ny, nx, 4)``, uint8.
    """
    used, which = np.unique(pixels, return_inverse=True)  # few of the possible values occur
    table = np.array(
        [_blend([color for bit, color in layers if value >> bit & 1]) for value in used.tolist()]
    )
    return np.round(255 * table).astype(np.uint8)[which.reshape(pixels.shape)]


def _blend(colors: Sequence[tuple[float, float, float, float]]) -> np.ndarray:
    """Blend colours, the last on top."""
    below = np.zeros(4)
    for color in colors:
        above = np.array(color)
        opacity = above[3] + below[3] * (1 - above[3])
        if opacity > 0:
            mixed = (above[:3] * above[3] + below[:3] * below[3] * (1 - above[3])) / opacity
            below = np.append(mixed, opacity)
    return below
