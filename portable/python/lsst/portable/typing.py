# SPDX-License-Identifier: GPL-3.0-or-later
"""Types that signatures of several packages name.

Only type checkers read this module, and it may therefore name classes of higher packages: import it under
`typing.TYPE_CHECKING`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import os

    from lsst.afw.fits import Fits
    from lsst.afw.image import (
        ExposureD,
        ExposureF,
        ExposureI,
        ExposureL,
        ExposureU,
        ImageD,
        ImageF,
        ImageI,
        ImageL,
        ImageU,
        MaskedImageD,
        MaskedImageF,
        MaskedImageI,
        MaskedImageL,
        MaskedImageU,
    )
    from lsst.portable.fits import FitsReader, FitsWriter, MemFileManager

    FitsSource: TypeAlias = str | os.PathLike[str] | bytes | MemFileManager | Fits | FitsReader
    """What a FITS file is read from: its name, its contents, or an open file."""

    FitsTarget: TypeAlias = str | os.PathLike[str] | MemFileManager | Fits | FitsWriter
    """What a FITS file is written to: its name, a file in memory, or an open file."""

    AnyImage: TypeAlias = ImageF | ImageD | ImageI | ImageU | ImageL
    """An image with any type of pixel."""

    AnyMaskedImage: TypeAlias = MaskedImageF | MaskedImageD | MaskedImageI | MaskedImageU | MaskedImageL
    """A masked image with any type of pixel."""

    AnyExposure: TypeAlias = ExposureF | ExposureD | ExposureI | ExposureU | ExposureL
    """An exposure with any type of pixel."""
