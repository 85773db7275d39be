# SPDX-License-Identifier: GPL-3.0-or-later
"""The set of regions found on an image."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from lsst.geom import Box2I
from lsst.pex.exceptions import InvalidParameterError
from lsst.portable.arguments import require
from lsst.portable.arrays.packed import PackedFlags
from lsst.portable.arrays.regions import circle_half_widths, connect_runs, diamond_half_widths, find_runs
from lsst.portable.arrays.rows import ImageRows, RowSource, image_rows
from lsst.portable.arrays.search import bit_test, grow_flags, level_test, move_flags, noise_test, search_rows
from lsst.portable.threads import run_rows

from ._threshold import Threshold

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from lsst.afw.image import ImageF, MaskedImageF, MaskX
    from lsst.portable.arrays.search import PixelTest

__all__ = ("FootprintSet",)


class ImageByRows(RowSource[ImageRows], Protocol):
    """What stands for an image whose pixels are made when they are searched."""

    def getBBox(self) -> Box2I:
        """Return the box of the image."""


class FootprintSet:
    """Regions of an image whose pixels are beyond a threshold.

    The regions are held together as one flag a pixel over the region of the image; regions that touch at an
    edge or a corner are one. Footprints as objects of their own, and peaks in them, are not offered.

    Parameters
    ----------
    source : `lsst.afw.image.MaskedImageF`, `lsst.afw.image.ImageF`, `lsst.afw.image.MaskX`, `FootprintSet` \
            or `lsst.geom.Box2I`
        The image to search (`~lsst.afw.image.MaskedImage`, needed for a threshold of type ``PIXEL_STDEV``;
        `~lsst.afw.image.Image`; or `~lsst.afw.image.Mask`, for types ``BITMASK`` and ``VALUE``), or what
        stands for one and makes its pixels by rows (`ImageByRows`, with a ``variance`` where that is needed);
        or another `FootprintSet`, to grow or to copy; or the box of a set without regions.
    threshold : `Threshold` or `int`, optional
        The level of detection, needed for an image; or the number of pixels to grow by.
    planeName : `str`, `bool` or `int`, optional
        Mask plane to set in a masked image that is searched, added to it where it is missing (``""``: none);
        when growing, whether to grow in a circle (True, the default) or in a diamond; of a mask or an image,
        which have no planes, ``npixMin``.
    npixMin : `int`, optional
        Smallest number of pixels of a region.
    setPeaks : `bool`, optional
        Accepted for the sake of callers of the stack; there are no peaks.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        When the threshold does not fit the kind of image, or a set is grown by a negative number of pixels.
    """

    def __init__(
        self,
        source: MaskedImageF | ImageF | MaskX | ImageByRows | FootprintSet | Box2I,
        threshold: Threshold | int | None = None,
        planeName: str | bool | int = "",
        npixMin: int = 1,
        setPeaks: bool = True,
    ) -> None:
        self._region: Box2I
        self._flags: PackedFlags
        if isinstance(source, Box2I):
            self._region = Box2I(source)
            self._flags = PackedFlags((source.getHeight(), source.getWidth()))
            return
        if isinstance(source, FootprintSet):
            self._region = source.getRegion()
            radius = 0 if threshold is None else threshold
            self._flags = _grow(source._flags, radius, isotropic=planeName if planeName != "" else True)
            return
        require("threshold of FootprintSet", threshold, Threshold)
        mask: Any = getattr(source, "mask", None)
        if mask is None and isinstance(planeName, int | np.integer):
            planeName, npixMin = "", int(planeName)
        if planeName != "" and (mask is None or not isinstance(planeName, str)):
            raise InvalidParameterError(
                f"Only a MaskedImage has a plane to set, by its name: not a {type(source).__name__}, with"
                f" planeName={planeName!r}."
            )
        if not hasattr(source, "getBBox"):
            raise TypeError(
                "A FootprintSet is made of an image, a masked image, a mask, a box or another set,"
                f" got {type(source).__name__}"
            )
        self._region = source.getBBox()
        self._flags = _find(source, cast(Threshold, threshold), npixMin)
        if planeName:
            mask.addMaskPlane(planeName)
            self.setMask(mask, str(planeName))

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _count(self) -> int:
        above = self._flags.rows(0, self._flags.shape[0])
        return connect_runs(find_runs(above))[1]

    def __repr__(self) -> str:
        return f"<FootprintSet of {len(self)} regions in {self._region}>"

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
        moved, rows = PackedFlags((region.getHeight(), region.getWidth())), self._rows(region)
        run_rows(lambda start, stop: moved.set_rows(start, rows(start, stop)), moved.shape)
        self._region, self._flags = region, moved
        self.__dict__.pop("_count", None)

    def _rows(self, box: Box2I) -> Callable[[int, int], NDArray[np.bool_]]:
        """Flags of the rows from a first to a last one, excluded, of a box that may lie anywhere."""
        up, right = box.getMinY() - self._region.getMinY(), box.getMinX() - self._region.getMinX()
        return move_flags(self._flags, up, right, (box.getHeight(), box.getWidth()))

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
        rows, pixels = self._rows(mask.getBBox()), mask.array

        def mark(start: int, stop: int) -> None:
            pixels[start:stop] |= rows(start, stop) * bit

        run_rows(mark, pixels.shape)

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


def _tests(threshold: Threshold, variance: NDArray | None) -> list[PixelTest]:
    """Tests of pixels: whether they reach a threshold and, where that matters, its level for peaks."""
    multiplier = threshold.getIncludeMultiplier()
    return [_test(threshold, times, variance) for times in ([1.0, multiplier] if multiplier > 1 else [1.0])]


def _test(threshold: Threshold, multiplier: float, variance: NDArray | None) -> PixelTest:
    """Test of pixels against a multiple of a threshold."""
    value, positive = threshold.getValue(), threshold.getPolarity()
    if threshold.getType() is Threshold.BITMASK:
        return bit_test(int(value))
    if variance is None:
        return level_test(value * multiplier, positive)
    return noise_test(variance, value, multiplier, positive)


def _find(image: Any, threshold: Threshold, min_pixels: int) -> PackedFlags:
    """Detect on one of the three kinds of image, or on one that is made by rows."""
    kind = threshold.getType()
    is_mask = hasattr(image, "getPlaneBitMask")
    if is_mask and kind not in (Threshold.BITMASK, Threshold.VALUE):
        raise InvalidParameterError(
            f"A threshold of type {kind.name} cannot search a {type(image).__name__}; BITMASK and VALUE can."
        )
    if kind is Threshold.BITMASK and not is_mask:
        # Only masks have bits: of an image they are a level.
        threshold = Threshold(
            threshold.getValue(), Threshold.VALUE, threshold.getPolarity(), threshold.getIncludeMultiplier()
        )
    variance = None
    if kind is Threshold.PIXEL_STDEV:
        if not hasattr(image, "variance"):
            raise InvalidParameterError(
                "A threshold of type PIXEL_STDEV needs the variance plane of a MaskedImage, "
                f"got a {type(image).__name__}."
            )
        variance = image.variance.array
    elif kind in (Threshold.STDEV, Threshold.VARIANCE):
        level, multiplier = threshold.getValue(image), threshold.getIncludeMultiplier()
        threshold = Threshold(level, Threshold.VALUE, threshold.getPolarity(), multiplier)
    box = image.getBBox()
    return search_rows(
        _row_function(image), (box.getHeight(), box.getWidth()), _tests(threshold, variance), min_pixels
    )


def _row_function(image: Any) -> Callable[[int, int], NDArray]:
    """Function that returns the pixels from a first to a last row, excluded."""
    if hasattr(image, "__image_rows__"):
        return image_rows(image).rows
    values = image.image.array if hasattr(image, "image") else image.array
    return lambda start, stop: values[start:stop]


def _grow(above: PackedFlags, radius: Any, *, isotropic: Any) -> PackedFlags:
    if not isinstance(radius, int | np.integer) or radius < 0:
        raise InvalidParameterError(
            f"Footprints grow by a whole number of pixels, 0 or more; got {radius!r}."
        )
    return grow_flags(above, (circle_half_widths if isotropic else diamond_half_widths)(int(radius)))
