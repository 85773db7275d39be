# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors about camera descriptions and files to ingest."""

from __future__ import annotations

from ..errors import CpSkyError

__all__ = ("CameraDescriptionError", "IngestError")


class CameraDescriptionError(CpSkyError):
    """Raised when the description of a camera is invalid."""


class IngestError(CpSkyError):
    """Raised when files cannot be ingested; no file is then."""
