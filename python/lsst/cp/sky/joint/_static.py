# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that stay in place while the telescope does not move: how often they recur, and a stack that shows
them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np

from ._bins import mean_bins
from ._detect import detect_objects
from ._grid import Grid
from ._parameters import JointParameters, StaticParameters
from ._pattern import denoise_pattern
from ._wings import Wings, classify_objects, grow_wings, measure_profiles, pool_profiles

__all__ = (
    "RecurrenceSums",
    "ResidualStack",
    "coarse_objects",
    "recurrence_sums",
    "search_stack",
    "warn_of_recurrence",
)

_COARSE = 2
"""Every how many rows and columns are kept of maps of objects."""


def coarse_objects(objects: np.ndarray) -> np.ndarray:
    """A smaller map of objects, which is enough to see whether they recur; bool."""
    return np.ascontiguousarray(objects[::_COARSE, ::_COARSE])


@dataclasses.dataclass(frozen=True)
class RecurrenceSums:
    """How often objects of two exposures fall on the same pixels; adds up over detectors."""

    both: float = 0.0
    """Mean number of pairs of exposures with an object at a pixel."""
    chance: float = 0.0
    """The same were objects scattered at random."""

    def __add__(self, other: RecurrenceSums) -> RecurrenceSums:
        return RecurrenceSums(self.both + other.both, self.chance + other.chance)

    @property
    def recurrence(self) -> float:
        """How many times more often than by chance; 1 if nothing is known (a single exposure, no objects)."""
        return self.both / self.chance if self.chance > 0 else 1.0


def recurrence_sums(maps: Iterable[np.ndarray]) -> RecurrenceSums:
    """Compare the objects of all exposures of one detector.

    Parameters
    ----------
    maps : `~collections.abc.Iterable` [`numpy.ndarray`]
        Maps of objects from `coarse_objects`, one an exposure, of one shape; looked at one after the other.

    Returns
    -------
    sums : `RecurrenceSums`
        Of this detector; those of all detectors add up.
    """
    number: np.ndarray | None = None
    fractions = []
    for objects in maps:
        fractions.append(float(objects.mean()))
        number = objects.astype(np.int32) if number is None else number + objects
    if number is None or len(fractions) < 2:
        return RecurrenceSums()
    both = float((number * (number - 1.0)).mean())
    return RecurrenceSums(both, sum(fractions) ** 2 - sum(f**2 for f in fractions))


def warn_of_recurrence(recurrence: float, parameters: StaticParameters) -> str | None:
    """What to say where objects stay in place; `None` where they do not."""
    if recurrence <= parameters.recurrence:
        return None
    return (
        f"Objects fall on the same pixels {recurrence:.1f} times more often than by chance: with no or small "
        "dithers their light cannot be told from the pattern, and some of it is in the sky frame. Take "
        "exposures whose pointings differ by more than the size of the objects."
    )


class ResidualStack:
    """Mean residual of all exposures of a detector: one more, deeper image.

    Parameters
    ----------
    shape : `tuple` [`int`, `int`]
        Rows and columns of the detector.
    clip : `float`
        Residuals beyond this do not count, standard deviations.
    """

    def __init__(self, shape: tuple[int, int], clip: float = 5.0) -> None:
        self._total = np.zeros(shape, dtype=np.float32)
        self._weight = np.zeros(shape, dtype=np.float32)
        self._seen = np.zeros(shape, dtype=np.uint16)
        self._clip = clip
        self.count = 0

    def add(self, residual: np.ndarray, use: np.ndarray, objects: np.ndarray, contrast: float) -> None:
        """Add an exposure.

        Parameters
        ----------
        residual : `numpy.ndarray`, ``(rows, columns)``, float32
            Exposure less its model, in units of the noise of a pixel of sky.
        use : `numpy.ndarray`, ``(rows, columns)``, bool
            Good pixels outside of the mask.
        objects : `numpy.ndarray`, ``(rows, columns)``, bool
            Sure objects of this exposure.
        contrast : `float`
            Sky over noise of a pixel: its weight in a mean of fractions of the sky.
        """
        use = use & (np.abs(residual) < self._clip)
        self._total += np.where(use, residual, np.float32(0)) * np.float32(contrast)
        self._weight += use * np.float32(contrast**2)
        self._seen += objects
        self.count += 1

    def image(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean in units of its noise where all exposures count, and which pixels have a fifth of that weight.

        Where fewer count the mean is scaled down, so that noise is even.
        """
        good = self._weight > 0.2 * max(float(self._weight.max()), 1e-30)
        return np.where(good, self._total / np.sqrt(np.maximum(self._weight, np.float32(1e-30))), 0), good

    def clear(self) -> None:
        """Give up what was added."""
        self._total = self._weight = np.zeros((0, 0), dtype=np.float32)
        self._seen = np.zeros((0, 0), dtype=np.uint16)

    def often(self, fraction: float) -> np.ndarray:
        """Pixels that are objects in more than a fraction of the exposures."""
        return self._seen > fraction * self.count


def search_stack(stack: ResidualStack, grid: Grid, parameters: JointParameters) -> np.ndarray:
    """Mask what stays in its place.

    Parameters
    ----------
    stack : `ResidualStack`
        Of one detector. Emptied, because what is left to do takes memory of its own.
    grid : `Grid`
        Bins of the detector.
    parameters : `JointParameters`
        How to search. Thresholds are eased until no more than ``static.most`` of the detector is masked for
        good.

    Returns
    -------
    mask : `numpy.ndarray`, ``(rows, columns)``, bool

    Notes
    -----
    The pattern from which the residuals come has the light of these objects in it. So what is masked is left
    out, what remains of the stack in bins is taken for an error of the pattern and subtracted, and the stack
    is searched again.
    """
    image, good = stack.image()
    out = np.zeros(good.shape, dtype=bool)
    static = parameters.static
    if stack.count < static.few:
        return out
    often = stack.often(static.often)
    stack.clear()
    for ease in static.ease:
        correction = np.zeros(grid.shape)
        for last in [False] * (static.rounds - 1) + [True]:
            flat = image - grid.pixels(correction)
            out = _search_once(flat, good, often, parameters, ease)
            if last or out.mean() > static.most:
                break
            correction = _bin_rest(image, good & ~out, grid, parameters)
        if out.mean() <= static.most:
            break
    return out


def _bin_rest(image: np.ndarray, use: np.ndarray, grid: Grid, parameters: JointParameters) -> np.ndarray:
    """Unmasked part of the stack in bins, without noise and gaps."""
    mean, count = mean_bins(image, use, np.zeros(grid.shape), grid, parameters.bins.minimum)
    return denoise_pattern(mean, count, grid, parameters.pattern)


def _search_once(
    image: np.ndarray, good: np.ndarray, often: np.ndarray, parameters: JointParameters, ease: float
) -> np.ndarray:
    """Objects of a stack and their wings, by the profiles of this stack alone."""
    detect, wings = parameters.detect, parameters.wings
    detect = dataclasses.replace(detect, strong=detect.strong * ease, faint=detect.faint * ease)
    wings = dataclasses.replace(wings, brightness=wings.brightness * ease)
    found = detect_objects(image, good, detect)
    classes = classify_objects(found.objects | often, wings)
    mask = found.mask | often
    sums = measure_profiles(image, good & ~mask, classes, Wings.initial(wings), wings)
    return grow_wings(mask, classes, pool_profiles([sums], wings), wings)
