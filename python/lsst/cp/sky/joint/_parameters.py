# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers that steer the joint chain, with units; every task's configuration is made of these."""

from __future__ import annotations

import dataclasses

__all__ = (
    "BinParameters",
    "DetectParameters",
    "FrameParameters",
    "GaugeParameters",
    "JointParameters",
    "JudgeParameters",
    "ModeParameters",
    "PatternParameters",
    "SolveParameters",
    "StaticParameters",
    "WingParameters",
)


@dataclasses.dataclass(frozen=True)
class BinParameters:
    """How pixels become bins."""

    size: int = 16
    """Side of a bin in pixels; bins at the ends of amplifiers and cells are smaller."""
    cell: int = 32
    """Side of a cell of the sky frame in pixels."""
    minimum: float = 0.05
    """Smallest fraction of a bin's pixels from which its mean is taken."""
    clip: float = 4.0
    """Pixels further than this from the model do not count, standard deviations of a sky pixel."""


@dataclasses.dataclass(frozen=True)
class SolveParameters:
    """The joint solve of skies and pattern."""

    order: int = 2
    """Order of the sky's polynomials to begin with."""
    max_order: int = 8
    """Highest order that a sky may be given."""
    robust: float = 3.5
    """Bins brighter than the model by more than this many standard deviations are rejected, and fainter ones
    weighted down; 0 switches both off."""
    extra_variance: bool = True
    """Give an exposure that scatters more than its photons explain a variance of its own."""
    raise_all: float = 5.0
    """Median over exposures of the reduced chi square of the next order, above which all skies get one
    more."""
    raise_one: float = 12.0
    """Reduced chi square of the next order, above which one exposure's sky gets one more."""
    iterations: int = 15
    """Most rounds of the alternating fit."""
    tolerance: float = 3e-7
    """Change of the pattern (fractions of the sky) that ends the rounds."""


@dataclasses.dataclass(frozen=True)
class ModeParameters:
    """A second pattern, whose amplitude differs from exposure to exposure."""

    rounds: int = 2
    """Times that it is solved for, skies and pattern in between; 0: there is none."""
    least: int = 10
    """Fewest exposures that count."""
    significance: float = 1.1
    """Largest eigenvalue of the correlations between the exposures' residuals, over that of noise, from which
    on there is a second pattern."""


@dataclasses.dataclass(frozen=True)
class JudgeParameters:
    """What makes an exposure count less, or not at all."""

    max_extra: float = 0.005
    """Largest extra scatter of the bins, a fraction of the sky."""
    max_masked: float = 0.95
    """Largest fraction of the good pixels masked."""
    min_share: float = 0.25
    """Smallest fraction of its pixels left unmasked, as a share of what the median exposure has left."""
    max_pull: float = 30.0
    """Largest leave-one-out pull: reduced chi square of the exposure against all others, on large scales."""
    min_exposures: int = 3
    """Exposures are rejected only while at least this many remain."""


@dataclasses.dataclass(frozen=True)
class PatternParameters:
    """The pattern as a model for masking."""

    threshold: float = 3.0
    """Wavelet coefficients below this many standard deviations are taken for noise; 0: nothing is."""
    levels: int = 3
    """Scales of the starlet transform: 1, 2, 4 ... bins."""
    fill: float = 0.4
    """Bins with less than this fraction of the median information are taken from their neighbours."""


@dataclasses.dataclass(frozen=True)
class DetectParameters:
    """How objects are found on a residual in units of the noise of a sky pixel."""

    strong: float = 5.0
    """Signal to noise of sure objects ..."""
    low: float = 2.0
    """... which extend over connected pixels above this."""
    sigma: float = 1.7
    """Standard deviation of the Gaussian that smooths the residual, pixels."""
    faint: float = 3.0
    """Signal to noise of faint objects about the local level; of both signs, so that noise has no bias."""
    grow: float = 5.0
    """Objects grow by this much, pixels."""
    local: float = 12.0
    """Standard deviation of the Gaussian that makes the local level, pixels."""
    peak: float = 5.0
    """Single pixels beyond this are masked (cosmic rays), standard deviations."""
    floor: float = -10.0
    """Residuals are cut here before they are smoothed, standard deviations ..."""
    ceiling: float = 300.0
    """... and here."""


@dataclasses.dataclass(frozen=True)
class WingParameters:
    """How far masks reach beyond objects, by the size of the object."""

    classes: tuple[float, ...] = (2.0, 3.0, 4.5, 6.5, 9.5, 14.0, 20.0, 30.0)
    """Least inner radius of the objects of each class, pixels; smaller objects are not grown."""
    distances: tuple[float, ...] = (0, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 160)
    """Edges of the rings around objects, pixels."""
    far: float = 64.0
    """Rings from here on say what is no wing but an offset of the sky, pixels."""
    brightness: float = 0.02
    """Surface brightness at which wings stop mattering, standard deviations of a sky pixel."""
    significance: float = 2.0
    """A ring is a wing only if it is brighter than nothing by this many standard errors."""
    least: float = 0.8
    """Objects grow by at least this many times the inner radius of their class."""
    count: int = 100
    """Rings with fewer pixels say nothing."""


@dataclasses.dataclass(frozen=True)
class StaticParameters:
    """Objects that stay in place: what a stack of residuals shows."""

    recurrence: float = 2.0
    """Objects fall on each other this many times more often than by chance: from here on, search the
    stack."""
    fill: float = 0.6
    """Takes the place of `PatternParameters.fill` then: the light of objects is in bins that are masked in
    part."""
    few: int = 2
    """Fewest exposures that make a stack."""
    rounds: int = 3
    """Times that a stack is searched, the pattern corrected in between."""
    often: float = 0.5
    """Pixels that are objects in more than this fraction of the exposures stay in place."""
    ease: tuple[float, ...] = (1.0, 1.5, 2.2, 3.3, 5.0, 8.0)
    """Thresholds are multiplied by these in turn ..."""
    most: float = 0.5
    """... until no more than this fraction of the pixels is masked."""


@dataclasses.dataclass(frozen=True)
class GaugeParameters:
    """What the stock chain takes for sky: what its superpixels follow."""

    x_size: float = 122.88
    """Width of a superpixel, mm in the focal plane."""
    y_size: float = 122.88
    """Height of a superpixel, mm in the focal plane."""
    least: float = 0.1
    """Superpixels of which less than this fraction was measured are taken from their neighbours."""


@dataclasses.dataclass(frozen=True)
class FrameParameters:
    """The sky frame."""

    gauge: str = "polynomials"
    """What counts as sky and is not in the frame: ``polynomials`` of the common order, or what the stock
    chain's ``superpixels`` follow."""

    poor: float = 0.1
    """Cells with less than this fraction of their pixels, over all exposures, are filled and flagged."""


@dataclasses.dataclass(frozen=True)
class JointParameters:
    """All of it."""

    bins: BinParameters = BinParameters()
    solve: SolveParameters = SolveParameters()
    mode: ModeParameters = ModeParameters()
    judge: JudgeParameters = JudgeParameters()
    pattern: PatternParameters = PatternParameters()
    detect: DetectParameters = DetectParameters()
    wings: WingParameters = WingParameters()
    static: StaticParameters = StaticParameters()
    gauge: GaugeParameters = GaugeParameters()
    frame: FrameParameters = FrameParameters()
    passes: int = 2
    """Passes of masking with the pattern known."""
    more: int = 1
    """Passes more where objects stay in place, so that the stack of residuals is searched once more."""
    runaway: float = 0.95
    """If more than this fraction of the good pixels of a detector's exposure is masked, the mask of the pass
    before is kept."""
