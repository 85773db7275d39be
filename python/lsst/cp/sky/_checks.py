# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of input data that several tasks make, each ending in an error that names the data."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import lsst.geom
from lsst.afw.cameraGeom import FOCAL_PLANE, PIXELS

from .errors import (
    DetectorOffModelError,
    ExposureTooSmallError,
    InvalidScaleError,
    MissingDetectorError,
    MissingScaleError,
    NoGoodSuperpixelsError,
)

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Detector
    from lsst.afw.image import ExposureF, ImageF, MaskX
    from lsst.pipe.tasks.background import FocalPlaneBackground

__all__ = (
    "allMasked",
    "identify",
    "phrase",
    "readScale",
    "requireBinnable",
    "requireDetector",
    "requireOnModel",
    "statsImage",
)


def identify(exposure: ExposureF) -> dict[str, Any]:
    """Names by which a person finds an exposure again, as far as it has them."""
    names: dict[str, Any] = {}
    visitInfo = exposure.getInfo().getVisitInfo()
    if visitInfo is not None and visitInfo.id:
        names["exposure"] = int(visitInfo.id)
    detector = exposure.getDetector()
    if detector is not None:
        names["detector"] = int(detector.getId())
        names["detectorName"] = str(detector.getName())
    return names


def phrase(names: dict[str, Any]) -> str:
    """Turn the result of `identify`, or a data ID, into part of a sentence."""
    parts = []
    if "detector" in names:
        name = f" ({names['detectorName']})" if "detectorName" in names else ""
        parts.append(f"detector {names['detector']}{name}")
    if "exposure" in names:
        parts.append(f"exposure {names['exposure']}")
    return " of ".join(parts) or "the exposure"


def allMasked(mask: MaskX, planes: Iterable[str]) -> bool:
    """Whether every pixel has one of some mask planes; most often one of the first rows tells."""
    bits, pixels, step = mask.getPlaneBitMask(list(planes)), mask.array, 64
    return all((pixels[top : top + step] & bits).all() for top in range(0, len(pixels), step))


def requireDetector(exposure: ExposureF) -> Detector:
    """Detector of an exposure, or `MissingDetectorError`."""
    detector = exposure.getDetector()
    if detector is None:
        names = identify(exposure)
        raise MissingDetectorError(
            f"There is no detector attached to {phrase(names)}, so its place in the focal plane is "
            "unknown; attach one with setDetector, or let instrument signature removal do so.",
            **names,
        )
    return detector


def requireOnModel(exposure: ExposureF, model: FocalPlaneBackground) -> bool:
    """Make sure that an exposure lies at least partly within a focal-plane model.

    Returns
    -------
    within : `bool`
        Whether all of it does; where not, the model has to be extrapolated.

    Raises
    ------
    MissingDetectorError
        Raised if the exposure has no detector.
    DetectorOffModelError
        Raised if no part of it lies within the model.
    """
    detector = requireDetector(exposure)
    transform = detector.getTransform(PIXELS, FOCAL_PLANE).then(model.transform)
    corners = transform.applyForward(lsst.geom.Box2D(exposure.getBBox()).getCorners())
    footprint = lsst.geom.Box2D()
    for corner in corners:
        footprint.include(corner)
    # Sample (0, 0) is the centre of the first superpixel; nothing can be interpolated outside of the centres.
    extent = lsst.geom.Box2D(
        lsst.geom.Point2D(0, 0), lsst.geom.Point2D(model.dims.getX() - 1, model.dims.getY() - 1)
    )
    if not all(
        math.isfinite(c.getX()) and math.isfinite(c.getY()) for c in corners
    ) or not footprint.overlaps(extent):
        names = identify(exposure)
        raise DetectorOffModelError(
            f"No part of {phrase(names)} lies within the focal-plane model: in superpixels it covers "
            f"{footprint}, the model {extent}. Use a model made from the camera that this exposure was "
            "taken with.",
            **names,
            modelDims={"x": int(model.dims.getX()), "y": int(model.dims.getY())},
        )
    # A corner may lie on the very edge, give or take rounding.
    return bool(extent.dilatedBy(1e-6).contains(footprint))


def requireBinnable(exposure: ExposureF, model: FocalPlaneBackground) -> None:
    """Make sure that an exposure has one bin of a model, or raise `ExposureTooSmallError`."""
    bbox, binning = exposure.getBBox(), model.config.binning
    if bbox.getWidth() < binning or bbox.getHeight() < binning:
        names = identify(exposure)
        raise ExposureTooSmallError(
            f"The image of {phrase(names)} is {bbox.getWidth()} x {bbox.getHeight()} pixels (x, y), "
            f"smaller than the {binning} pixels of one bin of the focal-plane model; use a larger piece of "
            "the detector, or a model with a smaller largeScaleBackground.binning.",
            **names,
            width=int(bbox.getWidth()),
            height=int(bbox.getHeight()),
            binning=int(binning),
        )


def readScale(metadata: Any, key: str, names: dict[str, Any]) -> float:
    """Read a scale and make sure that one can divide by it.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertyList` or mapping
        Where the scale is recorded.
    key : `str`
        Its key.
    names : `dict`
        What it belongs to, as from `identify`.

    Raises
    ------
    MissingScaleError
        Raised if there is no such key, or no value for it.
    InvalidScaleError
        Raised if the value is not a number, not finite, zero or negative.
    """
    value = metadata.get(key)
    if value is None:
        raise MissingScaleError(
            f"No scale is recorded for {phrase(names)}: its metadata has no value for {key!r}. Run "
            "CpSkyScaleMeasureTask on this exposure, or set the key to its sky level.",
            **names,
            key=key,
        )
    return checkScale(value, key, names)


def checkScale(value: Any, key: str, names: dict[str, Any]) -> float:
    """Return a scale as `float`, or raise `InvalidScaleError`; see `readScale`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        problem = f"not a number but {value!r}"
    elif not math.isfinite(value):
        problem = f"not finite ({float(value)})"
    elif value <= 0:
        problem = "zero" if value == 0 else f"negative ({float(value):g})"
    else:
        return float(value)
    raise InvalidScaleError(
        f"The scale {key!r} of {phrase(names)} is {problem}, and an image cannot be divided by it; it is "
        "the median sky level and should be positive. Check that the exposure has sky in it and that its "
        "bias was removed, or leave it out.",
        **names,
        key=key,
        value=str(value),
    )


def statsImage(model: FocalPlaneBackground, names: dict[str, Any], label: str = "") -> ImageF:
    """Superpixel image of a model, or `NoGoodSuperpixelsError` where not one superpixel is good."""
    try:
        return model.getStatsImage()
    except RuntimeError as error:
        config = model.config
        raise NoGoodSuperpixelsError(
            f"No superpixel of the focal-plane model{label} of {phrase(names)} has enough good pixels (at "
            f"least {config.minFrac:g} of its area of {config.xSize:g} x {config.ySize:g} mm): {error}. "
            "Check the masks of the inputs, lower largeScaleBackground.minFrac, or use smaller "
            "superpixels.",
            **names,
            minFrac=float(config.minFrac),
            xSize=float(config.xSize),
            ySize=float(config.ySize),
        ) from error
