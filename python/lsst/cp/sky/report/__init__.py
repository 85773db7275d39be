# SPDX-License-Identifier: GPL-3.0-or-later
"""The report on sky frames: one page with metrics, verdicts and plots, to send to a colleague."""

from ._collect import Figures, FilterReport, Picture, Report, ReportError, collect
from ._page import render

__all__ = ("Figures", "FilterReport", "Picture", "Report", "ReportError", "collect", "render")
