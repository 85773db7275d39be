# SPDX-License-Identifier: GPL-3.0-or-later
"""Property containers as a `dict` of single values."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import TYPE_CHECKING, Any

__all__ = ("DictLike",)


class DictLike:
    """The `dict` interface of a property container, whose keys are the names at the top level."""

    if TYPE_CHECKING:  # defined by the container
        _map: dict[str, Any]

        def names(self, topLevelOnly: bool = True) -> list[str]: ...
        def exists(self, name: str) -> bool: ...
        def getScalar(self, name: str) -> Any: ...
        def remove(self, name: str) -> None: ...

    def __len__(self) -> int:
        return len(self._map)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __contains__(self, name: object) -> bool:
        return name in self._map

    def __getitem__(self, name: str) -> Any:
        return self.getScalar(name)

    def __delitem__(self, name: str) -> None:
        if not self.exists(name):
            raise KeyError(f"{name} not present in dict")
        self.remove(name)

    def keys(self) -> KeysView:
        """Return a view of the names at the top level."""
        return KeysView(self)

    def values(self) -> ValuesView:
        """Return a view of the (last) values at the top level."""
        return ValuesView(self)

    def items(self) -> ItemsView:
        """Return a view of names and (last) values at the top level."""
        return ItemsView(self)

    def pop(self, name: str, default: Any = None) -> Any:
        """Remove a property and return its (last) value.

        Parameters
        ----------
        name : `str`
            Name, possibly hierarchical.
        default : any, optional
            What to return if there is no such property.

        Raises
        ------
        KeyError
            Raised if there is no such property and ``default`` is missing or `None`.
        """
        if not self.exists(name):
            if default is None:
                raise KeyError(name)
            return default
        value = self.getScalar(name)
        self.remove(name)
        return value
