# SPDX-License-Identifier: GPL-3.0-or-later
"""Between property lists and the headers of astropy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ._date_time import DateTime

if TYPE_CHECKING:
    from astropy.io.fits import Card, Header

__all__ = ("header_items", "make_header")

_COMMENTARY = ("COMMENT", "HISTORY")


def header_items(header: Header) -> Iterator[tuple[str, Any, str]]:
    """Keyword, value and comment of each card that a property can be made of.

    Blank cards are left out, and so are those whose value cannot be parsed. One without a value is `None`.
    """
    # Few programs hold headers of astropy, which takes long to import.
    from astropy.io.fits import VerifyError
    from astropy.io.fits.card import Undefined  # whoever passes such a header has imported it

    for card in header.cards:
        if not card.keyword:
            continue
        try:
            value, comment = card.value, card.comment
        except VerifyError:
            continue
        if card.keyword in _COMMENTARY:
            yield card.keyword, _text(card), ""
        else:
            yield card.keyword, None if isinstance(value, Undefined) else value, comment


def _text(card: Card) -> str:
    """Text of COMMENT and HISTORY, which astropy may have taken for a comment."""
    return card.value if isinstance(card.value, str) else str(card)[8:].rstrip()


def make_header(items: list[tuple[str, Any, str]]) -> Header:
    """Make a header of name, value and comment of each card.

    What no card can hold, a number that is not finite, becomes a card without a value.
    """
    # Few programs hold headers of astropy, which takes long to import.
    from astropy.io.fits import Card, Header

    header = Header()
    for name, value, comment in items:
        if name in _COMMENTARY:
            header.append(Card(name, value), end=True)
            continue
        if isinstance(value, DateTime):
            value = value.toString(DateTime.TAI) if value.isValid() else None
        elif isinstance(value, float) and not math.isfinite(value):
            value = None
        standard = len(name) <= 8 and name.replace("_", "").replace("-", "").isalnum()
        header.append(Card(name if standard else f"HIERARCH {name}", value, comment or None), end=True)
    return header
