# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole joint chain in memory, in the order in which the pipeline runs it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from ._bins import Bins
from ._cells import Cells
from ._noise import NoiseModel
from ._parameters import JointParameters
from ._plane import Site
from ._solution import Solution
from ._wings import Wings

__all__ = ("Pixels", "Product", "run_chain")


@dataclasses.dataclass(frozen=True)
class Pixels:
    """One exposure of one detector."""

    image: np.ndarray
    """``(rows, columns)``."""
    good: np.ndarray
    """Pixels without defects, ``(rows, columns)``, bool."""
    variance: np.ndarray | None = None
    """Variance of the pixels; without it the noise of the detector is taken."""


@dataclasses.dataclass(frozen=True)
class Product:
    """What the chain makes, and what it went through."""

    cells: list[Cells]
    """Sky frame of each detector."""
    solution: Solution
    model: list[np.ndarray]
    """Pattern of each detector in bins without noise and gaps."""
    masks: dict[tuple[int, int], np.ndarray]
    """Mask of each exposure and detector, bool."""
    bins: list[Bins]
    """Bins of each detector, ``(E, ny, nx)``."""
    wings: Wings
    recurrence: float
    warnings: list[str]


Reader = Callable[[int, int], Pixels | None]


def run_chain(
    read: Reader,
    exposures: int,
    sites: Sequence[Site],
    noise: Sequence[NoiseModel],
    parameters: JointParameters | None = None,
) -> Product:
    """Make sky frames of all detectors.

    Parameters
    ----------
    read : `~collections.abc.Callable`
        Called as ``read(exposure, detector)`` in every pass; gives `Pixels`, or `None` where the exposure lacks the
        detector.
    exposures : `int`
        Number of exposures.
    sites : `~collections.abc.Sequence` [`Site`]
        Detectors.
    noise : `~collections.abc.Sequence` [`NoiseModel`]
        Of each detector, for exposures whose variance says nothing.
    parameters : `JointParameters`, optional
        How.

    Returns
    -------
    product : `Product`
    """
    raise NotImplementedError
