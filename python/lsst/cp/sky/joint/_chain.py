# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole joint chain in memory, in the order in which the pipeline runs it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from ._bins import Bins
from ._cells import Cells, make_cells
from ._exposure import (
    MaskedExposure,
    Residual,
    first_bins,
    mask_exposure,
    subtract_model,
)
from ._first import solve_medians
from ._noise import NoiseModel, fit_noise
from ._parameters import JointParameters
from ._pattern import pattern_models
from ._plane import Site
from ._solution import Solution
from ._solve import solve_joint
from ._static import RecurrenceSums, ResidualStack, recurrence_sums, search_stack, warn_of_recurrence
from ._wings import Wings, pool_profiles

__all__ = ("Pixels", "Product", "run_chain")


@dataclasses.dataclass(frozen=True)
class Pixels:
    """One exposure of one detector."""

    image: np.ndarray
    """``(rows, columns)``."""
    good: np.ndarray
    """Pixels without defects, ``(rows, columns)``, bool."""
    variance: np.ndarray | None = None
    """Variance of the pixels; without it the noise model of the detector is used."""


@dataclasses.dataclass(frozen=True)
class Product:
    """Results of the chain, with intermediate ones."""

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


_RAN_AWAY = "its mask ran away, so only sure objects are masked"
_UNLIKE = "around its objects it is unlike the others, and left out where wings are measured"

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
        Called as ``read(exposure, detector)`` in every pass; gives `Pixels`, or `None` where the exposure
        lacks the detector.
    exposures : `int`
        Number of exposures.
    sites : `~collections.abc.Sequence` [`Site`]
        Detectors.
    noise : `~collections.abc.Sequence` [`NoiseModel`]
        Noise of each detector, for exposures without a usable variance.
    parameters : `JointParameters`, optional
        Parameters of the chain.

    Returns
    -------
    product : `Product`
        Sky frames, with everything solved for along the way.
    """
    parameters = parameters or JointParameters()
    chain = _Chain(read, exposures, sites, noise, parameters)
    chain.first()
    for _ in range(parameters.passes - 1):
        chain.again()
        chain.search()
    chain.again()
    for _ in range(parameters.more if chain.static else 0):
        chain.search()
        chain.again()
    return chain.product()


class _Chain:
    """State of a run."""

    def __init__(
        self,
        read: Reader,
        exposures: int,
        sites: Sequence[Site],
        noise: Sequence[NoiseModel],
        parameters: JointParameters,
    ) -> None:
        self._read, self._exposures, self._sites, self._parameters = read, exposures, sites, parameters
        self._fallback = noise
        self._noise: dict[tuple[int, int], NoiseModel] = {}
        self._done: dict[tuple[int, int], MaskedExposure] = {}
        self._static: dict[int, np.ndarray] = {}
        self._wings = Wings.initial(parameters.wings)
        self._recurrence = 1.0

    def first(self) -> None:
        """Make bins of medians, and solve."""
        tables = {}
        for e in range(self._exposures):
            for d, site in enumerate(self._sites):
                pixels = self._read(e, d)
                if pixels is None:
                    continue
                noise = self._fallback[d]
                if pixels.variance is not None:
                    noise = fit_noise(pixels.image, pixels.variance, pixels.good, site.grid, noise)
                self._noise[e, d] = noise
                tables[e, d] = first_bins(pixels.image, pixels.good, noise, site.grid, self._parameters)
        self._bins = gather_bins(tables, self._exposures, self._sites)
        self._take(solve_medians(self._sites, self._bins, self._parameters.solve))

    @property
    def static(self) -> bool:
        """Return whether objects stay in place."""
        return self._recurrence > self._parameters.static.recurrence

    def search(self) -> None:
        """Look for objects that stay in place on stacks of residuals, if there are any."""
        if self.static:
            self._static = {d: self._search(d) for d in range(len(self._sites))}

    def again(self) -> None:
        """Mask with the pattern known, make bins, and solve."""
        self._done = {key: self._mask(*key) for key in self._noise}
        self._wings = pool_profiles(
            (one.detected.profiles for one in self._done.values()), self._parameters.wings
        )
        sums = (
            recurrence_sums(one.detected.map for (_, other), one in self._done.items() if other == d)
            for d in range(len(self._sites))
        )
        self._recurrence = sum(sums, RecurrenceSums()).recurrence
        tables = {key: one.bins for key, one in self._done.items()}
        self._bins = gather_bins(tables, self._exposures, self._sites)
        self._take(
            solve_joint(
                self._sites,
                self._bins,
                self._solution,
                self._parameters.solve,
                self._parameters.judge,
                self._parameters.mode,
                self._parameters.pattern,
            )
        )

    def _warn(self) -> list[str]:
        """Return warnings about the last pass."""
        out = [
            f"Exposure {e}, detector {d}: {_RAN_AWAY}." for (e, d), one in self._done.items() if one.ran_away
        ]
        keys = list(self._done)
        out += [f"Exposure {e}, detector {d}: {_UNLIKE}." for e, d in (keys[i] for i in self._wings.left_out)]
        warning = warn_of_recurrence(self._recurrence, self._parameters.static)
        return out if warning is None else [*out, warning]

    def product(self) -> Product:
        """Return the sky frames and intermediate results."""
        cells = []
        for site, bins, pattern, information, model in zip(
            self._sites,
            self._bins,
            self._solution.pattern,
            self._solution.information,
            self._model,
            strict=True,
        ):
            count = (self._solution.skies.weight > 0)[:, np.newaxis, np.newaxis] * bins.count
            number = int(np.count_nonzero(count.any(axis=(1, 2))))
            cells.append(
                make_cells(
                    pattern,
                    information,
                    count.sum(axis=0),
                    model,
                    number,
                    site.grid,
                    self._parameters.frame,
                )
            )
        return Product(
            cells,
            self._solution,
            self._model,
            {key: one.mask for key, one in self._done.items()},
            self._bins,
            self._wings,
            self._recurrence,
            self._warn(),
        )

    def _take(self, solution: Solution) -> None:
        self._solution = solution
        self._model = pattern_models(solution, self._sites, self._recurrence, self._parameters)

    def _residual(self, e: int, d: int) -> Residual:
        pixels = self._read(e, d)
        assert pixels is not None
        return subtract_model(
            pixels.image,
            pixels.good,
            self._noise[e, d],
            self._sites[d],
            self._model[d],
            self._solution.skies.coefficients[e],
        )

    def _mask(self, e: int, d: int) -> MaskedExposure:
        return mask_exposure(
            self._residual(e, d), self._wings, self._static.get(d), self._sites[d].grid, self._parameters
        )

    def _search(self, d: int) -> np.ndarray:
        stack = ResidualStack(self._sites[d].grid.pixel_shape)
        for (e, other), one in self._done.items():
            if other == d:
                residual = self._residual(e, d)
                stack.add(residual.values, residual.good & ~one.mask, one.detected.objects, residual.contrast)
        return search_stack(stack, self._sites[d].grid, self._parameters)


def gather_bins(tables: dict[tuple[int, int], Bins], exposures: int, sites: Sequence[Site]) -> list[Bins]:
    """Put the bins of all exposures of each detector together, empty where a detector is missing.

    Parameters
    ----------
    tables : `dict` [`tuple` [`int`, `int`], `Bins`]
        Bins ``(ny, nx)`` by exposure and detector.
    exposures : `int`
        Number of exposures.
    sites : `~collections.abc.Sequence` [`Site`]
        Detectors.

    Returns
    -------
    bins : `list` [`Bins`]
        ``(E, ny, nx)`` of each detector, in single precision.
    """
    out = []
    for d, site in enumerate(sites):
        shape = (exposures, *site.grid.shape)
        mean, count, variance = (
            np.full(shape, np.nan, np.float32),
            np.zeros(shape, np.float32),
            np.ones(shape, np.float32),
        )
        for e in range(exposures):
            if (e, d) in tables:
                one = tables[e, d]
                mean[e], count[e], variance[e] = one.mean, one.count, one.variance
        out.append(Bins(mean, count, variance))
    return out
