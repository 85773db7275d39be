# SPDX-License-Identifier: GPL-3.0-or-later
"""FITS files: headers as property lists, images plain or tile-compressed, tables, and archives of objects.

Layers, lowest first: header cards and property lists; HDUs; tiles, quantisation and codecs; tables;
`FitsReader` and `FitsWriter` over all of these. What users of the stack know is offered by its names:
`readMetadata`, `writeMetadata`, `MemFileManager`, `CompressionOptions` and the rest, `reduceToFits` and
`unreduceFromFits`.
"""

from typing import Any

from ._archive_in import InputArchive, OpaquePersistable, read_persistable
from ._archive_out import OutputArchive, write_persistable
from ._archive_registry import ArchiveCatalog, register_reader
from ._errors import FitsError, FitsTypeError
from ._memfile import MemFileManager
from ._metadata import DEFAULT_HDU, default_hdu, readMetadata, writeMetadata
from ._options import (
    CompressionAlgorithm,
    CompressionOptions,
    DitherAlgorithm,
    QuantizationOptions,
    ScalingAlgorithm,
)
from ._pickleFits import reduceToFits, unreduceFromFits
from ._reader import FitsReader
from ._table import Column, FitsTable
from ._writer import FitsWriter

__all__ = (
    "DEFAULT_HDU",
    "ArchiveCatalog",
    "Column",
    "CompressionAlgorithm",
    "CompressionOptions",
    "DitherAlgorithm",
    "FitsError",
    "FitsReader",
    "FitsTable",
    "FitsTypeError",
    "FitsWriter",
    "InputArchive",
    "MemFileManager",
    "OpaquePersistable",
    "OutputArchive",
    "QuantizationOptions",
    "ScalingAlgorithm",
    "default_hdu",
    "readMetadata",
    "read_persistable",
    "reduceToFits",
    "register_reader",
    "unreduceFromFits",
    "writeMetadata",
    "write_persistable",
)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    raise AttributeError(
        f"lsst.afw.fits.{name} is not part of the portable stack, which has {', '.join(__all__)}."
    )
