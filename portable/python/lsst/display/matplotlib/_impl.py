# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures that show images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib import colors, pyplot
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Ellipse

from lsst.afw.display import GREEN, IGNORE, virtualDevice

from ._overlay import Layer, blend_planes
from ._stretch import make_norm

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lsst.afw.display import Display
    from lsst.afw.image import MaskX

__all__ = ("DisplayImpl",)

#: Brighter than what matplotlib calls green.
_BRIGHT = {GREEN: "#00FF00"}

#: Default transparency of masks (percent).
_TRANSPARENCY = 70.0

#: Ends of the strokes of a symbol of unit size.
_STROKES = {
    "+": ((1, 0), (0, 1)),
    "x": ((math.sqrt(0.5), math.sqrt(0.5)), (math.sqrt(0.5), -math.sqrt(0.5))),
}
_STROKES["*"] = _STROKES["+"] + _STROKES["x"]


class DisplayImpl(virtualDevice.DisplayImpl):
    """A display that draws a matplotlib figure.

    Its axes show positions in the parent image. ``display.savefig(fileName)`` saves the figure.

    Parameters
    ----------
    display : `lsst.afw.display.Display`
        The display that issues the commands. Its frame is the number or name of the figure, or the figure.
    verbose : `bool`, optional
        Whether to print the commands that draw nothing.
    reopenPlot : `bool`, optional
        Whether to close an existing figure of the same frame first.
    """

    def __init__(self, display: Display, verbose: bool = False, reopenPlot: bool = False) -> None:
        super().__init__(display, verbose)
        if isinstance(display.frame, Figure):
            self._figure = display.frame
        else:
            if reopenPlot:
                pyplot.close(display.frame)
            self._figure = pyplot.figure(display.frame)
        self._colormap: Any = "gray"
        self._transparency: dict[str | None, float] = {None: _TRANSPARENCY}
        self._stretch: dict[str, Any] = {"algorithm": "linear", "low": "minmax"}
        self._image: Any = None
        self._shown: Any = None
        self._glyphs: list[Any] = []
        self._center = (0.0, 0.0)
        self._zoomfac = 1.0

    # ---- the figure

    def savefig(self, *args: Any, **kwargs: Any) -> None:
        """Save the figure; see `matplotlib.figure.Figure.savefig`."""
        self._figure.savefig(*args, **kwargs)

    def show_colorbar(self, show: bool = True) -> None:
        """Show or hide the colour bar."""
        if show and self._shown is not None:
            self._figure.colorbar(self._shown)

    def _show(self) -> None:
        if matplotlib.is_interactive():
            self._figure.show()

    def _close(self) -> None:
        self._image = self._shown = None
        self._glyphs.clear()

    def _axes(self) -> Axes:
        return self._figure.gca()

    def _flush(self) -> None:
        self._figure.canvas.draw_idle()

    # ---- images

    def _setImageColormap(self, cmap: Any) -> None:
        self._colormap = cmap
        if self._shown is not None:
            self._shown.set_cmap(cmap)
            self._flush()

    def _setMaskTransparency(self, transparency: float, maskplane: str | None) -> None:
        self._transparency[maskplane] = transparency

    def _getMaskTransparency(self, maskplane: str | None = None) -> float:
        return self._transparency.get(maskplane, self._transparency[None])

    def _scale(self, algorithm: str, min: Any, max: Any, unit: str | None = None, **kwargs: Any) -> None:
        stretch = {"algorithm": algorithm, "low": min, "high": max, "unit": unit, **kwargs}
        pixels = np.zeros(1) if self._image is None else self._image.array
        norm = make_norm(pixels, **stretch)
        self._stretch = stretch
        if self._shown is not None:
            self._shown.set_norm(norm)
            self._flush()

    def _mtv(
        self, image: Any, mask: Any = None, wcs: Any = None, title: str = "", metadata: Any = None
    ) -> None:
        self._figure.clf()
        self._glyphs.clear()
        self._image = image
        bbox = image.getBBox()
        placing: dict[str, Any] = {
            "origin": "lower",
            "interpolation": "nearest",
            "extent": (bbox.beginX - 0.5, bbox.endX - 0.5, bbox.beginY - 0.5, bbox.endY - 0.5),
        }
        axes = self._axes()
        norm = make_norm(image.array, **self._stretch)
        self._shown = axes.imshow(image.array, cmap=self._colormap, norm=norm, **placing)
        if mask is not None:
            axes.imshow(blend_planes(mask.array, self._layers(mask)), **placing)
        axes.set_title(str(title or ""))
        self._center = ((bbox.beginX + bbox.endX - 1) / 2, (bbox.beginY + bbox.endY - 1) / 2)
        self._zoomfac = 1.0
        self._flush()

    def _layers(self, mask: MaskX) -> list[Layer]:
        """Return the colours of the planes of a mask; low bits are on top."""
        planes = mask.getMaskPlaneDict()
        layers = []
        for name in sorted(planes, key=planes.get, reverse=True):
            color = self.display.getMaskPlaneColor(name)
            if color.lower() != IGNORE:
                opacity = 1 - self._getMaskTransparency(name) / 100
                layers.append((planes[name], colors.to_rgba(_BRIGHT.get(color, color), opacity)))
        return layers

    # ---- drawing

    def _buffer(self, enable: bool = True) -> None:
        """Do nothing: a figure appears only when it is drawn anyway."""

    def _erase(self) -> None:
        for glyph in self._glyphs:
            glyph.remove()
        self._glyphs.clear()
        self._flush()

    def _place(self, c: float, r: float) -> tuple[float, float]:
        """Return a position on the axes."""
        return (c, r) if self._image is None else (c + self._image.getX0(), r + self._image.getY0())

    def _draw(self, x: Sequence[float], y: Sequence[float], color: str) -> None:
        """Connect points without changing the limits of the axes."""
        limits = self._axes().axis()
        self._glyphs += self._axes().plot(x, y, color=color)
        self._axes().axis(limits)

    def _dot(
        self,
        symb: Any,
        c: float,
        r: float,
        size: float,
        ctype: str | None,
        fontFamily: str | None = None,
        textAngle: float | None = None,
    ) -> None:
        color = _BRIGHT.get(ctype or GREEN, ctype or GREEN)
        x, y = self._place(c, r)
        if not isinstance(symb, str):
            patch = Ellipse(
                (x, y), 2 * symb.a, 2 * symb.b, angle=math.degrees(symb.theta), fill=False, color=color
            )
            self._glyphs.append(self._axes().add_patch(patch))
        elif symb == "o":
            self._glyphs.append(self._axes().add_patch(Circle((x, y), size, fill=False, color=color)))
        elif symb in _STROKES:
            for dx, dy in _STROKES[symb]:
                self._draw([x - size * dx, x + size * dx], [y - size * dy, y + size * dy], color)
        else:
            text = self._axes().text(x, y, symb, color=color, ha="center", va="center", clip_on=True)
            text.set(family=fontFamily, rotation=textAngle or 0)
            self._glyphs.append(text)
        self._flush()

    def _drawLines(self, points: Sequence[tuple[float, float]], ctype: str | None) -> None:
        x, y = zip(*(self._place(c, r) for c, r in points), strict=True)
        self._draw(x, y, _BRIGHT.get(ctype or GREEN, ctype or GREEN))
        self._flush()

    # ---- zoom and pan

    def _pan(self, colc: float, rowc: float) -> None:
        self._center = self._place(colc, rowc)
        self._apply_zoom()

    def _zoom(self, zoomfac: float) -> None:
        self._zoomfac = zoomfac
        self._apply_zoom()

    def _apply_zoom(self) -> None:
        """Set the limits of the axes."""
        if self._image is None:
            return
        half = [size / (2 * self._zoomfac) for size in self._image.getDimensions()]
        x, y = self._center
        self._axes().axis((x - half[0], x + half[0], y - half[1], y + half[1]))
        self._flush()
