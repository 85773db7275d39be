# SPDX-License-Identifier: GPL-3.0-or-later
"""Visit information: when, where and under what conditions a visit was observed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lsst.daf.base import PropertySet
from lsst.portable.archive import Persistable

from ._visit_info_cards import fields_from_cards
from ._visit_info_fields import FIELDS, VisitFields

__all__ = ("VisitInfo",)


class VisitInfo(VisitFields, Persistable):
    """When, where and under what conditions a visit was observed.

    A VisitInfo is immutable; see `copyWith`.

    Parameters
    ----------
    *args : `object`
        Either a header (`lsst.daf.base.PropertySet`) from which to read the fields, or a VisitInfo to copy,
        and nothing else; or values of the fields by position, from ``exposureTime`` to
        ``hasSimulatedContent``.
    **fields : `object`
        Values of the fields, by the names of the properties of this class. A field that is not given is
        unknown: NaN, an invalid date, an empty string, 0, or False.

    Raises
    ------
    TypeError
        Raised if a field is unknown, given twice or has the wrong type.
    lsst.pex.exceptions.RuntimeError
        Raised if a header has a time system other than TAI or an unknown kind of rotation angle.
    """

    __module__ = "lsst.afw.image"

    def __init__(self, *args: Any, **fields: Any) -> None:
        for name in ("metadata", "visitInfo"):
            if name in fields and not args:
                args = (fields.pop(name),)
        if args and isinstance(args[0], PropertySet | VisitFields):
            if len(args) > 1 or fields:
                raise TypeError("no fields can be given together with a header or a VisitInfo")
            source = args[0]
            super().__init__(source._fields if isinstance(source, VisitFields) else fields_from_cards(source))
            return
        if len(args) > len(FIELDS):
            raise TypeError(f"a VisitInfo has {len(FIELDS)} fields, got {len(args)}")
        by_position = dict(zip(FIELDS, args, strict=False))
        if twice := sorted(set(by_position) & set(fields)):
            raise TypeError(f"fields {twice} of a VisitInfo are given twice")
        super().__init__({**by_position, **fields})

    def copyWith(self, **fields: Any) -> VisitInfo:
        """Return a copy with some fields replaced.

        Parameters
        ----------
        **fields : `object`
            The fields to replace, as in the constructor.

        Raises
        ------
        TypeError
            Raised if a field is unknown.
        """
        return VisitInfo(**{**self._fields, **fields})

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self._fields,))

    def __copy__(self) -> VisitInfo:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> VisitInfo:
        return self


def _rebuild(fields: Mapping[str, Any]) -> VisitInfo:
    """Make a VisitInfo from its pickled fields."""
    return VisitInfo(**fields)
