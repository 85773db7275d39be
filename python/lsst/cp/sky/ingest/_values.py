# SPDX-License-Identifier: GPL-3.0-or-later
"""Validated values from a YAML mapping."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from ._errors import CameraDescriptionError

__all__ = ("Entry",)

_MISSING: Any = object()
_T = TypeVar("_T", str, int)


@dataclasses.dataclass(frozen=True)
class Entry:
    """A mapping of a description, with its name for error messages.

    Raises
    ------
    CameraDescriptionError
        Raised if it is not a mapping, or has an unknown key.
    """

    source: str
    values: Mapping[str, object]
    keys: Sequence[str]

    def __post_init__(self) -> None:
        if not isinstance(self.values, Mapping):
            raise CameraDescriptionError(
                f"{self.source}: needs a mapping with the keys {', '.join(self.keys)}, "
                f"not {str(self.values)[:60]!r}.",
                camera=self.source,
            )
        for key in self.values:
            if key not in self.keys:
                self.refuse(key, f"is not known; known are {', '.join(self.keys)}")

    def refuse(self, key: object, why: str) -> NoReturn:
        """Raise `CameraDescriptionError` because of a key."""
        raise CameraDescriptionError(f"{self.source}: {key}: {why}.", camera=self.source, key=str(key))

    def over(self, other: Entry) -> Entry:
        """Return this entry with the values of another one behind its own."""
        return Entry(self.source, {**other.values, **self.values}, [*other.keys, *self.keys])

    def has(self, key: str) -> bool:
        """Whether there is a value."""
        return self.values.get(key) is not None

    def _get(self, key: str, default: Any) -> Any:
        if self.has(key):
            return self.values[key]
        if default is _MISSING:
            self.refuse(key, "is missing")
        return default

    def text(self, key: str, default: str = _MISSING) -> str:
        """Text, or a number written as text."""
        value = self._get(key, default)
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            self.refuse(key, f"must be text, not {value!r}")
        return str(value)

    def number(self, key: str, default: float = _MISSING, *, low: float = -math.inf) -> float:
        """Finite number above ``low``."""
        return self._number(key, self._get(key, default), low)

    def _number(self, key: str, value: object, low: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.refuse(key, f"must be a finite number, not {value!r}")
        if value <= low:
            self.refuse(key, f"must be more than {max(low, 0):g}, not {value:g}")
        return float(value)

    def integer(self, key: str, default: int = _MISSING) -> int:
        """Whole number from 0 on."""
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.refuse(key, f"must be a whole number from 0 on, not {value!r}")
        return value

    def _two(self, key: str, value: object) -> Sequence[Any]:
        if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
            self.refuse(key, f"must be two numbers, for x and y, as in [1, 2], not {value!r}")
        return value

    def pair(
        self, key: str, default: tuple[float, float] | None = _MISSING, *, low: float = -math.inf
    ) -> tuple[float, float] | None:
        """Two finite numbers, for x and y."""
        value = self._get(key, default)
        if value is None:
            return None
        x, y = self._two(key, value)
        return self._number(key, x, low), self._number(key, y, low)

    def integers(self, key: str, default: tuple[int, int] = _MISSING, *, low: int = 0) -> tuple[int, int]:
        """Two whole numbers, for x and y, from ``low`` on."""
        x, y = self._two(key, self._get(key, default))
        for value in (x, y):
            if isinstance(value, bool) or not isinstance(value, int) or value < low:
                self.refuse(key, f"must be two whole numbers from {low} on, not {[x, y]}")
        return x, y

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Mapping, empty if it is not given."""
        value = self._get(key, {})
        if not isinstance(value, Mapping):
            self.refuse(key, f"must be a mapping, not {value!r}")
        return {str(name): entry for name, entry in value.items()}

    def lists(self, key: str, kind: type[_T]) -> dict[str, list[_T]]:
        """Mapping to lists of one kind of value; a single value is a list of one."""
        out = {}
        for name, value in self.mapping(key).items():
            values = value if isinstance(value, list) else [value]
            for one in values:
                if isinstance(one, bool) or not isinstance(one, kind):
                    self.refuse(
                        f"{key}.{name}", f"must be of {kind.__name__}, or a list of such, not {value!r}"
                    )
            out[name] = values
        return out
