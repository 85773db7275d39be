# SPDX-License-Identifier: GPL-3.0-or-later
"""The joint solve: the sky of every exposure and the pattern of every detector at once.

A bin c of exposure e is ``m[e, c] = S_e(c) (1 + p[c]) + noise``, with S_e a polynomial over the focal plane
and p the static pattern. Alternating weighted least squares: given the skies the pattern of a bin is a
weighted mean over exposures; given the pattern the sky of an exposure is a linear fit over all detectors.
Detectors pass by one after the other, each once a round, so that memory holds the bins of one detector, the
patterns of all, and small matrices.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from ._bins import Bins
from ._gauge import project_pattern
from ._judge import judge_exposures
from ._mode import BinsWithoutMode, find_mode, refine_mode
from ._parameters import JudgeParameters, ModeParameters, PatternParameters, SolveParameters
from ._plane import Site, solve_normal, terms
from ._solution import Skies, Solution
from ._sweep import Exposures, Sums, sweep_detector

__all__ = ("solve_joint",)

_WARM = 2
"""Rounds before bins are rejected: the pattern has to be about right first."""
_LEAST = 6
"""Rounds at least."""
_STEPS = 2
"""Orders beyond an exposure's own that are looked at to see whether it asks for more."""


def solve_joint(
    sites: Sequence[Site],
    bins: Sequence[Bins],
    start: Solution,
    parameters: SolveParameters,
    judge: JudgeParameters,
    mode: ModeParameters | None = None,
    pattern: PatternParameters | None = None,
) -> Solution:
    """Solve for skies and pattern.

    Parameters
    ----------
    sites : `~collections.abc.Sequence` [`Site`]
        Detectors.
    bins : `~collections.abc.Sequence` [`Bins`]
        Means, counts and variances ``(E, ny, nx)`` of each detector, float32 or more. Detectors are asked for
        one after the other, in each round again, so that the sequence may read them from disk. Beside what it
        holds the solve takes about 100 bytes for each bin and exposure of one detector, and 100 for each bin
        of all detectors.
    start : `Solution`
        Where to begin: the solution of the pass before.
    parameters : `SolveParameters`
        Orders and weights.
    judge : `JudgeParameters`
        What makes an exposure count less, or not at all.
    mode : `ModeParameters`, optional
        When to look for a second pattern, whose amplitude differs from exposure to exposure; by default there
        is none.
    pattern : `PatternParameters`, optional
        How noise is taken out of it.

    Returns
    -------
    solution : `Solution`
        Orders are raised, for one exposure or for all, until residuals ask for no more; exposures are
        rejected until those that are left pass.
    """
    solution = _settle(sites, bins, start, parameters, judge)
    amplitude = find_mode(sites, bins, solution, mode) if mode is not None and mode.rounds else None
    if mode is None or amplitude is None:
        return solution
    pattern = pattern or PatternParameters()
    # The skies were made to follow the second pattern as far as they can; let them begin anew.
    begin = _restart(solution, parameters.order)
    known = [np.nan_to_num(p) for p in solution.pattern]
    solution, _ = _solve_once(sites, bins, known, Exposures.start(begin.skies), parameters.order, parameters)
    for _ in range(mode.rounds):
        found = refine_mode(sites, bins, solution, amplitude, pattern)
        amplitude = found.amplitude
        rest = BinsWithoutMode(bins, sites, solution, found)
        begin = _restart(solution, parameters.order)
        solution = dataclasses.replace(_settle(sites, rest, begin, parameters, judge), mode=found)
    return solution


def _restart(solution: Solution, order: int) -> Solution:
    """A solution to begin with whose skies are of the order given."""
    skies = dataclasses.replace(solution.skies, order=np.full_like(solution.skies.order, order))
    return dataclasses.replace(solution, skies=skies, order=order)


def _settle(
    sites: Sequence[Site],
    bins: Sequence[Bins],
    start: Solution,
    parameters: SolveParameters,
    judge: JudgeParameters,
) -> Solution:
    """Solve until residuals ask for no higher orders, and exposures that are left pass."""
    exposures = Exposures.start(start.skies)
    pattern, order = [np.nan_to_num(p) for p in start.pattern], start.order
    while True:
        solution, pattern = _solve_once(sites, bins, pattern, exposures, order, parameters)
        raised, order = _raise_orders(solution.skies, order, parameters)
        if raised is not None:
            exposures = dataclasses.replace(Exposures.start(solution.skies), order=raised)
            continue
        verdict = judge_exposures(solution.skies, judge)
        if (verdict.weight == solution.skies.weight).all():
            return solution
        exposures = dataclasses.replace(
            Exposures.start(
                dataclasses.replace(solution.skies, weight=verdict.weight, reasons=verdict.reasons)
            )
        )


def _solve_once(
    sites: Sequence[Site],
    bins: Sequence[Bins],
    pattern: list[np.ndarray],
    exposures: Exposures,
    order: int,
    parameters: SolveParameters,
) -> tuple[Solution, list[np.ndarray]]:
    """Rounds of the alternating fit with orders and verdicts as they are; the pattern without gaps, too."""
    _, exposures, _ = _sweep(sites, bins, pattern, exposures, 0.0, parameters, hold=True)
    exposures = dataclasses.replace(exposures, extra=np.zeros_like(exposures.extra))
    rounds = 0
    for rounds in range(1, parameters.iterations + 1):
        robust = parameters.robust if rounds > _WARM else 0.0
        pattern, exposures, sums = _sweep(sites, bins, pattern, exposures, robust, parameters)
        if sums.change < parameters.tolerance and rounds >= _LEAST:
            break
    # What the sky can describe belongs to the sky: two rounds more in which the pattern gives it up.
    for _ in range(2):
        pattern, _ = project_pattern(sites, pattern, order)
        _, exposures, _ = _sweep(sites, bins, pattern, exposures, parameters.robust, parameters, hold=True)
    pattern, _, sums = _sweep(sites, bins, pattern, exposures, parameters.robust, parameters, steps=_STEPS)
    known = [np.where(i > 0, p, np.nan) for p, i in zip(pattern, sums.information, strict=True)]
    known, _ = project_pattern(sites, known, order)
    skies = sums.describe(exposures)
    return Solution(known, sums.information, skies, order, 1.0, rounds), [np.nan_to_num(p) for p in known]


def _sweep(
    sites: Sequence[Site],
    bins: Sequence[Bins],
    pattern: list[np.ndarray],
    exposures: Exposures,
    robust: float,
    parameters: SolveParameters,
    *,
    hold: bool = False,
    steps: int = 0,
) -> tuple[list[np.ndarray], Exposures, Sums]:
    """One round over all detectors: new pattern (unless held), then new skies."""
    highest = min(int(exposures.order.max()) + steps, parameters.max_order)
    sums = Sums.empty(len(exposures.order), terms(highest))
    out = []
    for site, one, before in zip(sites, bins, pattern, strict=True):
        new = sweep_detector(site, one, before, exposures, robust, sums, highest, hold=hold)
        out.append(new)
    coefficients = exposures.coefficients.copy()
    for e, k in enumerate(terms(int(o)) for o in exposures.order):
        coefficients[e] = 0
        coefficients[e, :k] = solve_normal(sums.matrix[e, :k, :k], sums.vector[e, :k])
    extra = sums.extra(exposures) if parameters.extra_variance else exposures.extra
    return out, dataclasses.replace(exposures, coefficients=coefficients, extra=extra), sums


def _raise_orders(skies: Skies, order: int, parameters: SolveParameters) -> tuple[np.ndarray | None, int]:
    """New orders of the exposures' skies if their residuals ask for more (else `None`), and the common
    order.
    """
    count = skies.weight > 0
    if count.sum() < 2:
        return None, order
    median = float(np.median(skies.chi[count]))
    alone = count & (skies.chi > parameters.raise_one) & (skies.chi > 4 * median)
    alone &= skies.order < parameters.max_order
    if alone.any() and alone.sum() <= count.sum() // 2:
        return skies.order + alone, order
    if median > parameters.raise_all and order < parameters.max_order:
        return np.maximum(skies.order, order + 1), order + 1
    return None, order
