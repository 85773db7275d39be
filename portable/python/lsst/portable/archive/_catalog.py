# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables that hold an object."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from lsst.portable.fits import Column

__all__ = ("TABLE_VERSION", "ArchiveCatalog", "reference_columns")

TABLE_VERSION = 3
"""Version of the table layout we write (header card AFW_TABLE_VERSION)."""


@dataclasses.dataclass
class ArchiveCatalog:
    """The part of a catalog that belongs to one object.

    Attributes
    ----------
    name : `str`
        Name of the class of the object (header card AR_NAME).
    columns : `tuple` [`lsst.portable.fits.Column`, ...]
        The fields.
    rows : `~collections.abc.Sequence` [`dict`]
        Values by field name.
    version : `int`
        Version of the table layout.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[dict[str, Any]]
    version: int = TABLE_VERSION


def reference_columns(columns: tuple[Column, ...]) -> list[Column]:
    """Find the fields that contain archive IDs of other objects.

    Such a field is an integer and has ``archive ID`` in its description; all classes of the stack follow this
    convention.
    """
    return [
        column
        for column in columns
        if column.format[-1:] in "JK" and not column.is_flag and "archive id" in column.doc.lower()
    ]
