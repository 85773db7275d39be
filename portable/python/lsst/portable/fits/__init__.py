# SPDX-License-Identifier: GPL-3.0-or-later
"""FITS files as such: cards, headers as property lists, HDUs, tile-compressed images and tables.

Modules, lowest first: header cards and property lists; HDUs; quantization, codecs and tiles; tables; and
`FitsReader` and `FitsWriter` on top of these. `lsst.afw.fits` offers those names that are part of the stack.
"""

from ._errors import FitsClassError, FitsError, FitsTypeError
from ._header import merge_inherited, properties_from_cards
from ._memfile import MemFileManager
from ._options import (
    CompressionAlgorithm,
    CompressionOptions,
    DitherAlgorithm,
    QuantizationOptions,
    ScalingAlgorithm,
)
from ._reader import DEFAULT_HDU, FitsReader, default_hdu
from ._table import Column, FitsTable
from ._writer import FitsWriter

__all__ = (
    "DEFAULT_HDU",
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
    "MemFileManager",
    "QuantizationOptions",
    "ScalingAlgorithm",
    "default_hdu",
    "merge_inherited",
    "properties_from_cards",
)
