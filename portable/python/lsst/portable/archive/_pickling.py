# SPDX-License-Identifier: GPL-3.0-or-later
"""Pickling of objects that can write themselves to a FITS file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lsst.portable.fits import MemFileManager

__all__ = ("reduceToFits", "unreduceFromFits")


def reduceToFits(obj: Any) -> tuple[Callable[[type, bytes, int], Any], tuple[type, bytes, int]]:
    """Return the value of ``__reduce__`` for an object.

    Parameters
    ----------
    obj : object
        Object with a method ``writeFits`` that takes a `MemFileManager`.
    """
    manager = MemFileManager()
    obj.writeFits(manager)
    return unreduceFromFits, (obj.__class__, manager.getData(), manager.getLength())


def unreduceFromFits(cls: type, data: bytes, size: int) -> Any:
    """Restore an object from the data stored by `reduceToFits`.

    Parameters
    ----------
    cls : `type`
        Class with a method ``readFits`` that takes a `MemFileManager`.
    data : `bytes`
        The FITS file.
    size : `int`
        Its length (bytes).
    """
    return cls.readFits(MemFileManager(data[:size]))  # type: ignore[attr-defined]


# The module named in pickles, here as in the compiled stack.
for _function in (reduceToFits, unreduceFromFits):
    _function.__module__ = "lsst.afw.fits._pickleFits"
