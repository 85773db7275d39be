# SPDX-License-Identifier: GPL-3.0-or-later
"""Time `pipetask run -j 2` of the four tasks over a small repository beside the import of the middleware.

The repository is one with exposures `cpSkyIsrExp` of a few small detectors; it is copied first. Minutes long,
so `run.py` leaves it out unless told otherwise. Bytecode is cached, whatever PYTHONDONTWRITEBYTECODE says,
beside the modules that are imported: an installed copy, or a checkout on PYTHONPATH.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

from _setup import Row, print_rows

IMPORT = "import lsst.pipe.base.mp_graph_executor"
#: Imports what the pipeline does, so that its bytecode is there.
WARM_UP = f"import lsst.ctrl.mpexec.cli.pipetask; {IMPORT}; from lsst.cp.sky import *"
CAMERA = {"xSize": 1.2, "ySize": 1.2, "pixelSize": 0.015, "binning": 16}


def environment() -> dict[str, str]:
    """Variables of the processes that are timed: Python keeps its bytecode, as it does for users."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def write_pipeline(path: pathlib.Path) -> None:
    """Write a pipeline file of the four tasks, for detectors of `CAMERA`."""
    settings = "\n".join(f"      largeScaleBackground.{key}: {value}" for key, value in CAMERA.items())
    path.write_text(
        "description: The four tasks.\n"
        "tasks:\n"
        f"  cpSkyImage:\n    class: lsst.cp.sky.CpSkyImageTask\n    config:\n{settings}\n"
        "  cpSkyScaleMeasure: lsst.cp.sky.CpSkyScaleMeasureTask\n"
        "  cpSkySubtractBackground: lsst.cp.sky.CpSkySubtractBackgroundTask\n"
        "  cpSkyCombine: lsst.cp.sky.CpSkyCombineTask\n"
    )


def run_pipeline(
    repository: pathlib.Path,
    pipeline: pathlib.Path,
    collections: str,
    run: str,
    jobs: int,
    options: Sequence[str] = (),
) -> tuple[float, str]:
    """Run the four tasks, with further options of ``pipetask``; returns the wall time (s) and the log."""
    script = pathlib.Path(sys.executable).with_name("pipetask")
    command = [str(script) if script.exists() else "pipetask", *options]
    command += ["run", "-b", str(repository), "-i", collections, "--output-run", run]
    command += ["-p", str(pipeline), "-j", str(jobs), "--register-dataset-types"]
    start = time.perf_counter()
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    taken = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")
    return taken, done.stderr


def children_time() -> float:
    """Processor time of all processes that this one has started and seen end (seconds)."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def time_import(repeat: int, code: str = IMPORT) -> tuple[float, float]:
    """Median wall and processor time of a new process that imports the middleware's executor (seconds)."""
    walls, cpus = [], []
    for _ in range(repeat):
        start, before = time.perf_counter(), children_time()
        subprocess.run([sys.executable, "-c", code], env=environment(), check=True)
        walls.append(time.perf_counter() - start)
        cpus.append(children_time() - before)
    return statistics.median(walls), statistics.median(cpus)


def main(argv: list[str] | None = None) -> list[Row]:
    """Measure, and return the row of the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("repository", type=pathlib.Path, help="butler repository; copied, not changed")
    parser.add_argument("--collections", default="GoldCam/raw,GoldCam/calib", help="input collections")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--repeat", type=int, default=5, help="runs")
    options = parser.parse_args(argv)
    time_import(1, WARM_UP)
    ours, imports = [], []
    with tempfile.TemporaryDirectory() as folder:
        copy, pipeline = pathlib.Path(folder) / "repo", pathlib.Path(folder) / "pipeline.yaml"
        shutil.copytree(options.repository, copy)
        write_pipeline(pipeline)
        for i in range(options.repeat):
            imports.append(time_import(3))
            before = children_time()
            wall, _ = run_pipeline(copy, pipeline, options.collections, f"benchmark/{i}", options.jobs)
            ours.append((wall, children_time() - before))
            imports.append(time_import(3))
    (wall, cpu), (their_wall, their_cpu) = (
        [statistics.median(column) for column in zip(*times, strict=True)] for times in (ours, imports)
    )
    step = f"pipetask run -j {options.jobs} / import of the middleware"
    return [Row(step, wall, their_wall, 26.0, cpu_ratio=cpu / their_cpu)]


if __name__ == "__main__":
    print_rows(main())
