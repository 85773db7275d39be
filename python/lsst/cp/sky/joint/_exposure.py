# SPDX-License-Identifier: GPL-3.0-or-later
"""One exposure of one detector in each pass: its residual, what is found on it, its mask and its bins."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._bins import Bins, mean_bins, median_bins
from ._detect import detect_objects
from ._distance import grow_mask
from ._grid import Grid
from ._noise import NoiseModel
from ._parameters import JointParameters
from ._pattern import model_bins, model_pixels
from ._plane import Site
from ._static import coarse_objects
from ._wings import ObjectClasses, ProfileSums, Wings, classify_objects, grow_wings, measure_profiles

__all__ = (
    "Detected",
    "MaskedExposure",
    "Residual",
    "bin_exposure",
    "detect_exposure",
    "finish_mask",
    "first_bins",
    "mask_exposure",
    "subtract_model",
)

_ROWS = 256
"""Number of rows whose model is in memory at a time."""


def first_bins(
    image: np.ndarray, good: np.ndarray, noise: NoiseModel, grid: Grid, parameters: JointParameters
) -> Bins:
    """Make bins of an exposure of which nothing is known yet: medians of all pixels but defects.

    Parameters
    ----------
    image : `numpy.ndarray`, ``(rows, columns)``
        Pixels after instrument signature removal.
    good : `numpy.ndarray`, ``(rows, columns)``, bool
        Pixels without defects; must be finite.
    noise : `NoiseModel`
        Noise of the exposure.
    grid : `Grid`
        Bins of the detector.
    parameters : `JointParameters`
        Parameters; the minimum fraction of the pixels of a bin is used.

    Returns
    -------
    bins : `Bins`
        ``(ny, nx)``.
    """
    median, count = median_bins(image, good, grid, parameters.bins.minimum)
    return Bins(median, count, noise.variance(np.nan_to_num(median), grid))


@dataclasses.dataclass(frozen=True)
class Residual:
    """An exposure minus its model (units of the noise of a pixel of sky)."""

    values: np.ndarray
    """``(rows, columns)``, float32."""
    good: np.ndarray
    """Pixels without defects, ``(rows, columns)``, bool."""
    model: np.ndarray
    """Model in bins (units of the pixels), ``(ny, nx)``."""
    variance: np.ndarray
    """Variance of a pixel of sky in bins, the same within a segment, ``(ny, nx)``."""

    @property
    def contrast(self) -> float:
        """Return sky over noise of a pixel: the weight of the exposure in a mean of fractions of the sky."""
        return float(np.median(self.model / np.sqrt(self.variance)))


def subtract_model(
    image: np.ndarray,
    good: np.ndarray,
    noise: NoiseModel,
    site: Site,
    pattern: np.ndarray,
    coefficients: np.ndarray,
) -> Residual:
    """Subtract sky times one plus pattern, and divide by the noise of a pixel of sky.

    Parameters
    ----------
    image : `numpy.ndarray`, ``(rows, columns)``
        Pixels. Not modified.
    good : `numpy.ndarray`, ``(rows, columns)``, bool
        Pixels without defects.
    noise : `NoiseModel`
        Noise of the exposure.
    site : `Site`
        Bins and place of the detector.
    pattern : `numpy.ndarray`, ``(ny, nx)``
        Pattern in bins without noise and gaps (`denoise_pattern`).
    coefficients : `numpy.ndarray`, (terms,)
        Coefficients of the sky of this exposure.

    Returns
    -------
    residual : `Residual`
        The residual.
    """
    grid = site.grid
    model = model_bins(pattern, coefficients, site)
    variance = noise.variance(_segment_medians(model, grid), grid)
    scale = (1 / np.sqrt(variance)).astype(np.float32)
    values = np.empty(grid.pixel_shape, dtype=np.float32)
    for top in range(0, len(values), _ROWS):
        rows = slice(top, min(top + _ROWS, len(values)))
        np.subtract(image[rows], model_pixels(pattern, coefficients, site, rows), out=values[rows])
    ys, xs = grid.y.segments, grid.x.segments
    for y0, y1, j in zip(ys.pixels[:-1], ys.pixels[1:], ys.bins[:-1], strict=True):
        for x0, x1, i in zip(xs.pixels[:-1], xs.pixels[1:], xs.bins[:-1], strict=True):
            values[y0:y1, x0:x1] *= scale[j, i]
    return Residual(values, good, model, variance)


def _segment_medians(values: np.ndarray, grid: Grid) -> np.ndarray:
    """The median of the bins of each segment, at each of its bins."""
    out = np.empty_like(values)
    for rows in grid.y.segments.slices():
        for columns in grid.x.segments.slices():
            out[rows, columns] = np.median(values[rows, columns])
    return out


@dataclasses.dataclass(frozen=True)
class Detected:
    """What was found on one exposure of one detector."""

    mask: np.ndarray
    """Pixels to ignore, before wings; ``(rows, columns)``, bool."""
    objects: np.ndarray
    """Sure objects before they were grown; ``(rows, columns)``, bool."""
    profiles: ProfileSums
    """Residuals in rings around objects, outside of the mask."""
    map: np.ndarray
    """Objects on a coarser grid, for their recurrence; bool."""
    classes: ObjectClasses
    """Objects sorted by size."""


def detect_exposure(residual: Residual, wings: Wings, parameters: JointParameters) -> Detected:
    """Find the objects of an exposure.

    Parameters
    ----------
    residual : `Residual`
        The exposure minus its model.
    wings : `Wings`
        Radii as far as they are known (`Wings.initial` in the first pass).
    parameters : `JointParameters`
        Thresholds, classes and rings.

    Returns
    -------
    detected : `Detected`
        What was detected.
    """
    found = detect_objects(residual.values, residual.good, parameters.detect)
    classes = classify_objects(found.objects, parameters.wings)
    use = residual.good & ~found.mask
    profiles = measure_profiles(residual.values, use, classes, wings, parameters.wings)
    return Detected(found.mask, found.objects, profiles, coarse_objects(found.objects), classes)


def finish_mask(
    detected_mask: np.ndarray,
    objects: np.ndarray,
    good: np.ndarray,
    wings: Wings,
    static: np.ndarray | None,
    parameters: JointParameters,
    before: np.ndarray | None = None,
) -> tuple[np.ndarray, bool]:
    """Add wings, and objects that stay in place, to the mask of an exposure.

    Parameters
    ----------
    detected_mask, objects : `numpy.ndarray`, ``(rows, columns)``, bool
        Mask, and sure objects, as detected.
    good : `numpy.ndarray`, ``(rows, columns)``, bool
        Pixels without defects.
    wings : `Wings`
        Radii.
    static : `numpy.ndarray`, ``(rows, columns)``, bool, optional
        Objects that stay in place, from the stack of residuals.
    parameters : `JointParameters`
        Classes, and what counts as a mask that runs away.
    before : `numpy.ndarray`, ``(rows, columns)``, bool, optional
        Mask from the previous pass, which is kept if the new one runs away; without it only sure objects are
        masked then.

    Returns
    -------
    mask : `numpy.ndarray`, ``(rows, columns)``, bool
        Pixels to ignore.
    ran_away : `bool`
        Whether more than ``runaway`` of the good pixels would have been masked: a wrong model looks like
        objects everywhere.
    """
    classes = classify_objects(objects, parameters.wings)
    return _finish(detected_mask, classes, objects, good, wings, static, parameters, before)


def _finish(
    detected_mask: np.ndarray,
    classes: ObjectClasses,
    objects: np.ndarray,
    good: np.ndarray,
    wings: Wings,
    static: np.ndarray | None,
    parameters: JointParameters,
    before: np.ndarray | None,
) -> tuple[np.ndarray, bool]:
    """Finish a mask whose objects are sorted already."""
    mask = grow_wings(detected_mask, classes, wings, parameters.wings)
    if static is not None:
        mask |= static
    ran_away = bool(np.count_nonzero(mask & good) > parameters.runaway * np.count_nonzero(good))
    if ran_away:
        mask = before if before is not None else grow_mask(objects, parameters.detect.grow)
    return mask, ran_away


@dataclasses.dataclass(frozen=True)
class MaskedExposure:
    """One exposure of one detector after its objects were masked."""

    mask: np.ndarray
    """Pixels that are ignored, ``(rows, columns)``, bool."""
    detected: Detected
    """Detections from which the mask was made."""
    bins: Bins
    """Bins of the unmasked pixels, ``(ny, nx)``."""
    ran_away: bool
    """Whether so much would have been masked that only sure objects, or what was masked before, is."""


def mask_exposure(
    residual: Residual,
    wings: Wings,
    static: np.ndarray | None,
    grid: Grid,
    parameters: JointParameters,
    before: np.ndarray | None = None,
) -> MaskedExposure:
    """Detect the objects of an exposure, mask them and their wings, and measure its bins.

    Parameters
    ----------
    residual : `Residual`
        The exposure minus its model.
    wings : `Wings`
        Radii from the previous pass; `Wings.initial` in the first one.
    static : `numpy.ndarray`, ``(rows, columns)``, bool, optional
        Objects that stay in place (`search_stack`).
    grid : `Grid`
        Bins of the detector.
    parameters : `JointParameters`
        All thresholds.
    before : `numpy.ndarray`, ``(rows, columns)``, bool, optional
        Mask from the previous pass.

    Returns
    -------
    masked : `MaskedExposure`
        The masked exposure.
    """
    found = detect_exposure(residual, wings, parameters)
    mask, ran_away = _finish(
        found.mask, found.classes, found.objects, residual.good, wings, static, parameters, before
    )
    return MaskedExposure(mask, found, bin_exposure(residual, mask, grid, parameters), ran_away)


def bin_exposure(residual: Residual, mask: np.ndarray, grid: Grid, parameters: JointParameters) -> Bins:
    """Make the bins of an exposure whose objects are masked.

    Parameters
    ----------
    residual : `Residual`
        The exposure minus its model.
    mask : `numpy.ndarray`, ``(rows, columns)``, bool
        Pixels to ignore.
    grid : `Grid`
        Bins of the detector.
    parameters : `JointParameters`
        Parameters; clipping and the minimum fraction of the pixels of a bin are used.

    Returns
    -------
    bins : `Bins`
        ``(ny, nx)``: mean of the model over all of the bin and of the residual over its unmasked pixels.
    """
    use = residual.good & ~mask
    use &= np.abs(residual.values) < parameters.bins.clip
    sigma = np.sqrt(residual.variance)
    scaled, count = mean_bins(residual.values, use, residual.model / sigma, grid, parameters.bins.minimum)
    return Bins(scaled * sigma, count, residual.variance)
