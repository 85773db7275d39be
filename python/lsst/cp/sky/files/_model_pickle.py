# SPDX-License-Identifier: GPL-3.0-or-later
"""Focal-plane models out of the stack's pickles, without running what is in them."""

from __future__ import annotations

import io
import os
import pickle
from typing import Any, NamedTuple

from lsst.afw.fits import MemFileManager
from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.afw.image import ImageF
from lsst.geom import Extent2I
from lsst.pipe.tasks.background import FocalPlaneBackground

from ._model_config import config_from_text

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


class UnsafePickleError(pickle.UnpicklingError):
    """A pickle that asks for something that has no place in a focal-plane model, or is none."""


class _Name(NamedTuple):
    """A class or function that a pickle names; it stands for it, and does nothing when called."""

    name: str

    def __call__(self, *args: Any) -> _Call:
        return _Call(self.name, args)


class _Call(NamedTuple):
    """An object that a pickle wants made."""

    name: str
    args: tuple[Any, ...]


class _Unpickler(pickle._Unpickler):
    """Unpickler that finds names only, and only those that belong to a model.

    The base is the one in Python: the one in C takes memory on the word of a damaged file.
    """

    def find_class(self, module: str, name: str) -> _Name:
        """Admit a class or function, or refuse it by name.

        Raises
        ------
        UnsafePickleError
            Raised for all but the eight names that the pickle of a model has.
        """
        if f"{module}.{name}" not in _ADMITTED:
            msg = f"refused {module}.{name}: it has no place in the pickle of a focal-plane model"
            raise UnsafePickleError(msg)
        return _Name(f"{module}.{name}")


def read_model_pickle(path: str | os.PathLike[str]) -> FocalPlaneBackground:
    """Read a focal-plane model from a pickle of the stack, running nothing of what is in it.

    Parameters
    ----------
    path : `str` or `os.PathLike`
        Name of the file.

    Raises
    ------
    UnsafePickleError
        Raised if the pickle names anything that has no place in a model, is damaged, or holds something else.
    OSError
        Raised if the file cannot be read.
    """
    with open(path, "rb") as stream:
        return model_from_pickle(stream.read(), os.fspath(path))


def model_from_pickle(content: bytes, name: str = "<memory>") -> FocalPlaneBackground:
    """Make a focal-plane model of the bytes of a pickle, running nothing of what is in it.

    Parameters
    ----------
    content : `bytes`
        The pickle.
    name : `str`, optional
        Name of its file, for messages.

    Raises
    ------
    UnsafePickleError
        Raised if the pickle names anything that has no place in a model, is damaged, or holds something else.
    """
    try:
        return _model(_Unpickler(io.BytesIO(content)).load())
    except UnsafePickleError as exc:
        msg = f"{name}: {exc}."
        raise UnsafePickleError(msg) from None
    except Exception as exc:
        msg = f"{name}: not the pickle of a focal-plane model, or damaged: {exc}."
        raise UnsafePickleError(msg) from exc


def _model(found: Any) -> FocalPlaneBackground:
    """Make the model that a pickle describes."""
    config, dims, transform, values, numbers = _arguments(found, _MODEL, 5)
    config_class, config_text = _arguments(config, _CONFIG_MAKER, 2)
    _expect(config_class, _CONFIG)
    if not isinstance(config_text, bytes | str):
        _refuse(config_text, "text")
    text = config_text.decode() if isinstance(config_text, bytes) else config_text
    nx, ny = _arguments(dims, _EXTENT, 2)
    return FocalPlaneBackground(
        config_from_text(text),
        Extent2I(nx, ny),
        _transform(transform),
        _image(values, (ny, nx)),
        _image(numbers, (ny, nx)),
    )


def _transform(found: Any) -> TransformPoint2ToPoint2:
    """Make the transform."""
    transform_class, text = _arguments(found, _TRANSFORM_MAKER, 2)
    _expect(transform_class, _TRANSFORM)
    if not isinstance(text, str):
        _refuse(text, "text")
    return TransformPoint2ToPoint2.readString(text)


def _image(found: Any, shape: tuple[int, int]) -> ImageF:
    """Make an image of its FITS file."""
    image_class, data, size = _arguments(found, _IMAGE_MAKER, 3)
    _expect(image_class, _IMAGE)
    if not isinstance(data, bytes) or size != len(data):
        _refuse(data, f"{size!r} bytes")
    manager = MemFileManager(size)
    manager.setData(data, size)
    image = ImageF.readFits(manager)
    if image.array.shape != shape:
        _refuse(image.array.shape, f"an image of the size of the grid, {shape}")
    return image


def _arguments(found: Any, name: str, count: int) -> tuple[Any, ...]:
    """Arguments of a call that has to be of one kind."""
    if not isinstance(found, _Call) or found.name != name or len(found.args) != count:
        _refuse(found, name)
    return tuple(found.args)


def _expect(found: Any, name: str) -> None:
    if found != _Name(name):
        _refuse(found, name)


def _refuse(found: Any, expected: str) -> None:
    """Raise the error for a pickle that has one thing in the place of another."""
    what = found.name if isinstance(found, _Call | _Name) else repr(found)[:60]
    msg = f"has {what} in the place of {expected}"
    raise UnsafePickleError(msg)
