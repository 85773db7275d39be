# SPDX-License-Identifier: GPL-3.0-or-later
"""Components of exposures that are only passed through files."""

from __future__ import annotations

from lsst.portable.archive import KeptPersistable, register_kept

__all__ = ["ApCorrMap", "CoaddInputs", "TransmissionCurve"]


class ApCorrMap(KeptPersistable):
    """Aperture corrections, kept as they were read."""


class CoaddInputs(KeptPersistable):
    """The record of the inputs of a coadd, kept as it was read."""


class TransmissionCurve(KeptPersistable):
    """A transmission curve of any kind, kept as it was read."""


_ARCHIVE_NAMES: dict[type[KeptPersistable], tuple[str, ...]] = {
    ApCorrMap: ("ApCorrMap",),
    CoaddInputs: ("CoaddInputs",),
    TransmissionCurve: (
        "IdentityTransmissionCurve",
        "ProductTransmissionCurve",
        "RadialTransmissionCurve",
        "SpatiallyConstantTransmissionCurve",
        "TransformedTransmissionCurve",
    ),
}

for _class, _names in _ARCHIVE_NAMES.items():
    _class.__module__ = "lsst.afw.image"
    for _name in _names:
        register_kept(_class, _name, "lsst.afw.image")
