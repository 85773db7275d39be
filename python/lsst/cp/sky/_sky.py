# SPDX-License-Identifier: GPL-3.0-or-later
"""The sky of an exposure as seen by one of its detectors: its model, scale and image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import lsst.geom
import lsst.pex.exceptions

from ._alternates import scaleKeys
from ._naming import identify, phrase
from ._settings import checkModel
from ._validation import (
    LARGEST_LEVEL,
    readScale,
    requireBinnable,
    requireDetector,
    requireOnModel,
    statsImage,
)
from .errors import DetectorOffModelError, DetectorTypeError, NoGoodSuperpixelsError

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF, ImageF
    from lsst.daf.base import PropertyList
    from lsst.pipe.tasks.background import FocalPlaneBackground
    from lsst.utils.logging import LsstLoggers

    from ._protocols import Names

__all__ = ("Sky", "chooseSky", "evaluator")


class Sky(NamedTuple):
    """The sky of one exposure, for detectors of one physical type."""

    model: FocalPlaneBackground
    """Focal-plane model, in the units of the image."""
    scale: float
    """Sky scale, in the same units."""


def chooseSky(
    exposure: ExposureF,
    main: FocalPlaneBackground,
    scale: PropertyList,
    alternate: FocalPlaneBackground | Sequence[FocalPlaneBackground | None] | None,
    *,
    useAlternates: bool,
) -> Sky:
    """Choose the model for the detector of an exposure, and the matching sky scale.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        Exposure of one detector.
    main : `lsst.pipe.tasks.background.FocalPlaneBackground`
        Model for detectors of the main type.
    scale : `lsst.daf.base.PropertyList`
        Sky scales and the physical types they apply to.
    alternate : `lsst.pipe.tasks.background.FocalPlaneBackground`, `list` or `None`
        Model or models for the other types, in the order of ``scale``.
    useAlternates : `bool`
        Look for the model of the detector's type? Otherwise all detectors use the main one.

    Raises
    ------
    MissingDetectorError
        Raised if the exposure has no detector.
    DetectorTypeError
        Raised if no model is given for the detector's physical type.
    MissingScaleError, InvalidScaleError
        Raised if the scale is not recorded, or is not valid as a divisor.
    """
    physicalType, names = requireDetector(exposure).getPhysicalType(), identify(exposure)
    models = list(alternate) if isinstance(alternate, Sequence) else [alternate]
    mainType, types = scale.get("detectorType"), []
    for number, (typeKey, scaleKey) in enumerate(scaleKeys()):
        served = scale.get(typeKey) if useAlternates else None
        if served is None:
            break
        types.append(served)
        if served == physicalType:
            model = models[number] if number < len(models) else None
            if model is None:
                missing = "the model for that type was not given; pass it as inputBkgAlternate"
                raise _typeError(names, physicalType, missing)
            return Sky(model, readScale(scale, scaleKey, names))
    if types and mainType not in (None, physicalType):
        known = " and ".join(map(repr, (mainType, *types)))
        raise _typeError(names, physicalType, f"the models serve {known}; leave this detector out")
    return Sky(main, readScale(scale, "scale", names))


def _typeError(names: Names, physicalType: str, problem: str) -> DetectorTypeError:
    return DetectorTypeError(
        f"The physical type of {phrase(names)} is {physicalType!r}, and {problem}.",
        **names,
        physicalType=str(physicalType),
    )


def evaluator(
    exposure: ExposureF, model: FocalPlaneBackground, log: LsstLoggers
) -> Callable[[lsst.geom.Box2I], ImageF]:
    """Return a function that evaluates a model on a box of an exposure, with all pixels finite.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        Exposure of one detector. Not modified.
    model : `lsst.pipe.tasks.background.FocalPlaneBackground`
        The model.
    log : `logging.Logger` or `lsst.utils.logging.LsstLogAdapter`
        Logger for a warning if the model must be extrapolated.

    Raises
    ------
    DetectorOffModelError
        Raised if no part of the detector lies within the model.
    MismatchedInputsError
        Raised if the model was made for a different pixel size.
    ExposureTooSmallError
        Raised if the image is smaller than one bin of the model.
    NoGoodSuperpixelsError
        Raised if the model has no value for the detector.
    lsst.pex.config.FieldValidationError
        Raised if the configuration of the model is invalid.
    """
    names = identify(exposure)
    checkModel(model.config)
    requireBinnable(exposure, model)
    if not requireOnModel(exposure, model, log):
        log.warning(
            "Part of %s lies outside of the focal-plane model, which is extrapolated there.", phrase(names)
        )
    statsImage(model, names)
    try:
        members = model.toCcdBackground(exposure.getDetector(), exposure.getBBox())
    except lsst.pex.exceptions.OutOfRangeError as error:
        raise DetectorOffModelError(
            f"No part of {phrase(names)} lies within the focal-plane model: {error}", **names
        ) from error
    [(background, interpolation, undersampling, *_)] = members
    # NaN cells are ignored, and no interpolation between the others leaves the range of float32.
    cells = np.abs(background.getStatsImage().image.array)
    known = cells[~np.isnan(cells)]
    if known.size == 0 or known.max() > LARGEST_LEVEL:
        raise NoGoodSuperpixelsError(
            f"The focal-plane model has no value for {phrase(names)}: it is not finite there, or beyond "
            f"{LARGEST_LEVEL:.2g}, the largest level whose square fits into float32. Look for unmasked "
            "saturated or corrupted pixels in the exposure it was made from.",
            **names,
        )
    return lambda box: background.getImageF(box, interpolation, undersampling)
