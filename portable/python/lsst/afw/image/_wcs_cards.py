# SPDX-License-Identifier: GPL-3.0-or-later
"""Cards of a celestial WCS in image headers.

They are not evaluated here. Reference pixels (CRPIXn) count the pixels of the array in the same HDU from 1,
so they change when a part of an image is extracted.
"""

from __future__ import annotations

import re
import weakref
from typing import TYPE_CHECKING

from lsst.daf.base import PropertyList

if TYPE_CHECKING:
    from lsst.afw.geom import SkyWcs

__all__ = ["has_wcs", "recall_cards", "remember_cards", "shifted_wcs", "take_wcs"]

# A WCS in an archive is not evaluated, so the cards stored with it are its only form for image headers. Each
# object has its own, identified by its address while it lives: of two equal ones, one may be deleted first.
_known: dict[int, PropertyList] = {}

_CARD = re.compile(
    r"WCSAXES|RADESYS|RADECSYS|EQUINOX|LONPOLE|LATPOLE|CROTA2"
    r"|(CRPIX|CRVAL|CTYPE|CUNIT|CDELT)[12]"
    r"|(CD|PC)[12]_[12]|(PV|PS)[12]_\d{1,2}"
    r"|(A|B|AP|BP)_(ORDER|DMAX|\d_\d)"
)


def has_wcs(header: PropertyList) -> bool:
    """Return whether a header has the cards of a celestial WCS.

    Parameters
    ----------
    header : `lsst.daf.base.PropertyList`
        Header of an image.
    """
    names = ("CTYPE1", "CTYPE2", "CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2")
    return all(header.exists(name) and header.getScalar(name) is not None for name in names)


def take_wcs(header: PropertyList) -> PropertyList | None:
    """Remove the cards of a WCS from a header and return them.

    Parameters
    ----------
    header : `lsst.daf.base.PropertyList`
        Header of an image. Modified in place.

    Returns
    -------
    cards : `lsst.daf.base.PropertyList` or `None`
        The cards in order, or `None` if the header has no WCS.
    """
    if not has_wcs(header):
        return None
    cards = PropertyList()
    for name in list(header.getOrderedNames()):
        if _CARD.fullmatch(name):
            cards.set(name, header.getScalar(name), header.getComment(name))
            header.remove(name)
    return cards


def shifted_wcs(cards: PropertyList, x: float, y: float) -> PropertyList:
    """Copy a header, shifting the reference pixel of its WCS.

    Parameters
    ----------
    cards : `lsst.daf.base.PropertyList`
        Header with a WCS.
    x, y : `float`
        Shift of the reference pixel (pixels).

    Returns
    -------
    cards : `lsst.daf.base.PropertyList`
        The copy.

    Raises
    ------
    ValueError
        Raised if a card of the reference pixel is not a number.
    """
    result = cards.deepCopy()
    for name, shift in (("CRPIX1", x), ("CRPIX2", y)):
        value = cards.getScalar(name)
        try:
            result.set(name, float(value) + shift, cards.getComment(name))
        except (TypeError, ValueError):
            raise ValueError(f"the card {name} is {value!r}; expected a number of pixels") from None
    return result


def remember_cards(wcs: SkyWcs, cards: PropertyList) -> None:
    """Remember the cards of a WCS while it lives.

    Parameters
    ----------
    wcs : `lsst.afw.geom.SkyWcs`
        The WCS from an archive.
    cards : `lsst.daf.base.PropertyList`
        Its header cards, with the reference pixel relative to the origin of the parent image.
    """
    if id(wcs) not in _known:
        weakref.finalize(wcs, _known.pop, id(wcs), None).atexit = False
    _known[id(wcs)] = cards


def recall_cards(wcs: SkyWcs | None) -> PropertyList | None:
    """Return the cards remembered for a WCS.

    Parameters
    ----------
    wcs : `lsst.afw.geom.SkyWcs`
        A WCS, or `None`.

    Returns
    -------
    cards : `lsst.daf.base.PropertyList` or `None`
        Its cards, or `None` if there are none.
    """
    return _known.get(id(wcs))
