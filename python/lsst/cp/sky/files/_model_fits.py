# SPDX-License-Identifier: GPL-3.0-or-later
"""Focal-plane models as FITS files.

An empty primary HDU with the header, the images VALUES and NUMBERS, and the table TRANSFORM with the text of
the transform, one line per row.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits

from lsst.afw.fits import FitsError
from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.afw.image import ImageF
from lsst.geom import Extent2I
from lsst.pipe.tasks.background import FocalPlaneBackground, FocalPlaneBackgroundConfig

from .._model import TypedModel, sums
from ._fits_layout import check_layout
from ._model_config import cards_from_config, config_from_cards

if TYPE_CHECKING:
    from astropy.io.fits import HDUList, Header

__all__ = ("model_from_fits", "model_to_fits", "read_model", "replace_file", "write_model")

_KIND = "FocalPlaneBackground"
_VERSION = 1
_BLOCK = 2880
_MOST_BLOCKS = 1000
_CONFIG = "CONFIG "
_PLANES = (("VALUES", "sum of mean times number of pixels"), ("NUMBERS", "number of pixels"))


def write_model(
    model: FocalPlaneBackground,
    path: str | os.PathLike[str],
    provenance: Mapping[str, object] | None = None,
) -> None:
    """Write a focal-plane model to a FITS file, completely or not at all.

    Parameters
    ----------
    model : `lsst.pipe.tasks.background.FocalPlaneBackground`
        The model. If it has an attribute ``physicalType`` (`str`), the header records it.
    path : `str` or `os.PathLike`
        Name of the file; an existing one is replaced.
    provenance : `~collections.abc.Mapping`, optional
        Further header cards, such as those of `lsst.daf.butler.DatasetProvenance.to_flat_dict`.

    Raises
    ------
    lsst.afw.fits.FitsError
        Raised if the file cannot be written.
    TypeError
        Raised if the configuration or the transform does not have the class required by the model.
    """
    replace_file(os.fspath(path), model_to_fits(model, provenance))


def replace_file(name: str, content: bytes) -> None:
    """Write a file atomically, through a temporary file next to it.

    Raises
    ------
    lsst.afw.fits.FitsError
        Raised if it cannot be written; an existing file of that name stays unchanged.
    """
    folder = os.path.dirname(name) or "."
    temporary = None
    try:
        temporary = os.path.join(folder, f".tmp-{secrets.token_hex(8)}.part")
        # The system applies the umask; querying it would change it for other threads.
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as stream:
            stream.write(content)
        os.replace(temporary, name)
    except BaseException as exc:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        if isinstance(exc, OSError):
            msg = f"{name}: cannot be written: {exc}."
            raise FitsError(msg) from exc
        raise


def model_to_fits(model: FocalPlaneBackground, provenance: Mapping[str, object] | None = None) -> bytes:
    """Return the bytes of the FITS file of a focal-plane model; equal models give equal bytes.

    Parameters
    ----------
    model : `lsst.pipe.tasks.background.FocalPlaneBackground`
        The model; see `write_model`.
    provenance : `~collections.abc.Mapping`, optional
        Further header cards; see `write_model`.

    Raises
    ------
    TypeError
        Raised if the configuration or the transform does not have the class required by the model.
    """
    config, dims, transform, planes = model.config, model.dims, model.transform, sums(model)
    for part, expected in ((config, FocalPlaneBackgroundConfig), (transform, TransformPoint2ToPoint2)):
        if type(part) is not expected:
            msg = (
                f"A focal-plane model with a {type(part).__name__} has no FITS form; "
                f"expected {expected.__name__}."
            )
            raise TypeError(msg)
    head, _, body = transform.writeString().partition(" Begin ")
    hdus: list[fits.PrimaryHDU | fits.ImageHDU | fits.BinTableHDU] = [fits.PrimaryHDU()]
    header = hdus[0].header
    header["MODEL"] = (_KIND, "what this file holds")
    header["MODELVER"] = (_VERSION, "version of its layout")
    header["DIMX"] = (dims.getX(), "superpixels in x")
    header["DIMY"] = (dims.getY(), "superpixels in y")
    header["TRCLASS"] = (head, "version and class of the transform")
    if physical_type := getattr(model, "physicalType", None):
        header["PHYSTYPE"] = (physical_type, "physical type of the detectors")
    _add_hierarch(header, {_CONFIG + name.upper(): value for name, value in cards_from_config(config)})
    _add_hierarch(header, provenance or {})
    for (extname, meaning), image in zip(_PLANES, planes, strict=True):
        hdu = fits.ImageHDU(np.array(image.array), name=extname)
        hdu.header.comments["EXTNAME"] = meaning
        hdus.append(hdu)
    lines = np.array(("Begin " + body).splitlines(), dtype=np.bytes_)
    column = fits.Column("AST", f"{lines.dtype.itemsize}A", array=lines)
    hdus.append(fits.BinTableHDU.from_columns([column], name="TRANSFORM"))
    for hdu in hdus:
        hdu.add_checksum(when="checksum of the HDU")
    stream = io.BytesIO()
    fits.HDUList(hdus).writeto(stream)
    return stream.getvalue()


def _add_hierarch(header: Header, cards: Mapping[str, object]) -> None:
    """Add cards whose names may have any length."""
    for name, value in cards.items():
        header[f"HIERARCH {name}"] = value


def read_model(path: str | os.PathLike[str]) -> FocalPlaneBackground:
    """Read a focal-plane model from a FITS file.

    Parameters
    ----------
    path : `str` or `os.PathLike`
        Name of the file.

    Returns
    -------
    model : `lsst.pipe.tasks.background.FocalPlaneBackground`
        The model, with the attribute ``physicalType`` if the file records it.

    Raises
    ------
    lsst.afw.fits.FitsError
        Raised if the file cannot be read, is damaged, or contains something else; the message names the file
        and the HDU.
    """
    name = os.fspath(path)
    try:
        with open(name, "rb") as stream:
            content = stream.read()
    except OSError as exc:
        msg = f"{name}: cannot be opened: {exc}."
        raise FitsError(msg) from exc
    return model_from_fits(content, name)


def model_from_fits(content: bytes, name: str = "<memory>") -> FocalPlaneBackground:
    """Make a focal-plane model from the bytes of its FITS file.

    Parameters
    ----------
    content : `bytes`
        Contents of the file.
    name : `str`, optional
        Name of the file, for error messages.

    Raises
    ------
    lsst.afw.fits.FitsError
        Raised if the file is damaged or contains something else; the message names the file and the HDU.
    """
    if not content.startswith(b"SIMPLE  ="):
        msg = f"{name}: not a FITS file: it begins with {content[:20]!r}."
        raise FitsError(msg)
    length = check_layout(content, ("", *(extname for extname, _ in _PLANES), "TRANSFORM"), name)
    with _blame(f"{name}[0]"):
        hdus = fits.open(io.BytesIO(content[:length]), lazy_load_hdus=True)
    with hdus:
        return _model(hdus, name)


def _model(hdus: HDUList, name: str) -> FocalPlaneBackground:
    """Assemble a model from its HDUs."""
    with _blame(f"{name}[0]"):
        header = hdus[0].header
        _check_kind(header)
        dims = Extent2I(_count(header, "DIMX"), _count(header, "DIMY"))
        config = config_from_cards(
            {
                key.removeprefix(_CONFIG): _defined(value)
                for key, value in header.items()
                if key.startswith(_CONFIG)
            }
        )
        head, physical_type = header["TRCLASS"], header.get("PHYSTYPE")
    planes = []
    for number, (extname, _) in enumerate(_PLANES, start=1):
        with _blame(f"{name}[{number}] ({extname})"):
            hdu = _hdu(hdus, number, extname)
            shape = (dims.getY(), dims.getX())
            if hdu.header["BITPIX"] != -32 or hdu.shape != shape:
                msg = f"BITPIX {hdu.header['BITPIX']} and shape {hdu.shape}; expected -32 and {shape}"
                raise ValueError(msg)
            image = ImageF(dims)
            image.array[:] = hdu.data
            planes.append(image)
    with _blame(f"{name}[3] (TRANSFORM)"):
        rows = _hdu(hdus, 3, "TRANSFORM").data["AST"]
        text = "".join(f"{line}\n" for line in rows)
        transform = TransformPoint2ToPoint2.readString(f"{head} {text}")
    for number, hdu in enumerate(hdus):
        with _blame(f"{name}[{number}]"):
            if hdu.verify_checksum() == 0:
                msg = "header and data do not match their checksum (CHECKSUM)"
                raise ValueError(msg)
    if not isinstance(physical_type, str):
        return FocalPlaneBackground(config, dims, transform, *planes)
    model = TypedModel(config, dims, transform, *planes)
    model.physicalType = physical_type
    return model


@contextlib.contextmanager
def _blame(where: str) -> Iterator[None]:
    """Convert any error in a part of a file into one that names the part."""
    try:
        yield
    except FitsError:
        raise
    except Exception as exc:
        what = exc.args[0] if isinstance(exc, KeyError) and exc.args else exc
        msg = f"{where}: no focal-plane model can be read from it: {what}"
        raise FitsError(msg) from exc


def _check_kind(header: Header) -> None:
    """Reject other kinds of file, and layouts newer than this code."""
    kind, version = header.get("MODEL"), header.get("MODELVER")
    if kind != _KIND:
        msg = f"MODEL is {kind!r}; expected {_KIND!r}"
        raise ValueError(msg)
    if version != _VERSION:
        msg = f"MODELVER is {version!r}; expected {_VERSION}"
        raise ValueError(msg)


def _count(header: Header, key: str) -> int:
    """Return the value of a card that is a count."""
    value = header[key]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1 << 31:
        msg = f"{key} is {value!r}; expected a positive integer"
        raise ValueError(msg)
    return value


def _defined(value: object) -> object:
    """Return the value of a card, or `None` if it is undefined."""
    return None if isinstance(value, fits.card.Undefined) else value


def _hdu(hdus: HDUList, number: int, extname: str) -> fits.ImageHDU | fits.BinTableHDU:
    """Return an HDU after checking its name, length and checksum."""
    if len(hdus) <= number:
        msg = f"the file has {len(hdus)} HDUs"
        raise ValueError(msg)
    hdu = hdus[number]
    if hdu.name != extname:
        msg = f"EXTNAME is {hdu.name!r}"
        raise ValueError(msg)
    if hdu.verify_datasum() == 0:
        msg = "the data do not match their checksum (DATASUM)"
        raise ValueError(msg)
    return hdu
