# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of argument types, with one form of message for all functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ("also_called", "require")

_P = ParamSpec("_P")
_R = TypeVar("_R")


def require(what: str, value: object, *types: type, optional: bool = False) -> None:
    """Reject a value of the wrong type, which would otherwise cause an unrelated error later.

    Parameters
    ----------
    what : `str`
        Description of the value from the caller's point of view: ``"img of makeBackground"``.
    value : `object`
        The value.
    *types : `type`
        Accepted types.
    optional : `bool`, optional
        Whether `None` is accepted, too.

    Raises
    ------
    TypeError
        Raised if the value has none of the types.
    """
    if isinstance(value, types) or (optional and value is None):
        return
    names = [each.__name__ for each in types] + (["None"] if optional else [])
    expected = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    raise TypeError(f"{what} must be {expected}, got {type(value).__name__}")


def also_called(name: str, *others: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Return a decorator of functions of which a parameter has several names, as overloads in the stack have.

    Parameters
    ----------
    name : `str`
        Name of the parameter.
    *others : `str`
        Further names, which are accepted as keywords.
    """

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        @functools.wraps(function)
        def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            for other in others:
                if other in kwargs:
                    kwargs[name] = kwargs.pop(other)
            return function(*args, **kwargs)

        return call

    return decorate
