# SPDX-License-Identifier: GPL-3.0-or-later
"""A smoothed image computed by rows during a search."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lsst.portable.arrays.smooth import RepeatedSmoothing, RowSmoother

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsst.afw.image import MaskedImageF
    from lsst.geom import Box2I

__all__ = ("SmoothedImage",)


class Plane(NamedTuple):
    """A plane of an image, with the attributes that a search needs."""

    array: NDArray[np.floating]
    """Its pixels."""


class SmoothedImage:
    """A smoothed image with its variance, without the edges where the kernel does not fit.

    Parameters
    ----------
    maskedImage : `lsst.afw.image.MaskedImageF`
        Image to smooth. Not modified.
    kernel : `numpy.ndarray`
        Symmetric kernel of odd length, used along both axes; its square smooths the variance.
    smoothedVariance : `~lsst.portable.arrays.smooth.RepeatedSmoothing`, optional
        Earlier result of smoothing the variance, for reuse.
    """

    def __init__(
        self,
        maskedImage: MaskedImageF,
        kernel: NDArray[np.float64],
        smoothedVariance: RepeatedSmoothing | None = None,
    ) -> None:
        self._image, self._kernel, self._known = maskedImage, kernel, smoothedVariance

    def getBBox(self) -> Box2I:
        """Return the box of the smoothed image."""
        return self._image.getBBox().erodedBy(len(self._kernel) // 2)

    @cached_property
    def variance(self) -> Plane:
        """The smoothed variance, computed on first use."""
        known = self._known or RepeatedSmoothing(self._image.variance.array)
        return Plane(known.smooth(self._kernel**2))

    def __image_rows__(self) -> RowSmoother:
        """Return a source of rows of the smoothed image."""
        return RowSmoother(self._image.image.array, self._kernel)
