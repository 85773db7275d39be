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
        doc="Statistic used for each cell of the grid.",
        allowed={"MEANCLIP": "clipped mean", "MEAN": "mean of all good pixels", "MEDIAN": "median"},
    )
    undersampleStyle = ChoiceField[str](
        default="REDUCE_INTERP_ORDER",
        doc="What to do if the grid has too few cells for the interpolation.",
        allowed={
            "THROW_EXCEPTION": "raise an error",
            "REDUCE_INTERP_ORDER": "use a lower-order interpolation",
            "INCREASE_NXNYSAMPLE": "use more, smaller cells",
        },
    )
    binSize = RangeField(dtype=int, default=128, min=1, doc="Side of a cell of the grid (pixels).")
    binSizeX = RangeField(dtype=int, default=0, min=0, doc="Width of a cell (pixels); 0 to use binSize.")
    binSizeY = RangeField(dtype=int, default=0, min=0, doc="Height of a cell (pixels); 0 to use binSize.")
    algorithm = ChoiceField[str](
        default="AKIMA_SPLINE",
        optional=True,
        doc="Interpolation style between cells.",
        allowed={
            "CONSTANT": "constant between breakpoints",
            "LINEAR": "straight lines",
            "NATURAL_SPLINE": "cubic spline, with zero second derivative at the ends",
            "AKIMA_SPLINE": "cubic spline that does not overshoot next to an outlier",
            "NONE": "do not estimate a background",
        },
    )
    ignoredPixelMask = ListField[str](
        default=["BAD", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "NO_DATA"],
        doc="Mask planes of pixels to ignore.",
        itemCheck=lambda plane: plane in afwImage.MaskX().getMaskPlaneDict(),
    )
    isNanSafe = Field[bool](
        default=False,
        doc="Ignore NaN pixels? Otherwise an unmasked one spoils the mean of its cell.",
    )
    useApprox = Field[bool](
        default=True, doc="Fit a Chebyshev polynomial to the cells instead of interpolating?"
    )
    approxOrderX = Field[int](default=6, doc="Order of the polynomial in x; used with useApprox.")
    approxOrderY = Field[int](
        default=-1,
        doc="Order of the polynomial in y; must equal approxOrderX, or be -1 to follow it.",
    )
    weighting = Field[bool](default=True, doc="Weight cells by their inverse variance? Used with useApprox.")
    doApplyFlatBackgroundRatio = Field[bool](
        default=False,
        doc="Convert the photometrically flat image to a background-flattened one for the fit? Requires "
        "backgroundToPhotometricRatio at run time.",
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
    """Keep an image background-flattened within a context: multiply on entry, divide on exit.

    Parameters
    ----------
    maskedImage : `lsst.afw.image.MaskedImageF`
        Photometrically flat image. Modified in place.
    doApply : `bool`
        Whether to do so; otherwise the image is passed through unchanged.
    backgroundToPhotometricRatio : `lsst.afw.image.ImageF`, optional
        Factor for each pixel, required with ``doApply``.

    Raises
    ------
    RuntimeError
        Raised if ``doApply`` is set and there is no ratio image.
    ValueError
        Raised if the ratio is not an image.
    """
    if doApply:
        if backgroundToPhotometricRatio is None:
            raise RuntimeError(
                "Conversion to a background-flattened image was requested, but backgroundToPhotometricRatio "
                "is None; pass the ratio image or set doApplyFlatBackgroundRatio=False."
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
            maskedImage /= backgroundToPhotometricRatio  # type: ignore[arg-type]  # checked above


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
            Exposure to modify: the background is subtracted from its image, statistics are added to its
            metadata.
        background : `lsst.afw.math.BackgroundList`, optional
            Backgrounds already subtracted, to which the new one is appended; a new list by default.
        stats : `bool`, optional
            Whether to add mean and variance of the full model to the metadata of the exposure.
        statsKeys : `tuple` [`str`, `str`], optional
            Keys of mean and variance, ``("BGMEAN", "BGVAR")`` by default.
        backgroundToPhotometricRatio : `lsst.afw.image.ImageF`, optional
            Factor for each pixel, see `backgroundFlatContext`; used with
            ``config.doApplyFlatBackgroundRatio``.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            Struct with ``background``, the full model (`lsst.afw.math.BackgroundList`).

        Raises
        ------
        TooManyMaskedPixelsError
            Raised if every pixel is masked.
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
        """Estimate the background of a masked image, which is not modified.

        Parameters
        ----------
        maskedImage : `lsst.afw.image.MaskedImageF`
            Image to measure.
        nx, ny : `int`, optional
            Number of cells in x and y; 0 for the fewest that cover the image with cells no larger than
            configured.
        algorithm : `str`, optional
            Interpolation style; ``config.algorithm`` by default.

        Returns
        -------
        background : `lsst.afw.math.BackgroundMI`
            The model. A cell without any good pixel is NaN and is left out of the interpolation, as is one
            whose mean is NaN because of an unmasked NaN pixel (clipped means and medians usually survive one;
            ``config.isNanSafe`` ignores it). If this holds for all cells, the model is NaN everywhere and a
            warning is logged.

        Raises
        ------
        TooManyMaskedPixelsError
            Raised if every pixel is masked.
        NotImplementedError
            Raised if ``config.doFilterSuperPixels`` is set.
        ValueError
            Raised if the order of the Chebyshev polynomial is not compatible with the configuration or the
            image.
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
                "pixels are not finite. Mask them (NO_DATA), or set isNanSafe=True.",
                nx,
                ny,
                self.config.statisticsProperty,
                int(np.count_nonzero(~np.isfinite(maskedImage.image.array))),
            )
        return background

    def _setApproximation(
        self, control: BackgroundControl, width: int, height: int, nx: int, ny: int
    ) -> None:
        """Set the Chebyshev polynomial of a background, with an order that its grid supports."""
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
        Image to modify.
    fit : `lsst.afw.math.BackgroundMI`
        Background to subtract.
    config : `SubtractBackgroundConfig`
        Configuration of the interpolation.
    backgrounds : `lsst.afw.math.BackgroundList`
        Backgrounds already subtracted, to which this one is appended.

    Returns
    -------
    model : `lsst.portable.arrays.rows.SummedRows`
        The model that was subtracted.
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
    """Return whether any pixel has none of the bits; one of the first rows usually decides."""
    step = 64
    return any(((mask[top : top + step] & bits) == 0).any() for top in range(0, len(mask), step))
