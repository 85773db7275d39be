# SPDX-License-Identifier: GPL-3.0-or-later
"""Indexing of image-like objects: ``image[x, y]``, ``image[box]``, ``image[x0:x1, y0:y1, LOCAL]``.

The first index is always ``x`` (the column). Positions are in the coordinates of the parent image
(`PARENT`) unless `LOCAL` is the last item, which counts from the first pixel of the image.
"""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable
from typing import Any, NoReturn, Self, SupportsIndex

from lsst.geom import Box2I, Extent2I, Point2I

__all__ = ("LOCAL", "PARENT", "ImageOrigin", "Sliceable", "X", "Y", "interpret_index", "xOrY")


class ImageOrigin(enum.Enum):
    """Origin of pixel positions."""

    PARENT = 0
    """The origin of the parent image: the first pixel is at ``xy0``."""
    LOCAL = 1
    """The first pixel of this image, which is ``(0, 0)``."""


class xOrY(enum.Enum):
    """Axis of an image."""

    X = 0
    """Along a row: columns."""
    Y = 1
    """Along a column: rows."""


PARENT = ImageOrigin.PARENT
LOCAL = ImageOrigin.LOCAL
X = xOrY.X
Y = xOrY.Y


def _split_origin(key: object) -> tuple[Any, ImageOrigin]:
    """Split the origin from an index expression; `PARENT` if there is none."""
    if isinstance(key, tuple) and key and isinstance(key[-1], ImageOrigin):
        return (key[0] if len(key) == 2 else key[:-1]), key[-1]
    return key, PARENT


def _resolve(index: SupportsIndex, size: int, origin: ImageOrigin) -> int:
    """Resolve an integer index; a negative `LOCAL` one counts from the end, as in Python."""
    index = operator.index(index)
    if index >= 0:
        return index
    if origin is LOCAL:
        return index + size
    raise IndexError(
        f"index {index} is negative, which could mean a pixel left of the origin or one counted from the "
        "end: use LOCAL to count from the end, or a Point2I or Box2I for negative positions"
    )


def _resolve_slice(part: slice, begin: int, end: int, origin: ImageOrigin) -> tuple[int, int]:
    """Return the first index, and one past the last, of a slice along one axis."""
    if part.step is not None:
        raise ValueError(f"slices of images cannot have a step, got {part}")
    start = begin if part.start is None else _resolve(part.start, end - begin, origin)
    stop = end if part.stop is None else _resolve(part.stop, end - begin, origin)
    if stop <= start:
        raise IndexError(f"slice {part} selects no pixels of the range {begin} to {end} (end exclusive)")
    return start, stop


def interpret_index(
    key: object, get_bbox: Callable[[ImageOrigin], Box2I]
) -> tuple[Box2I | None, Point2I | None, ImageOrigin]:
    """Convert an index expression to standard form.

    Parameters
    ----------
    key : `object`
        Expression in square brackets: `Point2I`, `Box2I`, ``:``, ``...``, ``x, y`` or two slices, optionally
        followed by an `ImageOrigin`.
    get_bbox : `collections.abc.Callable`
        The image's ``getBBox``.

    Returns
    -------
    box : `tuple` [`lsst.geom.Box2I` or `None`, `lsst.geom.Point2I` or `None`, `ImageOrigin`]
        Box of a sub-image, or `None` for a single pixel.
    point : `tuple` [`lsst.geom.Box2I` or `None`, `lsst.geom.Point2I` or `None`, `ImageOrigin`]
        Position of a single pixel, or `None` for a sub-image.
    origin : `tuple` [`lsst.geom.Box2I` or `None`, `lsst.geom.Point2I` or `None`, `ImageOrigin`]
        Coordinates of ``box`` or ``point``.

    Raises
    ------
    IndexError
        Raised if an integer index is negative in `PARENT` coordinates, or a slice is empty.
    TypeError
        Raised if the expression is none of these.
    ValueError
        Raised if a slice has a step.
    """
    item, origin = _split_origin(key)
    if isinstance(item, Box2I):
        return item, None, origin
    if isinstance(item, Point2I):
        return None, item, origin
    if item is Ellipsis or (isinstance(item, slice) and item == slice(None)):
        return get_bbox(origin), None, origin
    if not isinstance(item, tuple) or len(item) != 2:
        raise TypeError(
            f"expected image[x, y], image[x0:x1, y0:y1], a Point2I or a Box2I, got index {item!r}"
        )
    x, y = item
    bbox = get_bbox(origin)
    if isinstance(x, slice) and isinstance(y, slice):
        x0, x1 = _resolve_slice(x, bbox.getBeginX(), bbox.getEndX(), origin)
        y0, y1 = _resolve_slice(y, bbox.getBeginY(), bbox.getEndY(), origin)
        return Box2I(Point2I(x0, y0), Extent2I(x1 - x0, y1 - y0)), None, origin
    if isinstance(x, slice) or isinstance(y, slice):
        raise TypeError(f"an integer and a slice cannot be mixed in an image index, got {item!r}")
    return None, Point2I(_resolve(x, bbox.getWidth(), origin), _resolve(y, bbox.getHeight(), origin)), origin


class Sliceable:
    """Square brackets, ``Factory`` and ``clone`` for image-like classes.

    The class provides ``getBBox``, ``subset``, ``assign``, ``set``, ``_get`` and ``_set``.
    """

    getBBox: Callable[..., Box2I]
    subset: Callable[..., Any]
    assign: Callable[..., None]
    _get: Callable[..., object]
    _set: Callable[..., None]

    def Factory(self, *args: Any, **kwargs: Any) -> Self:
        """Make another object of this class.

        Parameters
        ----------
        *args, **kwargs
            Arguments of the constructor.
        """
        cls: Any = type(self)
        return cls(*args, **kwargs)

    def clone(self) -> Self:
        """Return a copy with its own pixels."""
        return self.Factory(self, True)

    def __copy__(self) -> Self:
        return self.clone()

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self.clone()

    def __getitem__(self, key: object) -> Any:
        box, point, origin = interpret_index(key, self.getBBox)
        return self.subset(box, origin) if box is not None else self._get(point, origin)

    def __setitem__(self, key: object, value: object) -> None:
        box, point, origin = interpret_index(key, self.getBBox)
        if box is None:
            self._set(point, value, origin)
        elif isinstance(value, type(self)):
            self.assign(value, box, origin)
        else:
            self.subset(box, origin).set(value)

    def _in_place_only(self, *args: object) -> NoReturn:
        raise NotImplementedError(
            f"{type(self).__name__} has in-place operators only (such as +=), which make no hidden copies: "
            "clone() it first"
        )


for _name in ("add", "sub", "mul", "truediv", "radd", "rsub", "rmul", "rtruediv"):
    setattr(Sliceable, f"__{_name}__", Sliceable._in_place_only)
