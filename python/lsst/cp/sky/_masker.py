# SPDX-License-Identifier: GPL-3.0-or-later
"""The masker of objects, on one exposure: what it needs, what it did, and bins that suit the detector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

import lsst.pex.exceptions
from lsst.pipe.base import AlgorithmError, Task
from lsst.pipe.tasks.background import MaskObjectsTask

from ._naming import phrase
from ._settings import checkMasker
from ._validation import allMasked
from .errors import MaskingError

if TYPE_CHECKING:
    from lsst.afw.image import ExposureF

__all__ = ("adaptBins", "isStock", "maskObjects", "requireMaskable", "warnOfSize")

#: Fewest bins along the shorter side of a detector, of the background that objects are found on ...
_FINDING_BINS = 4
#: ... and of the one that they are replaced by. The stock bin sizes give a detector of 4096 pixels no fewer.
_FILLING_BINS = 8


def isStock(masker: Task) -> TypeGuard[MaskObjectsTask]:
    """Whether a masker runs in the two steps of the stack's, finding objects and replacing them."""
    return isinstance(masker, MaskObjectsTask) and type(masker).run is MaskObjectsTask.run


def adaptBins(masker: MaskObjectsTask, width: int, height: int) -> MaskObjectsTask:
    """Make a masker like another with bins that are small enough for a detector.

    Parameters
    ----------
    masker : `lsst.pipe.tasks.background.MaskObjectsTask`
        The other; not changed.
    width, height : `int`
        Size of the detector, pixels.
    """
    config: Any = masker.config.copy()
    side = min(width, height)
    for background, bins in ((config.subtractBackground, _FINDING_BINS), (config.interpolate, _FILLING_BINS)):
        background.value.binSize = min(background.value.binSize, max(side // bins, 1))
    return type(masker)(config=config, name=masker.getName(), log=masker.log)


def warnOfSize(masker: MaskObjectsTask, width: int, height: int, names: Mapping[str, Any], log: Any) -> None:
    """Warn where a detector has less than one bin of the background that objects are found on."""
    binSize = masker.config.subtractBackground.value.binSize
    if min(width, height) < binSize:
        log.warning(
            "The image of %s is %d x %d pixels, smaller than one bin of %d "
            "(maskTask.subtractBackground.binSize): its large-scale structure will be taken for objects. "
            "Set that field to about %d, or adaptMaskBins=True.",
            phrase(names),
            width,
            height,
            binSize,
            max(min(width, height) // _FINDING_BINS, 1),
        )


def requireMaskable(masker: MaskObjectsTask, exposure: ExposureF, names: Mapping[str, Any]) -> None:
    """Make sure that objects can be looked for on an exposure, before any of its pixels changes.

    Raises
    ------
    MaskingError
        Raised if the image is smaller than the kernel it is to be smoothed with, if objects would grow beyond
        it, if no sky is left to look for objects on, or if no pixel has a variance.
    lsst.pex.config.FieldValidationError
        Raised if the configuration cannot be used.
    """
    mask = exposure.getMask()
    checkMasker(masker.config, mask)
    side = min(exposure.getWidth(), exposure.getHeight())
    sigma, detection = masker.config.detectSigma, masker.detection
    for what, reach in (
        ("the smoothing kernel", detection.calculateKernelSize(sigma)),
        ("the radius by which objects are grown", detection.config.nSigmaToGrow * sigma),
    ):
        if masker.config.nIter > 0 and reach > side:
            raise MaskingError(
                f"The image of {phrase(names)} is {exposure.getWidth()} x {exposure.getHeight()} pixels, "
                f"smaller than {what} ({reach:.0f} pixels) of maskTask.detectSigma={sigma:g}; use a larger "
                "piece of the detector, or a smaller detectSigma.",
                **names,
                width=exposure.getWidth(),
                height=exposure.getHeight(),
                reach=float(reach),
            )
    _requireSky(masker, exposure, names)
    _requireVariance(masker, exposure, names)


def _requireSky(masker: MaskObjectsTask, exposure: ExposureF, names: Mapping[str, Any]) -> None:
    """Make sure that there is a pixel to measure each background on."""
    for field in ("subtractBackground", "interpolate"):
        planes = list(getattr(masker.config, field).value.ignoredPixelMask)
        if allMasked(exposure.getMask(), planes):
            raise MaskingError(
                f"All pixels of {phrase(names)} have one of the mask planes {', '.join(planes)}, which "
                f"maskTask.{field} ignores, so that no sky is left to look for objects on; leave this "
                "exposure out, add these planes to maskList, or ignore fewer of them.",
                **names,
                planes=", ".join(planes),
            )


def _requireVariance(masker: MaskObjectsTask, exposure: ExposureF, names: Mapping[str, Any]) -> None:
    """Make sure that there is noise to compare objects with."""
    usesVariance = masker.detection.config.thresholdType == "pixel_stdev" and masker.config.nIter > 0
    if usesVariance and not _anyPositive(exposure.getVariance().array):
        raise MaskingError(
            f"The variance of {phrase(names)} is zero, negative or NaN everywhere, and objects are found by "
            "comparison with it; let instrument signature removal set the variance, or leave this "
            "exposure out.",
            **names,
        )


def _anyPositive(array: np.ndarray) -> bool:
    """Whether any value is positive; most often one of the first rows tells."""
    return any((array[top : top + 64] > 0).any() for top in range(0, len(array), 64))


def maskObjects(
    masker: Any, exposure: ExposureF, planes: list[str], names: Mapping[str, Any], *, keepObjects: bool
) -> float:
    """Mask the objects of an exposure in place, as configured replacing them by sky.

    Parameters
    ----------
    masker : `lsst.pipe.base.Task`
        The task that does so.
    exposure : `lsst.afw.image.Exposure`
        Exposure to change.
    planes : `list` [`str`]
        Mask planes whose pixels are replaced along with the objects.
    names : `dict`
        What the exposure is called, for errors.
    keepObjects : `bool`
        Leave ``DETECTED`` set on objects that were replaced, so that their pixels do not count as sky? Needs
        a masker in two steps, see `isStock`.

    Returns
    -------
    replaced : `float`
        Fraction of the pixels that were replaced or, by a masker of another kind, are masked at the end.

    Raises
    ------
    MaskingError
        Raised if the masker gives up.
    """
    mask = exposure.getMask()
    try:
        if not isStock(masker):
            masker.run(exposure, planes)
            return _fraction(mask.array, mask.getPlaneBitMask(["DETECTED", *planes]))
        masker.findObjects(exposure)
        replaced = _fraction(mask.array, mask.getPlaneBitMask(["DETECTED", *planes]))
        detected = mask.getPlaneBitMask("DETECTED")
        objects = (mask.array & detected).astype(bool) if keepObjects else None
        masker.removeObjects(exposure, planes)
        if objects is not None:
            mask.array[objects] |= detected
    except (AlgorithmError, lsst.pex.exceptions.Exception) as error:
        raise MaskingError(
            f"The objects of {phrase(names)} cannot be masked: {error} Leave this exposure out, or see "
            "whether its variance is right and maskTask.detection.thresholdValue and maskTask.detectSigma "
            "suit it.",
            **names,
            cause=type(error).__name__,
        ) from error
    return replaced


def _fraction(mask: np.ndarray, bits: int) -> float:
    """Fraction of the pixels with any of the bits, some rows at a time."""
    rows: Iterable[np.ndarray] = (mask[top : top + 256] for top in range(0, len(mask), 256))
    return sum(int(np.count_nonzero(part & bits)) for part in rows) / mask.size
