# SPDX-License-Identifier: GPL-3.0-or-later
"""Instruments for cameras without their own package.

`PlainInstrument` is the class of all of them. A repository stores the name of a class for each instrument,
from which alone it finds the name of the instrument: for the camera ``Mine`` it is
``lsst.cp.sky.ingest.instruments.Mine``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from lsst.daf.butler import Registry
from lsst.pipe.base import Instrument

if TYPE_CHECKING:
    from lsst.daf.butler import DataId

__all__ = ("PlainInstrument", "instrument_class")


class PlainInstrument(Instrument):
    """An instrument of which only detectors and filters are known; see ``instrument_class``."""

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

    def getRawFormatter(self, dataId: DataId) -> NoReturn:
        """Raise an error, because ingested exposures are not raw."""
        raise NotImplementedError(
            f"{self.getName()} has no raw data; its exposures were ingested as cpSkyIsrExp."
        )


def instrument_class(name: str) -> type[PlainInstrument]:
    """Make the class of the instrument of a camera."""
    return type(name, (PlainInstrument,), {"camera_name": name, "__module__": f"{__package__}.instruments"})
