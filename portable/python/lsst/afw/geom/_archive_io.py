# SPDX-License-Identifier: GPL-3.0-or-later
"""Transforms in the archive tables of FITS files: one row, one column of bytes."""

from typing import Any

from lsst.afw.fits import ArchiveCatalog, Column, register_reader

from ._sky_wcs import SkyWcs
from ._transform import TransformPoint2ToPoint2
from .polygon import Polygon

__all__ = ("register", "transform_catalog")

_COLUMNS = (
    Column("bytes", "1QB", doc="a bytestring containing the output of Transform.writeString", tccls="Array"),
)


def transform_catalog(text: str) -> ArchiveCatalog:
    """Archive catalog that holds the text form of a transform."""
    return ArchiveCatalog(TransformPoint2ToPoint2._archive_name, _COLUMNS, [{"bytes": text.encode("ascii")}])


def _read_transform(archive: Any, catalogs: list[ArchiveCatalog]) -> TransformPoint2ToPoint2:
    """Transform from its archive catalog."""
    return TransformPoint2ToPoint2.readString(bytes(catalogs[0].rows[0]["bytes"]).decode("ascii"))


def register() -> None:
    """Make the archive readers known."""
    register_reader(
        TransformPoint2ToPoint2._archive_name, TransformPoint2ToPoint2._archive_module, _read_transform
    )
    for kept in (Polygon, SkyWcs):
        register_reader(kept._archive_name, "lsst.afw.geom", kept._keep)
