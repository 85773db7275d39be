# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs that the tasks for the joint chain have in common, and how they are read detector by detector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import lsst.pipe.base.connectionTypes as cT

from ..joint.residuals import DetectorResiduals, load_residuals

if TYPE_CHECKING:
    from astropy.table import Table

    from .._protocols import Handle

__all__ = (
    "SOLUTION",
    "bins_input",
    "by_detector",
    "exposure_handles",
    "load_detector",
    "noise_input",
    "patterns_input",
    "skies_input",
)

SOLUTION = {"solution": "3"}
"""Template that numbers the last solution."""
_EXPOSURE_DETECTOR = ("instrument", "exposure", "detector")


def bins_input(solution: str = "{solution}", minimum: int = 1) -> cT.Input:
    """Make the connection for the bins of the last pass, or of another."""
    return cT.Input(
        name=f"cpSkyJointBins{solution}",
        minimum=minimum,
        doc="Exposures in bins, means of unmasked pixels (units of the exposures); medians of all pixels in "
        "solution 1.",
        storageClass="ArrowAstropy",
        dimensions=_EXPOSURE_DETECTOR,
        multiple=True,
        deferLoad=True,
    )


def noise_input() -> cT.Input:
    """Make the connection for the geometry of the detectors."""
    return cT.Input(
        name="cpSkyJointNoise",
        doc="Geometry of each detector of each exposure, and the sizes of its bins (pixels).",
        storageClass="StructuredDataDict",
        dimensions=_EXPOSURE_DETECTOR,
        multiple=True,
        deferLoad=True,
    )


def patterns_input(solution: str = "{solution}", minimum: int = 1) -> cT.Input:
    """Make the connection for the patterns of the last solve, or of another."""
    return cT.Input(
        name=f"cpSkyJointPattern{solution}",
        minimum=minimum,
        doc="Pattern of each detector in bins (fraction of the sky).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter", "detector"),
        multiple=True,
        deferLoad=True,
    )


def skies_input(name: str = "cpSkyJointExposures", minimum: int = 1) -> cT.Input:
    """Make the connection for the skies of the last solve, or of another."""
    return cT.Input(
        name=name,
        minimum=minimum,
        doc="Verdict on each exposure (used, or rejected and why) and its sky (units of the exposures).",
        storageClass="ArrowAstropy",
        dimensions=("instrument", "physical_filter"),
    )


def exposure_handles() -> cT.Input:
    """Make the connection for the exposures, of which no pixel is loaded."""
    return cT.Input(
        name="cpSkyIsrExp",
        doc="Exposures after instrument signature removal; only visit information, detector and filter are "
        "loaded. Not needed for anything else, so that they may be gone.",
        storageClass="Exposure",
        dimensions=_EXPOSURE_DETECTOR,
        multiple=True,
        deferLoad=True,
        minimum=0,
    )


def by_detector(handles: Sequence[Handle]) -> dict[int, list[Handle]]:
    """Return handles by the detector in their data IDs, in ascending order."""
    found: dict[int, list[Handle]] = {}
    for handle in sorted(handles, key=lambda one: int(one.dataId["detector"])):
        found.setdefault(int(handle.dataId["detector"]), []).append(handle)
    return found


def load_detector(
    detector: int,
    bins: dict[int, list[Handle]],
    noise: dict[int, list[Handle]],
    patterns: dict[int, list[Handle]],
    skies: Table | None,
    robust: float | None = None,
) -> DetectorResiduals | None:
    """Load what the solve leaves of the exposures of a detector; `None` where anything is missing."""
    if skies is None or not (detector in bins and detector in noise and detector in patterns):
        return None
    pattern = patterns[detector][0].get()
    options = {} if robust is None else {"robust": robust}
    return load_residuals(bins[detector], noise[detector][0], pattern, skies, **options)
