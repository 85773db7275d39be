# SPDX-License-Identifier: GPL-3.0-or-later
"""Exposures: a masked image with its metadata.

The name of this module is part of the file format: pickles of exposures refer to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, SupportsIndex, overload

import numpy as np

from lsst.geom import Box2I, Extent2I, Point2I, SpherePoint
from lsst.pex.exceptions import LogicError
from lsst.portable.archive import reduceToFits
from lsst.portable.arguments import also_called

from ._cutout import cut_out, cutout_box
from ._exposure_components import ExposureComponents
from ._exposure_fits import ExposureFitsReader, write_exposure
from ._exposure_info import ExposureInfo
from ._grid import ImageGrid
from ._image_base import first_argument, height_argument, is_fits_source
from ._maskedImage import (
    MaskedImageD,
    MaskedImageF,
    MaskedImageI,
    MaskedImageL,
    MaskedImageU,
)
from ._slicing import PARENT, ImageOrigin, Sliceable, interpret_index
from ._templates import Exposure, MaskedImage, class_for

if TYPE_CHECKING:
    from lsst.afw.geom import SkyWcs
    from lsst.geom import Point2D
    from lsst.portable.fits import CompressionOptions
    from lsst.portable.typing import AnyExposure, FitsSource, FitsTarget

    from ._image import ImageD, ImageF, _NumberImage
    from ._mask import MaskX
    from ._maskedImage import _MaskedImageBase

__all__ = ("Exposure", "ExposureD", "ExposureF", "ExposureI", "ExposureL", "ExposureU", "makeExposure")


class _ExposureBase(ExposureComponents, ImageGrid, Sliceable):
    """A masked image with its metadata.

    Parameters
    ----------
    *args, **kwargs
        One of the forms

        - ``width, height, wcs=None``
        - ``dimensions, wcs=None``: an `lsst.geom.Extent2I`
        - ``bbox, wcs=None``: an `lsst.geom.Box2I`
        - ``maskedImage, wcs=None`` or ``maskedImage, exposureInfo``: shares the pixels
        - ``other, deep=False``: another exposure
        - ``other, bbox, origin=PARENT, deep=False``: a part of another exposure
        - ``fileName, bbox=Box2I(), origin=PARENT, conformMasks=False, allowUnsafe=False``: a FITS file

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if ``bbox`` reaches outside ``other``.
    TypeError
        Raised if the arguments fit none of the forms.

    Notes
    -----
    A copy has its own `ExposureInfo`: setting a component of the copy does not change the original. It shares
    pixels and header cards with the original unless ``deep`` is true.
    """

    _masked_image_type: ClassVar[Any]

    _maskedImage: _MaskedImageBase
    _info: ExposureInfo

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for name in ("maskedImage", "other", "exposure"):
            if name in kwargs and not args:
                args = (kwargs.pop(name),)
        first, rest = first_argument(args, kwargs)
        if isinstance(first, _ExposureBase):
            if "bbox" in kwargs or (rest and isinstance(rest[0], Box2I)):
                self._from_part(first, *rest, **kwargs)
            else:
                self._from_exposure(first, *rest, **kwargs)
        elif isinstance(first, MaskedImage):
            self._from_masked_image(first, *rest, **kwargs)
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
                "height, an Extent2I, a Box2I, a masked image, an exposure or the name of a FITS file"
            )

    # ---- construction

    def _allocate(self, grid: Box2I | Extent2I, wcs: SkyWcs | None = None) -> None:
        self._maskedImage = self._masked_image_type(grid)
        self._info = ExposureInfo(wcs=wcs)

    def _from_masked_image(
        self,
        maskedImage: Any,
        wcs: SkyWcs | ExposureInfo | None = None,
        exposureInfo: ExposureInfo | None = None,
    ) -> None:
        if isinstance(wcs, ExposureInfo):
            wcs, exposureInfo = None, wcs
        self._maskedImage = self._masked_image_type(maskedImage, False)
        self._info = ExposureInfo(wcs=wcs) if exposureInfo is None else exposureInfo

    def _from_exposure(self, other: _ExposureBase, deep: bool = False) -> None:
        self._maskedImage = self._masked_image_type(other._maskedImage, deep)
        self._info = ExposureInfo(other=other._info, copyMetadata=deep)

    def _from_part(
        self, other: _ExposureBase, bbox: Box2I, origin: ImageOrigin = PARENT, deep: bool = False
    ) -> None:
        self._maskedImage = self._masked_image_type(other._maskedImage, bbox, origin, deep)
        self._info = ExposureInfo(other=other._info, copyMetadata=deep)

    def _from_file(
        self,
        source: FitsSource,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        conformMasks: bool = False,
        allowUnsafe: bool = False,
    ) -> None:
        dtype = self._masked_image_type._image_type._pixel_type
        with ExposureFitsReader(source) as reader:
            exposure = reader.read(bbox, origin, conformMasks, allowUnsafe, dtype)
        self._maskedImage, self._info = exposure._maskedImage, exposure._info

    # ---- pixels

    def getMaskedImage(self) -> _MaskedImageBase:
        """Return the masked image."""
        return self._maskedImage

    def setMaskedImage(self, maskedImage: _MaskedImageBase) -> None:
        """Replace the masked image and share its pixels.

        Parameters
        ----------
        maskedImage : `lsst.afw.image.MaskedImage`
            The masked image; its box may differ from the current one.

        Raises
        ------
        TypeError
            Raised if its pixels have another type.
        """
        if not isinstance(maskedImage, self._masked_image_type):
            expected = self._masked_image_type.__name__
            raise TypeError(f"maskedImage must be {expected}, got {type(maskedImage).__name__}")
        self._maskedImage = self._masked_image_type(maskedImage, False)

    maskedImage = property(getMaskedImage, setMaskedImage, doc="The masked image.")

    @property
    def image(self) -> _NumberImage:
        """The image."""
        return self._maskedImage.image

    @image.setter
    def image(self, image: _NumberImage) -> None:
        self._maskedImage.image = image

    @property
    def mask(self) -> MaskX:
        """The mask."""
        return self._maskedImage.mask

    @mask.setter
    def mask(self, mask: MaskX) -> None:
        self._maskedImage.mask = mask

    @property
    def variance(self) -> ImageF:
        """The variance."""
        return self._maskedImage.variance

    @variance.setter
    def variance(self, variance: ImageF) -> None:
        self._maskedImage.variance = variance

    def getImage(self) -> _NumberImage:
        """Return the image."""
        return self._maskedImage.image

    def setImage(self, image: _NumberImage) -> None:
        """Replace the image with another of the same size.

        Parameters
        ----------
        image : `lsst.afw.image.Image`
            The new image, whose pixels are shared.
        """
        self._maskedImage.image = image

    def getMask(self) -> MaskX:
        """Return the mask."""
        return self._maskedImage.mask

    def setMask(self, mask: MaskX) -> None:
        """Replace the mask with another of the same size.

        Parameters
        ----------
        mask : `lsst.afw.image.Mask`
            The new mask, whose pixels are shared.
        """
        self._maskedImage.mask = mask

    def getVariance(self) -> ImageF:
        """Return the variance."""
        return self._maskedImage.variance

    def setVariance(self, variance: ImageF) -> None:
        """Replace the variance with another of the same size.

        Parameters
        ----------
        variance : `lsst.afw.image.Image`
            The new variance, whose pixels are shared.
        """
        self._maskedImage.variance = variance

    def subset(self, bbox: Box2I, origin: ImageOrigin = PARENT) -> Self:
        """Return a part that shares pixels and header cards.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`
            Box of the part.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if ``bbox`` reaches outside the exposure.
        """
        if not isinstance(bbox, Box2I):
            raise TypeError(f"a part of an exposure is given by a Box2I, got {type(bbox).__name__}")
        return type(self)(self, bbox, origin, False)

    def _get(self, point: Point2I, origin: ImageOrigin) -> tuple[float, int, float]:
        return self._maskedImage._get(point, origin)

    def _set(self, point: Point2I, value: tuple[float, int, float], origin: ImageOrigin) -> None:
        self._maskedImage._set(point, value, origin)

    def __setitem__(self, key: object, value: Any) -> None:
        box, point, origin = interpret_index(key, self.getBBox)
        if point is None:
            raise TypeError(f"the part {box} of an exposure is not assigned to: assign to its maskedImage")
        self._set(point, value, origin)

    @also_called("center", "box")
    def getCutout(self, center: SpherePoint | Point2D | Box2I, size: Extent2I | None = None) -> Self:
        """Return a copy of a small part, which may extend beyond the edges.

        Parameters
        ----------
        center : `lsst.geom.Point2D`, `lsst.geom.Point2I` or `lsst.geom.Box2I`
            Centre of the cutout in the coordinates of the parent image, or its box.
        size : `lsst.geom.Extent2I`, optional
            Width and height, required with a centre.

        Returns
        -------
        cutout : same type as this object
            Pixels beyond the edges are NaN (zero in integer images) with the mask plane NO_DATA.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the centre is outside the exposure or the size is not positive.
        lsst.pex.exceptions.LogicError
            Raised for a position on the sky if there is no WCS.
        NotImplementedError
            Raised for a position on the sky otherwise: a WCS is not evaluated here.
        """
        if isinstance(center, SpherePoint):
            if not self.hasWcs():
                raise LogicError("a cutout around a position on the sky needs a WCS; there is none")
            raise NotImplementedError(
                "a WCS is kept through files but not evaluated; give the centre of the cutout in pixels"
            )
        box = cutout_box(self.getBBox(), center, size)
        info = ExposureInfo(other=self._info, copyMetadata=True)
        return type(self)(cut_out(self._maskedImage, box), info)

    # ---- grid

    def setXY0(self, *xy0: Point2I | SupportsIndex, **named: Any) -> None:
        """Move the exposure to another position in its parent.

        The WCS and all other components stay as they are.

        Parameters
        ----------
        *xy0, **named : `object`
            Position of the first pixel: an `lsst.geom.Point2I`, or ``x0, y0``.
        """
        self._maskedImage.setXY0(*xy0, **named)

    # ---- conversion and files

    def convertF(self) -> ExposureF:
        """Return a copy whose image has float32 pixels."""
        return ExposureF(self, True)

    def convertD(self) -> ExposureD:
        """Return a copy whose image has float64 pixels."""
        return ExposureD(self, True)

    @classmethod
    @also_called("fileName", "filename", "manager")
    def readFits(cls, fileName: FitsSource) -> Self:
        """Read an exposure from a FITS file.

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
        *,
        imageOptions: CompressionOptions | None = None,
        maskOptions: CompressionOptions | None = None,
        varianceOptions: CompressionOptions | None = None,
    ) -> None:
        """Write to a FITS file.

        The file has an empty primary HDU with the header, then IMAGE, MASK and VARIANCE, then the archive of
        the components.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Name of the file, a file in memory, or an open `lsst.portable.fits.FitsWriter`.
        imageOptions, maskOptions, varianceOptions : `lsst.afw.fits.CompressionOptions`, optional
            Compression of each plane; none by default.
        """
        write_exposure(fileName, self, (imageOptions, maskOptions, varianceOptions))

    def __reduce__(self) -> tuple[object, ...]:
        return reduceToFits(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(bbox={self.getBBox()}, {self._info})"


class ExposureF(_ExposureBase):
    """Exposure of float32 pixels."""

    _masked_image_type = MaskedImageF

    if TYPE_CHECKING:  # as above, with this type of pixel
        maskedImage: MaskedImageF
        image: ImageF

        def getMaskedImage(self) -> MaskedImageF: ...
        def getImage(self) -> ImageF: ...


class ExposureD(_ExposureBase):
    """Exposure of float64 pixels."""

    _masked_image_type = MaskedImageD

    if TYPE_CHECKING:  # as above, with this type of pixel
        maskedImage: MaskedImageD
        image: ImageD

        def getMaskedImage(self) -> MaskedImageD: ...
        def getImage(self) -> ImageD: ...


class ExposureI(_ExposureBase):
    """Exposure of int32 pixels."""

    _masked_image_type = MaskedImageI


class ExposureU(_ExposureBase):
    """Exposure of uint16 pixels."""

    _masked_image_type = MaskedImageU


class ExposureL(_ExposureBase):
    """Exposure of uint64 pixels."""

    _masked_image_type = MaskedImageL


for _suffix, _class in {
    "F": ExposureF,
    "D": ExposureD,
    "I": ExposureI,
    "U": ExposureU,
    "L": ExposureL,
}.items():
    Exposure.register(_class._masked_image_type._image_type._pixel_type, _class)
    Exposure.alias(_suffix, _class)


@overload
def makeExposure(maskedImage: MaskedImageF, wcs: SkyWcs | ExposureInfo | None = None) -> ExposureF: ...
@overload
def makeExposure(maskedImage: MaskedImageD, wcs: SkyWcs | ExposureInfo | None = None) -> ExposureD: ...
@overload
def makeExposure(maskedImage: MaskedImageI, wcs: SkyWcs | ExposureInfo | None = None) -> ExposureI: ...
@overload
def makeExposure(maskedImage: MaskedImageU, wcs: SkyWcs | ExposureInfo | None = None) -> ExposureU: ...
@overload
def makeExposure(maskedImage: MaskedImageL, wcs: SkyWcs | ExposureInfo | None = None) -> ExposureL: ...
def makeExposure(maskedImage: Any, wcs: SkyWcs | ExposureInfo | None = None) -> AnyExposure:
    """Make an exposure of the class that matches a masked image, sharing its pixels.

    Parameters
    ----------
    maskedImage : `lsst.afw.image.MaskedImage`
        The masked image.
    wcs : `lsst.afw.geom.SkyWcs`, optional
        A WCS, or the `ExposureInfo` to use.
    """
    if not isinstance(maskedImage, MaskedImage):
        raise TypeError(f"an exposure is made from a masked image, got {type(maskedImage).__name__}")
    return class_for(Exposure, maskedImage.dtype)(maskedImage, wcs)  # type: ignore[attr-defined]
