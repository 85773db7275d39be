# SPDX-License-Identifier: GPL-3.0-or-later
"""The instruments of ingested cameras, by camera name, as looked up by repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._instrument import instrument_class

if TYPE_CHECKING:
    from ._instrument import PlainInstrument

__all__ = ()


def __getattr__(name: str) -> type[PlainInstrument]:
    if name.startswith("_") or not name.isidentifier():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = instrument_class(name)
    return globals()[name]
