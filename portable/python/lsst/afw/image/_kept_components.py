# SPDX-License-Identifier: GPL-3.0-or-later
"""Components of exposures that are only carried through files."""

from __future__ import annotations

from typing import Any, Self

from lsst.afw.fits import ArchiveCatalog, InputArchive, OpaquePersistable, register_reader

__all__ = ["ApCorrMap", "CoaddInputs", "TransmissionCurve"]


class _KeptComponent(OpaquePersistable):
    """A component as an archive holds it.

    It can be copied, pickled and written to a file; it cannot be made or
    evaluated.

    Raises
    ------
    NotImplementedError
        Always, when called.
    """

    _archive_module = "lsst.afw.image"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(
            f"lsst.afw.image.{type(self).__name__} is not part of the portable stack: one that was read "
            "from a file is kept and written back as it is, but cannot be made or evaluated"
        )

    @classmethod
    def _keep(cls, archive: InputArchive, catalogs: list[ArchiveCatalog]) -> Self:
        """Take what an archive holds of a component."""
        self = cls.__new__(cls)
        OpaquePersistable.__init__(self, archive, 0, catalogs[0].name, cls._archive_module, catalogs)
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}(kept as read)"


class ApCorrMap(_KeptComponent):
    """Aperture corrections, kept as they were read."""


class CoaddInputs(_KeptComponent):
    """The record of what went into a coadd, kept as it was read."""


class TransmissionCurve(_KeptComponent):
    """A transmission curve of any kind, kept as it was read."""


_ARCHIVE_NAMES: dict[type[_KeptComponent], tuple[str, ...]] = {
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
        register_reader(_name, "lsst.afw.image", _class._keep)
