# SPDX-License-Identifier: GPL-3.0-or-later
"""The focal-plane models of a butler repository from pickles to the safe form, in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from lsst.afw.fits import FitsError
from lsst.daf.butler import DatasetRef, FileDataset

from ._convert import model_from_bytes
from ._formatter import FocalPlaneBackgroundFormatter, provenance_cards
from ._model_fits import model_from_fits, model_to_fits
from ._model_pickle import UnsafePickleError

if TYPE_CHECKING:
    from lsst.daf.butler import Butler
    from lsst.resources import ResourcePath

__all__ = ("Conversion", "convert_repository")

_STORAGE_CLASS = "FocalPlaneBackground"
_FORMATTER = f"lsst.cp.sky.files.{FocalPlaneBackgroundFormatter.__name__}"
_EXTENSION = ".fits"
_AT_ONCE = 100
"""Datasets between two transactions."""


class Conversion(NamedTuple):
    """What became of the models of a repository."""

    converted: int
    """Datasets that were pickles, and are read without running anything from now on."""
    safe: int
    """Datasets that were in the safe form before."""
    refused: tuple[str, ...]
    """What was wrong with each of the others, which were left as they are."""


def convert_repository(butler: Butler, progress: Callable[[int, int], None] | None = None) -> Conversion:
    """Store all focal-plane models of a repository in the safe form, running nothing of what is in them.

    Datasets keep their IDs, runs and collections; file, formatter and size are new. If this is interrupted,
    doing it again goes on: a pickle is only taken away when the FITS file is there beside it.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`
        Writeable butler of the repository. Nobody else may write to it meanwhile.
    progress : `~collections.abc.Callable`, optional
        Called as ``progress(done, total)``.

    Returns
    -------
    conversion : `Conversion`
        How many there were. A pickle that holds anything but a model is left as it is.
    """
    refs = _models(butler)
    stored = butler.stored_many(refs)
    converted = safe = 0
    refused: list[str] = []
    for start in range(0, len(refs), _AT_ONCE):
        ready: list[FileDataset] = []
        for ref in refs[start : start + _AT_ONCE]:
            try:
                path = _pickle_to_fits(butler, ref) if stored[ref] else _left_behind(butler, ref)
            except (UnsafePickleError, FitsError, OSError) as exc:
                refused.append(f"{ref.datasetType.name} {ref.dataId} in {ref.run}: {exc}")
                continue
            if path is not None:
                ready.append(FileDataset(path, [ref], formatter=_FORMATTER))
            elif stored[ref]:
                safe += 1
        butler.pruneDatasets([ref for item in ready for ref in item.refs], disassociate=False, unstore=True)
        butler.ingest(*ready, transfer=None)
        converted += len(ready)
        if progress is not None:
            progress(min(start + _AT_ONCE, len(refs)), len(refs))
    return Conversion(converted, safe, tuple(refused))


def _models(butler: Butler) -> list[DatasetRef]:
    """All datasets that hold focal-plane models, whatever their types are called."""
    return [
        ref
        for dataset_type in butler.registry.queryDatasetTypes()
        if dataset_type.storageClass_name == _STORAGE_CLASS
        for ref in butler.query_datasets(
            dataset_type, collections="*", find_first=False, explain=False, limit=None
        )
    ]


def _pickle_to_fits(butler: Butler, ref: DatasetRef) -> ResourcePath | None:
    """Write the safe form of a stored model beside it; `None` where it is in the safe form."""
    uri = butler.getURI(ref)
    if uri.getExtension() == _EXTENSION:
        return None
    if not any(root is not None and uri.relative_to(root) for root in butler.get_datastore_roots().values()):
        raise OSError(f"{uri} is not in the repository; convert it where it is, and ingest it again")
    model = model_from_bytes(uri.read(), str(uri))
    target = uri.updatedExtension(_EXTENSION)
    target.write(model_to_fits(model, provenance_cards(ref)))
    return target


def _left_behind(butler: Butler, ref: DatasetRef) -> ResourcePath | None:
    """Safe form of a model whose pickle was taken away before the butler was told, or `None`."""
    target = butler.getURI(ref, predict=True).replace(fragment="").updatedExtension(_EXTENSION)
    if not target.exists():
        return None
    model_from_fits(target.read(), str(target))
    return target
