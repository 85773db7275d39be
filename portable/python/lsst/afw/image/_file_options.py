# SPDX-License-Identifier: GPL-3.0-or-later
"""Options, as mappings, for reading parts of a file and for compression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import NotFoundError
from lsst.portable.fits import CompressionOptions

from ._slicing import PARENT, ImageOrigin

if TYPE_CHECKING:
    from lsst.portable.typing import FitsSource

__all__ = ("compression_from", "compressions_from", "read_with_options")

_T = TypeVar("_T")


def read_with_options(cls: Callable[..., _T], source: FitsSource, options: Mapping[str, Any]) -> _T:
    """Read an image-like object, or a part of it, from a FITS file.

    Parameters
    ----------
    cls : `type`
        Class to read.
    source : `str`, `os.PathLike`, `bytes` or `lsst.afw.fits.MemFileManager`
        Name of the file.
    options : `collections.abc.Mapping` [`str`, `object`]
        Part to read: ``bbox``, an `lsst.geom.Box2I`; or ``llcX``, ``llcY``, ``width``, ``height`` and
        optionally ``imageOrigin``, which is ``PARENT`` or ``LOCAL``.

    Returns
    -------
    image : `lsst.afw.image.Image`
        Object of the class.

    Raises
    ------
    lsst.pex.exceptions.NotFoundError
        Raised if ``llcX`` is given but not all of ``llcY``, ``width`` and ``height``.
    RuntimeError
        Raised if ``imageOrigin`` is anything else.
    """
    bbox, origin = Box2I(), PARENT
    if "bbox" in options:
        bbox = options["bbox"]
    elif "llcX" in options:
        names = ("llcX", "llcY", "width", "height")
        if missing := [name for name in names if name not in options]:
            raise NotFoundError(f"options have llcX but lack {', '.join(missing)}")
        x, y, width, height = (int(options[name]) for name in names)
        bbox = Box2I(Point2I(x, y), Extent2I(width, height))
        name = str(options["imageOrigin"]) if "imageOrigin" in options else "PARENT"
        if name not in ImageOrigin.__members__:
            raise RuntimeError(f"imageOrigin must be PARENT or LOCAL, got {name!r}")
        origin = ImageOrigin[name]
    return cls(source, bbox=bbox, origin=origin)


def compression_from(options: Mapping[str, Any] | None, item: str | None) -> CompressionOptions | None:
    """Return the compression of one plane.

    Parameters
    ----------
    options : `collections.abc.Mapping` [`str`, `object`] or `None`
        Compression options by plane, each a mapping or `None`.
    item : `str` or `None`
        The plane.
    """
    if options is None or item is None:
        return None
    chosen = options[item]
    return None if chosen is None else CompressionOptions.from_mapping(chosen)


def compressions_from(options: Mapping[str, Any] | None) -> dict[str, CompressionOptions | None]:
    """Return the compression of the three planes, by the keywords of ``writeFits``.

    Parameters
    ----------
    options : `collections.abc.Mapping` [`str`, `object`] or `None`
        Compression options by plane (``image``, ``mask``, ``variance``); `None` for none.
    """
    return {f"{plane}Options": compression_from(options, plane) for plane in ("image", "mask", "variance")}
