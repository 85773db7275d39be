# SPDX-License-Identifier: GPL-3.0-or-later
"""Images for unit tests of instruments: every pixel of a detector has a value of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lsst.afw.cameraGeom.utils import calcRawCcdBBox
from lsst.afw.image import Exposure

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from lsst.afw.cameraGeom import Detector
    from lsst.geom import Box2I
    from lsst.portable.typing import AnyExposure

__all__ = ("make_ramp_array", "make_ramp_exposure_trimmed", "make_ramp_exposure_untrimmed")

_REGIONS = ("HorizontalOverscan", "VerticalOverscan", "Prescan", "Data")


def make_ramp_array(bbox: Box2I, pedestal: int) -> tuple[np.ndarray, int]:
    """Return numbers that rise by one from pixel to pixel, row by row.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Box of the pixels.
    pedestal : `int`
        The first number.

    Returns
    -------
    ramp : `numpy.ndarray`
        The numbers, shape ``(ny, nx)``.
    end : `int`
        The number after the last, with which another ramp may begin.
    """
    end = pedestal + bbox.getArea()
    return np.arange(pedestal, end).reshape(bbox.getHeight(), bbox.getWidth()), end


def make_ramp_exposure_untrimmed(detector: Detector, dtype: DTypeLike | None = None) -> AnyExposure:
    """Return a raw exposure of a detector, with a ramp in each region of each amplifier.

    Parameters
    ----------
    detector : `lsst.afw.cameraGeom.Detector`
        The detector, whose amplifiers describe the assembled image, without flips or offsets.
    dtype : data type, optional
        Type of the pixels of the image; ``int32`` by default.

    Returns
    -------
    exposure : `lsst.afw.image.Exposure`
        The exposure; pixels outside of all regions are zero.
    """
    exposure = _make_exposure(calcRawCcdBBox(detector), detector, dtype)
    pedestal = 0
    for amplifier in detector:
        for region in _REGIONS:
            box = getattr(amplifier, f"getRaw{region}BBox")()
            exposure.image[box].array[:], pedestal = make_ramp_array(box, pedestal)
    return exposure


def make_ramp_exposure_trimmed(detector: Detector, dtype: DTypeLike | None = None) -> AnyExposure:
    """Return an assembled and trimmed exposure of a detector, with a ramp in each amplifier.

    Parameters
    ----------
    detector : `lsst.afw.cameraGeom.Detector`
        The detector.
    dtype : data type, optional
        Type of the pixels of the image; ``int32`` by default.

    Returns
    -------
    exposure : `lsst.afw.image.Exposure`
        The exposure.
    """
    exposure = _make_exposure(detector.getBBox(), detector, dtype)
    pedestal = 0
    for amplifier in detector:
        box = amplifier.getBBox()
        exposure.image[box].array[:], pedestal = make_ramp_array(box, pedestal)
    return exposure


def _make_exposure(bbox: Box2I, detector: Detector, dtype: DTypeLike | None) -> AnyExposure:
    factory: Any = Exposure
    exposure: AnyExposure = factory(bbox, dtype=np.dtype(dtype or np.int32))
    exposure.setDetector(detector)
    return exposure


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(
        f"lsst.obs.base.tests.{name} is not part of the portable stack, which has {__all__}."
    )
