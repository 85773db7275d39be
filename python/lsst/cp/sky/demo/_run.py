# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo, step by step."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lsst.afw.image import MaskX
from lsst.daf.butler import Butler, Timespan
from lsst.pipe.tasks.background import FocalPlaneBackgroundConfig

from ..joint import project_cells
from ..joint.geometry import FocalPlane, Geometry, Sizes
from ..simulate import (
    CALIB_COLLECTION,
    RAW_COLLECTION,
    Night,
    NightConfig,
    detector_pattern,
    make_repository,
    pixel_size,
    put_exposure,
)
from ._applied import cell_medians, draw_applied, flatten_sky
from ._chain import run_chain
from ._compare import DetectorResult, Recovery, cell_means, compare_detector, photon_limit
from ._errors import DemoError
from ._patterns import Patterns
from ._picture import draw_patterns
from ._pipeline import CHAINS, output_collection, run_pipeline, write_pipeline

if TYPE_CHECKING:
    from lsst.afw.cameraGeom import Detector
    from lsst.afw.image import ExposureF

__all__ = ("Demo",)

SCIENCE_COLLECTION = "SkySim/science"
"""Collection of the exposure that the sky frames are taken out of."""
_SCIENCE = "postISRCCD"
_SMALL = 100
"""Side of a detector, pixels, below which the stock chain's masker leaves no sky."""

Progress = Callable[[int, int], None]
"""Progress callback, called with the work done and the total."""


class Demo:
    """Simulates a night, makes its sky frames with the real pipeline, and compares them with the truth.

    Parameters
    ----------
    folder : `pathlib.Path`
        Output folder; must be missing or empty.
    night : `lsst.cp.sky.simulate.Night`
        The night to simulate.
    detectors : `~collections.abc.Sequence` [`int`]
        Detectors to include.
    chains : `~collections.abc.Sequence` [`str`], optional
        Chains to run, of `CHAINS`. The sky frames of the first are certified.

    Raises
    ------
    DemoError
        Raised if the folder is in use or there is no detector.
    """

    def __init__(
        self, folder: pathlib.Path, night: Night, detectors: Sequence[int], chains: Sequence[str] = CHAINS
    ) -> None:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise DemoError(
                f"{folder} exists and is not an empty folder; nothing was touched. Choose another one."
            )
        if not detectors:
            raise DemoError("No detector was selected.")
        self.folder = folder
        self.night = night
        self.detectors = list(detectors)
        self.chains = list(chains)
        self.repository = folder / "repo"
        self.picture = folder / "sky_demo.png"
        self.applied_picture = folder / "sky_applied.png"
        included = [night.camera[detector] for detector in detectors]
        self.large_scale = _superpixels(included, pixel_size(night.camera))
        self.masker = _masker(included)

    def simulate(self, progress: Progress) -> None:
        """Create the repository and fill it with the night."""
        self.folder.mkdir(parents=True, exist_ok=True)
        make_repository(str(self.repository), self.night, detectors=self.detectors, progress=progress)
        for chain in self.chains:
            write_pipeline(self.pipeline(chain), self.large_scale, chain, self.masker)

    def run_pipeline(self, chain: str, jobs: int, progress: Progress) -> list[str]:
        """Make the sky frames with ``pipetask run`` and return the command."""
        return run_pipeline(
            self.repository,
            self.pipeline(chain),
            self.folder / f"{chain}.log",
            inputs=(RAW_COLLECTION, CALIB_COLLECTION),
            output=output_collection(chain),
            jobs=jobs,
            progress=progress,
        )

    def certify(self) -> None:
        """Certify the sky frames in the calibration collection, for the night and the exposure after it."""
        butler = Butler.from_config(str(self.repository), writeable=True)
        refs = butler.query_datasets("sky", collections=output_collection(self.chains[0]))
        spans = [
            record.timespan for record in butler.query_dimension_records("exposure", instrument="SkySim")
        ]
        validity = Timespan(min(s.begin for s in spans), max(s.end for s in spans))
        butler.registry.certify(CALIB_COLLECTION, refs, validity)

    def apply(self, progress: Progress) -> list[str]:
        """Take the certified sky frames out of an exposure with objects, and return the command.

        The exposure is one that comes after those of the night, so that the sky frames do not know it.
        """
        number = self.night.config.exposures
        later = self._night(dataclasses.replace(self.night.config, exposures=number + 1))
        with Butler.from_config(str(self.repository), writeable=True) as butler:
            for _ in put_exposure(
                butler, later, number, self.detectors, dataset_type=_SCIENCE, collection=SCIENCE_COLLECTION
            ):
                pass
        self.certify()
        # Recommended for any camera; stock settings take the pattern of small detectors for objects.
        masker = {"adaptMaskBins": True, "maskTask.detectSigma": 1.5}
        pipeline = self.pipeline("apply")
        write_pipeline(pipeline, self.large_scale, "apply", masker)
        return run_pipeline(
            self.repository,
            pipeline,
            self.folder / "apply.log",
            inputs=(SCIENCE_COLLECTION, CALIB_COLLECTION),
            output=output_collection("applied"),
            jobs=1,
            progress=progress,
        )

    def draw_applied(self) -> None:
        """Write the plot of the exposure before and after."""
        butler = Butler.from_config(
            str(self.repository), collections=[output_collection("applied"), SCIENCE_COLLECTION]
        )
        cells: dict[str, dict[int, np.ndarray]] = {"before": {}, "after": {}}
        for ref in butler.query_datasets("cpSkyCorrectedExp"):
            number = int(ref.dataId["detector"])
            after, before = butler.get(ref), butler.get(_SCIENCE, ref.dataId)
            cells["before"][number] = cell_medians(before)
            cells["after"][number] = cell_medians(after)
        draw_applied(self.night.camera, *flatten_sky(self.night.camera, **cells)).savefig(
            self.applied_picture, dpi=130
        )

    def compare(self, progress: Progress) -> tuple[list[DetectorResult], dict[int, Patterns]]:
        """Compare the sky frames with the truth.

        Returns
        -------
        results : `list` [`DetectorResult`]
            Results for each detector, in the order of ``detectors``.
        patterns : `dict` [`int`, `Patterns`]
            Patterns from which they were computed, by detector.
        """
        recoveries = {chain: self._recover(chain, progress) for chain in self.chains}
        config = self.night.config
        results, patterns = [], {}
        for number in self.detectors:
            detector = self.night.camera[number]
            found = {chain: recoveries[chain][number] for chain in self.chains}
            cells = next(iter(found.values())).recovered.shape
            injected = cell_means(detector_pattern(detector, config), cells)
            pixels = detector.getBBox().getArea() / (cells[0] * cells[1])
            patterns[number] = Patterns(injected, found)
            results.append(
                compare_detector(
                    detector.getName(),
                    detector.getPhysicalType(),
                    injected=injected,
                    recoveries=found,
                    limit=photon_limit([s.level for s in self.night.skies], config.read_noise, pixels),
                )
            )
        return results, patterns

    def masked(self) -> dict[str, float]:
        """Fraction of the pixels that each chain does not take as they are, but masks or replaces."""
        measure = {"joint": self._masked_joint, "stock": self._replaced_stock}
        return {chain: measure[chain]() for chain in self.chains}

    def draw(self, patterns: dict[int, Patterns]) -> None:
        """Write the plot."""
        draw_patterns(self.night.camera, patterns).savefig(self.picture, dpi=130)

    def pipeline(self, chain: str) -> pathlib.Path:
        """Pipeline file of a chain."""
        return self.folder / f"{chain}.yaml"

    def _recover(self, chain: str, progress: Progress) -> dict[int, Recovery]:
        """What a chain made, beside what it would have made without noise."""
        frames = self._sky_frames(chain)
        found = {number: frame.image.array for number, frame in frames.items()}
        if chain == "stock":
            steps = _Steps(len(self.detectors) * self.night.config.exposures, progress)
            expected = run_chain(
                self._night(self.night.config.without_noise()), self.detectors, self.large_scale, steps
            )
        else:
            shapes = {number: array.shape for number, array in found.items()}
            order = int(next(iter(frames.values())).getMetadata()["CPSKY GAUGE ORDER"])
            expected = self._without_sky(self._injected(shapes), order)
            found = self._without_sky(found, order)
        poor = MaskX.getPlaneBitMask(["NO_DATA", "INTRP"])
        return {
            number: Recovery(
                expected[number],
                found[number],
                frames[number].variance.array,
                (frames[number].mask.array & poor) != 0,
            )
            for number in self.detectors
        }

    def _injected(self, shapes: dict[int, tuple[int, int]]) -> dict[int, np.ndarray]:
        """Injected pattern in cells."""
        config = self.night.config
        return {
            number: cell_means(detector_pattern(self.night.camera[number], config), shape)
            for number, shape in shapes.items()
        }

    def _without_sky(self, cells: dict[int, np.ndarray], order: int) -> dict[int, np.ndarray]:
        """Cells without what cannot be told from sky: polynomials of the order that the chain used."""
        boxes = [self.night.camera[number] for number in self.detectors]
        geometries = [Geometry.of(detector, detector.getBBox()) for detector in boxes]
        plane, sizes = FocalPlane.around(geometries), Sizes(bin=16, cell=32)
        sites = [geometry.site(plane, sizes) for geometry in geometries]
        rest, _ = project_cells(sites, [cells[number] for number in self.detectors], order)
        return dict(zip(self.detectors, rest, strict=True))

    def _masked_joint(self) -> float:
        """Fraction of the pixels that the joint chain masks, defects included."""
        butler = Butler.from_config(str(self.repository), collections=output_collection("joint"))
        masks = (butler.get(ref) for ref in butler.query_datasets("cpSkyJointMask2"))
        planes = MaskX.getPlaneBitMask(["SUSPECT", "BAD"])
        return float(np.mean([((mask.array & planes) != 0).mean() for mask in masks]))

    def _replaced_stock(self) -> float:
        """Fraction of the pixels that the masker of the stock chain replaces."""
        collections = [output_collection("stock"), RAW_COLLECTION]
        butler = Butler.from_config(str(self.repository), collections=collections)
        fractions = []
        for ref in butler.query_datasets("cpSkyMaskedIsrExp"):
            before = butler.get("cpSkyIsrExp.image", ref.dataId).array
            fractions.append(float((butler.get(ref).image.array != before).mean()))
        return float(np.mean(fractions))

    def _night(self, config: NightConfig) -> Night:
        label = self.night.filter
        return Night(self.night.camera, config, band=label.bandLabel, physical_filter=label.physicalLabel)

    def _sky_frames(self, chain: str) -> dict[int, ExposureF]:
        """Sky frames of a chain."""
        butler = Butler.from_config(str(self.repository), collections=output_collection(chain))
        return {int(ref.dataId["detector"]): butler.get(ref) for ref in butler.query_datasets("sky")}


class _Steps:
    """Counts steps for a progress display."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def __call__(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)


def _superpixels(detectors: Sequence[Detector], pixel: float) -> dict[str, float]:
    """Return superpixels of about the size of a detector (mm), and bins that fit into every detector."""
    sides = _sides(detectors)
    side = round(max(sides) * pixel, 6)
    sizes: dict[str, float] = {"xSize": side, "ySize": side, "pixelSize": round(pixel, 9)}
    default = FocalPlaneBackgroundConfig().binning
    return sizes | ({"binning": min(sides)} if min(sides) < default else {})


def _masker(detectors: Sequence[Detector]) -> dict[str, float | bool]:
    """Return settings of the stock chain's masker that suit the detectors: none where the stock ones do."""
    if min(_sides(detectors)) >= _SMALL:
        return {}
    # What the edge of the smoothing kernel and the growth of objects leave of so small a detector is next to
    # nothing; these are recommended for any camera, but the demo shows the stock settings where they work.
    return {"adaptMaskBins": True, "excludeReplaced": True, "maskTask.detectSigma": 1.5}


def _sides(detectors: Sequence[Detector]) -> list[int]:
    """Return the lengths of all sides (pixels)."""
    return [side for detector in detectors for side in detector.getBBox().getDimensions()]
