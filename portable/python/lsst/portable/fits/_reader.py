# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading of FITS files: HDUs are located once, headers and pixels read on request."""

from __future__ import annotations

import contextlib
import functools
import mmap
import os
from types import TracebackType
from typing import Protocol, runtime_checkable

import numpy as np

from lsst.daf.base import PropertyList

from ._checksums import verify
from ._codecs import gunzip
from ._errors import FitsError
from ._hdu import Hdu, scan
from ._header import merge_inherited, properties_from_cards, strip_origin
from ._later import HeldFile, LaterImage
from ._names import split_name
from ._table import FitsTable, read_table
from ._tiles import TiledImage

__all__ = ("DEFAULT_HDU", "FitsReader", "default_hdu")

DEFAULT_HDU = -2147483648
"""The first HDU with an image (or, for headers, with anything beyond the standard cards)."""

_LARGE = 1 << 22
"""Size (bytes) from which a file is held open rather than copied; of smaller ones there may be many."""


@runtime_checkable
class HasData(Protocol):
    """Something that holds a file in memory, which is what a `MemFileManager` does."""

    def getData(self) -> bytes:
        """Return the bytes of the file."""
        ...


class FitsReader:
    """An open FITS file.

    A file on disk is mapped into memory, and only requested parts are read. Works as a context manager.

    Parameters
    ----------
    source : `str`, `os.PathLike`, `bytes` or `MemFileManager`
        Path of a file (which may be compressed by gzip as a whole), anything that
        `lsst.resources.ResourcePath` takes, or the file itself. A path may end in the number or name of an
        HDU in brackets, as in ``image.fits[1]``, ``image.fits[SCI]`` and ``image.fits[SCI,2]``, or in a plus
        sign and a number, and leave out a last ``.gz``.

    Attributes
    ----------
    selected : `int` or `None`
        The 0-based HDU that the name chose.

    Raises
    ------
    FitsError
        Raised if the file cannot be read or is not FITS.
    """

    def __init__(self, source: str | os.PathLike[str] | bytes | HasData) -> None:
        self._map: mmap.mmap | None = None
        self._file: HeldFile | None = None
        self._name = "<memory>"
        self._selected: str | None = None
        data = memoryview(self._open(source))
        if bytes(data[:2]) == b"\x1f\x8b":
            data, self._file = memoryview(self._gunzip(data)), None
        self._data = data
        self._hdus = scan(data, self._name)
        self.selected = self._find_selected()
        self._tiled: dict[int, TiledImage] = {}
        self._compared: set[int] = set()

    def _find_selected(self) -> int | None:
        """Find the HDU that the name chose by number, or by EXTNAME with or without EXTVER."""
        what = self._selected
        if what is None:
            return None
        if what.isdecimal():
            self.hdu(int(what))
            return int(what)
        name, _, version = (part.strip() for part in what.partition(","))
        if name.upper() in ("", "P", "PRIMARY"):
            return 0
        if version and not version.isdecimal():
            raise FitsError(
                f"{self._name}: there is no HDU [{what}]; after the comma comes a number (EXTVER)."
            )
        return self.named(name, int(version or 0))

    def _open(self, source: str | os.PathLike[str] | bytes | HasData) -> bytes | mmap.mmap:
        """Return the bytes of the file."""
        if isinstance(source, bytes | bytearray | memoryview):
            return bytes(source)
        if isinstance(source, HasData):
            return source.getData()
        self._name = str(source) if hasattr(source, "geturl") else os.fspath(source)
        if isinstance(self._name, str):
            self._name, self._selected = split_name(self._name)
        if hasattr(source, "geturl") or "://" in self._name:
            return self._open_resource()
        if (
            isinstance(self._name, str)
            and not os.path.exists(self._name)
            and os.path.exists(f"{self._name}.gz")
        ):
            self._name += ".gz"
        try:
            with open(self._name, "rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                if size == 0:
                    return b""
                if size >= _LARGE:
                    with contextlib.suppress(OSError):  # too many files are open: then bytes are copied
                        self._file = HeldFile(stream.fileno(), self._name)
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
                return self._map
        except (OSError, ValueError) as exc:
            msg = f"{self._name}: cannot be opened: {exc}."
            raise FitsError(msg) from exc

    def _open_resource(self) -> bytes:
        """Read a file given by a URI."""
        from lsst.resources import ResourcePath  # takes 60 ms to import, and few name files by URI

        try:
            return ResourcePath(self._name).read()
        except Exception as exc:
            msg = f"{self._name}: cannot be read: {exc}."
            raise FitsError(msg) from exc

    def _gunzip(self, data: memoryview) -> bytearray:
        """Decompress a file that is compressed as a whole."""
        try:
            return gunzip(data)
        except ValueError as exc:
            msg = f"{self._name}: {exc}."
            raise FitsError(msg) from exc

    def __enter__(self) -> FitsReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the file; nothing can be read afterwards."""
        self._tiled.clear()
        self._data = memoryview(b"")
        if self._map is not None:
            try:
                self._map.close()
            except BufferError:  # an array made of the mapped bytes is still alive and will let go itself
                pass
            self._map = None
        self._file = None

    @property
    def name(self) -> str:
        """Name of the file, for messages."""
        return self._name

    def __len__(self) -> int:
        return len(self._hdus)

    def hdu(self, hdu: int) -> Hdu:
        """Return header and layout of an HDU.

        Raises
        ------
        FitsError
            Raised if there is no such HDU.
        """
        if not 0 <= hdu < len(self._hdus):
            msg = (
                f"{self._name}: there is no HDU {hdu}; the file has {len(self._hdus)} (0 to {len(self) - 1})."
            )
            raise FitsError(msg)
        return self._hdus[hdu]

    def _verified(self, hdu: int) -> Hdu:
        """Header and layout of an HDU whose data are read, compared with its checksums where asked for."""
        found = self.hdu(hdu)
        if hdu not in self._compared:
            verify(found, self._data)
            self._compared.add(hdu)
        return found

    def read_image_later(self, hdu: int) -> LaterImage:
        """Prepare to read a compressed image after this reader is closed.

        A file on disk may be deleted or replaced until then, but not modified; the compressed bytes of small
        files, and of sources other than files on disk, are copied.

        Parameters
        ----------
        hdu : `int`
            0-based.

        Returns
        -------
        image : `LaterImage`
            The image.

        Raises
        ------
        FitsError
            Raised if the HDU is not a compressed image, or is truncated.
        """
        found = self._verified(hdu)
        start, size = found.data_start, found.available
        if self._file is not None:
            return LaterImage(found, self._data, functools.partial(self._file.read, start, size))
        copied = np.frombuffer(self._data, np.uint8, size, start).copy().data
        return LaterImage(found, self._data, lambda: copied)

    def find(self, extname: str, start: int = 0) -> int | None:
        """Find an HDU by its name.

        Parameters
        ----------
        extname : `str`
            Value of EXTNAME, or of EXTTYPE if the HDU has no EXTNAME.
        start : `int`, optional
            First HDU to search.

        Returns
        -------
        hdu : `int` or `None`
            0-based number, or `None` if there is no such HDU.
        """
        for i in range(start, len(self._hdus)):
            hdu = self._hdus[i]
            if hdu.get("EXTNAME", hdu.get("EXTTYPE")) == extname:
                return i
        return None

    def header(self, hdu: int, strip: bool = True) -> PropertyList:
        """Return the header as a property list.

        Parameters
        ----------
        hdu : `int`
            0-based.
        strip : `bool`, optional
            Whether to drop the cards that describe the layout of the HDU (including compression and columns),
            the standard comments of a primary header, and the cards that position the image in its parent.

        Returns
        -------
        header : `lsst.daf.base.PropertyList`
            Header in file order; repeated keywords hold arrays.
        """
        found = self.hdu(hdu)
        properties = properties_from_cards(found.cards, strip=strip, table=found.is_table)
        if strip:
            strip_origin(properties)
        return properties

    def metadata(self, hdu: int, strip: bool = False) -> PropertyList:
        """Return the header with those cards of the primary HDU that it inherits.

        Parameters
        ----------
        hdu : `int`
            0-based.
        strip : `bool`, optional
            Whether to drop INHERIT and the cards that describe the layout of the HDU.

        Returns
        -------
        metadata : `lsst.daf.base.PropertyList`
            The header. If it has INHERIT, only the last value of a repeated keyword is left; if INHERIT is
            true, the cards of the primary HDU come first, and those of this HDU override them.
        """
        found = self.hdu(hdu)
        header = properties_from_cards(found.cards, strip=strip, table=found.is_table)
        if hdu == 0 or not header.exists("INHERIT"):
            return header
        inherited = PropertyList()
        if header.getScalar("INHERIT") in (True, "T"):
            inherited = properties_from_cards(self.hdu(0).cards, strip=strip)
        if strip:
            header.remove("INHERIT")
        return merge_inherited(inherited, header)

    def named(self, name: str, version: int = 0) -> int:
        """Find an HDU by its EXTNAME, whatever the case of its letters.

        Parameters
        ----------
        name : `str`
            Name of the HDU.
        version : `int`, optional
            Its EXTVER; 0 for the first one of that name.

        Returns
        -------
        hdu : `int`
            0-based.

        Raises
        ------
        FitsError
            Raised if there is no such HDU.
        """
        names = []
        for number, found in enumerate(self._hdus):
            names.append(str(found.get("EXTNAME") or "").strip())
            if names[-1].upper() == name.strip().upper() and version in (0, found.get("EXTVER") or 1):
                return number
        which = f"{name!r}, version {version}" if version else repr(name)
        raise FitsError(f"{self.name}: there is no HDU named {which}; the names are {names}.")

    def image_shape(self, hdu: int) -> tuple[int, int]:
        """Return the shape ``(ny, nx)`` of an image, compressed or not.

        Raises
        ------
        FitsError
            Raised if the HDU holds no image of two axes.
        """
        found = self.hdu(hdu)
        shape = found.image_shape()
        if len(shape) != 2:
            msg = f"{found.name}: holds an image of {len(shape)} axes {shape}; expected two."
            raise FitsError(msg)
        return shape[0], shape[1]

    def image_dtype(self, hdu: int) -> np.dtype:
        """Return the type of the pixels that `read_image` returns."""
        return self.hdu(hdu).image_dtype()

    def read_image(
        self, hdu: int, y: slice | None = None, x: slice | None = None, wanted: np.dtype | None = None
    ) -> np.ndarray:
        """Read an image or a box of it.

        Parameters
        ----------
        hdu : `int`
            0-based.
        y, x : `slice`, optional
            Rows and columns (0-based, no step); all by default.
        wanted : `numpy.dtype`, optional
            Type for which the pixels are read. For a floating-point type, integers marked as missing by BLANK
            become NaN.

        Returns
        -------
        pixels : `numpy.ndarray`
            Pixels, shape ``(ny, nx)``, native byte order, in new memory. BZERO and BSCALE are applied. The
            type is that of `image_dtype`, or ``wanted`` if missing integers became NaN.

        Raises
        ------
        FitsError
            Raised if the HDU holds no image, is truncated or damaged, or the box is not inside.
        """
        shape = self.image_shape(hdu)
        found = self._verified(hdu)
        rows = self._bounds(found, y, shape[0], "y")
        columns = self._bounds(found, x, shape[1], "x")
        if found.is_compressed:
            if hdu not in self._tiled:
                self._tiled[hdu] = TiledImage(found, self._data)
            pixels = self._tiled[hdu].read(rows, columns)
        else:
            pixels = self._read_plain(found, shape, rows, columns)
        return found.scale(pixels, wanted)

    @staticmethod
    def _bounds(hdu: Hdu, part: slice | None, length: int, axis: str) -> slice:
        """Check a slice against the image and fill in its limits."""
        start = 0 if part is None or part.start is None else int(part.start)
        stop = length if part is None or part.stop is None else int(part.stop)
        step = None if part is None else part.step
        if step not in (None, 1) or not 0 <= start <= stop <= length:
            msg = f"{hdu.name}: cannot read {axis} from {start} to {stop} by {step}; the image has {length}."
            raise FitsError(msg)
        return slice(start, stop)

    def _read_plain(self, hdu: Hdu, shape: tuple[int, int], y: slice, x: slice) -> np.ndarray:
        """Read pixels that are not compressed."""
        stored = hdu.stored_dtype()
        need = y.stop * shape[1] * stored.itemsize
        if y.stop > y.start and need > hdu.available:
            msg = f"{hdu.name}: truncated: {hdu.available} of {hdu.data_size} bytes of pixels are there."
            raise FitsError(msg)
        start = hdu.data_start + y.start * shape[1] * stored.itemsize
        count = (y.stop - y.start) * shape[1]
        if count == 0:
            return np.empty((y.stop - y.start, x.stop - x.start), stored.newbyteorder("="))
        rows = np.frombuffer(self._data, stored, count, start).reshape(-1, shape[1])
        return rows[:, x].astype(stored.newbyteorder("="), order="C")

    def read_table(self, hdu: int) -> FitsTable:
        """Read a binary table.

        Returns
        -------
        table : `FitsTable`
            Table with columns, rows and (stripped) header.

        Raises
        ------
        FitsError
            Raised if the HDU is not a binary table, or is truncated or damaged.
        """
        return read_table(self._verified(hdu), self._data)


def default_hdu(reader: FitsReader) -> int:
    """Choose the HDU to read if none is given.

    It is the one that the name of the file chose, but the second one for a primary HDU without an image.
    """
    if reader.selected:
        return reader.selected
    primary = reader.hdu(0)
    return 1 if len(reader) > 1 and (primary.data_size == 0 or primary.get("GROUPS") is True) else 0
