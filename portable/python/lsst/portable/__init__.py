# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the portable stack, and how its packages begin.

They call the guard that keeps them from hiding a compiled stack, and import late what few need.
"""

from ._guard import require_alone
from ._lazy import lazy_names

__all__ = ("__version__", "lazy_names", "require_alone")

__version__ = "0.1.0"
