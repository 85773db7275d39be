# SPDX-License-Identifier: GPL-3.0-or-later
"""FITS files: headers as property lists, images plain or tile-compressed, tables, and archives of objects.

Layers, lowest first: header cards and property lists; HDUs; tiles, quantisation and codecs; tables;
`FitsReader` and `FitsWriter` over all of these. What users of the stack know is offered by its names:
`readMetadata`, `writeMetadata`, `MemFileManager`, `CompressionOptions` and the rest, `reduceToFits` and
`unreduceFromFits`.
"""

from typing import Any

from lsst.portable import require_alone

require_alone(__name__)

from ._archive_in import InputArchive, OpaquePersistable, read_persistable  # noqa: E402
from ._archive_out import OutputArchive, write_persistable  # noqa: E402
from ._archive_registry import ArchiveCatalog, register_reader  # noqa: E402
from ._errors import FitsClassError, FitsError, FitsTypeError  # noqa: E402
from ._kept import KeptPersistable  # noqa: E402
from ._memfile import MemFileManager  # noqa: E402
from ._metadata import DEFAULT_HDU, default_hdu, readMetadata, writeMetadata  # noqa: E402
from ._options import (  # noqa: E402
    CompressionAlgorithm,
    CompressionOptions,
    DitherAlgorithm,
    QuantizationOptions,
    ScalingAlgorithm,
)
from ._pickleFits import reduceToFits, unreduceFromFits  # noqa: E402
from ._reader import FitsReader  # noqa: E402
from ._table import Column, FitsTable  # noqa: E402
from ._writer import FitsWriter  # noqa: E402

__all__ = (
    "DEFAULT_HDU",
    "ArchiveCatalog",
    "Column",
    "CompressionAlgorithm",
    "CompressionOptions",
    "DitherAlgorithm",
    "FitsClassError",
    "FitsError",
    "FitsReader",
    "FitsTable",
    "FitsTypeError",
    "FitsWriter",
    "InputArchive",
    "KeptPersistable",
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
