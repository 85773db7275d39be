# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of the joint chain, with units; the configurations of its tasks are made of these."""

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
    """Minimum fraction of good pixels of a bin; other bins have no mean."""
    clip: float = 4.0
    """Pixels further than this from the model are ignored (standard deviations of a sky pixel)."""


@dataclasses.dataclass(frozen=True)
class SolveParameters:
    """The joint solve of skies and pattern."""

    order: int = 2
    """Initial order of the polynomials of the skies."""
    max_order: int = 8
    """Maximum order of the polynomials of a sky."""
    robust: float = 3.5
    """Bins brighter than the model by more than this many standard deviations are rejected, and fainter ones
    weighted down; 0 switches both off."""
    extra_variance: bool = True
    """Give an exposure that scatters more than its photons explain a variance of its own."""
    raise_all: float = 5.0
    """Median (over exposures) reduced chi square of the next order above which the order of all skies
    rises."""
    raise_one: float = 12.0
    """Reduced chi square of an exposure's next order above which its order rises."""
    iterations: int = 15
    """Maximum number of iterations of the alternating fit."""
    tolerance: float = 3e-7
    """Change of the pattern below which the fit ends (fraction of the sky)."""


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
    """When an exposure is weighted down or rejected."""

    max_extra: float = 0.005
    """Maximum extra scatter of the bins of an exposure (fraction of the sky)."""
    max_masked: float = 0.95
    """Maximum fraction of the good pixels of an exposure that may be masked."""
    min_share: float = 0.25
    """Minimum number of unmasked pixels of an exposure (fraction of the median exposure's)."""
    max_pull: float = 30.0
    """Maximum leave-one-out pull: reduced chi square of the exposure against all others, on large scales."""
    min_exposures: int = 3
    """Exposures are rejected only while at least this many remain."""


@dataclasses.dataclass(frozen=True)
class PatternParameters:
    """The pattern as a model for masking."""

    threshold: float = 3.0
    """Wavelet coefficients below this many standard deviations are treated as noise; 0 treats none so."""
    levels: int = 3
    """Number of scales of the starlet transform, of 1, 2, 4 ... bins."""
    fill: float = 0.4
    """Bins with less than this fraction of the median information are filled from their neighbours."""


@dataclasses.dataclass(frozen=True)
class DetectParameters:
    """How objects are found on a residual in units of the noise of a sky pixel."""

    strong: float = 5.0
    """Minimum signal to noise of a pixel of a sure object."""
    low: float = 2.0
    """Sure objects extend over connected pixels of more than this signal to noise."""
    sigma: float = 1.7
    """Standard deviation of the Gaussian that smooths the residual (pixels)."""
    faint: float = 3.0
    """Minimum signal to noise of faint objects above the local level; of both signs, so that noise is not
    biased."""
    grow: float = 5.0
    """Radius by which the masks of objects grow (pixels)."""
    local: float = 12.0
    """Standard deviation of the Gaussian that measures the local level (pixels)."""
    peak: float = 5.0
    """Single pixels (cosmic rays) further than this from the model are masked (standard deviations)."""
    floor: float = -10.0
    """Residuals are clipped to at least this before smoothing (standard deviations)."""
    ceiling: float = 300.0
    """Residuals are clipped to at most this before smoothing (standard deviations)."""


@dataclasses.dataclass(frozen=True)
class WingParameters:
    """How far masks reach beyond objects, by the size of the object."""

    classes: tuple[float, ...] = (2.0, 3.0, 4.5, 6.5, 9.5, 14.0, 20.0, 30.0)
    """Minimum inner radius of the objects of each class (pixels); smaller objects are not grown."""
    distances: tuple[float, ...] = (0, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 160)
    """Edges of the rings around objects (pixels)."""
    far: float = 64.0
    """Rings beyond this measure the offset of the sky, which is no wing (pixels)."""
    brightness: float = 0.02
    """Wings of less than this surface brightness are not masked (standard deviations of a sky pixel)."""
    significance: float = 2.0
    """Minimum brightness of a ring that is a wing (standard errors)."""
    least: float = 0.8
    """Minimum growth of objects (multiples of the inner radius of their class)."""
    count: int = 100
    """Rings with fewer pixels are ignored."""
    deviation: float = 0.1
    """Exposures of a detector whose rings deviate by more than this from those of others are left out
    (standard deviations of a sky pixel)."""


@dataclasses.dataclass(frozen=True)
class StaticParameters:
    """Objects that stay in place, as the stack of residuals shows them."""

    recurrence: float = 2.0
    """Search the stack if objects recur more often than this (multiples of chance)."""
    fill: float = 0.6
    """Value of `PatternParameters.fill` to use if objects stay in place: their light is in partly masked
    bins."""
    few: int = 2
    """Minimum number of exposures of a stack."""
    rounds: int = 3
    """Number of searches of a stack; the pattern is corrected in between."""
    often: float = 0.5
    """Pixels that are objects in more than this fraction of the exposures stay in place."""
    ease: tuple[float, ...] = (1.0, 1.5, 2.2, 3.3, 5.0, 8.0)
    """Factors by which thresholds rise, in turn, until at most ``most`` is masked."""
    most: float = 0.5
    """Maximum fraction of masked pixels; above it, the next factor of ``ease`` is used."""


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
    """All parameters of the joint chain."""

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
    """Number of passes of masking with the pattern known."""
    more: int = 1
    """Number of extra passes where objects stay in place, so that the stack is searched once more."""
    runaway: float = 0.95
    """If more than this fraction of the good pixels of a detector's exposure would be masked, the mask of the
    previous pass is kept."""
