# SPDX-License-Identifier: GPL-3.0-or-later
"""Least squares through the origin, with rejection of outliers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ("solve_scale",)

# Ratio of standard deviation to interquartile range of a Gaussian, with as many digits as in the stack.
_SIGMA_PER_IQRANGE = 0.741


def solve_scale(
    image: NDArray[np.float64], sky: NDArray[np.float64], iterations: int, rejection: float
) -> float:
    """Find the factor ``scale`` that minimizes the sum of ``(image - scale * sky)**2``.

    Parameters
    ----------
    image, sky : `numpy.ndarray`
        Samples, shape ``(n,)``. Pairs with a non-finite value are ignored.
    iterations : `int`
        Number of iterations of outlier rejection.
    rejection : `float`
        Rejection threshold (standard deviations of the residuals, from their interquartile range).

    Returns
    -------
    scale : `float`
        The factor. An iteration that would reject all samples is skipped.

    Raises
    ------
    RuntimeError
        Raised if no pair is finite, or the sky samples are all zero.
    """
    used = np.isfinite(image) & np.isfinite(sky)
    if not (sky[used] != 0).any():
        raise RuntimeError(
            f"Cannot solve for the scale of the sky frame: of {image.size} pairs of samples "
            f"{np.count_nonzero(used)} are finite, and none of these has a nonzero sky frame; check the "
            "masks of image and sky frame."
        )
    for _ in range(iterations):
        residual = image - _slope(image[used], sky[used]) * sky
        lower, upper = np.percentile(residual[used], [25, 75])
        with np.errstate(invalid="ignore"):
            kept = used & ~(np.abs(residual) > rejection * _SIGMA_PER_IQRANGE * (upper - lower))
        if not (sky[kept] != 0).any():
            break
        used = kept
    return _slope(image[used], sky[used])


def _slope(image: NDArray[np.float64], sky: NDArray[np.float64]) -> float:
    return float(np.dot(image, sky) / np.dot(sky, sky))
