# SPDX-License-Identifier: GPL-3.0-or-later
"""The instruments of ingested cameras, by the name of the camera: repositories ask for them here."""

from __future__ import annotations

from typing import Any

from ._instrument import instrument_class

__all__ = ()


def __getattr__(name: str) -> Any:
    if name.startswith("_") or not name.isidentifier():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = instrument_class(name)
    return globals()[name]
