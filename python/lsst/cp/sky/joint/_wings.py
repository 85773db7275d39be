# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the light of objects reaches: combine profiles by size of the object, and grow masks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import ndimage as ndi

from ._disagree import disagreeing_profiles
from ._distance import block_any, block_sum, distance_to, interior_radius, unblock
from ._parameters import WingParameters

__all__ = (
    "ObjectClasses",
    "ProfileSums",
    "Wings",
    "classify_objects",
    "grow_wings",
    "measure_profiles",
    "pool_profiles",
)

_SMALL = 4.5
"""Classes below this inner radius are processed in blocks of 2 pixels, others in blocks of 4."""


@dataclasses.dataclass(frozen=True)
class ObjectClasses:
    """Which pixels belong to objects of which class of size."""

    number: np.ndarray
    """Class of the object at each pixel, -1 for none or too small; ``(rows, columns)``, int8."""
    _distances: dict[int, tuple[np.ndarray, int]] = dataclasses.field(default_factory=dict, repr=False)

    def distance(self, index: int, parameters: WingParameters) -> tuple[np.ndarray, int]:
        """Distance in pixels of each block to the objects of a class, and the side of a block.

        The result is kept, as profiles and growth need the same.
        """
        if index not in self._distances:
            self._distances[index] = self._measure(index, parameters)
        return self._distances[index]

    def _measure(self, index: int, parameters: WingParameters) -> tuple[np.ndarray, int]:
        factor = 2 if parameters.classes[index] < _SMALL else 4
        blocks = block_any(self.number == index, factor)
        return distance_to(blocks, parameters.distances[-1] / factor) * np.float32(factor), factor

    def present(self) -> list[int]:
        """Return the classes that occur, from large to small."""
        counts = np.bincount(self.number.ravel() + 1)
        return [int(k) for k in np.flatnonzero(counts[1:])[::-1]]


def classify_objects(objects: np.ndarray, parameters: WingParameters) -> ObjectClasses:
    """Sort objects by inner radius: the largest distance of a pixel of theirs to the nearest pixel outside.

    The size tells how far wings reach; the flux does not, as cosmic rays have flux, too.

    Parameters
    ----------
    objects : `numpy.ndarray`, ``(rows, columns)``, bool
        Sure objects, before they were grown.
    parameters : `WingParameters`
        Classes.

    Returns
    -------
    classes : `ObjectClasses`
        The classes of the objects.
    """
    label, number = ndi.label(objects)
    edges = np.array(parameters.classes)
    if not number:
        return ObjectClasses(np.full(objects.shape, -1, dtype=np.int8))
    inside = interior_radius(objects, float(edges[-1]) + 1)
    radius = np.zeros(number + 1, dtype=np.float32)
    np.maximum.at(radius, label[objects], inside[objects])
    index = (np.searchsorted(edges, radius, side="right") - 1).astype(np.int8)
    return ObjectClasses(index[label])


@dataclasses.dataclass(frozen=True)
class ProfileSums:
    """Sums of residuals in rings around objects; they add up over exposures and detectors."""

    total: np.ndarray
    """Sum of the residuals (standard deviations of a sky pixel); ``(classes, rings)``."""
    count: np.ndarray
    """Number of pixels, ``(classes, rings)``."""

    def __add__(self, other: ProfileSums) -> ProfileSums:
        return ProfileSums(self.total + other.total, self.count + other.count)

    @classmethod
    def empty(cls, parameters: WingParameters) -> ProfileSums:
        """Return sums of nothing."""
        shape = (len(parameters.classes), len(parameters.distances) - 1)
        return cls(np.zeros(shape), np.zeros(shape))


@dataclasses.dataclass(frozen=True)
class Wings:
    """How far masks reach beyond objects."""

    radius: np.ndarray
    """Radius by which each class grows (pixels), (classes,)."""
    left_out: tuple[int, ...] = ()
    """Which of the profiles did not count, in the order in which they were given."""

    @classmethod
    def initial(cls, parameters: WingParameters) -> Wings:
        """Return the radii that are assumed before profiles are measured."""
        return cls(parameters.least * np.array(parameters.classes))


def measure_profiles(
    residual: np.ndarray, use: np.ndarray, classes: ObjectClasses, wings: Wings, parameters: WingParameters
) -> ProfileSums:
    """Sum the residual in rings around the objects of each class.

    Parameters
    ----------
    residual : `numpy.ndarray`, ``(rows, columns)``, float32
        Exposure minus its model (units of the noise of a pixel of sky).
    use : `numpy.ndarray`, ``(rows, columns)``, bool
        Good pixels outside of the mask, before wings.
    classes : `ObjectClasses`
        Objects.
    wings : `Wings`
        Radii of an earlier pass: rings around small objects leave out what lies in the wings of larger ones.
    parameters : `WingParameters`
        Rings.

    Returns
    -------
    sums : `ProfileSums`
        Sums of the residuals in rings.
    """
    out = ProfileSums.empty(parameters)
    edges = np.array(parameters.distances, dtype=np.float32)
    flat = np.where(use, residual, np.float32(0))
    blocks: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for index in classes.present():
        distance, factor = classes.distance(index, parameters)
        if factor not in blocks:
            total, number = block_sum(flat, factor), block_sum(use.astype(np.float32), factor)
            for larger, (_, above) in blocks.items():
                number[unblock(above == 0, larger // factor, number.shape)] = 0
            blocks[factor] = total, number
        total, number = blocks[factor]
        near = (number > 0) & (distance < edges[-1])
        ring = np.searchsorted(edges, distance[near], side="right") - 1
        out.total[index] = np.bincount(ring, total[near], minlength=len(edges) - 1)
        out.count[index] = np.bincount(ring, number[near], minlength=len(edges) - 1)
        number[distance <= wings.radius[index]] = 0
    return out


def pool_profiles(sums: Iterable[ProfileSums], parameters: WingParameters) -> Wings:
    """Measure how far the wings of each class reach.

    Parameters
    ----------
    sums : `~collections.abc.Iterable` [`ProfileSums`]
        Sums of all exposures and detectors; about 2 kB each are held.
    parameters : `WingParameters`
        Parameters; brightness, significance, accepted deviation and minimum growth are used.

    Returns
    -------
    wings : `Wings`
        The outer radius of the last of the rings that are, one after the other from the object outwards,
        brighter than ``brightness``; at least ``least`` times the inner radius of the class. Exposures that
        are unlike the others do not count, except in a class that no other has: so one that is bad
        changes no mask but its own.
    """
    added, left_out = _add_agreeing(list(sums), parameters)
    edges = np.array(parameters.distances, dtype=float)
    radius = Wings.initial(parameters).radius
    for index, (total, count) in enumerate(zip(added.total, added.count, strict=True)):
        far = edges[:-1] >= parameters.far
        zero = total[far].sum() / max(count[far].sum(), 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            bright, error = total / count - zero, 1 / np.sqrt(count)
        few = count < parameters.count
        above = few | ((bright > parameters.brightness) & (bright > parameters.significance * error))
        wing = np.logical_and.accumulate(above) & ~few
        if wing.any():
            radius[index] = max(radius[index], edges[1:][wing].max())
    return Wings(radius, left_out)


def _add_agreeing(
    sums: Sequence[ProfileSums], parameters: WingParameters
) -> tuple[ProfileSums, tuple[int, ...]]:
    """Add profiles that agree, and those that do not in classes that are theirs alone; say which do not."""
    nothing = ProfileSums.empty(parameters)
    every = sum(sums, nothing)
    if not sums:
        return every, ()
    bad = disagreeing_profiles(
        np.stack([one.total for one in sums]), np.stack([one.count for one in sums]), parameters
    )
    agreed = sum((one for one, out in zip(sums, bad, strict=True) if not out), nothing)
    have = (agreed.count >= parameters.count).any(axis=1, keepdims=True)
    added = ProfileSums(np.where(have, agreed.total, every.total), np.where(have, agreed.count, every.count))
    return added, tuple(int(i) for i in np.flatnonzero(bad))


def grow_wings(
    mask: np.ndarray, classes: ObjectClasses, wings: Wings, parameters: WingParameters
) -> np.ndarray:
    """Add the wings of objects to a mask.

    Parameters
    ----------
    mask : `numpy.ndarray`, ``(rows, columns)``, bool
        Mask as detected.
    classes : `ObjectClasses`
        Objects.
    wings : `Wings`
        Radii.
    parameters : `WingParameters`
        Classes.

    Returns
    -------
    grown : `numpy.ndarray`, ``(rows, columns)``, bool
        The grown mask.
    """
    out = mask.copy()
    for index in classes.present():
        distance, factor = classes.distance(index, parameters)
        out |= unblock(distance <= wings.radius[index], factor, mask.shape)
    return out
