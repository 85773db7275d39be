# SPDX-License-Identifier: GPL-3.0-or-later
"""Sky coordinate systems, which this package only carries through files."""

from typing import Any, NoReturn

__all__ = ("SkyWcs",)


class SkyWcs:
    """Sky coordinates of pixels; the name alone.

    A SkyWcs in a file is kept as it was read and written back unchanged; it cannot be made or evaluated here.

    Raises
    ------
    NotImplementedError
        Always.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise NotImplementedError(
            "lsst.afw.geom.SkyWcs is not part of the portable stack: a WCS read from a file is kept and "
            "written back as it is, but cannot be made or evaluated; astropy.wcs.WCS reads the header of an "
            "exposure."
        )


SkyWcs.__module__ = "lsst.afw.geom"
