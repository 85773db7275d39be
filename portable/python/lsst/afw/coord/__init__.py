# SPDX-License-Identifier: GPL-3.0-or-later
"""The observatory and the weather of an exposure."""

from lsst.portable import require_alone

require_alone(__name__)

from ._observatory import Observatory  # noqa: E402
from ._weather import Weather  # noqa: E402

__all__ = ("Observatory", "Weather")

Observatory.__module__ = Weather.__module__ = "lsst.afw.coord"


def __getattr__(name: str) -> object:
    raise AttributeError(
        f"lsst.afw.coord.{name} is not part of the portable stack, which has Observatory and Weather only; "
        "for differential refraction use astropy.coordinates."
    )
