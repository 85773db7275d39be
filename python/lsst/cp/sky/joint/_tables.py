# SPDX-License-Identifier: GPL-3.0-or-later
"""Layouts of all data that pass from task to task, each with its reader and its writer.

Tables have all that they say in columns, what is the same in all rows included: a butler does not hand on the
header of a table. What is known of an exposure before any sky is a dictionary.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from astropy.table import Table

from ._bins import Bins
from ._noise import NoiseModel
from ._parameters import WingParameters
from ._solution import Skies
from ._wings import ProfileSums, Wings
from .geometry import FocalPlane, Geometry, Sizes

__all__ = (
    "Pattern",
    "Preliminaries",
    "SkyTable",
    "read_bins",
    "read_objects",
    "read_profiles",
    "read_wings",
    "write_bins",
    "write_objects",
    "write_profiles",
    "write_wings",
)

_NUMBERS = tuple(f.name for f in dataclasses.fields(Skies) if f.name not in ("coefficients", "reasons"))
"""Columns with one number for each exposure."""


@dataclasses.dataclass(frozen=True)
class Preliminaries:
    """What is known of a detector of an exposure before any solve, and how it is binned."""

    geometry: Geometry
    sizes: Sizes
    planes: tuple[str, ...]
    """Mask planes of pixels that are not good."""
    noise: NoiseModel

    def to_dict(self) -> dict[str, object]:
        """Return as numbers, strings and lists."""
        return {
            "geometry": self.geometry.to_dict(),
            "sizes": dataclasses.asdict(self.sizes),
            "planes": list(self.planes),
            "noise": {"slope": self.noise.slope.tolist(), "floor": self.noise.floor.tolist()},
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Preliminaries:
        """Make from numbers, strings and lists."""
        noise = values["noise"]
        return cls(
            Geometry.from_dict(values["geometry"]),
            Sizes(**values["sizes"]),
            tuple(values["planes"]),
            NoiseModel(np.array(noise["slope"], dtype=float), np.array(noise["floor"], dtype=float)),
        )


def write_bins(bins: Bins) -> Table:
    """Bins ``(ny, nx)`` of an exposure, a row per bin, in the order of the array; single precision."""
    variance = np.broadcast_to(bins.variance, bins.mean.shape)
    columns = {"mean": bins.mean, "count": bins.count, "variance": variance}
    return Table({name: np.ravel(values).astype(np.float32) for name, values in columns.items()})


def read_bins(table: Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean, count and variance, flat."""
    mean, count, variance = (np.asarray(table[n], dtype=np.float32) for n in ("mean", "count", "variance"))
    return mean, count, variance


@dataclasses.dataclass(frozen=True)
class SkyTable:
    """Skies of all exposures of a filter, and what they refer to."""

    exposures: np.ndarray
    """Number of each exposure, (E,)."""
    skies: Skies
    order: int
    """The common order."""
    plane: FocalPlane
    excess: float = 1.0
    """Factor by which errors of the pattern exceed those that its information gives."""
    rounds: int = 0
    """Number of iterations of the solve."""
    amplitude: np.ndarray | None = None
    """Amplitude of the second pattern in each exposure, ``(E,)``; `None` if there is none."""
    recurrence: float = 1.0
    """How many times more often than by chance objects of two exposures fall on each other."""

    def to_table(self) -> Table:
        """Return a table with a row per exposure."""
        skies = self.skies
        table = Table({"exposure": self.exposures.astype(np.int64)})
        for name in _NUMBERS:
            table[name] = getattr(skies, name)
        table["amplitude"] = np.zeros(len(table)) if self.amplitude is None else self.amplitude
        table["reason"] = np.array([reason or "-" for reason in skies.reasons], dtype=str)
        table["coefficients"] = np.asarray(skies.coefficients, dtype=float)
        for name, value in {
            "common_order": self.order,
            "excess": self.excess,
            "rounds": self.rounds,
            "recurrence": self.recurrence,
            "centre_x": self.plane.x,
            "centre_y": self.plane.y,
            "radius": self.plane.radius,
        }.items():
            table[name] = np.full(len(table), value)
        return table

    @classmethod
    def from_table(cls, table: Table) -> SkyTable:
        """Read from a table with a row per exposure."""
        first, number = table[0], len(table)
        skies = Skies(
            coefficients=np.array(table["coefficients"], dtype=float).reshape(number, -1),
            reasons=tuple("" if reason == "-" else str(reason) for reason in table["reason"]),
            **{name: np.array(table[name]) for name in _NUMBERS},
        )
        return cls(
            exposures=np.array(table["exposure"], dtype=np.int64),
            skies=skies,
            order=int(first["common_order"]),
            plane=FocalPlane(float(first["centre_x"]), float(first["centre_y"]), float(first["radius"])),
            excess=float(first["excess"]),
            rounds=int(first["rounds"]),
            amplitude=np.array(table["amplitude"], dtype=float) if np.any(table["amplitude"]) else None,
            recurrence=float(first["recurrence"]),
        )

    def coefficients_of(self, exposure: int) -> np.ndarray | None:
        """Coefficients of the sky of an exposure; `None` where it is not in the table."""
        found = np.flatnonzero(self.exposures == exposure)
        return self.skies.coefficients[found[0]] if len(found) else None

    def only(self, keep: Sequence[int]) -> SkyTable:
        """Some of the exposures, by number, in that order."""
        index = [int(np.flatnonzero(self.exposures == exposure)[0]) for exposure in keep]
        skies = Skies(
            coefficients=self.skies.coefficients[index],
            reasons=tuple(self.skies.reasons[i] for i in index),
            **{name: getattr(self.skies, name)[index] for name in _NUMBERS},
        )
        amplitude = None if self.amplitude is None else self.amplitude[index]
        return dataclasses.replace(self, exposures=self.exposures[index], skies=skies, amplitude=amplitude)


@dataclasses.dataclass(frozen=True)
class Pattern:
    """Pattern of a detector in bins, ``(ny, nx)`` each."""

    pattern: np.ndarray
    """Pattern as solved for (fraction of the sky); NaN where nothing is known."""
    information: np.ndarray
    """Inverse variance of the pattern; 0 where nothing is known."""
    model: np.ndarray
    """Pattern without noise and gaps."""
    smooth: np.ndarray
    """Part of the pattern that the superpixels of the stock chain follow."""
    second: np.ndarray
    """Second pattern at an amplitude of 1; 0 where there is none."""

    def to_table(self) -> Table:
        """A row per bin, in the order of the array."""
        names = [field.name for field in dataclasses.fields(self)]
        return Table({name: np.ravel(getattr(self, name)).astype(float) for name in names})

    @classmethod
    def from_table(cls, table: Table, shape: tuple[int, int]) -> Pattern:
        """Read from a table with a row per bin."""
        names = [field.name for field in dataclasses.fields(cls)]
        return cls(**{name: np.array(table[name], dtype=float).reshape(shape) for name in names})


def write_profiles(sums: ProfileSums) -> Table:
    """Sums in rings around objects, a row per class and ring."""
    place = np.indices(sums.total.shape).reshape(2, -1)
    return Table(
        {"class": place[0], "ring": place[1], "total": sums.total.ravel(), "count": sums.count.ravel()}
    )


def read_profiles(table: Table) -> ProfileSums:
    """Sums in rings around objects."""
    shape = (int(np.max(table["class"])) + 1, int(np.max(table["ring"])) + 1)
    return ProfileSums(*(np.array(table[name], dtype=float).reshape(shape) for name in ("total", "count")))


def write_objects(objects: np.ndarray) -> Table:
    """Coarse map of objects, eight of its pixels a byte, a row of the table per row of the map."""
    return Table({"columns": np.full(len(objects), objects.shape[1]), "bits": np.packbits(objects, axis=1)})


def read_objects(table: Table) -> np.ndarray:
    """Coarse map of objects, bool."""
    bits = np.array(table["bits"], dtype=np.uint8).reshape(len(table), -1)
    return np.unpackbits(bits, axis=1, count=int(table["columns"][0])).astype(bool)


def write_wings(wings: Wings, parameters: WingParameters, recurrence: float, search: bool) -> Table:
    """Radii by which objects grow, a row per class, and whether to look for objects that stay in place."""
    number = len(parameters.classes)
    return Table(
        {
            "size": np.array(parameters.classes, dtype=float),
            "radius": np.array(wings.radius, dtype=float),
            "recurrence": np.full(number, float(recurrence)),
            "search": np.full(number, bool(search)),
        }
    )


def read_wings(table: Table) -> Wings:
    """Radii by which objects grow."""
    return Wings(np.array(table["radius"], dtype=float))
