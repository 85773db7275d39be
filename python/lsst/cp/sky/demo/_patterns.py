# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo compares and draws: the cells of a detector, from the truth to the sky frame."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._compare import Recovery

__all__ = ("Patterns",)


@dataclasses.dataclass(frozen=True)
class Patterns:
    """Cells of one detector, as fractions of the sky."""

    injected: np.ndarray
    """What was put in, ``(ny, nx)``."""
    recoveries: dict[str, Recovery]
    """What each chain made of it."""
