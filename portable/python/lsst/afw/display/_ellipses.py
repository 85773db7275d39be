# SPDX-License-Identifier: GPL-3.0-or-later
"""Ellipses as display symbols."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

__all__ = ("EllipseAxes", "parse_ellipse")


class EllipseAxes(NamedTuple):
    """Semi-axes of an ellipse (pixels), and the angle from x to the first axis (radians)."""

    a: float
    b: float
    theta: float


def parse_ellipse(symbol: str) -> EllipseAxes | None:
    """Return the ellipse of a symbol ``@:Mxx,Mxy,Myy``, or `None` for other symbols."""
    match = re.match(r"@:([^,]+),([^,]+),([^,]+)$", symbol)
    if match is None:
        return None
    xx, xy, yy = (float(moment) for moment in match.groups())
    (small, large), vectors = np.linalg.eigh([[xx, xy], [xy, yy]])
    return EllipseAxes(np.sqrt(large), np.sqrt(small), np.arctan2(vectors[1, 1], vectors[0, 1]))
