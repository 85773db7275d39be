# SPDX-License-Identifier: GPL-3.0-or-later
"""Images with their own header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2I
from lsst.portable.fits import CompressionOptions
from lsst.utils import TemplateMeta

from ._grid import ImageGrid
from ._image import ImageD, ImageF, ImageI, ImageL, ImageU
from ._image_base import ImageBase, is_fits_source

if TYPE_CHECKING:
    from lsst.daf.base import PropertySet
    from lsst.portable.typing import FitsTarget

__all__ = (
    "DecoratedImage",
    "DecoratedImageD",
    "DecoratedImageF",
    "DecoratedImageI",
    "DecoratedImageL",
    "DecoratedImageU",
)


class _DecoratedImageBase(ImageGrid):
    """An image and its metadata.

    Parameters
    ----------
    source : `lsst.geom.Extent2I`, `lsst.geom.Box2I`, `lsst.afw.image.Image` or `str`, optional
        An `lsst.geom.Extent2I`, an `lsst.geom.Box2I`, an image (whose pixels are shared), another decorated
        image, or the name of a FITS file.
    *args, **kwargs
        For a decorated image, ``deep=False``; for a file, the arguments that `ImageBase` takes after its
        name.
    """

    _image_type: ClassVar[Any]

    def __init__(self, source: Any = None, *args: Any, **kwargs: Any) -> None:
        self._metadata = PropertyList()
        self._gain = 0.0
        if source is None or isinstance(source, Extent2I | Box2I):
            self._image = self._image_type(Extent2I(0, 0) if source is None else source)
        elif isinstance(source, _DecoratedImageBase):
            self._image = self._image_type(source.image, *args, **kwargs)
            self._metadata = source._metadata.deepCopy()
        elif isinstance(source, self._image_type):
            self._image = source
        elif is_fits_source(source) and not isinstance(source, ImageBase):
            hdu, args = (args[0], args[1:]) if args else (kwargs.pop("hdu", None), args)
            self._image = self._image_type(source, hdu, self._metadata, *args, **kwargs)
        else:
            raise TypeError(
                f"{type(self).__name__} cannot be made from {type(source).__name__}: expected an Extent2I, "
                f"a Box2I, {self._image_type.__name__}, or the name of a FITS file"
            )

    def getGain(self) -> float:
        """Gain; it is not written to files."""
        return self._gain

    def setGain(self, gain: float) -> None:
        """Set the gain; it is not written to files."""
        self._gain = float(gain)

    def getImage(self) -> Any:
        """Return the image."""
        return self._image

    image = property(getImage, doc="The image.")

    def getMetadata(self) -> PropertyList:
        """Return the metadata."""
        return self._metadata

    def setMetadata(self, metadata: PropertyList) -> None:
        """Replace the metadata.

        Parameters
        ----------
        metadata : `lsst.daf.base.PropertyList`
            The new metadata, not copied.
        """
        self._metadata = metadata

    def swap(self, other: Self) -> None:
        """Swap image and metadata with another object of the same class.

        Parameters
        ----------
        other : same type as this object
            The other object.
        """
        self.__dict__, other.__dict__ = other.__dict__, self.__dict__

    def writeFits(
        self,
        filename: FitsTarget,
        *args: Any,
        metadata: PropertySet | None = None,
        mode: str = "w",
        options: CompressionOptions | None = None,
    ) -> None:
        """Write image and metadata to a FITS file.

        Parameters
        ----------
        filename : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Name of the file.
        *args : `object`
            ``metadata`` and ``mode`` by position, or ``options``, ``metadata`` and ``mode``.
        metadata : `lsst.daf.base.PropertySet`, optional
            Header cards in addition to the object's own.
        mode : `str`, optional
            ``w`` to create a file, ``a`` to append an HDU.
        options : `lsst.afw.fits.CompressionOptions`, optional
            Compression; none by default.
        """
        if args and isinstance(args[0], CompressionOptions):
            options, args = args[0], args[1:]
        defaults: list[Any] = [metadata, mode]
        metadata, mode = [*args, *defaults[len(args) :]]
        header = self._metadata.deepCopy()
        if metadata is not None:
            header.combine(metadata)
        self._image.writeFits(filename, mode=mode, options=options, header=header)


class DecoratedImageF(_DecoratedImageBase):
    """Image of float32 pixels with metadata."""

    _image_type = ImageF


class DecoratedImageD(_DecoratedImageBase):
    """Image of float64 pixels with metadata."""

    _image_type = ImageD


class DecoratedImageI(_DecoratedImageBase):
    """Image of int32 pixels with metadata."""

    _image_type = ImageI


class DecoratedImageU(_DecoratedImageBase):
    """Image of uint16 pixels with metadata."""

    _image_type = ImageU


class DecoratedImageL(_DecoratedImageBase):
    """Image of uint64 pixels with metadata."""

    _image_type = ImageL


class DecoratedImage(metaclass=TemplateMeta):
    """Image with metadata of one type of pixel: ``DecoratedImage["F"]`` stands for `DecoratedImageF`."""


for _suffix, _class in {
    "F": DecoratedImageF,
    "D": DecoratedImageD,
    "I": DecoratedImageI,
    "U": DecoratedImageU,
    "L": DecoratedImageL,
}.items():
    DecoratedImage.register(_class._image_type._pixel_type, _class)
    DecoratedImage.alias(_suffix, _class)
