# SPDX-License-Identifier: GPL-3.0-or-later
"""Sky brightness as a smooth function of focal-plane position."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._config import SkyConfig

__all__ = ("SkyModel", "draw_sky")


@dataclasses.dataclass(frozen=True)
class SkyModel:
    """A quadratic in focal-plane coordinates.

    With ``u = x/radius``, ``v = y/radius`` the brightness is
    ``level * (1 + gx u + gy v + cxx u^2 + cxy u v + cyy v^2)``.
    """

    level: float
    """Brightness at the centre of the focal plane (electrons per pixel)."""
    radius: float
    """Radius of the focal plane (mm)."""
    gradient: tuple[float, float]
    """First-order terms at the edge of the focal plane, fractions of the level."""
    curvature: tuple[float, float, float]
    """Second-order terms (xx, xy, yy) at the edge of the focal plane, fractions of the level."""

    def __call__(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Evaluate at focal-plane positions (mm, any broadcastable shapes); electrons per pixel."""
        u, v = np.asarray(x) / self.radius, np.asarray(y) / self.radius
        (gx, gy), (cxx, cxy, cyy) = self.gradient, self.curvature
        return self.level * (1 + u * (gx + cxx * u + cxy * v) + v * (gy + cyy * v))


def draw_sky(config: SkyConfig, radius: float, rng: np.random.Generator) -> SkyModel:
    """Draw the sky of one exposure: a level between dark and moonlit, and random gradient and curvature."""
    if not radius > 0:
        raise ValueError(f"The radius of the focal plane must be positive, got {radius} mm.")
    level = np.exp(rng.uniform(np.log(config.dark_level), np.log(config.moonlit_level)))
    angle = rng.uniform(0, 2 * np.pi)
    slope = config.gradient * rng.uniform(0.2, 1.0)
    curvature = rng.uniform(-config.curvature, config.curvature, size=3)
    return SkyModel(
        float(level),
        float(radius),
        (float(slope * np.cos(angle)), float(slope * np.sin(angle))),
        (float(curvature[0]), float(curvature[1]), float(curvature[2])),
    )
