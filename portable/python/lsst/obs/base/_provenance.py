# SPDX-License-Identifier: GPL-3.0-or-later
"""Header cards that identify the dataset stored in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from lsst.daf.butler import DatasetProvenance

if TYPE_CHECKING:
    from lsst.daf.butler import DatasetRef

__all__ = ("add_provenance_to_header", "add_provenance_to_object")

_T = TypeVar("_T")

_PREFIX = "LSST BUTLER"
_MAX_INPUTS = 3000
#: Comments, by a word in the name of a card; the first match counts.
_COMMENTS = {
    "RUN": "Run collection",
    "ID": "Dataset ID",
    "DATAID": "Data identifier",
    "DATASETTYPE": "Dataset type",
}


def add_provenance_to_header(header: Any, ref: DatasetRef, provenance: DatasetProvenance | None) -> None:
    """Write provenance cards to a header, replacing older ones.

    Parameters
    ----------
    header : `lsst.daf.base.PropertyList` or `lsst.daf.base.PropertySet`
        Header. Modified in place.
    ref : `lsst.daf.butler.DatasetRef`
        The dataset.
    provenance : `lsst.daf.butler.DatasetProvenance` or `None`
        Its inputs; only counted if there are more than 3000.
    """
    for name in list(header.names(False)):
        if name.startswith(_PREFIX + " "):
            header.remove(name)
    provenance = DatasetProvenance() if provenance is None else provenance
    cards = provenance.to_flat_dict(
        ref, prefix=_PREFIX, sep=" ", simple_types=True, use_upper=True, max_inputs=_MAX_INPUTS
    )
    for name, value in cards.items():
        if hasattr(header, "getOrderedNames"):
            words = name.split()
            header.set(name, value, next((_COMMENTS[word] for word in _COMMENTS if word in words), ""))
        else:
            header.set(name, value)


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
        add_provenance_to_header(metadata, ref, provenance)
    return obj
