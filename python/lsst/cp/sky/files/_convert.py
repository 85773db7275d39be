# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of focal-plane models between file formats."""

from __future__ import annotations

import os
import pathlib
import pickle
from typing import TYPE_CHECKING

from ._model_fits import model_from_fits, replace_file, write_model
from ._model_pickle import model_from_pickle

if TYPE_CHECKING:
    from lsst.pipe.tasks.background import FocalPlaneBackground

__all__ = ("convert_model", "model_from_bytes")

_PICKLE_START = b"\x80"


def model_from_bytes(content: bytes, name: str = "<memory>") -> FocalPlaneBackground:
    """Make a focal-plane model from the bytes of its file, FITS or pickle, without running any code in it.

    Parameters
    ----------
    content : `bytes`
        Contents of the file.
    name : `str`, optional
        Name of the file, for error messages.

    Raises
    ------
    lsst.afw.fits.FitsError
        Raised if the file is neither, or is a FITS file that is damaged or contains something else.
    UnsafePickleError
        Raised if a pickle refers to anything foreign to a model, is damaged, or contains something else.
    """
    if content.startswith(_PICKLE_START):
        return model_from_pickle(content, name)
    return model_from_fits(content, name)


def convert_model(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """Read a focal-plane model in either format and write it in the format implied by the target's name.

    Parameters
    ----------
    source : `str` or `os.PathLike`
        The stack's pickle, whose code is not run, or the FITS form.
    target : `str` or `os.PathLike`
        Written completely or not at all: as the stack's pickle if its name ends in ``.pickle``, otherwise as
        FITS. An existing file is replaced.

    Raises
    ------
    lsst.afw.fits.FitsError
        Raised if a FITS file is damaged or contains something else, or the target cannot be written.
    UnsafePickleError
        Raised if a pickle refers to anything foreign to a model, is damaged, or contains something else.
    OSError
        Raised if the source cannot be read.
    """
    model = model_from_bytes(pathlib.Path(source).read_bytes(), os.fspath(source))
    if os.fspath(target).endswith(".pickle"):
        replace_file(os.fspath(target), pickle.dumps(model, protocol=-1))
    else:
        write_model(model, target)
