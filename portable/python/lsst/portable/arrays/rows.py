# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that are computed and used a few rows at a time and never exist as a whole.

An object that provides its image in this way has a method ``__image_rows__`` that returns an object with a
``shape`` and a method ``rows(start, stop)``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from lsst.pex.exceptions import LengthError
from lsst.portable.threads import is_large, run_rows

from .boxes import measure_array, measure_values
from .properties import Property
from .statistics import Rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ("ImageRows", "RowSource", "SummedRows", "image_rows")


class ImageRows(Protocol):
    """An image by rows."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the image."""

    def rows(self, start: int, stop: int) -> NDArray:
        """Return the rows from ``start`` to ``stop``, excluded; may be called by several threads."""


RowsT_co = TypeVar("RowsT_co", bound=ImageRows, covariant=True)


class RowSource(Protocol[RowsT_co]):
    """An object that provides an image by rows."""

    def __image_rows__(self, *styles: Any) -> RowsT_co:
        """Return the image by rows, computed with the given styles."""


def image_rows(source: RowSource[RowsT_co], *styles: Any) -> RowsT_co:
    """Return the image of an object by rows, instead of all at once.

    Parameters
    ----------
    source : `RowSource`
        The object, such as a background.
    *styles : `object`
        Styles of the image, as for the object's own function for the whole image.

    Returns
    -------
    rows : `ImageRows`
        The image.
    """
    return source.__image_rows__(*styles)


class SummedRows:
    """The sum of one or several images, by rows.

    Parameters
    ----------
    shape : `tuple` [`int`, `int`]
        Rows and columns of the image.
    fillers : `collections.abc.Sequence` [`collections.abc.Callable`]
        What fills an array with rows of the images, called with first and last (excluded) row and the array.
    """

    def __init__(
        self, shape: tuple[int, int], fillers: Sequence[Callable[[int, int, NDArray], None]]
    ) -> None:
        self.shape = shape
        self._fillers = fillers

    def rows(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return the rows from ``start`` to ``stop``, excluded, as float32."""
        total = np.empty((stop - start, self.shape[1]), dtype=np.float32)
        self._fillers[0](start, stop, total)
        for filler in self._fillers[1:]:
            member = np.empty_like(total)
            filler(start, stop, member)
            with np.errstate(all="ignore"):
                total += member
        return total

    def use(self, work: Callable[[slice, NDArray[np.float32]], None]) -> None:
        """Call ``work(rows, values)``, in threads for large images, until all rows are done."""

        def part(start: int, stop: int) -> None:
            work(slice(start, stop), self.rows(start, stop))

        if is_large(self.shape[0] * self.shape[1]):
            run_rows(part, self.shape)
        else:
            part(0, self.shape[0])

    def add_to(self, pixels: NDArray[np.floating]) -> None:
        """Add the sum to an image of the same size, in place."""
        self._combine(np.add, pixels)

    def subtract_from(self, pixels: NDArray[np.floating]) -> None:
        """Subtract the sum from an image of the same size, in place."""
        self._combine(np.subtract, pixels)

    def _combine(self, operation: np.ufunc, pixels: NDArray[np.floating]) -> None:
        if pixels.shape != self.shape:
            raise LengthError(f"a background of shape {self.shape} does not fit an image of {pixels.shape}")

        def work(rows: slice, values: NDArray[np.float32]) -> None:
            with np.errstate(all="ignore"):
                operation(pixels[rows], values, out=pixels[rows])

        self.use(work)

    def mean_and_variance(self) -> tuple[float, float]:
        """Return mean and variance of the finite pixels."""
        height, width = self.shape

        def values(first: int, last: int) -> NDArray[np.float32]:
            start, stop = first // width, -(-last // width)
            return self.rows(start, stop).reshape(-1)[first - start * width : last - start * width]

        if is_large(height * width):
            measured = measure_values(height * width, values)
            if measured is not None:
                return measured[2], measured[4]
        whole = measure_array(self.rows(0, height), int(Property.MEAN | Property.VARIANCE), Rules())
        return whole.mean, whole.variance
