# SPDX-License-Identifier: GPL-3.0-or-later
"""Names by which a person identifies an exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Detector
    from lsst.afw.image import ExposureF

    from ._protocols import Names

__all__ = ("dataNames", "identify", "nameDetector", "phrase", "plain")


def dataNames(dataId: Any) -> dict[str, int]:
    """Return exposure and detector of a data ID, as far as it has them; nothing of `None`."""
    found = {} if dataId is None else dict(dataId.required if hasattr(dataId, "required") else dataId)
    return {key: int(found[key]) for key in ("exposure", "detector") if key in found}


def nameDetector(detector: Detector | None) -> dict[str, int | str]:
    """Return the names of a detector; empty if there is none."""
    if detector is None:
        return {}
    return {"detector": int(detector.getId()), "detectorName": str(detector.getName())}


def identify(exposure: ExposureF) -> dict[str, int | str]:
    """Return the names of an exposure and its detector, as far as they are known."""
    names: dict[str, int | str] = {}
    visitInfo = exposure.getInfo().getVisitInfo()
    if visitInfo is not None and visitInfo.id:
        names["exposure"] = int(visitInfo.id)
    return names | nameDetector(exposure.getDetector())


def phrase(names: Names, unknown: str = "the exposure") -> str:
    """Format the result of `identify`, or a data ID, as part of a sentence."""
    parts = []
    if "detector" in names:
        name = f" ({names['detectorName']})" if "detectorName" in names else ""
        parts.append(f"detector {names['detector']}{name}")
    if "exposure" in names:
        parts.append(f"exposure {names['exposure']}")
    return " of ".join(parts) or unknown


def plain(dataId: Names) -> dict[str, int | str]:
    """Return a data ID as keyword arguments."""
    return {str(key): value for key, value in dataId.items()}
