# SPDX-License-Identifier: GPL-3.0-or-later
"""One detector's turn in a round of the joint solve, and what is summed over detectors."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._bins import Bins
from ._plane import Site, terms
from ._running import RunningMedian
from ._solution import Skies

__all__ = ("Exposures", "Sums", "robust_weights", "sweep_detector")

_SIGMA = 0.6745
"""Median of the absolute value of a normal variate."""
_LEAST_FREE = 0.05
"""Residuals of a bin are not blown up by more than the part of it that other exposures decide, at least
this."""
_BLOCK = 4
"""Side in bins of the blocks on which an exposure is compared with the others."""
_SIGNIFICANT = 4.0
"""Standard errors by which extra variance has to be above nothing."""


@dataclasses.dataclass(frozen=True)
class Exposures:
    """State of the exposures in the solve."""

    coefficients: np.ndarray
    """Coefficients of the skies, ``(E, terms)``."""
    order: np.ndarray
    """Order of each sky, (E,)."""
    extra: np.ndarray
    """Extra scatter (fraction of the sky), (E,)."""
    weight: np.ndarray
    """1 if the exposure is used for the pattern, else 0, (E,)."""
    reasons: tuple[str, ...]

    @classmethod
    def start(cls, skies: Skies) -> Exposures:
        """As an earlier solve left them, the extra scatter to be found anew."""
        return cls(
            skies.coefficients.copy(),
            skies.order.copy(),
            np.zeros_like(skies.extra),
            skies.weight,
            skies.reasons,
        )


@dataclasses.dataclass
class Sums:
    """Sums over detectors in one iteration."""

    matrix: np.ndarray
    """Normal matrices of the skies, ``(E, terms, terms)``."""
    vector: np.ndarray
    """Right-hand sides of the skies, ``(E, terms)``."""
    scatter: RunningMedian
    """Statistics of absolute residuals (standard deviations)."""
    photon: RunningMedian
    """Of the logarithm of the photon variance of bins, fractions of the sky squared."""
    share: RunningMedian
    """Of an exposure's own weight in the pattern."""
    information: list[np.ndarray]
    """Inverse variance of the pattern of each detector, ``(ny, nx)``."""
    pull: np.ndarray
    """Chi square of the exposure against the others, and its number of blocks, ``(2, E)``."""
    counted: np.ndarray
    """Pixels that counted, and pixels of the detectors that the exposure has, ``(2, E)``."""
    level: np.ndarray
    """Sum of the sky, number of bins, and information of the level, ``(3, E)``."""
    change: float = 0.0
    """Largest change of the pattern."""

    @classmethod
    def empty(cls, number: int, size: int) -> Sums:
        """Return sums of nothing, for so many exposures and polynomials."""
        return cls(
            matrix=np.zeros((number, size, size)),
            vector=np.zeros((number, size)),
            scatter=RunningMedian(number, 0, 20),
            photon=RunningMedian(number, -16, 4),
            share=RunningMedian(number, 0, 1.001),
            information=[],
            pull=np.zeros((2, number)),
            counted=np.zeros((2, number)),
            level=np.zeros((3, number)),
        )

    def excess(self) -> np.ndarray:
        """Robust reduced chi square of each exposure's bins, (E,)."""
        return np.nan_to_num(self.scatter.median() / _SIGMA) ** 2

    def extra(self, exposures: Exposures) -> np.ndarray:
        """Extra scatter that each exposure asks for, (E,); zero where it is not significant."""
        photon = 10 ** np.nan_to_num(self.photon.median())
        variance = exposures.extra**2
        wanted = variance + (self.excess() - 1) * (photon + variance)
        # The variance of a variance from a median is 5.4 / n times its square.
        error = np.sqrt(5.4 / np.maximum(self.scatter.number(), 1)) * photon
        return np.sqrt(np.where(wanted > _SIGNIFICANT * error, wanted, 0))

    def next_order(self, exposures: Exposures) -> np.ndarray:
        """Reduced chi square of the next one or two orders of each sky, whichever is larger, (E,)."""
        out = np.zeros(len(exposures.order))
        size = self.vector.shape[1]
        rest = self.vector - np.einsum("eij,ej->ei", self.matrix, exposures.coefficients[:, :size])
        share, excess = np.nan_to_num(self.share.median()), np.maximum(self.excess(), 1)
        for e, order in enumerate(exposures.order):
            k = terms(int(order))
            for more in (terms(int(order) + step) for step in (1, 2)):
                if more > size:
                    continue
                matrix = self.matrix[e, :more, :more].copy()
                matrix += np.eye(more) * (1e-11 * np.trace(matrix) / more + 1e-30)
                inverse = np.linalg.inv(matrix)
                found = (inverse @ rest[e, :more])[k:]
                chi = found @ np.linalg.solve(inverse[k:, k:], found) / (more - k)
                out[e] = max(out[e], chi / max(1 - share[e], 0.1) / excess[e])
        return out

    def describe(self, exposures: Exposures) -> Skies:
        """Return what is known of the skies."""
        level = self.level[0] / np.maximum(self.level[1], 1)
        return Skies(
            coefficients=exposures.coefficients,
            order=exposures.order,
            extra=exposures.extra,
            weight=exposures.weight,
            level=level,
            level_error=level / np.sqrt(np.maximum(self.level[2], 1e-30)),
            chi=self.next_order(exposures),
            pull=self.pull[0] / np.maximum(self.pull[1], 1),
            masked=1 - self.counted[0] / np.maximum(self.counted[1], 1),
            reasons=exposures.reasons,
        )


def sweep_detector(
    site: Site,
    bins: Bins,
    before: np.ndarray,
    exposures: Exposures,
    robust: float,
    sums: Sums,
    highest: int,
    *,
    hold: bool = False,
) -> np.ndarray:
    """Return the new pattern of a detector given the skies; add to the sums for new skies.

    Parameters
    ----------
    site : `Site`
        The detector.
    bins : `Bins`
        Its bins in all exposures, ``(E, ny, nx)``.
    before : `numpy.ndarray`, ``(ny, nx)``
        Its pattern so far, finite.
    exposures : `Exposures`
        The skies.
    robust : `float`
        Bins brighter than this are rejected (standard deviations); 0 rejects none.
    sums : `Sums`
        Sums. Modified in place.
    highest : `int`
        Order of the polynomials of the sums.
    hold : `bool`, optional
        Keep the pattern as it is.

    Returns
    -------
    pattern : `numpy.ndarray`, ``(ny, nx)``
        0 where nothing is known.
    """
    number = len(exposures.order)
    functions = site.functions(highest)
    sky = exposures.coefficients[:, : functions.shape[1]] @ functions.T
    count, mean = bins.count.reshape(number, -1), bins.mean.reshape(number, -1)
    have = (count > 0) & np.isfinite(mean) & (sky > 0)
    excess = np.where(have, mean / sky - 1, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.broadcast_to(bins.variance, bins.mean.shape).reshape(number, -1)
        photon = np.where(have, variance / (count * sky**2), 1.0)
    information = np.where(have, 1 / (photon + exposures.extra[:, np.newaxis] ** 2), 0.0)
    weight = information * exposures.weight[:, np.newaxis]
    old = before.ravel()
    rejected = robust_weights(excess - old, information, weight, robust)
    weight *= rejected
    total = weight.sum(axis=0)
    new = old if hold else np.where(total > 0, (weight * excess).sum(axis=0) / np.maximum(total, 1e-300), 0.0)

    free = np.sqrt(np.maximum(1 - weight / np.maximum(total, 1e-300), _LEAST_FREE))
    residual = (excess - new) * np.sqrt(information) / free
    sums.scatter.add(np.abs(residual), have)
    sums.photon.add(np.log10(photon), have)
    sums.share.add(weight / np.maximum(total, 1e-300), have)
    sums.information.append(total.reshape(before.shape))
    sums.change = max(sums.change, float(np.abs(new - old)[total > 0].max(initial=0.0)))
    fit = information * rejected / sky**2
    _add_sky(sums, functions, fit * (1 + new) ** 2, np.where(have, fit * (1 + new) * mean, 0))
    _add_facts(sums, site, count, have, sky, information)
    _add_pull(sums, site, (excess - new) / photon * rejected, rejected * free**2 / photon, have)
    return new.reshape(before.shape)


def robust_weights(
    excess: np.ndarray, information: np.ndarray, weight: np.ndarray, robust: float
) -> np.ndarray:
    """Return robust weights ``(E, n)``: 0 if too bright, less than 1 if too faint, 1 for the rest.

    Objects that were not masked are bright and never faint, hence one-sided. Where nothing would be left all
    stays.
    """
    if not robust:
        return np.ones_like(excess)
    share = weight / np.maximum(weight.sum(axis=0), 1e-300)
    residual = excess * np.sqrt(information) / np.sqrt(np.maximum(1 - share, _LEAST_FREE))
    low = robust / np.maximum(-residual, 1e-9)
    out = np.where(residual > robust, 0.0, np.where(residual < -robust, low, 1.0))
    out[:, ((out > 0) & (weight > 0)).sum(axis=0) == 0] = 1.0
    return out


def _add_sky(sums: Sums, functions: np.ndarray, weight: np.ndarray, right: np.ndarray) -> None:
    """Add to the normal equations of the skies."""
    size = functions.shape[1]
    products = (functions[:, :, np.newaxis] * functions[:, np.newaxis, :]).reshape(-1, size * size)
    sums.matrix += (weight @ products).reshape(-1, size, size)
    sums.vector += right @ functions


def _add_facts(
    sums: Sums, site: Site, count: np.ndarray, have: np.ndarray, sky: np.ndarray, information: np.ndarray
) -> None:
    """Add to what describes exposures."""
    sums.counted[0] += np.where(have, count, 0).sum(axis=1)
    sums.counted[1] += np.where(have.any(axis=1), site.grid.area.sum(), 0)
    sums.level += [np.where(have, sky, 0).sum(axis=1), have.sum(axis=1), information.sum(axis=1)]


def _add_pull(sums: Sums, site: Site, total: np.ndarray, variance: np.ndarray, have: np.ndarray) -> None:
    """Compare each exposure with the others in blocks of several bins."""
    rows, columns = np.arange(0, site.grid.shape[0], _BLOCK), np.arange(0, site.grid.shape[1], _BLOCK)

    def block(values: np.ndarray) -> np.ndarray:
        bins = np.where(have, values, 0).reshape(-1, *site.grid.shape)
        return np.add.reduceat(np.add.reduceat(bins, rows, axis=1), columns, axis=2)

    top, bottom = block(total), block(variance)
    known = bottom > 0
    sums.pull[0] += np.where(known, top**2 / np.where(known, bottom, 1), 0).sum(axis=(1, 2))
    sums.pull[1] += known.sum(axis=(1, 2))
