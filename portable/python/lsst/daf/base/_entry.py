# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of one property."""

from __future__ import annotations

import math
from typing import Any

__all__ = ("Entry",)


class Entry:
    """The values of one property, all of one type.

    Parameters
    ----------
    type_name : `str`
        Name of the type, e.g. ``Double``.
    values : `list`
        At least one value.
    """

    __slots__ = ("type_name", "values")

    def __init__(self, type_name: str, values: list) -> None:
        self.type_name = type_name
        self.values = values

    def clone(self) -> Entry:
        """Return an entry with the same values in a list of its own."""
        return Entry(self.type_name, list(self.values))

    def text(self) -> str:
        """Return the values as human-readable text."""
        text = ", ".join(_text(self.type_name, value) for value in self.values)
        return f"[ {text} ]" if len(self.values) > 1 else text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Entry):
            return NotImplemented
        if self.type_name != other.type_name or len(self.values) != len(other.values):
            return False
        pairs = zip(self.values, other.values, strict=True)
        if self.type_name in ("Float", "Double"):
            return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)
        return all(a == b for a, b in pairs)

    __hash__ = None  # type: ignore[assignment]


def _text(type_name: str, value: Any) -> str:
    """Return a value as human-readable text."""
    if type_name == "Bool":
        return str(int(value))
    if type_name == "Float":
        return f"{value:#.7g}"
    if type_name == "Double":
        return f"{value:#.14g}"
    if type_name == "String":
        return f'"{value}"'
    if type_name == "DateTime":
        return value.toString(value.UTC) if value.isValid() else "<invalid>"
    return {"PropertySet": "{ ... }", "Undef": "<Unknown>"}.get(type_name, str(value))
