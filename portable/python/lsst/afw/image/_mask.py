# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks: images whose pixels are sets of named bits."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError
from lsst.pex.exceptions import RuntimeError as PexRuntimeError
from lsst.portable.arguments import also_called

from ._image_base import ImageBase, check_same_size
from ._image_fits import MaskFitsReader
from ._mask_dict import (
    MAX_PLANES,
    MaskDict,
    add_plane,
    default_planes,
    detach_default,
    parse_planes,
    plane_cards,
    plane_names,
    set_default_planes,
)
from ._plane_fits import add_metadata
from ._slicing import PARENT, ImageOrigin
from ._templates import Mask, MaskPixel

if TYPE_CHECKING:
    from lsst.daf.base import PropertySet
    from lsst.portable.fits import CompressionOptions, MemFileManager
    from lsst.portable.typing import FitsSource, FitsTarget

__all__ = ("Mask", "MaskPixel", "MaskX")


def _as_mask_pixel(value: SupportsIndex) -> np.int32:
    """Convert an integer to a mask pixel; bit 31 may be given as ``1 << 31`` or as a negative number."""
    value = operator.index(value)
    if not -(1 << 31) <= value < 1 << 32:
        raise TypeError(f"{value} has bits beyond the {MAX_PLANES} of a mask pixel")
    return np.uint32(value & 0xFFFFFFFF).astype(np.int32)


def _bit_value(bit: int) -> int:
    """Return a pixel value with one bit set, as a signed 32-bit integer."""
    return int(_as_mask_pixel(1 << bit))


class MaskX(ImageBase):
    """Mask of 32 named planes; see `ImageBase` for the forms of the constructor.

    The forms with ``width, height``, ``dimensions`` and ``bbox`` also take ``planeDefs``, the bits by name of
    the mask's own planes; without it, the mask shares the default planes.
    """

    _pixel_type = MaskPixel

    _planes: MaskDict

    # ---- construction

    def _allocate(self, dimensions: Extent2I, xy0: Point2I, *args: Any, **kwargs: Any) -> None:
        planes = kwargs.pop("planeDefs", None)
        if args and isinstance(args[-1], Mapping):
            args, planes = args[:-1], args[-1]
        super()._allocate(dimensions, xy0, *args, **kwargs)
        self._planes = MaskDict(planes) if planes else default_planes()

    def _from_array(self, array: np.ndarray, deep: bool = False, xy0: Point2I | None = None) -> None:
        super()._from_array(array, deep, xy0)
        self._planes = default_planes()

    def _from_image(self, src: ImageBase, deep: bool = False) -> None:
        if not isinstance(src, MaskX):
            raise TypeError(f"a mask cannot be made from {type(src).__name__}")
        super()._from_image(src, deep)
        self._planes = src._planes

    def _from_part(
        self, src: ImageBase, bbox: Box2I, origin: ImageOrigin = PARENT, deep: bool = False
    ) -> None:
        if not isinstance(src, MaskX):
            raise TypeError(f"a mask cannot be a part of {type(src).__name__}")
        super()._from_part(src, bbox, origin, deep)
        self._planes = src._planes

    def _from_file(
        self,
        source: FitsSource,
        hdu: int | None = None,
        metadata: PropertySet | None = None,
        bbox: Box2I | None = None,
        origin: ImageOrigin = PARENT,
        conformMasks: bool = False,
        allowUnsafe: bool = False,
    ) -> None:
        reader = MaskFitsReader(source, hdu)
        add_metadata(metadata, reader.readMetadata())
        self.swap(reader.read(bbox, origin, conformMasks, allowUnsafe, self._pixel_type))

    def _pixel(self, value: SupportsIndex) -> np.int32:
        return _as_mask_pixel(value)

    # ---- bit operators

    def _operand(self, rhs: MaskX | SupportsIndex) -> np.ndarray | np.int32:
        if isinstance(rhs, MaskX):
            if not self._planes.same_planes(rhs._planes):
                raise PexRuntimeError(
                    f"mask plane dictionaries differ: {self._planes.sorted_planes()} and "
                    f"{rhs._planes.sorted_planes()}; use conformMaskPlanes"
                )
            check_same_size(self.array, rhs.array)
            return rhs.array
        return _as_mask_pixel(rhs)

    def __ior__(self, rhs: MaskX | SupportsIndex) -> MaskX:
        pixels = self.array
        pixels |= self._operand(rhs)
        return self

    def __iand__(self, rhs: MaskX | SupportsIndex) -> MaskX:
        pixels = self.array
        pixels &= self._operand(rhs)
        return self

    def __ixor__(self, rhs: MaskX | SupportsIndex) -> MaskX:
        pixels = self.array
        pixels ^= self._operand(rhs)
        return self

    # ---- planes of all masks

    @staticmethod
    def addMaskPlane(name: str) -> int:
        """Add a mask plane to the default, and to every mask in which neither its name nor its bit is taken.

        Parameters
        ----------
        name : `str`
            Name of the plane; an existing plane keeps its bit, and is added to masks that lack it.

        Returns
        -------
        bit : `int`
            Its bit.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if all bits are taken.
        """
        return add_plane(name)

    @staticmethod
    def removeMaskPlane(name: str) -> None:
        """Remove a mask plane from the default; masks in use keep theirs.

        Parameters
        ----------
        name : `str`
            Name of the plane.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no such plane.
        """
        default_planes().bit(name)
        del detach_default().planes[name]

    @staticmethod
    def clearMaskPlaneDict() -> None:
        """Remove all planes from the default dictionary."""
        default_planes().planes.clear()

    @staticmethod
    def getMaskPlane(name: str) -> int:
        """Return the bit of a plane of the default dictionary.

        Parameters
        ----------
        name : `str`
            Name of the plane.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no such plane.
        """
        return default_planes().bit(name)

    @staticmethod
    def getPlaneBitMask(name: str | Sequence[str]) -> int:
        """Return the pixel value with the bits of some planes of the default dictionary set.

        Parameters
        ----------
        name : `str` or `collections.abc.Sequence` [`str`]
            Name of a plane, or several.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no such plane.
        """
        planes = default_planes()
        value = 0
        if not isinstance(name, str | Iterable):
            raise TypeError(f"expected the name of a mask plane, or several, got {name!r}")
        for each in (name,) if isinstance(name, str) else name:
            value |= _bit_value(planes.bit(each))
        return value

    @staticmethod
    def getNumPlanesMax() -> int:
        """Return the maximum number of planes of a mask."""
        return MAX_PLANES

    @staticmethod
    def getNumPlanesUsed() -> int:
        """Return the number of planes in the default dictionary."""
        return len(default_planes().planes)

    @staticmethod
    def interpret(value: int) -> str:
        """Return the names of the planes of the default dictionary that are set in a pixel value.

        Parameters
        ----------
        value : `int`
            Value of a pixel.

        Returns
        -------
        names : `str`
            Names in alphabetical order, separated by commas.
        """
        planes = default_planes().sorted_planes()
        return ",".join(name for name, bit in planes.items() if (int(value) >> bit) & 1)

    @staticmethod
    def parseMaskPlaneMetadata(metadata: PropertySet) -> dict[str, int]:
        """Return the planes defined by header cards ``MP_<name>``, as bits by name.

        Parameters
        ----------
        metadata : `lsst.daf.base.PropertySet`
            A header.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if two planes have the same bit.
        """
        return parse_planes(metadata)

    @staticmethod
    def addMaskPlanesToMetadata(metadata: PropertySet) -> None:
        """Write the planes of the default dictionary to a header, replacing those it has.

        Parameters
        ----------
        metadata : `lsst.daf.base.PropertySet`
            Header, to which a card ``MP_<name>`` is added for every plane. Modified.
        """
        for name in plane_names(metadata):
            metadata.remove(name)
        for name, bit in plane_cards(default_planes().planes).items():
            metadata.set(name, bit)

    # ---- planes of this mask

    def getMaskPlaneDict(self) -> dict[str, int]:
        """Return the bits of the planes of this mask by name, in alphabetical order."""
        return self._planes.sorted_planes()

    def printMaskPlanes(self) -> None:
        """Print the planes of this mask."""
        for name, bit in self.getMaskPlaneDict().items():
            print(f"Plane {bit} -> {name}")

    def removeAndClearMaskPlane(self, name: str, removeFromDefault: bool = False) -> None:
        """Clear a plane in this mask and remove it from the mask's planes.

        The mask gets its own planes, unless it shares the default ones and the plane is removed there, too.

        Parameters
        ----------
        name : `str`
            Name of the plane.
        removeFromDefault : `bool`, optional
            Whether to remove it from the default, too.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the default, whose bit is cleared, has no such plane.
        """
        pixels = self.array
        pixels &= ~_as_mask_pixel(1 << default_planes().bit(name))
        if self._planes is not default_planes() or not removeFromDefault:
            self._planes = self._planes.copy()
        self._planes.planes.pop(name, None)
        if removeFromDefault and name in default_planes().planes:
            self.removeMaskPlane(name)

    def conformMaskPlanes(self, currentPlaneDict: Mapping[str, int]) -> None:
        """Move the bits of the pixels to match the default dictionary.

        Planes missing from the default are added to it. Afterwards the mask shares the default.

        Parameters
        ----------
        currentPlaneDict : `collections.abc.Mapping` [`str`, `int`]
            Planes with which the pixels were written; empty for the default.
        """
        current = dict(currentPlaneDict) or dict(default_planes().planes)
        if current != default_planes().planes:
            moves = [(bit, add_plane(name)) for name, bit in current.items()]
            if any(old != new for old, new in moves):
                keep = sum(1 << old for old, new in moves if old == new)
                old_pixels = self.array.view(np.uint32)
                new_pixels = old_pixels & np.uint32(keep)
                for old, new in moves:
                    if old != new:
                        new_pixels |= ((old_pixels >> np.uint32(old)) & np.uint32(1)) << np.uint32(new)
                np.copyto(self.array, new_pixels.view(np.int32))
        self._planes = default_planes()

    def adopt_planes(self, planes: Mapping[str, int]) -> None:
        """Use the given planes for this mask and as the default for new ones; pixels do not change.

        Parameters
        ----------
        planes : `collections.abc.Mapping` [`str`, `int`]
            Bit of each plane by name.
        """
        set_default_planes(MaskDict(planes))
        self._planes = default_planes()

    def setMaskPlaneValues(self, plane: int, x0: int, x1: int, y: int) -> None:
        """Set a plane in part of a row.

        Parameters
        ----------
        plane : `int`
            Bit of the plane.
        x0, x1 : `int`
            First and last column, counted from the first pixel of this mask.
        y : `int`
            Row, counted in the same way.
        """
        row = self.array[y, x0 : x1 + 1]
        row |= self._checked_bit(plane)

    def clearMaskPlane(self, plane: int) -> None:
        """Clear a plane in all pixels.

        Parameters
        ----------
        plane : `int`
            Bit of the plane.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if this mask has no such plane.
        """
        pixels = self.array
        pixels &= ~self._checked_bit(plane)

    def clearAllMaskPlanes(self) -> None:
        """Set all pixels to zero."""
        self.array[...] = 0

    def _checked_bit(self, plane: int) -> np.int32:
        if plane not in self._planes.planes.values():
            raise InvalidParameterError(
                f"there is no mask plane with bit {plane}; planes are {self.getMaskPlaneDict()}"
            )
        return _as_mask_pixel(1 << plane)

    def getAsString(self, x: int, y: int) -> str:
        """Return the names of the planes that are set in a pixel, separated by commas.

        Parameters
        ----------
        x, y : `int`
            Column and row, counted from the first pixel of this mask.
        """
        return self.interpret(self.array[y, x])

    # ---- files

    @staticmethod
    @also_called("fileName", "filename", "manager")
    def readFits(fileName: str | os.PathLike | MemFileManager, hdu: int | None = None) -> MaskX:
        """Read a mask from a FITS file.

        Parameters
        ----------
        fileName : `str`, `os.PathLike` or `lsst.afw.fits.MemFileManager`
            Name of the file, or a file in memory.
        hdu : `int`, optional
            Number of the HDU; by default the first with pixels.
        """
        return MaskX(fileName, hdu)

    @also_called("fileName", "filename", "manager", "fitsfile", "fits")
    def writeFits(
        self,
        fileName: FitsTarget,
        metadata: PropertySet | CompressionOptions | None = None,
        mode: str = "w",
        *,
        options: CompressionOptions | None = None,
        header: PropertySet | None = None,
    ) -> None:
        """Write the mask to a FITS file.

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
        """
        self._write(fileName, metadata, mode, options=options, header=header, planes=self.getMaskPlaneDict())

    def __str__(self) -> str:
        return f"{self.array}, bbox={self.getBBox()}, maskPlaneDict={self.getMaskPlaneDict()}"


MaskX.__module__ = "lsst.afw.image._image"
for _name in ("or", "and", "xor", "ror", "rand", "rxor"):
    setattr(MaskX, f"__{_name}__", MaskX._in_place_only)


Mask.register(MaskPixel, MaskX)
Mask.alias("X", MaskX)
