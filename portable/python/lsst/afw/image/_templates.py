# SPDX-License-Identifier: GPL-3.0-or-later
"""Image, mask, masked image and exposure of any type of pixel.

The classes for each type of pixel register here, so that readers of files find the class that matches a file
without importing any.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lsst.utils import TemplateMeta

from ._file_options import compression_from, compressions_from, read_with_options

if TYPE_CHECKING:
    import numpy.typing as npt

    from lsst.portable.typing import FitsSource, FitsTarget

__all__ = ("Exposure", "Image", "Mask", "MaskPixel", "MaskedImage", "VariancePixel", "class_for")

#: Pixel type of masks.
MaskPixel = np.int32

#: Pixel type of variances.
VariancePixel = np.float32


class Image(metaclass=TemplateMeta):
    """Image with one pixel type: ``Image(..., dtype=np.float32)`` and ``Image["F"]`` stand for `ImageF`."""

    __module__ = "lsst.afw.image._image"

    @classmethod
    def readFitsWithOptions(cls, source: FitsSource, options: Mapping[str, Any]) -> Self:
        """Read a part of an image from a FITS file; see `read_with_options`.

        Parameters
        ----------
        source : `str`, `os.PathLike`, `bytes` or `lsst.afw.fits.MemFileManager`
            Name of the file.
        options : `collections.abc.Mapping` [`str`, `object`]
            Part to read.
        """
        return read_with_options(cls, source, options)

    def writeFitsWithOptions(
        self, dest: FitsTarget, options: Mapping[str, Any] | None, item: str = "image"
    ) -> None:
        """Write the image to a FITS file, compressed as options say.

        Parameters
        ----------
        dest : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Name of the file.
        options : `collections.abc.Mapping` [`str`, `object`] or `None`
            Compression options by plane; `None` for no compression.
        item : `str`, optional
            Plane whose options to use.
        """
        self.writeFits(dest, options=compression_from(options, item))  # type: ignore[attr-defined]


class Mask(metaclass=TemplateMeta):
    """Mask of named bit planes; its only type of pixel is `MaskPixel` (`MaskX`)."""

    __module__ = "lsst.afw.image._mask"

    TEMPLATE_PARAMS = ("dtype",)
    TEMPLATE_DEFAULTS = (MaskPixel,)

    @classmethod
    def readFitsWithOptions(cls, source: FitsSource, options: Mapping[str, Any]) -> Self:
        """Read a part of a mask from a FITS file; see `read_with_options`.

        Parameters
        ----------
        source : `str`, `os.PathLike`, `bytes` or `lsst.afw.fits.MemFileManager`
            Name of the file.
        options : `collections.abc.Mapping` [`str`, `object`]
            Part to read.
        """
        return read_with_options(cls, source, options)

    def writeFitsWithOptions(
        self, dest: FitsTarget, options: Mapping[str, Any] | None, item: str | None = None
    ) -> None:
        """Write the mask to a FITS file, compressed as options say.

        Parameters
        ----------
        dest : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Name of the file.
        options : `collections.abc.Mapping` [`str`, `object`] or `None`
            Compression options by plane; `None` for no compression.
        item : `str`, optional
            Plane whose options to use; by default ``mask`` if present, otherwise ``image``.
        """
        if item is None and options is not None:
            item = "mask" if "mask" in options else "image"
        self.writeFits(dest, options=compression_from(options, item))  # type: ignore[attr-defined]


class MaskedImage(metaclass=TemplateMeta):
    """Masked image with one pixel type: ``MaskedImage(..., dtype=np.float32)`` stands for `MaskedImageF`."""

    __module__ = "lsst.afw.image._maskedImage"

    @classmethod
    def readFitsWithOptions(cls, source: FitsSource, options: Mapping[str, Any]) -> Self:
        """Read a part of a masked image from a FITS file; see `read_with_options`.

        Parameters
        ----------
        source : `str`, `os.PathLike`, `bytes` or `lsst.afw.fits.MemFileManager`
            Name of the file.
        options : `collections.abc.Mapping` [`str`, `object`]
            Part to read.
        """
        return read_with_options(cls, source, options)

    def writeFitsWithOptions(self, dest: FitsTarget, options: Mapping[str, Any] | None) -> None:
        """Write the planes to a FITS file, compressed as options say.

        Parameters
        ----------
        dest : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Name of the file.
        options : `collections.abc.Mapping` [`str`, `object`] or `None`
            Compression options by plane (``image``, ``mask``, ``variance``); `None` for no compression.
        """
        self.writeFits(dest, **compressions_from(options))  # type: ignore[attr-defined]


class Exposure(metaclass=TemplateMeta):
    """Exposure with one pixel type: ``Exposure(..., dtype=np.float32)`` stands for `ExposureF`."""

    __module__ = "lsst.afw.image._exposure"

    @classmethod
    def readFitsWithOptions(cls, source: FitsSource, options: Mapping[str, Any]) -> Self:
        """Read a part of an exposure from a FITS file.

        Parameters
        ----------
        source : `str`, `os.PathLike`, `bytes` or `lsst.afw.fits.MemFileManager`
            Name of the file.
        options : `collections.abc.Mapping` [`str`, `object`]
            Part to read: ``llcX``, ``llcY``, ``width``, ``height`` and ``imageOrigin``.
        """
        return read_with_options(cls, source, options)

    def writeFitsWithOptions(self, dest: FitsTarget, options: Mapping[str, Any] | None) -> None:
        """Write to a FITS file, the planes compressed as options say.

        Parameters
        ----------
        dest : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Name of the file.
        options : `collections.abc.Mapping` [`str`, `object`] or `None`
            Compression options by plane (``image``, ``mask``, ``variance``); `None` for no compression.
        """
        self.writeFits(dest, **compressions_from(options))  # type: ignore[attr-defined]


def class_for(template: TemplateMeta, dtype: npt.DTypeLike) -> Any:
    """Return the class of a template for a type of pixel.

    Parameters
    ----------
    template : `type`
        Such as `Image`.
    dtype : `numpy.dtype` or `type`
        The type of pixel.

    Raises
    ------
    TypeError
        Raised if there is no such class.
    """
    dtype = np.dtype(dtype)
    found = template.get(dtype.type) if dtype.isnative else None
    if found is None:
        known = ", ".join(np.dtype(key).name for key in template.keys() if not isinstance(key, str))
        raise TypeError(f"there is no {template.__name__} of {dtype} pixels; types are {known}")
    return found
