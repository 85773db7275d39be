# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels of filters: band, physical filter, or both."""

from __future__ import annotations

import re

from lsst.pex.exceptions import RuntimeError as PexRuntimeError
from lsst.portable.archive import ArchiveCatalog, InputArchive, OutputArchive, Persistable, register
from lsst.portable.fits import Column

__all__ = ["FilterLabel", "filter_label_from_name"]

_COLUMNS = (
    Column("band_exists", "X", "Existence flag for band", tccls="Flag"),
    Column("band", "32A", "Name of the band.", tccls="String"),
    Column("physical_exists", "X", "Existence flag for physical", tccls="Flag"),
    Column("physical", "32A", "Name of the physical filter.", tccls="String"),
)


class FilterLabel(Persistable):
    """The label of a filter: a band, a physical filter, or both.

    Labels are immutable.

    Parameters
    ----------
    band : `str`, optional
        Name of the band, such as ``"r"``.
    physical : `str`, optional
        Name of the physical filter, such as ``"HSC-R2"``.

    Raises
    ------
    ValueError
        Raised if neither name is given.
    TypeError
        Raised if a name is not a string.
    """

    __module__ = "lsst.afw.image"
    __slots__ = ("__weakref__", "_band", "_physical")

    def __init__(self, band: str | None = None, physical: str | None = None) -> None:
        if band is None and physical is None:
            raise ValueError("a FilterLabel needs a band, a physical filter, or both; neither was given")
        for name, value in (("band", band), ("physical", physical)):
            if not isinstance(value, str | None):
                raise TypeError(f"{name} of a FilterLabel must be a string, got {value!r}")
        self._band = band
        self._physical = physical

    @staticmethod
    def fromBandPhysical(band: str, physical: str) -> FilterLabel:
        """Make a label with both names."""
        return FilterLabel(band=band, physical=physical)

    @staticmethod
    def fromBand(band: str) -> FilterLabel:
        """Make a label with only a band."""
        return FilterLabel(band=band)

    @staticmethod
    def fromPhysical(physical: str) -> FilterLabel:
        """Make a label with only a physical filter."""
        return FilterLabel(physical=physical)

    def hasBandLabel(self) -> bool:
        """Return whether there is a band."""
        return self._band is not None

    def hasPhysicalLabel(self) -> bool:
        """Return whether there is a physical filter."""
        return self._physical is not None

    @property
    def bandLabel(self) -> str:
        """Name of the band; `lsst.pex.exceptions.RuntimeError` if there is none."""
        if self._band is None:
            raise PexRuntimeError(f"{self} has no band; ask hasBandLabel() first")
        return self._band

    @property
    def physicalLabel(self) -> str:
        """Name of the physical filter; `lsst.pex.exceptions.RuntimeError` if there is none."""
        if self._physical is None:
            raise PexRuntimeError(f"{self} has no physical filter; ask hasPhysicalLabel() first")
        return self._physical

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FilterLabel):
            return NotImplemented
        return (self._band, self._physical) == (other._band, other._physical)

    def __hash__(self) -> int:
        return hash((self._band, self._physical))

    def __reduce__(self) -> tuple[object, ...]:
        return (FilterLabel, (self._band, self._physical))

    def __copy__(self) -> FilterLabel:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> FilterLabel:
        return self

    def __repr__(self) -> str:
        names = (("band", self._band), ("physical", self._physical))
        return "FilterLabel(" + ", ".join(f'{k}="{v}"' for k, v in names if v is not None) + ")"


def _write(label: FilterLabel, archive: OutputArchive) -> list[ArchiveCatalog]:
    row = {
        "band_exists": label.hasBandLabel(),
        "band": label._band or "",
        "physical_exists": label.hasPhysicalLabel(),
        "physical": label._physical or "",
    }
    return [ArchiveCatalog("FilterLabel", _COLUMNS, [row])]


def _read(archive: InputArchive, catalogs: list[ArchiveCatalog]) -> FilterLabel:
    row = catalogs[0].rows[0]
    return FilterLabel(
        band=row["band"] if row["band_exists"] else None,
        physical=row["physical"] if row["physical_exists"] else None,
    )


register(FilterLabel, "FilterLabel", "lsst.afw.image", read=_read, write=_write)

# Filter names of Hyper Suprime-Cam and others in files that predate labels.
_OLD_NAMES = {
    "r2": FilterLabel("r", "HSC-R2"),
    "i2": FilterLabel("i", "HSC-I2"),
    "SOLID": FilterLabel(physical="solid plate 0.0 0.0"),
}
_BANDS = frozenset({"u", "g", "r", "i", "z", "y", "SH", "PH", "VR", "white"})


def filter_label_from_name(name: str) -> FilterLabel | None:
    """Make a label from the filter name of a file older than format version 2.

    Parameters
    ----------
    name : `str`
        Value of the card FILTER.

    Returns
    -------
    label : `FilterLabel` or `None`
        A label with a band for the names of common, narrow (``N`` and digits) and intermediate (``I`` and at
        least two digits) bands, otherwise one with a physical filter; `None` for ``_unknown_``, which means
        no filter.
    """
    name = name.rstrip(" ")
    if name in _OLD_NAMES:
        return _OLD_NAMES[name]
    if name == "_unknown_":
        return None
    if name in _BANDS or re.fullmatch(r"N\d+|I\d{2,}", name):
        return FilterLabel(band=name)
    return FilterLabel(physical=name)
