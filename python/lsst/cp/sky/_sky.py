# SPDX-License-Identifier: GPL-3.0-or-later
"""The sky of an exposure as one of its detectors sees it: which model and scale, and their image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

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

__all__ = ("Sky", "chooseSky", "evaluator")


class Sky(NamedTuple):
    """The sky of one exposure for detectors of one physical type."""

    model: FocalPlaneBackground
    """Level over the focal plane, in the units of the image."""
    scale: float
    """How bright it is, in the same units."""


def chooseSky(
    exposure: ExposureF,
    main: FocalPlaneBackground,
    scale: PropertyList,
    alternate: FocalPlaneBackground | Sequence[FocalPlaneBackground | None] | None,
    *,
    useAlternates: bool,
) -> Sky:
    """Choose the model that serves the detector of an exposure, and the scale that goes with it.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        Exposure of one detector.
    main : `lsst.pipe.tasks.background.FocalPlaneBackground`
        Model for detectors of the main type.
    scale : `lsst.daf.base.PropertyList`
        Scales and the types that they are for.
    alternate : `lsst.pipe.tasks.background.FocalPlaneBackground`, `list` or `None`
        Model or models for the other types, in the order of ``scale``.
    useAlternates : `bool`
        Look for a model of another type? Otherwise all detectors have the main one.

    Raises
    ------
    MissingDetectorError
        Raised if the exposure has no detector.
    DetectorTypeError
        Raised if the detector is of a type that no model given serves.
    MissingScaleError, InvalidScaleError
        Raised if the scale is not recorded, or one cannot divide by it.
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


def _typeError(names: Mapping[str, Any], physicalType: str, problem: str) -> DetectorTypeError:
    return DetectorTypeError(
        f"The physical type of {phrase(names)} is {physicalType!r}, and {problem}.",
        **names,
        physicalType=str(physicalType),
    )


def evaluator(
    exposure: ExposureF, model: FocalPlaneBackground, log: Any
) -> Callable[[lsst.geom.Box2I], ImageF]:
    """Make a function that gives the image of a model in a box of an exposure, every pixel of it finite.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        Exposure of one detector, not changed.
    model : `lsst.pipe.tasks.background.FocalPlaneBackground`
        The model.
    log : `logging.Logger` or `lsst.utils.logging.LsstLogAdapter`
        Takes a warning where the model has to be extended.

    Raises
    ------
    DetectorOffModelError
        Raised if no part of the detector lies within the model.
    MismatchedInputsError
        Raised if the model was made for pixels of another size.
    ExposureTooSmallError
        Raised if the image is smaller than one bin of the model.
    NoGoodSuperpixelsError
        Raised if the model has no value for the detector.
    lsst.pex.config.FieldValidationError
        Raised if the configuration of the model cannot be used.
    """
    names = identify(exposure)
    checkModel(model.config)
    requireBinnable(exposure, model)
    if not requireOnModel(exposure, model, log):
        log.warning(
            "Part of %s lies outside of the focal-plane model, which is extended there.", phrase(names)
        )
    statsImage(model, names)
    try:
        members = model.toCcdBackground(exposure.getDetector(), exposure.getBBox())
    except lsst.pex.exceptions.OutOfRangeError as error:
        raise DetectorOffModelError(
            f"No part of {phrase(names)} lies within the focal-plane model: {error}", **names
        ) from error
    [(background, interpolation, undersampling, *_)] = members
    # A cell of NaN takes no part, and no interpolation between the others leaves the range of float32.
    cells = np.abs(background.getStatsImage().image.array)
    known = cells[~np.isnan(cells)]
    if known.size == 0 or known.max() > LARGEST_LEVEL:
        raise NoGoodSuperpixelsError(
            f"The focal-plane model has no value for {phrase(names)}: it is not finite there, or beyond "
            f"{LARGEST_LEVEL:.2g}, the largest level that float32 holds the square of. Look for saturated or "
            "corrupted pixels that are not masked in the exposure it was made from.",
            **names,
        )
    return lambda box: background.getImageF(box, interpolation, undersampling)
