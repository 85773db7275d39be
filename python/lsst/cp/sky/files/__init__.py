# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of focal-plane models that can be read without running what is in them.

The stack stores `~lsst.pipe.tasks.background.FocalPlaneBackground` as a pickle, and a pickle runs code when
it is read. Here is the same model as a FITS file (`write_model`, `read_model`), a reader of the stack's
pickles that runs nothing (`read_model_pickle`), a converter (`convert_model`, the command
``cpsky convert-background``) and the butler's formatter for both forms (`FocalPlaneBackgroundFormatter`).
Three lines in the ``butler.yaml`` of a repository choose it::

    datastore:
      formatters:
        FocalPlaneBackground: lsst.cp.sky.files.FocalPlaneBackgroundFormatter

What a repository holds already is converted by `convert_repository` (``cpsky convert-repository``). Without
these lines nothing changes: the stack's pickle is for interchange. The layout is in ``doc/files.md``, what
is trusted in ``SECURITY.md``.
"""

from ._convert import convert_model, model_from_bytes
from ._formatter import FocalPlaneBackgroundFormatter
from ._model_fits import model_from_fits, model_to_fits, read_model, write_model
from ._model_pickle import UnsafePickleError, model_from_pickle, read_model_pickle
from ._repository import Conversion, convert_repository

__all__ = (
    "Conversion",
    "FocalPlaneBackgroundFormatter",
    "UnsafePickleError",
    "convert_model",
    "convert_repository",
    "model_from_bytes",
    "model_from_fits",
    "model_from_pickle",
    "model_to_fits",
    "read_model",
    "read_model_pickle",
    "write_model",
)
