# SPDX-License-Identifier: GPL-3.0-or-later
"""The set of regions found on an image."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

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
    """Stand-in for an image whose pixels are computed during the search."""

    def getBBox(self) -> Box2I:
        """Return the box of the image."""


class FootprintSet:
    """Regions of an image beyond a threshold.

    The regions are stored together as one flag per pixel over the box of the image; regions that touch at an
    edge or a corner are one. Separate footprint objects and peaks are not offered.

    Parameters
    ----------
    img : `lsst.afw.image.MaskedImageF`, `lsst.afw.image.ImageF`, `lsst.afw.image.MaskX`, `FootprintSet` \
        or `lsst.geom.Box2I`
        The image to search (`~lsst.afw.image.MaskedImage`, required for a threshold of type ``PIXEL_STDEV``;
        `~lsst.afw.image.Image`; or `~lsst.afw.image.Mask`, for types ``BITMASK`` and ``VALUE``), or a
        stand-in that computes its pixels by rows (`ImageByRows`, with a ``variance`` if required); or another
        `FootprintSet` to grow or to copy; or the box of a set without regions.
    threshold : `Threshold` or `int`, optional
        Detection threshold, required for an image, or the number of pixels by which to grow.
    planeName : `str`, `bool` or `int`, optional
        Mask plane to set in the masked image searched, added if missing (``""`` for none); when growing,
        whether to grow in a circle (True, the default) or in a diamond; for a mask or an image, which has no
        mask planes, ``npixMin``.
    npixMin : `int`, optional
        Smallest number of pixels in a region.
    setPeaks : `bool`, optional
        Accepted for compatibility with the stack; there are no peaks.
    set, rGrow, isotropic : `FootprintSet`, `int`, `bool`, optional
        By name, in place of the first three: a set, by how many pixels to grow it, and whether in a circle.
    region : `lsst.geom.Box2I`, optional
        By name, in place of ``img``: the box of a set without regions.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the threshold does not suit the kind of image, or a set is grown by a negative number of
        pixels.
    """

    def __init__(
        self,
        img: MaskedImageF | ImageF | MaskX | ImageByRows | FootprintSet | Box2I | None = None,
        threshold: Threshold | int | None = None,
        planeName: str | bool | int = "",
        npixMin: int = 1,
        setPeaks: bool = True,
        *,
        set: FootprintSet | None = None,
        rGrow: int | None = None,
        isotropic: bool | None = None,
        region: Box2I | None = None,
    ) -> None:
        self._region: Box2I
        self._flags: PackedFlags
        source: Any = next((each for each in (img, set, region) if each is not None), None)
        threshold = rGrow if threshold is None else threshold
        planeName = isotropic if isotropic is not None else planeName
        if isinstance(source, Box2I):
            self._region = Box2I(source)
            self._flags = PackedFlags((source.getHeight(), source.getWidth()))
            return
        if isinstance(source, FootprintSet):
            self._region = source.getRegion()
            radius = 0 if threshold is None else threshold
            self._flags = _grow(source._flags, radius, isotropic=planeName if planeName != "" else True)
            return
        if not isinstance(threshold, Threshold):
            raise TypeError(f"threshold of FootprintSet must be Threshold, got {type(threshold).__name__}")
        mask: Any = getattr(source, "mask", None)
        if mask is None and isinstance(planeName, int | np.integer):
            planeName, npixMin = "", int(planeName)
        if planeName != "" and (mask is None or not isinstance(planeName, str)):
            raise InvalidParameterError(
                f"Only a MaskedImage has a plane to set, by its name, not a {type(source).__name__}: got "
                f"planeName={planeName!r}."
            )
        if not hasattr(source, "getBBox"):
            raise TypeError(
                "A FootprintSet is made of an image, a masked image, a mask, a box or another set,"
                f" got {type(source).__name__}"
            )
        self._region = source.getBBox()
        self._flags = _find(source, threshold, npixMin)
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
        """Return the box to which the regions are confined."""
        return self._region

    def setRegion(self, region: Box2I) -> None:
        """Set the box to which the regions are confined; parts outside it are clipped.

        Parameters
        ----------
        region : `lsst.geom.Box2I`
            New box, in the coordinates of the image searched.
        """
        moved, rows = PackedFlags((region.getHeight(), region.getWidth())), self._rows(region)
        run_rows(lambda start, stop: moved.set_rows(start, rows(start, stop)), moved.shape)
        self._region, self._flags = region, moved
        self.__dict__.pop("_count", None)

    def _rows(self, box: Box2I) -> Callable[[int, int], NDArray[np.bool_]]:
        """Return a function for the flags of a range of rows (end excluded) of any box."""
        up, right = box.getMinY() - self._region.getMinY(), box.getMinX() - self._region.getMinX()
        return move_flags(self._flags, up, right, (box.getHeight(), box.getWidth()))

    def setMask(self, mask: MaskX, planeName: str) -> None:
        """Set a mask plane over the regions, where they overlap the mask.

        Parameters
        ----------
        mask : `lsst.afw.image.MaskX`
            Mask to modify. The plane is not cleared elsewhere.
        planeName : `str`
            Name of the plane, such as ``DETECTED``.
        """
        bit = np.int32(mask.getPlaneBitMask(planeName))
        rows, pixels = self._rows(mask.getBBox()), mask.array

        def mark(start: int, stop: int) -> None:
            pixels[start:stop] |= rows(start, stop) * bit

        run_rows(mark, pixels.shape)

    def merge(self, rhs: FootprintSet, tGrow: int = 0, rGrow: int = 0, isotropic: bool = True) -> None:
        """Add the regions of another set, after growing both.

        Parameters
        ----------
        rhs : `FootprintSet`
            The other set. Not modified.
        tGrow, rGrow : `int`, optional
            By how many pixels to grow the regions of this set and those of the other.
        isotropic : `bool`, optional
            Whether to grow in a circle (True) or in a diamond.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the sets are confined to different boxes, or are grown by a negative number of pixels.
        """
        require("rhs of merge", rhs, FootprintSet)
        if rhs.getRegion() != self._region:
            raise InvalidParameterError(
                f"Sets to merge must have the same region, got {self._region} and {rhs.getRegion()}"
            )
        one = _grow(self._flags, tGrow, isotropic=isotropic)
        other = _grow(rhs._flags, rGrow, isotropic=isotropic)
        merged = PackedFlags(one.shape)

        def unite(start: int, stop: int) -> None:
            merged.set_rows(start, one.rows(start, stop) | other.rows(start, stop))

        run_rows(unite, merged.shape)
        self._flags = merged
        self.__dict__.pop("_count", None)

    def getFootprints(self) -> NoReturn:
        """Refuse to return footprints, which the portable stack does not offer.

        Raises
        ------
        NotImplementedError
            Always raised.
        """
        raise NotImplementedError(
            "The portable FootprintSet holds its regions as one array and has no Footprint objects; "
            "use len() for their number and setMask() for their pixels."
        )


def _tests(threshold: Threshold, variance: NDArray | None) -> list[PixelTest]:
    """Return the tests of pixels: against a threshold and, if it matters, against the level for peaks."""
    multiplier = threshold.getIncludeMultiplier()
    return [_test(threshold, times, variance) for times in ([1.0, multiplier] if multiplier > 1 else [1.0])]


def _test(threshold: Threshold, multiplier: float, variance: NDArray | None) -> PixelTest:
    """Return the test of pixels against a multiple of a threshold."""
    value, positive = threshold.getValue(), threshold.getPolarity()
    if threshold.getType() is Threshold.BITMASK:
        return bit_test(int(value))
    if variance is None:
        return level_test(value * multiplier, positive)
    return noise_test(variance, value, multiplier, positive)


def _find(image: Any, threshold: Threshold, min_pixels: int) -> PackedFlags:
    """Detect on one of the three kinds of image, or on one computed by rows."""
    kind = threshold.getType()
    is_mask = hasattr(image, "getPlaneBitMask")
    if is_mask and kind not in (Threshold.BITMASK, Threshold.VALUE):
        raise InvalidParameterError(
            f"A threshold of type {kind.name} cannot search a {type(image).__name__}; BITMASK and VALUE can."
        )
    if kind is Threshold.BITMASK and not is_mask:
        # Only masks have bits; for an image they are a level.
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
    """Return a function for the pixels of a range of rows (end excluded)."""
    if hasattr(image, "__image_rows__"):
        return image_rows(image).rows
    values = image.image.array if hasattr(image, "image") else image.array
    return lambda start, stop: values[start:stop]


def _grow(above: PackedFlags, radius: object, *, isotropic: object) -> PackedFlags:
    if not isinstance(radius, int | np.integer) or radius < 0:
        raise InvalidParameterError(
            f"Footprints grow by a whole number of pixels, 0 or more; got {radius!r}."
        )
    return grow_flags(above, (circle_half_widths if isotropic else diamond_half_widths)(int(radius)))
