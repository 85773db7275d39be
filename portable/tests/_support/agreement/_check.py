# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found while one case is compared with the numbers of the compiled stack."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

#: Largest relative difference of float32 outputs: two or three units in the last place.
FLOAT32 = 2e-6
#: Largest relative difference of float64 statistics.
FLOAT64 = 1e-9
#: Largest part of the pixels of a detection mask that may differ, next to edges of footprints.
DETECTION = 1e-4


def _largest_relative_difference(actual: np.ndarray, expected: np.ndarray, scale: float) -> float:
    """Largest difference of finite numbers relative to what is expected, or to ``scale`` where larger."""
    finite = np.isfinite(expected)
    actual, expected = actual[finite].astype(np.float64), expected[finite].astype(np.float64)
    difference = np.abs(actual - expected)
    size = np.maximum(np.abs(expected), scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(difference == 0, 0.0, difference / size)
    return float(relative.max(initial=0.0))


@dataclass
class Check:
    """Differences between results and what the compiled stack has.

    Nothing is raised where a result is not close enough; what is wrong is listed in ``problems``.
    """

    float32: float | None = None
    """Largest relative difference of float32 outputs."""
    float64: float | None = None
    """Largest relative difference of float64 outputs."""
    exact: int = 0
    """Number of comparisons for equality: masks, shapes, counts, boxes, names."""
    exceptions: int = 0
    """Number of exceptions that were expected and came."""
    numbers: int = 0
    """Number of floating-point numbers compared."""
    different: int = 0
    """Number of those that differ in any bit, however little."""
    pixels: int = 0
    """Number of pixels of detection masks that differ, as few may."""
    problems: list[str] = field(default_factory=list)
    """What is not close enough."""

    def floats(self, name: str, actual: Any, expected: Any, scale: float = 0.0) -> None:
        """Compare floating-point results: shape and NaN equal, the rest close.

        Parameters
        ----------
        name : `str`
            What is compared.
        actual, expected : array_like
            Result, and what the stack has, whose type decides how close is close.
        scale : `float`, optional
            Size of the numbers of which the result is the difference or the extrapolation, where it comes
            out smaller than they: rounding is relative to them.
        """
        actual, expected = np.asarray(actual), np.asarray(expected)
        if actual.shape != expected.shape:
            self.problems.append(f"{name}: shape {actual.shape}, not {expected.shape}")
            return
        special = ~np.isfinite(expected) | ~np.isfinite(actual)
        if not np.array_equal(actual[special], expected[special], equal_nan=True):
            self.problems.append(f"{name}: NaN or infinite at other places")
            return
        single = expected.dtype == np.float32
        kind, limit = ("float32", FLOAT32) if single else ("float64", FLOAT64)
        found = _largest_relative_difference(actual, expected, scale)
        setattr(self, kind, max(getattr(self, kind) or 0.0, found))
        self.numbers += expected.size
        self.different += int((actual != expected)[~special].sum()) if expected.ndim else int(found > 0)
        if not found <= limit:
            self.problems.append(f"{name}: relative difference {found:.2g} > {limit:g}")

    def equal(self, name: str, actual: Any, expected: Any) -> None:
        """Compare what must be equal: masks, shapes, counts, boxes, names."""
        self.exact += 1
        if isinstance(expected, np.ndarray):
            actual = np.asarray(actual)
            if actual.shape != expected.shape:
                self.problems.append(f"{name}: shape {actual.shape}, not {expected.shape}")
            elif different := int((actual != expected).sum()):
                self.problems.append(f"{name}: {different} of {expected.size} differ")
        elif actual != expected:
            self.problems.append(f"{name}: {actual!r}, not {expected!r}")

    def detection(self, name: str, actual: np.ndarray, expected: np.ndarray) -> None:
        """Compare masks of detection: few pixels may differ, and only next to the edge of a footprint."""
        if actual.shape != expected.shape:
            self.problems.append(f"{name}: shape {actual.shape}, not {expected.shape}")
            return
        self.exact += 1
        different = actual != expected
        count = int(different.sum())
        self.pixels += count
        if count > DETECTION * expected.size:
            self.problems.append(f"{name}: {count} of {expected.size} pixels differ")
        for y, x in np.argwhere(different):
            around = expected[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
            if (around == around.flat[0]).all():
                self.problems.append(f"{name}: pixel ({x}, {y}) differs away from an edge")
                return

    def raises(
        self, name: str, expected: str, call: Callable[..., Any], *args: Any, derived: bool = False
    ) -> None:
        """Expect a call to raise an exception of the class that the stack raises.

        Parameters
        ----------
        name : `str`
            What is compared.
        expected : `str`
            Name of the class.
        call, *args : callable and its arguments
            What should raise.
        derived : `bool`, optional
            Whether a class derived from the expected one will do, which those who catch that one also catch.
        """
        try:
            call(*args)
        except Exception as error:
            self.exceptions += 1
            classes = type(error).__mro__ if derived else [type(error)]
            if expected not in [cls.__name__ for cls in classes]:
                self.problems.append(f"{name}: raised {type(error).__name__}, not {expected}")
        else:
            self.problems.append(f"{name}: raised nothing, not {expected}")
