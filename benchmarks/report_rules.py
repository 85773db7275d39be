# SPDX-License-Identifier: GPL-3.0-or-later
"""Try the rules of ``cpsky report`` on simulated nights, untouched and spoilt in ways that an observer knows.

Both chains are run in memory on the same night, exposures and sky frames are verified, and the findings are
printed. Rules are right if untouched nights are good, and if what was spoilt is named. For the joint chain,
the error of its sky frames against the truth is printed in units of the noise that the verification finds
from halves of the exposures.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import pathlib
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from astropy.table import Table, vstack

from lsst.afw.image import ExposureF
from lsst.cp.sky import (
    CpSkyCombineTask,
    CpSkyImageTask,
    CpSkyScaleMeasureTask,
    CpSkySubtractBackgroundTask,
)
from lsst.cp.sky.joint import project_cells
from lsst.cp.sky.joint.geometry import FocalPlane, Geometry, Sizes
from lsst.cp.sky.simulate import (
    Night,
    NightConfig,
    SourceConfig,
    bin_camera,
    binning_for_size,
    detector_pattern,
    make_raft_camera,
    make_visit_info,
    pixel_size,
)
from lsst.cp.sky.verify import (
    CpSkyVerifyExposureTask,
    CpSkyVerifyFrameTask,
    CpSkyVerifyJointExposureTask,
    CpSkyVerifyJointFrameTask,
    Finding,
    judge,
    judge_solution,
    overall,
)
from lsst.pipe.base import InMemoryDatasetHandle

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "_support"))
import jointnight

DETECTORS = (0, 1, 3, 4, 8)
BAD_EXPOSURE, BAD_DETECTOR = 3, 4

Pixels = dict[tuple[int, int], ExposureF]


@dataclasses.dataclass(frozen=True)
class Place:
    """Where an exposure is, and what is known of it."""

    night: Night
    number: int
    detector: int

    @property
    def level(self) -> float:
        """Sky in the middle of the focal plane (electrons)."""
        return self.night.skies[self.number].level

    def plane(self) -> tuple[np.ndarray, np.ndarray]:
        """Position of each pixel in the raft, 0 to 3 in both directions, from the number of the detector."""
        width, height = self.night.camera[self.detector].getBBox().getDimensions()
        y, x = np.mgrid[:height, :width] / max(height, width)
        return x + self.detector % 3, y + self.detector // 3


def untouched(image: np.ndarray, at: Place) -> None:
    """Leave the exposure alone."""


def stray_light(image: np.ndarray, at: Place) -> None:
    """Waves of 2 % of the sky over one exposure."""
    if at.number == BAD_EXPOSURE:
        x, y = at.plane()
        image += 0.02 * at.level * np.sin(9 * x + 2 * y)


def bad_detector(image: np.ndarray, at: Place) -> None:
    """A detector whose bias drifts: waves of 2 % that are different each time."""
    if at.detector == BAD_DETECTOR:
        phase = np.random.default_rng([at.night.config.seed, at.number]).uniform(0, 6)
        image += 0.02 * at.level * np.sin(7 * at.plane()[1] + phase)


def moonlight(image: np.ndarray, at: Place) -> None:
    """Light of the moon on one exposure: 10 % at the edge, a factor of e less for every half detector."""
    if at.number == BAD_EXPOSURE:
        image += 0.1 * at.level * np.exp(-at.plane()[0] / 0.5)


def other_filter(image: np.ndarray, at: Place) -> None:
    """One exposure with the pattern of another filter."""
    if at.number == BAD_EXPOSURE:
        detector, config = at.night.camera[at.detector], at.night.config
        other = dataclasses.replace(config, seed=config.seed + 1000)
        image += at.level * (detector_pattern(detector, other) - detector_pattern(detector, config))


def satellite(image: np.ndarray, at: Place) -> None:
    """A bright track across one exposure, 6 pixels wide."""
    if at.number == BAD_EXPOSURE:
        x, y = at.plane()
        size = max(image.shape)
        image += 5 * at.level * np.exp(-0.5 * ((y - 0.8 * x - 0.2) * size / 6) ** 2)


SPOILT: dict[str, Callable[[np.ndarray, Place], None]] = {
    "untouched": untouched,
    "stray light": stray_light,
    "bad detector": bad_detector,
    "moonlight": moonlight,
    "other filter": other_filter,
    "satellite": satellite,
}


def simulate(night: Night, spoil: Callable[[np.ndarray, Place], None]) -> Pixels:
    """Simulate all exposures of a night."""
    found = {}
    for number in range(night.config.exposures):
        info = make_visit_info(number, exposure_id=number + 1)
        for detector in DETECTORS:
            exposure = night.exposure(number, night.camera[detector], info)
            spoil(exposure.image.array, Place(night, number, detector))
            found[number + 1, detector] = exposure
    return found


def _handle(dataset: Any, storage: str, **data_id: int) -> InMemoryDatasetHandle:
    return InMemoryDatasetHandle(dataset, storageClass=storage, dataId=data_id)


def judge_stock(night: Night, pixels: Pixels, size: int) -> list[Finding]:
    """Run the stock chain, verify and judge."""
    config = CpSkyImageTask.ConfigClass()
    pixel = pixel_size(night.camera)
    config.largeScaleBackground.update(xSize=size * pixel, ySize=size * pixel, pixelSize=pixel)
    config.adaptMaskBins = config.excludeReplaced = True
    image, scale = CpSkyImageTask(config=config), CpSkyScaleMeasureTask()
    subtract, combine = CpSkySubtractBackgroundTask(), CpSkyCombineTask()
    scales, replaced, rest = {}, {}, {}
    for number in sorted({e for e, _ in pixels}):
        shares = []
        for detector in DETECTORS:
            shares.append(image.run(pixels[number, detector], night.camera).maskedBkg)
            replaced[number, detector] = float(image.metadata["replacedFraction"])
        scales[number] = scale.run(inputBkgs=shares)
        for detector in DETECTORS:
            found = scales[number]
            # The task divides the exposure by its scale; what is verified is as it was before.
            masked = pixels[number, detector].clone()
            rest[number, detector] = subtract.run(masked, found.outputBkg, found.outputScale).outputBkg
    handles = {(e, d): _handle(one, "ExposureF", exposure=e, detector=d) for (e, d), one in pixels.items()}
    residuals = {(e, d): _handle(one, "Background", exposure=e, detector=d) for (e, d), one in rest.items()}
    frames = [
        _handle(
            combine.run(_of(rest, detector), _of(handles, detector)).outputCalib,
            "ExposureF",
            detector=detector,
        )
        for detector in DETECTORS
    ]
    tables = [
        CpSkyVerifyExposureTask()
        .run(
            [handles[number, d] for d in DETECTORS],
            found.outputScale,
            [residuals[number, d] for d in DETECTORS],
            frames,
            number,
            {d: replaced[number, d] for d in DETECTORS},
        )
        .metrics
        for number, found in scales.items()
    ]
    made = CpSkyVerifyFrameTask().run(frames, list(residuals.values()), tables)
    return judge(vstack(tables), made.metrics, made.pulls)


def _of(found: dict[tuple[int, int], Any], detector: int) -> list[Any]:
    return [one for (_, d), one in sorted(found.items()) if d == detector]


def judge_joint_chain(night: Night, pixels: Pixels) -> tuple[list[Finding], float]:
    """Run the joint chain, verify and judge; also the error in units of the noise from halves."""
    handles = {(e, d): _handle(one, "ExposureF", exposure=e, detector=d) for (e, d), one in pixels.items()}
    run = jointnight.run_tasks(handles)
    bins, notes = jointnight.tables(run.bins), jointnight.tables(run.noise, "StructuredDataDict")
    patterns = [_handle(one, "ArrowAstropy", detector=d) for d, one in run.patterns.items()]
    frames = [_handle(one, "ExposureF", detector=d) for d, one in run.frames.items()]
    tables: list[Table] = []
    for number in sorted({e for e, _ in pixels}):
        own, geometry = ([h for h in all_ if h.dataId["exposure"] == number] for all_ in (bins, notes))
        task = CpSkyVerifyJointExposureTask()
        tables.append(task.run(own, geometry, patterns, run.skies, frames, exposure=number).metrics)
    first = run.first_solution
    made = CpSkyVerifyJointFrameTask().run(
        frames,
        bins,
        notes,
        patterns,
        run.skies,
        jointnight.tables(run.first_bins),
        [
            _handle(one, "ArrowAstropy", detector=d)
            for d, one in zip(first.detectors, first.outputPatterns, strict=True)
        ],
        first.outputSkies,
    )
    findings = judge(vstack(tables), made.metrics, made.pulls) + judge_solution(run.skies)
    noise = float(np.sqrt(np.mean(np.square(made.metrics["splitHalfNoise"]))))
    cells = {d: frame.image.array for d, frame in run.frames.items()}
    return findings, error_of(night, cells, run.skies) / noise


def error_of(night: Night, frames: dict[int, np.ndarray], skies: Table) -> float:
    """Root mean square of sky frames less the injected pattern, without what cannot be told from sky."""
    plane = FocalPlane(*(float(skies[name][0]) for name in ("centre_x", "centre_y", "radius")))
    sites, errors = [], []
    for number, frame in frames.items():
        detector = night.camera[number]
        site = Geometry.of(detector, detector.getBBox()).site(plane, Sizes(bin=16, cell=32))
        grid = site.grid
        injected = grid.over_cells(grid.sum(detector_pattern(detector, night.config)))
        errors.append(frame - injected / grid.over_cells(grid.area))
        sites.append(site)
    left, _ = project_cells(sites, errors, int(skies["common_order"][0]))
    return float(np.sqrt(np.mean(np.square(np.concatenate([one.ravel() for one in left])))))


def describe(findings: Iterable[Finding]) -> str:
    """Verdict, and who is named for what."""
    findings = list(findings)
    named = sorted({f"{one.verdict.words}: {one.subject}: {one.sentence}" for one in findings})
    return "\n      ".join([overall(findings).words, *named])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the verdicts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", default="301,302,303", help="seeds of the nights, separated by commas")
    parser.add_argument("--nights", default=",".join(SPOILT), help="kinds of nights, separated by commas")
    parser.add_argument("--chains", default="joint,stock", help="chains, separated by commas")
    parser.add_argument("--size", type=int, default=256, help="longer side of a detector (pixels)")
    parser.add_argument("--exposures", type=int, default=6)
    parser.add_argument("--density", type=float, default=1.0, help="objects, in units of the simulator's")
    options = parser.parse_args(arguments)
    logging.disable(logging.WARNING)
    camera = make_raft_camera()
    camera = bin_camera(camera, binning_for_size(camera, options.size))
    usual = SourceConfig()
    sources = dataclasses.replace(
        usual,
        stars_per_megapixel=options.density * usual.stars_per_megapixel,
        galaxies_per_megapixel=options.density * usual.galaxies_per_megapixel,
    )
    usual_night = NightConfig(exposures=options.exposures, sources=sources if options.density else None)
    for kind in options.nights.split(","):
        for seed in map(int, options.seeds.split(",")):
            night = Night(camera, dataclasses.replace(usual_night, seed=seed))
            pixels = simulate(night, SPOILT[kind])
            for chain in options.chains.split(","):
                # The stock chain changes its exposures, and therefore comes last.
                more = ""
                if chain == "joint":
                    found, ratio = judge_joint_chain(night, pixels)
                    more = f" (error {ratio:.2f} of the noise from halves)"
                else:
                    found = judge_stock(night, pixels, options.size)
                print(f"{kind}, seed {seed}, {chain}{more}: {describe(found)}", flush=True)


if __name__ == "__main__":
    main()
