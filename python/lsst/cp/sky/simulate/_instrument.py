# SPDX-License-Identifier: GPL-3.0-or-later
"""The instrument of simulated exposures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from lsst.pipe.base import Instrument
from lsst.utils.introspection import get_full_type_name

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Camera
    from lsst.daf.butler import DataId, Registry

__all__ = ("SkySim",)


class SkySim(Instrument):
    """A simulated instrument, whose camera is the one the night was simulated with.

    The repository stores the camera as the ``camera`` dataset of its calibration collection, as for any
    instrument; the class knows of no detectors until `register_camera` is called.
    """

    filters = {"sim_g": "g", "sim_r": "r", "sim_i": "i", "sim_z": "z"}
    """Physical filters and their bands."""

    @classmethod
    def getName(cls) -> str:
        """Return the name used in data IDs."""
        return "SkySim"

    def register(self, registry: Registry, *, update: bool = False) -> None:
        """Insert the instrument and its filters into a registry.

        Parameters
        ----------
        registry : `lsst.daf.butler.Registry`
            Registry to write to.
        update : `bool`, optional
            Whether to replace records that differ.
        """
        with registry.transaction():
            registry.syncDimensionData(
                "instrument",
                {
                    "name": self.getName(),
                    "class_name": get_full_type_name(type(self)),
                    "detector_max": 1000,
                    "exposure_max": 10**14,
                    "visit_max": 10**14,
                },
                update=update,
            )
            for physical, band in self.filters.items():
                registry.syncDimensionData(
                    "physical_filter",
                    {"instrument": self.getName(), "name": physical, "band": band},
                    update=update,
                )

    def register_camera(self, registry: Registry, camera: Camera) -> None:
        """Insert a record for every detector of a camera."""
        records: list[dict[str, int | str | None]] = []
        for detector in camera:
            raft, _, in_raft = detector.getName().rpartition("_")
            records.append(
                {
                    "instrument": self.getName(),
                    "id": detector.getId(),
                    "full_name": detector.getName(),
                    "name_in_raft": in_raft,
                    "raft": raft or None,
                    "purpose": detector.getType().name,
                }
            )
        registry.insertDimensionData("detector", *records)

    def getRawFormatter(self, dataId: DataId) -> NoReturn:
        """Raise an error, because the simulator writes post-ISR exposures, never raw ones."""
        raise NotImplementedError(
            f"{self.getName()} has no raw data; its exposures are simulated after instrument signature "
            "removal."
        )
