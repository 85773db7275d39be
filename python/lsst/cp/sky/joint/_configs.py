# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of the joint chain as configuration: the same names in camelCase, the same defaults."""

from __future__ import annotations

import dataclasses
import itertools
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
"""Mask planes of pixels that measured something other than sky, or nothing."""

_MOST = 1e9
"""Limit of numbers that have no other."""
_TINY = 1e-9

P = TypeVar("P")


class ParameterConfig(pexConfig.Config):
    """A group of parameters."""

    def parameters(self, kind: type[P]) -> P:
        """Return the parameters as a dataclass.

        Parameters
        ----------
        kind : `type`
            Class of the parameters, a dataclass that has the fields of this configuration.
        """
        values: dict[str, Any] = {_snake(name): value for name, value in self.items()}
        return kind(**{name: value if _plain(value) else tuple(value) for name, value in values.items()})


def _plain(value: object) -> bool:
    return isinstance(value, (bool, int, float, str))


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)


def _field(
    default: float | str | tuple[float, ...],
    doc: str,
    low: float = 0,
    high: float = _MOST,
    least: int = 1,
) -> Any:
    """Make a field of the type of its default.

    Numbers are from ``low`` to ``high``, which NaN is not; lists hold at least so many of them, increasing.
    """
    if isinstance(default, tuple):
        return pexConfig.ListField(
            dtype=type(default[0]),
            default=list(default),
            minLength=least,
            itemCheck=lambda value: low <= value <= high,
            listCheck=lambda values: all(one < other for one, other in itertools.pairwise(values)),
            doc=f"{doc} Increasing numbers from {low:g} to {high:g}.",
        )
    if isinstance(default, (bool, str)):
        return pexConfig.Field(dtype=type(default), default=default, doc=doc)
    kind = type(default)
    return pexConfig.RangeField(
        dtype=kind, default=default, min=kind(low), max=kind(high), inclusiveMax=True, doc=doc
    )


_B, _S, _J, _P = BinParameters(), SolveParameters(), JudgeParameters(), PatternParameters()
_D, _W, _T, _F = DetectParameters(), WingParameters(), StaticParameters(), FrameParameters()
_M, _G = ModeParameters(), GaugeParameters()


class BinConfig(ParameterConfig):
    """How pixels become bins."""

    size = _field(_B.size, "Side of a bin (pixels).", low=1, high=100_000)
    cell = _field(_B.cell, "Side of a cell of the sky frame (pixels).", low=1, high=100_000)
    minimum = _field(_B.minimum, "Minimum fraction of good pixels of a bin; other bins have no mean.", high=1)
    clip = _field(
        _B.clip, "Pixels further than this from the model are ignored (standard deviations).", low=_TINY
    )


class SolveConfig(ParameterConfig):
    """The joint solve of skies and pattern."""

    order = _field(_S.order, "Initial order of the polynomials of the skies.", high=20)
    maxOrder = _field(_S.max_order, "Maximum order of the polynomials of a sky.", high=20)
    robust = _field(_S.robust, "Bins brighter than this are rejected (standard deviations); 0 rejects none.")
    extraVariance = _field(_S.extra_variance, "Give exposures with too much scatter an extra variance?")
    raiseAll = _field(
        _S.raise_all, "Median reduced chi square of the next order above which the order of all skies rises."
    )
    raiseOne = _field(
        _S.raise_one, "Reduced chi square of an exposure's next order above which its order rises."
    )
    iterations = _field(_S.iterations, "Maximum number of iterations of the fit.", low=1, high=1000)
    tolerance = _field(_S.tolerance, "Change of the pattern below which the fit ends (fraction of the sky).")


class ModeConfig(ParameterConfig):
    """A second pattern, whose amplitude differs from exposure to exposure."""

    rounds = _field(_M.rounds, "Times that it is solved for; 0: there is none.", high=100)
    least = _field(_M.least, "Fewest exposures that count.", low=1)
    significance = _field(
        _M.significance, "Minimum eigenvalue of the exposures' correlations (multiples of that of noise)."
    )


class JudgeConfig(ParameterConfig):
    """When an exposure is rejected."""

    maxExtra = _field(_J.max_extra, "Maximum extra scatter of the bins of an exposure (fraction of the sky).")
    maxMasked = _field(
        _J.max_masked, "Maximum fraction of the good pixels of an exposure that may be masked.", high=1
    )
    minShare = _field(
        _J.min_share, "Minimum number of unmasked pixels (fraction of the median exposure's).", high=1
    )
    maxPull = _field(
        _J.max_pull, "Maximum reduced chi square of an exposure against the others, on large scales."
    )
    minExposures = _field(
        _J.min_exposures, "Exposures are rejected only while at least this many remain.", low=1
    )


class PatternConfig(ParameterConfig):
    """The pattern as a model for masking."""

    threshold = _field(_P.threshold, "Wavelet coefficients below this are noise (standard deviations).")
    levels = _field(_P.levels, "Number of scales of the wavelets, of 1, 2, 4 ... bins.", high=12)
    fill = _field(_P.fill, "Bins with less than this fraction of the median information are filled.", high=1)


class DetectConfig(ParameterConfig):
    """How objects are found on an exposure less its model."""

    strong = _field(_D.strong, "Minimum signal to noise of a pixel of a sure object.", low=_TINY)
    low = _field(_D.low, "Sure objects extend over connected pixels of more than this signal to noise.")
    sigma = _field(
        _D.sigma,
        "Standard deviation of the Gaussian that smooths the exposure (pixels).",
        low=_TINY,
        high=1000,
    )
    faint = _field(_D.faint, "Minimum signal to noise of faint objects (both signs) above the local level.")
    grow = _field(_D.grow, "Radius by which the masks of objects grow (pixels).", high=10_000)
    local = _field(
        _D.local,
        "Standard deviation of the Gaussian that measures the local level (pixels).",
        low=_TINY,
        high=1000,
    )
    peak = _field(
        _D.peak, "Single pixels further than this from the model are masked (standard deviations).", low=_TINY
    )
    floor = _field(
        _D.floor,
        "Pixels are clipped to at least this before smoothing (standard deviations).",
        low=-_MOST,
        high=0,
    )
    ceiling = _field(
        _D.ceiling, "Pixels are clipped to at most this before smoothing (standard deviations).", low=_TINY
    )


class WingConfig(ParameterConfig):
    """How far masks reach beyond objects, by the size of the object."""

    classes = _field(
        _W.classes, "Minimum inner radius of the objects of each class (pixels).", low=_TINY, high=10_000
    )
    distances = _field(
        tuple(float(d) for d in _W.distances),
        "Edges of the rings around objects (pixels).",
        high=10_000,
        least=2,
    )
    far = _field(_W.far, "Rings beyond this measure the offset of the sky, which is no wing (pixels).")
    brightness = _field(
        _W.brightness, "Wings fainter than this are not masked (standard deviations of a sky pixel)."
    )
    significance = _field(_W.significance, "Minimum brightness of a ring that is a wing (standard errors).")
    least = _field(_W.least, "Minimum growth of objects (multiples of the inner radius of their class).")
    count = _field(_W.count, "Rings with fewer pixels are ignored.")
    deviation = _field(
        _W.deviation,
        "Maximum deviation of an exposure's rings from those of others (standard deviations of a sky pixel).",
    )


class StaticConfig(ParameterConfig):
    """Objects that stay in place, as the stack of residuals shows them."""

    recurrence = _field(
        _T.recurrence, "Search the stack if objects recur more often than this (multiples of chance)."
    )
    fill = _field(_T.fill, "Value of pattern.fill to use if objects stay in place.", high=1)
    few = _field(_T.few, "Minimum number of exposures of a stack.", low=1)
    rounds = _field(
        _T.rounds, "Number of searches of a stack; the pattern is corrected in between.", low=1, high=100
    )
    often = _field(
        _T.often, "Pixels that are objects in more than this fraction of exposures stay in place.", high=1
    )
    ease = _field(
        _T.ease, "Factors by which thresholds rise, in turn, until at most static.most is masked.", low=_TINY
    )
    most = _field(
        _T.most,
        "Maximum fraction of masked pixels; above it, the next factor of static.ease is used.",
        high=1,
    )


class GaugeConfig(ParameterConfig):
    """What the stock chain takes for sky: what its superpixels follow."""

    xSize = _field(
        _G.x_size, "Width of a superpixel (mm); the stock chain's largeScaleBackground.xSize.", low=_TINY
    )
    ySize = _field(
        _G.y_size, "Height of a superpixel (mm); the stock chain's largeScaleBackground.ySize.", low=_TINY
    )
    least = _field(
        _G.least, "Superpixels measured in less than this part of them come from neighbours.", high=1
    )


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
    poor = _field(
        _F.poor, "Cells with less than this fraction of their pixels are filled and flagged.", high=1
    )


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
    """Collect the groups of parameters that a task's configuration has; the others have their defaults.

    Raises
    ------
    lsst.pex.config.FieldValidationError
        Raised if one of them is not valid.
    """
    groups = {name: kind for name, kind in _KINDS.items() if name in config.keys()}
    for name in groups:
        getattr(config, name).validate()  # of a task made by hand it may never have been
    found: dict[str, Any] = {name: getattr(config, name).parameters(kind) for name, kind in groups.items()}
    if "runaway" in config.keys():
        found["runaway"] = config.toDict()["runaway"]
    return dataclasses.replace(JointParameters(), **found)
