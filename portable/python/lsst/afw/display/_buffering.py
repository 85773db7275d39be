# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings that appear together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .virtualDevice import DisplayImpl

__all__ = ("Buffering",)


class Buffering:
    """Drawings that appear together at the end of a ``with`` statement.

    Parameters
    ----------
    impl : `lsst.afw.display.virtualDevice.DisplayImpl`
        Backend that draws.
    """

    def __init__(self, impl: DisplayImpl) -> None:
        self._impl = impl

    def __enter__(self) -> None:
        self._impl._buffer(True)

    def __exit__(self, *exc: object) -> None:
        self._impl._buffer(False)
        self._impl._flush()
