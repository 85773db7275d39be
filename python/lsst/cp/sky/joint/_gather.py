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

from .._reading import loadEach
from ..errors import TooFewInputsError, UnreadableInputError
from ._gauge import superpixel_part
from ._parameters import JointParameters
from ._pattern import pattern_models
from ._pixels import names_of, place_of
from ._plane import Site
from ._solution import Solution
from ._spool import BinSpool
from ._tables import Pattern, Preliminaries, SkyTable, read_bins
from .geometry import FocalPlane, Geometry, Sizes

if TYPE_CHECKING:
    from lsst.utils.logging import LsstLoggers

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
    log: LsstLoggers,
    exposures: Collection[int] | None = None,
    detectors: Collection[int] | None = None,
) -> NightBins:
    """Read the bins of all exposures, each of them once.

    Parameters
    ----------
    bins, noise : `~collections.abc.Sequence` [`lsst.daf.butler.DeferredDatasetHandle`]
        Handles, in any order.
    log : `logging.Logger` or `lsst.utils.logging.LsstLogAdapter`
        Takes a warning for what cannot be read, which is left out.
    exposures, detectors : `~collections.abc.Collection` [`int`], optional
        Numbers of those to read; all by default.

    Raises
    ------
    lsst.pipe.base.NoWorkFound
        Raised if there are no bins.
    lsst.cp.sky.MismatchedInputsError
        Raised if exposures of a detector differ in their bins, or a table or a note is not what earlier tasks
        write.
    lsst.cp.sky.UnreadableInputError
        Raised if nothing can be read.
    """
    wanted = {
        (e, d): handle
        for (e, d), handle in sorted(_by_place(bins).items())
        if (exposures is None or e in exposures) and (detectors is None or d in detectors)
    }
    early = _read_notes(noise, {d for _, d in wanted}, log)
    wanted = {(e, d): handle for (e, d), handle in wanted.items() if d in early}
    if not wanted:
        raise pipeBase.NoWorkFound("There are no bins of any exposure to solve for skies and pattern.")
    numbers, places = sorted({e for e, _ in wanted}), sorted({d for _, d in wanted})
    shapes = [early[d].geometry.grid(early[d].sizes).shape for d in places]
    spool = BinSpool(len(numbers), shapes)
    with contextlib.ExitStack() as closing:
        closing.callback(spool.close)
        for handle, table in loadEach(wanted.values(), log):
            exposure, detector = place_of(handle)
            e, d = numbers.index(exposure), places.index(detector)
            spool.put(e, d, read_bins(table, shapes[d], names_of(handle)))
        rows, columns = spool.drop_empty()
        closing.pop_all()
    numbers, places = [numbers[e] for e in rows], [places[d] for d in columns]
    return NightBins(numbers, [early[d].geometry for d in places], early[places[0]].sizes, spool)


def _read_notes(
    handles: Sequence[Handle], detectors: Collection[int], log: LsstLoggers
) -> dict[int, Preliminaries]:
    """Read one note for each detector: all of them would take longer to read than the bins."""
    found: dict[int, Preliminaries] = {}
    for (_, detector), handle in sorted(_by_place(handles).items()):
        if detector in detectors and detector not in found:
            with contextlib.suppress(UnreadableInputError):
                for _, note in loadEach([handle], log):
                    found[detector] = Preliminaries.from_dict(note, names_of(handle))
    if lost := sorted(set(detectors) - set(found)):
        log.warning(
            "There is no note on the geometry of detectors %s, which take no part.", ", ".join(map(str, lost))
        )
    return found


def _by_place(handles: Sequence[Handle]) -> dict[tuple[int, int], Handle]:
    """Return handles by exposure and detector."""
    return {place_of(handle): handle for handle in handles or ()}


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
