# SPDX-License-Identifier: GPL-3.0-or-later
"""The set of regions found on an image."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from . import _regions
from ._threshold import Threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsst.afw.image import ImageF, MaskedImageF, MaskX
    from lsst.geom import Box2I

__all__ = ("FootprintSet",)


class FootprintSet:
    """Regions of an image whose pixels are beyond a threshold.

    The regions are held together as one boolean array over the region of the image; regions that touch at an
    edge or a corner are one. Footprints as objects of their own, and peaks in them, are not offered.

    Parameters
    ----------
    source : `lsst.afw.image.MaskedImageF`, `lsst.afw.image.ImageF`, `lsst.afw.image.MaskX` or `FootprintSet`
        The image to search (`~lsst.afw.image.MaskedImage`, needed for a threshold of type ``PIXEL_STDEV``;
        `~lsst.afw.image.Image`; or `~lsst.afw.image.Mask` for type ``BITMASK``); or another `FootprintSet`,
        to grow.
    threshold : `Threshold` or `int`
        The level of detection; or the number of pixels to grow by.
    planeName : `str` or `bool`, optional
        Mask plane to set in a masked image that is searched (``""``: none); or, when growing, whether to
        grow in a circle (True, the default) or in a diamond.
    npixMin : `int`, optional
        Smallest number of pixels of a region.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        When the threshold does not fit the kind of image, or a set is grown by a negative number of pixels.
    """

    def __init__(
        self,
        source: MaskedImageF | ImageF | MaskX | FootprintSet,
        threshold: Threshold | int,
        planeName: str | bool = "",
        npixMin: int = 1,
    ) -> None:
        self._region: Box2I
        self._above: NDArray[np.bool_]
        if isinstance(source, FootprintSet):
            self._region = source.getRegion()
            self._above = _grow(source._above, threshold, isotropic=planeName if planeName != "" else True)
            return
        if not isinstance(threshold, Threshold):
            raise InvalidParameterError(f"Expected a Threshold to search an image with, got {threshold!r}.")
        self._region = source.getBBox()
        self._above = _find(source, threshold, npixMin)
        if planeName:
            mask = getattr(source, "mask", None)
            if mask is None:
                raise InvalidParameterError(
                    f"Only a MaskedImage has a plane {planeName!r} to set, not a {type(source).__name__}."
                )
            self.setMask(mask, str(planeName))

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _count(self) -> int:
        return _regions.connect_runs(_regions.find_runs(self._above))[1]

    def getRegion(self) -> Box2I:
        """Return the box that the regions are confined to."""
        return self._region

    def setRegion(self, region: Box2I) -> None:
        """Change the box that the regions are confined to; parts outside it are cut off.

        Parameters
        ----------
        region : `lsst.geom.Box2I`
            The new box, in the same coordinates as that of the image searched.
        """
        above = np.zeros((region.getHeight(), region.getWidth()), dtype=np.bool_)
        _copy_overlap(self._above, self._region, above, region)
        self._region, self._above = region, above
        self.__dict__.pop("_count", None)

    def setMask(self, mask: MaskX, planeName: str) -> None:
        """Set a mask plane over the regions, where they lie within the mask.

        Parameters
        ----------
        mask : `lsst.afw.image.MaskX`
            Mask to change. Its plane is not cleared elsewhere.
        planeName : `str`
            Name of the plane, such as ``DETECTED``.
        """
        bit = np.int32(mask.getPlaneBitMask(planeName))
        box = mask.getBBox()
        above = self._above
        if box != self._region:
            above = np.zeros(mask.array.shape, dtype=np.bool_)
            _copy_overlap(self._above, self._region, above, box)
        for rows, flags in zip(_row_blocks(mask.array), _row_blocks(above), strict=True):
            rows |= flags * bit

    def getFootprints(self) -> Any:
        """Not offered.

        Raises
        ------
        NotImplementedError
            Always.
        """
        raise NotImplementedError(
            "The portable FootprintSet holds its regions as one array and has no Footprint objects; "
            "use len() for their number and setMask() for their pixels."
        )


def _find(image: Any, threshold: Threshold, min_pixels: int) -> NDArray[np.bool_]:
    """Detect on one of the three kinds of image."""
    kind, positive = threshold.getType(), threshold.getPolarity()
    is_mask = hasattr(image, "getPlaneBitMask")
    if (kind is Threshold.BITMASK) != is_mask:
        raise InvalidParameterError(
            f"A threshold of type {kind.name} cannot search a {type(image).__name__}; "
            "BITMASK goes with a Mask and all others with an image."
        )
    multiplier = threshold.getIncludeMultiplier()
    if is_mask:
        return _regions.select_regions((image.array & int(threshold.getValue())) != 0, min_pixels)
    values = image.image.array if hasattr(image, "image") else image.array
    level: Any = threshold.getValue() if kind is Threshold.VALUE else None
    if kind is Threshold.PIXEL_STDEV:
        if not hasattr(image, "variance"):
            raise InvalidParameterError(
                "A threshold of type PIXEL_STDEV needs the variance plane of a MaskedImage, "
                f"got a {type(image).__name__}."
            )
        variance, factor = image.variance.array, threshold.getValue()
        above = _regions.above_noise(values, variance, factor, positive)
        peak = (
            _regions.above_noise(values, variance, factor, positive, multiplier) if multiplier > 1 else None
        )
        return _regions.select_regions(above, min_pixels, peak)
    if level is None:
        level = threshold.getValue(image)
    above = _regions.above_threshold(values, level, positive)
    peak = _regions.above_threshold(values, level * multiplier, positive) if multiplier > 1 else None
    return _regions.select_regions(above, min_pixels, peak)


def _grow(above: NDArray[np.bool_], radius: Any, *, isotropic: Any) -> NDArray[np.bool_]:
    if not isinstance(radius, int | np.integer) or radius < 0:
        raise InvalidParameterError(
            f"Footprints grow by a whole number of pixels, 0 or more; got {radius!r}."
        )
    shape = _regions.circle_half_widths if isotropic else _regions.diamond_half_widths
    return _regions.grow(above, shape(int(radius)))


def _row_blocks(array: NDArray) -> Iterator[NDArray]:
    """Views of some rows at a time, small enough to stay in a processor's cache."""
    step = 64
    return (array[top : top + step] for top in range(0, len(array), step))


def _copy_overlap(source: NDArray, source_box: Box2I, target: NDArray, target_box: Box2I) -> None:
    """Copy what two arrays share, given the boxes they cover."""
    x0 = max(source_box.getMinX(), target_box.getMinX())
    y0 = max(source_box.getMinY(), target_box.getMinY())
    x1 = min(source_box.getMaxX(), target_box.getMaxX()) + 1
    y1 = min(source_box.getMaxY(), target_box.getMaxY()) + 1
    if x1 <= x0 or y1 <= y0:
        return

    def part(box: Box2I) -> tuple[slice, slice]:
        y, x = box.getMinY(), box.getMinX()
        return slice(y0 - y, y1 - y), slice(x0 - x, x1 - x)

    target[part(target_box)] = source[part(source_box)]
