# SPDX-License-Identifier: GPL-3.0-or-later
"""Mask the objects on an exposure and replace them by sky."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.meas.algorithms import SourceDetectionTask, SubtractBackgroundTask, TooManyMaskedPixelsError
from lsst.pex.config import Config, ConfigurableField, Field
from lsst.pipe.base import Task
from lsst.portable.arrays.rows import image_rows
from lsst.portable.arrays.smooth import RepeatedSmoothing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsst.afw.image import ExposureF

__all__ = ("MaskObjectsConfig", "MaskObjectsTask")


class MaskObjectsConfig(Config):
    """Configuration of `MaskObjectsTask`."""

    __module__ = "lsst.pipe.tasks.background"

    nIter = Field[int](default=3, doc="Number of rounds of background subtraction and detection.")
    subtractBackground: ConfigurableField = ConfigurableField(
        target=SubtractBackgroundTask, doc="Background that is taken away while objects are looked for."
    )
    detection: ConfigurableField = ConfigurableField(target=SourceDetectionTask, doc="Detection of objects.")
    detectSigma = Field[float](
        default=5.0,
        doc="Standard deviation of the Gaussian to detect with (pixels); not the threshold, which is "
        "detection.thresholdValue.",
    )
    doInterpolate = Field[bool](
        default=True, doc="Replace objects by a background model? Otherwise by the median."
    )
    interpolate: ConfigurableField = ConfigurableField(
        target=SubtractBackgroundTask, doc="Background model that objects are replaced by."
    )

    def setDefaults(self) -> None:
        """Set scales and threshold, and turn off what detection does not need here."""
        self.detection.reEstimateBackground = False
        self.detection.doTempLocalBackground = False
        self.detection.doTempWideBackground = False
        self.detection.thresholdValue = 2.5
        self.subtractBackground.binSize = 1024
        self.subtractBackground.useApprox = False
        self.interpolate.binSize = 256
        self.interpolate.useApprox = False

    def validate(self) -> None:
        """Check that detection leaves the background alone.

        Raises
        ------
        RuntimeError
            When ``detection`` is set to change the background.
        """
        super().validate()
        for name in ("reEstimateBackground", "doTempLocalBackground", "doTempWideBackground"):
            if getattr(self.detection, name):
                raise RuntimeError(
                    f"Incorrect settings for object masking: detection.{name} is True, but the "
                    "background is handled "
                    "by subtractBackground; set it to False."
                )


class MaskObjectsTask(Task):
    """Mask objects down to their faint wings, by detection and background subtraction in turn.

    A broad Gaussian is used in place of the PSF, since it is the wings that matter for the sky.
    """

    __module__ = "lsst.pipe.tasks.background"

    ConfigClass = MaskObjectsConfig
    config: MaskObjectsConfig
    detection: SourceDetectionTask
    interpolate: SubtractBackgroundTask
    subtractBackground: SubtractBackgroundTask
    _DefaultName = "maskObjects"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.makeSubtask("detection")
        self.makeSubtask("interpolate")
        self.makeSubtask("subtractBackground")

    def run(self, exposure: ExposureF, maskPlanes: Iterable[str] | None = None) -> None:
        """Find objects on an exposure and replace them by sky, in place.

        Parameters
        ----------
        exposure : `lsst.afw.image.ExposureF`
            Exposure to change, see `findObjects` and `removeObjects`.
        maskPlanes : `collections.abc.Iterable` [`str`], optional
            Mask planes whose pixels are replaced too.

        Raises
        ------
        lsst.meas.algorithms.TooManyMaskedPixelsError
            When no good pixel is left to measure the sky on.
        """
        self.findObjects(exposure)
        self.removeObjects(exposure, maskPlanes)

    def findObjects(self, exposure: ExposureF) -> None:
        """Find objects on an exposure, and set its mask in place.

        Parameters
        ----------
        exposure : `lsst.afw.image.ExposureF`
            Exposure whose mask is changed: ``DETECTED`` over objects, ``EDGE`` where the detection kernel
            does not fit. Its image is the same as before but for rounding, since the backgrounds that are
            subtracted are added back, also where the detection ends in an error; its metadata gain their
            statistics (``BGMEAN``, ``BGVAR``). A NaN pixel that is not masked stays as it is; where many
            leave no cell of the background with a value, the image becomes NaN, nothing is detected, and a
            warning is logged.

        Raises
        ------
        lsst.meas.algorithms.TooManyMaskedPixelsError
            When no good pixel is left to measure the background on.
        """
        given: dict[str, Any] = {"sigma": self.config.detectSigma, "clearMask": True}
        if type(self.detection).detectFootprints is SourceDetectionTask.detectFootprints:
            # All rounds search for the same noise; it is smoothed in the first.
            given["smoothedVariance"] = RepeatedSmoothing(exposure.variance.array)
        for _ in range(self.config.nIter):
            background = self.subtractBackground.run(exposure).background
            try:
                self.detection.detectFootprints(exposure, **given)
            finally:
                image_rows(background).add_to(exposure.image.array)

    def removeObjects(self, exposure: ExposureF, maskPlanes: Iterable[str] | None = None) -> None:
        """Replace the objects on an exposure by sky, in place.

        Parameters
        ----------
        exposure : `lsst.afw.image.ExposureF`
            Exposure to change. With ``config.doInterpolate`` pixels are replaced by a background model and
            ``DETECTED`` is cleared; otherwise by the median of the others, and the mask is left as it is.
        maskPlanes : `collections.abc.Iterable` [`str`], optional
            Mask planes whose pixels are replaced, besides ``DETECTED``.

        Raises
        ------
        lsst.meas.algorithms.TooManyMaskedPixelsError
            When no good pixel is left.
        """
        planes = ["DETECTED", *(maskPlanes or ())]
        replace = self._replaceByModel if self.config.doInterpolate else self._replaceByMedian
        if not replace(exposure, planes):
            self.log.warning(
                "Masked pixels were replaced by values that are not finite, because good pixels hold some: "
                "mask them (NO_DATA) first."
            )

    def _replaceByModel(self, exposure: ExposureF, planes: list[str]) -> bool:
        """Replace pixels by a background model and clear ``DETECTED``; returns whether all are finite."""
        image, mask = exposure.image.array, exposure.mask.array
        bits = exposure.mask.getPlaneBitMask(planes)
        detected = np.int32(exposure.mask.getPlaneBitMask("DETECTED"))
        config = self.interpolate.config
        model = self.interpolate.fitBackground(exposure.maskedImage)
        finite = []

        def work(rows: slice, values: NDArray[np.floating]) -> None:
            bad = (mask[rows] & bits) != 0
            np.copyto(image[rows], values, where=bad)
            mask[rows] &= ~detected
            finite.append(bool((np.isfinite(values) | ~bad).all()))

        image_rows(model, config.algorithm, config.undersampleStyle).use(work)
        return all(finite)

    def _replaceByMedian(self, exposure: ExposureF, planes: list[str]) -> bool:
        """Replace pixels by the median of the others; returns whether it is finite."""
        image, mask = exposure.image.array, exposure.mask
        bad = (mask.array & mask.getPlaneBitMask(planes)) != 0
        if bad.all():
            raise TooManyMaskedPixelsError(
                f"All {bad.size} pixels are masked by one of {', '.join(planes)}; no sky is left to "
                "replace objects "
                "by. Leave this image out, or name fewer mask planes.",
                nPixels=int(bad.size),
            )
        median = np.median(image[~bad])
        image[bad] = median
        return bool(np.isfinite(median)) or not bad.any()
