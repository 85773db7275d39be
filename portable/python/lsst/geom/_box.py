# SPDX-License-Identifier: GPL-3.0-or-later
"""What boxes of pixels and boxes in the plane have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from ._elements import need

if TYPE_CHECKING:
    from ._coordinates import Extent2D, Extent2I, Point2D, Point2I
    from ._interval import IntervalD, IntervalI

__all__ = ("Box", "by_name")


class Box:
    """A rectangle parallel to the axes. Boxes are mutable and therefore not hashable.

    Each kind of box recognizes the other by `integral` and converts it through its bounds and intervals, so
    neither needs to know the class of the other.
    """

    __slots__ = ()
    integral: ClassVar[bool]
    """Whether the box is a set of pixels that includes its maximum, rather than a region of the plane."""

    if TYPE_CHECKING:  # what each kind of box defines for itself
        minX: float
        minY: float
        maxX: float
        maxY: float

        def __init__(self, *args: Any, **kwargs: Any) -> None: ...
        def _assign(self, other: Self) -> None: ...
        def isEmpty(self) -> bool: ...
        def getMin(self) -> Point2I | Point2D: ...
        def getMax(self) -> Point2I | Point2D: ...
        def getX(self) -> IntervalI | IntervalD: ...
        def getY(self) -> IntervalI | IntervalD: ...
        def getDimensions(self) -> Extent2I | Extent2D: ...
        def contains(self, *args: Any, **kwargs: Any) -> Any: ...
        def overlaps(self, other: Self) -> bool: ...
        def dilatedBy(self, buffer: Any) -> Self: ...
        def shiftedBy(self, offset: Any) -> Self: ...
        def clippedTo(self, other: Self) -> Self: ...
        def include(self, other: Any) -> None: ...

    def swap(self, other: Self) -> None:
        """Swap bounds with another box of the same kind, in place."""
        mine = type(self)(self)
        self._assign(need(type(self), other, "swap"))
        other._assign(mine)

    def __contains__(self, other: Point2I | Point2D | Box) -> bool:
        return bool(self.contains(other))

    def intersects(self, other: Self) -> bool:
        """Return whether the boxes overlap; an alias of `overlaps`."""
        return self.overlaps(other)

    def isDisjointFrom(self, other: Self) -> bool:
        """Return whether the boxes do not overlap."""
        return not self.overlaps(other)

    def erodedBy(self, buffer: float | Extent2I | Extent2D) -> Self:
        """Return the box shrunk by ``buffer`` on each side; see `dilatedBy`."""
        return self.dilatedBy(-buffer)

    def expandedTo(self, other: Self | Point2I | Point2D) -> Self:
        """Return the smallest box that contains this one and a point or another box."""
        result = type(self)(self)
        result.include(other)
        return result

    def grow(self, buffer: float | Extent2I | Extent2D) -> None:
        """Grow the box by ``buffer`` on each side, in place; see `dilatedBy`."""
        self._assign(self.dilatedBy(buffer))

    def shift(self, offset: Extent2I | Extent2D) -> None:
        """Shift the box by an extent, in place."""
        self._assign(self.shiftedBy(offset))

    def clip(self, other: Self) -> None:
        """Clip the box to another one, in place."""
        self._assign(self.clippedTo(other))

    __hash__ = None  # type: ignore[assignment]  # mutable, as in the stack

    def __repr__(self) -> str:
        return f"{type(self).__name__}(corner={self.getMin()!r}, dimensions={self.getDimensions()!r})"

    def __str__(self) -> str:
        return f"(minimum={self.getMin()}, maximum={self.getMax()})"

    def __copy__(self) -> Self:
        return type(self)(self)

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return type(self)(self)


def by_name(args: tuple, kwargs: dict[str, Any]) -> tuple:
    """Put the keyword arguments of a box's constructor in positional order.

    Parameters
    ----------
    args : `tuple`
        Positional arguments.
    kwargs : `dict`
        Keyword arguments.

    Returns
    -------
    args : `tuple`
        All arguments, in positional order.

    Raises
    ------
    TypeError
        Raised if an argument is unknown or given twice.
    """
    given = dict(kwargs)
    order = (("minimum", "corner", "x", "other"), ("maximum", "dimensions", "y", "edgeHandling"), ("invert",))
    result = list(args)
    for names in order[len(args) :]:
        found = [name for name in names if name in given]
        if not found:
            break
        result.append(given.pop(found[0]))
    if given:
        raise TypeError(f"A box takes no arguments named {sorted(given)} together with the others.")
    return tuple(result)
