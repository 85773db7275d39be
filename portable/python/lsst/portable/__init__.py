# SPDX-License-Identifier: GPL-3.0-or-later
"""What the portable stack knows of itself: its version, and the guard that keeps it from hiding a compiled stack."""

from ._guard import require_alone

__all__ = ("__version__", "require_alone")

__version__ = "0.1.0"
