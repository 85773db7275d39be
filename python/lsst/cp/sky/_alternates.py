# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the connections and keys for the second and further physical types of detector.

The first alternate has the names used by the stock tasks (``outputBkgAlternate``, ``scaleAlternate``);
further ones add a number: ``outputBkgAlternate2``, ``scaleAlternate2`` and so on.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import lsst.pex.config as pexConfig

if TYPE_CHECKING:
    from lsst.pipe.base import PipelineTaskConnections
    from lsst.pipe.base.connectionTypes import DimensionedConnection

__all__ = ("addConnections", "alternatesField", "connectionNames", "scaleKeys", "suffixes")


class Alternates(Protocol):
    """Configuration that says whether there are alternates, and at most how many."""

    @property
    def includeAlternateBackground(self) -> bool:
        """Whether there are alternates."""

    @property
    def alternateModels(self) -> int:
        """At most how many."""


def alternatesField() -> pexConfig.RangeField:
    """Make the configuration field for the largest number of alternates."""
    return pexConfig.RangeField(
        dtype=int,
        default=1,
        min=1,
        doc="Largest number of physical types of detector besides the main one, with "
        "includeAlternateBackground. Set the same number for CpSkyScaleMeasure and CpSkySubtractBackground.",
    )


def suffixes() -> Iterator[str]:
    """Yield the suffixes that distinguish the names of the alternates."""
    return itertools.chain(["Alternate"], (f"Alternate{number}" for number in itertools.count(2)))


def connectionNames(stem: str, config: Alternates | None) -> list[str]:
    """Return the names of the connections of all configured alternates."""
    count = config.alternateModels if config is not None and config.includeAlternateBackground else 0
    return [stem + suffix for suffix in itertools.islice(suffixes(), count)]


def addConnections(connections: PipelineTaskConnections, stem: str, config: Alternates | None) -> None:
    """Keep the connection of the first alternate and copy it for the others, as configured."""
    names = connectionNames(stem, config)
    if not names:
        delattr(connections, f"{stem}Alternate")
        return
    first = getattr(connections, names[0])
    for name in names[1:]:
        number = name.removeprefix(names[0])
        setattr(connections, name, _renamed(first, first.name + number))


def _renamed(connection: DimensionedConnection, name: str) -> DimensionedConnection:
    settings = {"minimum": connection.minimum} if hasattr(connection, "minimum") else {}
    return type(connection)(
        name=name,
        doc=connection.doc,
        storageClass=connection.storageClass,
        dimensions=connection.dimensions,
        **settings,
    )


def scaleKeys() -> Iterator[tuple[str, str]]:
    """Yield the keys of each alternate's physical type and sky scale in the metadata of an exposure."""
    return ((f"detectorType{suffix}", f"scale{suffix}") for suffix in suffixes())
