# SPDX-License-Identifier: GPL-3.0-or-later
"""From planes of files to the stack's exposures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.coord import Observatory
from lsst.afw.image import ExposureF, FilterLabel, MaskedImageF, VisitInfo
from lsst.daf.base import DateTime, PropertyList
from lsst.geom import Box2I, Extent2I, Point2I, SpherePoint, degrees

from ._errors import IngestError
from ._files import read_plane
from ._noise import make_variance, read_variance

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Detector

    from ._description import CameraDescription
    from ._facts import ExposureFacts
    from ._match import Input

__all__ = ("make_exposure", "make_visit_info")


def make_exposure(given: Input, detector: Detector, description: CameraDescription) -> ExposureF:
    """Read the pixels of one detector of an exposure.

    Parameters
    ----------
    given : `Input`
        Where they are.
    detector : `lsst.afw.cameraGeom.Detector`
        Its detector.
    description : `CameraDescription`
        The camera, which says what the values of masks mean.

    Returns
    -------
    exposure : `lsst.afw.image.ExposureF`
        Of the size of the detector. Pixels are NO_DATA that were trimmed off, are not finite, or have no
        weight; the mask says SAT for the values that the camera names, and BAD for all others but 0.

    Raises
    ------
    IngestError
        Raised if pixels cannot be read, or if a mask is not of integers.
    """
    pixels = read_plane(given.image).astype(np.float32)
    if given.variance is None:
        variance = make_variance(given.image, pixels, given.detector, description)
        known = np.ones(pixels.shape, dtype=bool)
    else:
        variance, known = read_variance(given.variance)
    masked = MaskedImageF(detector.getBBox())
    x, y = given.corner
    inner = masked[Box2I(Point2I(x, y), Extent2I(pixels.shape[1], pixels.shape[0]))]
    masked.variance.array[:, :] = np.median(variance[known])
    masked.mask.array[:, :] = masked.mask.getPlaneBitMask("NO_DATA")
    inner.image.array[:, :] = pixels
    inner.variance.array[:, :] = variance
    inner.mask.array[:, :] = 0
    if given.mask is not None:
        _mark(inner, given, description)
    inner.mask.array[~known | ~np.isfinite(pixels)] |= masked.mask.getPlaneBitMask("NO_DATA")
    exposure = ExposureF(masked)
    exposure.setDetector(detector)
    exposure.setFilter(FilterLabel(band=given.facts.band, physical=given.facts.filter))
    exposure.info.setVisitInfo(make_visit_info(given.facts, description))
    exposure.setMetadata(_metadata(given))
    return exposure


def _mark(inner: MaskedImageF, given: Input, description: CameraDescription) -> None:
    """Set planes by the values of an integer mask."""
    assert given.mask is not None
    flags = read_plane(given.mask)
    if not np.issubdtype(flags.dtype, np.integer):
        if not np.array_equal(flags, np.round(flags)):
            raise IngestError(
                f"{given.mask} is taken for a mask, but is not of integers.", file=str(given.mask.path)
            )
        flags = flags.astype(np.int64)
    rest = flags != 0
    for plane, values in description.mask.items():
        here = np.isin(flags, values)
        inner.mask.array[here] |= inner.mask.getPlaneBitMask(plane)
        rest &= ~here
    inner.mask.array[rest] |= inner.mask.getPlaneBitMask("BAD")


def make_visit_info(facts: ExposureFacts, description: CameraDescription) -> VisitInfo:
    """What is known of an exposure, in the stack's form; its date is that of the middle."""
    middle = facts.begin.tai.mjd + 0.5 * facts.exposure_time / 86400
    unknown = math.nan * degrees
    place = (
        SpherePoint(facts.ra, facts.dec, degrees)
        if math.isfinite(facts.ra) and math.isfinite(facts.dec)
        else SpherePoint(unknown, unknown)
    )
    return VisitInfo(
        exposureTime=facts.exposure_time,
        date=DateTime(middle, DateTime.MJD, DateTime.TAI),
        boresightRaDec=place,
        boresightAirmass=facts.airmass,
        observatory=Observatory(unknown, unknown, math.nan),
        instrumentLabel=description.name,
        id=facts.id,
        observationType=facts.type,
        scienceProgram=facts.program,
        object=facts.object,
    )


def _metadata(given: Input) -> PropertyList:
    """Header to keep: where the pixels are from."""
    metadata = PropertyList()
    metadata.set("INGESTED", given.image.path.name, "File of the image")
    return metadata
