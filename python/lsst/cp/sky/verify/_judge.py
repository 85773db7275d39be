# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdict on sky frames from the tables of metrics, with the rule behind each finding."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ._numbers import OUTLIER_SIGMAS, finite_median

if TYPE_CHECKING:
    from astropy.table import Table
    from numpy.typing import NDArray

__all__ = ("Finding", "Rules", "Verdict", "judge", "judge_joint", "judge_solution", "overall")


class Verdict(enum.IntEnum):
    """Quality; worse is higher."""

    GOOD = 0
    LOOK = 1
    BAD = 2

    @property
    def words(self) -> str:
        """As a person says it."""
        return ("good", "look at this", "bad")[self]


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something that is not as it should be."""

    verdict: Verdict
    subject: str
    """Who: an exposure, a detector, the sky frame."""
    sentence: str
    """What is wrong with it, with numbers."""
    rule: str
    """By which rule."""


@dataclasses.dataclass(frozen=True)
class Rules:
    """Limits beyond which something should be looked at, and beyond which it is bad."""

    outlier: tuple[float, float] = (2.0, 4.0)
    """Deviation of an exposure or detector, in units of the median of all."""
    deviation: tuple[float, float] = (1.5, 3.0)
    """The same in units of the photon limit; both have to be exceeded."""
    structure: tuple[float, float] = (1.4, 3.0)
    """Deviation without its mean, which is steadier: in units of the median of all."""
    least_structure: tuple[float, float] = (1.5, 3.0)
    """The same in units of the photon limit; both have to be exceeded."""
    first: float = 2.0
    """The same before anything was masked (joint chain), in units of the median of all and of the photon
    limit; both have to be exceeded."""
    outliers: tuple[float, float] = (0.1, 0.3)
    """Fraction of the cells that deviate by more than ``OUTLIER_SIGMAS``; besides ``outlier``."""
    single: float = 4.0
    """Deviation of one detector of one exposure, in units of what is usual for both."""
    noise: tuple[float, float] = (2.0, 4.0)
    """Split-half noise of a sky frame in units of the photon limit."""
    step: tuple[float, float] = (0.01, 0.05)
    """Level of a detector less that of the others, fraction of the sky."""
    step_sigmas: float = 5.0
    """The same in units of the scatter of the others; both have to be exceeded."""
    lost: tuple[float, float] = (0.5, 0.8)
    """Fraction of the pixels that are masked or replaced."""
    empty: tuple[float, float] = (0.1, 0.5)
    """Fraction of the cells without a value."""
    share: float = 1.3
    """The last two of an exposure or detector, in units of the median of all."""
    scale: float = 5.0
    """Factor by which the sky of an exposure is above or below the median."""
    pull: float = 4.0
    """Reduced chi square of an exposure of the joint chain against the others, on large scales, by itself and
    in units of the median of all."""
    orders: int = 2
    """Orders by which polynomials of the sky of an exposure of the joint chain exceed the common one."""
    recurrence: float = 2.0
    """How many times more often than by chance objects of two exposures of the joint chain coincide."""
    inputs: tuple[int, int] = (5, 3)
    """Exposures of a sky frame below which it is to be looked at, and below which it cannot be judged."""


def judge(exposures: Table, frames: Table, pulls: Table, rules: Rules | None = None) -> list[Finding]:
    """Judge the sky frames of one filter.

    Parameters
    ----------
    exposures : `astropy.table.Table`
        Rows of `CpSkyVerifyExposureTask`, of all exposures.
    frames, pulls : `astropy.table.Table`
        Tables of `CpSkyVerifyFrameTask`.
    rules : `Rules`, optional
        The limits.

    Returns
    -------
    findings : `list` [`Finding`]
        Problems, the worst first; empty if all is well.
    """
    rules = rules or Rules()
    judges: Sequence[Callable[[Table, Table, Table, Rules], Iterator[Finding]]] = (
        _deviations, _structure, _first, _places, _singles, _unused, _few_inputs,
        _noise, _steps, _lost, _empty, _scales, _unknown,
    )  # fmt: skip
    found = [finding for one in judges for finding in one(exposures, frames, pulls, rules)]
    return sorted(found, key=lambda finding: -finding.verdict)


def judge_joint(exposures: Table, rules: Rules | None = None) -> list[Finding]:
    """Judge what the joint chain says of its exposures, where nothing else was measured.

    Parameters
    ----------
    exposures : `astropy.table.Table`
        ``cpSkyJointExposures``, a row per exposure.
    rules : `Rules`, optional
        The limits.

    Returns
    -------
    findings : `list` [`Finding`]
        What is not as it should be, the worst first; empty where all is well.
    """
    rules = rules or Rules()
    counted = np.asarray(exposures["weight"], dtype=float) > 0
    found = list(_count(int(counted.sum()), rules))
    for row, counts in zip(exposures, counted, strict=True):
        subject = f"exposure {row['exposure']}"
        if not counts:
            rule = "Exposures that the joint chain rejects: look; its thresholds are in its configuration."
            found.append(Finding(Verdict.LOOK, subject, f"It was rejected: {row['reason']}.", rule))
        elif (verdict := _grade(float(row["masked"]), rules.lost)) is not Verdict.GOOD:
            rule = f"Pixels lost to masks: look above {rules.lost[0]:.0%}, bad above {rules.lost[1]:.0%}."
            found.append(Finding(verdict, subject, f"{row['masked']:.0%} of its pixels do not count.", rule))
    return sorted(found, key=lambda finding: -finding.verdict)


def judge_solution(exposures: Table, rules: Rules | None = None) -> list[Finding]:
    """Judge what only the joint chain knows of its exposures.

    Parameters
    ----------
    exposures : `astropy.table.Table`
        ``cpSkyJointExposures``, a row per exposure.
    rules : `Rules`, optional
        The limits.

    Returns
    -------
    findings : `list` [`Finding`]
        What is not as it should be; empty where all is well.
    """
    rules = rules or Rules()
    found = [*_against_others(exposures, rules), *_steep_skies(exposures, rules)]
    recurrence = float(exposures["recurrence"][0])
    if recurrence > rules.recurrence:
        found.append(
            Finding(
                Verdict.LOOK,
                "all exposures",
                f"Objects of two exposures coincide {recurrence:.1f} times more often than by chance: the "
                "exposures are hardly dithered, and light of objects may be in the sky frame.",
                f"Recurrence of objects: look above {rules.recurrence:g}.",
            )
        )
    amplitude = np.asarray(exposures["amplitude"], dtype=float)
    if np.any(amplitude):
        found.append(
            Finding(
                Verdict.LOOK,
                "sky frame",
                "The pattern is not the same in all exposures: a second one comes and goes (with the moon, "
                "the colour of the sky or the temperature). The sky frame has the pattern of the mean "
                "exposure, and leaves the rest; amplitudes range "
                f"from {amplitude.min():.1f} to {amplitude.max():.1f}.",
                "Patterns that vary: look.",
            )
        )
    return found


def _against_others(exposures: Table, rules: Rules) -> Iterator[Finding]:
    """Exposures of the joint chain that are unlike the others on large scales."""
    used = exposures[np.asarray(exposures["weight"], dtype=float) > 0]
    usual = finite_median(used["pull"])
    for row in used:
        if row["pull"] > rules.pull * max(usual, 1.0):
            yield Finding(
                Verdict.LOOK,
                f"exposure {row['exposure']}",
                "It is unlike the other exposures on large scales: its reduced chi square against them is "
                f"{row['pull']:.1f}, where {usual:.1f} is usual. Was it taken through another filter, under "
                "clouds or stray light?",
                f"Pull of the joint chain: look above {rules.pull:g} and {rules.pull:g} times what is usual.",
            )


def _steep_skies(exposures: Table, rules: Rules) -> Iterator[Finding]:
    """Exposures of the joint chain whose skies are less even than the others."""
    used = exposures[np.asarray(exposures["weight"], dtype=float) > 0]
    for row in used:
        if row["order"] >= row["common_order"] + rules.orders:
            yield Finding(
                Verdict.LOOK,
                f"exposure {row['exposure']}",
                f"Its sky is less even than the others: polynomials of order {row['order']} were needed, "
                f"where {row['common_order']} is usual. Look for moonlight, clouds or stray light.",
                f"Order of the sky of the joint chain: look from {rules.orders} above the common one.",
            )


def overall(findings: Sequence[Finding]) -> Verdict:
    """Return the overall verdict: the worst of the findings."""
    return max((finding.verdict for finding in findings), default=Verdict.GOOD)


def _grade(value: float, limits: tuple[float, float]) -> Verdict:
    return Verdict(int(value > limits[0]) + int(value > limits[1]))


def _detector_names(table: Table) -> dict[int, str]:
    return {int(row["detector"]): f"detector {row['detector']} ({row['detectorName']})" for row in table}


@dataclasses.dataclass(frozen=True)
class _Matrix:
    """One figure of every detector of every exposure."""

    exposures: NDArray[np.integer]
    detectors: NDArray[np.integer]
    values: NDArray[np.floating]
    """(exposures, detectors); NaN where there is nothing."""

    @classmethod
    def of(cls, table: Table, column: str) -> _Matrix:
        """Take the figure from a table of a row per exposure and detector."""
        exposures, row = np.unique(np.asarray(table["exposure"]), return_inverse=True)
        detectors, place = np.unique(np.asarray(table["detector"]), return_inverse=True)
        values = np.full((len(exposures), len(detectors)), np.nan)
        values[row, place] = np.asarray(table[column], dtype=float)
        return cls(exposures, detectors, values)

    def medians(self) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Median of each exposure over its detectors, and of each detector over its exposures."""
        lines = np.array([finite_median(line) for line in self.values])
        columns = np.array([finite_median(line) for line in self.values.T])
        return lines, columns


def _unlike(
    pulls: Table, column: str, ratio: tuple[float, float], least: tuple[float, float]
) -> Iterator[tuple[Verdict, str, str, float, float]]:
    """Exposures and detectors that stand out: how much, who, of which kind, its figure and the usual one."""
    matrix, names = _Matrix.of(pulls, column), _detector_names(pulls)
    usual = finite_median(matrix.values)
    subjects = (
        [f"exposure {number}" for number in matrix.exposures],
        [names[int(n)] for n in matrix.detectors],
    )
    for kind, medians, labels in zip(("exposure", "detector"), matrix.medians(), subjects, strict=True):
        for value, label in zip(medians, labels, strict=True):
            verdict = min(_grade(value, (ratio[0] * usual, ratio[1] * usual)), _grade(value, least))
            if verdict is not Verdict.GOOD:
                yield verdict, label, kind, value, usual


def _deviations(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    """Exposures and detectors that are unlike the others all over."""
    for verdict, label, kind, value, usual in _unlike(
        pulls, "deviationRatio", rules.outlier, rules.deviation
    ):
        yield Finding(
            verdict,
            label,
            f"It is unlike the other {kind}s: what is left without its sky deviates by {value:.1f} times the "
            f"photon limit from other exposures (median), where {usual:.1f} is usual.",
            f"Deviations: look above {rules.outlier[0]:g} times what is usual and {rules.deviation[0]:g} "
            f"times the photon limit, bad above {rules.outlier[1]:g} and {rules.deviation[1]:g}.",
        )


def _structure(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    """Exposures and detectors with structure that the others do not have."""
    alike = {
        label for _, label, *_ in _unlike(pulls, "deviationRatio", rules.outlier, rules.deviation)
    }  # of whom more is said already
    for verdict, label, kind, value, usual in _unlike(
        pulls, "structureRatio", rules.structure, rules.least_structure
    ):
        if label not in alike:
            yield Finding(
                verdict,
                label,
                f"It has structure that other {kind}s have not: without its sky and mean level it deviates "
                f"by {value:.1f} times the photon limit from other exposures (median), where {usual:.1f} is "
                "usual. Another filter, or stray light?",
                f"Structure: look above {rules.structure[0]:g} times what is usual and "
                f"{rules.least_structure[0]:g} times the photon limit, bad above {rules.structure[1]:g} and "
                f"{rules.least_structure[1]:g}.",
            )


def _first(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    """Exposures and detectors that were unlike the others before anything was masked for their sake."""
    if "firstStructureRatio" not in pulls.colnames:
        return
    limits = (rules.first, math.inf)
    for verdict, label, kind, value, usual in _unlike(pulls, "firstStructureRatio", limits, limits):
        yield Finding(
            verdict,
            label,
            f"Before anything was masked, it was unlike the other {kind}s: medians of its bins deviate by "
            f"{value:.1f} times the photon limit from other exposures (median), where {usual:.1f} is usual. "
            "If much is masked, it may be why: try without it.",
            f"First medians: look above {rules.first:g} times what is usual and {rules.first:g} times the "
            "photon limit.",
        )


def _places(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    """Exposures and detectors that are unlike the others in places."""
    for verdict, label, kind, value, usual in _unlike(
        pulls, "outlierFraction", rules.outlier, rules.outliers
    ):
        yield Finding(
            verdict,
            label,
            f"It is unlike the other {kind}s in places: {value:.0%} of its cells deviate by more than "
            f"{OUTLIER_SIGMAS:g} times their noise from other exposures (median), where {usual:.0%} is "
            "usual.",
            f"Deviations in places: look above {rules.outlier[0]:g} times what is usual and "
            f"{rules.outliers[0]:.0%} of the cells, bad above {rules.outlier[1]:g} times and "
            f"{rules.outliers[1]:.0%}.",
        )


def _singles(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    """Single detectors of single exposures, where neither stands out as a whole."""
    matrix, names = _Matrix.of(pulls, "deviationRatio"), _detector_names(pulls)
    by_exposure, by_detector = matrix.medians()
    for i, j in np.argwhere(np.isfinite(matrix.values)):
        value, expected = matrix.values[i, j], max(by_exposure[i], by_detector[j])
        if value > max(rules.single * expected, rules.deviation[1]):
            yield Finding(
                Verdict.LOOK,
                f"{names[int(matrix.detectors[j])]} of exposure {matrix.exposures[i]}",
                f"It deviates by {value:.1f} times the photon limit, where {expected:.1f} is usual for both.",
                f"Single detectors: look above {rules.single:g} times what is usual for exposure and "
                f"detector, and {rules.deviation[1]:g} times the photon limit.",
            )


def _unused(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    """Exposures, or some of their detectors, that are not in the sky frame."""
    numbers = np.asarray(exposures["exposure"])
    reasons = np.where(
        np.asarray(exposures["used"], dtype=bool), "", np.asarray(exposures["reason"], dtype=str)
    )
    for number in np.unique(numbers):
        for reason in np.unique(reasons[(numbers == number) & (reasons != "")]):
            count = int(np.sum((numbers == number) & (reasons == reason)))
            yield Finding(
                Verdict.LOOK,
                f"exposure {number}",
                f"{count} of its {int(np.sum(numbers == number))} detectors are not in the sky frame: "
                f"{reason}.",
                "Exposures that are not in the sky frame: look.",
            )


def _few_inputs(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    yield from _count(int(np.median(frames["inputs"])), rules)


def _count(count: int, rules: Rules) -> Iterator[Finding]:
    """Judge how many exposures a sky frame was made from."""
    enough, least = rules.inputs
    if count < enough:
        yield Finding(
            Verdict.BAD if count < least else Verdict.LOOK,
            "sky frame",
            f"It was made from {count} exposure{'s' if count != 1 else ''}"
            + (", too few to tell a bad one from the others." if count < least else "."),
            f"Inputs: look below {enough}, bad below {least}.",
        )


def _noise(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    """Noise of all sky frames, and of single ones."""
    rule = f"Noise: look above {rules.noise[0]:g} times the photon limit, bad above {rules.noise[1]:g}."
    ratio = finite_median(frames["splitHalfRatio"])
    whole = _grade(ratio, rules.noise)
    if whole is not Verdict.GOOD:
        yield Finding(
            whole,
            "sky frame",
            f"The halves of the exposures differ: its noise is {ratio:.1f} times the photon limit "
            "(median over the detectors).",
            rule,
        )
    for row in frames:
        verdict = _grade(float(row["splitHalfRatio"]), rules.noise)
        if verdict > whole and row["splitHalfRatio"] > rules.outlier[0] * ratio:
            yield Finding(
                verdict,
                _detector_names(frames)[int(row["detector"])],
                f"The halves of the exposures differ: the noise of its sky frame is "
                f"{row['splitHalfRatio']:.1f} times the photon limit, where {ratio:.1f} is usual.",
                rule,
            )


def _steps(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    steps = np.asarray(frames["detectorStep"], dtype=float)
    scatter = 1.4826 * finite_median(np.abs(steps))
    for row, step in zip(frames, steps, strict=True):
        verdict = _grade(abs(step), rules.step)
        if verdict is not Verdict.GOOD and abs(step) > rules.step_sigmas * scatter:
            yield Finding(
                verdict,
                _detector_names(frames)[int(row["detector"])],
                f"The level of its sky frame is {100 * step:+.2f} % of the sky from that of the others.",
                f"Steps between detectors: look above {100 * rules.step[0]:g} % of the sky and "
                f"{rules.step_sigmas:g} times the scatter, bad above {100 * rules.step[1]:g} %.",
            )


def _shares(
    table: Table,
    values: NDArray[np.floating],
    limits: tuple[float, float],
    factor: float,
    sentence: str,
    rule: str,
) -> Iterator[Finding]:
    """Judge a fraction: of all, and of exposures and detectors that have ``factor`` times as much."""
    everything = finite_median(values)
    whole = _grade(everything, limits)
    if whole is not Verdict.GOOD:
        yield Finding(whole, "all exposures", sentence.format(everything), rule)
    names = _detector_names(table)
    for column in ("exposure", "detector"):
        numbers = np.asarray(table[column])
        for number in np.unique(numbers):
            value = finite_median(values[numbers == number])
            if (verdict := _grade(value, limits)) > whole and value > factor * everything:
                subject = f"exposure {number}" if column == "exposure" else names[int(number)]
                yield Finding(verdict, subject, sentence.format(value), rule)


_ADVICE = (
    " Where these are no objects, the masker takes structure of the detectors for them: see "
    "maskTask.subtractBackground.binSize of cpSkyImage."
)


def _lost(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    replaced = np.asarray(exposures["replacedFraction"], dtype=float)
    lost = np.fmax(np.asarray(exposures["maskedFraction"], dtype=float), replaced)
    # The joint chain replaces nothing, and does not take structure of the detectors for objects.
    advice = "" if not np.any(replaced > 0) else _ADVICE
    yield from _shares(
        exposures,
        lost,
        rules.lost,
        rules.share,
        "{:.0%} of the pixels are masked or replaced (median)." + advice,
        f"Pixels lost to masks: look above {rules.lost[0]:.0%}, bad above {rules.lost[1]:.0%}; an exposure "
        f"or detector also has to have {rules.share:g} times what is usual.",
    )


def _empty(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    known = exposures[np.asarray([reason == "" for reason in exposures["reason"]], dtype=bool)]
    if len(known):
        yield from _shares(
            known,
            1.0 - np.asarray(known["coverage"], dtype=float),
            rules.empty,
            rules.share,
            "{:.0%} of the cells have no value (median), because all of their pixels are masked.",
            f"Empty cells: look above {rules.empty[0]:.0%}, bad above {rules.empty[1]:.0%}; an exposure or "
            f"detector also has to have {rules.share:g} times what is usual.",
        )


def _scales(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    numbers, first = np.unique(np.asarray(exposures["exposure"]), return_index=True)
    scales = np.asarray(exposures["scale"], dtype=float)[first]
    usual = finite_median(scales)
    for number, scale in zip(numbers, scales, strict=True):
        if not usual / rules.scale <= scale <= usual * rules.scale:
            yield Finding(
                Verdict.LOOK,
                f"exposure {number}",
                f"Its sky is {scale:.4g} (units of the image), where {usual:.4g} is usual.",
                f"Sky: look above {rules.scale:g} times the median, and below its {rules.scale:g}th part.",
            )


def _unknown(exposures: Table, frames: Table, pulls: Table, rules: Rules) -> Iterator[Finding]:
    """Detectors of exposures about which nothing can be said, though they are in the sky frame."""
    used = exposures[np.asarray(exposures["used"], dtype=bool)]
    for row in used:
        if np.isfinite(row["photonLimit"]) and row["photonLimit"] > 0:
            continue
        yield Finding(
            Verdict.LOOK,
            f"detector {row['detector']} ({row['detectorName']}) of exposure {row['exposure']}",
            "Its variance is zero or not known, or all of its pixels are masked, so that nothing can be said "
            "of its noise.",
            "Photon limit: look where it is not known.",
        )
