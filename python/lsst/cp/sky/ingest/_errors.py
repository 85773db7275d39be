# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with the description of a camera or with files to ingest."""

from __future__ import annotations

from ..errors import CpSkyError

__all__ = ("CameraDescriptionError", "IngestError")


class CameraDescriptionError(CpSkyError):
    """Raised when the description of a camera cannot be used."""


class IngestError(CpSkyError):
    """Raised when files cannot be ingested; nothing has been then."""
