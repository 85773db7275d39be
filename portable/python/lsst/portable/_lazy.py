# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of packages that import the module behind them when they are first used.

Each quantum of a pipeline runs in a process of its own, which imports everything it uses; with small images
that is most of its time.
"""

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

__all__ = ("lazy_names",)


def lazy_names(owner: str, modules: Mapping[str, Iterable[str]]) -> Callable[[str], Any]:
    """Make the part of a package's or module's ``__getattr__`` that finds names of modules not imported yet.

    It imports the same names under ``TYPE_CHECKING``, for those who read it without running it.

    Parameters
    ----------
    owner : `str`
        Its ``__name__``.
    modules : `~collections.abc.Mapping`
        Names by the module, of the same package, that defines them.

    Returns
    -------
    find : callable
        Takes a name and returns the object, which becomes an attribute. Raises `KeyError` for other
        names.
    """
    homes = {name: module for module, names in modules.items() for name in names}

    def find(name: str) -> Any:
        home = importlib.import_module("." + homes[name], sys.modules[owner].__spec__.parent)  # type: ignore[union-attr]
        value = getattr(home, name)
        setattr(sys.modules[owner], name, value)
        return value

    return find
