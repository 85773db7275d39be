# SPDX-License-Identifier: GPL-3.0-or-later
"""Masking of the objects of one exposure: preconditions, result, and bins that suit the detector."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
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
    from lsst.utils.logging import LsstLoggers

    from ._protocols import Names

__all__ = (
    "adaptBins",
    "findObjects",
    "isStock",
    "maskNotFinite",
    "maskObjects",
    "requireMaskable",
    "warnOfSize",
)

#: Minimum number of bins along the shorter side of a detector: for the background subtracted before detection
_FINDING_BINS = 4
#: and for the one that replaces objects. The stock bin sizes give a detector of 4096 pixels just as many.
_FILLING_BINS = 8


def isStock(masker: Task) -> TypeGuard[MaskObjectsTask]:
    """Return whether a masker works in the stack's two steps, detecting objects and replacing them."""
    return isinstance(masker, MaskObjectsTask) and type(masker).run is MaskObjectsTask.run


def adaptBins(masker: MaskObjectsTask, width: int, height: int) -> MaskObjectsTask:
    """Return a copy of a masker whose bins are small enough for a detector.

    Parameters
    ----------
    masker : `lsst.pipe.tasks.background.MaskObjectsTask`
        Masker to copy. Not modified.
    width, height : `int`
        Size of the detector (pixels).
    """
    config: Any = masker.config.copy()
    side = min(width, height)
    for background, bins in ((config.subtractBackground, _FINDING_BINS), (config.interpolate, _FILLING_BINS)):
        background.value.binSize = min(background.value.binSize, max(side // bins, 1))
    return type(masker)(config=config, name=masker.getName(), log=masker.log)


def warnOfSize(masker: MaskObjectsTask, width: int, height: int, names: Names, log: LsstLoggers) -> None:
    """Warn if a detector is smaller than one bin of the background subtracted before detection."""
    binSize = masker.config.subtractBackground.value.binSize
    if min(width, height) < binSize:
        log.warning(
            "The image of %s is %d x %d pixels, smaller than one bin of %d "
            "(maskTask.subtractBackground.binSize): its large-scale structure will be mistaken for objects. "
            "Set that field to about %d, or adaptMaskBins=True.",
            phrase(names),
            width,
            height,
            binSize,
            max(min(width, height) // _FINDING_BINS, 1),
        )


def requireMaskable(masker: MaskObjectsTask, exposure: ExposureF, names: Names) -> None:
    """Check that objects can be detected on an exposure, before any of its pixels changes.

    Raises
    ------
    MaskingError
        Raised if the image is smaller than the smoothing kernel or than the distance by which objects are
        grown, if no sky is left to detect objects against, or if no pixel has a positive variance.
    lsst.pex.config.FieldValidationError
        Raised if the configuration is invalid.
    """
    mask = exposure.getMask()
    checkMasker(masker.config, mask)
    side = min(exposure.getWidth(), exposure.getHeight())
    sigma, detection = masker.config.detectSigma, masker.detection
    for what, reach in (
        ("the smoothing kernel", detection.calculateKernelSize(sigma)),
        ("the distance by which objects are grown", detection.config.nSigmaToGrow * sigma),
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


def _requireSky(masker: MaskObjectsTask, exposure: ExposureF, names: Names) -> None:
    """Check that each background has a pixel to be measured from."""
    for field in ("subtractBackground", "interpolate"):
        planes = list(getattr(masker.config, field).value.ignoredPixelMask)
        if allMasked(exposure.getMask(), planes):
            raise MaskingError(
                f"All pixels of {phrase(names)} have one of the mask planes {', '.join(planes)}, which "
                f"maskTask.{field} ignores, so no sky is left to detect objects against; leave this "
                "exposure out, add these planes to maskList, or ignore fewer of them.",
                **names,
                planes=", ".join(planes),
            )


def _requireVariance(masker: MaskObjectsTask, exposure: ExposureF, names: Names) -> None:
    """Check that there is noise to compare objects with."""
    usesVariance = masker.detection.config.thresholdType == "pixel_stdev" and masker.config.nIter > 0
    if usesVariance and not _anyPositive(exposure.getVariance().array):
        raise MaskingError(
            f"The variance of {phrase(names)} is zero, negative or NaN everywhere, but objects are detected "
            "by comparison with it; have instrument signature removal set the variance, or leave this "
            "exposure out.",
            **names,
        )


def _anyPositive(array: np.ndarray) -> bool:
    """Return whether any value is positive; one of the first rows usually decides."""
    return any((array[top : top + 64] > 0).any() for top in range(0, len(array), 64))


def maskObjects(
    masker: Any, exposure: ExposureF, planes: list[str], names: Names, *, keepObjects: bool
) -> float:
    """Mask the objects of an exposure in place and, if so configured, replace them with sky.

    Parameters
    ----------
    masker : `lsst.pipe.base.Task`
        The masker.
    exposure : `lsst.afw.image.Exposure`
        Exposure to modify.
    planes : `list` [`str`]
        Mask planes whose pixels are replaced along with the objects.
    names : `dict`
        Names of the exposure, for error messages.
    keepObjects : `bool`
        Leave ``DETECTED`` set on objects that were replaced, so that their pixels do not count as sky?
        Requires a two-step masker, see `isStock`.

    Returns
    -------
    replaced : `float`
        Fraction of pixels replaced or, for other kinds of masker, masked in the end.

    Raises
    ------
    MaskingError
        Raised if the masker fails.
    """
    mask = exposure.getMask()
    with _namedErrors(names):
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
    return replaced


def maskNotFinite(exposure: ExposureF) -> int:
    """Set NO_DATA on all pixels that are not finite, masked or not, in place; return their number."""
    bad = ~np.isfinite(exposure.getImage().array)
    count = int(np.count_nonzero(bad))
    if count:
        mask = exposure.getMask()
        mask.array[bad] |= mask.getPlaneBitMask("NO_DATA")
    return count


def findObjects(masker: MaskObjectsTask, exposure: ExposureF, names: Names) -> None:
    """Mask the objects of an exposure in place, and replace nothing.

    Raises
    ------
    MaskingError
        Raised if the masker fails, or cannot work on this exposure.
    """
    requireMaskable(masker, exposure, names)
    with _namedErrors(names):
        masker.findObjects(exposure)


@contextlib.contextmanager
def _namedErrors(names: Names) -> Iterator[None]:
    """Convert errors of a masker to `MaskingError`."""
    try:
        yield
    except (AlgorithmError, lsst.pex.exceptions.Exception) as error:
        raise MaskingError(
            f"The objects of {phrase(names)} cannot be masked: {error} Leave this exposure out, or check its "
            "variance and whether maskTask.detection.thresholdValue and maskTask.detectSigma suit it.",
            **names,
            cause=type(error).__name__,
        ) from error


def _fraction(mask: np.ndarray, bits: int) -> float:
    """Return the fraction of pixels with any of the bits set, computed a few rows at a time."""
    rows: Iterable[np.ndarray] = (mask[top : top + 256] for top in range(0, len(mask), 256))
    return sum(int(np.count_nonzero(part & bits)) for part in rows) / mask.size
