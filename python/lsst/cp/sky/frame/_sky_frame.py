# SPDX-License-Identifier: GPL-3.0-or-later
"""A sky frame of all detectors, and its file."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping

import numpy as np
from astropy.io import fits

from lsst.afw.image import ExposureF, MaskedImageF
from lsst.geom import Extent2I
from lsst.pipe.tasks.background import SkyMeasurementTask

from ..errors import CpSkyError

__all__ = ("SkyFrame", "read_sky_frame")

_BOX = ("BOX.MINX", "BOX.MINY", "BOX.MAXX", "BOX.MAXY", "ALGORITHM")
"""Cards that make an exposure a sky frame ..."""
_CARDS = ("BOXMINX", "BOXMINY", "BOXMAXX", "BOXMAXY", "ALGORITH")
"""... as eight characters of plain FITS have them."""


@dataclasses.dataclass(frozen=True)
class SkyFrame:
    """What a camera does to a featureless sky, as a fraction of that sky."""

    detectors: Mapping[str, ExposureF]
    """Sky frame of each detector by name, a pixel per cell, as the pipelines make it."""
    camera: str
    """Name of the camera."""
    chain: str
    """Chain that made it: joint or stock."""

    def image(self, detector: str) -> np.ndarray:
        """Sky frame at the pixels of a detector, ``(rows, columns)``, float32."""
        task = SkyMeasurementTask(config=SkyMeasurementTask.ConfigClass())
        image = task.exposureToBackground(self.detectors[detector]).getImage()
        assert image is not None  # a sky frame is a background of one member
        return np.array(image.array)

    def write(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write a FITS file: per detector the cells, their mask and their variance, in three extensions.

        Raises
        ------
        OSError
            Raised if the file exists and is not to be overwritten, or cannot be written.
        """
        primary = fits.PrimaryHDU()
        primary.header["CAMERA"] = (self.camera, "Name of the camera")
        primary.header["CHAIN"] = (self.chain, "Chain that made this sky frame")
        hdus = fits.HDUList([primary])
        for name, exposure in self.detectors.items():
            header = fits.Header()
            metadata = exposure.getMetadata()
            for key, card in zip(_BOX, _CARDS, strict=True):
                header[card] = metadata[key]
            header["BUNIT"] = ("", "Fraction of the sky")
            hdus.append(fits.ImageHDU(exposure.image.array, header=header, name=name))
            hdus.append(fits.ImageHDU(_flags(exposure), name=f"{name}_MASK"))
            hdus.append(fits.ImageHDU(exposure.variance.array, name=f"{name}_VARIANCE"))
        hdus.writeto(path, overwrite=overwrite)


def _flags(exposure: ExposureF) -> np.ndarray:
    """1 where a cell was filled from around it, 2 more where nothing is known, ``(ny, nx)``, uint8."""
    mask = exposure.mask
    known = mask.getMaskPlaneDict()
    out = np.zeros(mask.array.shape, np.uint8)
    for bit, plane in enumerate(("INTRP", "NO_DATA")):
        if plane in known:
            out |= ((mask.array & mask.getPlaneBitMask(plane)) != 0).astype(np.uint8) << bit
    return out


def read_sky_frame(path: str | os.PathLike[str]) -> SkyFrame:
    """Read what `SkyFrame.write` has written.

    Raises
    ------
    CpSkyError
        Raised if the file is none of these.
    """
    try:
        with fits.open(path, memmap=False) as hdus:
            primary = hdus[0].header
            names = [hdu.name for hdu in hdus[1:] if "BOXMINX" in hdu.header]
            found = {name: _exposure(hdus, name) for name in names}
            return SkyFrame(found, primary["CAMERA"], primary["CHAIN"])
    except (OSError, KeyError) as error:
        raise CpSkyError(
            f"{path} is no sky frame that `cpsky frame` has written: {error}.", file=str(path)
        ) from error


def _exposure(hdus: fits.HDUList, name: str) -> ExposureF:
    cells = hdus[name].data
    masked = MaskedImageF(Extent2I(cells.shape[1], cells.shape[0]))
    masked.image.array[:, :] = cells
    masked.variance.array[:, :] = hdus[f"{name}_VARIANCE"].data
    for bit, plane in enumerate(("INTRP", "NO_DATA")):
        where = (hdus[f"{name}_MASK"].data >> bit) & 1 != 0
        masked.mask.array[where] |= masked.mask.getPlaneBitMask(plane)
    exposure = ExposureF(masked)
    metadata = exposure.getMetadata()
    for key, card in zip(_BOX, _CARDS, strict=True):
        metadata.set(key, hdus[name].header[card])
    return exposure
