# SPDX-License-Identifier: GPL-3.0-or-later
"""Transforms and polygons in the archive tables of FITS files.

A transform is one row of one column of bytes, a polygon one row a vertex, the first repeated at the end.
"""

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
_VERTICES = tuple(
    Column(f"vertices_{axis}", "1D", doc="list of vertex points", tccls="Scalar") for axis in "xy"
)


def _write_transform(transform: TransformPoint2ToPoint2, archive: OutputArchive) -> list[ArchiveCatalog]:
    return [ArchiveCatalog(_NAME, _COLUMNS, [{"bytes": transform.writeString().encode("ascii")}])]


def _read_transform(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> TransformPoint2ToPoint2:
    return TransformPoint2ToPoint2.readString(bytes(catalogs[0].rows[0]["bytes"]).decode("ascii"))


def _write_polygon(polygon: Polygon, archive: OutputArchive) -> list[ArchiveCatalog]:
    rows = [{"vertices_x": point.getX(), "vertices_y": point.getY()} for point in polygon.getVertices()]
    return [ArchiveCatalog("Polygon", _VERTICES, rows)]


def _read_polygon(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> Polygon:
    return Polygon([(row["vertices_x"], row["vertices_y"]) for row in catalogs[0].rows])


register(TransformPoint2ToPoint2, _NAME, "lsst.afw.geom", read=_read_transform, write=_write_transform)
register_kept(SkyWcs, "SkyWcs", "lsst.afw.geom")
register(
    Polygon, "Polygon", "", read=_read_polygon, write=_write_polygon
)  # without a module, as archives have it
