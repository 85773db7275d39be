# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers of images, masks and masked images, or parts of them, in FITS files."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.afw.fits import Fits
from lsst.geom import Box2I, Point2I
from lsst.pex.exceptions import Exception as PexException
from lsst.pex.exceptions import InvalidParameterError, LengthError
from lsst.portable.arguments import also_called
from lsst.portable.fits import DEFAULT_HDU, FitsError, FitsReader, FitsTypeError, default_hdu

from ._mask_dict import default_planes, parse_planes
from ._pending import PendingPixels
from ._plane_fits import part_xy0, plane_bbox, plane_header, read_pixels
from ._slicing import LOCAL, PARENT, ImageOrigin
from ._templates import Image, Mask, MaskedImage, MaskPixel, VariancePixel, class_for

if TYPE_CHECKING:
    import numpy.typing as npt

    from lsst.daf.base import PropertyList
    from lsst.portable.typing import FitsSource

    from ._mask import MaskX

__all__ = (
    "ImageFitsReader",
    "MaskFitsReader",
    "MaskedImageFitsReader",
    "open_source",
)

_LOG = logging.getLogger("lsst.afw.image")

#: Pixel types without an image class, and the smallest type with a class that holds them.
_WIDER = {np.dtype(np.uint8): np.uint16, np.dtype(np.int8): np.int32, np.dtype(np.int16): np.int32}


class _WrongPlaneError(FitsError, InvalidParameterError):
    """An HDU contains a different plane; the second base is what the stack raises."""


def open_source(source: FitsSource) -> tuple[FitsReader, int | None]:
    """Return a reader of a file, and the number of the HDU at which an open file is, if any."""
    if isinstance(source, Fits):
        source.checkCompressedImagePhu()
        return source.reader(), source.getHdu()
    return source if isinstance(source, FitsReader) else FitsReader(source), None


class _PlaneReader:
    """Reader of one plane of a FITS file.

    Parameters
    ----------
    fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
        Name of the file, a file in memory, or an open `lsst.portable.fits.FitsReader`.
    hdu : `int`, optional
        Number of the HDU; by default the first with pixels.
    """

    @also_called("fileName", "manager")
    def __init__(self, fileName: FitsSource, hdu: int | None = None) -> None:
        self._reader, current = open_source(fileName)
        if current is not None:
            hdu = current
        self._hdu = default_hdu(self._reader) if hdu is None or hdu == DEFAULT_HDU else hdu
        self._reader.hdu(self._hdu)  # raises if there is none
        self._bbox: Box2I | None = None
        self._header: PropertyList | None = None

    def getFileName(self) -> str:
        """Return the name of the file."""
        return self._reader.name

    fileName = property(getFileName, doc="Name of the file.")

    def getHdu(self) -> int:
        """Return the number of the HDU."""
        return self._hdu

    hdu = property(getHdu, doc="Number of the HDU.")

    def readBBox(self, origin: ImageOrigin = PARENT) -> Box2I:
        """Return the box of the image, without reading its pixels.

        Parameters
        ----------
        origin : `ImageOrigin`, optional
            `PARENT` to start at ``xy0``, `LOCAL` at zero.
        """
        if self._bbox is None:
            self._bbox = plane_bbox(self._reader, self._hdu)
        return Box2I(Point2I(0, 0), self._bbox.getDimensions()) if origin is LOCAL else Box2I(self._bbox)

    def readXY0(self, bbox: Box2I | None = None, origin: ImageOrigin = PARENT) -> Point2I:
        """Return the position of the first pixel of a part of the image.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Box of the part; everything if omitted or empty.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        """
        return part_xy0(self.readBBox(), bbox, origin)

    def readDType(self) -> np.dtype:
        """Return the type of the pixels in the file."""
        return np.dtype(self._reader.image_dtype(self._hdu))

    def readMetadata(self) -> PropertyList:
        """Return the header with inherited cards, but without those that describe array and origin."""
        if self._header is None:
            self._header = plane_header(self._reader, self._hdu)
        return self._header

    def readArray(
        self,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        allowUnsafe: bool = False,
        dtype: npt.DTypeLike | None = None,
    ) -> np.ndarray:
        """Read pixels.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Box to read; everything if omitted or empty.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        allowUnsafe : `bool`, optional
            Whether values may be lost in the conversion to ``dtype``.
        dtype : `numpy.dtype` or `type`, optional
            Type of the result; by default that of the file.

        Returns
        -------
        array : `numpy.ndarray`
            The pixels, shape ``(ny, nx)``.

        Raises
        ------
        lsst.afw.fits.FitsTypeError
            Raised if the type cannot hold the pixels of the file.
        lsst.pex.exceptions.LengthError
            Raised if ``bbox`` reaches outside the image.
        """
        wanted = self._checked_dtype(allowUnsafe, dtype)
        array = read_pixels(self._reader, self._hdu, self.readBBox(), bbox, origin, wanted)
        return array.astype(wanted, copy=False)

    def _checked_dtype(self, allowUnsafe: bool, dtype: npt.DTypeLike | None) -> np.dtype:
        """Return the type for reading pixels, which must hold those of the file unless ``allowUnsafe``."""
        stored = self.readDType()
        wanted = stored if dtype is None else np.dtype(dtype)
        if not (allowUnsafe or wanted.kind == "f" or np.can_cast(stored, wanted, "safe")):
            raise FitsTypeError(
                f"HDU {self._hdu} of {self.fileName} holds {stored.name}, which does not fit into "
                f"{wanted.name}; allowUnsafe=True reads it all the same"
            )
        return wanted


class ImageFitsReader(_PlaneReader):
    """Reader of an image in a FITS file.

    Parameters
    ----------
    fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
        Name of the file, a file in memory, or an open `lsst.portable.fits.FitsReader`.
    hdu : `int`, optional
        Number of the HDU; by default the first with pixels.
    """

    def read(
        self,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        allowUnsafe: bool = False,
        dtype: npt.DTypeLike | None = None,
    ) -> Any:
        """Read the image, or a part of it.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Box to read; everything if omitted or empty.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        allowUnsafe : `bool`, optional
            Whether values may be lost in the conversion to ``dtype``.
        dtype : `numpy.dtype` or `type`, optional
            Type of the pixels; by default that of the file, or the next larger one that an image can have.

        Returns
        -------
        image : `lsst.afw.image.Image`
            The image.
        """
        cls = class_for(Image, self._default_type() if dtype is None else dtype)
        array = self.readArray(bbox, origin, allowUnsafe, cls.dtype)
        return cls(array, xy0=self.readXY0(bbox, origin))

    def read_later(self, allowUnsafe: bool = False, dtype: npt.DTypeLike | None = None) -> Any:
        """Return the image, but decompress its pixels only on first use.

        The file may be deleted or replaced afterwards; if it is large, it must not be modified in place.
        Uncompressed pixels are read at once, because a copy of the file contents would be no smaller.

        Parameters
        ----------
        allowUnsafe : `bool`, optional
            Whether values may be lost in the conversion to ``dtype``.
        dtype : `numpy.dtype` or `type`, optional
            Type of the pixels, as for `read`.

        Raises
        ------
        lsst.afw.fits.FitsError
            Raised if the file is truncated. Damage inside a tile, or a change of the file, is noticed only
            when the pixels are first used.
        """
        if not self._reader.hdu(self._hdu).is_compressed:
            return self.read(allowUnsafe=allowUnsafe, dtype=dtype)
        cls = class_for(Image, self._default_type() if dtype is None else dtype)
        wanted = self._checked_dtype(allowUnsafe, cls.dtype)
        image = self._reader.read_image_later(self._hdu)
        pending = PendingPixels(image.shape, lambda: image.read(wanted).astype(wanted, copy=False))
        return cls._from_pending(pending, self.readXY0())

    def _default_type(self) -> npt.DTypeLike:
        stored = self.readDType()
        return _WIDER.get(stored, stored)


def _parse_planes(header: PropertyList, where: str) -> dict[str, int]:
    """Return the mask planes defined by a header, each of which must be a bit of a pixel."""
    try:
        planes = parse_planes(header)
    except (PexException, TypeError, ValueError, OverflowError) as exc:
        raise FitsError(f"{where}: the cards of the mask planes make no sense: {exc}") from exc
    bits = np.dtype(MaskPixel).itemsize * 8
    for name, bit in planes.items():
        if not 0 <= bit < bits:
            raise FitsError(f"{where}: mask plane {name} is bit {bit}; pixels have {bits}")
    return planes


class MaskFitsReader(_PlaneReader):
    """Reader of a mask in a FITS file.

    Parameters
    ----------
    fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
        Name of the file, a file in memory, or an open `lsst.portable.fits.FitsReader`.
    hdu : `int`, optional
        Number of the HDU; by default the first with pixels.
    """

    def readMaskPlanes(self) -> dict[str, int]:
        """Return the mask planes defined by the file, as bits by name."""
        return _parse_planes(self.readMetadata(), self._reader.hdu(self._hdu).name)

    def read(
        self,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        conformMasks: bool = False,
        allowUnsafe: bool = False,
        dtype: npt.DTypeLike | None = None,
    ) -> MaskX:
        """Read the mask, or a part of it.

        Bits are moved to match the default planes of this process; missing planes are added.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Box to read; everything if omitted or empty.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        conformMasks : `bool`, optional
            Whether to make the planes of the file the default rather than move bits.
        allowUnsafe : `bool`, optional
            Whether bits may be lost in the conversion to ``dtype``.
        dtype : `numpy.dtype` or `type`, optional
            Type of the pixels; must be `MaskPixel`.

        Returns
        -------
        mask : `lsst.afw.image.Mask`
            The mask.
        """
        cls = class_for(Mask, MaskPixel if dtype is None else dtype)
        array = self.readArray(bbox, origin, allowUnsafe, cls.dtype)
        mask = cls(array, xy0=self.readXY0(bbox, origin))
        planes = self.readMaskPlanes()
        if planes and planes != default_planes().planes:
            if conformMasks:
                mask.adopt_planes(planes)
            else:
                mask.conformMaskPlanes(planes)
        return mask


class MaskedImageFitsReader:
    """Reader of a masked image in a FITS file.

    Parameters
    ----------
    fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
        Name of the file, a file in memory, or an open `lsst.portable.fits.FitsReader`.
    hdu : `int`, optional
        Number of the image's HDU; by default the first with pixels. Mask and variance follow it.
    """

    @also_called("fileName", "manager")
    def __init__(self, fileName: FitsSource, hdu: int | None = None) -> None:
        self._reader, current = open_source(fileName)
        self._image_reader = ImageFitsReader(self._reader, hdu if current is None else current)

    def getFileName(self) -> str:
        """Return the name of the file."""
        return self._reader.name

    fileName = property(getFileName, doc="Name of the file.")

    def _mask_reader(self) -> MaskFitsReader:
        return MaskFitsReader(self._reader, self._plane_hdu("MASK", 1))

    def _variance_reader(self) -> ImageFitsReader:
        return ImageFitsReader(self._reader, self._plane_hdu("VARIANCE", 2))

    def _plane_hdu(self, plane: str, after_image: int) -> int:
        """Return the number of the HDU of a plane, which must not have another name."""
        number = self._image_reader.hdu + after_image
        if number < len(self._reader):
            self._check_plane(number, plane)
        return number

    def _check_plane(self, number: int, plane: str) -> None:
        """Reject an HDU whose type or name says that it is something else."""
        self._check_type(number, plane)
        hdu = self._reader.hdu(number)
        name = str(hdu.get("EXTNAME") or "").strip()
        if hdu.get("EXTTYPE") is None and name.upper() not in ("", plane):
            raise _WrongPlaneError(
                f"HDU {number} of {self.fileName} is {name!r} by EXTNAME, expected {plane!r}; images of "
                "single HDUs are read with ImageF(fileName, hdu)"
            )

    def readBBox(self, origin: ImageOrigin = PARENT) -> Box2I:
        """Return the box of the image, without reading its pixels.

        Parameters
        ----------
        origin : `ImageOrigin`, optional
            `PARENT` to start at ``xy0``, `LOCAL` at zero.
        """
        return self._image_reader.readBBox(origin)

    def readXY0(self, bbox: Box2I | None = None, origin: ImageOrigin = PARENT) -> Point2I:
        """Return the position of the first pixel of a part of the image.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Which part; default or empty: all.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        """
        return self._image_reader.readXY0(bbox, origin)

    def readImageDType(self) -> np.dtype:
        """Return the type of the image's pixels in the file."""
        return self._image_reader.readDType()

    def readMaskDType(self) -> np.dtype:
        """Return the type of the mask's pixels in the file."""
        return self._mask_reader().readDType()

    def readVarianceDType(self) -> np.dtype:
        """Return the type of the variance's pixels in the file."""
        return self._variance_reader().readDType()

    def readPrimaryMetadata(self) -> PropertyList:
        """Return the primary header."""
        return self._reader.header(0)

    def readImageMetadata(self) -> PropertyList:
        """Return the header of the image."""
        return self._checked_header(self._image_reader, "IMAGE")

    def readMaskMetadata(self) -> PropertyList:
        """Return the header of the mask."""
        return self._checked_header(self._mask_reader(), "MASK")

    def readVarianceMetadata(self) -> PropertyList:
        """Return the header of the variance."""
        return self._checked_header(self._variance_reader(), "VARIANCE")

    def _checked_header(self, reader: _PlaneReader, expected: str) -> PropertyList:
        """Return the header of a plane, after checking its type."""
        self._check_type(reader.hdu, expected)
        header = reader.readMetadata()
        if header.exists("EXTTYPE"):
            header.remove("EXTTYPE")
        return header

    def _check_type(self, number: int, expected: str) -> None:
        """Reject an HDU whose EXTTYPE card says that it is another plane."""
        found = str(self._reader.hdu(number).get("EXTTYPE") or "").strip()
        if found not in ("", expected):
            raise _WrongPlaneError(
                f"HDU {number} of {self.fileName} is {found!r} by EXTTYPE, expected {expected!r}"
            )

    def readImage(
        self,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        allowUnsafe: bool = False,
        dtype: npt.DTypeLike | None = None,
    ) -> Any:
        """Read the image; see `ImageFitsReader.read`."""
        return self._image_reader.read(bbox, origin, allowUnsafe, dtype)

    def readImageArray(
        self,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        allowUnsafe: bool = False,
        dtype: npt.DTypeLike | None = None,
    ) -> np.ndarray:
        """Read the pixels of the image; see `ImageFitsReader.readArray`."""
        return self._image_reader.readArray(bbox, origin, allowUnsafe, dtype)

    def readMask(
        self,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        conformMasks: bool = False,
        allowUnsafe: bool = False,
        dtype: npt.DTypeLike | None = None,
    ) -> MaskX:
        """Read the mask; see `MaskFitsReader.read`."""
        return self._mask_reader().read(bbox, origin, conformMasks, allowUnsafe, dtype)

    def readMaskArray(
        self,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        allowUnsafe: bool = False,
        dtype: npt.DTypeLike | None = None,
    ) -> np.ndarray:
        """Read the pixels of the mask as they are in the file; see `MaskFitsReader.readArray`."""
        return self._mask_reader().readArray(bbox, origin, allowUnsafe, dtype)

    def readVariance(
        self,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        allowUnsafe: bool = False,
        dtype: npt.DTypeLike | None = None,
    ) -> Any:
        """Read the variance; see `ImageFitsReader.read`.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Box to read; everything if omitted or empty.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        allowUnsafe : `bool`, optional
            Whether values may be lost in the conversion to ``dtype``.
        dtype : `numpy.dtype` or `type`, optional
            Type of the pixels; `VariancePixel` by default.
        """
        return self._variance_reader().read(
            bbox, origin, allowUnsafe, VariancePixel if dtype is None else dtype
        )

    def readVarianceArray(
        self,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        allowUnsafe: bool = False,
        dtype: npt.DTypeLike | None = None,
    ) -> np.ndarray:
        """Read the pixels of the variance; see `ImageFitsReader.readArray`."""
        return self._variance_reader().readArray(bbox, origin, allowUnsafe, dtype)

    def read(
        self,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        conformMasks: bool = False,
        needAllHdus: bool = False,
        allowUnsafe: bool = False,
        dtype: npt.DTypeLike | None = None,
    ) -> Any:
        """Read the masked image, or a part of it.

        A variance that is read completely stays compressed until first use, in memory or, if large, in the
        file, which may be deleted or replaced but not modified in place until then.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Box to read; everything if omitted or empty.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        conformMasks : `bool`, optional
            Whether to make the mask planes of the file the default in this process.
        needAllHdus : `bool`, optional
            Whether a missing mask or variance is an error; otherwise it is zero, with a warning. A damaged
            one is always an error, though for the variance perhaps only on first use.
        allowUnsafe : `bool`, optional
            Whether values may be lost in the conversion to ``dtype``.
        dtype : `numpy.dtype` or `type`, optional
            Pixel type of the image; by default that of the file.

        Returns
        -------
        masked_image : `lsst.afw.image.MaskedImage`
            The masked image.

        Raises
        ------
        lsst.afw.fits.FitsError
            Raised if a plane cannot be read.
        """
        image_hdu = self._image_reader.hdu
        if needAllHdus and image_hdu > 1:
            raise FitsError(
                "mask and variance are read beside an image in HDU 1 only, "
                f"not {image_hdu}, of {self.fileName}"
            )
        image = self.readImage(bbox, origin, allowUnsafe, dtype)
        mask, variance = None, None
        if image_hdu == 1:
            if self._has_plane("mask", 2, needAllHdus):
                mask = self.readMask(bbox, origin, conformMasks, allowUnsafe)
            if self._has_plane("variance", 3, needAllHdus):
                if bbox is None or bbox.isEmpty():
                    variance = self._variance_reader().read_later(allowUnsafe, VariancePixel)
                else:
                    variance = self.readVariance(bbox, origin, allowUnsafe)
        try:
            return class_for(MaskedImage, image.dtype)(image, mask, variance)
        except LengthError as exc:
            raise FitsError(f"{self.fileName}: the planes are not of one size: {exc}") from exc

    def _has_plane(self, plane: str, hdu: int, needed: bool) -> bool:
        """Return whether there is an image in an HDU; a damaged one is an error only when it is read."""
        if hdu < len(self._reader) and (
            self._reader.hdu(hdu).is_compressed or not self._reader.hdu(hdu).is_table
        ):
            try:
                self._check_plane(hdu, plane.upper())
            except _WrongPlaneError as exc:
                message = str(exc)
            else:
                if self._reader.hdu(hdu).image_shape() != ():
                    return True
                if not needed:
                    return False  # an image without axes stands for zeros
                message = f"HDU {hdu} of {self.fileName} has no pixels"
        else:
            message = f"there is no image in HDU {hdu} of {self.fileName}"
        if needed:
            raise FitsError(f"The {plane} cannot be read: {message}")
        _LOG.warning("The %s is set to zero: %s", plane, message)
        return False
