# SPDX-License-Identifier: GPL-3.0-or-later
"""Coordinate frames with mappings between them.

The compiled stack has them from astshim; these have the same method names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lsst.pex.exceptions import OutOfRangeError

from . import _ast
from ._mapping import Mapping

__all__ = ("Frame", "FrameSet")


class Frame(Mapping):
    """A coordinate frame of the AST library: axes with labels and units.

    Parameters
    ----------
    frame : `starlink.Ast.Frame`
        The frame; it is copied.
    """

    __slots__ = ()

    @classmethod
    def ofPlane(cls, ident: str, unit: str, bounds: Sequence[tuple[float, float]] = ()) -> Frame:
        """Make the frame of a plane.

        Parameters
        ----------
        ident : `str`
            What the frame is known by.
        unit : `str`
            Unit of both axes.
        bounds : sequence of pairs of `float`, optional
            Lowest and highest coordinate along x and y.

        Returns
        -------
        frame : `Frame`
            The frame.
        """
        return cls(_ast.plane_frame(ident, unit, bounds))

    @property
    def ident(self) -> str:
        """What the frame is known by (`str`)."""
        return str(self.ast.Ident)

    @property
    def domain(self) -> str:
        """What kind of coordinates these are, "" if it does not say (`str`)."""
        return str(self.ast.Domain)

    @property
    def nAxes(self) -> int:
        """Number of axes (`int`)."""
        return int(self.ast.Naxes)

    def getLabel(self, axis: int) -> str:
        """Name of an axis; the first is 1."""
        return str(self._of_axis("Label", axis))

    def getUnit(self, axis: int) -> str:
        """Unit of an axis; the first is 1."""
        return str(self._of_axis("Unit", axis))

    def getBottom(self, axis: int) -> float:
        """Lowest coordinate along an axis; the first is 1."""
        return float(self._of_axis("Bottom", axis))

    def getTop(self, axis: int) -> float:
        """Highest coordinate along an axis; the first is 1."""
        return float(self._of_axis("Top", axis))

    def _of_axis(self, name: str, axis: int) -> Any:
        if not 1 <= axis <= self.nAxes:
            raise OutOfRangeError(f"The frame has axes 1 to {self.nAxes}; got axis={axis}")
        return getattr(self.ast, f"{name}_{axis}")


class FrameSet(Frame):
    """Coordinate frames of the AST library, counted from 1, with mappings between them.

    Parameters
    ----------
    frames : `starlink.Ast.FrameSet`
        The frames; they are copied.
    """

    __slots__ = ()

    @classmethod
    def ofFrames(cls, base: Frame, members: Sequence[tuple[Mapping, Frame]]) -> FrameSet:
        """Put frames together.

        Parameters
        ----------
        base : `Frame`
            The frame that the others are derived from; it is the first, and the current one.
        members : sequence of pairs of `Mapping` and `Frame`
            The other frames, each with the mapping from the first.

        Returns
        -------
        frames : `FrameSet`
            All frames.
        """
        return cls(_ast.frame_set(base.ast, [(mapping.ast, frame.ast) for mapping, frame in members]))

    @property
    def nFrame(self) -> int:
        """Number of frames (`int`)."""
        return int(self.ast.Nframe)

    @property
    def base(self) -> int:
        """Number of the frame that mappings lead from (`int`)."""
        return int(self.ast.Base)

    @property
    def current(self) -> int:
        """Number of the frame that mappings lead to (`int`)."""
        return int(self.ast.Current)

    def getFrame(self, iframe: int, copy: bool = True) -> Frame:
        """One of the frames.

        Parameters
        ----------
        iframe : `int`
            Its number, from 1.
        copy : `bool`, optional
            Not used: a frame never changes. The compiled stack asks for it.

        Returns
        -------
        frame : `Frame`
            The frame.

        Raises
        ------
        lsst.pex.exceptions.OutOfRangeError
            Raised if there is no frame of that number.
        """
        return Frame(self.ast.getframe(self._number(iframe)))

    def getMapping(self, iframe1: int | None = None, iframe2: int | None = None) -> Mapping:
        """Mapping from one frame to another.

        Parameters
        ----------
        iframe1, iframe2 : `int`, optional
            Numbers of the frames, from 1; the base and the current frame unless given.

        Returns
        -------
        mapping : `Mapping`
            The mapping.

        Raises
        ------
        lsst.pex.exceptions.OutOfRangeError
            Raised if there is no frame of that number.
        """
        first = self._number(self.base if iframe1 is None else iframe1)
        second = self._number(self.current if iframe2 is None else iframe2)
        return Mapping(self.ast.getmapping(first, second))

    def simplified(self) -> FrameSet:
        """Equivalent frames with mappings of the fewest steps that AST can find."""
        return FrameSet(self.ast.simplify())

    def _number(self, iframe: int) -> int:
        if not 1 <= iframe <= self.nFrame:
            raise OutOfRangeError(f"There are frames 1 to {self.nFrame}; got {iframe}")
        return iframe
