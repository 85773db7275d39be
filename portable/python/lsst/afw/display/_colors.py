# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours of mask planes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

__all__ = (
    "BLACK",
    "BLUE",
    "CYAN",
    "GREEN",
    "IGNORE",
    "MAGENTA",
    "ORANGE",
    "PLANE_COLORS",
    "RED",
    "WHITE",
    "YELLOW",
    "color_cycle",
)

WHITE = "white"
BLACK = "black"
RED = "red"
GREEN = "green"
BLUE = "blue"
CYAN = "cyan"
MAGENTA = "magenta"
YELLOW = "yellow"
ORANGE = "orange"
IGNORE = "ignore"
"""Colour that hides a mask plane."""

#: Colours of common mask planes.
PLANE_COLORS = {
    "BAD": RED,
    "CR": MAGENTA,
    "EDGE": YELLOW,
    "INTERPOLATED": GREEN,
    "SATURATED": GREEN,
    "DETECTED": BLUE,
    "DETECTED_NEGATIVE": CYAN,
    "SUSPECT": YELLOW,
    "NO_DATA": ORANGE,
    "INTRP": GREEN,
    "SAT": GREEN,
}


def color_cycle(omit_black_and_white: bool = True) -> Iterator[str]:
    """Cycle through the colours.

    Parameters
    ----------
    omit_black_and_white : `bool`, optional
        Whether to omit the two colours that also occur in a greyscale image.
    """
    colors = [RED, GREEN, BLUE, CYAN, MAGENTA, YELLOW, ORANGE]
    return itertools.cycle(colors if omit_black_and_white else [WHITE, BLACK, *colors])
