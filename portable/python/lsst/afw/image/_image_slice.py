# SPDX-License-Identifier: GPL-3.0-or-later
"""A row or a column that is added to, or multiplied with, all rows or columns of an image."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import numpy as np

from lsst.geom import Box2I
from lsst.pex.exceptions import InvalidParameterError, LengthError, OutOfRangeError

from ._image import ImageD, ImageF
from ._image_base import ImageBase
from ._slicing import PARENT, ImageOrigin

__all__ = ("ImageSliceD", "ImageSliceF")


class _SliceType(enum.Enum):
    """Shape of a slice."""

    ROW = 0
    COLUMN = 1


class _Slice(ImageBase):
    """A row or a column of an image; ``image + slice`` and the like make a new image.

    Parameters
    ----------
    img : `ImageF` or `ImageD`
        Image of one row or one column, with which the slice shares pixels.

    Raises
    ------
    lsst.pex.exceptions.OutOfRangeError
        Raised if the image has several rows and columns.
    lsst.pex.exceptions.InvalidParameterError
        Raised if it has a single pixel.
    """

    ImageSliceType = _SliceType
    ROW = _SliceType.ROW
    COLUMN = _SliceType.COLUMN

    _image_type: type[ImageF] | type[ImageD]

    def __init__(self, img: ImageF | ImageD) -> None:
        if not isinstance(img, self._image_type):
            raise TypeError(f"expected {self._image_type.__name__}, got {type(img).__name__}")
        width, height = img.getDimensions()
        if width == height == 1:
            raise InvalidParameterError("a slice of one pixel may be a row or a column: use its number")
        if 1 not in (width, height):
            raise OutOfRangeError(f"a slice is one pixel wide or high, got {width}x{height} (width x height)")
        super().__init__(img)

    def getImageSliceType(self) -> _SliceType:
        """Return whether this is a row or a column."""
        return self.COLUMN if self.getWidth() == 1 else self.ROW

    def Factory(self, *args: Any, **kwargs: Any) -> Any:
        """Make an image, which is no slice, of the same type of pixel.

        Parameters
        ----------
        *args, **kwargs
            Arguments of its constructor.
        """
        return self._image_type(*args, **kwargs)

    def subset(self, bbox: Box2I, origin: ImageOrigin = PARENT) -> Any:
        """Return a part of the slice as an image that shares its pixels.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`
            Box of the part.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        """
        return self.Factory(self).subset(bbox, origin)

    def _for_pixels_of(self, image: ImageBase) -> np.ndarray:
        """Return the pixels of the slice, repeated to the size of an image."""
        row = self.getImageSliceType() is self.ROW
        ours, theirs = (self.getWidth(), image.getWidth()) if row else (self.getHeight(), image.getHeight())
        if ours != theirs:
            raise LengthError(f"a slice of {ours} pixels does not fit an image of {theirs}")
        return np.broadcast_to(self.array, image.array.shape)

    def _combined(self, operation: Callable[..., np.ndarray], image: object) -> Any:
        """Return a new image of an image and this slice."""
        if not isinstance(image, self._image_type):
            return NotImplemented
        result = self._image_type(image, True)
        with np.errstate(all="ignore"):
            operation(image.array, self._for_pixels_of(image), out=result.array)
        return result

    def __add__(self, rhs: object) -> Any:
        return self._combined(np.add, rhs)

    def __radd__(self, lhs: object) -> Any:
        return self._combined(np.add, lhs)

    def __mul__(self, rhs: object) -> Any:
        return self._combined(np.multiply, rhs)

    def __rmul__(self, lhs: object) -> Any:
        return self._combined(np.multiply, lhs)

    def __rsub__(self, lhs: object) -> Any:
        return self._combined(np.subtract, lhs)

    def __rtruediv__(self, lhs: object) -> Any:
        return self._combined(np.divide, lhs)


class ImageSliceF(_Slice, ImageF):
    """A row or a column of float32 pixels."""

    _image_type = ImageF


class ImageSliceD(_Slice, ImageD):
    """A row or a column of float64 pixels."""

    _image_type = ImageD
