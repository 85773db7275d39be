# SPDX-License-Identifier: GPL-3.0-or-later
"""What the solve gives: the pattern of each detector, the sky of each exposure, and how good they are."""

from __future__ import annotations

import dataclasses

import numpy as np

__all__ = ("Mode", "Skies", "Solution")


@dataclasses.dataclass(frozen=True)
class Skies:
    """The sky of each exposure, and what was found out about it."""

    coefficients: np.ndarray
    """Of the polynomials of `basis`, ``(E, terms)``, units of the pixels; zero beyond the exposure's
    order."""
    order: np.ndarray
    """Order of each exposure's sky, (E,)."""
    extra: np.ndarray
    """Scatter of the bins that photons do not explain, a fraction of the sky, (E,)."""
    weight: np.ndarray
    """1 for an exposure that counts, 0 for one that was rejected, (E,)."""
    level: np.ndarray
    """Mean sky over the bins of the exposure, units of the pixels, (E,)."""
    level_error: np.ndarray
    """Standard error of the level from photons and extra scatter, (E,)."""
    chi: np.ndarray
    """Reduced chi square of the next orders, (E,)."""
    pull: np.ndarray
    """Reduced chi square of the exposure against all others on large scales, (E,)."""
    masked: np.ndarray
    """Fraction of the pixels of its detectors that did not count, (E,)."""
    reasons: tuple[str, ...]
    """Why an exposure was rejected; empty for those that count."""


@dataclasses.dataclass(frozen=True)
class Mode:
    """A second pattern, whose amplitude differs from exposure to exposure."""

    pattern: list[np.ndarray]
    """Of each detector in bins ``(ny, nx)``, a fraction of the sky at an amplitude of 1, without noise and
    gaps."""
    amplitude: np.ndarray
    """In each exposure, (E,); of mean 0 and root mean square 1 over those that count."""


@dataclasses.dataclass(frozen=True)
class Solution:
    """Pattern and skies of all detectors and exposures of a filter."""

    pattern: list[np.ndarray]
    """Pattern of each detector in bins ``(ny, nx)``, a fraction of the sky; NaN where nothing is known."""
    information: list[np.ndarray]
    """Inverse variance of the pattern, ``(ny, nx)``; 0 where nothing is known."""
    skies: Skies
    order: int
    """The common order: the pattern is orthogonal to the polynomials up to this one."""
    excess: float = 1.0
    """Factor by which errors are larger than the information says."""
    rounds: int = 0
    """Rounds of the alternating fit."""
    mode: Mode | None = None
    """The second pattern, if there is one; ``pattern`` is that of the mean exposure."""
