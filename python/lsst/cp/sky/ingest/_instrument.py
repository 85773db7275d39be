# SPDX-License-Identifier: GPL-3.0-or-later
"""Instruments of repositories, for cameras that have no package of their own.

`PlainInstrument` is the class of all of them. A repository holds the name of a class for each instrument, and
knows no other way to the name of the instrument than that class: for the camera ``Mine`` it is
``lsst.cp.sky.ingest.instruments.Mine``.
"""

from __future__ import annotations

from typing import Any

from lsst.daf.butler import Registry
from lsst.pipe.base import Instrument

__all__ = ("PlainInstrument", "instrument_class")


class PlainInstrument(Instrument):
    """Instrument of which only detectors and filters are known; see `instrument_class`."""

    camera_name = ""
    """Name that data IDs use."""

    @classmethod
    def getName(cls) -> str:
        """Return the name that data IDs use."""
        return cls.camera_name

    def register(self, registry: Registry, *, update: bool = False) -> None:
        """Insert the instrument into a registry; detectors and filters come with the first files."""
        registry.syncDimensionData(
            "instrument",
            {
                "name": self.getName(),
                "class_name": f"{__package__}.instruments.{self.getName()}",
                "detector_max": 10_000,
                "exposure_max": 2**62,
                "visit_max": 2**62,
            },
            update=update,
        )

    def getRawFormatter(self, dataId: Any) -> Any:
        """Refuse: what was ingested is not raw."""
        raise NotImplementedError(
            f"{self.getName()} has no raw data; its exposures were ingested as cpSkyIsrExp."
        )


def instrument_class(name: str) -> type[PlainInstrument]:
    """Make the class of the instrument of a camera."""
    return type(name, (PlainInstrument,), {"camera_name": name, "__module__": f"{__package__}.instruments"})
