# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of what there is for the second and further physical types of detectors.

The first alternate has the names of the stock tasks (``outputBkgAlternate``, ``scaleAlternate``), those that
follow the same with a number: ``outputBkgAlternate2``, ``scaleAlternate2`` and so on.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import lsst.pex.config as pexConfig

if TYPE_CHECKING:
    from lsst.pipe.base import PipelineTaskConnections

__all__ = ("addConnections", "alternatesField", "connectionNames", "scaleKeys", "suffixes")


class Alternates(Protocol):
    """Configuration that says whether there are alternates, and how many at most."""

    includeAlternateBackground: Any
    alternateModels: Any


def alternatesField() -> Any:
    """Make the configuration field that says how many alternates there may be."""
    return pexConfig.RangeField(
        dtype=int,
        default=1,
        min=1,
        doc="Most physical types of detectors besides the main one, with includeAlternateBackground. Set the "
        "same number for CpSkyScaleMeasure and CpSkySubtractBackground.",
    )


def suffixes() -> Iterator[str]:
    """What tells the names of one alternate from those of the others."""
    return itertools.chain(["Alternate"], (f"Alternate{number}" for number in itertools.count(2)))


def connectionNames(stem: str, config: Alternates | None) -> list[str]:
    """Names of the connections of all alternates, none where they are not configured."""
    count = config.alternateModels if config is not None and config.includeAlternateBackground else 0
    return [stem + suffix for suffix in itertools.islice(suffixes(), count)]


def addConnections(connections: PipelineTaskConnections, stem: str, config: Alternates | None) -> None:
    """Keep the connection of the first alternate and make those of the others like it, as configured."""
    names = connectionNames(stem, config)
    if not names:
        delattr(connections, f"{stem}Alternate")
        return
    first = getattr(connections, names[0])
    for name in names[1:]:
        number = name.removeprefix(names[0])
        setattr(connections, name, _renamed(first, first.name + number))


def _renamed(connection: Any, name: str) -> Any:
    settings = {"minimum": connection.minimum} if hasattr(connection, "minimum") else {}
    return type(connection)(
        name=name,
        doc=connection.doc,
        storageClass=connection.storageClass,
        dimensions=connection.dimensions,
        **settings,
    )


def scaleKeys() -> Iterator[tuple[str, str]]:
    """Keys of physical type and scale of the alternates in the metadata of an exposure's scale."""
    return ((f"detectorType{suffix}", f"scale{suffix}") for suffix in suffixes())
