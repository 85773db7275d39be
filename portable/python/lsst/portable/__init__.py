# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the portable stack, and how its packages begin.

They call the guard that keeps them from hiding a compiled stack, import late what few need, and ask how many
threads they may use.
"""

from typing import Any

from ._guard import require_alone
from ._lazy import lazy_names
from .threads import thread_count

__all__ = ("__version__", "lazy_names", "require_alone", "thread_count")


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # takes longer than all that every package needs of this one

        return version("lsst-portable")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
