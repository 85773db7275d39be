# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading of focal-plane models from the stack's pickles without running any of their code."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from lsst.afw.fits import MemFileManager
from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.afw.image import ImageF
from lsst.geom import Extent2I
from lsst.pipe.tasks.background import FocalPlaneBackground

from ._model_config import config_from_text
from ._pickle_calls import Call, Name, UnsafePickleError, describe, read_calls

__all__ = ("UnsafePickleError", "model_from_pickle", "read_model_pickle")

_MODEL = "lsst.pipe.tasks.background.FocalPlaneBackground"
_CONFIG = "lsst.pipe.tasks.background.FocalPlaneBackgroundConfig"
_CONFIG_MAKER = "lsst.pex.config.config.unreduceConfig"
_EXTENT = "lsst.geom.Extent2I"
_TRANSFORM = "lsst.afw.geom.TransformPoint2ToPoint2"
_TRANSFORM_MAKER = "lsst.afw.geom._python._transform.unpickleTransform"
_IMAGE = "lsst.afw.image._image.ImageF"
_IMAGE_MAKER = "lsst.afw.fits._pickleFits.unreduceFromFits"
_ADMITTED = frozenset(
    (_MODEL, _CONFIG, _CONFIG_MAKER, _EXTENT, _TRANSFORM, _TRANSFORM_MAKER, _IMAGE, _IMAGE_MAKER)
)


def read_model_pickle(path: str | os.PathLike[str]) -> FocalPlaneBackground:
    """Read a focal-plane model from a pickle of the stack without running any of its code.

    Parameters
    ----------
    path : `str` or `os.PathLike`
        Name of the file.

    Raises
    ------
    UnsafePickleError
        Raised if the pickle refers to anything foreign to a model, is damaged, or contains something else.
    OSError
        Raised if the file cannot be read.
    """
    with open(path, "rb") as stream:
        return model_from_pickle(stream.read(), os.fspath(path))


def model_from_pickle(content: bytes, name: str = "<memory>") -> FocalPlaneBackground:
    """Make a focal-plane model from the bytes of a pickle without running any of its code.

    Parameters
    ----------
    content : `bytes`
        The pickle.
    name : `str`, optional
        Name of the file, for error messages.

    Raises
    ------
    UnsafePickleError
        Raised if the pickle refers to anything foreign to a model, is damaged, or contains something else.
    """
    try:
        return _model(read_calls(content, _ADMITTED))
    except UnsafePickleError as exc:
        msg = f"{name}: {exc}."
        raise UnsafePickleError(msg) from None
    except Exception as exc:
        msg = f"{name}: not the pickle of a focal-plane model, or damaged: {str(exc)[:200]}."
        raise UnsafePickleError(msg) from exc


def _model(found: object) -> FocalPlaneBackground:
    """Make the model described by a pickle."""
    config, dims, transform, values, numbers = _arguments(found, _MODEL, 5)
    config_class, config_text = _arguments(config, _CONFIG_MAKER, 2)
    _expect(config_class, _CONFIG)
    if not isinstance(config_text, bytes | str):
        _refuse(config_text, "text")
    text = config_text.decode() if isinstance(config_text, bytes) else config_text
    nx, ny = _arguments(dims, _EXTENT, 2)
    for count in (nx, ny):
        if not isinstance(count, int) or count <= 0:
            _refuse(count, "a number of superpixels")
    planes = [_image(plane, (ny, nx)) for plane in (values, numbers)]
    return FocalPlaneBackground(config_from_text(text), Extent2I(nx, ny), _transform(transform), *planes)


def _transform(found: object) -> TransformPoint2ToPoint2:
    """Make the transform described by a pickle."""
    transform_class, text = _arguments(found, _TRANSFORM_MAKER, 2)
    _expect(transform_class, _TRANSFORM)
    if not isinstance(text, str):
        _refuse(text, "text")
    return TransformPoint2ToPoint2.readString(text)


def _image(found: object, shape: tuple[int, int]) -> ImageF:
    """Make an image from its FITS file."""
    image_class, data, size = _arguments(found, _IMAGE_MAKER, 3)
    _expect(image_class, _IMAGE)
    if not isinstance(data, bytes) or not isinstance(size, int) or size != len(data):
        _refuse(data, f"{describe(size)} bytes")
    manager = MemFileManager(size)
    manager.setData(data, size)
    image = ImageF.readFits(manager)
    if image.array.shape != shape:
        _refuse(image, f"an image of the size of the grid, {shape}")
    return image


def _arguments(found: object, name: str, count: int) -> tuple[Any, ...]:
    """Return the arguments of a call, which must be of a given kind."""
    if not isinstance(found, Call) or found.name != name or len(found.args) != count:
        _refuse(found, name)
    return found.args


def _expect(found: object, name: str) -> None:
    if not isinstance(found, Name) or found.name != name:
        _refuse(found, name)


def _refuse(found: object, expected: str) -> NoReturn:
    """Raise the error for a pickle that contains one thing in place of another."""
    raise UnsafePickleError(f"has {describe(found)} in the place of {expected}")
