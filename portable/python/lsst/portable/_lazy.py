# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that import their module on first use.

Each quantum of a pipeline runs in its own process, which imports everything it uses; with small images that
takes most of its time.
"""

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

__all__ = ("lazy_names",)


def lazy_names(owner: str, modules: Mapping[str, Iterable[str]]) -> Callable[[str], Any]:
    """Make the part of a module's ``__getattr__`` that finds names in modules not yet imported.

    The module imports the same names under ``TYPE_CHECKING``, for static analysis.

    Parameters
    ----------
    owner : `str`
        The ``__name__`` of the package or module.
    modules : `~collections.abc.Mapping`
        Names, by the module of the same package that defines them.

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
