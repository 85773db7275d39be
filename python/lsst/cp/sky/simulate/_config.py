# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of a simulated night, with units."""

from __future__ import annotations

import dataclasses
import enum

import numpy as np

__all__ = (
    "DefectConfig",
    "NightConfig",
    "PatternConfig",
    "SkyConfig",
    "SourceConfig",
    "Stream",
    "random_stream",
)


class Stream(enum.IntEnum):
    """Independent streams of random numbers, so that changing one ingredient does not affect the others."""

    SKY = 1
    PATTERN = 2
    SOURCES = 3
    DEFECTS = 4
    NOISE = 5
    COSMIC_RAYS = 6


@dataclasses.dataclass(frozen=True)
class SkyConfig:
    """Sky brightness over the focal plane; each exposure draws its own within these bounds."""

    dark_level: float = 800.0
    """Level of the darkest sky (electrons per pixel)."""
    moonlit_level: float = 3000.0
    """Level of the brightest sky (electrons per pixel)."""
    gradient: float = 0.02
    """Largest change from the centre to the edge of the focal plane, as a fraction of the level."""
    curvature: float = 0.01
    """Largest second-order term at the edge of the focal plane, as a fraction of the level."""


@dataclasses.dataclass(frozen=True)
class PatternConfig:
    """The static pattern of each detector, as a fraction of the sky: the truth to recover."""

    amplifier_rms: float = 0.001
    """Scatter of the steps between amplifiers."""
    response_rms: float = 0.002
    """Root mean square of the smooth large-scale response."""
    response_order: int = 3
    """Largest number of half waves of the smooth response along an axis."""
    glow_peak: float = 0.01
    """Brightness of the glow at its edge of the detector."""
    glow_scale: float = 0.05
    """Distance over which the glow falls by a factor of e, as a fraction of the side of the detector."""


@dataclasses.dataclass(frozen=True)
class SourceConfig:
    """Stars and galaxies; a magnitude is relative to a source that gives one electron."""

    stars_per_megapixel: float = 200.0
    """Mean number of stars per million pixels."""
    galaxies_per_megapixel: float = 800.0
    """Mean number of galaxies per million pixels."""
    brightest: float = 15.0
    """Brightest magnitude, for the zero point below."""
    faintest: float = 25.0
    """Faintest magnitude, for the zero point below."""
    zero_point: float = 32.0
    """Magnitude that gives one electron in the exposure (30 s in r with an 8 m telescope)."""
    star_slope: float = 0.2
    """Slope of the logarithmic number counts of stars, dex per magnitude."""
    galaxy_slope: float = 0.4
    """Slope of the logarithmic number counts of galaxies, dex per magnitude."""
    fwhm: float = 4.0
    """Full width at half maximum of the point-spread function (pixels)."""
    beta: float = 3.0
    """Exponent of the Moffat profile of the point-spread function."""


@dataclasses.dataclass(frozen=True)
class DefectConfig:
    """Defects of a detector."""

    bad_columns: int = 2
    """Bad columns per detector, in the same position in every exposure."""
    dead_pixels_per_megapixel: float = 40.0
    """Pixels without a value (NaN) per million, in the same position in every exposure."""
    cosmic_rays_per_megapixel: float = 30.0
    """Mean number of cosmic-ray tracks per million pixels in an exposure."""
    full_well: float = 100_000.0
    """Full well, at which a pixel saturates and bleeds along its column (electrons)."""
    read_noise: float = 6.0
    """Read noise (electrons)."""


@dataclasses.dataclass(frozen=True)
class NightConfig:
    """A night of exposures."""

    exposures: int = 5
    """Number of exposures."""
    seed: int = 20240328
    """Seed of all random numbers; the same seed gives the same night, pixel by pixel."""
    sky: SkyConfig = SkyConfig()
    pattern: PatternConfig = PatternConfig()
    sources: SourceConfig | None = SourceConfig()
    """Stars and galaxies; `None` for an empty sky."""
    defects: DefectConfig | None = DefectConfig()
    """Defects, cosmic rays and saturation; `None` for a flawless detector."""
    noise: bool = True
    """Add Poisson and read noise. The variance plane is the same either way."""

    def __post_init__(self) -> None:
        if self.exposures < 1:
            raise ValueError(f"A night needs at least one exposure, got exposures={self.exposures}.")
        if not 0 < self.sky.dark_level <= self.sky.moonlit_level:
            raise ValueError(
                "The sky needs 0 < dark_level <= moonlit_level, got "
                f"{self.sky.dark_level} and {self.sky.moonlit_level} electrons."
            )

    @property
    def read_noise(self) -> float:
        """Read noise (electrons); zero for a flawless detector."""
        return 0.0 if self.defects is None else self.defects.read_noise

    def without_noise(self) -> NightConfig:
        """Return the same night without noise, sources and defects, as a perfect chain would see it."""
        return dataclasses.replace(self, sources=None, defects=None, noise=False)

    def without_sources(self) -> NightConfig:
        """Return the same night, noise included, without sources and defects."""
        return dataclasses.replace(self, sources=None, defects=None)


def random_stream(seed: int, stream: Stream, *keys: int) -> np.random.Generator:
    """Make the generator of one stream, independent of the order in which streams are used.

    Parameters
    ----------
    seed : `int`
        Seed of the night.
    stream : `Stream`
        Purpose of the numbers.
    *keys : `int`
        Non-negative numbers of the exposure and detector that the stream belongs to.

    Returns
    -------
    generator : `numpy.random.Generator`
        The generator.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(int(stream), *keys)))
