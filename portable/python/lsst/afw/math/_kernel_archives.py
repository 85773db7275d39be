# SPDX-License-Identifier: GPL-3.0-or-later
"""How kernels are stored in FITS archives; the module of each class registers it.

A kernel that refers to an object of an unknown class is kept as read, as that object is: PSFs refer to
kernels, and are only passed through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.geom import Extent2I, Point2I
from lsst.portable.archive import ArchiveCatalog, OpaquePersistable, register
from lsst.portable.fits import Column, FitsError

from . import _polynomials  # noqa: F401  registers polynomials
from ._functions import Function2D
from ._kernel import Kernel

if TYPE_CHECKING:
    from lsst.portable.archive import InputArchive, OutputArchive

__all__ = ("Row", "array_column", "dimensions", "register_kernel", "spatial_functions")

_MODULE = "lsst.afw.math"

Row = dict[str, Any]
"""The stored values of a kernel, by column."""


def register_kernel(
    cls: type[Kernel],
    read: Callable[[InputArchive, Row], Kernel | None],
    columns: Callable[[Any], list[Column]],
    write: Callable[[Any, OutputArchive], Row],
) -> None:
    """Register how a class of kernels is stored.

    Parameters
    ----------
    cls : `type`
        The class.
    read : callable
        Converts the archive and the row of a kernel to the kernel; to `None` if it refers to unknown classes.
    columns : callable
        Returns the columns of a kernel beyond those of all kernels.
    write : callable
        Returns their values, and adds the objects to which they refer to the archive.
    """
    name = cls.__name__

    def read_kernel(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> Kernel | OpaquePersistable:
        row = catalogs[0].rows[0]
        kernel = read(archive, row) if "dimensions_x" in row else None
        if kernel is None:
            return OpaquePersistable(archive, 0, name, _MODULE, catalogs)
        if kernel.getDimensions() != Extent2I(*dimensions(row)):
            raise FitsError(
                f"A {name} of {archive.name} should have {Extent2I(*dimensions(row))} pixels, but is made of"
                f" {kernel.getDimensions()}"
            )
        kernel.setCtr(Point2I(int(row["center_x"]), int(row["center_y"])))
        return kernel

    def write_kernel(kernel: Kernel, archive: OutputArchive) -> Iterator[ArchiveCatalog]:
        functions = kernel._spatial
        every = [
            Column("dimensions_x", "1J", "dimensions of a Kernel's images", "pixel"),
            Column("dimensions_y", "1J", "dimensions of a Kernel's images", "pixel"),
            Column("center_x", "1J", "center point in a Kernel image", "pixel"),
            Column("center_y", "1J", "center point in a Kernel image", "pixel"),
        ]
        row: Row = {
            "dimensions_x": kernel.getWidth(),
            "dimensions_y": kernel.getHeight(),
            "center_x": kernel.getCtr().getX(),
            "center_y": kernel.getCtr().getY(),
        }
        if functions:
            every.append(
                array_column(
                    "spatialfunctions", "J", len(functions), "archive IDs for the Kernel's spatial functions"
                )
            )
            row["spatialfunctions"] = np.array([archive.put(function) for function in functions])
        # As on the compiled stack, a kernel comes before the objects to which its own columns refer, whose
        # IDs are filled in afterwards.
        yield ArchiveCatalog(name, (*every, *columns(kernel)), [row])
        row.update(write(kernel, archive))

    register(cls, name, _MODULE, read=read_kernel, write=write_kernel)


def array_column(name: str, kind: str, size: int, doc: str) -> Column:
    """Return a column of arrays."""
    return Column(name, f"{size}{kind}", doc, tccls="Array")


def dimensions(row: Row) -> tuple[int, int]:
    """Return the stored width and height of a kernel."""
    return int(row["dimensions_x"]), int(row["dimensions_y"])


def spatial_functions(archive: InputArchive, row: Row) -> list[Function2D] | None:
    """Return the spatial functions of a kernel, or `None` if one is of an unknown class."""
    if "spatialfunctions" not in row:
        return []
    found = [archive.get(int(id)) for id in np.atleast_1d(row["spatialfunctions"])]
    return found if all(isinstance(function, Function2D) for function in found) else None
