# SPDX-License-Identifier: GPL-3.0-or-later
"""Display of images, with symbols and lines drawn over them.

A `Display` forwards commands to a backend. ``virtualDevice``, the default, shows nothing; ``matplotlib``
draws a figure.
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
