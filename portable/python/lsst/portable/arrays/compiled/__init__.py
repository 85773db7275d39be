# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiled loops, in modules named like those of their NumPy twins.

A module is imported on first use, because that imports numba, which takes longer than processing a small
image.
"""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import boxes, interpolate, regions, smooth

__all__ = ("boxes", "interpolate", "regions", "smooth")


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
