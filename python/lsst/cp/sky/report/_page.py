# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as a self-contained HTML page."""

from __future__ import annotations

import base64
import dataclasses
import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

import jinja2
import numpy as np

from ..verify import Finding, Verdict, finite_median, overall
from ._columns import EXPOSURE_COLUMNS, FRAME_COLUMNS, JOINT_COLUMNS, PAIR_COLUMNS, Cell, Column, rows_of

if TYPE_CHECKING:
    from astropy.table import Table

    from ._collect import Figures, FilterReport, Picture, Report

__all__ = ("render",)


@dataclasses.dataclass(frozen=True)
class _Listing:
    """A table of the page."""

    title: str
    note: str
    columns: tuple[Column, ...]
    rows: list[list[Cell]]


def render(report: Report, created: datetime.datetime | None = None) -> str:
    """Write a report as a page of HTML.

    Parameters
    ----------
    report : `Report`
        The report.
    created : `datetime.datetime`, optional
        Time stamp of the page; now by default.

    Returns
    -------
    page : `str`
        HTML with embedded styles, scripts and pictures; viewing it fetches nothing.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lsst.cp.sky.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = _data_uri
    moment = created or datetime.datetime.now(tz=datetime.UTC)
    return environment.get_template("report.html.jinja").render(
        report=report,
        sections=[_section(one) for one in report.filters],
        created=moment.strftime("%Y-%m-%d %H:%M UTC"),
    )


def _data_uri(picture: Picture) -> str:
    return "data:image/png;base64," + base64.b64encode(picture.png).decode("ascii")


def _section(one: FilterReport) -> dict[str, object]:
    """What the page shows of one filter."""
    return {
        "data": one,
        "figures": _headline(one.figures) if one.figures else [],
        "subjects": _by_subject(one.findings),
        "listings": _listings(one),
        "details": _Listing(
            "Every detector of every exposure",
            "",
            PAIR_COLUMNS,
            rows_of(one.figures.exposures, PAIR_COLUMNS) if one.figures else [],
        ),
    }


def _listings(one: FilterReport) -> list[_Listing]:
    """Tables of exposures and sky frames."""
    found = []
    if one.figures:
        summary = summarise_exposures(one.figures.exposures, one.figures.pulls)
        frames = rows_of(one.figures.frames, FRAME_COLUMNS)
        found = [
            _Listing(
                "Exposures",
                "Medians over the detectors of each exposure.",
                EXPOSURE_COLUMNS,
                rows_of(summary, EXPOSURE_COLUMNS),
            ),
            _Listing("Sky frames", "A row per detector.", FRAME_COLUMNS, frames),
        ]
    if one.joint is not None:
        note = "What the joint chain says of its exposures."
        rows = rows_of(one.joint, JOINT_COLUMNS)
        found.append(_Listing("Exposures of the joint chain", note, JOINT_COLUMNS, rows))
    return found


def _by_subject(findings: Sequence[Finding]) -> list[tuple[str, Verdict, list[Finding]]]:
    """Findings about one and the same together, the worst first."""
    subjects: dict[str, list[Finding]] = {}
    for finding in findings:
        subjects.setdefault(finding.subject, []).append(finding)
    return [(subject, overall(found), found) for subject, found in subjects.items()]


def _headline(one: Figures) -> list[tuple[str, str, str]]:
    """The few numbers that say most: value, name, explanation."""
    exposures = np.unique(np.asarray(one.exposures["exposure"]))
    lost = np.fmax(one.exposures["maskedFraction"], one.exposures["replacedFraction"])
    noise = 100 * finite_median(one.frames["splitHalfNoise"])
    return [
        (f"{len(exposures)}", "exposures", "with figures; the sky frames may have fewer inputs"),
        (f"{len(one.frames)}", "detectors", "with a sky frame"),
        (f"{noise:.3f} %", "noise of a cell", "of the sky, from halves of the exposures (median)"),
        (f"{finite_median(one.frames['splitHalfRatio']):.2f}", "times the photon limit", "the same noise"),
        (
            f"{finite_median(one.exposures['residualRatio']):.2f}",
            "residual / photon limit",
            "what the sky frames leave of exposures (median)",
        ),
        (f"{100 * finite_median(lost):.0f} %", "of pixels lost", "masked or replaced (median)"),
    ]


def summarise_exposures(exposures: Table, pulls: Table) -> list[dict[str, float | str]]:
    """A row per exposure: medians over its detectors, and how many of them are used."""
    numbers, pulled = np.asarray(exposures["exposure"]), np.asarray(pulls["exposure"])
    rows = []
    for number in np.unique(numbers):
        own, pull = exposures[numbers == number], pulls[pulled == number]
        reasons = sorted({str(reason) for reason in own["reason"] if reason})
        row: dict[str, float | str] = {
            "exposure": int(number),
            "detectors": len(own),
            "used": int(np.sum(own["used"])),
        }
        for name in EXPOSURE_MEDIANS:
            row[name] = finite_median(own[name])
        for name in ("deviationRatio", "structureRatio", "outlierFraction", "pullRms"):
            row[name] = finite_median(pull[name])
        row["reason"] = "; ".join(reasons)
        rows.append(row)
    return rows


EXPOSURE_MEDIANS = (
    "scale",
    "scaleUncertainty",
    "residualRms",
    "residualRatio",
    "maskedFraction",
    "replacedFraction",
    "coverage",
    "airmass",
    "rotatorAngle",
    "moonSeparation",
)
