# SPDX-License-Identifier: GPL-3.0-or-later
"""What the joint solve leaves of the exposures of a detector, for those who judge it.

The bins of an exposure are ``m = S (1 + p + z q)``; the residual is ``m / S - 1 - p``, or that less ``z q``.
Means over the cells of the sky frame are of residuals, never of ``m`` itself, so that a cell of which only a
part is unmasked has no gradient of the pattern in it.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from astropy.table import Table

from .._reading import load
from ._cells import cell_shares
from ._grid import Grid
from ._parameters import SolveParameters
from ._pixels import names_of
from ._plane import order_of
from ._sweep import robust_weights
from ._tables import Pattern, Preliminaries, SkyTable, read_bins
from .geometry import Geometry

if TYPE_CHECKING:
    from .._protocols import Handle

__all__ = ("DetectorResiduals", "ExposureSky", "load_residuals", "read_skies")


@dataclasses.dataclass(frozen=True)
class ExposureSky:
    """What the joint chain says of one exposure."""

    level: float
    """Mean sky (units of the pixels)."""
    level_error: float
    """Its standard error (units of the pixels)."""
    used: bool
    """Does it count?"""
    reason: str
    """Why not; empty for an exposure that counts."""


def read_skies(table: Table) -> dict[int, ExposureSky]:
    """Return what a table of skies (``cpSkyJointExposures``) says of each exposure, by number."""
    skies = SkyTable.from_table(table).skies
    rows = zip(table["exposure"], skies.level, skies.level_error, skies.weight, skies.reasons, strict=True)
    return {
        int(exposure): ExposureSky(float(level), float(error), bool(weight > 0), reason)
        for exposure, level, error, weight, reason in rows
    }


@dataclasses.dataclass(frozen=True)
class DetectorResiduals:
    """Residuals of some or all exposures of a detector in bins, arrays ``(E, ny, nx)``."""

    geometry: Geometry
    grid: Grid
    exposures: list[int]
    """Number of each exposure, in ascending order."""
    used: np.ndarray
    """Exposures that count in the pattern, (E,), bool."""
    mean: np.ndarray
    """The exposure (units of its pixels); NaN where there is nothing."""
    sky: np.ndarray
    """Its sky (units of the pixels)."""
    count: np.ndarray
    """Number of unmasked pixels."""
    variance: np.ndarray
    """Variance of one pixel of sky (units of the pixels, squared)."""
    residual: np.ndarray
    """What is left without sky and pattern, the second included (fraction of the sky); NaN if not known."""
    amplitude: np.ndarray
    """Amplitude of the second pattern in each exposure, (E,)."""
    second: np.ndarray
    """Second pattern at an amplitude of 1, as a fraction of the sky, ``(ny, nx)``; 0 where there is none."""
    extra: np.ndarray
    """Scatter of the bins of an exposure beyond photons, as a fraction of the sky, (E,)."""
    information: np.ndarray
    """Inverse variance of the pattern, ``(ny, nx)``."""
    share: np.ndarray
    """Share of each bin in the noise of its cell of the sky frame, ``(ny, nx)``."""
    robust: float
    """Bins brighter than this do not count in the pattern (standard deviations)."""

    @functools.cached_property
    def photon(self) -> np.ndarray:
        """Variance of each bin from photons and read noise, fraction of the sky squared; NaN if not known."""
        known = np.isfinite(self.residual)
        pixels = np.where(known, self.count * self.sky**2, 1.0)
        return np.where(known, self.variance / pixels, np.nan)

    @functools.cached_property
    def explained(self) -> np.ndarray:
        """What is left without the second pattern, too; 0 where nothing is known."""
        mode = self.amplitude[:, np.newaxis, np.newaxis] * self.second if self.amplitude.any() else 0.0
        return np.where(np.isfinite(self.residual), self.residual - mode, 0.0)

    @functools.cached_property
    def weight(self) -> np.ndarray:
        """Weight of each bin in the pattern, as in the last round of the solve; 0 where it does not count."""
        information = self._information()
        weight = information * self.used[:, np.newaxis, np.newaxis]
        flat = (len(weight), -1)
        factor = robust_weights(
            self.explained.reshape(flat), information.reshape(flat), weight.reshape(flat), self.robust
        )
        return np.asarray(weight * factor.reshape(weight.shape))

    def _information(self) -> np.ndarray:
        """Inverse variance of each bin from photons and extra scatter; 0 where nothing is known."""
        total = self.photon + self.extra[:, np.newaxis, np.newaxis] ** 2
        return np.where(np.isfinite(total), 1 / np.where(np.isfinite(total), total, 1.0), 0.0)

    def exposure_cells(self, *, mode: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """Return the residuals in the cells of the sky frame, and their standard errors from photons.

        Parameters
        ----------
        mode : `bool`, optional
            Leave the second pattern in? It is not in the sky frame.

        Returns
        -------
        cells, errors : `numpy.ndarray`, ``(E, cells in y, cells in x)``
            Means weighted by inverse variance; NaN where an exposure has no pixel.
        """
        weight = self._inverse_photon()
        total = self._over_cells(weight)
        some = total > 0
        safe = np.where(some, total, 1.0)
        left = np.nan_to_num(self.residual) if mode else self.explained
        cells = np.where(some, self._over_cells(weight * left) / safe, np.nan)
        return cells, np.where(some, 1 / np.sqrt(safe), np.nan)

    def left_errors(self) -> np.ndarray:
        """Return the standard errors from photons of what the sky frame leaves of each exposure, in cells.

        They are smaller than those of the exposure if it is a part of the sky frame, and larger if it is not.
        NaN where the exposure is all that the sky frame has.
        """
        weight = self._inverse_photon()
        whole = np.where(self.information > 0, self.information, np.inf)
        part = self._information() / whole
        # The share of an exposure in the pattern takes noise away; the noise of a pattern without it adds.
        factor = np.where(self.used[:, np.newaxis, np.newaxis], np.maximum(1 - part, 0.0), 1 + weight / whole)
        total = self._over_cells(weight)
        variance = self._over_cells(weight * factor) / np.where(total > 0, total, 1.0) ** 2
        return np.where(variance > 0, np.sqrt(variance), np.nan)

    def _inverse_photon(self) -> np.ndarray:
        known = np.isfinite(self.photon)
        return np.where(known, 1 / np.where(known, self.photon, 1.0), 0.0)

    def pulls(self) -> np.ndarray:
        """Return how far each exposure pulls the sky frame, in cells: the frame minus that without it.

        Skies are held. NaN where an exposure is the only one, or does not count.
        """
        left = self.explained
        pattern, total = self._fit(np.ones(len(self.used), dtype=bool))
        others = total - self.weight
        alone = (self.weight <= 0) | (others <= 1e-9 * total)
        pulled = self.weight * (left - pattern) / np.where(alone, 1.0, others)
        known = self.weight > 0
        return self._shared(np.where(alone, np.nan, pulled), known)

    def half_difference(self) -> np.ndarray:
        """Return one draw of the noise of the sky frame in each cell, from two halves of the exposures.

        Every other exposure that counts makes one half. With weights of ``W1`` and ``W2``, the difference of
        their patterns has the variance ``1 / W1 + 1 / W2``, and the pattern of all ``1 / (W1 + W2)``. NaN
        where a half has nothing.
        """
        members = np.flatnonzero(self.used)
        halves = [np.isin(np.arange(len(self.used)), members[start::2]) for start in (0, 1)]
        (first, w1), (second, w2) = (self._fit(half) for half in halves)
        both = (w1 > 0) & (w2 > 0)
        factor = np.sqrt(w1 * w2) / np.where(both, w1 + w2, 1.0)
        return self._shared(np.where(both, factor * (first - second), np.nan), both)

    def photon_limit(self) -> np.ndarray:
        """Return the noise of the sky frame in each cell from photons alone; NaN where nothing is known."""
        total = self.weight.sum(axis=0)
        known = total > 0
        variance = (self.weight**2 * np.where(self.weight > 0, self.photon, 0.0)).sum(axis=0)
        variance = variance / np.where(known, total, 1.0) ** 2
        norm = self.grid.over_cells(np.where(known, self.share, 0.0))
        top = self.grid.over_cells(np.where(known, self.share**2 * variance, 0.0))
        return np.where(norm > 0, np.sqrt(top) / np.where(norm > 0, norm, 1.0), np.nan)

    def _fit(self, members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weighted mean of some exposures in bins, and its weight."""
        weight = self.weight[members]
        total = weight.sum(axis=0)
        return (weight * self.explained[members]).sum(axis=0) / np.where(total > 0, total, 1.0), total

    def _over_cells(self, values: np.ndarray) -> np.ndarray:
        return np.array([self.grid.over_cells(layer) for layer in values]).reshape(-1, *self.grid.cells)

    def _shared(self, values: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Means over the known bins of each cell, weighted as in the sky frame."""
        layers = values.reshape(-1, *self.grid.shape)
        known = np.isfinite(layers) & known.reshape(-1, *self.grid.shape)
        share = np.where(known, self.share, 0.0)
        norm = self._over_cells(share)
        top = self._over_cells(share * np.where(known, layers, 0.0))
        cells = np.where(norm > 0, top / np.where(norm > 0, norm, 1.0), np.nan)
        return cells.reshape(*values.shape[:-2], *self.grid.cells)


def load_residuals(
    bins: Sequence[Handle],
    noise: Handle,
    pattern: Table,
    skies: Table,
    robust: float = SolveParameters().robust,
) -> DetectorResiduals:
    """Load the bins of some or all exposures of a detector, and subtract sky and pattern.

    Parameters
    ----------
    bins : `~collections.abc.Sequence` [`lsst.daf.butler.DeferredDatasetHandle`]
        Handles of the bins of the last pass, of one detector, in any order. Exposures without a sky are left
        out.
    noise : `lsst.daf.butler.DeferredDatasetHandle`
        Handle of ``cpSkyJointNoise`` of the detector, of any of its exposures.
    pattern, skies : `astropy.table.Table`
        Pattern of the detector and skies of all exposures, from the last solve.
    robust : `float`, optional
        Bins brighter than this do not count (standard deviations), as ``solve.robust`` of the last solve.

    Raises
    ------
    lsst.cp.sky.MismatchedInputsError
        Raised if the bins of an exposure are not those of the pattern.
    lsst.cp.sky.UnreadableInputError
        Raised if a file is damaged.
    """
    early, table = Preliminaries.from_dict(load(noise), names_of(noise)), SkyTable.from_table(skies)
    site = early.geometry.site(table.plane, early.sizes)
    shape = site.grid.shape
    known = Pattern.from_table(pattern, shape, {"detector": early.geometry.detector})
    index = {int(exposure): i for i, exposure in enumerate(table.exposures)}
    handles = {names_of(handle)["exposure"]: handle for handle in bins}
    exposures = sorted(handles.keys() & index.keys())
    rows = [index[exposure] for exposure in exposures]
    planes = np.empty((3, len(exposures), *shape), dtype=np.float32)
    for i, exposure in enumerate(exposures):
        found = read_bins(load(handles[exposure]), shape, names_of(handles[exposure]))
        planes[:, i] = [plane.reshape(shape) for plane in found]
    coefficients = table.skies.coefficients[rows]
    functions = site.functions(order_of(coefficients.shape[1]))
    sky = (coefficients @ functions.T).reshape(-1, *shape)
    mean, count, variance = planes
    have = (count > 0) & np.isfinite(mean) & (sky > 0) & np.isfinite(known.pattern)
    amplitude = np.zeros(len(rows)) if table.amplitude is None else table.amplitude[rows]
    return DetectorResiduals(
        geometry=early.geometry,
        grid=site.grid,
        exposures=exposures,
        used=table.skies.weight[rows] > 0,
        mean=mean,
        sky=sky,
        count=np.where(np.isfinite(mean), count, 0.0),
        variance=variance,
        residual=np.where(have, mean / np.where(have, sky, 1.0) - 1.0 - known.pattern, np.nan),
        amplitude=amplitude,
        second=known.second,
        extra=table.skies.extra[rows],
        information=known.information,
        share=cell_shares(known.pattern, known.information, known.model, site.grid),
        robust=robust,
    )
