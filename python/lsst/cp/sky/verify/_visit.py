# SPDX-License-Identifier: GPL-3.0-or-later
"""What the visit information says of the circumstances of an exposure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lsst.afw.image import VisitInfo

__all__ = ("circumstances",)


def circumstances(visit: VisitInfo | None) -> dict[str, float]:
    """Exposure time, airmass, zenith distance, rotator and moon; NaN for what is not known.

    Angles are in degrees. The moon is seen from the centre of the Earth, within a degree of where it is.
    """
    names = ("expTime", "airmass", "zenithDistance", "rotatorAngle", "moonSeparation", "moonIllumination")
    found = dict.fromkeys(names, math.nan)
    if visit is None:
        return found
    found["expTime"] = visit.getExposureTime()
    found["airmass"] = visit.getBoresightAirmass()
    found["zenithDistance"] = 90.0 - visit.getBoresightAzAlt().getLatitude().asDegrees()
    found["rotatorAngle"] = visit.getBoresightRotAngle().asDegrees()
    pointing = visit.getBoresightRaDec()
    ra, dec = pointing.getRa().asDegrees(), pointing.getDec().asDegrees()
    if visit.getDate().isValid() and math.isfinite(ra) and math.isfinite(dec):
        found["moonSeparation"], found["moonIllumination"] = _moon(visit, ra, dec)
    return found


def _moon(visit: VisitInfo, ra: float, dec: float) -> tuple[float, float]:
    """Angle between the moon and a direction (degrees), and the illuminated fraction of the moon."""
    # Loads in a third of a second, which every other task of the package would wait for.
    from astropy.coordinates import SkyCoord, get_body

    time = visit.getDate().toAstropy()
    moon, sun = get_body("moon", time), get_body("sun", time)
    direction = SkyCoord(ra, dec, unit="deg", frame="icrs").transform_to(moon.frame)
    elongation = moon.separation(sun).radian
    return float(moon.separation(direction).deg), float((1.0 - np.cos(elongation)) / 2.0)
