# SPDX-License-Identifier: GPL-3.0-or-later
"""Collection of the metrics and plots of sky frames from a repository."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from astropy.table import Table, vstack

from lsst.daf.butler import (
    Butler,
    MissingCollectionError,
    MissingDatasetTypeError,
)

from ..verify import Finding, Verdict, judge, judge_joint, judge_solution, overall
from ._provenance import Provenance, collect_provenance

if TYPE_CHECKING:
    from lsst.daf.butler import DatasetRef

__all__ = ("Figures", "FilterReport", "Picture", "Report", "ReportError", "collect")

#: Plots of a filter, in the order of the page, with what a person sees in them.
_PLOTS = {
    "FramePlot": "The sky frame: what the camera does to a featureless sky.",
    "FrameNoisePlot": "Noise of the sky frame, and how many exposures each of its cells has.",
    "DeviationPlot": "Each exposure less the median of the others. A bad exposure is a bright row, a "
    "bad detector a bright column.",
    "PullPlot": "How far each exposure pulls the sky frame: with it less without it.",
    "ResidualLevelPlot": "What the sky frame leaves of each exposure, and what photons would leave.",
    "MaskedPlot": "Pixels that are masked or were replaced.",
}
_WIDE = 1000
"""Width of a picture (pixels) beyond which it is not read in half of a page."""
_PIPELINES = "resource://lsst.cp.sky/pipelines/_ingredients"
_JOINT = "cpSkyJointExposures"


@dataclasses.dataclass(frozen=True)
class _Chain:
    """Names of the datasets of a chain."""

    prefix: str
    """Of what the verification makes."""
    first: str
    """What the chain makes of every exposure, whether or not it gets into a sky frame."""


_CHAINS = {
    "joint": _Chain("cpSkyJoint", "cpSkyJointBins1"),
    "stock": _Chain("cpSky", "cpSkyExpResidualBackground"),
}


class ReportError(RuntimeError):
    """There is nothing to report; the message says what to do."""


@dataclasses.dataclass(frozen=True)
class Picture:
    """A plot from the repository."""

    title: str
    caption: str
    png: bytes

    @property
    def wide(self) -> bool:
        """Whether it is best shown as wide as the page: several panels, or many detectors, side by side."""
        # A PNG file begins with its signature and the header chunk: the width is in bytes 16 to 19.
        return int.from_bytes(self.png[16:20], "big") > _WIDE


@dataclasses.dataclass(frozen=True)
class Figures:
    """What the verification measured."""

    exposures: Table
    """A row per exposure and detector."""
    frames: Table
    """A row per detector."""
    pulls: Table
    """A row per exposure and detector."""


@dataclasses.dataclass(frozen=True)
class FilterReport:
    """All that is known of the sky frames of one filter from one chain."""

    instrument: str
    physical_filter: str
    chain: str
    """Chain that made the sky frames, ``joint`` or ``stock``."""
    figures: Figures | None
    """What the verification measured; `None` where it was not run."""
    joint: Table | None
    """What the joint chain says of its exposures; `None` for the stock chain."""
    findings: list[Finding]
    pictures: list[Picture]
    exposure_pictures: list[Picture]

    @property
    def verdict(self) -> Verdict:
        """The worst of the findings."""
        return overall(self.findings)


@dataclasses.dataclass(frozen=True)
class Report:
    """Everything known about the sky frames in some collections."""

    repository: str
    filters: list[FilterReport]
    provenance: Provenance

    @property
    def verdict(self) -> Verdict:
        """The worst of all filters."""
        return max(one.verdict for one in self.filters)


def collect(repository: str, collections: Sequence[str]) -> Report:
    """Read metrics and plots of all sky frames in some collections, and judge them.

    Parameters
    ----------
    repository : `str`
        Root or name of the repository.
    collections : `~collections.abc.Sequence` [`str`]
        Collections to search, in order: those written by the chain and by the verification.

    Returns
    -------
    report : `Report`
        Figures, plots, findings and provenance, filters in order of their names, chains within filters.

    Raises
    ------
    ReportError
        Raised if there is no repository, or no metrics in the collections.
    """
    try:
        butler = Butler.from_config(repository, collections=list(collections))
    except FileNotFoundError as error:
        raise ReportError(f"{repository} is no butler repository.") from error
    with butler:
        if unknown := [name for name in collections if not _exists(butler, name)]:
            raise ReportError(f"There is no collection {', '.join(unknown)} in {repository}.")
        wanted = {
            (str(ref.dataId["instrument"]), str(ref.dataId["physical_filter"]), chain)
            for chain, name in (
                *((c, f"{n.prefix}FrameMetrics") for c, n in _CHAINS.items()),
                ("joint", _JOINT),
            )
            for ref in _find(butler, name)
        }
        if not wanted:
            raise ReportError(_no_figures(repository, collections))
        filters = [_collect_filter(butler, *names) for names in sorted(wanted)]
        return Report(repository, filters, collect_provenance(butler, collections))


def _exists(butler: Butler, collection: str) -> bool:
    try:
        return bool(butler.collections.query(collection))
    except MissingCollectionError:
        return False


def _no_figures(repository: str, collections: Sequence[str]) -> str:
    joined = ",".join(collections)
    return (
        f"No figures of sky frames (cpSkyFrameMetrics, cpSkyJointFrameMetrics) are in {joined}. Make them "
        f"first, and name their collection too:\n    pipetask run -b {repository} -i {joined} -o u/me/verify "
        f"--register-dataset-types -p {_PIPELINES}/cpSkyVerify.yaml -d \"instrument='...'\"\n"
        "After the joint chain, cpSkyJointVerify.yaml."
    )


def _find(butler: Butler, name: str, where: str = "") -> Iterable[DatasetRef]:
    """Datasets of a type, none where nobody has registered it."""
    try:
        return butler.query_datasets(name, where=where, explain=False)
    except MissingDatasetTypeError:
        return []


def _collect_filter(butler: Butler, instrument: str, label: str, chain: str) -> FilterReport:
    """All that is known of one filter from one chain."""
    where = f"instrument='{instrument}' AND physical_filter='{label}'"
    names = _CHAINS[chain]
    figures = _collect_figures(butler, names.prefix, label, where)
    joint = (
        next((butler.get(ref) for ref in _find(butler, _JOINT, where)), None) if chain == "joint" else None
    )
    findings: list[Finding] = []
    if figures is not None:
        findings += judge(figures.exposures, figures.frames, figures.pulls)
        findings += _newcomers(butler, names.first, where, figures.exposures)
    elif joint is not None:
        findings += judge_joint(joint)
        findings += _newcomers(butler, names.first, where, joint)
    if joint is not None:
        findings += judge_solution(joint)
    return FilterReport(
        instrument=instrument,
        physical_filter=label,
        chain=chain,
        figures=figures,
        joint=joint,
        findings=sorted(findings, key=lambda finding: -finding.verdict),
        pictures=[
            Picture(name, caption, _png(butler, one))
            for name, caption in _PLOTS.items()
            for one in _find(butler, names.prefix + name, where)
        ],
        exposure_pictures=[
            Picture(f"Exposure {one.dataId['exposure']}", "", _png(butler, one))
            for one in sorted(
                _find(butler, f"{names.prefix}ExposurePlot", where), key=lambda one: one.dataId["exposure"]
            )
        ],
    )


def _collect_figures(butler: Butler, prefix: str, label: str, where: str) -> Figures | None:
    """What the verification measured of one filter; `None` where it was not run."""
    exposures, frames, pulls = (
        [butler.get(ref) for ref in _find(butler, prefix + name, where)]
        for name in ("ExposureMetrics", "FrameMetrics", "FramePulls")
    )
    if not frames:
        return None
    for tables, name, task in ((exposures, "ExposureMetrics", "Exposure"), (pulls, "FramePulls", "Frame")):
        if not tables:
            verify = prefix.replace("cpSky", "cpSkyVerify") + task
            raise ReportError(f"{prefix}{name} of {label} is missing; run {verify} again.")
    table = vstack(exposures, metadata_conflicts="silent")
    table.sort(["exposure", "detector"])
    return Figures(table, frames[0], pulls[0])


def _newcomers(butler: Butler, first: str, where: str, metrics: Table) -> list[Finding]:
    """Exposures that came after the sky frame and its figures were made."""
    known = {int(number) for number in np.unique(np.asarray(metrics["exposure"]))}
    found = {int(ref.dataId["exposure"]) for ref in _find(butler, first, where)}
    return [
        Finding(
            Verdict.LOOK,
            f"exposure {number}",
            f"The chain has begun with it ({first}), but it is neither in the sky frame nor among the "
            "figures: it came after they were made. Make the sky frame anew in a new run; --skip-existing "
            "keeps the old one.",
            "Exposures that are not in the sky frame: look.",
        )
        for number in sorted(found - known)
    ]


def _png(butler: Butler, ref: DatasetRef) -> bytes:
    """File of a plot, which butlers can write and not read."""
    return bytes(butler.getURI(ref).read())
