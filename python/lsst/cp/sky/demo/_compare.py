# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a pattern came back, against the noise that no method can beat; arrays only.

All patterns are fractions of the sky, one value per cell of the sky frame.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

__all__ = (
    "ChainResult",
    "DetectorResult",
    "Recovery",
    "cell_means",
    "compare_detector",
    "photon_limit",
    "summarise",
)


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
class Recovery:
    """What a chain made of one detector; every array has one value per cell, ``(ny, nx)``."""

    expected: np.ndarray
    """What the chain makes of the pattern without noise, sources, defects and masking."""
    recovered: np.ndarray
    """The sky frame."""
    variance: np.ndarray
    """Variance of its cells, as the chain says."""
    flagged: np.ndarray
    """Cells that the chain flags as poor, which do not count; bool."""

    @property
    def residual(self) -> np.ndarray:
        """Sky frame less what was expected of it."""
        return self.recovered - self.expected


@dataclasses.dataclass(frozen=True)
class ChainResult:
    """Figures of a chain; root mean squares over the cells that count, as fractions of the sky."""

    expected: float
    """The pattern as the chain sees it without noise, sources, defects and masking."""
    recovered: float
    """The sky frame."""
    residual: float
    """The sky frame less what was expected of it."""
    error: float
    """What the chain gives as the error of its cells."""
    limit: float
    """The photon-noise limit of a cell, all pixels counted."""
    cells: int
    """Cells that count ..."""
    flagged: int
    """... and cells that the chain flags as poor."""

    @property
    def ratio(self) -> float:
        """Residual in units of the limit."""
        return self.residual / self.limit

    @property
    def own_ratio(self) -> float:
        """Residual in units of the error that the chain gives."""
        return self.residual / self.error


@dataclasses.dataclass(frozen=True)
class DetectorResult:
    """Figures of one detector."""

    name: str
    """Name of the detector."""
    physical_type: str
    """Physical type of the detector."""
    injected: float
    """Root mean square of the injected pattern, without its mean."""
    limit: float
    """The photon-noise limit of a cell."""
    chains: dict[str, ChainResult]
    """Figures of each chain that was run."""


def compare_detector(
    name: str,
    physical_type: str,
    *,
    injected: np.ndarray,
    recoveries: Mapping[str, Recovery],
    limit: float,
) -> DetectorResult:
    """Compare sky frames of one detector, all ``(ny, nx)`` cells; see `DetectorResult` for what comes out."""
    chains = {}
    for chain, found in recoveries.items():
        count = ~found.flagged
        chains[chain] = ChainResult(
            expected=_rms(found.expected[count]),
            recovered=_rms(found.recovered[count]),
            residual=_rms(found.residual[count]),
            error=_rms(np.sqrt(found.variance[count])),
            limit=limit,
            cells=int(count.sum()),
            flagged=int(found.flagged.sum()),
        )
    return DetectorResult(name, physical_type, _rms(injected - injected.mean()), limit, chains)


def summarise(results: Iterable[DetectorResult]) -> DetectorResult:
    """Root mean square of every figure over detectors; cells are added up."""
    rows = list(results)
    chains = {}
    for chain in rows[0].chains:
        each = [row.chains[chain] for row in rows]

        def over_all(name: str, each: list[ChainResult] = each) -> float:
            return _rms(np.array([getattr(one, name) for one in each]))

        chains[chain] = ChainResult(
            expected=over_all("expected"),
            recovered=over_all("recovered"),
            residual=over_all("residual"),
            error=over_all("error"),
            limit=over_all("limit"),
            cells=sum(one.cells for one in each),
            flagged=sum(one.flagged for one in each),
        )
    injected, limit = (_rms(np.array([getattr(row, name) for row in rows])) for name in ("injected", "limit"))
    return DetectorResult("all", "", injected, limit, chains)


def _rms(values: np.ndarray) -> float:
    """Root mean square, in float64; a cell that is not finite shows as NaN, and so does no cell at all."""
    return float(np.sqrt(np.mean(np.square(values, dtype=float)))) if values.size else float("nan")
