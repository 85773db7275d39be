# SPDX-License-Identifier: GPL-3.0-or-later
"""Backends by name."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ("find_backend",)


def find_backend(name: str) -> type[Any]:
    """Find the class of a backend.

    Parameters
    ----------
    name : `str`
        A module in ``lsst.display`` or ``lsst.afw.display``, or the full name of any other module, with a
        class ``DisplayImpl``.

    Raises
    ------
    ImportError
        Raised if there is no such backend, or a package it needs is not installed.
    """
    problems = []
    for module in (f"lsst.display.{name}", f"lsst.afw.display.{name}", name):
        try:
            backend = importlib.import_module(module)
        except ImportError as exc:
            problems.append(str(exc))
            continue
        if hasattr(getattr(backend, "DisplayImpl", None), "_show"):
            return backend.DisplayImpl
    raise ImportError(f"there is no backend {name!r} for displays: {'; '.join(dict.fromkeys(problems))}")
