# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the portable stack, and the common start-up of its packages.

Every package calls the guard that keeps it from hiding a compiled stack, imports rarely used names late, and
asks how many threads it may use.
"""

from typing import Any

from ._guard import require_alone
from ._lazy import lazy_names
from .threads import thread_count

__all__ = ("__version__", "lazy_names", "require_alone", "thread_count")


def __getattr__(name: str) -> Any:
    if name == "__version__":
        # Takes longer than everything else that packages need from here.
        from importlib.metadata import version

        return version("lsst-portable")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
