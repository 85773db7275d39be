# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of the wrong type: one sentence for all functions that refuse them."""

from __future__ import annotations

from typing import Any

__all__ = ("require",)


def require(what: str, value: Any, *types: type, optional: bool = False) -> None:
    """Refuse a value of the wrong type, where going on would end in an error that names something else.

    Parameters
    ----------
    what : `str`
        What the value is, in the words of the caller: ``"img of makeBackground"``.
    value : `object`
        The value.
    *types : `type`
        Types that are right.
    optional : `bool`, optional
        Whether `None` is right, too.

    Raises
    ------
    TypeError
        Raised if the value is of none of the types.
    """
    if isinstance(value, types) or (optional and value is None):
        return
    names = [each.__name__ for each in types] + (["None"] if optional else [])
    expected = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    raise TypeError(f"{what} must be {expected}, got {type(value).__name__}")
