# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of detectors that stay within them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patheffects import withStroke
from matplotlib.text import Text

if TYPE_CHECKING:
    from matplotlib.backend_bases import RendererBase

__all__ = ("FittedName",)

_LARGEST, _SMALLEST = 7.0, 4.5
"""Sizes of the font, points; below the smallest a name would not be legible, and is left out."""
_SHARE = (0.92, 0.4)
"""Parts of the width and the height of a detector that a name may take."""


class FittedName(Text):
    """A name in the upper left corner of a detector, as large as fits.

    How large a detector is on the page is known only when everything has been laid out, so the size of the
    font is found when the name is drawn.

    Parameters
    ----------
    name : `str`
        The name.
    extent : `tuple` [`float`, `float`, `float`, `float`]
        The detector in data coordinates: left, right, bottom, top.
    """

    def __init__(self, name: str, extent: tuple[float, float, float, float]) -> None:
        left, right, bottom, top = extent
        super().__init__(
            left + 0.03 * (right - left),
            top - 0.03 * (top - bottom),
            name,
            va="top",
            color="0.2",
            path_effects=[withStroke(linewidth=2, foreground="white", alpha=0.7)],
        )
        self._extent = extent
        self.was_drawn = False
        self.set_in_layout(False)

    def draw(self, renderer: RendererBase) -> None:
        """Draw the name, unless it would be too small to read."""
        assert self.axes is not None
        left, right, bottom, top = self._extent
        corners = self.axes.transData.transform([(left, bottom), (right, top)])
        self.set_fontsize(_LARGEST)
        needed = self.get_window_extent(renderer)
        room = abs(corners[1] - corners[0])
        size = _LARGEST * min(1.0, _SHARE[0] * room[0] / needed.width, _SHARE[1] * room[1] / needed.height)
        self.was_drawn = bool(size >= _SMALLEST)
        if self.was_drawn:
            self.set_fontsize(size)
            super().draw(renderer)
