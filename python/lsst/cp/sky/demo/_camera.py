# SPDX-License-Identifier: GPL-3.0-or-later
"""The camera that the demo simulates with, from whatever names it."""

from __future__ import annotations

import pathlib

from lsst.afw.cameraGeom import Camera
from lsst.afw.fits import FitsError

from ..ingest import make_camera, read_description
from ._errors import DemoError

__all__ = ("read_camera",)

_FITS = b"SIMPLE  ="
"""How a FITS file begins."""


def read_camera(source: str) -> Camera:
    """Read a camera.

    Parameters
    ----------
    source : `str`
        FITS file of a camera, YAML file of a description, or the name of a description that is shipped.

    Returns
    -------
    camera : `lsst.afw.cameraGeom.Camera`
        The camera.

    Raises
    ------
    DemoError
        Raised if the file is a FITS file of something else, or damaged.
    lsst.cp.sky.ingest.CameraDescriptionError
        Raised if it is neither a FITS file nor a description.
    """
    if not _is_fits(pathlib.Path(source)):
        return make_camera(read_description(source))
    try:
        found = Camera.readFits(source)
    except FitsError as error:
        raise DemoError(f"{source} has no camera in it ({str(error).rstrip('.')}). {_ADVICE}") from error
    if not isinstance(found, Camera):
        raise DemoError(f"{source} has no camera in it, but a {type(found).__name__}. {_ADVICE}")
    return found


_ADVICE = "Give the file of a dataset 'camera', as the butler stores it, or the description of a camera."


def _is_fits(path: pathlib.Path) -> bool:
    """Whether there is a FITS file."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_FITS)) == _FITS
