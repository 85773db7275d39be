# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a pattern came back, against the noise that no method can beat; arrays only.

All patterns are fractions of the sky, one value per cell of the sky frame.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np

__all__ = ("DetectorResult", "cell_means", "compare_detector", "photon_limit", "summarise")


def cell_means(image: np.ndarray, cells: tuple[int, int]) -> np.ndarray:
    """Average an image over a grid of cells.

    Parameters
    ----------
    image : `numpy.ndarray`, ``(ny, nx)``
        The image.
    cells : `tuple` [`int`, `int`]
        Rows and columns of cells; cell ``i`` of ``n`` along an axis of length ``L`` ends before pixel
        ``((i + 1) L + n // 2) // n``, as the cells of a background do.

    Returns
    -------
    means : `numpy.ndarray`, of shape ``cells``
    """
    edges = [(np.arange(n) * length + n // 2) // n for n, length in zip(cells, image.shape, strict=True)]
    for edge in edges:
        edge[0] = 0
    sums = np.add.reduceat(np.add.reduceat(image, edges[0], axis=0), edges[1], axis=1)
    counts = np.outer(np.diff(edges[0], append=image.shape[0]), np.diff(edges[1], append=image.shape[1]))
    return sums / counts


def photon_limit(levels: Sequence[float], read_noise: float, pixels_per_cell: float) -> float:
    """Noise of a cell of the sky frame that photons and read noise alone cause.

    A pixel of exposure ``e`` with sky ``S_e`` has the variance ``S_e + r^2``. In units of the sky a cell of
    ``n`` pixels has the variance ``(S_e + r^2) / (n S_e^2)``; the average of ``N`` exposures has the variance
    ``sum_e (S_e + r^2) / (n S_e^2 N^2)``.

    Parameters
    ----------
    levels : `~collections.abc.Sequence` [`float`]
        Sky of each exposure, electrons per pixel.
    read_noise : `float`
        Read noise, electrons.
    pixels_per_cell : `float`
        Number of pixels in a cell.

    Returns
    -------
    limit : `float`
        Standard deviation of a cell, as a fraction of the sky.
    """
    sky = np.asarray(levels, dtype=float)
    variance = np.sum((sky + read_noise**2) / (pixels_per_cell * sky**2)) / len(sky) ** 2
    return float(np.sqrt(variance))


@dataclasses.dataclass(frozen=True)
class DetectorResult:
    """Figures of one detector; root mean squares over its cells, as fractions of the sky."""

    name: str
    """Name of the detector."""
    physical_type: str
    """Physical type of the detector."""
    injected: float
    """The injected pattern, without its mean."""
    expected: float
    """What the same chain makes of the same night without noise, sources, defects and masking."""
    recovered: float
    """The sky frame."""
    residual: float
    """The sky frame less what was expected of it."""
    unmasked_residual: float
    """The same for a night with noise and without sources, nothing masked."""
    limit: float
    """The photon-noise limit of a cell."""

    @property
    def ratio(self) -> float:
        """Residual of the sky frame in units of the limit."""
        return self.residual / self.limit

    @property
    def unmasked_ratio(self) -> float:
        """Residual with nothing masked in units of the limit."""
        return self.unmasked_residual / self.limit


def compare_detector(
    name: str,
    physical_type: str,
    *,
    injected: np.ndarray,
    expected: np.ndarray,
    recovered: np.ndarray,
    unmasked: np.ndarray,
    limit: float,
) -> DetectorResult:
    """Compare sky frames of one detector, all ``(ny, nx)`` cells; see `DetectorResult` for what comes out."""
    return DetectorResult(
        name,
        physical_type,
        injected=_rms(injected - injected.mean()),
        expected=_rms(expected),
        recovered=_rms(recovered),
        residual=_rms(recovered - expected),
        unmasked_residual=_rms(unmasked - expected),
        limit=limit,
    )


def summarise(results: Iterable[DetectorResult]) -> DetectorResult:
    """Root mean square of every figure over detectors."""
    rows = list(results)
    figures = {
        field.name: _rms(np.array([getattr(row, field.name) for row in rows]))
        for field in dataclasses.fields(DetectorResult)
        if field.type == "float"
    }
    return DetectorResult("all", "", **figures)


def _rms(values: np.ndarray) -> float:
    """Root mean square, in float64; a cell that is not finite shows as NaN."""
    return float(np.sqrt(np.mean(np.square(values, dtype=float))))
