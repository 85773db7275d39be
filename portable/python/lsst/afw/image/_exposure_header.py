# SPDX-License-Identifier: GPL-3.0-or-later
"""The headers of an exposure's file, taken apart.

A file has a format version (card EXPINFO_V). Version 0, without the card,
keeps the photometric calibration in header cards; up to version 1 the filter is
the card FILTER; in version 2 every component is in the archive.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from lsst.daf.base import PropertyList
from lsst.pex.exceptions import Exception as PexException
from lsst.portable.fits import FitsClassError, FitsError, merge_inherited

from ._filter_label import FilterLabel, filter_label_from_name
from ._photo_calib import PhotoCalib, makePhotoCalibFromMetadata
from ._plane_fits import inherits
from ._visit_info import VisitInfo
from ._visit_info_cards import stripVisitInfoKeywords
from ._wcs_cards import take_wcs

__all__ = [
    "ARCHIVE_CARD",
    "COMPONENT_PREFIX",
    "FORMAT_VERSION",
    "OLD_COMPONENTS",
    "VERSION_CARD",
    "ExposureHeader",
    "component_of_card",
    "damage_named",
]

FORMAT_VERSION = 2
VERSION_CARD = "EXPINFO_V"
ARCHIVE_CARD = "AR_HDU"
COMPONENT_PREFIX = "ARCHIVE_ID_"

#: Components that have had the card ``<name>_ID`` since before there were cards ``ARCHIVE_ID_<name>``.
OLD_COMPONENTS = (
    "PSF",
    "SKYWCS",
    "COADD_INPUTS",
    "AP_CORR_MAP",
    "VALID_POLYGON",
    "TRANSMISSION_CURVE",
    "DETECTOR",
    "PHOTOCALIB",
)


def component_of_card(card: str) -> str | None:
    """Return the name of the component whose number in the archive a card holds; `None` for other cards.

    Parameters
    ----------
    card : `str`
        Name of the card.
    """
    if card.startswith(COMPONENT_PREFIX):
        return card.removeprefix(COMPONENT_PREFIX)
    return card[:-3] if card.endswith("_ID") and card[:-3] in OLD_COMPONENTS else None


@contextlib.contextmanager
def damage_named(fileName: str) -> Iterator[None]:
    """Say in which file a card has a value that makes no sense."""
    try:
        yield
    except (PexException, ValueError) as exc:
        raise FitsError(f"{fileName}: {exc}") from exc


def _known(header: PropertyList, card: str) -> bool:
    """Whether a header has a card, and the card a value."""
    return header.exists(card) and header.getScalar(card) is not None


class ExposureHeader:
    """What the headers of an exposure's file say.

    Parameters
    ----------
    primary : `lsst.daf.base.PropertyList`
        Header of the primary HDU; may be changed.
    image : `lsst.daf.base.PropertyList`
        Header of the image without what it inherits; may be changed.
    fileName : `str`, optional
        Name of the file for messages.

    Attributes
    ----------
    version : `int`
        Format version.
    metadata : `lsst.daf.base.PropertyList`
        The cards that no component is made of.
    archive_hdu : `int` or `None`
        Where the archive is, zero-based.
    archive_ids : `dict` [`str`, `int`]
        Numbers of the components in the archive, by name, in file order.
    wcs_cards : `lsst.daf.base.PropertyList` or `None`
        WCS of the image header where the archive has the WCS, too. A WCS
        that only the header has stays in ``metadata``.
    exposure_id, filter, visit_info, photo_calib
        Components held by cards; `None` where there is none.

    Raises
    ------
    lsst.afw.fits.FitsError
        If a card cannot be what it says it is, or the format version is not known; the latter is also a
        `lsst.pex.exceptions.TypeError`.
    """

    def __init__(self, primary: PropertyList, image: PropertyList, fileName: str = "the file") -> None:
        with damage_named(fileName):
            # The stack removes neither the version nor FILTER from the metadata.
            self.version = primary.getAsInt(VERSION_CARD) if _known(primary, VERSION_CARD) else 0
        if self.version > FORMAT_VERSION:
            raise FitsClassError(
                f"{fileName}: exposures of format version {self.version} cannot be read; "
                f"the newest known is {FORMAT_VERSION}"
            )
        with damage_named(fileName):
            self._take_apart(primary, image)

    def _take_apart(self, primary: PropertyList, image: PropertyList) -> None:
        wcs_cards = take_wcs(image)
        # The image inherits the cards of the primary header. Old files have all cards in the image's, and in
        # the primary one only copies of them.
        inherited = primary if inherits(image) else PropertyList()
        for name, default in (("INHERIT", ""), ("UZSCALE", ""), ("EXTTYPE", ""), ("EXTNAME", "IMAGE")):
            if image.exists(name) and (not default or str(image.getScalar(name)).strip() == default):
                image.remove(name)
        self.metadata = merge_inherited(inherited, image)
        self._take_components()
        self._take_archive_ids()
        self.wcs_cards = wcs_cards if "SKYWCS" in self.archive_ids else None
        if wcs_cards is not None and self.wcs_cards is None:
            self.metadata.combine(wcs_cards)

    def _take_components(self) -> None:
        metadata = self.metadata
        self.filter: FilterLabel | None = None
        if self.version < 2 and _known(metadata, "FILTER"):
            self.filter = filter_label_from_name(str(metadata.getScalar("FILTER")))
        self.exposure_id = metadata.getAsInt64("EXPID") if _known(metadata, "EXPID") else None
        self.visit_info = VisitInfo(metadata)
        stripVisitInfoKeywords(metadata)
        self.photo_calib: PhotoCalib | None = None
        if self.version == 0:
            self.photo_calib = makePhotoCalibFromMetadata(metadata, strip=True)
        for name in ("EXPID", "MJD-OBS", "DATE-OBS", "DETNAME", "DETSER"):
            if metadata.exists(name):
                metadata.remove(name)

    def _take_archive_ids(self) -> None:
        hdu = self._pop(ARCHIVE_CARD)
        self.archive_hdu = hdu - 1 if hdu else None
        names = filter(None, map(component_of_card, self.metadata.getOrderedNames()))
        ids = {name: self._pop(f"{name}_ID") for name in dict.fromkeys(names)}
        for name in ids:
            ids[name] = self._pop(COMPONENT_PREFIX + name) or ids[name]
        self.archive_ids = {name: id for name, id in ids.items() if id}

    def _pop(self, card: str) -> int:
        """Take an integer card off the metadata; 0 if it is not there or undefined."""
        value = self.metadata.getAsInt(card) if _known(self.metadata, card) else 0
        if self.metadata.exists(card):
            self.metadata.remove(card)
        return value
