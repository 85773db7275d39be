# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: pixels of one number type on a grid."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lsst.geom import Box2I
from lsst.portable.arguments import also_called

from ._arithmetic import combine_scaled, divide_integers
from ._image_base import ImageBase
from ._image_fits import ImageFitsReader
from ._mask import MaskX
from ._pending import PendingPixels
from ._plane_fits import add_metadata
from ._slicing import PARENT, ImageOrigin
from ._templates import Image

if TYPE_CHECKING:
    from lsst.daf.base import PropertySet
    from lsst.portable.fits import CompressionOptions, MemFileManager
    from lsst.portable.typing import FitsSource, FitsTarget

__all__ = ("Image", "ImageD", "ImageF", "ImageI", "ImageL", "ImageU", "MaskX")


def is_function(value: object) -> bool:
    """Return whether a value is a function of two coordinates, as in `lsst.afw.math`."""
    return callable(value) and hasattr(value, "getParameters")


class _NumberImage(ImageBase):
    """Arithmetic and file access for numeric images; see `ImageBase` for the forms of the constructor.

    Arithmetic is in place and in the pixel type. The operand is a number or an image of the same class and
    size; origins need not agree. Dividing a floating-point image by a number multiplies by its reciprocal.
    """

    def _from_file(
        self,
        source: FitsSource,
        hdu: int | None = None,
        metadata: PropertySet | None = None,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        allowUnsafe: bool = False,
    ) -> None:
        reader = ImageFitsReader(source, hdu)
        add_metadata(metadata, reader.readMetadata())
        self.swap(reader.read(bbox, origin, allowUnsafe, self._pixel_type))

    # ---- arithmetic

    def _operand(self, rhs: ImageBase | float) -> Any:
        if isinstance(rhs, ImageBase):
            if not isinstance(rhs, type(self)) and not isinstance(self, type(rhs)):
                raise TypeError(
                    f"{type(self).__name__} and {type(rhs).__name__} cannot be combined: "
                    "convert one of them first"
                )
            return rhs._for_pixels_of(self)
        return self._pixel(rhs)

    def _apply(self, operation: Callable[..., np.ndarray], rhs: ImageBase | float) -> Self:
        operand = self._operand(rhs)

        def change(array: np.ndarray) -> None:
            with np.errstate(all="ignore"):
                operation(array, operand, out=array)

        if isinstance(self._stored, PendingPixels) and not isinstance(rhs, ImageBase):
            self._stored.change(change)  # a number stays the same until the pixels are read; an image may not
        else:
            change(self.array)
        return self

    def __iadd__(self, rhs: Any) -> Self:
        return self._add_function(rhs, 1.0) if is_function(rhs) else self._apply(np.add, rhs)

    def __isub__(self, rhs: Any) -> Self:
        return self._add_function(rhs, -1.0) if is_function(rhs) else self._apply(np.subtract, rhs)

    def _add_function(self, function: Callable[[np.ndarray, float], np.ndarray], sign: float) -> Self:
        """Add or subtract a function of the position in the parent image."""
        columns = np.arange(self.getX0(), self.getX0() + self.getWidth(), dtype=float)
        for row, y in zip(self.array, range(self.getY0(), self.getY0() + self.getHeight()), strict=True):
            row[...] = row + sign * function(columns, float(y))
        return self

    def __imul__(self, rhs: ImageBase | float) -> Self:
        return self._apply(np.multiply, rhs)

    def __itruediv__(self, rhs: ImageBase | float) -> Self:
        if issubclass(self._pixel_type, np.integer):
            return self._divide_integers(rhs)
        if isinstance(rhs, ImageBase):
            return self._apply(np.divide, rhs)
        with np.errstate(all="ignore"):
            reciprocal = self._pixel_type(1) / self._pixel(rhs)
        return self._apply(np.multiply, reciprocal)

    def _divide_integers(self, rhs: ImageBase | float) -> Self:
        """Divide integers, truncating toward zero."""
        divisor = self._operand(rhs)
        if np.any(np.equal(divisor, 0)):
            raise ZeroDivisionError(f"{type(self).__name__} divided by zero")
        divide_integers(self.array, divisor)
        return self

    def scaledPlus(self, c: float, rhs: Self) -> None:
        """Add ``c * rhs``.

        Parameters
        ----------
        c : `float`
            Factor.
        rhs : same type as this object
            Image of the same class and size.
        """
        self._combine_scaled(np.add, c, rhs)

    def scaledMinus(self, c: float, rhs: Self) -> None:
        """Subtract ``c * rhs``.

        Parameters
        ----------
        c : `float`
            Factor.
        rhs : same type as this object
            Image of the same class and size.
        """
        self._combine_scaled(np.subtract, c, rhs)

    def scaledMultiplies(self, c: float, rhs: Self) -> None:
        """Multiply by ``c * rhs``.

        Parameters
        ----------
        c : `float`
            Factor.
        rhs : same type as this object
            Image of the same class and size.
        """
        self._combine_scaled(np.multiply, c, rhs)

    def scaledDivides(self, c: float, rhs: Self) -> None:
        """Divide by ``c * rhs``; integers truncate toward zero.

        Parameters
        ----------
        c : `float`
            Factor.
        rhs : same type as this object
            Image of the same class and size.
        """
        self._combine_scaled(np.divide, c, rhs)

    def _combine_scaled(self, operation: Callable[..., np.ndarray], c: float, rhs: Self) -> None:
        if not isinstance(rhs, ImageBase):
            raise TypeError(f"expected {type(self).__name__}, got {type(rhs).__name__}")
        if issubclass(self._pixel_type, np.integer):
            scaled = type(self)(rhs.getDimensions())
            scaled.array = float(c) * self._operand(rhs)  # products lose their fractions
            if operation is np.divide:
                self._divide_integers(scaled)
            else:
                self._apply(operation, scaled)
        else:
            combine_scaled(operation, self.array, self._pixel(c), self._operand(rhs))

    def sqrt(self) -> None:
        """Replace every pixel with its square root."""
        with np.errstate(all="ignore"):
            np.copyto(self.array, np.sqrt(self.array), casting="unsafe")

    # ---- conversion

    def convertF(self) -> ImageF:
        """Return a copy with float32 pixels."""
        return ImageF(self, True)

    def convertD(self) -> ImageD:
        """Return a copy with float64 pixels."""
        return ImageD(self, True)

    def convertI(self) -> ImageI:
        """Return a copy with int32 pixels."""
        return ImageI(self, True)

    def convertU(self) -> ImageU:
        """Return a copy with uint16 pixels."""
        return ImageU(self, True)

    def convertL(self) -> ImageL:
        """Return a copy with uint64 pixels."""
        return ImageL(self, True)

    convertFloat = convertF
    convertDouble = convertD

    # ---- files

    @classmethod
    @also_called("fileName", "filename", "manager")
    def readFits(cls, fileName: str | os.PathLike | MemFileManager, hdu: int | None = None) -> Self:
        """Read an image from a FITS file.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Name of the file, or a file in memory.
        hdu : `int`, optional
            Number of the HDU; by default the first with pixels.
        """
        return cls(fileName, hdu)

    @also_called("fileName", "filename", "manager", "fitsfile", "fits")
    def writeFits(
        self,
        fileName: FitsTarget,
        metadata: PropertySet | CompressionOptions | None = None,
        mode: str = "w",
        *,
        options: CompressionOptions | None = None,
        header: PropertySet | None = None,
        mask: MaskX | None = None,
    ) -> None:
        """Write the image to a FITS file.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Name of the file, a file in memory, or an open `lsst.portable.fits.FitsWriter`.
        metadata : `lsst.daf.base.PropertySet` or `lsst.afw.fits.CompressionOptions`, optional
            Header cards, or the compression, as in ``writeFits(fileName, options)``.
        mode : `str`, optional
            ``w`` to create a file, ``a`` to append an HDU.
        options : `lsst.afw.fits.CompressionOptions`, optional
            Compression; none by default.
        header : `lsst.daf.base.PropertySet`, optional
            Header cards.
        mask : `MaskX`, optional
            Mask of the image, used by lossy compression to exclude pixels from its noise estimate.
        """
        self._write(fileName, metadata, mode, options=options, header=header, mask=mask)


class ImageF(_NumberImage):
    """Image of float32 pixels."""

    _pixel_type = np.float32


class ImageD(_NumberImage):
    """Image of float64 pixels."""

    _pixel_type = np.float64


class ImageI(_NumberImage):
    """Image of int32 pixels."""

    _pixel_type = np.int32


class ImageU(_NumberImage):
    """Image of uint16 pixels."""

    _pixel_type = np.uint16


class ImageL(_NumberImage):
    """Image of uint64 pixels."""

    _pixel_type = np.uint64


for _suffix, _class in {"F": ImageF, "D": ImageD, "I": ImageI, "U": ImageU, "L": ImageL}.items():
    Image.register(_class._pixel_type, _class)
    Image.alias(_suffix, _class)
