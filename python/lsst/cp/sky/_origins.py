# SPDX-License-Identifier: GPL-3.0-or-later
"""Consistency of the backgrounds to average: one detector and filter, each exposure once, same cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._naming import phrase
from ._reading import load
from .errors import MismatchedInputsError

if TYPE_CHECKING:
    from lsst.afw.math import BackgroundList
    from lsst.daf.butler import DataIdValue

    from ._protocols import Handle, Names

__all__ = ("requireOneShape", "requireSameOrigin")


def _who(names: Names) -> str:
    return phrase(names, unknown="this detector")


def requireSameOrigin(backgrounds: Sequence[BackgroundList], handles: Sequence[Handle], names: Names) -> None:
    """Check that handles match the backgrounds and one another.

    Raises
    ------
    MismatchedInputsError
        Raised if they do not.
    """
    if len(backgrounds) != len(handles):
        raise MismatchedInputsError(
            f"There are {len(backgrounds)} backgrounds of {_who(names)}, but {len(handles)} exposures; pass "
            "the handle of the exposure that each background comes from, in the same order.",
            **names,
            backgrounds=len(backgrounds),
            exposures=len(handles),
        )
    _requireOne(
        "detectors", [_detectorId(handle) for handle in handles], "combine each detector by itself", names
    )
    _requireOne(
        "filters", [_filterName(handle) for handle in handles], "combine each filter by itself", names
    )
    exposures = [exposure for handle in handles if (exposure := _fromDataId(handle, "exposure")) is not None]
    if len(set(exposures)) < len(exposures):
        twice = sorted({exposure for exposure in exposures if exposures.count(exposure) > 1})
        raise MismatchedInputsError(
            f"Exposures {', '.join(map(str, twice))} are among the inputs of {_who(names)} more than once; "
            "pass each exposure once.",
            **names,
            exposures={str(i): int(exposure) for i, exposure in enumerate(twice)},
        )


def _requireOne(what: str, found: Sequence[int | str | None], cure: str, names: Names) -> None:
    if len(set(found)) > 1:
        raise MismatchedInputsError(
            f"The exposures to combine are of {what} {sorted(set(found), key=str)}, but only one is "
            f"expected; {cure}.",
            **names,
            found={str(i): each if each is not None else "none" for i, each in enumerate(found)},
        )


def _fromDataId(handle: Handle, key: str) -> DataIdValue | None:
    """Return a value from a handle's data ID, without loading data, or `None` if it has no such key."""
    dataId = getattr(handle, "dataId", None)
    return dataId[key] if dataId is not None and key in dataId else None


def _detectorId(handle: Handle) -> int | None:
    if (number := _fromDataId(handle, "detector")) is not None:
        return int(number)
    detector = load(handle, "detector")
    return None if detector is None else int(detector.getId())


def _filterName(handle: Handle) -> str | None:
    if (name := _fromDataId(handle, "physical_filter")) is not None:
        return str(name)
    label = load(handle, "filter")
    return None if label is None else str(label.physicalLabel if label.hasPhysicalLabel() else label)


def requireOneShape(backgrounds: Sequence[BackgroundList], names: Names) -> None:
    """Raise `MismatchedInputsError` unless all backgrounds have the same box and number of cells."""
    shapes = []
    for position, members in enumerate(backgrounds):
        if len(members) != 1:
            raise MismatchedInputsError(
                f"Background number {position} of {_who(names)} has {len(members)} members, but one is "
                "expected; use the output of CpSkySubtractBackground.",
                **names,
                position=position,
                members=len(members),
            )
        background = members[0][0]
        shapes.append((background.getImageBBox(), background.getStatsImage().getDimensions()))
    for position, (box, cells) in enumerate(shapes):
        if (box, cells) != shapes[0]:
            raise MismatchedInputsError(
                f"Background number {position} of {_who(names)} covers {box} with {cells} cells, the first "
                f"{shapes[0][0]} with {shapes[0][1]}; use backgrounds of one detector, trimmed and "
                "measured alike.",
                **names,
                position=position,
            )
