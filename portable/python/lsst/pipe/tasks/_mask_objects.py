# SPDX-License-Identifier: GPL-3.0-or-later
"""Mask the objects on an exposure and replace them with sky."""

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

    nIter = Field[int](default=3, doc="Number of iterations of background subtraction and detection.")
    subtractBackground: ConfigurableField = ConfigurableField(
        target=SubtractBackgroundTask, doc="Subtask for the background subtracted during detection."
    )
    detection: ConfigurableField = ConfigurableField(
        target=SourceDetectionTask, doc="Subtask that detects objects."
    )
    detectSigma = Field[float](
        default=5.0,
        doc="Standard deviation of the detection kernel, a Gaussian (pixels); the threshold is "
        "detection.thresholdValue.",
    )
    doInterpolate = Field[bool](
        default=True, doc="Replace objects with a background model rather than with the median?"
    )
    interpolate: ConfigurableField = ConfigurableField(
        target=SubtractBackgroundTask, doc="Subtask for the background model that replaces objects."
    )

    def setDefaults(self) -> None:
        """Set scales and threshold, and turn off steps of detection that are not needed here."""
        self.detection.reEstimateBackground = False
        self.detection.doTempLocalBackground = False
        self.detection.doTempWideBackground = False
        self.detection.thresholdValue = 2.5
        self.subtractBackground.binSize = 1024
        self.subtractBackground.useApprox = False
        self.interpolate.binSize = 256
        self.interpolate.useApprox = False

    def validate(self) -> None:
        """Check that detection does not change the background.

        Raises
        ------
        RuntimeError
            Raised if ``detection`` is configured to change the background.
        """
        super().validate()
        for name in ("reEstimateBackground", "doTempLocalBackground", "doTempWideBackground"):
            if getattr(self.detection, name):
                raise RuntimeError(
                    f"Incorrect settings for object masking: detection.{name} is True, but the background is "
                    "handled by subtractBackground; set it to False."
                )


class MaskObjectsTask(Task):
    """Mask objects down to their faint wings, by alternating detection and background subtraction.

    A broad Gaussian is used instead of the PSF, because it is the wings that matter for the sky.
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
        """Detect objects on an exposure and replace them with sky, in place.

        Parameters
        ----------
        exposure : `lsst.afw.image.ExposureF`
            Exposure to modify, see `findObjects` and `removeObjects`.
        maskPlanes : `collections.abc.Iterable` [`str`], optional
            Mask planes whose pixels are replaced, too.

        Raises
        ------
        lsst.meas.algorithms.TooManyMaskedPixelsError
            Raised if no good pixel is left to measure the sky from.
        """
        self.findObjects(exposure)
        self.removeObjects(exposure, maskPlanes)

    def findObjects(self, exposure: ExposureF) -> None:
        """Detect objects on an exposure, and set its mask in place.

        Parameters
        ----------
        exposure : `lsst.afw.image.ExposureF`
            Exposure to modify: its mask gets ``DETECTED`` over objects and ``EDGE`` where the detection
            kernel does not fit. Its image stays the same up to rounding, because the subtracted backgrounds
            are added back, even if detection fails; its metadata gain their statistics (``BGMEAN``,
            ``BGVAR``). An unmasked NaN pixel stays as it is; if there are so many that no cell of the
            background has a value, the image becomes NaN, nothing is detected, and a warning is logged.

        Raises
        ------
        lsst.meas.algorithms.TooManyMaskedPixelsError
            Raised if no good pixel is left to measure the background from.
        """
        given: dict[str, Any] = {"sigma": self.config.detectSigma, "clearMask": True}
        if type(self.detection).detectFootprints is SourceDetectionTask.detectFootprints:
            # The noise is the same in all iterations; smooth it only in the first.
            given["smoothedVariance"] = RepeatedSmoothing(exposure.variance.array)
        for _ in range(self.config.nIter):
            background = self.subtractBackground.run(exposure).background
            try:
                self.detection.detectFootprints(exposure, **given)
            finally:
                image_rows(background).add_to(exposure.image.array)

    def removeObjects(self, exposure: ExposureF, maskPlanes: Iterable[str] | None = None) -> None:
        """Replace the objects on an exposure with sky, in place.

        Parameters
        ----------
        exposure : `lsst.afw.image.ExposureF`
            Exposure to modify. With ``config.doInterpolate``, pixels are replaced with a background model and
            ``DETECTED`` is cleared; otherwise with the median of the others, and the mask is unchanged.
        maskPlanes : `collections.abc.Iterable` [`str`], optional
            Mask planes whose pixels are replaced, besides ``DETECTED``.

        Raises
        ------
        lsst.meas.algorithms.TooManyMaskedPixelsError
            Raised if no good pixel is left.
        """
        planes = ["DETECTED", *(maskPlanes or ())]
        replace = self._replaceByModel if self.config.doInterpolate else self._replaceByMedian
        if not replace(exposure, planes):
            self.log.warning(
                "Masked pixels were replaced with values that are not finite, because some good pixels are "
                "not: mask them (NO_DATA) first."
            )

    def _replaceByModel(self, exposure: ExposureF, planes: list[str]) -> bool:
        """Replace pixels with a background model and clear ``DETECTED``; return whether all are finite."""
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
        """Replace pixels with the median of the others; return whether it is finite."""
        image, mask = exposure.image.array, exposure.mask
        bad = (mask.array & mask.getPlaneBitMask(planes)) != 0
        if bad.all():
            raise TooManyMaskedPixelsError(
                f"All {bad.size} pixels are masked by one of {', '.join(planes)}; no sky is left to replace "
                "objects with. Leave this image out, or name fewer mask planes.",
                nPixels=int(bad.size),
            )
        median = np.median(image[~bad])
        image[bad] = median
        return bool(np.isfinite(median)) or not bad.any()
