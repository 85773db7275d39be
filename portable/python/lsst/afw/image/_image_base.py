# SPDX-License-Identifier: GPL-3.0-or-later
"""The common base of images and masks: pixels on a grid with an origin."""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from lsst.afw.fits import Fits
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError
from lsst.portable.archive import reduceToFits
from lsst.portable.arguments import also_called
from lsst.portable.fits import MemFileManager

from ._grid import GridProperties
from ._pending import PendingPixels
from ._plane_fits import write_single
from ._slicing import LOCAL, PARENT, ImageOrigin, Sliceable, X, Y, xOrY

if TYPE_CHECKING:
    from lsst.daf.base import PropertySet
    from lsst.portable.fits import CompressionOptions
    from lsst.portable.typing import FitsSource, FitsTarget

__all__ = ("ImageBase", "as_xy0", "check_same_size", "height_argument", "is_fits_source")

#: Largest number of pixels in an image: the stack counts them with 32 bits.
_MAX_PIXELS = 2**31 - 1

#: Keywords accepted for the first argument of a constructor.
_FIRST_KEYWORDS = (
    "array",
    "src",
    "rhs",
    "fileName",
    "filename",
    "manager",
    "fitsFile",
    "width",
    "dimensions",
    "bbox",
)


def is_fits_source(value: object) -> bool:
    """Return whether a value names or contains a FITS file."""
    if isinstance(value, str | os.PathLike):
        return True
    if isinstance(value, np.ndarray | int | np.integer | Box2I | Extent2I | Sliceable):
        return False
    return isinstance(value, MemFileManager | Fits)


def as_xy0(args: Sequence[Any], named: Mapping[str, Any]) -> tuple[int, int]:
    """Return an origin given as one point or as two integers, by position or by name."""
    values = [*args, *(named[name] for name in ("xy0", "origin", "x0", "y0") if name in named)]
    x0, y0 = values[0] if len(values) == 1 else values
    return operator.index(x0), operator.index(y0)


def check_same_size(lhs: np.ndarray, rhs: np.ndarray) -> None:
    """Raise `LengthError` unless two ``(ny, nx)`` arrays have the same shape."""
    if lhs.shape != rhs.shape:
        raise LengthError(
            f"images are of different size: {lhs.shape[1]}x{lhs.shape[0]} and {rhs.shape[1]}x{rhs.shape[0]} "
            "(width x height)"
        )


def first_argument(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
    """Split off the first argument of a constructor, given by position or keyword."""
    if args:
        return args[0], args[1:]
    for name in _FIRST_KEYWORDS:
        if name in kwargs:
            return kwargs.pop(name), args
    return Extent2I(0, 0), args


def height_argument(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[int, tuple[Any, ...]]:
    """Split off the height that follows a width, given by position or keyword."""
    if "height" in kwargs:
        return operator.index(kwargs.pop("height")), args
    if not args:
        raise TypeError("a width needs a height, too")
    return operator.index(args[0]), args[1:]


class ImageBase(GridProperties, Sliceable):
    """Pixels on a grid: the common base of `Image` and `Mask`.

    Parameters
    ----------
    *args, **kwargs
        One of the forms

        - ``width, height, initialValue=0``
        - ``dimensions, initialValue=0``: an `lsst.geom.Extent2I`
        - ``bbox, initialValue=0``: an `lsst.geom.Box2I`
        - ``array, deep=False, xy0=Point2I(0, 0)``: a numpy array, shape ``(ny, nx)``, of the class's pixel
          type; shares its memory unless ``deep``
        - ``src, deep=False``: another image; shares its pixels unless ``deep``
        - ``src, bbox, origin=PARENT, deep=False``: a part of another image
        - ``fileName, hdu=None, metadata=None, bbox=Box2I(), origin=PARENT, allowUnsafe=False``: a FITS file

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if ``bbox`` reaches outside ``src``.
    lsst.pex.exceptions.InvalidParameterError
        Raised if pixels of another type are to be shared.
    TypeError
        Raised if an array has the wrong type of pixel or the arguments fit none of the forms.
    """

    _pixel_type: ClassVar[type[np.generic]]

    _stored: np.ndarray | PendingPixels
    _x0: int
    _y0: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        first, rest = first_argument(args, kwargs)
        if first is None:
            first = Extent2I(0, 0)
        if isinstance(first, np.ndarray):
            self._from_array(first, *rest, **kwargs)
        elif isinstance(first, ImageBase):
            if "bbox" in kwargs or (rest and isinstance(rest[0], Box2I)):
                self._from_part(first, *rest, **kwargs)
            else:
                self._from_image(first, *rest, **kwargs)
        elif isinstance(first, Box2I):
            self._allocate(first.getDimensions(), first.getMin(), *rest, **kwargs)
        elif isinstance(first, int | np.integer):
            height, rest = height_argument(rest, kwargs)
            self._allocate(Extent2I(int(first), height), Point2I(0, 0), *rest, **kwargs)
        elif isinstance(first, Extent2I):
            self._allocate(first, Point2I(0, 0), *rest, **kwargs)
        elif isinstance(first, Fits):
            self._from_file(first, None, *rest, **kwargs)
        elif is_fits_source(first):
            self._from_file(first, *rest, **kwargs)
        else:
            raise TypeError(
                f"{type(self).__name__} cannot be made from {type(first).__name__}: expected width and "
                "height, an Extent2I, a Box2I, a numpy array, an image or the name of a FITS file"
            )

    # ---- construction

    def _allocate(self, dimensions: Extent2I, xy0: Point2I, initialValue: float = 0) -> None:
        nx, ny = dimensions
        if nx < 0 or ny < 0:
            raise LengthError(f"both width and height must be non-negative, got {nx} and {ny}")
        if nx * ny > _MAX_PIXELS:
            raise LengthError(f"an image of {nx}x{ny} pixels (width x height) has more than {_MAX_PIXELS}")
        value = self._pixel(initialValue)
        shape = (ny, nx)
        self._stored = (
            np.zeros(shape, self._pixel_type) if value == 0 else np.full(shape, value, self._pixel_type)
        )
        self._x0, self._y0 = xy0

    def _from_array(self, array: np.ndarray, deep: bool = False, xy0: Point2I | None = None) -> None:
        if array.ndim != 2 or array.dtype != self._pixel_type:
            raise TypeError(
                f"{type(self).__name__} needs a 2-D array of {np.dtype(self._pixel_type).name}, got shape "
                f"{array.shape} of {array.dtype}: convert with astype"
            )
        self._stored = array.copy() if deep else array
        self._x0, self._y0 = (0, 0) if xy0 is None else xy0

    def _from_image(self, src: ImageBase, deep: bool = False) -> None:
        if src._pixel_type is self._pixel_type:
            self._stored = src.array.copy() if deep else src._stored
        elif deep:
            self._stored = src.array.astype(self._pixel_type)
        else:
            raise InvalidParameterError(
                f"{type(self).__name__} cannot share pixels with {type(src).__name__}: "
                "pass deep=True to convert"
            )
        self._x0, self._y0 = src._x0, src._y0

    def _from_part(
        self, src: ImageBase, bbox: Box2I, origin: ImageOrigin = PARENT, deep: bool = False
    ) -> None:
        rows, columns = src._slices(bbox, origin)
        if src._pixel_type is not self._pixel_type:
            raise TypeError(f"{type(self).__name__} cannot be a part of {type(src).__name__}")
        if deep:
            self._stored = src.array[rows, columns].copy()
        elif isinstance(src._stored, PendingPixels):
            self._stored = src._stored.part(rows, columns)
        else:
            self._stored = src._stored[rows, columns]
        self._x0, self._y0 = src._x0 + columns.start, src._y0 + rows.start

    def _from_file(self, source: FitsSource, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError

    @classmethod
    def _from_pending(cls, pending: PendingPixels, xy0: Point2I) -> Self:
        """Make an image whose pixels are read on first use."""
        image = cls(0, 0)
        image._stored = pending
        image._x0, image._y0 = xy0
        return image

    def _pixel(self, value: Any) -> Any:
        """Convert a scalar to a pixel value; integer pixels accept only integers."""
        if issubclass(self._pixel_type, np.integer):
            value = operator.index(value)
            info = np.iinfo(self._pixel_type)
            if not info.min <= value <= info.max:
                raise TypeError(f"{value} is not a {info.dtype.name}")
            return self._pixel_type(value)
        if not isinstance(value, float | int | np.number | np.bool_):
            raise TypeError(f"expected a number or {type(self).__name__}, got {type(value).__name__}")
        with np.errstate(over="ignore"):  # numbers too large become infinite, as in the stack
            return self._pixel_type(value)

    # ---- pixels

    @property
    def array(self) -> np.ndarray:
        """The pixels, shape ``(ny, nx)``: the image's own memory.

        Assigning to it assigns to its elements: numbers and arrays of any type are broadcast and converted,
        and `ValueError` is raised if the shape does not match.
        """
        if isinstance(self._stored, PendingPixels):
            self._stored = self._stored.get()
        return self._stored

    @array.setter
    def array(self, values: ArrayLike) -> None:
        if values is None:
            raise TypeError("expected pixels, got None")
        pixels = self.array
        if values is not pixels:  # as after ``image.array += 1``
            pixels[...] = values

    def getArray(self) -> np.ndarray:
        """Return the pixels, shape ``(ny, nx)``: the image's own memory."""
        return self.array

    def set(self, value: float) -> None:
        """Set every pixel to a value.

        Parameters
        ----------
        value : `object`
            The value; integer pixels accept only integers.
        """
        self.array[...] = self._pixel(value)

    def _index(self, point: Point2I, origin: ImageOrigin) -> tuple[int, int]:
        x, y = point
        if origin is PARENT:
            x, y = x - self._x0, y - self._y0
        ny, nx = self._stored.shape
        if not (0 <= x < nx and 0 <= y < ny):
            raise IndexError(f"pixel {point} ({origin.name}) is outside the image, {self.getBBox(origin)}")
        return y, x

    def _get(self, point: Point2I, origin: ImageOrigin) -> float:
        return self.array[self._index(point, origin)].item()

    def _set(self, point: Point2I, value: float, origin: ImageOrigin) -> None:
        self.array[self._index(point, origin)] = self._pixel(value)

    def _slices(self, bbox: Box2I | None, origin: ImageOrigin) -> tuple[slice, slice]:
        """Return the slices over rows and columns of a box, which must lie inside the image."""
        if not isinstance(bbox, Box2I):
            raise TypeError(f"a part of an image is given by a Box2I, got {type(bbox).__name__}")
        x, y = bbox.getMin()
        nx, ny = bbox.getDimensions()
        if origin is PARENT:
            x, y = x - self._x0, y - self._y0
        height, width = self._stored.shape
        if x < 0 or y < 0 or x + nx > width or y + ny > height:
            raise LengthError(f"{bbox} ({origin.name}) does not fit in the image, {self.getBBox(origin)}")
        return slice(y, y + ny), slice(x, x + nx)

    def subset(self, bbox: Box2I, origin: ImageOrigin = PARENT) -> Self:
        """Return a part of the image that shares its pixels.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`
            Box of the part.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if ``bbox`` reaches outside the image.
        """
        if not isinstance(bbox, Box2I):
            raise TypeError(f"a part of an image is given by a Box2I, got {type(bbox).__name__}")
        return type(self)(self, bbox, origin, False)

    def assign(self, rhs: Self, bbox: Box2I | None = None, origin: ImageOrigin = PARENT) -> None:
        """Copy the pixels of another image into this one.

        Parameters
        ----------
        rhs : same type as this object
            Image of the same class.
        bbox : `lsst.geom.Box2I`, optional
            Box to overwrite; the whole image if omitted or empty.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if the sizes differ or ``bbox`` reaches outside the image.
        TypeError
            Raised if ``rhs`` is of another class.
        """
        if not isinstance(rhs, type(self)):
            raise TypeError(f"expected {type(self).__name__}, got {type(rhs).__name__}")
        whole = bbox is None or (isinstance(bbox, Box2I) and bbox.isEmpty())
        pixels = self.array if whole else self.array[self._slices(bbox, origin)]
        check_same_size(pixels, rhs.array)
        np.copyto(pixels, rhs.array)

    def _for_pixels_of(self, image: ImageBase) -> np.ndarray:
        """Return the pixels to combine with those of an image."""
        check_same_size(image.array, self.array)
        return self.array

    def swap(self, other: Self) -> None:
        """Swap pixels and origin with another image of the same class.

        Parameters
        ----------
        other : same type as this object
            The other image.
        """
        if type(other) is not type(self):
            raise TypeError(f"expected {type(self).__name__}, got {type(other).__name__}")
        self.__dict__, other.__dict__ = other.__dict__, self.__dict__

    # ---- grid

    def getWidth(self) -> int:
        """Return the number of columns."""
        return self._stored.shape[1]

    def getHeight(self) -> int:
        """Return the number of rows."""
        return self._stored.shape[0]

    def getDimensions(self) -> Extent2I:
        """Return width and height."""
        return Extent2I(self.getWidth(), self.getHeight())

    def getX0(self) -> int:
        """Return the column of the first pixel in the parent image."""
        return self._x0

    def getY0(self) -> int:
        """Return the row of the first pixel in the parent image."""
        return self._y0

    def getXY0(self) -> Point2I:
        """Return the position of the first pixel in the parent image."""
        return Point2I(self._x0, self._y0)

    def setXY0(self, *xy0: Point2I | SupportsIndex, **named: Any) -> None:
        """Move the image to another position in its parent.

        Parameters
        ----------
        *xy0, **named : `object`
            Position of the first pixel: an `lsst.geom.Point2I`, or ``x0, y0``.
        """
        self._x0, self._y0 = as_xy0(xy0, named)

    def getBBox(self, origin: ImageOrigin = PARENT) -> Box2I:
        """Return the box of the pixels.

        Parameters
        ----------
        origin : `ImageOrigin`, optional
            `PARENT` to start at ``xy0``, `LOCAL` at zero.
        """
        if origin is not LOCAL and origin is not PARENT:
            raise TypeError(f"expected PARENT or LOCAL, got {origin!r}")
        return Box2I(Point2I(0, 0) if origin is LOCAL else self.getXY0(), self.getDimensions())

    @also_called("axis", "xOrY")
    def indexToPosition(self, index: float, axis: xOrY) -> float:
        """Convert an index of this image (zero-based) to a position in the parent image.

        Parameters
        ----------
        index : `float`
            Index along the axis.
        axis : `xOrY`
            `X` or `Y`.
        """
        return float(index + self._start(axis))

    @also_called("axis", "xOrY")
    def positionToIndex(self, position: float, axis: xOrY) -> tuple[int, float]:
        """Convert a position in the parent image to an index of this image.

        Parameters
        ----------
        position : `float`
            Position along the axis; the centre of a pixel is an integer.
        axis : `xOrY`
            `X` or `Y`.

        Returns
        -------
        index : `tuple` [`int`, `float`]
            Index (zero-based) of the nearest pixel; halfway positions round up.
        residual : `tuple` [`int`, `float`]
            Position minus that of the centre of the pixel, from -0.5 to 0.5.
        """
        full = position - self._start(axis)
        index = math.floor(full + 0.5)
        return index, full - index

    def _start(self, axis: xOrY) -> int:
        """Return the position of the first pixel along an axis."""
        if axis is not X and axis is not Y:
            raise TypeError(f"expected X or Y, got {axis!r}")
        return self._x0 if axis is X else self._y0

    # ---- files

    def __reduce__(self) -> tuple[object, ...]:
        return reduceToFits(self)

    def __str__(self) -> str:
        return f"{self.array}, bbox={self.getBBox()}"

    def __repr__(self) -> str:
        return f"{type(self).__module__}.{type(self).__name__}={self}"

    def _write(
        self, target: FitsTarget, metadata: PropertySet | CompressionOptions | None, mode: str, **kwargs: Any
    ) -> None:
        write_single(target, self, metadata, mode, **kwargs)
