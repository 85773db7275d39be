# SPDX-License-Identifier: GPL-3.0-or-later
"""The module in which the stack and the butler look for `SkyWcs`."""

from ._sky_wcs import SkyWcs

__all__ = ("SkyWcs",)
