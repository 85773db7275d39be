# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the exposure part of `lsst.afw.image`."""

__all__: list[str] = []
