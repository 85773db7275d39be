# SPDX-License-Identifier: GPL-3.0-or-later
"""The butler formatter that reads and writes focal-plane models safely."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from lsst.daf.butler import DatasetProvenance, DatasetRef, FormatterV2

from ._convert import model_from_bytes
from ._model_fits import model_to_fits

if TYPE_CHECKING:
    from lsst.pipe.tasks.background import FocalPlaneBackground
    from lsst.resources import ResourcePath

__all__ = ("FocalPlaneBackgroundFormatter", "provenance_cards")

_MAX_INPUTS = 3000
"""Largest number of inputs listed in the header of a dataset; more are only counted."""


def provenance_cards(ref: DatasetRef, provenance: DatasetProvenance | None = None) -> Mapping[str, object]:
    """Header cards that say which dataset this is, and of what it was made where that is known."""
    return (DatasetProvenance() if provenance is None else provenance).to_flat_dict(
        ref,
        prefix="LSST BUTLER",
        sep=" ",
        simple_types=True,
        use_upper=True,
        max_inputs=_MAX_INPUTS,
    )


class FocalPlaneBackgroundFormatter(FormatterV2):
    """Formatter for `lsst.pipe.tasks.background.FocalPlaneBackground` that never runs code from a file.

    Writes FITS files; reads these and the stack's pickles, which it distinguishes by content.
    """

    default_extension: ClassVar[str | None] = ".fits"
    supported_extensions: ClassVar[frozenset[str]] = frozenset({".fits", ".pickle"})
    unsupported_parameters: ClassVar[frozenset[str] | None] = None
    can_read_from_uri: ClassVar[bool] = True

    _provenance: DatasetProvenance | None = None

    def read_from_uri(
        self, uri: ResourcePath, component: str | None = None, expected_size: int = -1
    ) -> FocalPlaneBackground:
        """Read a model.

        Parameters
        ----------
        uri : `lsst.resources.ResourcePath`
            The file.
        component : `str`, optional
            Not supported.
        expected_size : `int`, optional
            Unused.

        Raises
        ------
        ValueError
            Raised if a component is requested.
        lsst.afw.fits.FitsError
            Raised if a FITS file is damaged or contains something else.
        UnsafePickleError
            Raised if a pickle contains anything but a model.
        """
        if component is not None:
            msg = f"{self.dataset_ref}: a focal-plane model has no components; got {component!r}."
            raise ValueError(msg)
        return model_from_bytes(uri.read(), str(uri))

    def to_bytes(self, in_memory_dataset: FocalPlaneBackground) -> bytes:
        """Make the FITS file of a model, with its provenance in the header."""
        cards = provenance_cards(self.dataset_ref, self._provenance)
        return model_to_fits(in_memory_dataset, cards)

    def add_provenance(
        self, in_memory_dataset: FocalPlaneBackground, /, *, provenance: DatasetProvenance | None = None
    ) -> FocalPlaneBackground:
        """Record the inputs of the dataset for its header; the model itself is not modified."""
        self._provenance = provenance
        return in_memory_dataset
