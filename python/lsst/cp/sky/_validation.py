# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of input data, whose errors name the data. None of them modifies anything."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

import lsst.geom
from lsst.afw.cameraGeom import FOCAL_PLANE, PIXELS
from lsst.afw.image import Exposure

from ._naming import identify, phrase
from .errors import (
    DetectorOffModelError,
    ExposureTooSmallError,
    InvalidScaleError,
    MismatchedInputsError,
    MissingDetectorError,
    MissingScaleError,
    NoGoodSuperpixelsError,
    PixelTypeError,
)

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Detector
    from lsst.afw.image import ExposureF, ImageF, MaskX
    from lsst.daf.base import PropertyList
    from lsst.pipe.tasks.background import FocalPlaneBackground, FocalPlaneBackgroundConfig
    from lsst.utils.logging import LsstLoggers

    from ._protocols import Names

__all__ = (
    "LARGEST_LEVEL",
    "SMALLEST_LEVEL",
    "allMasked",
    "checkScale",
    "readScale",
    "requireBinnable",
    "requireDetector",
    "requireFloat",
    "requireLevels",
    "requireOnModel",
    "requireQuotients",
    "requireType",
    "statsImage",
)

#: Levels whose square, by which the variance is divided, float32 holds to full precision.
SMALLEST_LEVEL = math.sqrt(float(np.finfo(np.float32).tiny))
LARGEST_LEVEL = math.sqrt(float(np.finfo(np.float32).max))


def requireType(value: object, expected: type, name: str, advice: str = "") -> None:
    """Check that an argument has the expected class; advice says how to make one of what is at hand.

    Raises
    ------
    TypeError
        Raised if it does not.
    """
    if not isinstance(value, expected):
        raise TypeError(
            f"{name} is of type {type(value).__name__}, but {expected.__name__} is expected{advice}."
        )


def allMasked(mask: MaskX, planes: Iterable[str]) -> bool:
    """Return whether every pixel has one of some mask planes; one of the first rows usually decides."""
    bits, pixels, step = mask.getPlaneBitMask(list(planes)), mask.array, 64
    return all((pixels[top : top + step] & bits).all() for top in range(0, len(pixels), step))


def requireFloat(exposure: ExposureF) -> None:
    """Raise `TypeError` or `PixelTypeError` unless this is an exposure with float32 pixels."""
    requireType(exposure, Exposure, "inputExp")
    found = exposure.getImage().array.dtype
    if found != np.float32:
        names = identify(exposure)
        raise PixelTypeError(
            f"The pixels of {phrase(names)} are {found}, but the sky is measured in float32; convert the "
            "exposure first (exposure.convertF()).",
            **names,
            pixelType=str(found),
        )


def requireDetector(exposure: ExposureF) -> Detector:
    """Return the detector of an exposure, or raise `MissingDetectorError`."""
    detector = exposure.getDetector()
    if detector is None:
        names = identify(exposure)
        raise MissingDetectorError(
            f"No detector is attached to {phrase(names)}, so its place in the focal plane is unknown; "
            "attach one with setDetector, or have instrument signature removal do so.",
            **names,
        )
    return detector


def requireOnModel(exposure: ExposureF, model: FocalPlaneBackground, log: LsstLoggers) -> bool:
    """Check that an exposure lies at least partly within a focal-plane model.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        Exposure of one detector.
    model : `lsst.pipe.tasks.background.FocalPlaneBackground`
        The model.
    log : `logging.Logger` or `lsst.utils.logging.LsstLogAdapter`
        Takes a warning where the model was configured without a size of pixels.

    Returns
    -------
    within : `bool`
        Whether all of it does; if not, the model must be extrapolated.

    Raises
    ------
    MissingDetectorError
        Raised if the exposure has no detector.
    DetectorOffModelError
        Raised if no part of it lies within the model.
    MismatchedInputsError
        Raised if the pixels of the detector are not, to a factor of two, of the size that was set for the
        model.
    """
    detector = requireDetector(exposure)
    toFocalPlane = detector.getTransform(PIXELS, FOCAL_PLANE)
    corners = toFocalPlane.applyForward(lsst.geom.Box2D(exposure.getBBox()).getCorners())
    footprint = lsst.geom.Box2D()
    for corner in model.transform.applyForward(corners):
        footprint.include(corner)
    # Sample (0, 0) is the centre of the first superpixel; interpolation is only possible between centres.
    extent = lsst.geom.Box2D(
        lsst.geom.Point2D(0, 0), lsst.geom.Point2D(model.dims.getX() - 1, model.dims.getY() - 1)
    )
    finite = all(math.isfinite(c.getX()) and math.isfinite(c.getY()) for c in corners)
    if not finite or not footprint.overlaps(extent):
        names = identify(exposure)
        raise DetectorOffModelError(
            f"No part of {phrase(names)} lies within the focal-plane model: in superpixels it covers "
            f"{footprint}, the model {extent}. Use a model of the camera with which this exposure was "
            "taken.",
            **names,
            modelDims={"x": int(model.dims.getX()), "y": int(model.dims.getY())},
        )
    _requirePixelSize(exposure, corners, model.config, log)
    # A corner may lie exactly on the edge, up to rounding.
    return bool(extent.dilatedBy(1e-6).contains(footprint))


def _requirePixelSize(
    exposure: ExposureF,
    corners: list[lsst.geom.Point2D],
    config: FocalPlaneBackgroundConfig,
    log: LsstLoggers,
) -> None:
    """Notice a model made from another camera: the size of pixels in the focal plane tells.

    Where no size was set there is nothing to tell cameras apart by. The stock tasks run such configurations,
    and so does this, with a warning: the size is what pixels are counted in where superpixels have to have
    enough of them.
    """
    box, expected = exposure.getBBox(), config.pixelSize
    across = math.dist((corners[0].getX(), corners[0].getY()), (corners[2].getX(), corners[2].getY()))
    found = across / math.hypot(box.getWidth(), box.getHeight())
    if 0.5 < found / expected < 2:
        return
    names = identify(exposure)
    differ = f"The pixels of {phrase(names)} are {found:.4g} mm in size"
    if expected == type(config).pixelSize.default:
        log.warning(
            "%s, and largeScaleBackground.pixelSize has its default, %g mm; set it, so that minFrac is a "
            "fraction of the pixels of a superpixel.",
            differ,
            expected,
        )
        return
    raise MismatchedInputsError(
        f"{differ}, those that the focal-plane model was configured for {expected:g} mm: the model is that "
        "of another camera, or largeScaleBackground.pixelSize is not set to the size of a pixel of this one.",
        **names,
        pixelSize=float(found),
        expected=float(expected),
    )


def requireBinnable(exposure: ExposureF, model: FocalPlaneBackground) -> None:
    """Raise `ExposureTooSmallError` if an exposure is smaller than one bin of a model."""
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


def readScale(metadata: PropertyList | Mapping[str, object], key: str, names: Names) -> float:
    """Read a sky scale and check that it is a valid divisor.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertyList` or mapping
        Metadata that holds the scale.
    key : `str`
        Key of the scale.
    names : `dict`
        Names of the exposure, as returned by `identify`.

    Raises
    ------
    MissingScaleError
        Raised if the key is missing or has no value.
    InvalidScaleError
        Raised if the value is not a valid divisor, see `checkScale`.
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


def checkScale(value: Any, key: str, names: Names) -> float:
    """Return a sky scale as a `float`.

    Raises
    ------
    InvalidScaleError
        Raised if the scale is not a number, not finite, zero or negative, or if float32 cannot hold its
        square, by which the variance is divided.
    """
    isNumber = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not isNumber:
        problem = f"not a number but {value!r}"
    elif value != value or value in (math.inf, -math.inf):
        problem = f"not finite ({value})"
    elif value <= 0:
        problem = "zero" if value == 0 else f"negative ({value!s:.20})"
    elif not SMALLEST_LEVEL <= value <= LARGEST_LEVEL:
        problem = f"{value!s:.20}, whose square, by which the variance is divided, float32 cannot hold"
    else:
        return float(value)
    raise InvalidScaleError(
        f"The scale {key!r} of {phrase(names)} is {problem}, so an image cannot be divided by it; it is the "
        "median sky level and should be positive. Check that the exposure contains sky and that its bias was "
        "removed, or leave it out.",
        **names,
        key=key,
        value=str(value),
    )


def requireQuotients(exposure: ExposureF, scale: float) -> None:
    """Make sure that float32 can hold an exposure divided by a scale.

    Raises
    ------
    InvalidScaleError
        Raised if a pixel, or its variance, would no longer be finite.
    """
    for plane, getPlane, divisor in (
        ("image", exposure.getImage, scale),
        ("variance", exposure.getVariance, scale * scale),
    ):
        if divisor >= 1:  # nothing becomes larger, and a variance that is still in its file may stay there
            continue
        array = getPlane().array
        largest = float(np.max(np.abs(array), where=np.isfinite(array), initial=0))
        # Half, because a model that float32 can work with is subtracted from the image before.
        if largest / divisor > 0.5 * float(np.finfo(np.float32).max):
            names = identify(exposure)
            raise InvalidScaleError(
                f"The scale of {phrase(names)} is {scale:g}, and float32 cannot hold its {plane}, which goes "
                f"up to {largest:g}, divided by {divisor:g}. The scale should be the median sky level of "
                "this exposure; measure it again, or look for corrupted pixels.",
                **names,
                plane=plane,
                value=str(scale),
            )


def requireLevels(image: ImageF, names: Names, label: str = "") -> None:
    """Check that every superpixel is a sky level that float32 arithmetic can handle.

    Raises
    ------
    InvalidScaleError
        Raised if any superpixel is not finite, or so large that float32 cannot hold its square.
    """
    bad = ~(np.abs(image.array) <= LARGEST_LEVEL)
    if bad.any():
        y, x = (int(i[0]) for i in np.nonzero(bad))
        value = float(image.array[y, x])
        raise InvalidScaleError(
            f"{int(bad.sum())} of {bad.size} superpixels of the focal-plane model{label} of {phrase(names)} "
            f"are beyond the range of float32 arithmetic, the first being {value:g} at (x, y) = ({x}, {y}). "
            "Look for unmasked saturated or corrupted pixels in the exposures of the detectors there, or "
            "leave them out.",
            **names,
            x=x,
            y=y,
            value=str(value),
        )


def statsImage(model: FocalPlaneBackground, names: Names, label: str = "") -> ImageF:
    """Return the superpixel image of a model, or raise `NoGoodSuperpixelsError` if none is good.

    The configuration of the model has been checked before, so only the data can be at fault.
    """
    try:
        return model.getStatsImage()
    except RuntimeError as error:
        config = model.config
        raise NoGoodSuperpixelsError(
            f"The focal-plane model{label} has no value for {phrase(names)}: no superpixel has enough good "
            f"pixels (at least {config.minFrac:g} of its area of {config.xSize:g} x {config.ySize:g} mm): "
            f"{error}. Check the masks of the inputs, lower largeScaleBackground.minFrac, or use smaller "
            "superpixels.",
            **names,
            minFrac=float(config.minFrac),
            xSize=float(config.xSize),
            ySize=float(config.ySize),
        ) from error
