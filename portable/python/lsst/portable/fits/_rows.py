# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of a table that is stored by columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

__all__ = ("Rows",)


class Rows(Sequence[dict[str, Any]]):
    """Rows of a table, each made when it is asked for.

    A camera has thousands of amplifiers, and whoever reads one exposure needs those of one detector.

    Parameters
    ----------
    columns : `~collections.abc.Mapping` [`str`, `list`]
        Values of each column, all of the same length.
    places : `range`
        Rows to take.
    """

    __slots__ = ("_columns", "_places")

    def __init__(self, columns: Mapping[str, list[Any]], places: range) -> None:
        self._columns = columns
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Rows: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | Rows:
        if isinstance(index, slice):
            return Rows(self._columns, self._places[index])
        return self._make(self._places[index])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(self._make, self._places)

    def _make(self, place: int) -> dict[str, Any]:
        return {name: values[place] for name, values in self._columns.items()}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(mine == its for mine, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))
