# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo, step by step."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lsst.daf.butler import Butler, Timespan

from ..simulate import (
    CALIB_COLLECTION,
    RAW_COLLECTION,
    Night,
    NightConfig,
    detector_pattern,
    make_repository,
    pixel_size,
)
from ._chain import run_chain
from ._compare import DetectorResult, cell_means, compare_detector, photon_limit
from ._patterns import Patterns
from ._picture import draw_patterns
from ._pipeline import OUTPUT_COLLECTION, run_pipeline, write_pipeline

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Detector

__all__ = ("Demo", "DemoError")


class DemoError(RuntimeError):
    """The demo cannot go on; the message says why and what to do."""


Progress = Callable[[int, int], None]
"""Shows how far a step has come: called with what is done and how much there is to do."""


class Demo:
    """Simulate a night, make its sky frames with the real pipeline, compare them with the truth.

    Parameters
    ----------
    folder : `pathlib.Path`
        Where everything goes; must be missing or empty.
    night : `lsst.cp.sky.simulate.Night`
        The night to simulate.
    detectors : `~collections.abc.Sequence` [`int`]
        Detectors to take part.

    Raises
    ------
    DemoError
        Raised if the folder is in use or there is no detector.
    """

    def __init__(self, folder: pathlib.Path, night: Night, detectors: Sequence[int]) -> None:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise DemoError(
                f"{folder} exists and is not an empty folder; nothing was touched. Name another one."
            )
        if not detectors:
            raise DemoError("No detector is chosen.")
        self.folder = folder
        self.night = night
        self.detectors = list(detectors)
        self.repository = folder / "repo"
        self.log = folder / "pipetask.log"
        self.pipeline = folder / "pipeline.yaml"
        self.picture = folder / "sky_demo.png"
        self.large_scale = _superpixels(
            [night.camera[detector] for detector in detectors], pixel_size(night.camera)
        )

    def simulate(self, progress: Progress) -> None:
        """Make the repository and fill it with the night."""
        self.folder.mkdir(parents=True, exist_ok=True)
        make_repository(str(self.repository), self.night, detectors=self.detectors, progress=progress)
        write_pipeline(self.pipeline, self.large_scale)

    def run_pipeline(self, jobs: int, progress: Progress) -> list[str]:
        """Make the sky frames with ``pipetask run``; returns the command."""
        return run_pipeline(
            self.repository,
            self.pipeline,
            self.log,
            inputs=(RAW_COLLECTION, CALIB_COLLECTION),
            jobs=jobs,
            progress=progress,
        )

    def certify(self) -> None:
        """Certify the sky frames in the calibration collection, for as long as the night lasted."""
        butler = Butler.from_config(str(self.repository), writeable=True)
        refs = butler.query_datasets("sky", collections=OUTPUT_COLLECTION)
        spans = [
            record.timespan for record in butler.query_dimension_records("exposure", instrument="SkySim")
        ]
        validity = Timespan(min(s.begin for s in spans), max(s.end for s in spans))
        butler.registry.certify(CALIB_COLLECTION, refs, validity)

    def compare(self, progress: Progress) -> tuple[list[DetectorResult], dict[int, Patterns]]:
        """Compare the certified sky frames with the truth.

        Returns
        -------
        results : `list` [`DetectorResult`]
            Figures of each detector, in the order of ``detectors``.
        patterns : `dict` [`int`, `Patterns`]
            The cells behind them.
        """
        steps = _Steps(2 * len(self.detectors) * self.night.config.exposures, progress)
        config = self.night.config
        perfect = run_chain(self._night(config.without_noise()), self.detectors, self.large_scale, steps)
        unmasked = run_chain(self._night(config.without_sources()), self.detectors, self.large_scale, steps)
        recovered = self._certified_sky_frames()
        results, patterns = [], {}
        for number in self.detectors:
            detector = self.night.camera[number]
            cells = recovered[number].shape
            found = Patterns(
                cell_means(detector_pattern(detector, config), cells),
                perfect[number],
                recovered[number],
                unmasked[number],
            )
            patterns[number] = found
            results.append(
                compare_detector(
                    detector.getName(),
                    detector.getPhysicalType(),
                    **dataclasses.asdict(found),
                    limit=photon_limit(
                        [sky.level for sky in self.night.skies],
                        config.read_noise,
                        detector.getBBox().getArea() / (cells[0] * cells[1]),
                    ),
                )
            )
        return results, patterns

    def draw(self, patterns: dict[int, Patterns]) -> None:
        """Write the picture."""
        draw_patterns(self.night.camera, patterns).savefig(self.picture, dpi=130)

    def _night(self, config: NightConfig) -> Night:
        label = self.night.filter
        return Night(self.night.camera, config, band=label.bandLabel, physical_filter=label.physicalLabel)

    def _certified_sky_frames(self) -> dict[int, np.ndarray]:
        """Sky frames as somebody who calibrates an exposure of the night finds them."""
        butler = Butler.from_config(str(self.repository), collections=CALIB_COLLECTION, instrument="SkySim")
        exposure = next(iter(butler.query_dimension_records("exposure", limit=1)))
        return {
            detector: butler.get(
                "sky", detector=detector, physical_filter=exposure.physical_filter, timespan=exposure.timespan
            ).image.array
            for detector in self.detectors
        }


class _Steps:
    """Counts steps for a progress display."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def __call__(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)


def _superpixels(detectors: Sequence[Detector], pixel: float) -> dict[str, float]:
    """Superpixels of about the size of a detector, mm."""
    side = max(max(detector.getBBox().getDimensions()) for detector in detectors) * pixel
    return {"xSize": round(side, 6), "ySize": round(side, 6), "pixelSize": round(pixel, 9)}
