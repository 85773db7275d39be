# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the stock chain over a real focal plane, binned, and say per task what quanta cost: time and memory.

For curves, run it with several numbers of exposures or detectors.
"""

from __future__ import annotations

import argparse
import datetime
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any, NamedTuple

from lsst.afw.cameraGeom import Camera, DetectorType
from lsst.cp.sky.demo import write_pipeline
from lsst.cp.sky.simulate import Night, NightConfig, bin_camera, make_repository, pixel_size
from lsst.daf.butler import Butler

TASKS = ("cpSkyImage", "cpSkyScaleMeasure", "cpSkySubtractBackground", "cpSkyCombine")
_CAMERA = (
    pathlib.Path(__file__).resolve().parents[2]
    / "shared/real/cameras/camera_LSSTCam_LSSTCam_calib_unbounded.fits"
)


class Cost(NamedTuple):
    """What the quanta of a task cost; times are medians, in seconds."""

    task: str
    quanta: int
    around: float
    """Before and after the task itself: finding the quantum's inputs, making the task."""
    io: float
    """In get and put."""
    work: float
    """In the task, without get and put."""
    memory: float
    """Largest peak of the resident memory of a process, MB."""


def seconds(quantum: Any, begin: str, end: str) -> float:
    """Time between two entries of a quantum's metadata."""
    start, stop = (datetime.datetime.fromisoformat(quantum[key]) for key in (begin, end))
    return (stop - start).total_seconds()


def cost(butler: Butler, run: str, task: str) -> Cost:
    """Read what the quanta of a task have cost off their metadata."""
    quanta = [
        butler.get(ref)["quantum"] for ref in butler.query_datasets(f"{task}_metadata", collections=run)
    ]
    io = [sum(q["butler_metrics"][key] for key in ("time_in_get", "time_in_put")) for q in quanta]
    inside = [seconds(q, "startUtc", "endUtc") for q in quanta]
    return Cost(
        task,
        len(quanta),
        statistics.median(seconds(q, "prepUtc", "startUtc") for q in quanta),
        statistics.median(io),
        statistics.median(all_ - one for all_, one in zip(inside, io, strict=True)),
        max(q["endMaxResidentSetSize"] for q in quanta) / 1e6,
    )


def simulate(folder: pathlib.Path, options: argparse.Namespace) -> int:
    """Make the repository and the pipeline; returns the number of detectors."""
    camera = bin_camera(Camera.readFits(str(options.camera)), options.binning)
    science = [d.getId() for d in camera if d.getType() == DetectorType.SCIENCE][: options.detectors]
    night = Night(camera, NightConfig(exposures=options.exposures))
    make_repository(str(folder / "repo"), night, detectors=science)
    model = {"xSize": options.superpixel, "ySize": options.superpixel, "pixelSize": pixel_size(camera)}
    write_pipeline(folder / "pipeline.yaml", model)
    return len(science)


def run_pipeline(folder: pathlib.Path, jobs: int) -> tuple[float, float]:
    """Make the graph and run it; returns the time that each takes (s)."""
    pipetask = str(pathlib.Path(sys.executable).with_name("pipetask"))
    options = [
        "-b",
        "repo",
        "-i",
        "SkySim/raw/all,SkySim/calib",
        "--output-run",
        "out",
        "-p",
        "pipeline.yaml",
    ]
    times = []
    for command in (
        ["qgraph", *options, "-q", "graph.qg"],
        ["run", "-b", "repo", "-i", options[3], "--output-run", "out", "-g", "graph.qg", "-j", str(jobs)]
        + ["--register-dataset-types"],
    ):
        start = time.perf_counter()
        done = subprocess.run(
            [pipetask, *command],
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"pipetask {' '.join(command)} failed:\n{done.stderr[-4000:]}")
        times.append(time.perf_counter() - start)
    return times[0], times[1]


def main(argv: list[str] | None = None) -> list[Cost]:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--camera", type=pathlib.Path, default=_CAMERA, help="FITS file of the camera")
    parser.add_argument("--superpixel", type=float, default=40.96, help="side of a superpixel, mm")
    parser.add_argument("--binning", type=int, default=8, help="pixels per new pixel, on each axis")
    parser.add_argument("--detectors", type=int, default=189, help="science detectors to take")
    parser.add_argument("--exposures", type=int, default=5, help="exposures of the night")
    parser.add_argument(
        "--jobs",
        type=int,
        default=2,
        help="processes; one does all quanta, so that its peak of memory is that of all",
    )
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        detectors = simulate(folder, options)
        graph, wall = run_pipeline(folder, options.jobs)
        size = (folder / "graph.qg").stat().st_size / 1e6
        with Butler.from_config(str(folder / "repo")) as butler:
            found = [cost(butler, "out", task) for task in TASKS]
    print(
        f"{detectors} detectors, {options.exposures} exposures, binned {options.binning} x {options.binning}"
    )
    print(f"graph: {graph:.1f} s, {size:.2f} MB; run: {wall:.1f} s with {options.jobs} processes\n")
    print("| task | quanta | around | get and put | work | peak memory |\n|---|---|---|---|---|---|")
    for one in found:
        print(
            f"| {one.task} | {one.quanta} | {one.around:.3f} s | {one.io:.3f} s | {one.work:.3f} s "
            f"| {one.memory:.0f} MB |"
        )
    return found


if __name__ == "__main__":
    main()
