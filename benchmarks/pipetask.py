# SPDX-License-Identifier: GPL-3.0-or-later
"""Time `pipetask run -j 2` of the four tasks over a small repository beside the import of the middleware.

The repository is one with exposures `cpSkyIsrExp` of a few small detectors; it is copied first. Minutes long,
so `run.py` leaves it out unless told otherwise.
"""

from __future__ import annotations

import argparse
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from _setup import Row, print_rows

IMPORT = "import lsst.pipe.base.mp_graph_executor"
CAMERA = {"xSize": 1.2, "ySize": 1.2, "pixelSize": 0.015, "binning": 16}


def run_pipeline(repository: pathlib.Path, collections: str, run: str, jobs: int) -> float:
    """Run the four tasks; returns the wall time (seconds)."""
    pipeline = repository.parent / "pipeline.yaml"
    settings = "\n".join(f"      largeScaleBackground.{key}: {value}" for key, value in CAMERA.items())
    pipeline.write_text(
        "description: The four tasks.\n"
        "tasks:\n"
        f"  cpSkyImage:\n    class: lsst.cp.sky.CpSkyImageTask\n    config:\n{settings}\n"
        "  cpSkyScaleMeasure: lsst.cp.sky.CpSkyScaleMeasureTask\n"
        "  cpSkySubtractBackground: lsst.cp.sky.CpSkySubtractBackgroundTask\n"
        "  cpSkyCombine: lsst.cp.sky.CpSkyCombineTask\n"
    )
    command = ["pipetask", "run", "-b", str(repository), "-i", collections, "--output-run", run]
    command += ["-p", str(pipeline), "-j", str(jobs), "--register-dataset-types"]
    script = pathlib.Path(sys.executable).with_name("pipetask")
    if script.exists():
        command[0] = str(script)
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")
    return taken


def time_import(repeat: int) -> float:
    """Median time to import the middleware's executor in a new process (seconds)."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", IMPORT], check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main(argv: list[str] | None = None) -> list[Row]:
    """Measure, and return the row of the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("repository", type=pathlib.Path, help="butler repository; copied, not changed")
    parser.add_argument("--collections", default="GoldCam/raw,GoldCam/calib", help="input collections")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--repeat", type=int, default=1, help="runs")
    options = parser.parse_args(argv)
    time_import(1)
    ours, imports = [], []
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "repo"
        shutil.copytree(options.repository, copy)
        for i in range(options.repeat):
            imports.append(time_import(3))
            ours.append(run_pipeline(copy, options.collections, f"benchmark/{i}", options.jobs))
            imports.append(time_import(3))
    return [
        Row(
            f"pipetask run -j {options.jobs} / import of the middleware",
            statistics.median(ours),
            statistics.median(imports),
            26.0,
        )
    ]


if __name__ == "__main__":
    print_rows(main())
