# SPDX-License-Identifier: GPL-3.0-or-later
"""The set of regions found on an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from lsst.afw.math._threads import LARGE, rows_of, run_blocks
from lsst.pex.exceptions import InvalidParameterError

from . import _regions
from ._packed import PackedFlags
from ._threshold import Threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsst.afw.image import ImageF, MaskedImageF, MaskX
    from lsst.geom import Box2I

__all__ = ("FootprintSet", "PixelTest", "search_rows", "threshold_tests")

#: Says of the pixels of some rows, of which the first is given too, whether they are looked for.
PixelTest: TypeAlias = "Callable[[int, NDArray], NDArray[np.bool_]]"

#: Pixels that are searched at once: they and their levels stay in a processor's cache.
_SEARCHED = 1 << 17
#: Pixels that are grown, moved or marked at once.
_BLOCK = 1 << 19
#: Fewest pixels that are worth a thread.
_LEAST = 1 << 20


class FootprintSet:
    """Regions of an image whose pixels are beyond a threshold.

    The regions are held together as one flag a pixel over the region of the image; regions that touch at an
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
        self._flags: PackedFlags
        if isinstance(source, FootprintSet):
            self._region = source.getRegion()
            self._flags = _grow(source._flags, threshold, isotropic=planeName if planeName != "" else True)
            return
        if not isinstance(threshold, Threshold):
            raise InvalidParameterError(f"Expected a Threshold to search an image with, got {threshold!r}.")
        self._region = source.getBBox()
        self._flags = _find(source, threshold, npixMin)
        if planeName:
            mask = getattr(source, "mask", None)
            if mask is None:
                raise InvalidParameterError(
                    f"Only a MaskedImage has a plane {planeName!r} to set, not a {type(source).__name__}."
                )
            self.setMask(mask, str(planeName))

    @classmethod
    def _of(cls, region: Box2I, flags: PackedFlags) -> FootprintSet:
        """Make a set of regions that were found already."""
        self = cls.__new__(cls)
        self._region, self._flags = region, flags
        return self

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _count(self) -> int:
        above = self._flags.rows(0, self._flags.shape[0])
        return _regions.connect_runs(_regions.find_runs(above))[1]

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
        moved = PackedFlags((region.getHeight(), region.getWidth()))
        _run(lambda start, stop: moved.set_rows(start, self._rows(region, start, stop)), moved.shape)
        self._region, self._flags = region, moved
        self.__dict__.pop("_count", None)

    def _rows(self, box: Box2I, start: int, stop: int) -> NDArray[np.bool_]:
        """Flags of the rows from ``start`` to ``stop``, excluded, of a box that may lie anywhere."""
        if box == self._region:
            return self._flags.rows(start, stop)
        up, right = box.getMinY() - self._region.getMinY(), box.getMinX() - self._region.getMinX()
        height, width = self._flags.shape
        first, last = max(start + up, 0), min(stop + up, height)
        left, end = max(right, 0), min(box.getWidth() + right, width)
        rows = np.zeros((stop - start, box.getWidth()), dtype=np.bool_)
        if first < last and left < end:
            shared = self._flags.rows(first, last)[:, left:end]
            rows[first - up - start : last - up - start, left - right : end - right] = shared
        return rows

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
        box, pixels = mask.getBBox(), mask.array

        def mark(start: int, stop: int) -> None:
            pixels[start:stop] |= self._rows(box, start, stop) * bit

        _run(mark, pixels.shape)

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


def search_rows(
    rows: Callable[[int, int], NDArray],
    box: Box2I,
    tests: Sequence[Sequence[PixelTest]],
    npixMin: int = 1,
) -> list[FootprintSet]:
    """Search an image that is handed out by rows, so that it need not exist as a whole.

    Parameters
    ----------
    rows : `collections.abc.Callable`
        Called as ``rows(start, stop)``, by several threads, for the pixels of some rows.
    box : `lsst.geom.Box2I`
        Box of the image.
    tests : `collections.abc.Sequence` [`collections.abc.Sequence` [`PixelTest`]]
        What to look for, once or several times: pixels that pass a test and, if there is a second one, those
        of them that are in one region with a pixel that passes it too.
    npixMin : `int`, optional
        Smallest number of pixels of a region.

    Returns
    -------
    footprints : `list` [`FootprintSet`]
        The regions found, one set for each of ``tests``.
    """
    shape = (box.getHeight(), box.getWidth())
    found = [[PackedFlags(shape) for _ in each] for each in tests]

    def search(start: int, stop: int) -> None:
        values = rows(start, stop)
        for each, flags in zip(tests, found, strict=True):
            for test, target in zip(each, flags, strict=True):
                target.set_rows(start, test(start, values))

    if shape[0] * shape[1] < LARGE:
        search(0, shape[0])
    else:
        _run(search, shape, _SEARCHED)
    return [FootprintSet._of(box, _select(flags, npixMin)) for flags in found]


def threshold_tests(threshold: Threshold, variance: NDArray | None = None) -> list[PixelTest]:
    """Tests of pixels: whether they reach a threshold and, where that matters, its level for peaks.

    Parameters
    ----------
    threshold : `Threshold`
        Of a type whose level does not depend on the whole image: ``VALUE``, ``PIXEL_STDEV`` or, for the
        pixels of a mask, ``BITMASK``.
    variance : `numpy.ndarray`, optional
        Variance of the image, for ``PIXEL_STDEV``.
    """
    multiplier = threshold.getIncludeMultiplier()
    return [_test(threshold, times, variance) for times in ([1.0, multiplier] if multiplier > 1 else [1.0])]


def _test(threshold: Threshold, multiplier: float, variance: NDArray | None) -> PixelTest:
    """Test of pixels against a multiple of a threshold."""
    kind, value, positive = threshold.getType(), threshold.getValue(), threshold.getPolarity()
    if kind is Threshold.BITMASK:
        return lambda _, values: (values & int(value)) != 0
    if variance is None:
        return lambda _, values: _regions.above_threshold(values, value * multiplier, positive)

    def above_noise(start: int, values: NDArray) -> NDArray[np.bool_]:
        levels = _regions.noise_levels(variance[start : start + len(values)], value, multiplier)
        return _regions.above_threshold(values, levels, positive)

    return above_noise


def _select(flags: list[PackedFlags], min_pixels: int) -> PackedFlags:
    """Keep the regions that are large enough and, given the flags of peaks too, that hold a peak."""
    if min_pixels <= 1 and len(flags) == 1:
        return flags[0]
    whole = [each.rows(0, each.shape[0]) for each in flags]
    kept = PackedFlags(flags[0].shape)
    kept.set_rows(0, _regions.select_regions(whole[0], min_pixels, *whole[1:]))
    return kept


def _find(image: Any, threshold: Threshold, min_pixels: int) -> PackedFlags:
    """Detect on one of the three kinds of image."""
    kind = threshold.getType()
    is_mask = hasattr(image, "getPlaneBitMask")
    if (kind is Threshold.BITMASK) != is_mask:
        raise InvalidParameterError(
            f"A threshold of type {kind.name} cannot search a {type(image).__name__}; "
            "BITMASK goes with a Mask and all others with an image."
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
    values = image.image.array if hasattr(image, "image") else image.array

    tests = threshold_tests(threshold, variance)
    found = search_rows(lambda start, stop: values[start:stop], image.getBBox(), [tests], min_pixels)
    return found[0]._flags


def _grow(above: PackedFlags, radius: Any, *, isotropic: Any) -> PackedFlags:
    if not isinstance(radius, int | np.integer) or radius < 0:
        raise InvalidParameterError(
            f"Footprints grow by a whole number of pixels, 0 or more; got {radius!r}."
        )
    shape = _regions.circle_half_widths if isotropic else _regions.diamond_half_widths
    height, width = above.shape
    reach, half_widths, grown = int(radius), shape(int(radius)), PackedFlags(above.shape)
    compiled = height * width >= LARGE

    def grow(start: int, stop: int) -> None:
        first, last = max(start - reach, 0), min(stop + reach, height)
        wanted = slice(start - first, stop - first)
        grown.set_rows(start, _regions.grow(above.rows(first, last), half_widths, wanted, compiled=compiled))

    if compiled:
        _run(grow, above.shape, max(_BLOCK, 2 * reach * width))
    else:
        grow(0, height)
    return grown


def _run(work: Callable[[int, int], None], shape: tuple[int, int], pixels: int = _BLOCK) -> None:
    """Call ``work(start, stop)`` for blocks of rows, of about so many pixels, of an image."""
    run_blocks(work, shape[0], rows_of(pixels, shape[1]), rows_of(_LEAST, shape[1]))
