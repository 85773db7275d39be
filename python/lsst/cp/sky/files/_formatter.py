# SPDX-License-Identifier: GPL-3.0-or-later
"""How the butler reads and writes focal-plane models in their safe form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from lsst.daf.butler import DatasetProvenance, DatasetRef, FormatterV2

from ._convert import model_from_bytes
from ._model_fits import model_to_fits

if TYPE_CHECKING:
    from lsst.pipe.tasks.background import FocalPlaneBackground
    from lsst.resources import ResourcePath

__all__ = ("FocalPlaneBackgroundFormatter", "provenance_cards")

_MAX_INPUTS = 3000
"""Inputs of a dataset that are listed in its header; more are only counted."""


def provenance_cards(ref: DatasetRef, provenance: DatasetProvenance | None = None) -> dict[str, Any]:
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
    """Formatter for `lsst.pipe.tasks.background.FocalPlaneBackground` that runs nothing of what it reads.

    Writes FITS files; reads these, and the stack's pickles, told apart by their content.
    """

    default_extension: ClassVar[str | None] = ".fits"
    supported_extensions: ClassVar[frozenset[str]] = frozenset({".fits", ".pickle"})
    unsupported_parameters: ClassVar[frozenset[str] | None] = None
    can_read_from_uri: ClassVar[bool] = True

    _provenance: DatasetProvenance | None = None

    def read_from_uri(self, uri: ResourcePath, component: str | None = None, expected_size: int = -1) -> Any:
        """Read a model.

        Parameters
        ----------
        uri : `lsst.resources.ResourcePath`
            The file.
        component : `str`, optional
            Not supported.
        expected_size : `int`, optional
            Not used.

        Raises
        ------
        ValueError
            Raised if a component is asked for.
        lsst.afw.fits.FitsError
            Raised if a FITS file is damaged or holds something else.
        UnsafePickleError
            Raised if a pickle holds anything but a model.
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
        self, in_memory_dataset: Any, /, *, provenance: DatasetProvenance | None = None
    ) -> Any:
        """Keep the inputs of the dataset for its header; the model itself is not changed."""
        self._provenance = provenance
        return in_memory_dataset
