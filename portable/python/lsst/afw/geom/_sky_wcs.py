# SPDX-License-Identifier: GPL-3.0-or-later
"""Sky coordinate systems, which this package only passes through files."""

from typing import Any

from lsst.portable.archive import KeptPersistable

__all__ = ("SkyWcs",)


class SkyWcs(KeptPersistable):
    """A mapping from pixels to sky coordinates, kept as it was read.

    A SkyWcs in a file is written back and pickled unchanged; it cannot be created or evaluated here.

    Raises
    ------
    NotImplementedError
        Raised when called.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(
            "lsst.afw.geom.SkyWcs is not part of the portable stack: a WCS read from a file is kept and "
            "written back as it is, but cannot be made or evaluated; astropy.wcs.WCS reads the header of an "
            "exposure."
        )


SkyWcs.__module__ = "lsst.afw.geom"
