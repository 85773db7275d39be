# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the portable stack, and the guard that keeps it from hiding a compiled one."""

from ._guard import require_alone

__all__ = ("__version__", "require_alone")

__version__ = "0.1.0"
