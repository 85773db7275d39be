# SPDX-License-Identifier: GPL-3.0-or-later
"""Layouts of all data that pass from task to task, each with its reader and its writer.

Tables have all that they say in columns, what is the same in all rows included: a butler does not hand on the
header of a table. What is known of an exposure before any sky is a dictionary.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.table import Table

from .._naming import phrase
from .._validation import requireType
from ..errors import MismatchedInputsError
from ._bins import Bins
from ._noise import NoiseModel
from ._parameters import WingParameters
from ._solution import Skies
from ._wings import ProfileSums, Wings
from .geometry import FocalPlane, Geometry, Sizes

if TYPE_CHECKING:
    from .._protocols import Names

__all__ = (
    "Pattern",
    "Preliminaries",
    "SkyTable",
    "read_bins",
    "read_objects",
    "read_profiles",
    "read_recurrence",
    "read_wings",
    "write_bins",
    "write_objects",
    "write_profiles",
    "write_wings",
)

_NUMBERS = tuple(f.name for f in dataclasses.fields(Skies) if f.name not in ("coefficients", "reasons"))
"""Columns with one number for each exposure."""
_OF_ALL = ("common_order", "excess", "rounds", "recurrence", "centre_x", "centre_y", "radius")
"""Columns with the same number for all exposures."""
_MOST_PIXELS = 1_000_000
"""Pixels along an axis of a detector."""
_MOST_ORDER = 100
_SKY_COLUMNS = ("exposure", "coefficients", "amplitude", *_NUMBERS, *_OF_ALL)


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
    def from_dict(cls, values: Mapping[str, Any], names: Names) -> Preliminaries:
        """Make from numbers, strings and lists.

        Parameters
        ----------
        values : `dict`
            What `to_dict` returned.
        names : `dict`
            Exposure and detector, for error messages.

        Raises
        ------
        lsst.cp.sky.MismatchedInputsError
            Raised if it is something else.
        """
        requireType(values, Mapping, "the note on geometry and noise")
        try:
            noise = values["noise"]
            found = cls(
                Geometry.from_dict(values["geometry"]),
                Sizes(**values["sizes"]),
                tuple(values["planes"]),
                NoiseModel(np.array(noise["slope"], dtype=float), np.array(noise["floor"], dtype=float)),
            )
            found._check()
            if found.geometry.detector != names.get("detector", found.geometry.detector):
                raise ValueError(f"that of detector {found.geometry.detector!r}")
        except (KeyError, TypeError, ValueError) as error:
            raise MismatchedInputsError(
                f"The note on geometry and noise of {phrase(names)} is not one ({error!r}). Use that of "
                "CpSkyJointMedianTask, written by this version.",
                **names,
            ) from error
        return found

    def _check(self) -> None:
        """Raise `ValueError` unless the parts fit together and have numbers that can be worked with."""
        shape = self.geometry.shape
        if len(shape) != 2 or not all(1 <= length <= _MOST_PIXELS for length in shape):
            raise ValueError(f"a detector of shape {shape}")
        grid = self.geometry.grid(self.sizes)
        segments = (len(grid.y.segments), len(grid.x.segments))
        for name in ("slope", "floor"):
            plane = getattr(self.noise, name)
            if plane.shape != segments or not np.isfinite(plane).all():
                raise ValueError(f"{name} of shape {plane.shape}, where {segments} finite numbers belong")
        place = np.array([*self.geometry.matrix, self.geometry.offset], dtype=float)
        if place.shape != (3, 2) or not np.isfinite(place).all():
            raise ValueError("a place in the focal plane that is not finite")


def _require(table: Table, columns: Sequence[str], what: str, names: Names) -> None:
    """Make sure that this is a table with numbers in some columns, or raise `MismatchedInputsError`."""
    requireType(table, Table, f"the table of {what}")
    numeric = {name for name in table.colnames if table[name].dtype.kind in "biuf"}
    if not len(table) or not numeric.issuperset(columns):
        raise MismatchedInputsError(
            f"The table of {what} of {phrase(names, unknown='all exposures')} should have numbers in the "
            f"columns {', '.join(columns)}; it has {len(table)} rows, and numbers in "
            f"{', '.join(sorted(numeric)) or 'no column'}. Use what the task before this one wrote, with the "
            "same version.",
            **names,
        )


def write_bins(bins: Bins) -> Table:
    """Bins ``(ny, nx)`` of an exposure, a row per bin, in the order of the array; single precision."""
    variance = np.broadcast_to(bins.variance, bins.mean.shape)
    columns = {"mean": bins.mean, "count": bins.count, "variance": variance}
    return Table({name: np.ravel(values).astype(np.float32) for name, values in columns.items()})


def read_bins(
    table: Table, shape: tuple[int, int], names: Names
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean, count and variance, flat.

    Raises
    ------
    lsst.cp.sky.MismatchedInputsError
        Raised if it is another table, or of a detector of other bins than ``shape``.
    """
    _require(table, ("mean", "count", "variance"), "bins", names)
    if len(table) != shape[0] * shape[1]:
        raise MismatchedInputsError(
            f"There are {len(table)} bins of {phrase(names)}, where other exposures have {shape[0]} x "
            f"{shape[1]} (rows, columns). Make all bins with one configuration, from exposures of one size.",
            **names,
            bins=len(table),
            expected=shape[0] * shape[1],
        )
    mean, count, variance = (np.array(table[n], dtype=np.float32) for n in ("mean", "count", "variance"))
    if not (np.isfinite(count) & (count >= 0)).all():
        raise MismatchedInputsError(
            f"The bins of {phrase(names)} have from {count.min():g} to {count.max():g} pixels; make them "
            "anew from this exposure.",
            **names,
        )
    # An exposure whose numbers single precision cannot hold must not cost the others.
    lost = (count > 0) & ~(np.isfinite(mean) & np.isfinite(variance) & (variance > 0))
    mean[lost], count[lost], variance[lost] = np.nan, 0, 1
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
        """Read from a table with a row per exposure.

        Raises
        ------
        lsst.cp.sky.MismatchedInputsError
            Raised if it is another table, or its numbers cannot be worked with.
        """
        _require(table, _SKY_COLUMNS, "skies", {})
        first, number = table[0], len(table)
        where = [float(first[name]) for name in ("centre_x", "centre_y", "radius")]
        twice = number - len(np.unique(table["exposure"]))
        orders = [float(value) for value in (first["common_order"], *table["order"])]
        sound = np.isfinite([*where, *table["weight"]]).all() and where[2] > 0
        sound = sound and all(0 <= order <= _MOST_ORDER for order in orders)
        if not sound or twice or "reason" not in table.colnames:
            raise MismatchedInputsError(
                f"The table of skies has a focal plane of radius {where[2]:g} mm about ({where[0]:g}, "
                f"{where[1]:g}) mm, weights of {np.min(table['weight']):g} to {np.max(table['weight']):g}, "
                f"polynomials of order {min(orders):g} to {max(orders):g} and {twice} "
                "exposures more than once. Use what CpSkyJointStartTask or CpSkyJointSolveTask wrote, with "
                "the same version."
            )
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
    def from_table(cls, table: Table, shape: tuple[int, int], names: Names) -> Pattern:
        """Read from a table with a row per bin.

        Raises
        ------
        lsst.cp.sky.MismatchedInputsError
            Raised if it is another table, or of a detector of another size.
        """
        columns = [field.name for field in dataclasses.fields(cls)]
        _require(table, columns, "the pattern", names)
        if len(table) != shape[0] * shape[1]:
            raise MismatchedInputsError(
                f"The pattern of {phrase(names)} has {len(table)} bins, the detector {shape[0]} x {shape[1]} "
                "(rows, columns). Use the pattern of this detector, from the same run.",
                **names,
                bins=len(table),
                expected=shape[0] * shape[1],
            )
        return cls(**{name: np.array(table[name], dtype=float).reshape(shape) for name in columns})


def write_profiles(sums: ProfileSums) -> Table:
    """Sums in rings around objects, a row per class and ring."""
    place = np.indices(sums.total.shape).reshape(2, -1)
    return Table(
        {"class": place[0], "ring": place[1], "total": sums.total.ravel(), "count": sums.count.ravel()}
    )


def read_profiles(table: Table, shape: tuple[int, int], names: Names) -> ProfileSums:
    """Sums in rings around objects.

    Raises
    ------
    lsst.cp.sky.MismatchedInputsError
        Raised if it is another table, or has other classes and rings than ``shape``.
    """
    _require(table, ("class", "ring", "total", "count"), "profiles", names)
    if len(table) != shape[0] * shape[1]:
        raise MismatchedInputsError(
            f"The profiles of {phrase(names)} have {len(table)} rings, where the configuration has "
            f"{shape[0]} classes of {shape[1]} rings. Set wings.classes and wings.distances alike in all "
            "tasks.",
            **names,
            rings=len(table),
            expected=shape[0] * shape[1],
        )
    return ProfileSums(*(np.array(table[name], dtype=float).reshape(shape) for name in ("total", "count")))


def write_objects(objects: np.ndarray) -> Table:
    """Coarse map of objects, eight of its pixels a byte, a row of the table per row of the map."""
    return Table({"columns": np.full(len(objects), objects.shape[1]), "bits": np.packbits(objects, axis=1)})


def read_objects(table: Table, names: Names) -> np.ndarray:
    """Coarse map of objects, bool."""
    _require(table, ("columns", "bits"), "objects", names)
    bits, columns = (
        np.array(table["bits"], dtype=np.uint8).reshape(len(table), -1),
        float(table["columns"][0]),
    )
    if not 8 * (bits.shape[1] - 1) < columns <= 8 * bits.shape[1]:
        raise MismatchedInputsError(
            f"The map of the objects of {phrase(names)} has rows of {bits.shape[1]} bytes for {columns:g} "
            "columns; make it anew with CpSkyJointMaskTask.",
            **names,
        )
    return np.unpackbits(bits, axis=1, count=int(columns)).astype(bool)


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


def read_recurrence(table: Table) -> tuple[float, bool]:
    """How often objects recur, and whether to look for those that stay in place."""
    _require(table, ("recurrence", "search"), "wings", {})
    recurrence = float(table["recurrence"][0])
    if not 0 <= recurrence < np.inf:
        raise MismatchedInputsError(
            f"The table of wings of all exposures has a recurrence of {recurrence}, which is no multiple of "
            "chance; make it anew with CpSkyJointPoolTask.",
            recurrence=str(recurrence),
        )
    return recurrence, bool(table["search"][0])


def read_wings(table: Table, classes: int) -> Wings:
    """Radii by which objects grow.

    Raises
    ------
    lsst.cp.sky.MismatchedInputsError
        Raised if it is another table, or of another number of classes.
    """
    _require(table, ("radius",), "wings", {})
    if len(table) != classes or not np.isfinite(table["radius"]).all():
        raise MismatchedInputsError(
            f"The table of wings of all exposures has {len(table)} radii ({list(table['radius'])}), where "
            f"{classes} finite ones are expected. Set wings.classes alike in all tasks.",
            radii=len(table),
            expected=classes,
        )
    return Wings(np.array(table["radius"], dtype=float))
