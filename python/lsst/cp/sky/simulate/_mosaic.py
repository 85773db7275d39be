# SPDX-License-Identifier: GPL-3.0-or-later
"""Nights of a small mosaic with every layer of the truth kept: what a sky frame is measured against.

An exposure is ``Poisson(S (1 + p) + sources + cosmic rays) + Normal(0, r)``. Sources are fixed on the sky, so
that a dither is a shift of one canvas and no dither means exactly that.
"""

from __future__ import annotations

import dataclasses
import zlib

import numpy as np

from ._canvas import CanvasConfig, draw_canvas
from ._config import DefectConfig
from ._defects import add_cosmic_rays, draw_bad_columns, draw_dead_pixels, saturate

__all__ = ("MOSAICS", "Mosaic", "MosaicConfig", "make_mosaic", "make_yardstick", "mean_cells")

SIDE = 512
"""Side of a detector, pixels."""
CELL = 32
"""Side of a cell of the sky frame, pixels."""
PITCH = 539
"""Distance between the corners of neighbouring detectors, pixels."""
PIXEL = 0.015
"""Side of a pixel, mm."""


@dataclasses.dataclass(frozen=True)
class MosaicConfig:
    """A night."""

    grid: tuple[int, int] = (2, 2)
    """Columns and rows of detectors."""
    exposures: int = 5
    levels: tuple[float, float] = (800.0, 3000.0)
    """Darkest and brightest sky, electrons per pixel."""
    gradient: float = 0.02
    """Largest change of the sky from the centre to the edge of the focal plane, a fraction of the level."""
    curvature: float = 0.01
    """Largest second-order terms at the edge."""
    moon: float = 0.0
    """Amplitude of an exponential term that no polynomial follows, a fraction of the level."""
    scattered: float = 0.0
    """Height of a ridge of scattered light in the first exposure, a fraction of the level."""
    missing: int = 0
    """Detectors of exposures that are missing."""
    amplitude: float = 0.003
    """Root mean square of the pattern."""
    amplifier_steps: float = 0.4
    """Weights of the parts of the pattern: steps between amplifiers ..."""
    response: float = 0.6
    """... smooth response ..."""
    ripple: float = 0.5
    """... ripple ..."""
    glow: float = 0.5
    """... and glow at an edge."""
    amplifier_ends: tuple[int, int] = (261, 246)
    """Row and column at which amplifiers end: not where a cell does."""
    vary: float = 0.0
    """Root mean square of a second pattern whose amplitude follows the level of the sky."""
    sources: CanvasConfig | None = dataclasses.field(default_factory=CanvasConfig)
    dither: float = 150.0
    """Exposures are shifted by up to this much, pixels; 0: not at all."""
    cosmic_rays: float = 60.0
    """Tracks per megapixel."""
    bad_columns: int = 2
    dead: float = 40.0
    """Dead pixels per megapixel."""
    read_noise: float = 6.0
    """Electrons."""


def mean_cells(pixels: np.ndarray, size: int = CELL) -> np.ndarray:
    """Means over cells of the last two axes, whose lengths ``size`` divides."""
    s = pixels.shape
    return pixels.reshape(*s[:-2], s[-2] // size, size, s[-1] // size, size).mean(axis=(-3, -1))


class Mosaic:
    """A night with its truth.

    Parameters
    ----------
    config : `MosaicConfig`
        What it is like.
    seed : `int`
        Seed of all random numbers.

    Attributes
    ----------
    images, variance, light : `numpy.ndarray`, ``(E, D, rows, columns)``, float32
        Pixels, their variance, and the light of sources and cosmic rays in them; electrons.
    bad, saturated : `numpy.ndarray`, bool
        Defects ``(D, rows, columns)``, saturated pixels ``(E, D, rows, columns)``.
    have : `numpy.ndarray`, ``(E, D)``, bool
        Which detectors each exposure has.
    static : `numpy.ndarray`, ``(D, rows, columns)``
        The pattern, a fraction of the sky.
    corner : `numpy.ndarray`, ``(D, 2)``
        Place in the focal plane of the first pixel's centre, column and row, pixels.
    radius : `float`
        Half the diagonal of the focal plane, pixels.
    """

    def __init__(self, config: MosaicConfig, seed: int) -> None:
        self.config, self.seed = config, seed
        root = np.random.SeedSequence(seed)
        streams = [np.random.default_rng(s) for s in root.spawn(8)]
        for_pattern, for_sky, for_sources, for_dither, for_defects, noise, rays, for_missing = streams
        columns, rows = config.grid
        self.corner = np.array(
            [
                ((i - (columns - 1) / 2) * PITCH - SIDE / 2, (j - (rows - 1) / 2) * PITCH - SIDE / 2)
                for j in range(rows)
                for i in range(columns)
            ]
        )
        self.radius = float(0.5 * np.hypot(columns * PITCH, rows * PITCH))
        self.static = self._draw_pattern(for_pattern)
        self.second = None
        if config.vary:
            self.second = self._draw_pattern(np.random.default_rng(root.spawn(1)[0])) * (
                config.vary / config.amplitude
            )
        self._draw_skies(for_sky)
        self._draw_sources(for_sources, for_dither)
        self._draw_defects(for_defects, for_missing)
        self._expose(noise, rays)

    @property
    def shape(self) -> tuple[int, int]:
        """Exposures and detectors."""
        return self.config.exposures, len(self.corner)

    def place(self, d: int) -> tuple[np.ndarray, np.ndarray]:
        """Return focal-plane positions of the pixels of a detector (units of its radius): a row, a column."""
        at = np.arange(SIDE)
        u, v = (at + self.corner[d, k] for k in (0, 1))
        return u[np.newaxis] / self.radius, v[:, np.newaxis] / self.radius

    def _draw_pattern(self, rng: np.random.Generator) -> np.ndarray:
        config = self.config
        at = np.arange(SIDE)
        out = []
        for _ in self.corner:
            pattern = np.zeros((SIDE, SIDE))
            row, column = config.amplifier_ends
            for part in (
                np.s_[:row, :column],
                np.s_[:row, column:],
                np.s_[row:, :column],
                np.s_[row:, column:],
            ):
                pattern[part] += config.amplifier_steps * rng.normal()
            waves = rng.normal(size=(4, 4)) / (1 + np.add.outer(np.arange(4), np.arange(4)))
            waves[0, 0] = 0
            cosine = np.cos(np.pi * np.outer(np.arange(4), (at + 0.5) / SIDE))
            smooth = cosine.T @ waves @ cosine
            pattern += config.response * smooth / smooth.std()
            pattern += config.ripple * np.sqrt(2) * np.sin(at / 40 + rng.uniform(0, 6.28))
            across = np.exp(-0.5 * ((at / SIDE - rng.uniform(0.2, 0.8)) / 0.2) ** 2)
            glow = np.rot90(np.exp(-at / (0.05 * SIDE))[:, np.newaxis] * across, int(rng.integers(4)))
            out.append(pattern + config.glow * glow / glow.std())
        all_of_it = np.array(out)
        return all_of_it * (config.amplitude / all_of_it.std())

    def _draw_skies(self, rng: np.random.Generator) -> None:
        config = self.config
        self.level = np.exp(rng.uniform(np.log(config.levels[0]), np.log(config.levels[1]), config.exposures))
        self._sky = []
        for _ in range(config.exposures):
            angle, slope = rng.uniform(0, 2 * np.pi), config.gradient * rng.uniform(0.2, 1.0)
            self._sky.append(
                (
                    slope * np.cos(angle),
                    slope * np.sin(angle),
                    *rng.uniform(-config.curvature, config.curvature, 3),
                    rng.uniform(0, 2 * np.pi),
                    rng.uniform(0.3, 1.0),
                    rng.uniform(0.7, 1.3),
                )
            )
        self._ridge = rng.uniform(0, np.pi), rng.uniform(-0.4, 0.4)

    def _draw_sources(self, rng: np.random.Generator, dither: np.random.Generator) -> None:
        config = self.config
        half = np.array(config.grid) * PITCH / 2 + config.dither + 80
        self._origin = -np.ceil(half).astype(int)
        shape = (2 * -int(self._origin[1]), 2 * -int(self._origin[0]))
        self.canvas = np.zeros(shape) if config.sources is None else draw_canvas(shape, config.sources, rng)
        shifts = dither.uniform(-config.dither, config.dither, (config.exposures, 2))
        self.offset = np.rint(shifts).astype(int)
        self.offset[0] = 0

    def _draw_defects(self, rng: np.random.Generator, missing: np.random.Generator) -> None:
        config, (exposures, detectors) = self.config, self.shape
        self._defects = DefectConfig(
            bad_columns=config.bad_columns,
            dead_pixels_per_megapixel=config.dead,
            cosmic_rays_per_megapixel=config.cosmic_rays,
            read_noise=config.read_noise,
        )
        shape = (SIDE, SIDE)
        self.columns = np.zeros((detectors, *shape), dtype=bool)
        if config.bad_columns:
            self.columns = np.array([draw_bad_columns(shape, self._defects, rng) for _ in range(detectors)])
        self.dead = np.array([draw_dead_pixels(shape, self._defects, rng) for _ in range(detectors)])
        self.bad = self.columns | self.dead
        self.have = np.ones(self.shape, dtype=bool)
        if config.missing:
            self.have.ravel()[missing.choice(exposures * detectors, config.missing, replace=False)] = False
            self.have[:, ~self.have.any(axis=0)] = True

    def _expose(self, rng: np.random.Generator, rays: np.random.Generator) -> None:
        shape = (*self.shape, SIDE, SIDE)
        self.images, self.light, self.variance = (np.empty(shape, dtype=np.float32) for _ in range(3))
        self.saturated = np.zeros(shape, dtype=bool)
        for e, d in np.ndindex(self.shape):
            clean = self.clean(e, d)
            pixels = clean + self.source(e, d)
            if self.config.cosmic_rays:
                add_cosmic_rays(pixels, self._defects, rays)
            self.saturated[e, d] = saturate(pixels, self._defects.full_well)
            self.light[e, d] = pixels - clean
            self.variance[e, d] = pixels + self.config.read_noise**2
            noisy = rng.poisson(pixels) + rng.normal(0, self.config.read_noise, pixels.shape)
            noisy[self.columns[d]] *= 0.2
            noisy[self.dead[d]] = np.nan
            self.images[e, d] = noisy

    def sky(self, e: int, d: int) -> np.ndarray:
        """Sky of an exposure at the pixels of a detector, electrons."""
        gx, gy, cxx, cxy, cyy, angle, strength, distance = self._sky[e]
        u, v = self.place(d)
        sky = 1 + u * (gx + cxx * u + cxy * v) + v * (gy + cyy * v)
        if self.config.moon:
            r = np.hypot(u - 1.3 * distance * np.cos(angle), v - 1.3 * distance * np.sin(angle))
            sky = sky + self.config.moon * strength * np.exp(-r / 0.7)
        if self.config.scattered and e == 0:
            turn, off = self._ridge
            across, along = np.cos(turn) * u + np.sin(turn) * v - off, np.cos(turn) * v - np.sin(turn) * u
            sky = sky + self.config.scattered * np.exp(-0.5 * (across / 0.12) ** 2 - 0.5 * (along / 0.5) ** 2)
        return self.level[e] * sky

    def pattern(self, e: int, d: int) -> np.ndarray:
        """Pattern of a detector in an exposure: the static one and, if there is one, the one that varies."""
        if self.second is None:
            return self.static[d]
        level = np.log(self.level)
        return self.static[d] + (level[e] - level.mean()) / max(level.std(), 1e-9) * self.second[d]

    def clean(self, e: int, d: int) -> np.ndarray:
        """Pixels without noise, sources and defects, electrons."""
        return self.sky(e, d) * (1 + self.pattern(e, d))

    def source(self, e: int, d: int) -> np.ndarray:
        """Light of the sources in an exposure of a detector, electrons."""
        x, y = (round(self.corner[d, k]) - int(self._origin[k]) + int(self.offset[e, k]) for k in (0, 1))
        return self.canvas[y : y + SIDE, x : x + SIDE]

    def good(self, e: int, d: int) -> np.ndarray:
        """Pixels without defects and saturation."""
        return ~(self.bad[d] | self.saturated[e, d])

    def truth(self) -> np.ndarray:
        """The static pattern in cells, ``(D, ny, nx)``."""
        return mean_cells(self.static)

    def limit(self, use: np.ndarray | None = None, *, equal: bool = False) -> np.ndarray:
        """Standard error that photons and read noise set to each cell, ``(D, ny, nx)``.

        Parameters
        ----------
        use : `numpy.ndarray`, ``(E, D, rows, columns)``, bool, optional
            Pixels that count; all that are not bad by default.
        equal : `bool`, optional
            All pixels, and exposures with equal weights, as a chain that takes a plain mean.
        """
        variance, number, information = (np.zeros(self.truth().shape) for _ in range(3))
        for e, d in np.ndindex(self.shape):
            if not self.have[e, d]:
                continue
            sky = mean_cells(self.sky(e, d))
            mask = ~self.bad[d] if use is None else use[e, d]
            pixels = np.full(sky.shape, CELL**2) if equal else mean_cells(mask.astype(float)) * CELL**2
            one = pixels * sky**2 / (sky + self.config.read_noise**2)
            information[d] += one
            number[d] += 1
            if equal:
                variance[d] += 1 / one
        if equal:
            return np.sqrt(variance) / number
        with np.errstate(divide="ignore"):
            return 1 / np.sqrt(information)


class _Yardstick(Mosaic):
    """Four detectors, five exposures of 800 to 1400 electrons, Gaussian stars that do not repeat, no
    defects.
    """

    def __init__(self, seed: int, stars: int) -> None:
        self._stars = stars
        config = MosaicConfig(
            sources=None, cosmic_rays=0, bad_columns=0, dead=0, read_noise=5.0, amplifier_ends=(256, 256)
        )
        super().__init__(config, seed)

    def _draw_pattern(self, rng: np.random.Generator) -> np.ndarray:
        row, column = np.mgrid[0:SIDE, 0:SIDE]
        waves = [0.004 * np.sin(column / 40 + d) for d in range(len(self.corner))]
        return np.array(waves) + 0.003 * (row > SIDE // 2) + 0.005 * np.exp(-column / 30)

    def _draw_skies(self, rng: np.random.Generator) -> None:
        self.level = 800.0 + 150.0 * np.arange(self.config.exposures)

    def _expose(self, rng: np.random.Generator, rays: np.random.Generator) -> None:
        rng = np.random.default_rng(self.seed)
        shape = (*self.shape, SIDE, SIDE)
        self.images, self.light, self.variance = (np.empty(shape, dtype=np.float32) for _ in range(3))
        self.saturated = np.zeros(shape, dtype=bool)
        for e, d in np.ndindex(self.shape):
            clean, stars = self.clean(e, d), _gaussian_stars(rng, self._stars)
            self.light[e, d] = stars
            self.variance[e, d] = clean + stars + self.config.read_noise**2
            self.images[e, d] = rng.normal(clean + stars, np.sqrt(clean + stars + self.config.read_noise**2))

    def sky(self, e: int, d: int) -> np.ndarray:
        """Sky of an exposure: a slope of its own, from minus to plus 6 electrons a millimetre."""
        slope = 3.0 * (e - 2) * self.radius * PIXEL
        u, v = self.place(d)
        return self.level[e] + slope * (u + 0.7 * v)


def _gaussian_stars(rng: np.random.Generator, number: int, sigma: float = 1.7) -> np.ndarray:
    """Stars whose counts follow a power law, on an otherwise empty detector."""
    out = np.zeros((SIDE, SIDE))
    at = np.arange(SIDE)
    for _ in range(number):
        x, y = rng.uniform(0, SIDE), rng.uniform(0, SIDE)
        flux = min(rng.pareto(1.2) * 400, 6e4)
        rows, columns = (slice(max(0, int(c) - 16), int(c) + 16) for c in (y, x))
        squared = (at[columns] - x) ** 2 + (at[rows, np.newaxis] - y) ** 2
        out[rows, columns] += flux / (2 * np.pi * sigma**2) * np.exp(-0.5 * squared / sigma**2)
    return out


_CROWDED = CanvasConfig(stars=4000, star_slope=0.28, faintest=26.0)
_CLEAN = {"sources": None, "cosmic_rays": 0.0, "bad_columns": 0, "dead": 0.0}

MOSAICS: dict[str, MosaicConfig] = {
    "empty": MosaicConfig(**_CLEAN),  # type: ignore[arg-type]
    "base": MosaicConfig(),
    "n3": MosaicConfig(exposures=3),
    "n10": MosaicConfig(exposures=10),
    "n30": MosaicConfig(exposures=30),
    "weak": MosaicConfig(amplitude=0.0005),
    "strong": MosaicConfig(amplitude=0.02),
    "crowded": MosaicConfig(sources=_CROWDED),
    "nodither": MosaicConfig(dither=0.0),
    "vary": MosaicConfig(vary=0.001, exposures=10),
    "moon": MosaicConfig(moon=0.1),
    "scattered": MosaicConfig(scattered=0.02),
    "missing": MosaicConfig(missing=4),
}
"""Nights by name."""


def make_mosaic(name: str, seed: int) -> Mosaic:
    """Make a night by name.

    Parameters
    ----------
    name : `str`
        One of `MOSAICS`, or ``yardstick`` followed by the number of stars per detector.
    seed : `int`
        Seed; nights of different names differ, too.

    Returns
    -------
    mosaic : `Mosaic`
        The mosaic.

    Raises
    ------
    KeyError
        Raised if there is no such night.
    """
    if name.startswith("yardstick"):
        return make_yardstick(seed, int(name.removeprefix("yardstick") or 60))
    return Mosaic(MOSAICS[name], seed * 1000 + zlib.crc32(name.encode()) % 1000)


def make_yardstick(seed: int, stars: int) -> Mosaic:
    """Make the yardstick: 2 x 2 detectors of 512 pixels, 5 exposures, a pattern of some 0.1 percent."""
    return _Yardstick(seed, stars)
