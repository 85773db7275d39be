# SPDX-License-Identifier: GPL-3.0-or-later
"""A bad part of a detector."""

from __future__ import annotations

from typing import overload

from lsst.geom import Box2I, Extent2I

__all__ = ("DefectBase",)


class DefectBase:
    """A bad part of a detector.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Box of the bad pixels.

    Raises
    ------
    TypeError
        Raised if it is anything but a box.
    """

    __module__ = "lsst.afw.image"

    def __init__(self, bbox: Box2I) -> None:
        if not isinstance(bbox, Box2I):
            raise TypeError(f"a defect is given by a Box2I, got {type(bbox).__name__}")
        self._bbox = Box2I(bbox)

    def getBBox(self) -> Box2I:
        """Return the box of the bad pixels."""
        return Box2I(self._bbox)

    def getX0(self) -> int:
        """Return the first column."""
        return self._bbox.getMinX()

    def getX1(self) -> int:
        """Return the last column."""
        return self._bbox.getMaxX()

    def getY0(self) -> int:
        """Return the first row."""
        return self._bbox.getMinY()

    def getY1(self) -> int:
        """Return the last row."""
        return self._bbox.getMaxY()

    def clip(self, bbox: Box2I) -> None:
        """Keep only what is inside another box.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`
            The other box.
        """
        self._bbox.clip(bbox)

    @overload
    def shift(self, dx: int, dy: int) -> None: ...

    @overload
    def shift(self, d: Extent2I) -> None: ...

    def shift(self, *args: int | Extent2I, **named: int | Extent2I) -> None:
        """Move the defect.

        Parameters
        ----------
        *args, **named
            ``dx`` and ``dy``, or an `lsst.geom.Extent2I` ``d``.
        """
        values = [*args, *(named.pop(name) for name in ("d", "dx", "dy") if name in named)]
        if named or len(values) not in (1, 2):
            raise TypeError(f"expected dx and dy or an Extent2I, got {args} and {named}")
        step = values[0] if len(values) == 1 else Extent2I(*values)
        if not isinstance(step, Extent2I):
            raise TypeError(f"expected an Extent2I, got {type(step).__name__}")
        self._bbox.shift(step)
