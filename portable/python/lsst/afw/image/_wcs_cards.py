# SPDX-License-Identifier: GPL-3.0-or-later
"""Cards of a celestial WCS in image headers: found, moved, kept.

They are not evaluated here. Reference pixels (CRPIXn) count the pixels of the
array in the same HDU from 1, so they change when a part of an image is taken.
"""

from __future__ import annotations

import re

from lsst.daf.base import PropertyList

__all__ = ["has_wcs", "shifted_wcs", "take_wcs"]

_CARD = re.compile(
    r"WCSAXES|RADESYS|RADECSYS|EQUINOX|LONPOLE|LATPOLE|CROTA2"
    r"|(CRPIX|CRVAL|CTYPE|CUNIT|CDELT)[12]"
    r"|(CD|PC)[12]_[12]|(PV|PS)[12]_\d{1,2}"
    r"|(A|B|AP|BP)_(ORDER|DMAX|\d_\d)"
)


def has_wcs(header: PropertyList) -> bool:
    """Whether a header has the cards of a celestial WCS.

    Parameters
    ----------
    header
        Header of an image.
    """
    return all(header.exists(name) for name in ("CTYPE1", "CTYPE2", "CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2"))


def take_wcs(header: PropertyList) -> PropertyList | None:
    """Move the cards of a WCS out of a header.

    Parameters
    ----------
    header
        Header of an image, changed in place.

    Returns
    -------
    cards
        The cards in their order, or `None` if the header has no WCS.
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
    """Copy a header with the reference pixel of its WCS moved.

    Parameters
    ----------
    cards
        Header with a WCS.
    x, y
        What to add to the reference pixel, pixels.

    Returns
    -------
    cards
        The copy.
    """
    result = cards.deepCopy()
    for name, shift in (("CRPIX1", x), ("CRPIX2", y)):
        result.set(name, float(cards.getScalar(name)) + shift, cards.getComment(name))
    return result
