# SPDX-License-Identifier: GPL-3.0-or-later
"""Transforms in the archive tables of FITS files: one row, one column of bytes."""

from lsst.portable.archive import ArchiveCatalog, InputArchive, OutputArchive, register, register_kept
from lsst.portable.fits import Column

from ._sky_wcs import SkyWcs
from ._transform import TransformPoint2ToPoint2
from .polygon import Polygon

__all__ = ()

_NAME = TransformPoint2ToPoint2.getShortClassName()
_COLUMNS = (
    Column("bytes", "1QB", doc="a bytestring containing the output of Transform.writeString", tccls="Array"),
)


def _write_transform(transform: TransformPoint2ToPoint2, archive: OutputArchive) -> list[ArchiveCatalog]:
    return [ArchiveCatalog(_NAME, _COLUMNS, [{"bytes": transform.writeString().encode("ascii")}])]


def _read_transform(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> TransformPoint2ToPoint2:
    return TransformPoint2ToPoint2.readString(bytes(catalogs[0].rows[0]["bytes"]).decode("ascii"))


register(TransformPoint2ToPoint2, _NAME, "lsst.afw.geom", read=_read_transform, write=_write_transform)
register_kept(SkyWcs, "SkyWcs", "lsst.afw.geom")
register_kept(Polygon, "Polygon", "")  # without a module, as in archives
