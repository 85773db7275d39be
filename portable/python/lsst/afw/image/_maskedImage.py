# SPDX-License-Identifier: GPL-3.0-or-later
"""Masked images: an image with its mask and its variance.

The name of this module is part of the file format: pickles of masked images refer to it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, SupportsIndex, TypeVar

import numpy as np

from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import LengthError
from lsst.portable.archive import reduceToFits
from lsst.portable.arguments import also_called
from lsst.portable.fits import CompressionOptions

from ._grid import ImageGrid
from ._image import ImageD, ImageF, ImageI, ImageL, ImageU
from ._image_base import ImageBase, as_xy0, first_argument, height_argument, is_fits_source
from ._image_fits import MaskedImageFitsReader
from ._mask import MaskX
from ._masked_arithmetic import MaskedArithmetic
from ._plane_fits import add_metadata, write_masked_image
from ._slicing import PARENT, ImageOrigin, Sliceable
from ._templates import MaskedImage, VariancePixel, class_for

if TYPE_CHECKING:
    from lsst.daf.base import PropertySet
    from lsst.portable.fits import MemFileManager
    from lsst.portable.typing import AnyImage, AnyMaskedImage, FitsSource, FitsTarget

    from ._image import _NumberImage

__all__ = (
    "MaskedImage",
    "MaskedImageD",
    "MaskedImageF",
    "MaskedImageI",
    "MaskedImageL",
    "MaskedImageU",
    "VariancePixel",
    "makeMaskedImage",
)


_ImageT = TypeVar("_ImageT", bound=ImageBase)


class _MaskedImageBase(MaskedArithmetic, ImageGrid, Sliceable):
    """An image with a mask that flags its pixels, and their variance.

    Parameters
    ----------
    *args, **kwargs
        One of the forms

        - ``width, height, planeDict={}``
        - ``dimensions, planeDict={}``: an `lsst.geom.Extent2I`
        - ``bbox, planeDict={}``: an `lsst.geom.Box2I`
        - ``image, mask=None, variance=None``: shares their pixels; planes left out are zero
        - ``rhs, deep=False``: another masked image; shares its pixels unless ``deep``
        - ``rhs, bbox, origin=PARENT, deep=False``: a part of another masked image
        - ``fileName, metadata=None, bbox=Box2I(), origin=PARENT, conformMasks=False, ...``: a FITS file

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if the planes differ in size or ``bbox`` reaches outside ``rhs``.
    TypeError
        Raised if the arguments fit none of the forms.

    Notes
    -----
    Arithmetic is in place. Variances propagate as for independent operands, masks are ORed. A plain image or
    a number has no variance.
    """

    _image_type: ClassVar[Any]

    _image: _NumberImage
    _mask: MaskX
    _variance: ImageF

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "image" in kwargs and not args:
            args = (kwargs.pop("image"),)
        first, rest = first_argument(args, kwargs)
        if first is None:
            first = Extent2I(0, 0)
        if isinstance(first, _MaskedImageBase):
            if "bbox" in kwargs or (rest and isinstance(rest[0], Box2I)):
                self._from_part(first, *rest, **kwargs)
            else:
                self._from_masked_image(first, *rest, **kwargs)
        elif isinstance(first, ImageBase):
            self._from_planes(first, *rest, **kwargs)
        elif isinstance(first, int | np.integer):
            height, rest = height_argument(rest, kwargs)
            self._allocate(Extent2I(int(first), height), *rest, **kwargs)
        elif isinstance(first, Box2I | Extent2I):
            self._allocate(first, *rest, **kwargs)
        elif is_fits_source(first):
            self._from_file(first, *rest, **kwargs)
        else:
            raise TypeError(
                f"{type(self).__name__} cannot be made from {type(first).__name__}: expected width and "
                "height, an Extent2I, a Box2I, images, a masked image or the name of a FITS file"
            )

    # ---- construction

    def _allocate(self, grid: Box2I | Extent2I, planeDict: Mapping[str, int] | None = None) -> None:
        self._image = self._image_type(grid)
        self._mask = MaskX(grid, planeDefs=planeDict)
        self._variance = ImageF(grid)

    def _from_planes(
        self, image: ImageBase, mask: MaskX | None = None, variance: ImageF | None = None
    ) -> None:
        bbox = image.getBBox()
        self._image = self._checked("image", image, image, self._image_type)
        self._mask = MaskX(bbox) if mask is None else self._checked("mask", mask, image, MaskX)
        self._variance = (
            ImageF(bbox) if variance is None else self._checked("variance", variance, image, ImageF)
        )

    def _from_masked_image(self, rhs: _MaskedImageBase, deep: bool = False) -> None:
        self._image = self._image_type(rhs.image, deep)
        self._mask = MaskX(rhs.mask, deep)
        self._variance = ImageF(rhs.variance, deep)

    def _from_part(
        self, rhs: _MaskedImageBase, bbox: Box2I, origin: ImageOrigin = PARENT, deep: bool = False
    ) -> None:
        self._image = self._image_type(rhs.image, bbox, origin, deep)
        self._mask = MaskX(rhs.mask, bbox, origin, deep)
        self._variance = ImageF(rhs.variance, bbox, origin, deep)

    def _from_file(
        self,
        source: FitsSource,
        metadata: PropertySet | None = None,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        conformMasks: bool = False,
        needAllHdus: bool = False,
        imageMetadata: Any = None,
        maskMetadata: Any = None,
        varianceMetadata: PropertySet | None = None,
        allowUnsafe: bool = False,
    ) -> None:
        reader = MaskedImageFitsReader(source)
        for wanted, read in (
            (metadata, reader.readPrimaryMetadata),
            (imageMetadata, reader.readImageMetadata),
            (maskMetadata, reader.readMaskMetadata),
            (varianceMetadata, reader.readVarianceMetadata),
        ):
            if wanted is not None:
                add_metadata(wanted, read())
        dtype = self._image_type._pixel_type
        self.swap(reader.read(bbox, origin, conformMasks, needAllHdus, allowUnsafe, dtype))

    @staticmethod
    def _checked(name: str, plane: ImageBase, image: ImageBase, expected: type[_ImageT]) -> _ImageT:
        """Return a plane after checking its class and its size."""
        if not isinstance(plane, expected):
            raise TypeError(f"{name} must be {expected.__name__}, got {type(plane).__name__}")
        if plane.getDimensions() != image.getDimensions():
            raise LengthError(f"{name} is {plane.getDimensions()} large, the image {image.getDimensions()}")
        return plane

    # ---- planes

    def getImage(self) -> _NumberImage:
        """Return the image."""
        return self._image

    def setImage(self, image: _NumberImage) -> None:
        """Replace the image with another of the same size, whose pixels are shared.

        Parameters
        ----------
        image : `lsst.afw.image.Image`
            The image.
        """
        self._image = self._checked("image", image, self._image, self._image_type)

    def getMask(self) -> MaskX:
        """Return the mask."""
        return self._mask

    def setMask(self, mask: MaskX) -> None:
        """Replace the mask with another of the same size, whose pixels are shared.

        Parameters
        ----------
        mask : `MaskX`
            The mask.
        """
        self._mask = self._checked("mask", mask, self._image, MaskX)

    def getVariance(self) -> ImageF:
        """Return the variance."""
        return self._variance

    def setVariance(self, variance: ImageF) -> None:
        """Replace the variance with another of the same size, whose pixels are shared.

        Parameters
        ----------
        variance : `ImageF`
            The variance.
        """
        self._variance = self._checked("variance", variance, self._image, ImageF)

    image = property(getImage, setImage, doc="The image.")
    mask = property(getMask, setMask, doc="The mask.")
    variance = property(getVariance, setVariance, doc="The variance.")

    def getArrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the pixels of image, mask and variance, each of shape ``(ny, nx)``."""
        return self.image.array, self.mask.array, self.variance.array

    def set(
        self, value: float | tuple[float, int, float], mask: int | None = None, variance: float | None = None
    ) -> None:
        """Set all pixels.

        Parameters
        ----------
        value : `object`
            Value of the image, or a triple of image, mask and variance.
        mask : `int`, optional
            Value of the mask; zero by default.
        variance : `float`, optional
            Value of the variance; zero by default.
        """
        if mask is None and variance is None and isinstance(value, tuple | list):
            value, mask, variance = value
        self.image.set(value)
        self.mask.set(0 if mask is None else mask)
        self.variance.set(0.0 if variance is None else variance)

    def _get(self, point: Point2I, origin: ImageOrigin) -> tuple[float, int, float]:
        return (
            self.image._get(point, origin),
            self.mask._get(point, origin),
            self.variance._get(point, origin),
        )

    def _set(self, point: Point2I, value: tuple[float, int, float], origin: ImageOrigin) -> None:
        self.image._set(point, value[0], origin)
        self.mask._set(point, value[1], origin)
        self.variance._set(point, value[2], origin)

    def subset(self, bbox: Box2I, origin: ImageOrigin = PARENT) -> Self:
        """Return a part that shares the pixels of all planes.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`
            Box of the part.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        """
        if not isinstance(bbox, Box2I):
            raise TypeError(f"a part of an image is given by a Box2I, got {type(bbox).__name__}")
        return type(self)(self, bbox, origin, False)

    def assign(self, rhs: Self, bbox: Box2I | None = None, origin: ImageOrigin = PARENT) -> None:
        """Copy the pixels of another masked image into this one.

        Parameters
        ----------
        rhs : same type as this object
            Masked image of the same class.
        bbox : `lsst.geom.Box2I`, optional
            Box to overwrite; the whole image if omitted or empty.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        """
        if not isinstance(rhs, type(self)):
            raise TypeError(f"expected {type(self).__name__}, got {type(rhs).__name__}")
        self.image.assign(rhs.image, bbox, origin)
        self.mask.assign(rhs.mask, bbox, origin)
        self.variance.assign(rhs.variance, bbox, origin)

    def swap(self, other: Self) -> None:
        """Swap the planes with another masked image of the same class.

        Parameters
        ----------
        other : same type as this object
            The other masked image.
        """
        if type(other) is not type(self):
            raise TypeError(f"expected {type(self).__name__}, got {type(other).__name__}")
        self.__dict__, other.__dict__ = other.__dict__, self.__dict__

    # ---- grid

    def setXY0(self, *xy0: Point2I | SupportsIndex, **named: Any) -> None:
        """Move all planes to another position in their parent.

        Parameters
        ----------
        *xy0, **named : `object`
            Position of the first pixel: an `lsst.geom.Point2I`, or ``x0, y0``.
        """
        x0, y0 = as_xy0(xy0, named)
        for plane in (self._image, self._mask, self._variance):
            plane.setXY0(x0, y0)

    # ---- conversion and files

    def convertF(self) -> MaskedImageF:
        """Return a copy whose image has float32 pixels."""
        return MaskedImageF(self, True)

    def convertD(self) -> MaskedImageD:
        """Return a copy whose image has float64 pixels."""
        return MaskedImageD(self, True)

    @classmethod
    @also_called("fileName", "filename", "manager")
    def readFits(cls, fileName: str | os.PathLike | MemFileManager) -> Self:
        """Read a masked image from a FITS file.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Name of the file, or a file in memory.
        """
        return cls(fileName)

    @also_called("fileName", "filename", "manager", "fitsfile", "fits")
    def writeFits(
        self,
        fileName: FitsTarget,
        metadata: PropertySet | CompressionOptions | None = None,
        imageMetadata: Any = None,
        maskMetadata: Any = None,
        varianceMetadata: PropertySet | None = None,
        *,
        imageOptions: CompressionOptions | None = None,
        maskOptions: CompressionOptions | None = None,
        varianceOptions: CompressionOptions | None = None,
        header: PropertySet | None = None,
    ) -> None:
        """Write the planes to a FITS file: an empty primary HDU, then IMAGE, MASK, VARIANCE.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Name of the file, a file in memory, or an open `lsst.portable.fits.FitsWriter`.
        metadata : `lsst.daf.base.PropertySet` or `lsst.afw.fits.CompressionOptions`, optional
            Cards of the primary header; or the compression of the image, in the form
            ``writeFits(fileName, imageOptions, maskOptions, varianceOptions, header)``.
        imageMetadata, maskMetadata, varianceMetadata
            Cards of the planes' headers.
        imageOptions, maskOptions, varianceOptions : `lsst.afw.fits.CompressionOptions`, optional
            Compression of each plane; none by default.
        header : `lsst.daf.base.PropertySet`, optional
            Alias of ``metadata``.
        """
        options = (imageOptions, maskOptions, varianceOptions)
        cards = (imageMetadata, maskMetadata, varianceMetadata)
        if isinstance(metadata, CompressionOptions):
            options, metadata = (metadata, imageMetadata, maskMetadata), varianceMetadata
            cards = (None, None, None)
        primary = PropertyList()
        add_metadata(primary, header if metadata is None else metadata)
        primary.remove("AR_HDU")  # the archive that it points to is that of another file
        write_masked_image(fileName, self, primary, cards, options)

    def __reduce__(self) -> tuple[object, ...]:
        return reduceToFits(self)

    def __str__(self) -> str:
        return (
            f"image={self.image.array},\n"
            f"mask={self.mask.array}, maskPlaneDict={self.mask.getMaskPlaneDict()}\n"
            f"variance={self.variance.array}, bbox={self.getBBox()}"
        )

    def __repr__(self) -> str:
        return f"{type(self).__module__}.{type(self).__name__}=({self})"


class MaskedImageF(_MaskedImageBase):
    """Masked image of float32 pixels."""

    _image_type = ImageF

    if TYPE_CHECKING:  # as above, with this type of pixel
        image: ImageF

        def getImage(self) -> ImageF: ...


class MaskedImageD(_MaskedImageBase):
    """Masked image of float64 pixels."""

    _image_type = ImageD

    if TYPE_CHECKING:  # as above, with this type of pixel
        image: ImageD

        def getImage(self) -> ImageD: ...


class MaskedImageI(_MaskedImageBase):
    """Masked image of int32 pixels."""

    _image_type = ImageI

    if TYPE_CHECKING:  # as above, with this type of pixel
        image: ImageI

        def getImage(self) -> ImageI: ...


class MaskedImageU(_MaskedImageBase):
    """Masked image of uint16 pixels."""

    _image_type = ImageU

    if TYPE_CHECKING:  # as above, with this type of pixel
        image: ImageU

        def getImage(self) -> ImageU: ...


class MaskedImageL(_MaskedImageBase):
    """Masked image of uint64 pixels."""

    _image_type = ImageL

    if TYPE_CHECKING:  # as above, with this type of pixel
        image: ImageL

        def getImage(self) -> ImageL: ...


for _suffix, _class in {
    "F": MaskedImageF,
    "D": MaskedImageD,
    "I": MaskedImageI,
    "U": MaskedImageU,
    "L": MaskedImageL,
}.items():
    MaskedImage.register(_class._image_type._pixel_type, _class)
    MaskedImage.alias(_suffix, _class)


def makeMaskedImage(
    image: AnyImage, mask: MaskX | None = None, variance: ImageF | None = None
) -> AnyMaskedImage:
    """Make a masked image of the class that matches an image, sharing its pixels.

    Parameters
    ----------
    image : `lsst.afw.image.Image`
        The image.
    mask : `MaskX`, optional
        Its mask; zero by default.
    variance : `ImageF`, optional
        Its variance; zero by default.

    Returns
    -------
    masked_image : `lsst.afw.image.MaskedImage`
        The masked image.
    """
    if not isinstance(image, ImageBase):
        raise TypeError(f"a masked image is made from an image, got {type(image).__name__}")
    return class_for(MaskedImage, image._pixel_type)(image, mask, variance)
