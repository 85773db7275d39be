# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys pressed in a display."""

from __future__ import annotations

import math

__all__ = ("Event", "h_callback", "noop_callback")


class Event:
    """A key press.

    Parameters
    ----------
    k : `str`
        The key.
    x, y : `float`, optional
        Position of the cursor (pixels).
    """

    def __init__(self, k: str, x: float = math.nan, y: float = math.nan) -> None:
        self.k = k
        self.x = x
        self.y = y

    def __str__(self) -> str:
        return f"{self.k} ({self.x:.2f}, {self.y:.2f})"


def noop_callback(k: str, x: float, y: float) -> bool:
    """Do nothing and continue."""
    return False


def h_callback(k: str, x: float, y: float) -> bool:
    """Print the available keys and continue."""
    print("Enter q or <ESC> to leave interactive mode, h for this help, or a letter to fire a callback")
    return False
