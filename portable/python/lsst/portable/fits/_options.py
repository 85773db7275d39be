# SPDX-License-Identifier: GPL-3.0-or-later
"""Options for the compression of images."""

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
    """gzip applied to the pixels as they are."""

    GZIP_2 = enum.auto()
    """gzip applied to the pixels with their bytes sorted by significance."""

    RICE_1 = enum.auto()
    """Rice coding of integers, for quantized images and masks."""


class DitherAlgorithm(enum.Enum):
    """Dithering of quantized floating-point pixels."""

    NO_DITHER = enum.auto()
    """Round to the nearest level."""

    SUBTRACTIVE_DITHER_1 = enum.auto()
    """Add a random offset before rounding and subtract it when reading."""

    SUBTRACTIVE_DITHER_2 = enum.auto()
    """The same, but keep pixels that are exactly zero."""


class ScalingAlgorithm(enum.Enum):
    """Choice of the step between quantization levels."""

    RANGE = enum.auto()
    """The range of the unmasked pixels, divided by the number of integers available."""

    STDEV_MASKED = enum.auto()
    """The noise of the unmasked pixels, divided by ``level``; one step for the whole image."""

    STDEV_CFITSIO = enum.auto()
    """The noise of each tile as measured by CFITSIO, divided by ``level``; masks are ignored."""

    MANUAL = enum.auto()
    """``level`` is the step."""


@dataclasses.dataclass
class QuantizationOptions:
    """Options for converting floating-point pixels to integers, which loses information.

    Parameters
    ----------
    dither : `DitherAlgorithm`
        Kind of dithering.
    scaling : `ScalingAlgorithm`
        Choice of the step.
    mask_planes : `list` [`str`]
        Mask planes of pixels to ignore when choosing the step.
    level : `float`
        Steps per standard deviation for ``STDEV_*``; the step itself (in units of the pixels) for ``MANUAL``.
    seed : `int`
        Start of the dithering sequence, 1 to 10000; 0 takes it from the clock, and a negative number from a
        checksum of the first tile, which makes files reproducible.
    """

    dither: DitherAlgorithm = DitherAlgorithm.NO_DITHER
    scaling: ScalingAlgorithm = ScalingAlgorithm.STDEV_MASKED
    mask_planes: list[str] = dataclasses.field(default_factory=lambda: ["NO_DATA"])
    level: float = 0.0
    seed: int = 0

    @property
    def uses_mask(self) -> bool:
        """Return whether the choice of the step uses a mask."""
        return self.scaling in (ScalingAlgorithm.RANGE, ScalingAlgorithm.STDEV_MASKED)

    @classmethod
    def from_mapping(cls, config: Mapping[str, Any]) -> QuantizationOptions:
        """Make options from a mapping, as in a butler write recipe.

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

    def to_dict(self) -> dict[str, Any]:
        """Return the mapping of which `from_mapping` makes these options."""
        names = {"dither": self.dither.name, "scaling": self.scaling.name}
        return names | {"mask_planes": list(self.mask_planes), "level": self.level, "seed": self.seed}


@dataclasses.dataclass
class CompressionOptions:
    """Options for the tile compression of an image.

    Parameters
    ----------
    algorithm : `CompressionAlgorithm`
        Algorithm that compresses the tiles.
    tile_width, tile_height : `int`
        Size of a tile (pixels); 0 stands for the size of the image. By default a tile is one row.
    quantization : `QuantizationOptions` or `None`
        Quantization of floating-point pixels; `None` is lossless, which is not possible with ``RICE_1``.
    """

    algorithm: CompressionAlgorithm = CompressionAlgorithm.GZIP_2
    tile_width: int = 0
    tile_height: int = 1
    quantization: QuantizationOptions | None = None

    @property
    def uses_mask(self) -> bool:
        """Return whether quantization uses a mask."""
        return self.quantization is not None and self.quantization.uses_mask

    @classmethod
    def from_mapping(cls, config: Mapping[str, Any]) -> CompressionOptions:
        """Make options from a mapping, as in a butler write recipe.

        Parameters
        ----------
        config : `~collections.abc.Mapping`
            Parameters of this class by name; algorithms are names of members, and ``quantization`` is a
            mapping itself or `None`.

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

    def to_dict(self) -> dict[str, Any]:
        """Return the mapping of which `from_mapping` makes these options."""
        return {
            "algorithm": self.algorithm.name,
            "tile_width": self.tile_width,
            "tile_height": self.tile_height,
            "quantization": None if self.quantization is None else self.quantization.to_dict(),
        }


def _checked(cls: type, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a mapping after checking its keys."""
    known = {field.name for field in dataclasses.fields(cls)}
    unknown = sorted(set(config) - known)
    if unknown:
        msg = f"Unknown {cls.__name__} parameters {unknown}; expected some of {sorted(known)}."
        raise ValueError(msg)
    return dict(config)


def _member(kind: type[enum.Enum], value: Any, name: str) -> enum.Enum:
    """Return a member of an enumeration, given by name or as itself."""
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
