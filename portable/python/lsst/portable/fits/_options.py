# SPDX-License-Identifier: GPL-3.0-or-later
"""How images are compressed when they are written: options as a user sees them."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

__all__ = (
    "CompressionAlgorithm",
    "CompressionOptions",
    "DitherAlgorithm",
    "QuantizationOptions",
    "ScalingAlgorithm",
)


class CompressionAlgorithm(enum.Enum):
    """Algorithms that compress the tiles of an image."""

    GZIP_1 = enum.auto()
    """gzip of the pixels as they are."""

    GZIP_2 = enum.auto()
    """gzip of the pixels with their bytes sorted by significance."""

    RICE_1 = enum.auto()
    """Rice coding of integers, for quantised images and masks."""


class DitherAlgorithm(enum.Enum):
    """How values are dithered when floating-point pixels are quantised."""

    NO_DITHER = enum.auto()
    """Round to the nearest level."""

    SUBTRACTIVE_DITHER_1 = enum.auto()
    """Add a random offset before rounding and take it off again when reading."""

    SUBTRACTIVE_DITHER_2 = enum.auto()
    """The same, and pixels that are exactly zero stay so."""


class ScalingAlgorithm(enum.Enum):
    """How the step between quantisation levels is chosen."""

    RANGE = enum.auto()
    """The range of the pixels that are not masked, over the integers there are."""

    STDEV_MASKED = enum.auto()
    """The noise of the pixels that are not masked, over ``level``; one step for the image."""

    STDEV_CFITSIO = enum.auto()
    """The noise of each tile, over ``level``, as CFITSIO measures it; masks are not looked at."""

    MANUAL = enum.auto()
    """``level`` is the step."""


@dataclasses.dataclass
class QuantizationOptions:
    """How floating-point pixels become integers; this loses information.

    Parameters
    ----------
    dither : `DitherAlgorithm`
        Kind of dithering.
    scaling : `ScalingAlgorithm`
        How the step is chosen.
    mask_planes : `list` [`str`]
        Names of mask planes whose pixels do not count when the step is chosen.
    level : `float`
        Steps per standard deviation for ``STDEV_*``; the step itself (in units of the pixels) for ``MANUAL``.
    seed : `int`
        Where the dithering begins, 1 to 10000; 0 takes it from the clock, and a negative number from a
        checksum of the first tile, which makes files repeatable.
    """

    dither: DitherAlgorithm = DitherAlgorithm.NO_DITHER
    scaling: ScalingAlgorithm = ScalingAlgorithm.STDEV_MASKED
    mask_planes: list[str] = dataclasses.field(default_factory=lambda: ["NO_DATA"])
    level: float = 0.0
    seed: int = 0

    @property
    def uses_mask(self) -> bool:
        """Whether a mask has any say in how the step is chosen."""
        return self.scaling in (ScalingAlgorithm.RANGE, ScalingAlgorithm.STDEV_MASKED)

    @classmethod
    def from_mapping(cls, config: Mapping[str, Any]) -> QuantizationOptions:
        """Make options of a mapping such as a butler write recipe has.

        Raises
        ------
        ValueError
            Raised for an unknown key or the name of an unknown algorithm.
        """
        values = _checked(cls, config)
        for name, kind in (("dither", DitherAlgorithm), ("scaling", ScalingAlgorithm)):
            if name in values:
                values[name] = _member(kind, values[name], name)
        if "mask_planes" in values:
            values["mask_planes"] = list(values["mask_planes"])
        return cls(**values)


@dataclasses.dataclass
class CompressionOptions:
    """How an image is compressed, tile by tile.

    Parameters
    ----------
    algorithm : `CompressionAlgorithm`
        What compresses the tiles.
    tile_width, tile_height : `int`
        Size of a tile (pixels); 0 stands for the size of the image. By default a tile is one row.
    quantization : `QuantizationOptions` or `None`
        How floating-point pixels are quantised; `None` is lossless, which ``RICE_1`` cannot do for such
        pixels.
    """

    algorithm: CompressionAlgorithm = CompressionAlgorithm.GZIP_2
    tile_width: int = 0
    tile_height: int = 1
    quantization: QuantizationOptions | None = None

    @property
    def uses_mask(self) -> bool:
        """Whether a mask has any say in how the pixels are quantised."""
        return self.quantization is not None and self.quantization.uses_mask

    @classmethod
    def from_mapping(cls, config: Mapping[str, Any]) -> CompressionOptions:
        """Make options of a mapping such as a butler write recipe has.

        Parameters
        ----------
        config : `~collections.abc.Mapping`
            The parameters of this class by name; algorithms by the names of their members, and
            ``quantization`` a mapping of its own or `None`.

        Raises
        ------
        ValueError
            Raised for an unknown key or the name of an unknown algorithm.
        """
        values = _checked(cls, config)
        if "algorithm" in values:
            values["algorithm"] = _member(CompressionAlgorithm, values["algorithm"], "algorithm")
        if isinstance(values.get("quantization"), Mapping):
            values["quantization"] = QuantizationOptions.from_mapping(values["quantization"])
        return cls(**values)


def _checked(cls: type, config: Mapping[str, Any]) -> dict[str, Any]:
    """Copy of a mapping after a look at its keys."""
    known = {field.name for field in dataclasses.fields(cls)}
    unknown = sorted(set(config) - known)
    if unknown:
        msg = f"Unknown {cls.__name__} parameters {unknown}; expected some of {sorted(known)}."
        raise ValueError(msg)
    return dict(config)


def _member(kind: type[enum.Enum], value: Any, name: str) -> enum.Enum:
    """Member of an enumeration by name, or the member itself."""
    if isinstance(value, kind):
        return value
    try:
        return kind[value]
    except KeyError:
        msg = (
            f"Compression parameter {name} is {value!r}; expected one of {[member.name for member in kind]}."
        )
        raise ValueError(msg) from None


for _cls in (
    CompressionAlgorithm,
    CompressionOptions,
    DitherAlgorithm,
    QuantizationOptions,
    ScalingAlgorithm,
):
    _cls.__module__ = "lsst.afw.fits"
