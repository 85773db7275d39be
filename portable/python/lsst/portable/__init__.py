# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the portable stack, and how its packages begin.

They call the guard that keeps them from hiding a compiled stack, import late what few need, and ask how many
threads they may use.
"""

from ._guard import require_alone
from ._lazy import lazy_names
from .threads import thread_count

__all__ = ("__version__", "lazy_names", "require_alone", "thread_count")

__version__ = "0.1.0"
