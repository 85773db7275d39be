# SPDX-License-Identifier: GPL-3.0-or-later
"""Superpixels of a focal-plane model, as functions of arrays."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ("PixelBoxes", "bad_superpixels", "clip_boxes", "superpixel_corners")


@dataclasses.dataclass(frozen=True)
class PixelBoxes:
    """Boxes of pixels covered by superpixels on an image, for those that overlap it."""

    column: NDArray[np.intp]
    """Column of the superpixel."""

    row: NDArray[np.intp]
    """Row of the superpixel."""

    bounds: NDArray[np.intp]
    """First and one-past-last pixels, ``(x0, x1, y0, y1)`` from the corner of the image, shape ``(n, 4)``."""


def superpixel_corners(width: int, height: int) -> NDArray[np.float64]:
    """List the lower left, then the upper right corner of each superpixel.

    Superpixel ``(i, j)`` is centred on the whole numbers: it runs from ``i - 0.5`` to ``i + 0.5`` in x.

    Returns
    -------
    corners : `numpy.ndarray`
        Corners, shape ``(2, width * height, 2)``: corner, superpixel (x outer, y inner), and ``(x, y)``.
    """
    x, y = np.meshgrid(np.arange(width), np.arange(height), indexing="ij")
    centres = np.stack([x.ravel(), y.ravel()], axis=1)
    return np.stack([centres - 0.5, centres + 0.5])


def clip_boxes(
    corners: NDArray[np.float64], height: int, origin: tuple[int, int], shape: tuple[int, int]
) -> PixelBoxes:
    """Find the pixels between two corners of each superpixel.

    Parameters
    ----------
    corners : `numpy.ndarray`
        Result of `superpixel_corners` transformed to the image, in pixels, same shape. A superpixel with a
        non-finite corner has no pixels.
    height : `int`
        Number of rows of superpixels.
    origin : `tuple` [`int`, `int`]
        Position ``(x0, y0)`` of the image's corner pixel.
    shape : `tuple` [`int`, `int`]
        Shape ``(ny, nx)`` of the image.

    Returns
    -------
    boxes : `PixelBoxes`
        Boxes with at least one pixel. Both end pixels, each the nearest to its corner (halves round up), are
        included.
    """
    finite: NDArray[np.bool_] = np.all(np.isfinite(corners), axis=(0, 2))
    # Clipping also keeps coordinates that overflow an integer out of the conversion.
    nearest = np.floor(np.where(finite[:, np.newaxis], corners, -1.0) + 0.5)
    low = np.maximum(nearest.min(axis=0) - origin, 0)
    high = np.minimum(nearest.max(axis=0) - origin + 1, (shape[1], shape[0]))
    filled = finite & (low < high).all(axis=1)
    column, row = np.divmod(np.flatnonzero(filled), height)
    low, high = low[filled].astype(np.intp), high[filled].astype(np.intp)
    bounds = np.stack([low[:, 0], high[:, 0], low[:, 1], high[:, 1]], axis=1)
    return PixelBoxes(column=column, row=row, bounds=bounds)


def bad_superpixels(
    numbers: NDArray[np.floating], min_frac: float, size: tuple[float, float], pixel_size: float
) -> NDArray[np.bool_]:
    """Find the superpixels too little of which was measured.

    Parameters
    ----------
    numbers : `numpy.ndarray`
        Number of pixels measured, shape ``(ny, nx)``.
    min_frac : `float`
        Smallest fraction of the area of a good superpixel.
    size : `tuple` [`float`, `float`]
        Size of a superpixel in x and y.
    pixel_size : `float`
        Size of a pixel, in the same units.
    """
    return numbers < min_frac * (size[0] / pixel_size) * (size[1] / pixel_size)
