# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge exposures: which are used, and why others are not."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._parameters import JudgeParameters
from ._solution import Skies

__all__ = ("Verdict", "judge_exposures")


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Verdict on each exposure."""

    weight: np.ndarray
    """1 for exposures that are used, 0 for those that are not, (E,)."""
    reasons: tuple[str, ...]
    """Reason for rejection; empty for exposures that are used."""


def judge_exposures(skies: Skies, parameters: JudgeParameters) -> Verdict:
    """Reject exposures that disagree with the others, the worst first.

    Parameters
    ----------
    skies : `Skies`
        Skies of all exposures.
    parameters : `JudgeParameters`
        Thresholds; at least ``min_exposures`` remain in any case.

    Returns
    -------
    verdict : `Verdict`
        Exposures that were rejected before stay rejected. At most one more at a time is rejected for
        its pull, because a bad exposure pulls at the others, too.
    """
    weight, reasons = skies.weight.copy(), list(skies.reasons)
    count = weight > 0
    typical = float(np.median(skies.pull[count])) if count.any() else 0.0
    left = 1 - skies.masked
    usual = float(np.median(left[count])) if count.any() else 1.0
    most = min(parameters.max_masked, 1 - parameters.min_share * usual)
    pull = max(parameters.max_pull, 4 * typical)
    bad = {
        "masked": (skies.masked, most, f"more than {most:.0%} masked"),
        "extra": (
            skies.extra,
            parameters.max_extra,
            f"extra scatter above {parameters.max_extra:g} of the sky",
        ),
        "pull": (skies.pull, pull, f"pull above {pull:.1f}"),
    }
    for name, (values, most, reason) in bad.items():
        worst = [e for e in np.argsort(-values) if weight[e] > 0 and values[e] > most]
        for e in worst[:1] if name == "pull" else worst:
            if np.count_nonzero(weight) <= parameters.min_exposures:
                break
            weight[e] = 0
            reasons[e] = f"{reason} ({values[e]:.3g})"
    return Verdict(weight, tuple(reasons))
