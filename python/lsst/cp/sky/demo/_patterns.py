# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo compares and draws: the cells of a detector, from the truth to the sky frame."""

from __future__ import annotations

import dataclasses

import numpy as np

__all__ = ("Patterns",)


@dataclasses.dataclass(frozen=True)
class Patterns:
    """Cells of one detector, as fractions of the sky; every array has one value per cell, ``(ny, nx)``."""

    injected: np.ndarray
    """What was put in."""
    expected: np.ndarray
    """What the chain makes of it without noise, sources, defects and masking."""
    recovered: np.ndarray
    """The sky frame of the pipeline."""
    unmasked: np.ndarray
    """The sky frame of a night with noise and without sources, nothing masked."""
