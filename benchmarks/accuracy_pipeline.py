# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the accuracy of the joint chain's pipeline, run by pipetask on a butler repository.

The same nights and figures as those of accuracy.py, which runs the functions; see there.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np

from lsst.afw.image import MaskX
from lsst.cp.sky.joint import project_cells
from lsst.cp.sky.joint.geometry import FocalPlane, Geometry, Sizes
from lsst.cp.sky.simulate import (
    CALIB_COLLECTION,
    RAW_COLLECTION,
    Mosaic,
    MosaicNight,
    make_mosaic,
    make_repository,
)
from lsst.daf.butler import Butler

PIPELINES = "resource://lsst.cp.sky/pipelines/_ingredients/"
OUTPUT = "joint"


def rms(values: np.ndarray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def run_pipeline(root: pathlib.Path, pipeline: str, jobs: int) -> None:
    """Run a pipeline on all of a repository."""
    command = ["pipetask", "--log-level", "ERROR", "run", "-b", str(root), "-p", PIPELINES + pipeline]
    command += ["-i", f"{RAW_COLLECTION},{CALIB_COLLECTION}", "-o", OUTPUT, "-j", str(jobs)]
    command += ["-d", "instrument = 'SkySim'", "--register-dataset-types"]
    script = pathlib.Path(sys.executable).with_name(command[0])
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, str(script), *command[1:]], check=True, env=environment)


def judge(mosaic: Mosaic, night: MosaicNight, butler: Butler, masks: str) -> dict[str, float]:
    """Errors of the sky frames in a repository, in units of the limits of accuracy.py."""
    detectors = range(len(mosaic.corner))
    frames = [butler.get("sky", detector=d, physical_filter="sim_r") for d in detectors]
    geometries = [Geometry.of(detector, detector.getBBox()) for detector in night.camera]
    sites = [geometry.site(FocalPlane.around(geometries), Sizes(16, 32)) for geometry in geometries]
    order = int(frames[0].getMetadata()["CPSKY GAUGE ORDER"])
    found, _ = project_cells(sites, [frame.image.array for frame in frames], order)
    truth, _ = project_cells(sites, list(mosaic.truth()), order)
    error = np.array(found) - np.array(truth)
    fine = np.array([frame.mask.array == 0 for frame in frames])
    use = unmasked(mosaic, butler, masks)
    return {
        "own": rms(error[fine]) / rms(mosaic.limit(use)[fine]),
        "all": rms(error) / rms(mosaic.limit()),
        "equal": rms(error) / rms(mosaic.limit(equal=True)),
        "flagged": 1 - float(fine.mean()),
    }


def unmasked(mosaic: Mosaic, butler: Butler, masks: str) -> np.ndarray:
    """Pixels that count, ``(E, D, rows, columns)``."""
    use = np.zeros(mosaic.images.shape, dtype=bool)
    exposures = sorted({int(ref.dataId["exposure"]) for ref in butler.query_datasets(masks)})
    bits = MaskX.getPlaneBitMask(["SUSPECT", "BAD"])
    for ref in butler.query_datasets(masks):
        place = exposures.index(int(ref.dataId["exposure"])), int(ref.dataId["detector"])
        use[place] = (butler.get(ref).array & bits) == 0
    return use


def measure(name: str, seed: int, jobs: int) -> dict[str, float]:
    """Make a repository of a night, run the pipeline, judge its sky frames."""
    mosaic = make_mosaic(name, seed)
    night = MosaicNight(mosaic)
    still = name == "nodither"
    with tempfile.TemporaryDirectory(prefix="cpSkyAccuracy-") as folder:
        root = pathlib.Path(folder) / "repo"
        make_repository(str(root), night)
        run_pipeline(root, "cpSkyJointUndithered.yaml" if still else "cpSkyJointPostIsr.yaml", jobs)
        butler = Butler.from_config(str(root), collections=OUTPUT, instrument="SkySim")
        return judge(mosaic, night, butler, "cpSkyJointMask3" if still else "cpSkyJointMask2")


def main(argv: list[str] | None = None) -> dict[str, list[dict[str, float]]]:
    """Measure and print; returns the figures of each night, one entry a seed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default="101", help="comma-separated")
    parser.add_argument("--mocks", default="yardstick60,base,empty", help="comma-separated; see accuracy.py")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="processes of pipetask")
    options = parser.parse_args(argv)
    if not shutil.which("pipetask", path=str(pathlib.Path(sys.executable).parent)):
        parser.error(f"there is no pipetask beside {sys.executable}")
    results = {
        name: [measure(name, int(seed), options.jobs) for seed in options.seeds.split(",")]
        for name in options.mocks.split(",")
    }
    print("| night | own | all | equal | flagged |\n|---|---|---|---|---|")
    for name, runs in results.items():
        cells = [f"{np.mean([run[key] for run in runs]):.3f}" for key in ("own", "all", "equal")]
        print(f"| {name} | {' | '.join(cells)} | {np.mean([run['flagged'] for run in runs]):.1%} |")
    return results


if __name__ == "__main__":
    main()
