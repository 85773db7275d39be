# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about sky frames that a person sends to a colleague: numbers collected, judged, written down."""

from ._collect import FilterReport, Picture, Report, ReportError, collect
from ._page import render

__all__ = ("FilterReport", "Picture", "Report", "ReportError", "collect", "render")
