# SPDX-License-Identifier: GPL-3.0-or-later
"""Former place of the focal-plane background, by which old pickles name its classes."""

from lsst.pipe.tasks.background import FocalPlaneBackground, FocalPlaneBackgroundConfig

__all__ = ("FocalPlaneBackground", "FocalPlaneBackgroundConfig")
