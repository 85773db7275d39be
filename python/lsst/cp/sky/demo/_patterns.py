# SPDX-License-Identifier: GPL-3.0-or-later
"""The patterns that the demo compares and plots, from the truth to the sky frame."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._compare import Recovery

__all__ = ("Patterns",)


@dataclasses.dataclass(frozen=True)
class Patterns:
    """Patterns of one detector, as fractions of the sky; arrays of cells, shape ``(ny, nx)``."""

    injected: np.ndarray
    """What was put in, ``(ny, nx)``."""
    recoveries: dict[str, Recovery]
    """What each chain made of it."""
