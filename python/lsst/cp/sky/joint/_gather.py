# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the tables of all exposures and detectors for a solve, and write its solution into tables."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.table import Table

import lsst.pipe.base as pipeBase

from ..errors import MismatchedInputsError, TooFewInputsError
from ._gauge import superpixel_part
from ._parameters import JointParameters
from ._pattern import pattern_models
from ._pixels import names_of
from ._plane import Site
from ._quantum import load
from ._solution import Solution
from ._spool import BinSpool
from ._tables import Pattern, Preliminaries, SkyTable, read_bins
from .geometry import FocalPlane, Geometry, Sizes

if TYPE_CHECKING:
    from .._protocols import Handle

__all__ = ("NightBins", "gather", "require_exposures", "solution_tables")


@dataclasses.dataclass(frozen=True)
class NightBins:
    """Bins of all exposures of a filter, in order of the numbers of exposures and detectors."""

    exposures: list[int]
    geometries: list[Geometry]
    sizes: Sizes
    bins: BinSpool

    def __enter__(self) -> NightBins:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.bins.close()


def gather(
    bins: Sequence[Any],
    noise: Sequence[Handle],
    exposures: Collection[int] | None = None,
    detectors: Collection[int] | None = None,
) -> NightBins:
    """Read the bins of all exposures, each of them once.

    Parameters
    ----------
    bins, noise : `~collections.abc.Sequence` [`lsst.daf.butler.DeferredDatasetHandle`]
        Handles, in any order.
    exposures, detectors : `~collections.abc.Collection` [`int`], optional
        Numbers of those to read; all by default.

    Raises
    ------
    lsst.pipe.base.NoWorkFound
        Raised if there are no bins.
    lsst.cp.sky.MismatchedInputsError
        Raised if exposures of a detector differ in their bins.
    """
    wanted = {
        (e, d): handle
        for (e, d), handle in sorted(_by_place(bins).items())
        if (exposures is None or e in exposures) and (detectors is None or d in detectors)
    }
    if not wanted:
        raise pipeBase.NoWorkFound("There are no bins of any exposure to solve for skies and pattern.")
    numbers, places = sorted({e for e, _ in wanted}), sorted({d for _, d in wanted})
    # One note a detector: all of them would take longer to read than the bins.
    notes = {d: handle for (_, d), handle in sorted(_by_place(noise).items(), reverse=True)}
    early = {d: Preliminaries.from_dict(load(notes[d])) for d in places}
    shapes = [early[d].geometry.grid(early[d].sizes).shape for d in places]
    spool = BinSpool(len(numbers), shapes)
    with contextlib.ExitStack() as closing:
        closing.callback(spool.close)
        for (e, d), handle in wanted.items():
            planes = read_bins(load(handle))
            _require_bins(len(planes[0]), shapes[places.index(d)], e, d)
            spool.put(numbers.index(e), places.index(d), planes)
        closing.pop_all()
    return NightBins(numbers, [early[d].geometry for d in places], early[places[0]].sizes, spool)


def _by_place(handles: Sequence[Handle]) -> dict[tuple[int, int], Handle]:
    """Return handles by exposure and detector."""
    return {(names["exposure"], names["detector"]): h for h in handles for names in [names_of(h)]}


def _require_bins(number: int, shape: tuple[int, int], exposure: int, detector: int) -> None:
    """Make sure that an exposure has the bins of its detector."""
    if number != shape[0] * shape[1]:
        raise MismatchedInputsError(
            f"There are {number} bins of detector {detector} of exposure {exposure}, where other exposures "
            f"have {shape[0]} x {shape[1]} (rows, columns). Make all bins with one configuration, from "
            "exposures of one size.",
            exposure=exposure,
            detector=detector,
            bins=number,
            expected=shape[0] * shape[1],
        )


def require_exposures(exposures: Sequence[int], least: int) -> None:
    """Make sure that there are enough exposures, or raise `TooFewInputsError`."""
    if len(exposures) < least:
        raise TooFewInputsError(
            f"There are {len(exposures)} exposures ({', '.join(map(str, exposures))}) to make sky frames "
            f"from, and minInputs asks for {least}. Take more, or lower minInputs.",
            exposures=len(exposures),
            minInputs=least,
        )


def solution_tables(
    night: NightBins,
    sites: Sequence[Site],
    plane: FocalPlane,
    solution: Solution,
    parameters: JointParameters,
    recurrence: float = 1.0,
) -> tuple[Table, list[Table]]:
    """Make tables of skies, and of the pattern of each detector along with its model for masking."""
    skies = SkyTable(
        exposures=np.array(night.exposures),
        skies=solution.skies,
        order=solution.order,
        plane=plane,
        excess=solution.excess,
        rounds=solution.rounds,
        amplitude=None if solution.mode is None else solution.mode.amplitude,
        recurrence=recurrence,
    )
    models = pattern_models(solution, sites, recurrence, parameters)
    smooth = superpixel_part(sites, solution.pattern, plane.radius, parameters.gauge)
    mode = solution.mode
    second = [np.zeros_like(p) for p in solution.pattern] if mode is None else mode.pattern
    patterns = [
        Pattern(*planes).to_table()
        for planes in zip(solution.pattern, solution.information, models, smooth, second, strict=True)
    ]
    return skies.to_table(), patterns
