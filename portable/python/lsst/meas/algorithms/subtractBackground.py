# SPDX-License-Identifier: GPL-3.0-or-later
"""Fit a background to an exposure and subtract it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.afw import image as afwImage
from lsst.afw import math as afwMath
from lsst.pex.config import ChoiceField, Config, Field, ListField, RangeField
from lsst.pipe.base import Struct, Task
from lsst.portable.arrays.rows import SummedRows, image_rows

from ._errors import TooManyMaskedPixelsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsst.afw.image import ExposureF, ImageF, MaskedImageF
    from lsst.afw.math import BackgroundControl, BackgroundList, BackgroundMI

__all__ = (
    "SubtractBackgroundConfig",
    "SubtractBackgroundTask",
    "TooManyMaskedPixelsError",
    "backgroundFlatContext",
)


class SubtractBackgroundConfig(Config):
    """Configuration of `SubtractBackgroundTask`."""

    statisticsProperty = ChoiceField[str](
        default="MEANCLIP",
        doc="Statistic that stands for a cell of the grid.",
        allowed={"MEANCLIP": "clipped mean", "MEAN": "mean of all good pixels", "MEDIAN": "median"},
    )
    undersampleStyle = ChoiceField[str](
        default="REDUCE_INTERP_ORDER",
        doc="What to do where the grid has too few cells for the interpolation.",
        allowed={
            "THROW_EXCEPTION": "raise an error",
            "REDUCE_INTERP_ORDER": "use an interpolation of lower order",
            "INCREASE_NXNYSAMPLE": "use more and smaller cells",
        },
    )
    binSize = RangeField(dtype=int, default=128, min=1, doc="Side of a cell of the grid (pixels).")
    binSizeX = RangeField(dtype=int, default=0, min=0, doc="Width of a cell (pixels); 0 to use binSize.")
    binSizeY = RangeField(dtype=int, default=0, min=0, doc="Height of a cell (pixels); 0 to use binSize.")
    algorithm = ChoiceField[str](
        default="AKIMA_SPLINE",
        optional=True,
        doc="Interpolation between the cells.",
        allowed={
            "CONSTANT": "one value from one breakpoint to the next",
            "LINEAR": "straight lines",
            "NATURAL_SPLINE": "cubic spline, second derivative zero at the ends",
            "AKIMA_SPLINE": "cubic spline that does not overshoot beside an outlier",
            "NONE": "no background is to be estimated",
        },
    )
    ignoredPixelMask = ListField[str](
        default=["BAD", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "NO_DATA"],
        doc="Mask planes whose pixels do not count.",
        itemCheck=lambda plane: plane in afwImage.MaskX().getMaskPlaneDict(),
    )
    isNanSafe = Field[bool](
        default=False,
        doc="Skip NaN pixels? Otherwise one that is not masked spoils the mean of its cell.",
    )
    useApprox = Field[bool](
        default=True, doc="Model the cells by a Chebyshev polynomial instead of interpolating?"
    )
    approxOrderX = Field[int](default=6, doc="Order of the polynomial in x (used with useApprox).")
    approxOrderY = Field[int](
        default=-1,
        doc="Order of the polynomial in y; must equal approxOrderX, or -1 for the same.",
    )
    weighting = Field[bool](
        default=True, doc="Weight the cells by their inverse variance (used with useApprox)?"
    )
    doApplyFlatBackgroundRatio = Field[bool](
        default=False,
        doc="Turn the photometrically flat image into one that is flat to the background, for the fit? Needs "
        "backgroundToPhotometricRatio when run.",
    )
    doFilterSuperPixels = Field[bool](
        default=False, doc="Remove outliers among the cells? (Not offered by the portable stack.)"
    )
    superPixelFilterSize = Field[int](
        default=3, doc="Side of the median filter of doFilterSuperPixels (cells)."
    )


@contextmanager
def backgroundFlatContext(
    maskedImage: MaskedImageF, doApply: bool, backgroundToPhotometricRatio: ImageF | None = None
) -> Iterator[MaskedImageF]:
    """Hold an image in background-flattened form; it is multiplied on entry and divided on exit.

    Parameters
    ----------
    maskedImage : `lsst.afw.image.MaskedImageF`
        Photometrically flat image; changed in place.
    doApply : `bool`
        Do it; otherwise the image is handed on as it is.
    backgroundToPhotometricRatio : `lsst.afw.image.ImageF`, optional
        Factor per pixel, needed with ``doApply``.

    Raises
    ------
    RuntimeError
        When ``doApply`` is set and there is no ratio image.
    ValueError
        When the ratio is not an image.
    """
    if doApply:
        if backgroundToPhotometricRatio is None:
            raise RuntimeError(
                "Converting to a background-flattened image was asked for, but "
                "backgroundToPhotometricRatio is "
                "None; pass the ratio image or set doApplyFlatBackgroundRatio=False."
            )
        if not isinstance(backgroundToPhotometricRatio, afwImage.Image):
            raise ValueError(
                "backgroundToPhotometricRatio must be an lsst.afw.image.Image, "
                f"got {type(backgroundToPhotometricRatio).__name__}."
            )
        maskedImage *= backgroundToPhotometricRatio
    try:
        yield maskedImage
    finally:
        if doApply:
            maskedImage /= backgroundToPhotometricRatio


class SubtractBackgroundTask(Task):
    """Fit a background to an exposure and subtract it."""

    ConfigClass = SubtractBackgroundConfig
    config: SubtractBackgroundConfig
    _DefaultName = "subtractBackground"

    def run(
        self,
        exposure: ExposureF,
        background: BackgroundList | None = None,
        stats: bool = True,
        statsKeys: tuple[str, str] | None = None,
        backgroundToPhotometricRatio: ImageF | None = None,
    ) -> Struct:
        """Fit the background of an exposure and subtract it in place.

        Parameters
        ----------
        exposure : `lsst.afw.image.ExposureF`
            Exposure to change: its image loses the background, its metadata gain the statistics.
        background : `lsst.afw.math.BackgroundList`, optional
            Model that was subtracted before; the new one is appended to it. A new list by default.
        stats : `bool`, optional
            Add mean and variance of the full model to the metadata of the exposure?
        statsKeys : `tuple` [`str`, `str`], optional
            Their two keys, ``("BGMEAN", "BGVAR")`` by default.
        backgroundToPhotometricRatio : `lsst.afw.image.ImageF`, optional
            Factor per pixel, see `backgroundFlatContext`; used with ``config.doApplyFlatBackgroundRatio``.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            Struct with ``background``, the full model (`lsst.afw.math.BackgroundList`).

        Raises
        ------
        TooManyMaskedPixelsError
            When every pixel is masked.
        """
        if background is None:
            background = afwMath.BackgroundList()
        maskedImage = exposure.maskedImage
        with backgroundFlatContext(
            maskedImage, self.config.doApplyFlatBackgroundRatio, backgroundToPhotometricRatio
        ):
            fit = self.fitBackground(maskedImage)
            model = subtract_fit(maskedImage, fit, self.config, background)
            if stats:
                total = image_rows(background) if len(background) > 1 else model
                self._addStats(exposure, total, statsKeys or ("BGMEAN", "BGVAR"))
        return Struct(background=background)

    def fitBackground(
        self, maskedImage: MaskedImageF, nx: int = 0, ny: int = 0, algorithm: str | None = None
    ) -> BackgroundMI:
        """Estimate the background of a masked image, which is not changed.

        Parameters
        ----------
        maskedImage : `lsst.afw.image.MaskedImageF`
            Image to measure.
        nx, ny : `int`, optional
            Number of cells in x and y; 0 for as few as cover the image when none is larger than
            configured.
        algorithm : `str`, optional
            Interpolation, by default ``config.algorithm``.

        Returns
        -------
        background : `lsst.afw.math.BackgroundMI`
            The model (`lsst.afw.math.BackgroundMI`). A cell without any good pixel is NaN and does not take
            part in the interpolation, nor does one whose mean is NaN for a NaN pixel that is not masked
            (clipped means and medians mostly survive one; ``config.isNanSafe`` leaves it out); when that is
            so for all cells the model is NaN everywhere and a warning is logged.

        Raises
        ------
        TooManyMaskedPixelsError
            When every pixel is masked.
        NotImplementedError
            When ``config.doFilterSuperPixels`` is set.
        ValueError
            When the order of the Chebyshev polynomial does not fit the configuration or the image.
        """
        if self.config.doFilterSuperPixels:
            raise NotImplementedError(
                "Filtering of superpixels is not part of the portable stack; set doFilterSuperPixels=False."
            )
        cell_x = self.config.binSizeX or self.config.binSize
        cell_y = self.config.binSizeY or self.config.binSize
        nx = nx or math.ceil(maskedImage.getWidth() / cell_x)
        ny = ny or math.ceil(maskedImage.getHeight() / cell_y)

        ignored = list(self.config.ignoredPixelMask)
        bits = maskedImage.mask.getPlaneBitMask(ignored)
        if not _any_unmasked(maskedImage.mask.array, bits):
            raise TooManyMaskedPixelsError(
                f"All {maskedImage.mask.array.size} pixels are masked by one of {', '.join(ignored)}; "
                "cannot estimate a background. Leave this image out, or ignore fewer planes.",
                nPixels=int(maskedImage.mask.array.size),
            )
        statistics = afwMath.StatisticsControl()
        statistics.setAndMask(bits)
        statistics.setNanSafe(self.config.isNanSafe)
        control = afwMath.BackgroundControl(
            algorithm or self.config.algorithm,
            nx,
            ny,
            self.config.undersampleStyle,
            statistics,
            self.config.statisticsProperty,
        )
        if self.config.useApprox:
            self._setApproximation(control, maskedImage.getWidth(), maskedImage.getHeight(), nx, ny)
        background = afwMath.makeBackground(maskedImage, control)
        if not np.isfinite(background.getStatsImage().image.array).any():
            self.log.warning(
                "No cell of the %d x %d background has a finite %s, so the model is NaN everywhere: %d "
                "pixels are not "
                "finite. Mask them (NO_DATA), or set isNanSafe=True.",
                nx,
                ny,
                self.config.statisticsProperty,
                int(np.count_nonzero(~np.isfinite(maskedImage.image.array))),
            )
        return background

    def _setApproximation(
        self, control: BackgroundControl, width: int, height: int, nx: int, ny: int
    ) -> None:
        """Set the Chebyshev polynomial of a background, of an order that its grid can bear."""
        order = self.config.approxOrderX
        if self.config.approxOrderY not in (order, -1):
            raise ValueError(
                f"approxOrderY={self.config.approxOrderY} must be -1 or equal approxOrderX={order}."
            )
        if min(nx, ny) <= order:
            style = self.config.undersampleStyle
            few = f"A grid of {nx} x {ny} cells is too small for a polynomial of order {order}"
            if style == "THROW_EXCEPTION":
                raise ValueError(f"{few}; reduce approxOrderX or binSize.")
            if style == "REDUCE_INTERP_ORDER":
                if order < 1:
                    raise ValueError(f"{few} and the order cannot be reduced below 0; reduce binSize.")
                order = min(nx, ny) - 1
                self.log.warning("%s: using order %d.", few, order)
            else:
                cell = min(width, height) // order
                if cell < 1:
                    raise ValueError(
                        f"{few} and its cells cannot be smaller than a pixel; reduce approxOrderX."
                    )
                control.setNxSample(width // cell + 1)
                control.setNySample(height // cell + 1)
                self.log.warning("%s: using cells of %d pixels.", few, cell)
        control.setApproximateControl(
            afwMath.ApproximateControl(
                afwMath.ApproximateControl.CHEBYSHEV, order, order, self.config.weighting
            )
        )

    def _addStats(self, exposure: Any, model: SummedRows, keys: tuple[str, str]) -> None:
        """Add mean and variance of a model to the metadata of the exposure it was subtracted from."""
        metadata = exposure.getMetadata()
        for key, value in zip(keys, model.mean_and_variance(), strict=True):
            metadata.addDouble(key, value)


def subtract_fit(
    maskedImage: MaskedImageF,
    fit: BackgroundMI,
    config: SubtractBackgroundConfig,
    backgrounds: BackgroundList,
) -> SummedRows:
    """Subtract a background from an image, in place, and append it to those that were subtracted before.

    Parameters
    ----------
    maskedImage : `lsst.afw.image.MaskedImageF`
        Image to change.
    fit : `lsst.afw.math.BackgroundMI`
        Background to subtract.
    config : `SubtractBackgroundConfig`
        How to interpolate.
    backgrounds : `lsst.afw.math.BackgroundList`
        Gets a member.

    Returns
    -------
    model : `lsst.portable.arrays.rows.SummedRows`
        What was subtracted.
    """
    model = image_rows(fit, config.algorithm, config.undersampleStyle)
    model.subtract_from(maskedImage.image.array)
    approximate = fit.getBackgroundControl().getApproximateControl()
    backgrounds.append(
        (
            fit,
            afwMath.stringToInterpStyle(config.algorithm),
            fit.getAsUsedUndersampleStyle(),
            approximate.getStyle(),
            approximate.getOrderX(),
            approximate.getOrderY(),
            approximate.getWeighting(),
        )
    )
    return model


def _any_unmasked(mask: NDArray[np.int32], bits: int) -> bool:
    """Whether any pixel has none of the bits; most often one of the first rows tells."""
    step = 64
    return any(((mask[top : top + step] & bits) == 0).any() for top in range(0, len(mask), step))
