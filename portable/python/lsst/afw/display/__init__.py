# SPDX-License-Identifier: GPL-3.0-or-later
"""Images shown on a display, with what is drawn over them.

A `Display` hands what it is told to a backend: ``virtualDevice`` does nothing, which is what one gets where
no other is asked for, ``matplotlib`` draws a figure.
"""

from lsst.portable import require_alone

require_alone(__name__)

from .interface import (  # noqa: E402
    BLACK,
    BLUE,
    CYAN,
    GREEN,
    IGNORE,
    MAGENTA,
    ORANGE,
    RED,
    WHITE,
    YELLOW,
    Display,
    Event,
    delAllDisplays,
    getDefaultBackend,
    getDefaultFrame,
    getDisplay,
    h_callback,
    incrDefaultFrame,
    noop_callback,
    setDefaultBackend,
    setDefaultFrame,
    setDefaultImageColormap,
    setDefaultMaskPlaneColor,
    setDefaultMaskTransparency,
)

__all__ = (
    "BLACK",
    "BLUE",
    "CYAN",
    "GREEN",
    "IGNORE",
    "MAGENTA",
    "ORANGE",
    "RED",
    "WHITE",
    "YELLOW",
    "Display",
    "Event",
    "delAllDisplays",
    "getDefaultBackend",
    "getDefaultFrame",
    "getDisplay",
    "h_callback",
    "incrDefaultFrame",
    "noop_callback",
    "setDefaultBackend",
    "setDefaultFrame",
    "setDefaultImageColormap",
    "setDefaultMaskPlaneColor",
    "setDefaultMaskTransparency",
)


def __getattr__(name: str) -> object:
    raise AttributeError(
        f"lsst.afw.display.{name} is not part of the portable stack, which has Display with the backends "
        "virtualDevice and matplotlib; for colour pictures use astropy.visualization.make_lupton_rgb"
    )
