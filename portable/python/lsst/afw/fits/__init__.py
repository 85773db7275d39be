# SPDX-License-Identifier: GPL-3.0-or-later
"""FITS files, under the names of the stack.

`Fits`, `readMetadata`, `writeMetadata`, `MemFileManager`, `CompressionOptions` and others, `reduceToFits`
and `unreduceFromFits`. The implementation is in `lsst.portable.fits` and `lsst.portable.archive`.
"""

from typing import Any

from lsst.portable import require_alone

require_alone(__name__)

from lsst.portable.fits import (  # noqa: E402
    DEFAULT_HDU,
    CompressionAlgorithm,
    CompressionOptions,
    DitherAlgorithm,
    FitsError,
    FitsTypeError,
    MemFileManager,
    QuantizationOptions,
    ScalingAlgorithm,
)

from ._fits import Fits  # noqa: E402
from ._metadata import (  # noqa: E402
    combineMetadata,
    makeLimitedFitsHeader,
    readMetadata,
    writeMetadata,
)
from ._pickleFits import reduceToFits, unreduceFromFits  # noqa: E402

__all__ = (
    "DEFAULT_HDU",
    "CompressionAlgorithm",
    "CompressionOptions",
    "DitherAlgorithm",
    "Fits",
    "FitsError",
    "FitsTypeError",
    "MemFileManager",
    "QuantizationOptions",
    "ScalingAlgorithm",
    "combineMetadata",
    "makeLimitedFitsHeader",
    "readMetadata",
    "reduceToFits",
    "unreduceFromFits",
    "writeMetadata",
)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    raise AttributeError(
        f"lsst.afw.fits.{name} is not part of the portable stack, which has {', '.join(__all__)}."
    )
