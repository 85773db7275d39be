# SPDX-License-Identifier: GPL-3.0-or-later
"""The display backend that shows nothing, and the base of all others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ._events import Event

__all__ = ("DisplayImpl",)


class DisplayImpl:
    """A display that shows nothing.

    Parameters
    ----------
    display : `lsst.afw.display.Display`
        The display that issues the commands.
    verbose : `bool`, optional
        Whether to print the commands.
    """

    frame: Any

    def __init__(self, display: Any, verbose: bool = False) -> None:
        self.display = display
        self.verbose = verbose

    def _say(self, command: str, *args: object) -> None:
        if self.verbose:
            print(f"virtual[{getattr(self, 'frame', None)}].{command}({', '.join(map(str, args))})")

    def _close(self) -> None:
        """Release the resources of the display."""
        self._say("_close")

    def _show(self) -> None:
        """Bring the display to the front."""
        self._say("_show")

    def _mtv(
        self, image: Any, mask: Any = None, wcs: Any = None, title: str = "", metadata: Any = None
    ) -> None:
        """Show an image, optionally with a mask over it."""
        self._say("_mtv", image and "Image", mask and "Mask", wcs and "Wcs", repr(title))

    def _setImageColormap(self, cmap: Any) -> None:
        """Set the colour map of images."""
        self._say("_setImageColormap", cmap)

    def _setMaskTransparency(self, transparency: float, maskplane: str | None) -> None:
        """Set the transparency (percent) of a mask plane, or of all."""
        self._say("_setMaskTransparency", transparency, maskplane)

    def _getMaskTransparency(self, maskplane: str | None = None) -> float | None:
        """Return the transparency of a mask plane, or `None` if nothing is shown."""
        self._say("_getMaskTransparency", maskplane)
        return None

    def _scale(self, algorithm: str, min: Any, max: Any, unit: str | None = None, **kwargs: Any) -> None:
        """Set the stretch that maps pixel values to shades."""
        self._say("_scale", algorithm, min, max, unit, kwargs)

    def _buffer(self, enable: bool = True) -> None:
        """Start or stop buffering drawings until they are flushed."""
        self._say("_buffer", enable)

    def _flush(self) -> None:
        """Draw everything that was buffered."""
        self._say("_flush")

    def _erase(self) -> None:
        """Remove everything drawn over the image."""
        self._say("_erase")

    def _dot(self, symb: Any, c: float, r: float, size: float, ctype: str | None, **kwargs: Any) -> None:
        """Draw a symbol at a column and row relative to the first pixel."""
        self._say("_dot", symb, c, r, size, ctype, kwargs)

    def _drawLines(self, points: Sequence[tuple[float, float]], ctype: str | None) -> None:
        """Connect points, whose positions are relative to the first pixel."""
        self._say("_drawLines", points, ctype)

    def _pan(self, colc: float, rowc: float) -> None:
        """Centre on a position relative to the first pixel."""
        self._say("_pan", colc, rowc)

    def _zoom(self, zoomfac: float) -> None:
        """Set the magnification."""
        self._say("_zoom", zoomfac)

    def _setCallback(self, what: str, func: Callable[[str, float, float], bool]) -> None:
        """Register the callback of a key."""

    def _getEvent(self) -> Event | None:
        """Wait for a key; here always the one that ends an interaction."""
        self._say("_getEvent")
        return Event("q")
