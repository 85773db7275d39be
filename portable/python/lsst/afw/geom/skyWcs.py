# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the stack, and the butler with it, looks for `SkyWcs`."""

from ._sky_wcs import SkyWcs

__all__ = ("SkyWcs",)
