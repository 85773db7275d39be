# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of the joint chain as configuration: the same names in camelCase, the same defaults."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, TypeVar

import lsst.pex.config as pexConfig

from ._parameters import (
    BinParameters,
    DetectParameters,
    FrameParameters,
    GaugeParameters,
    JointParameters,
    JudgeParameters,
    ModeParameters,
    PatternParameters,
    SolveParameters,
    StaticParameters,
    WingParameters,
)

__all__ = (
    "BAD_PLANES",
    "BinConfig",
    "DetectConfig",
    "FrameConfig",
    "GaugeConfig",
    "JudgeConfig",
    "ModeConfig",
    "ParameterConfig",
    "PatternConfig",
    "SolveConfig",
    "StaticConfig",
    "WingConfig",
    "parameters_of",
)

BAD_PLANES = ["BAD", "CR", "INTRP", "NO_DATA", "SAT", "UNMASKEDNAN", "VIGNETTED"]
"""Mask planes of pixels that were not measured, or measured something else than sky."""

P = TypeVar("P")


class ParameterConfig(pexConfig.Config):
    """A group of parameters."""

    def parameters(self, kind: type[P]) -> P:
        """As the numbers want them.

        Parameters
        ----------
        kind : `type`
            Class of the parameters, a dataclass that has the fields of this configuration.
        """
        values: dict[str, Any] = {_snake(name): value for name, value in self.items()}
        return kind(**{name: value if _plain(value) else tuple(value) for name, value in values.items()})


def _plain(value: Any) -> bool:
    return isinstance(value, (bool, int, float, str))


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)


def _field(default: Any, doc: str) -> Any:
    """Field of the type of its default."""
    if isinstance(default, tuple):
        return pexConfig.ListField(dtype=type(default[0]), default=list(default), doc=doc)
    return pexConfig.Field(dtype=type(default), default=default, doc=doc)


_B, _S, _J, _P = BinParameters(), SolveParameters(), JudgeParameters(), PatternParameters()
_D, _W, _T, _F = DetectParameters(), WingParameters(), StaticParameters(), FrameParameters()
_M, _G = ModeParameters(), GaugeParameters()


class BinConfig(ParameterConfig):
    """How pixels become bins."""

    size = _field(_B.size, "Side of a bin (pixels).")
    cell = _field(_B.cell, "Side of a cell of the sky frame (pixels).")
    minimum = _field(_B.minimum, "Smallest fraction of a bin's pixels from which its mean is taken.")
    clip = _field(_B.clip, "Pixels further than this from the model do not count (standard deviations).")


class SolveConfig(ParameterConfig):
    """The joint solve of skies and pattern."""

    order = _field(_S.order, "Order of the sky's polynomials to begin with.")
    maxOrder = _field(_S.max_order, "Highest order that a sky may be given.")
    robust = _field(_S.robust, "Standard deviations at which bins are rejected for being bright; 0: none is.")
    extraVariance = _field(_S.extra_variance, "Give exposures that scatter too much a variance of their own?")
    raiseAll = _field(_S.raise_all, "Median chi square of the next order above which all skies get one more.")
    raiseOne = _field(_S.raise_one, "Chi square of the next order above which one exposure's sky gets it.")
    iterations = _field(_S.iterations, "Most rounds of the fit.")
    tolerance = _field(_S.tolerance, "Change of the pattern that ends the rounds (fractions of the sky).")


class ModeConfig(ParameterConfig):
    """A second pattern, whose amplitude differs from exposure to exposure."""

    rounds = _field(_M.rounds, "Times that it is solved for; 0: there is none.")
    least = _field(_M.least, "Fewest exposures that count.")
    significance = _field(
        _M.significance, "Largest eigenvalue of the exposures' correlations over that of noise, from here on."
    )


class JudgeConfig(ParameterConfig):
    """What makes an exposure not count."""

    maxExtra = _field(_J.max_extra, "Largest extra scatter of the bins (fraction of the sky).")
    maxMasked = _field(_J.max_masked, "Largest fraction of the good pixels masked.")
    minShare = _field(_J.min_share, "Smallest part of what the median exposure has left that must be left.")
    maxPull = _field(_J.max_pull, "Largest chi square of the exposure against all others, on large scales.")
    minExposures = _field(_J.min_exposures, "Exposures are rejected only while at least this many remain.")


class PatternConfig(ParameterConfig):
    """The pattern as a model for masking."""

    threshold = _field(_P.threshold, "Wavelet coefficients below this are noise (standard deviations).")
    levels = _field(_P.levels, "Scales of the wavelets: 1, 2, 4 ... bins.")
    fill = _field(_P.fill, "Bins with less than this part of the median information come from neighbours.")


class DetectConfig(ParameterConfig):
    """How objects are found on an exposure less its model."""

    strong = _field(_D.strong, "Signal to noise of sure objects ...")
    low = _field(_D.low, "... which extend over connected pixels above this.")
    sigma = _field(_D.sigma, "Standard deviation of the Gaussian that smooths the exposure (pixels).")
    faint = _field(_D.faint, "Signal to noise of faint objects about the local level, of both signs.")
    grow = _field(_D.grow, "Objects grow by this much (pixels).")
    local = _field(_D.local, "Standard deviation of the Gaussian that makes the local level (pixels).")
    peak = _field(_D.peak, "Single pixels beyond this are masked (standard deviations).")
    floor = _field(_D.floor, "The exposure is cut here before it is smoothed (standard deviations) ...")
    ceiling = _field(_D.ceiling, "... and here.")


class WingConfig(ParameterConfig):
    """How far masks reach beyond objects, by the size of the object."""

    classes = _field(_W.classes, "Least inner radius of the objects of each class (pixels).")
    distances = _field(tuple(float(d) for d in _W.distances), "Edges of the rings around objects (pixels).")
    far = _field(_W.far, "Rings from here on say what is no wing but an offset of the sky (pixels).")
    brightness = _field(_W.brightness, "Where wings stop mattering (standard deviations of a sky pixel).")
    significance = _field(_W.significance, "Standard errors by which a ring has to be bright to be a wing.")
    least = _field(_W.least, "Objects grow by at least this many times the inner radius of their class.")
    count = _field(_W.count, "Rings with fewer pixels say nothing.")


class StaticConfig(ParameterConfig):
    """Objects that stay in place, as the stack of residuals shows them."""

    recurrence = _field(
        _T.recurrence, "Search the stack if objects meet this many times more often than by chance."
    )
    fill = _field(_T.fill, "Takes the place of pattern.fill where objects stay in place.")
    few = _field(_T.few, "Fewest exposures that make a stack.")
    rounds = _field(_T.rounds, "Times that a stack is searched, the pattern corrected in between.")
    often = _field(_T.often, "Pixels that are objects in more than this fraction of exposures stay in place.")
    ease = _field(_T.ease, "Thresholds are multiplied by these in turn ...")
    most = _field(_T.most, "... until no more than this fraction of the pixels is masked.")


class GaugeConfig(ParameterConfig):
    """What the stock chain takes for sky: what its superpixels follow."""

    xSize = _field(_G.x_size, "Width of a superpixel (mm); the stock chain's largeScaleBackground.xSize.")
    ySize = _field(_G.y_size, "Height of a superpixel (mm); the stock chain's largeScaleBackground.ySize.")
    least = _field(_G.least, "Superpixels measured in less than this part of them come from neighbours.")


class FrameConfig(ParameterConfig):
    """The sky frame."""

    gauge = pexConfig.ChoiceField[str](
        default=_F.gauge,
        allowed={
            "polynomials": "Polynomials over the focal plane, of the common order of the skies.",
            "superpixels": "What the stock chain's focal-plane model follows; see the solve's gauge.",
        },
        doc="What counts as sky and is not in the frame.",
    )
    poor = _field(_F.poor, "Cells with less than this fraction of their pixels are filled and flagged.")


_KINDS = {
    "bins": BinParameters,
    "solve": SolveParameters,
    "mode": ModeParameters,
    "judge": JudgeParameters,
    "pattern": PatternParameters,
    "detect": DetectParameters,
    "wings": WingParameters,
    "static": StaticParameters,
    "gauge": GaugeParameters,
    "frame": FrameParameters,
}


def parameters_of(config: pexConfig.Config) -> JointParameters:
    """Collect the groups of parameters that a task's configuration has; the others have their defaults."""
    found: dict[str, Any] = {
        name: getattr(config, name).parameters(kind) for name, kind in _KINDS.items() if name in config.keys()
    }
    if "runaway" in config.keys():
        found["runaway"] = config.toDict()["runaway"]
    return dataclasses.replace(JointParameters(), **found)
