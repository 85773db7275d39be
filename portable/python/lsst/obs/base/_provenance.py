# SPDX-License-Identifier: GPL-3.0-or-later
"""Header cards that identify the dataset stored in a file."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, TypeVar

from lsst.daf.base import PropertyList
from lsst.daf.butler import DatasetProvenance

if TYPE_CHECKING:
    from lsst.daf.butler import DatasetRef

__all__ = (
    "add_provenance_to_fits_header",
    "add_provenance_to_object",
    "store_text",
    "strip_provenance_from_fits_header",
)

_T = TypeVar("_T")

_PREFIX = "LSST BUTLER"
_MAX_INPUTS = 3000
_MAX_KEY = 58
"""Longest keyword whose card of 80 characters has room for some text, which FITS pads to eight characters."""
_CARD = 80
#: Comments, by a word in the name of a card; the first match counts.
_COMMENTS = {
    "RUN": "Run collection",
    "ID": "Dataset ID",
    "DATAID": "Data identifier",
    "DATASETTYPE": "Dataset type",
}


def add_provenance_to_fits_header(
    hdr: PropertyList | MutableMapping[str, Any] | None,
    ref: DatasetRef,
    provenance: DatasetProvenance | None = None,
    allow_long_headers: bool = True,
) -> None:
    """Write provenance cards to a header, replacing older ones.

    Parameters
    ----------
    hdr : `lsst.daf.base.PropertyList`, `lsst.daf.base.PropertySet`, mapping or `None`
        Header. Modified in place; nothing is done without one.
    ref : `lsst.daf.butler.DatasetRef`
        The dataset.
    provenance : `lsst.daf.butler.DatasetProvenance`, optional
        Its inputs; only counted if there are more than 3000.
    allow_long_headers : `bool`, optional
        Whether text may be too long for a card; otherwise its middle is left out, and there are no comments.
    """
    if hdr is None:
        return
    provenance = DatasetProvenance() if provenance is None else provenance
    cards = PropertyList()
    for name, value in provenance.to_flat_dict(
        ref, prefix=_PREFIX, sep=" ", simple_types=True, use_upper=True, max_inputs=_MAX_INPUTS
    ).items():
        if isinstance(value, str) and not allow_long_headers:
            store_text(cards, name, value, allow_long_headers=False)
            continue
        cards.set(name, value)
        if allow_long_headers:
            words = name.split()
            cards.setComment(name, next((_COMMENTS[word] for word in _COMMENTS if word in words), ""))
    strip_provenance_from_fits_header(hdr)
    hdr.update(cards)


def strip_provenance_from_fits_header(hdr: PropertyList | MutableMapping[str, Any]) -> None:
    """Remove provenance cards from a header.

    Parameters
    ----------
    hdr : `lsst.daf.base.PropertyList`, `lsst.daf.base.PropertySet` or mapping
        Header. Modified in place.
    """
    for name in list(hdr):
        if name.startswith(_PREFIX):
            del hdr[name]


def store_text(
    hdr: PropertyList, key: str, value: str, comment: str | None = None, allow_long_headers: bool = True
) -> None:
    """Write text to a header, if need be without its middle.

    Parameters
    ----------
    hdr : `lsst.daf.base.PropertyList`
        Header. Modified in place.
    key : `str`
        The keyword, without HIERARCH.
    value : `str`
        The text.
    comment : `str`, optional
        The comment; left out if the text is shortened.
    allow_long_headers : `bool`, optional
        Whether the text may be too long for a card.

    Raises
    ------
    ValueError
        Raised if a card has no room for any text with that keyword.
    """
    if not allow_long_headers:
        if len(key) > _MAX_KEY:
            raise ValueError(
                f"The keyword {key!r} has {len(key)} characters; a card has room for {_MAX_KEY} and text."
            )
        excess = len(f"HIERARCH {key} = '{value:8s}'") - _CARD
        if excess > 0:
            # The dots need room themselves, and one more character is for halves.
            middle, half = len(value) // 2, (excess + 4) // 2
            value, comment = f"{value[: middle - half]}...{value[middle + half :]}", None
    hdr.set(key, value, comment)


def add_provenance_to_object(obj: _T, ref: DatasetRef, provenance: DatasetProvenance | None) -> _T:
    """Write provenance cards to the metadata of an object, if it has any.

    Parameters
    ----------
    obj : object
        Object whose metadata (``getMetadata()`` or ``metadata``) are modified in place.
    ref : `lsst.daf.butler.DatasetRef`
        The dataset.
    provenance : `lsst.daf.butler.DatasetProvenance` or `None`
        Its inputs.

    Returns
    -------
    obj : object
        The same object.
    """
    metadata = obj.getMetadata() if hasattr(obj, "getMetadata") else getattr(obj, "metadata", None)
    if hasattr(metadata, "names") and hasattr(metadata, "set"):
        add_provenance_to_fits_header(metadata, ref, provenance)
    return obj
