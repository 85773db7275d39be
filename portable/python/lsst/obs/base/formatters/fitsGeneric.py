# SPDX-License-Identifier: GPL-3.0-or-later
"""Formatter for all objects that can write themselves to FITS files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from lsst.daf.butler import FormatterV2

from .._provenance import add_provenance_to_object
from ._extensions import FITS_EXTENSIONS

if TYPE_CHECKING:
    from lsst.daf.butler import DatasetProvenance
    from lsst.resources import ResourcePath

__all__ = ("FitsGenericFormatter",)


class FitsGenericFormatter(FormatterV2):
    """Formatter for objects with methods ``writeFits`` and ``readFits``."""

    supported_extensions: ClassVar[frozenset[str]] = FITS_EXTENSIONS
    default_extension: ClassVar[str | None] = ".fits"
    can_read_from_local_file: ClassVar[bool] = True

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        """Read a dataset.

        Parameters
        ----------
        path : `str`
            The file.
        component : `str`, optional
            Not supported.
        expected_size : `int`, optional
            Unused.

        Returns
        -------
        dataset : object
            Result of ``readFits`` of the class, or of ``readFitsWithOptions`` if parameters are given.

        Raises
        ------
        ValueError
            Raised if a component is requested, or parameters that the class does not accept.
        """
        if component is not None:
            msg = f"{self.dataset_ref}: a file of this kind has no components; got {component!r}."
            raise ValueError(msg)
        pytype: Any = self.file_descriptor.storageClass.pytype
        if not self.file_descriptor.parameters:
            return pytype.readFits(path)
        if not hasattr(pytype, "readFitsWithOptions"):
            given = dict(self.file_descriptor.parameters)
            msg = f"{self.dataset_ref}: {pytype.__name__} cannot be read with parameters; got {given}."
            raise ValueError(msg)
        return pytype.readFitsWithOptions(path, options=self.file_descriptor.parameters)

    def write_local_file(self, in_memory_dataset: Any, uri: ResourcePath) -> None:
        """Write a dataset with its own ``writeFits``.

        Parameters
        ----------
        in_memory_dataset : object
            The dataset.
        uri : `lsst.resources.ResourcePath`
            The file.
        """
        in_memory_dataset.writeFits(uri.ospath)

    def add_provenance(
        self, in_memory_dataset: Any, /, *, provenance: DatasetProvenance | None = None
    ) -> Any:
        """Record the dataset's identity in its metadata, if it has any."""
        return add_provenance_to_object(in_memory_dataset, self.dataset_ref, provenance)
