# SPDX-License-Identifier: GPL-3.0-or-later
"""Detection of sources on an exposure, as far as the masking of objects needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from lsst.afw.detection import FootprintSet, Threshold, createThreshold
from lsst.afw.math import STDEVCLIP, BackgroundList, StatisticsControl, makeStatistics
from lsst.pex.config import ChoiceField, Config, ConfigurableField, Field, ListField, RangeField
from lsst.pex.exceptions import InvalidParameterError
from lsst.pipe.base import Struct, Task
from lsst.portable.arrays.convolve import window_or
from lsst.portable.arrays.smooth import gaussian_kernel, kernel_width, smooth_inside
from lsst.utils.timer import timeMethod

from ._smoothed_image import SmoothedImage
from .subtractBackground import SubtractBackgroundTask, backgroundFlatContext, subtract_fit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lsst.afw.image import ExposureF, ImageF, MaskedImageF, MaskX
    from lsst.afw.math import BackgroundMI
    from lsst.geom import Box2I
    from lsst.portable.arrays.smooth import RepeatedSmoothing

__all__ = ("SourceDetectionConfig", "SourceDetectionTask")

_PLANES = {"positive": "DETECTED", "negative": "DETECTED_NEGATIVE"}


class SourceDetectionConfig(Config):
    """Configuration of `SourceDetectionTask`."""

    minPixels = RangeField(
        dtype=int, default=1, min=0, doc="Smallest number of pixels of a footprint, before it is grown."
    )
    isotropicGrow = Field[bool](default=True, doc="Grow in a circle? Otherwise in a diamond.")
    combinedGrow = Field[bool](
        default=True, doc="Grow all footprints at once, so that those that come to touch merge?"
    )
    nSigmaToGrow = Field[float](default=2.4, doc="Growth in units of the smoothing sigma; 0 for none.")
    returnOriginalFootprints = Field[bool](
        default=False, doc="Return the footprints as they were before they grew?"
    )
    thresholdValue = RangeField(
        dtype=float, default=5.0, min=0.0, doc="Detection threshold; its units depend on thresholdType."
    )
    includeThresholdMultiplier = RangeField(
        dtype=float,
        default=1.0,
        min=0.0,
        doc="A footprint is kept only when one of its pixels is above this many times the threshold.",
    )
    thresholdType = ChoiceField[str](
        default="pixel_stdev",
        doc="What thresholdValue means.",
        allowed={
            "variance": "multiple of the variance of the image",
            "stdev": "multiple of the standard deviation of the image",
            "value": "pixel value",
            "pixel_stdev": "multiple of the standard deviation of each pixel",
        },
    )
    thresholdPolarity = ChoiceField[str](
        default="positive",
        doc="What to detect.",
        allowed={
            "positive": "pixels above the threshold",
            "negative": "pixels below its negative",
            "both": "both, in planes of their own",
        },
    )
    adjustBackground = Field[float](default=0.0, doc="Constant to add to the background; for debugging.")
    reEstimateBackground = Field[bool](default=True, doc="Estimate the background again at the end?")
    doApplyFlatBackgroundRatio = Field[bool](
        default=False,
        doc="Estimate the backgrounds on an image that is flat to the background instead of to sources?",
    )
    background: ConfigurableField = ConfigurableField(
        target=SubtractBackgroundTask, doc="The background of reEstimateBackground."
    )
    tempLocalBackground: ConfigurableField = ConfigurableField(
        target=SubtractBackgroundTask, doc="The background of doTempLocalBackground."
    )
    doTempLocalBackground = Field[bool](
        default=True, doc="Subtract a small-scale background before peaks are looked for?"
    )
    tempWideBackground: ConfigurableField = ConfigurableField(
        target=SubtractBackgroundTask, doc="The background of doTempWideBackground."
    )
    doTempWideBackground = Field[bool](
        default=False, doc="Subtract a large-scale background while footprints are looked for?"
    )
    nPeaksMaxSimple = Field[int](
        default=1, doc="Number of peaks from which doTempLocalBackground replaces them."
    )
    nSigmaForKernel = Field[float](
        default=7.0, doc="Full width of the smoothing kernel in units of its sigma; made odd."
    )
    statsMask = ListField[str](
        default=["BAD", "SAT", "EDGE", "NO_DATA"],
        doc="Mask planes that do not count for the statistics of thresholdType=stdev.",
    )
    excludeMaskPlanes = ListField[str](default=[], doc="Mask planes within which nothing is to be detected.")

    def setDefaults(self) -> None:
        """Set the scales of the temporary backgrounds."""
        self.tempLocalBackground.binSize = 64
        self.tempLocalBackground.algorithm = "AKIMA_SPLINE"
        self.tempLocalBackground.useApprox = False
        self.tempWideBackground.binSize = 512
        self.tempWideBackground.algorithm = "AKIMA_SPLINE"
        self.tempWideBackground.useApprox = False
        for plane in ("DETECTED", "DETECTED_NEGATIVE"):
            if plane in self.tempWideBackground.ignoredPixelMask:
                self.tempWideBackground.ignoredPixelMask.remove(plane)


class SourceDetectionTask(Task):
    """Find the pixels of sources on an exposure and set mask planes over them.

    Offered is the detection of footprints with a Gaussian of given width, and the estimate of the background
    afterwards. A catalogue of sources (`run`), the PSF of the exposure as the kernel, peaks (for which
    alone ``doTempLocalBackground`` matters) and the wide background within detection are not.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`, optional
        Accepted for the sake of callers of the stack; not used.
    **kwargs : `object`
        Passed on to `lsst.pipe.base.Task`.

    Raises
    ------
    NotImplementedError
        When the configuration asks for what is not offered.
    """

    ConfigClass = SourceDetectionConfig
    config: SourceDetectionConfig
    background: SubtractBackgroundTask
    _DefaultName = "sourceDetection"

    def __init__(self, schema: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        unoffered = {
            "doTempWideBackground": False,
            "excludeMaskPlanes": [],
        }
        for name, value in unoffered.items():
            given = getattr(self.config, name)
            if (list(given) if isinstance(value, list) else given) != value:
                raise NotImplementedError(
                    f"SourceDetectionTask of the portable stack does not offer {name}={given!r}; "
                    f"set config.{name}={value!r}."
                )
        if self.config.reEstimateBackground:
            self.makeSubtask("background")

    def run(self, *args: Any, **kwargs: Any) -> Struct:
        """Not offered.

        Raises
        ------
        NotImplementedError
            Always.
        """
        raise NotImplementedError(
            "Source catalogues are not part of the portable stack; use detectFootprints(exposure, sigma=...)."
        )

    @timeMethod
    def detectFootprints(
        self,
        exposure: ExposureF,
        doSmooth: bool = True,
        sigma: float | None = None,
        clearMask: bool = True,
        expId: int | None = None,
        background: BackgroundList | None = None,
        backgroundToPhotometricRatio: ImageF | None = None,
        smoothedVariance: RepeatedSmoothing | None = None,
    ) -> Struct:
        """Detect footprints and set their mask planes on the exposure.

        Parameters
        ----------
        exposure : `lsst.afw.image.ExposureF`
            Exposure to search, background already subtracted. Its mask is changed: ``DETECTED`` and
            ``DETECTED_NEGATIVE`` are set over the grown footprints and ``EDGE`` where the kernel does not
            fit. With ``config.reEstimateBackground`` its image loses the background that is left.
        doSmooth : `bool`, optional
            Smooth image and variance with a Gaussian first?
        sigma : `float`, optional
            Standard deviation of the Gaussian (pixels), which also is the unit of growth.
        clearMask : `bool`, optional
            Clear both detection planes first?
        expId : `int`, optional
            Accepted for the sake of callers of the stack; not used.
        background : `lsst.afw.math.BackgroundList`, optional
            What was subtracted before; the background that is estimated again is appended. A new list by
            default.
        backgroundToPhotometricRatio : `lsst.afw.image.ImageF`, optional
            Factor per pixel, see `backgroundFlatContext`; used with ``config.doApplyFlatBackgroundRatio``.
        smoothedVariance : `~lsst.portable.arrays.smooth.RepeatedSmoothing`, optional
            What came of smoothing the variance of this exposure before, for callers who search one exposure
            several times and leave its variance alone.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            Struct with ``positive`` and ``negative`` (`~lsst.afw.detection.FootprintSet`, or None when not
            looked for), ``factor`` (1.0) and ``background`` (`lsst.afw.math.BackgroundList`).

        Raises
        ------
        NotImplementedError
            When ``sigma`` is None.
        lsst.pex.exceptions.InvalidParameterError
            When ``sigma`` is not positive, or the image is smaller than the kernel; the exposure is as it
            was.
        TooManyMaskedPixelsError
            When no pixel is left to estimate the background on; the mask is changed.
        """
        if sigma is None:
            raise NotImplementedError(
                "Detection with the PSF of the exposure is not part of the portable stack; pass sigma "
                "(pixels)."
            )
        image = exposure.maskedImage
        self._checkKernel(image.getBBox(), sigma, doSmooth)
        if clearMask:
            self.clearMask(exposure.mask)
        # Without a name, the smoothed image is gone when it has been searched.
        results = self.applyThreshold(
            self._smoothByRows(image, sigma, doSmooth, smoothedVariance)
            if self._searchesByRows()
            else self.convolveImage(image, sigma, doSmooth=doSmooth).middle,
            image.getBBox(),
        )
        results.background = background if background is not None else BackgroundList()
        self.finalizeFootprints(exposure.mask, results, sigma)
        if self.config.reEstimateBackground:
            self.reEstimateBackground(image, results.background, backgroundToPhotometricRatio)
        self.clearUnwantedResults(exposure.mask, results)
        return results

    def reEstimateBackground(
        self,
        maskedImage: MaskedImageF,
        backgrounds: BackgroundList,
        backgroundToPhotometricRatio: ImageF | None = None,
    ) -> BackgroundMI:
        """Estimate the background beside what was detected, and subtract it.

        Parameters
        ----------
        maskedImage : `lsst.afw.image.MaskedImageF`
            Image to change.
        backgrounds : `lsst.afw.math.BackgroundList`
            What was subtracted before; gets a member.
        backgroundToPhotometricRatio : `lsst.afw.image.ImageF`, optional
            Factor per pixel, see `backgroundFlatContext`; used with ``config.doApplyFlatBackgroundRatio``.

        Returns
        -------
        background : `lsst.afw.math.BackgroundMI`
            What was subtracted.

        Raises
        ------
        TooManyMaskedPixelsError
            When every pixel is masked.
        """
        with backgroundFlatContext(
            maskedImage, self.config.doApplyFlatBackgroundRatio, backgroundToPhotometricRatio
        ):
            fit = self.background.fitBackground(maskedImage)
            if self.config.adjustBackground:
                self.log.warning("Adding %g to the background.", self.config.adjustBackground)
                fit += self.config.adjustBackground
            subtract_fit(maskedImage, fit, self.background.config, backgrounds)
        return fit

    def clearUnwantedResults(self, mask: MaskX, results: Struct) -> None:
        """Forget what was detected for the sake of the background alone, and clear its plane, in place.

        Parameters
        ----------
        mask : `lsst.afw.image.MaskX`
            Mask to change.
        results : `lsst.pipe.base.Struct`
            What `applyThreshold` returned.
        """
        for polarity, plane in _PLANES.items():
            if self.config.thresholdPolarity not in (polarity, "both"):
                if self.config.reEstimateBackground:
                    mask &= ~mask.getPlaneBitMask(plane)
                setattr(results, polarity, None)

    def clearMask(self, mask: MaskX) -> None:
        """Clear the planes ``DETECTED`` and ``DETECTED_NEGATIVE`` of a mask, in place."""
        mask &= ~mask.getPlaneBitMask(list(_PLANES.values()))

    def calculateKernelSize(self, sigma: float) -> int:
        """Return the full width (pixels, odd) of the smoothing kernel for a Gaussian of ``sigma`` pixels."""
        return kernel_width(sigma, self.config.nSigmaForKernel)

    def convolveImage(self, maskedImage: MaskedImageF, sigma: float, doSmooth: bool = True) -> Struct:
        """Smooth image and variance, and set ``EDGE`` where the kernel does not fit.

        Parameters
        ----------
        maskedImage : `lsst.afw.image.MaskedImageF`
            Image to smooth; only its plane ``EDGE`` is changed.
        sigma : `float`
            Standard deviation of the Gaussian (pixels).
        doSmooth : `bool`, optional
            Do it; otherwise ``middle`` is a copy of the image.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            Struct with ``middle``, the smoothed image without its edges (its mask has the bits of all pixels
            under the kernel, its variance is the variance smoothed with the square of the kernel), and
            ``sigma``.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            When ``sigma`` is not positive, or the image is smaller than the kernel.
        """
        kernel = self._prepareKernel(maskedImage.getBBox(), sigma, doSmooth)
        if kernel is None:
            return Struct(middle=maskedImage.clone(), sigma=sigma)
        inside = maskedImage.getBBox().erodedBy(len(kernel) // 2)
        image = type(maskedImage.image)(inside)
        variance = type(maskedImage.variance)(inside)
        smooth_inside(maskedImage.image.array, kernel, out=image.array)
        smooth_inside(maskedImage.variance.array, kernel**2, out=variance.array)
        mask = maskedImage.mask[inside].clone()
        mask.array[:] = window_or(maskedImage.mask.array, len(kernel), len(kernel))
        self._setEdge(maskedImage.mask, len(kernel) // 2)
        middle = type(maskedImage)(image, mask, variance)
        return Struct(middle=middle, sigma=sigma)

    def _prepareKernel(self, box: Box2I, sigma: float, doSmooth: bool) -> NDArray[np.float64] | None:
        """Make the kernel of an image's smoothing, `None` for none, and note it in the metadata."""
        self._checkKernel(box, sigma, doSmooth)
        self.metadata["doSmooth"] = doSmooth
        self.metadata["sigma"] = sigma
        if not doSmooth:
            return None
        width = self.calculateKernelSize(sigma)
        self.metadata["smoothingKernelWidth"] = width
        return gaussian_kernel(sigma, width)

    def _checkKernel(self, box: Box2I, sigma: float, doSmooth: bool) -> None:
        """Check that an image can be smoothed."""
        if not sigma > 0:
            raise InvalidParameterError(f"The smoothing needs a positive sigma (pixels), got {sigma}.")
        width = self.calculateKernelSize(sigma)
        if doSmooth and min(box.getWidth(), box.getHeight()) < width:
            raise InvalidParameterError(
                f"An image of {box.getWidth()} x {box.getHeight()} pixels is smaller than the smoothing "
                "kernel of "
                f"{width} x {width}; use a larger image or a smaller sigma than {sigma}."
            )

    def _searchesByRows(self) -> bool:
        """Whether nobody can tell that the smoothed image never exists as a whole.

        A level that depends on all of it needs it, and so does a subclass with a step of its own. Where it is
        searched twice, for either sign, it is better made once.
        """
        twice = self.config.reEstimateBackground or self.config.thresholdPolarity == "both"

        steps = ("convolveImage", "makeThreshold", "applyThreshold")
        own = all(getattr(type(self), name) is getattr(SourceDetectionTask, name) for name in steps)
        return own and not twice and self.config.thresholdType in ("value", "pixel_stdev")

    def _smoothByRows(
        self,
        maskedImage: MaskedImageF,
        sigma: float,
        doSmooth: bool,
        smoothedVariance: RepeatedSmoothing | None,
    ) -> MaskedImageF:
        """Do what `convolveImage` does, but make the pixels of the smoothed image when it is searched."""
        kernel = self._prepareKernel(maskedImage.getBBox(), sigma, doSmooth)
        if kernel is None:
            return maskedImage
        self._setEdge(maskedImage.mask, len(kernel) // 2)
        return cast("MaskedImageF", SmoothedImage(maskedImage, kernel, smoothedVariance))

    @staticmethod
    def _setEdge(mask: MaskX, width: int) -> None:
        if width == 0:
            return
        bit = mask.getPlaneBitMask("EDGE")
        array = mask.array
        for edge in (
            array[:width],
            array[-width:],
            array[width:-width, :width],
            array[width:-width, -width:],
        ):
            edge |= bit

    def makeThreshold(self, image: MaskedImageF, thresholdParity: str, factor: float = 1.0) -> Threshold:
        """Make the configured threshold.

        Parameters
        ----------
        image : `lsst.afw.image.MaskedImageF`
            Image that will be searched; the types ``stdev`` and, later, ``variance`` measure its noise.
        thresholdParity : `str`
            ``positive`` or ``negative``.
        factor : `float`, optional
            Multiplier of the configured value.
        """
        value, kind = self.config.thresholdValue * factor, self.config.thresholdType
        if kind == "stdev":
            statistics = StatisticsControl()
            statistics.setAndMask(image.mask.getPlaneBitMask(list(self.config.statsMask)))
            value *= makeStatistics(image, STDEVCLIP, statistics).getValue()
            kind = "value"
        threshold = createThreshold(value, kind, thresholdParity != "negative")
        threshold.setIncludeMultiplier(self.config.includeThresholdMultiplier)
        return threshold

    def applyThreshold(self, middle: MaskedImageF, bbox: Box2I, factor: float = 1.0) -> Struct:
        """Find the pixels beyond the threshold.

        Parameters
        ----------
        middle : `lsst.afw.image.MaskedImageF`
            Smoothed image.
        bbox : `lsst.geom.Box2I`
            Box that footprints may grow into: that of the image before smoothing.
        factor : `float`, optional
            Multiplier of the configured threshold.

        Returns
        -------
        results : `lsst.pipe.base.Struct`
            Struct with ``positive`` and ``negative``, a `~lsst.afw.detection.FootprintSet` or None, and
            ``factor``.
        """
        results = Struct(positive=None, negative=None, factor=factor)
        for polarity in _PLANES:
            if self.config.reEstimateBackground or self.config.thresholdPolarity in (polarity, "both"):
                threshold = self.makeThreshold(middle, polarity, factor)
                footprints = FootprintSet(middle, threshold, "", self.config.minPixels)
                footprints.setRegion(bbox)
                setattr(results, polarity, footprints)
        return results

    def finalizeFootprints(self, mask: MaskX, results: Struct, sigma: float, factor: float = 1.0) -> None:
        """Grow the footprints and set their mask planes.

        Parameters
        ----------
        mask : `lsst.afw.image.MaskX`
            Mask to change.
        results : `lsst.pipe.base.Struct`
            What `applyThreshold` returned; its footprints are replaced by the grown ones, unless
            ``config.returnOriginalFootprints``.
        sigma : `float`
            Unit of growth (pixels).
        factor : `float`, optional
            Multiplier of the threshold that was used; for the log.
        """
        for polarity, plane in _PLANES.items():
            footprints = getattr(results, polarity)
            if footprints is None:
                continue
            if self.config.nSigmaToGrow > 0:
                pixels = int(self.config.nSigmaToGrow * sigma + 0.5)
                self.metadata["nGrow"] = pixels
                footprints = FootprintSet(footprints, pixels, self.config.isotropicGrow)
            footprints.setMask(mask, plane)
            if not self.config.returnOriginalFootprints:
                setattr(results, polarity, footprints)
        value = self.config.thresholdValue * self.config.includeThresholdMultiplier * factor
        units = "counts" if self.config.thresholdType == "value" else "sigma"
        self.log.debug("Detected %s footprints to %g %s.", self.config.thresholdPolarity, value, units)
