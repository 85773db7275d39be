# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemas, as needed to construct tasks. The portable stack has no catalogs."""

from lsst.portable import require_alone

require_alone(__name__)

from ._schema import Field, Schema, SourceTable  # noqa: E402

__all__ = ("Field", "Schema", "SourceTable")

for _cls in (Field, Schema, SourceTable):
    _cls.__module__ = "lsst.afw.table"


def __getattr__(name: str) -> object:
    raise AttributeError(
        f"lsst.afw.table.{name} is not part of the portable stack, which has schemas but no catalogs; "
        "for tables use astropy.table."
    )
