# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of backgrounds that are used some rows at a time and never exist as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lsst.afw.image import ImageF
from lsst.pex.exceptions import LengthError

from ._approximate import ApproximateControl
from ._background import BackgroundMI
from ._backgroundList import BackgroundList
from ._boxes import measure_values
from ._statistics import Property, makeStatistics
from ._threads import LARGE, rows_of, run_blocks

__all__ = ("BackgroundRows",)

#: Pixels that are used at once: they stay in a processor's cache until they have been used.
_BLOCK = 1 << 19
#: Fewest pixels that are worth a thread.
_LEAST = 1 << 20


class BackgroundRows:
    """The image of a background, or of the sum of several, by rows.

    Its pixels are those of the image that `BackgroundMI.getImageF` or `BackgroundList.getImage` makes.

    Parameters
    ----------
    shape : `tuple` [`int`, `int`]
        Rows and columns of the image.
    fillers : `collections.abc.Sequence` [`collections.abc.Callable`]
        What fills an array with rows of the members, called with first and last (excluded) row and the array.
    """

    def __init__(
        self, shape: tuple[int, int], fillers: Sequence[Callable[[int, int, np.ndarray], None]]
    ) -> None:
        self.shape = shape
        self._fillers = fillers

    @classmethod
    def of(cls, background: BackgroundMI, *styles: Any) -> BackgroundRows:
        """Make the rows of one background, in the styles that `BackgroundMI.getImageF` takes."""
        return cls(_shape(background), [background._filler(*styles)])

    @classmethod
    def of_sum(cls, backgrounds: BackgroundList) -> BackgroundRows:
        """Make the rows of the sum of backgrounds, of which there is at least one."""
        fillers = []
        for background, interpStyle, undersampleStyle, approxStyle, *approximation in backgrounds:
            if approxStyle == ApproximateControl.UNKNOWN:
                fillers.append(background._filler(interpStyle, undersampleStyle))
            else:
                control = ApproximateControl(approxStyle, *approximation)
                fillers.append(background.getApproximate(control, undersampleStyle)._filler())
        return cls(_shape(backgrounds[0][0]), fillers)

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Return the rows from ``start`` to ``stop``, excluded, as float32."""
        total = np.empty((stop - start, self.shape[1]), dtype=np.float32)
        self._fillers[0](start, stop, total)
        for filler in self._fillers[1:]:
            member = np.empty_like(total)
            filler(start, stop, member)
            with np.errstate(all="ignore"):
                total += member
        return total

    def use(self, work: Callable[[slice, np.ndarray], None]) -> None:
        """Call ``work(rows, values)``, in threads for large images, until it has had all rows."""
        height, width = self.shape
        block = height if height * width < LARGE else rows_of(_BLOCK, width)
        run_blocks(
            lambda start, stop: work(slice(start, stop), self.rows(start, stop)),
            height,
            block,
            rows_of(_LEAST, width),
        )

    def add_to(self, pixels: np.ndarray) -> None:
        """Add the background to an image of its size, in place."""
        self._combine(np.add, pixels)

    def subtract_from(self, pixels: np.ndarray) -> None:
        """Subtract the background from an image of its size, in place."""
        self._combine(np.subtract, pixels)

    def _combine(self, operation: np.ufunc, pixels: np.ndarray) -> None:
        if pixels.shape != self.shape:
            raise LengthError(f"a background of shape {self.shape} does not fit an image of {pixels.shape}")

        def work(rows: slice, values: np.ndarray) -> None:
            with np.errstate(all="ignore"):
                operation(pixels[rows], values, out=pixels[rows])

        self.use(work)

    def mean_and_variance(self) -> tuple[float, float]:
        """Return mean and variance as `makeStatistics` measures them on the image."""
        height, width = self.shape

        def values(first: int, last: int) -> np.ndarray:
            start, stop = first // width, -(-last // width)
            return self.rows(start, stop).reshape(-1)[first - start * width : last - start * width]

        if height * width >= LARGE:
            measured = measure_values(height * width, values)
            if measured is not None:
                return measured[2], measured[4]
        statistics = makeStatistics(ImageF(self.rows(0, height)), Property.MEAN | Property.VARIANCE)
        return statistics.getValue(Property.MEAN), statistics.getValue(Property.VARIANCE)


def _shape(background: BackgroundMI) -> tuple[int, int]:
    """Rows and columns of the image of a background."""
    box = background.getImageBBox()
    return box.getHeight(), box.getWidth()
