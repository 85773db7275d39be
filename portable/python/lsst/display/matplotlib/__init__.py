# SPDX-License-Identifier: GPL-3.0-or-later
"""The display backend that draws matplotlib figures."""

from lsst.portable import require_alone

require_alone(__name__)

from ._impl import DisplayImpl  # noqa: E402

__all__ = ("DisplayImpl",)
