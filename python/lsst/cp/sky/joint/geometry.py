# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a detector and its amplifiers are: the part of camera geometry that the joint chain needs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lsst.afw.cameraGeom import FOCAL_PLANE, PIXELS
from lsst.geom import Point2D

from ._grid import Grid
from ._noise import NoiseModel
from ._plane import Placement, Site

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Detector
    from lsst.geom import Box2I

__all__ = ("FocalPlane", "Geometry", "Sizes", "amplifier_noise")


@dataclasses.dataclass(frozen=True)
class Sizes:
    """Sides of bins and of cells of the sky frame (pixels)."""

    bin: int
    cell: int


@dataclasses.dataclass(frozen=True)
class Geometry:
    """A detector's pixels, its amplifiers and its place in the focal plane; stored with the noise."""

    detector: int
    """Number of the detector."""
    name: str
    """Name of the detector."""
    physical_type: str
    """Physical type of the detector."""
    corner: tuple[int, int]
    """Column and row, in the detector, of the first pixel of the array."""
    shape: tuple[int, int]
    """Rows and columns."""
    amplifiers: tuple[tuple[int, int, int, int], ...]
    """First row, end of rows, first column, end of columns of each amplifier, in pixels of the array."""
    matrix: tuple[tuple[float, float], tuple[float, float]]
    """Millimetres in the focal plane (x, y) per pixel (column, row)."""
    offset: tuple[float, float]
    """Position in the focal plane of the centre of the first pixel (mm)."""

    @classmethod
    def of(cls, detector: Detector, box: Box2I) -> Geometry:
        """Geometry of the pixels of a box of a detector.

        The transform to the focal plane is taken at the corners, as an affine one: how a detector is tilted
        or bent does not matter for skies of a few polynomials.
        """
        x0, y0, width, height = box.getMinX(), box.getMinY(), box.getWidth(), box.getHeight()
        boxes = [amplifier.getBBox() for amplifier in detector]
        to_plane = detector.getTransform(PIXELS, FOCAL_PLANE)
        corners = [Point2D(x0, y0), Point2D(x0 + width - 1, y0), Point2D(x0, y0 + height - 1)]
        places = np.array([(p.getX(), p.getY()) for p in to_plane.applyForward(corners)])
        right, up = (places[1] - places[0]) / max(width - 1, 1), (places[2] - places[0]) / max(height - 1, 1)
        return cls(
            detector=int(detector.getId()),
            name=str(detector.getName()),
            physical_type=str(detector.getPhysicalType()),
            corner=(x0, y0),
            shape=(height, width),
            amplifiers=tuple(
                (b.getMinY() - y0, b.getMaxY() + 1 - y0, b.getMinX() - x0, b.getMaxX() + 1 - x0)
                for b in boxes
            ),
            matrix=((float(right[0]), float(up[0])), (float(right[1]), float(up[1]))),
            offset=(float(places[0][0]), float(places[0][1])),
        )

    def to_dict(self) -> dict[str, object]:
        """Return as numbers, strings and lists."""
        return {key: _lists(value) for key, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Geometry:
        """Make from numbers, strings and lists."""
        return cls(**{key: _tuples(value) for key, value in values.items()})

    def corners(self) -> np.ndarray:
        """Return the positions of the corners of the outermost pixels in the focal plane (mm), ``(4, 2)``."""
        rows, columns = self.shape
        at = np.array([(-0.5, -0.5), (columns - 0.5, -0.5), (-0.5, rows - 0.5), (columns - 0.5, rows - 0.5)])
        return at @ np.array(self.matrix).T + np.array(self.offset)

    def grid(self, sizes: Sizes) -> Grid:
        """Bins of the detector."""
        return Grid(self.shape, self.amplifiers, sizes.bin, sizes.cell)

    def site(self, plane: FocalPlane, sizes: Sizes) -> Site:
        """Bins of the detector, placed in the focal plane."""
        matrix = np.array(self.matrix) / plane.radius
        offset = (np.array(self.offset) - (plane.x, plane.y)) / plane.radius
        return Site(self.grid(sizes), Placement(matrix, offset))


def _lists(value: object) -> object:
    return [_lists(item) for item in value] if isinstance(value, tuple) else value


def _tuples(value: object) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


@dataclasses.dataclass(frozen=True)
class FocalPlane:
    """The circle on which skies are polynomials: it holds all detectors that take part."""

    x: float
    """Centre, mm."""
    y: float
    radius: float
    """Radius, mm."""

    @classmethod
    def around(cls, detectors: Iterable[Geometry]) -> FocalPlane:
        """Circle about the middle of the smallest box that holds all detectors."""
        corners = np.concatenate([detector.corners() for detector in detectors])
        centre = 0.5 * (corners.min(axis=0) + corners.max(axis=0))
        radius = float(np.hypot(*(corners - centre).T).max())
        return cls(float(centre[0]), float(centre[1]), radius)


def amplifier_noise(detector: Detector, geometry: Geometry, grid: Grid, electrons: bool) -> NoiseModel:
    """Return the noise expected from the amplifiers of a detector, for each segment of a grid.

    Parameters
    ----------
    detector : `lsst.afw.cameraGeom.Detector`
        Detector with gains and read noise (electrons).
    geometry : `Geometry`
        Geometry of the detector.
    grid : `Grid`
        Bins of the detector.
    electrons : `bool`
        Whether pixels are in electrons; in ADU, otherwise.

    Returns
    -------
    noise : `NoiseModel`
        A segment that no amplifier covers has no read noise, and a gain of 1.
    """
    noise = NoiseModel.uniform(grid)
    ys, xs = (0.5 * (axis.segments.pixels[:-1] + axis.segments.pixels[1:]) for axis in (grid.y, grid.x))
    for amplifier, (y0, y1, x0, x1) in zip(detector, geometry.amplifiers, strict=True):
        gain, read_noise = float(amplifier.getGain()), float(amplifier.getReadNoise())
        gain = 1.0 if electrons or not gain > 0 else gain
        part = np.ix_((ys > y0) & (ys < y1), (xs > x0) & (xs < x1))
        noise.slope[part] = 1 / gain
        noise.floor[part] = (read_noise / gain) ** 2 if read_noise > 0 else 0.0
    return noise
