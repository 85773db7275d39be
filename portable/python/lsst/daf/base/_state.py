# SPDX-License-Identifier: GPL-3.0-or-later
"""Contents of property containers as plain lists, with which they can be stored in formats of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ._property_list import PropertyList
from ._property_set import PropertySet

__all__ = ("getPropertyListState", "getPropertySetState", "setPropertyListState", "setPropertySetState")


def getPropertySetState(container: PropertySet, asLists: bool = False) -> list[Sequence[Any]]:
    """Return the contents of a property set.

    Parameters
    ----------
    container : `PropertySet`
        The container; of a property list, comments are left out.
    asLists : `bool`, optional
        Whether each item is a `list` instead of a `tuple`.

    Returns
    -------
    state : `list`
        Name, name of the type and value of each item of the top level. The value is a list where there are
        several, and a container for properties below.
    """
    return [_item(item, asLists) for item in PropertySet._get_state(container)]


def getPropertyListState(container: PropertyList, asLists: bool = False) -> list[Sequence[Any]]:
    """Return the contents of a property list.

    Parameters
    ----------
    container : `PropertyList`
        The container.
    asLists : `bool`, optional
        Whether each item is a `list` instead of a `tuple`.

    Returns
    -------
    state : `list`
        Name, name of the type, value and comment of each item, in order. The value is a list where there are
        several.
    """
    return [_item(item, asLists) for item in container._get_state()]


def setPropertySetState(container: PropertySet, state: Iterable[Sequence[Any]]) -> None:
    """Fill a property set with what `getPropertySetState` returned.

    Parameters
    ----------
    container : `PropertySet`
        The container; of what it holds already, items of the same names are replaced.
    state : iterable of sequences
        Name, name of the type and value of each item.

    Raises
    ------
    ValueError
        Raised if there is no type of that name.
    """
    PropertySet._set_state(container, state)


def setPropertyListState(container: PropertyList, state: Iterable[Sequence[Any]]) -> None:
    """Fill a property list with what `getPropertyListState` returned.

    Parameters
    ----------
    container : `PropertyList`
        The container; of what it holds already, items of the same names are replaced.
    state : iterable of sequences
        Name, name of the type, value and comment of each item.

    Raises
    ------
    ValueError
        Raised if there is no type of that name.
    """
    container._set_state(state)


def _item(item: tuple, as_list: bool) -> Sequence[Any]:
    return list(item) if as_list else item
