# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``cpsky --version`` says."""

from __future__ import annotations

import importlib.metadata

__all__ = ("version_line",)


def version_line() -> str:
    """Return the version of the plugin and of the portable stack, where pip has installed them."""
    own, portable = _version("lsst-cp-sky"), _version("lsst-portable")
    line = f"cpsky {own or '(version unknown: not installed by pip)'}"
    return f"{line}, lsst-portable {portable}" if portable else line


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
