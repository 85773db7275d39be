# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmarks have in common: the exposure, the yardsticks, and how times are taken."""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lsst.afw.cameraGeom import FIELD_ANGLE, Camera, DetectorType, Orientation
from lsst.afw.fits import CompressionOptions
from lsst.afw.geom import makeTransform
from lsst.afw.image import ExposureF
from lsst.geom import AffineTransform, Box2I, Extent2D, Extent2I, LinearTransform, Point2D, Point2I

__all__ = (
    "PIXEL_MM",
    "Pair",
    "Row",
    "arguments",
    "focal_plane_config",
    "make_camera",
    "make_exposure",
    "print_rows",
    "time_pair",
    "write_exposure",
)

#: Side of a pixel, mm.
PIXEL_MM = 0.01
#: Side of a superpixel of the focal-plane model, mm (that of LSSTCam).
SUPERPIXEL_MM = 40.96


class Row(NamedTuple):
    """One measured row of the table."""

    step: str
    ours: float
    """Median, in the unit of the row."""
    yardstick: float
    """Median of the yardstick."""
    limit: float
    """What ours / yardstick must not exceed; NaN where there is no yardstick."""
    unit: str = "s"
    cpu_ratio: float = math.nan
    """The same ratio of processor times, those of all threads added up."""

    @property
    def ratio(self) -> float:
        """Ours over the yardstick."""
        return self.ours / self.yardstick


class Pair(NamedTuple):
    """Medians of two things that were timed by turns."""

    ours: float
    yardstick: float
    cpu_ratio: float

    def row(self, step: str, limit: float) -> Row:
        """Make a row of the table."""
        return Row(step, self.ours, self.yardstick, limit, "s", self.cpu_ratio)


def arguments(doc: str | None, argv: list[str] | None = None) -> argparse.Namespace:
    """Read the options that all benchmarks share."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--width", type=int, default=4072, help="columns of the detector")
    parser.add_argument("--height", type=int, default=4000, help="rows of the detector")
    parser.add_argument("--stars", type=int, default=3000, help="stars on the detector")
    parser.add_argument("--repeat", type=int, default=5, help="runs that are timed, after one to warm up")
    return parser.parse_args(argv)


def make_camera(width: int, height: int) -> Camera:
    """Make a camera of one detector."""
    builder = Camera.Builder("Bench")
    scaling = makeTransform(AffineTransform(LinearTransform.makeScaling(1e-4)))
    builder.setTransformFromFocalPlaneTo(FIELD_ANGLE, scaling)
    detector = builder.add("R22_S11", 0)
    detector.setSerial("BENCH-0")
    detector.setType(DetectorType.SCIENCE)
    detector.setBBox(Box2I(Point2I(0, 0), Extent2I(width, height)))
    detector.setPixelSize(Extent2D(PIXEL_MM, PIXEL_MM))
    middle = Point2D((width - 1) / 2, (height - 1) / 2)
    detector.setOrientation(Orientation(Point2D(0.0, 0.0), middle))
    return builder.finish()


def make_exposure(
    width: int, height: int, stars: int, detector: Any = None, seed: int = 20260101
) -> ExposureF:
    """Make an exposure of a sky with a gradient, stars, defects and noise.

    Parameters
    ----------
    width, height
        Size in pixels.
    stars
        Number of stars, of Pareto distributed fluxes.
    detector
        Detector to attach.
    seed
        Seed of the random numbers.
    """
    rng = np.random.default_rng(seed)
    exposure = ExposureF(Extent2I(width, height))
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    sky = 1000 * (1 + 0.02 * x[np.newaxis, :] - 0.03 * y[:, np.newaxis] ** 2)
    image = exposure.image.array
    image[:] = sky
    _add_stars(image, stars, rng)
    exposure.variance.array[:] = image / 1.5 + 25
    image += rng.standard_normal(image.shape, dtype=np.float32) * np.sqrt(exposure.variance.array)
    mask = exposure.mask
    mask.array[image > 60000] |= mask.getPlaneBitMask("SAT")
    bad = mask.getPlaneBitMask("BAD")
    mask.array[:, rng.integers(0, width, 1 + width // 1000)] |= bad
    mask.array[rng.random(image.shape, dtype=np.float32) < 1e-4] |= bad
    if detector is not None:
        exposure.setDetector(detector)
    return exposure


def _add_stars(image: np.ndarray, stars: int, rng: np.random.Generator) -> None:
    """Add Moffat-like stars of full width about 5 pixels, in place."""
    half = 40
    yy, xx = np.mgrid[-half : half + 1, -half : half + 1]
    profile = ((1 + (xx**2 + yy**2) / 12.0) ** -2.5).astype(np.float32)
    profile *= 1.5 / (np.pi * 12.0)
    ny, nx = image.shape
    places = np.stack([rng.integers(0, ny, stars), rng.integers(0, nx, stars)], axis=1)
    fluxes = np.minimum(2000 * (1 + rng.pareto(0.9, stars)), 3e7).astype(np.float32)
    for (y, x), flux in zip(places.tolist(), fluxes, strict=True):
        y0, y1, x0, x1 = max(y - half, 0), min(y + half + 1, ny), max(x - half, 0), min(x + half + 1, nx)
        image[y0:y1, x0:x1] += flux * profile[y0 - y + half : y1 - y + half, x0 - x + half : x1 - x + half]


def write_exposure(exposure: ExposureF, path: str) -> None:
    """Write an exposure in lossless GZIP_2 tiles, as the butler does."""
    options = CompressionOptions()
    exposure.writeFits(path, imageOptions=options, maskOptions=options, varianceOptions=options)


def focal_plane_config(width: int) -> Any:
    """Make the configuration of the focal-plane model: superpixels as those of LSSTCam, on a detector of so
    many columns no larger than that.
    """
    from lsst.pipe.tasks.background import FocalPlaneBackgroundConfig

    config = FocalPlaneBackgroundConfig()
    config.xSize = config.ySize = min(SUPERPIXEL_MM, width * PIXEL_MM)
    config.pixelSize = PIXEL_MM
    return config


def time_pair(
    ours: Callable[[Any], Any],
    yardstick: Callable[[], Any],
    repeat: int,
    prepare: Callable[[], Any] = lambda: None,
) -> Pair:
    """Time two functions by turns.

    Parameters
    ----------
    ours
        What to measure; gets what ``prepare`` returned.
    yardstick
        What to measure beside it.
    repeat
        Runs that count; one of each goes before them.
    prepare
        Makes the input of a run; not timed.

    Returns
    -------
    pair
        Medians (seconds), and the ratio of the medians of processor times.
    """
    mine, theirs = [], []
    for _ in range(repeat + 1):
        prepared = prepare()
        mine.append(_time(lambda given=prepared: ours(given)))
        del prepared
        theirs.append(_time(yardstick))
    (wall, cpu), (their_wall, their_cpu) = (
        [statistics.median(column) for column in zip(*times[1:], strict=True)] for times in (mine, theirs)
    )
    return Pair(wall, their_wall, cpu / their_cpu if their_cpu else math.nan)


def _time(work: Callable[[], Any]) -> tuple[float, float]:
    """Wall and processor time of a call; what it returns is let go only afterwards."""
    start, cpu = time.perf_counter(), time.process_time()
    result = work()
    taken = time.perf_counter() - start, time.process_time() - cpu
    del result
    return taken


def print_rows(rows: list[Row]) -> None:
    """Print measured rows as a table in Markdown."""
    print("| step / yardstick | ours | yardstick | ratio | must be | ratio of processor times |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        ours = f"{row.ours:.3g} {row.unit}"
        if math.isnan(row.limit):
            print(f"| {row.step} | {ours} | | | | |")
            continue
        cpu = "" if math.isnan(row.cpu_ratio) else f"{row.cpu_ratio:.2g}"
        print(
            f"| {row.step} | {ours} | {row.yardstick:.3g} {row.unit} | {row.ratio:.2g} "
            f"| <= {row.limit:g} | {cpu} |"
        )
