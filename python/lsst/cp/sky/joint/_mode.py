# SPDX-License-Identifier: GPL-3.0-or-later
"""A second pattern, whose amplitude differs from exposure to exposure.

A bin c of exposure e is ``m[e, c] = S_e(c) (1 + p[c] + z_e q[c]) + noise``. Amplitudes z have a mean of 0 and
a root mean square of 1 over the exposures that count, so that p is the pattern of the mean exposure.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from ._bins import Bins
from ._gauge import project_pattern
from ._parameters import ModeParameters, PatternParameters
from ._pattern import denoise_pattern
from ._plane import Site, order_of
from ._solution import Mode, Solution

__all__ = ("BinsWithoutMode", "find_mode", "refine_mode")

_CLIP = 4.0
"""Residuals are cut here, standard deviations: what was not masked is no mode."""


@dataclasses.dataclass(frozen=True)
class _Part:
    """Residuals of a detector, ``(E, n)``."""

    rest: np.ndarray
    """What the exposure has more than sky and pattern, a fraction of the sky; 0 where it has nothing."""
    weight: np.ndarray
    """Inverse variance; 0 for bins that stand out, and for exposures that do not count."""


def _part(site: Site, bins: Bins, pattern: np.ndarray, solution: Solution) -> _Part:
    skies = solution.skies
    number = len(skies.weight)
    functions = site.functions(int(skies.order.max()))
    sky = skies.coefficients[:, : functions.shape[1]] @ functions.T
    count, mean = bins.count.reshape(number, -1), bins.mean.reshape(number, -1)
    p = pattern.ravel()
    have = (count > 0) & np.isfinite(mean) & (sky > 0) & np.isfinite(p)
    have &= skies.weight[:, np.newaxis] > 0
    rest = np.where(have, mean / np.where(sky > 0, sky, 1) - 1 - np.nan_to_num(p), 0)
    variance = np.broadcast_to(bins.variance, bins.mean.shape).reshape(number, -1)
    photon = np.where(have, variance / (np.maximum(count, 1) * sky**2), 1)
    weight = np.where(have, 1 / (photon + skies.extra[:, np.newaxis] ** 2), 0)
    return _Part(rest, np.where(np.abs(rest) * np.sqrt(weight) < _CLIP, weight, 0))


def find_mode(
    sites: Sequence[Site], bins: Sequence[Bins], solution: Solution, parameters: ModeParameters
) -> np.ndarray | None:
    """See whether residuals have a component in common, and how much of it each exposure has.

    Parameters
    ----------
    sites : `~collections.abc.Sequence` [`Site`]
        Detectors.
    bins : `~collections.abc.Sequence` [`Bins`]
        Bins ``(E, ny, nx)`` of each detector; asked for one after the other.
    solution : `Solution`
        Skies, and pattern without a mode.
    parameters : `ModeParameters`
        Least number of exposures, and what is significant.

    Returns
    -------
    amplitude : `numpy.ndarray`, (E,) or `None`
        `None` if there are too few exposures, or if the largest eigenvalue of the correlations between
        exposures is not larger than that of noise. As each exposure has a variance of 1 in them, an exposure
        that is merely bad makes no mode.
    """
    use = np.flatnonzero(solution.skies.weight > 0)
    if len(use) < max(parameters.least, 3):
        return None
    number = len(solution.skies.weight)
    product, both, weights = (np.zeros((number, number)) for _ in range(3))
    for site, one, pattern in zip(sites, bins, solution.pattern, strict=True):
        part = _part(site, one, pattern, solution)
        scaled, have = part.rest * np.sqrt(part.weight), (part.weight > 0).astype(float)
        product += scaled @ scaled.T
        both += have @ have.T
        weights[0] += part.weight.sum(axis=1)
    covariance = (product / np.maximum(both, 1))[np.ix_(use, use)]
    scatter = np.sqrt(np.maximum(np.diag(covariance), 1e-30))
    value, vector = np.linalg.eigh(covariance / np.outer(scatter, scatter))
    mean_weight = weights[0][use] / np.maximum(np.diag(both)[use], 1)
    if value[-1] < parameters.significance * _largest_of_noise(
        mean_weight, float(np.min(both[np.ix_(use, use)]))
    ):
        return None
    amplitude = np.zeros(number)
    amplitude[use] = vector[:, -1] * scatter / np.sqrt(mean_weight)
    return _normalise(amplitude, solution)


def _largest_of_noise(weight: np.ndarray, count: float) -> float:
    """Largest eigenvalue of the correlations of residuals that are nothing but noise.

    Residuals about a weighted mean are correlated as ``1 - u u'``, u being the roots of the shares in the
    weight; and ``count`` of them do not say so exactly (the edge of Marchenko and Pastur).
    """
    share = weight / weight.sum()
    covariance = np.eye(len(share)) - np.sqrt(np.outer(share, share))
    scatter = np.sqrt(np.diag(covariance))
    expected = float(np.linalg.eigvalsh(covariance / np.outer(scatter, scatter))[-1])
    return expected * (1 + np.sqrt(len(share) / max(count, 1.0))) ** 2


def _normalise(amplitude: np.ndarray, solution: Solution) -> np.ndarray:
    """Mean 0, root mean square 1, and larger where the sky is brighter."""
    use = solution.skies.weight > 0
    out = np.where(use, amplitude - amplitude[use].mean(), 0)
    out /= max(float(np.sqrt(np.mean(out[use] ** 2))), 1e-30)
    level = solution.skies.level
    return out * (-1 if np.sum((out * (level - level[use].mean()))[use]) < 0 else 1)


def refine_mode(
    sites: Sequence[Site],
    bins: Sequence[Bins],
    solution: Solution,
    amplitude: np.ndarray,
    pattern: PatternParameters,
    rounds: int = 3,
) -> Mode:
    """Solve for the second pattern and its amplitudes, by turns, with skies and pattern as they are.

    Parameters
    ----------
    sites : `~collections.abc.Sequence` [`Site`]
        Detectors.
    bins : `~collections.abc.Sequence` [`Bins`]
        Bins of each detector, as for `find_mode`.
    solution : `Solution`
        Skies and pattern.
    amplitude : `numpy.ndarray`, (E,)
        Initial amplitudes.
    pattern : `PatternParameters`
        Parameters of the removal of noise from the second pattern.
    rounds : `int`, optional
        Number of times that both are solved for.

    Returns
    -------
    mode : `Mode`
        The second pattern and its amplitudes.
    """
    planes: list[np.ndarray] = []
    for _ in range(rounds):
        planes = [
            _second(site, _part(site, one, p, solution), amplitude, pattern)
            for site, one, p in zip(sites, bins, solution.pattern, strict=True)
        ]
        # What is smooth over the focal plane is in the skies, which are of each exposure's own.
        planes, _ = project_pattern(sites, planes, solution.order)
        top, bottom = np.zeros(len(amplitude)), np.zeros(len(amplitude))
        for site, one, p, q in zip(sites, bins, solution.pattern, planes, strict=True):
            part = _part(site, one, p, solution)
            top += (part.weight * part.rest) @ q.ravel()
            bottom += part.weight @ q.ravel() ** 2
        known = bottom > 0
        amplitude = _normalise(np.where(known, top / np.where(known, bottom, 1), amplitude), solution)
    return Mode(planes, amplitude)


def _second(site: Site, part: _Part, amplitude: np.ndarray, parameters: PatternParameters) -> np.ndarray:
    """Second pattern of a detector without noise, ``(ny, nx)``."""
    z = amplitude[:, np.newaxis]
    # Offset and slope along the amplitudes: where masks leave few exposures, the offset is not that of all.
    s0, s1, s2 = part.weight.sum(axis=0), (part.weight * z).sum(axis=0), (part.weight * z**2).sum(axis=0)
    r0, r1 = (part.weight * part.rest).sum(axis=0), (part.weight * part.rest * z).sum(axis=0)
    information = np.where(s0 > 0, s2 - s1**2 / np.where(s0 > 0, s0, 1), 0)
    known = information > 1e-6 * s2
    slope = (r1 - r0 * s1 / np.where(s0 > 0, s0, 1)) / np.where(known, information, 1)
    shape = site.grid.shape
    found = np.where(known, slope, np.nan).reshape(shape)
    return denoise_pattern(found, np.where(known, information, 0).reshape(shape), site.grid, parameters)


class BinsWithoutMode(Sequence[Bins]):
    """Bins of all detectors, less what the second pattern has in them.

    Parameters
    ----------
    bins : `~collections.abc.Sequence` [`Bins`]
        Bins; asked for one detector at a time.
    sites : `~collections.abc.Sequence` [`Site`]
        Detectors.
    solution : `Solution`
        Skies by which the second pattern is multiplied.
    mode : `Mode`
        The second pattern.
    """

    def __init__(self, bins: Sequence[Bins], sites: Sequence[Site], solution: Solution, mode: Mode) -> None:
        self._bins, self._sites, self._solution, self._mode = bins, sites, solution, mode

    def __len__(self) -> int:
        return len(self._sites)

    def __getitem__(self, index: int) -> Bins:  # type: ignore[override]  # no slices
        one, site = self._bins[index], self._sites[index]
        coefficients = self._solution.skies.coefficients
        sky = coefficients @ site.functions(order_of(coefficients.shape[1])).T
        more = self._mode.amplitude[:, np.newaxis] * self._mode.pattern[index].ravel() * sky
        return dataclasses.replace(one, mean=(one.mean - more.reshape(one.mean.shape)).astype(one.mean.dtype))
