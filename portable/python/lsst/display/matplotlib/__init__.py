# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend of displays that draws figures of matplotlib."""

from lsst.portable import require_alone

require_alone(__name__)

from ._impl import DisplayImpl  # noqa: E402

__all__ = ("DisplayImpl",)
