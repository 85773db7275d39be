# SPDX-License-Identifier: GPL-3.0-or-later
"""Planes of images in FITS files: reading and writing of planes, images and masked images.

One plane is one HDU. The position of its first pixel in the parent image is a linear WCS named ``A``:
``CRPIXnA`` is 1 and ``CRVALnA`` holds x0 and y0. The planes of a mask are cards ``MP_<name>`` with their
bits. A masked image is an empty primary HDU followed by HDUs named ``IMAGE``, ``MASK`` and ``VARIANCE``. HDU
numbers are zero-based.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.afw.fits import Fits
from lsst.daf.base import PropertyList, PropertySet
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import Exception as PexException
from lsst.pex.exceptions import LengthError
from lsst.portable.fits import CompressionOptions, FitsError, FitsReader, FitsWriter, merge_inherited

from ._mask_dict import plane_cards
from ._slicing import PARENT, ImageOrigin

if TYPE_CHECKING:
    from lsst.portable.typing import FitsTarget

    from ._image_base import ImageBase
    from ._mask import MaskX
    from ._maskedImage import _MaskedImageBase

__all__ = (
    "add_metadata",
    "inherits",
    "open_target",
    "part_xy0",
    "plane_bbox",
    "plane_header",
    "plane_xy0",
    "read_pixels",
    "write_masked_image",
    "write_plane",
    "write_single",
)

#: Cards of the linear WCS that hold the origin.
_XY0_CARDS = ("CRPIX1A", "CRPIX2A", "CRVAL1A", "CRVAL2A")

# ---- one plane


def plane_xy0(get: Callable[[str], Any]) -> Point2I:
    """Return the position of the first pixel given by header cards; the origin if they give none.

    Parameters
    ----------
    get : `collections.abc.Callable`
        Returns the value of a card by name, or `None`.
    """
    cards = [get(name) for name in _XY0_CARDS]
    if any(value is None for value in cards) or (float(cards[0]), float(cards[1])) != (1.0, 1.0):
        return Point2I(0, 0)
    return Point2I(math.floor(float(cards[2]) + 0.5), math.floor(float(cards[3]) + 0.5))


def read_pixels(
    reader: FitsReader,
    hdu: int,
    full: Box2I,
    bbox: Box2I | None,
    origin: ImageOrigin,
    wanted: np.dtype | None = None,
) -> np.ndarray:
    """Read the pixels of a part of a plane.

    Parameters
    ----------
    reader : `lsst.portable.fits.FitsReader`
        The open file.
    hdu : `int`
        Number of the HDU.
    full : `lsst.geom.Box2I`
        Box of the plane.
    bbox : `lsst.geom.Box2I` or `None`
        Box to read; everything if `None` or empty.
    origin : `ImageOrigin`
        Coordinates of ``bbox``.
    wanted : `numpy.dtype`, optional
        Type for which they are read; see `lsst.portable.fits.FitsReader.read_image`.

    Returns
    -------
    array : `numpy.ndarray`
        The pixels, shape ``(ny, nx)``, in their type in the file.

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if ``bbox`` reaches outside the plane.
    """
    if bbox is None or bbox.isEmpty():
        return reader.read_image(hdu, wanted=wanted)
    part = bbox if origin is PARENT else bbox.shiftedBy(Extent2I(full.getMin()))
    if not full.contains(part):
        raise LengthError(f"{part} does not fit in {full}, the image in HDU {hdu} of {reader.name}")
    x, y = part.getMin() - full.getMin()
    rows, columns = slice(y, y + part.getHeight()), slice(x, x + part.getWidth())
    return reader.read_image(hdu, rows, columns, wanted)


def plane_bbox(reader: FitsReader, hdu: int) -> Box2I:
    """Return the box of a plane in its parent image, without reading its pixels.

    Parameters
    ----------
    reader : `lsst.portable.fits.FitsReader`
        The open file.
    hdu : `int`
        Number of the HDU.

    Raises
    ------
    lsst.afw.fits.FitsError
        Raised if size or position are not possible for a box.
    """
    ny, nx = reader.image_shape(hdu)
    try:
        return Box2I(plane_xy0(reader.hdu(hdu).get), Extent2I(int(nx), int(ny)))
    except (PexException, TypeError, ValueError, OverflowError) as exc:
        raise FitsError(f"{reader.hdu(hdu).name}: the image cannot be placed: {exc}") from exc


def plane_header(reader: FitsReader, hdu: int) -> PropertyList:
    """Return the header of a plane, including inherited cards.

    Parameters
    ----------
    reader : `lsst.portable.fits.FitsReader`
        The open file.
    hdu : `int`
        Number of the HDU.

    Returns
    -------
    header : `lsst.daf.base.PropertyList`
        Header without the cards that describe array and origin. The card INHERIT is removed; if it is true,
        the cards of the primary HDU come first, overridden by those of the plane.
    """
    header = reader.header(hdu)
    if hdu == 0 or not header.exists("INHERIT"):
        return header
    inherited = reader.header(0) if inherits(header) else PropertyList()
    header.remove("INHERIT")
    return merge_inherited(inherited, header)


def inherits(header: PropertyList) -> bool:
    """Return whether an HDU inherits the cards of the primary HDU.

    Parameters
    ----------
    header : `lsst.daf.base.PropertyList`
        Its header.
    """
    return header.exists("INHERIT") and header.getScalar("INHERIT") in (True, "T")


def part_xy0(full: Box2I, bbox: Box2I | None, origin: ImageOrigin) -> Point2I:
    """Return the position of the first pixel of a part of a plane.

    Parameters
    ----------
    full : `lsst.geom.Box2I`
        Box of the plane.
    bbox : `lsst.geom.Box2I` or `None`
        Box of the part; everything if `None` or empty.
    origin : `ImageOrigin`
        Coordinates of ``bbox``.
    """
    if bbox is None or bbox.isEmpty():
        return full.getMin()
    return bbox.getMin() if origin is PARENT else full.getMin() + Extent2I(bbox.getMin())


def _origin_cards(xy0: Point2I) -> Iterator[tuple[str, Any, str]]:
    """Yield the cards of the linear WCS that stores the origin: name, value, comment."""
    axes = (("1A", "Column", xy0[0]), ("2A", "Row", xy0[1]))
    yield from (("CTYPE" + axis, "LINEAR", "Type of projection") for axis, _, _ in axes)
    yield from (("CRPIX" + axis, 1.0, f"{name} Pixel Coordinate of Reference") for axis, name, _ in axes)
    yield from (("CRVAL" + axis, float(x0), f"{name} pixel of Reference Pixel") for axis, name, x0 in axes)
    yield from (("CUNIT" + axis, "PIXEL", f"{name} unit") for axis, name, _ in axes)


def write_plane(
    writer: FitsWriter,
    array: np.ndarray,
    xy0: Point2I,
    *,
    exttype: str | None = None,
    metadata: PropertySet | None = None,
    compression: CompressionOptions | None = None,
    mask: MaskX | None = None,
    planes: Mapping[str, int] | None = None,
) -> None:
    """Write one plane as the next HDU.

    Parameters
    ----------
    writer : `lsst.portable.fits.FitsWriter`
        The open file.
    array : `numpy.ndarray`
        The pixels, shape ``(ny, nx)``.
    xy0 : `lsst.geom.Point2I`
        Position of the first pixel in the parent image.
    exttype : `str`, optional
        Name of the extension (``IMAGE``, ``MASK``, ``VARIANCE``); `None` for a plain image.
    metadata : `lsst.daf.base.PropertySet`, optional
        Header cards that come first.
    compression : `lsst.afw.fits.CompressionOptions`, optional
        Compression; none by default.
    mask : `MaskX` or `numpy.ndarray`, optional
        Mask of the image, or an array of shape ``(ny, nx)`` that is true for pixels that lossy compression
        excludes from its noise estimate.
    planes : `collections.abc.Mapping` [`str`, `int`], optional
        Mask planes, as bits by name.
    """
    header = PropertyList()
    add_metadata(header, metadata)
    if exttype is not None:
        header.set("INHERIT", True)
        header.set("EXTTYPE", exttype)
        header.set("EXTNAME", exttype)
    for name, bit in plane_cards(planes or {}).items():
        header.set(name, bit)
    for name, value, comment in _origin_cards(xy0):
        header.set(name, value, comment)
    writer.write_image(array, header, compression=compression, mask=mask)


def add_metadata(target: PropertySet | None, cards: PropertySet | None) -> None:
    """Add header cards to a header, replacing those of the same name.

    Parameters
    ----------
    target : `lsst.daf.base.PropertySet` or `None`
        Header to modify, if any.
    cards : `lsst.daf.base.PropertySet` or `None`
        Cards to add, if any.
    """
    if cards is not None and not isinstance(cards, PropertySet):
        raise TypeError(f"header cards are a PropertySet or PropertyList, got {type(cards).__name__}")
    if target is not None and cards is not None:
        names = cards.getOrderedNames() if isinstance(cards, PropertyList) else cards.names(False)
        for name in names:
            target.copy(name, cards, name)


# ---- writing


@contextlib.contextmanager
def open_target(target: FitsTarget, mode: str = "w") -> Iterator[FitsWriter]:
    """Return a context manager of the writer of a file, which is written at its end unless it was open.

    Parameters
    ----------
    target : `str`, `os.PathLike`, `lsst.afw.fits.MemFileManager` or `lsst.afw.fits.Fits`
        Name of the file, a file in memory, or an open file.
    mode : `str`, optional
        ``w`` to create a file, ``a`` to append to it.
    """
    if isinstance(target, Fits):
        yield target.writer()
    elif isinstance(target, FitsWriter):
        yield target
    else:
        with FitsWriter(target, mode) as writer:
            yield writer


def write_single(
    target: FitsTarget,
    image: ImageBase,
    metadata: PropertySet | CompressionOptions | None,
    mode: str,
    *,
    options: CompressionOptions | None = None,
    header: PropertySet | None = None,
    mask: MaskX | None = None,
    planes: Mapping[str, int] | None = None,
) -> None:
    """Write one image or mask.

    Parameters
    ----------
    target : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
        Name of the file, a file in memory, or an open `lsst.portable.fits.FitsWriter`.
    image : `lsst.afw.image.Image`
        The image or mask.
    metadata : `lsst.daf.base.PropertySet`, `lsst.afw.fits.CompressionOptions` or `None`
        Header cards, or the compression.
    mode : `str`
        ``w`` to create a file, ``a`` to append an HDU.
    options : `lsst.afw.fits.CompressionOptions`, optional
        Compression; none by default.
    header : `lsst.daf.base.PropertySet`, optional
        Header cards, if ``metadata`` is the compression or absent.
    mask : `MaskX`, optional
        Mask of the image.
    planes : `collections.abc.Mapping` [`str`, `int`], optional
        Mask planes of a mask, as bits by name.
    """
    if isinstance(metadata, CompressionOptions):
        options, metadata = metadata, None
    with open_target(target, mode) as writer:
        write_plane(
            writer,
            image.array,
            image.getXY0(),
            metadata=header if metadata is None else metadata,
            compression=options,
            mask=mask,
            planes=planes,
        )


def write_masked_image(
    target: FitsTarget,
    masked_image: _MaskedImageBase,
    metadata: PropertySet | None = None,
    plane_metadata: tuple[PropertySet | None, ...] = (None, None, None),
    plane_options: tuple[CompressionOptions | None, ...] = (None, None, None),
) -> None:
    """Write a masked image: an empty HDU with its metadata, then its planes.

    Parameters
    ----------
    target : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
        Name of the file, a file in memory, or an open `lsst.portable.fits.FitsWriter`.
    masked_image : `lsst.afw.image.MaskedImage`
        The masked image.
    metadata : `lsst.daf.base.PropertySet`, optional
        Cards of the primary header.
    plane_metadata : `tuple` [`lsst.daf.base.PropertySet` or `None`, ...], optional
        Cards of the headers of image, mask and variance.
    plane_options : `tuple` [`lsst.afw.fits.CompressionOptions` or `None`, ...], optional
        Compression of image, mask and variance.
    """
    primary = PropertyList()
    add_metadata(primary, metadata)
    mask = masked_image.mask
    planes = (("IMAGE", masked_image.image), ("MASK", mask), ("VARIANCE", masked_image.variance))
    with open_target(target) as writer:
        writer.write_image(None, primary)
        for (name, plane), cards, options in zip(planes, plane_metadata, plane_options, strict=True):
            write_plane(
                writer,
                plane.array,
                plane.getXY0(),
                exttype=name,
                metadata=cards,
                compression=options,
                mask=None if plane is mask else mask,
                planes=mask.getMaskPlaneDict() if plane is mask else None,
            )
