# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion between FITS header cards and `lsst.daf.base.PropertyList`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lsst.daf.base import PropertyList

from ._cards import COMMENTARY, Card, Undefined

__all__ = (
    "STANDARD_COMMENTS",
    "cards_from_properties",
    "merge_inherited",
    "properties_from_cards",
    "strip_origin",
)

STANDARD_COMMENTS = (
    "  FITS (Flexible Image Transport System) format is defined in 'Astronomy",
    "  and Astrophysics', volume 376, page 359; bibcode: 2001A&A...376..359H",
)
"""The two comments in every primary header, which are not metadata."""

_STRUCTURE = frozenset(
    "SIMPLE BITPIX NAXIS EXTEND GCOUNT PCOUNT XTENSION TFIELDS BSCALE BZERO "
    "ZBITPIX ZNAXIS ZIMAGE ZCMPTYPE ZSIMPLE ZEXTEND ZTENSION ZPCOUNT ZGCOUNT ZBLANK ZDATASUM ZHECKSUM "
    "ZQUANTIZ ZDITHER0 DATASUM CHECKSUM".split()
)
_STRUCTURE_STARTS = ("NAXIS", "TZERO", "TSCAL", "ZNAXIS", "ZTILE", "ZNAME", "ZVAL")
_TABLE = frozenset(("THEAP", "FLAGCOL"))
_TABLE_STARTS = ("TTYPE", "TFORM", "TDIM", "TNULL", "TUNIT", "TDOC", "TCCLS", "TFLAG", "TFDOC")
_INT, _LONG = range(-(2**31), 2**31), range(-(2**63), 2**63)
_QUANTUM = "UZSCALE"
"""Card that the stack adds to a quantized image; it applies to that file alone."""
_ORIGIN = frozenset(
    f"{name}{axis}{alt}"
    for name, alt in (("LTV", ""), ("CTYPE", "A"), ("CRPIX", "A"), ("CRVAL", "A"), ("CUNIT", "A"))
    for axis in (1, 2)
)


def is_structure(key: str, *, table: bool = False) -> bool:
    """Return whether a keyword describes the layout of the HDU rather than its contents.

    Parameters
    ----------
    key : `str`
        Keyword.
    table : `bool`, optional
        Whether to include the keywords of table columns.
    """
    if key in _STRUCTURE or (table and key in _TABLE):
        return True
    starts = _STRUCTURE_STARTS + _TABLE_STARTS if table else _STRUCTURE_STARTS
    return key.startswith(starts)


def properties_from_cards(cards: Iterable[Card], *, strip: bool = False, table: bool = False) -> PropertyList:
    """Make a property list from header cards.

    Parameters
    ----------
    cards : iterable of `Card`
        Cards, as from `parse_cards`.
    strip : `bool`, optional
        Whether to drop the cards that describe the layout of the HDU, including tile compression.
    table : `bool`, optional
        Whether the HDU is a table or a compressed image, whose column descriptions are layout, too.

    Returns
    -------
    properties : `lsst.daf.base.PropertyList`
        Properties in header order; a repeated keyword holds an array. Integers beyond 32 bits are Long (as
        opposed to LongLong, which is what ``set`` makes of them), blank keywords become COMMENT, keywords
        without a value are undefined (`None`).
    """
    properties = PropertyList()
    for key, values, comment in _group(cards, strip=strip, table=table):
        set_values = properties.setLong if _are_long(values) else properties.set  # type: ignore[attr-defined]
        set_values(key, values if len(values) > 1 else values[0], comment)
    return properties


def _are_long(values: list[Any]) -> bool:
    """Return whether values are integers that 64 bits hold, but not 32."""
    if type(values[0]) is not int:
        return False
    extremes = min(values), max(values)
    return all(value in _LONG for value in extremes) and not all(value in _INT for value in extremes)


def _group(
    cards: Iterable[Card], *, strip: bool, table: bool
) -> Iterable[tuple[str, list[bool | int | float | str | None], str]]:
    """Collect the values of each keyword, in the order of first occurrence."""
    groups: dict[str, tuple[list[Any], list[str]]] = {}
    for card in cards:
        if strip and is_structure(card.key, table=table):
            continue
        if card.key in COMMENTARY:
            if strip and card.comment.rstrip() in STANDARD_COMMENTS:
                continue
            values, comments = groups.setdefault(card.key or "COMMENT", ([], []))
            values.append(card.comment if card.key else card.comment.strip())
            comments.append("")
            continue
        values, comments = groups.setdefault(card.key, ([], []))
        values.append(None if card.value is Undefined else card.value)
        comments.append(card.comment)
    for key, (values, comments) in groups.items():
        yield key, _one_type(values), next((comment for comment in reversed(comments) if comment), "")


def _one_type(values: list[Any]) -> list[Any]:
    """Convert the values of a repeated keyword to one type, or keep only the last one if impossible.

    A card without a value is ignored if another one has a value.
    """
    values = [value for value in values if value is not None] or values
    kinds = {type(value) for value in values}
    if len(kinds) == 1:
        return values
    if kinds == {int, float}:
        return [float(value) for value in values]
    return values[-1:]


def cards_from_properties(properties: PropertyList | None) -> list[Card]:
    """Make header cards from a property list.

    Parameters
    ----------
    properties : `lsst.daf.base.PropertyList` or `None`
        Names are written in upper case. Names that describe the layout of an HDU are dropped, because the
        writer makes those cards itself. A `lsst.daf.base.DateTime` is written as its TAI string.

    Returns
    -------
    cards : `list` [`Card`]
        The cards; an array gives one card per element.
    """
    cards: list[Card] = []
    if properties is None:
        return cards
    for name in _names(properties):
        key = name.upper()
        if key == _QUANTUM or is_structure(key, table=True):
            continue
        comment = properties.getComment(name) if hasattr(properties, "getComment") else ""
        for value in properties.getArray(name):
            if key in COMMENTARY:
                cards.append(Card(key, None, str(value)))
            else:
                cards.append(Card(key, _plain(value), comment or ""))
    return cards


def _names(properties: PropertyList) -> list[str]:
    """Return full names in order; a `PropertySet` has no order, so its names are sorted."""
    if hasattr(properties, "getOrderedNames"):
        return list(properties.getOrderedNames())
    return sorted(properties.names(False))


def _plain(value: Any) -> Any:
    """Convert a property value to one that a card can hold."""
    if value is None:
        return Undefined
    if hasattr(value, "toString"):
        return value.toString(value.TAI)
    return value


def strip_origin(properties: PropertyList) -> None:
    """Remove, in place, the cards that position the image in its parent (LTVn, CRVALnA ...)."""
    for name in _ORIGIN:
        if properties.exists(name):
            properties.remove(name)


def merge_inherited(primary: PropertyList, extension: PropertyList) -> PropertyList:
    """Merge the headers of the primary HDU and of an extension with INHERIT.

    The values of the extension win; comments and history of both are kept, the primary's first. Of any other
    repeated keyword, only the last value is kept, as in the stack.

    Returns
    -------
    merged : `lsst.daf.base.PropertyList`
        A new list.
    """
    merged = PropertyList()
    for source in (primary, extension):
        for name in source.getOrderedNames():
            commentary = name in ("COMMENT", "HISTORY")
            if commentary and not isinstance(source.getScalar(name), str):  # something else by that name
                continue
            before = merged.getArray(name) if commentary and merged.exists(name) else []
            merged.copy(name, source, name, asScalar=not commentary)
            if before:
                merged.set(name, before + source.getArray(name))
    return merged
