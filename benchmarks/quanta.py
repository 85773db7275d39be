# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell where the time of small quanta goes in `pipetask run -j 2`: to the middleware, and to us.

The quanta are those of a simulated night (`cpsky demo`: 9 detectors of about 512 x 500 pixels, 5 exposures),
or of a repository with exposures `cpSkyIsrExp`, which is copied first.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from typing import Any, NamedTuple

from pipetask import IMPORT, children_time, environment, run_pipeline, time_import, write_pipeline

#: Tasks by label.
TASKS = {
    "cpSkyImage": "CpSkyImageTask",
    "cpSkyScaleMeasure": "CpSkyScaleMeasureTask",
    "cpSkySubtractBackground": "CpSkySubtractBackgroundTask",
    "cpSkyCombine": "CpSkyCombineTask",
}
_TOOK = re.compile(r"success: <(\w+) dataId=.*> took ([\d.]+) seconds")
#: Processor time of importing what a worker has imported before it sees the task, then of importing the task.
_IMPORT_TASK = f"""
import time
import lsst.ctrl.mpexec.cli.pipetask
{IMPORT}
start = time.process_time()
from lsst.cp.sky import {{task}}
print(time.process_time() - start)
"""


class Parts(NamedTuple):
    """Where the time of the quanta of a task goes: medians, in seconds."""

    task: str
    quanta: int
    wall: float
    """From the start of the process until its end is noticed."""
    start: float
    """Processor time before the quantum is prepared, without ours."""
    imports: float
    """Processor time of importing our modules."""
    reading: float
    run: float
    writing: float

    @property
    def ours(self) -> float:
        """What would not be there if the task did nothing."""
        return self.imports + self.reading + self.run + self.writing


class Run(NamedTuple):
    """A run of the pipeline."""

    parts: list[Parts]
    wall: float
    cpu: float
    """Processor time of all processes."""
    empty: float
    """Processor time of a process that imports the middleware's executor and ends."""
    ours: float
    """Processor time of importing our modules and of running the quanta, all added up."""


def simulate(folder: pathlib.Path, exposures: int, detectors: int) -> tuple[pathlib.Path, pathlib.Path]:
    """Make the repository and the pipeline of ``cpsky demo``."""
    from lsst.cp.sky.demo import Demo
    from lsst.cp.sky.simulate import Night, NightConfig, make_raft_camera

    camera = make_raft_camera()
    chosen = [detector.getId() for detector in camera][:detectors]
    demo = Demo(folder, Night(camera, NightConfig(exposures=exposures)), chosen, ["stock"])
    demo.simulate(lambda done, total: None)
    return demo.repository, demo.pipeline("stock")


def import_time(task: str, repeat: int) -> float:
    """Median processor time of importing a task where the middleware has been imported (seconds)."""
    code = _IMPORT_TASK.format(task=TASKS[task])
    command = [sys.executable, "-c", code]
    return statistics.median(
        float(subprocess.run(command, env=environment(), capture_output=True, check=True).stdout)
        for _ in range(repeat)
    )


def _metadata(repository: pathlib.Path, run: str, task: str) -> list[Any]:
    """What the middleware has recorded of each quantum."""
    from lsst.daf.butler import Butler

    with Butler.from_config(str(repository)) as butler:
        refs = butler.query_datasets(f"{task}_metadata", collections=run)
        return [butler.get(ref)["quantum"] for ref in refs]


def _seconds(quantum: Any) -> float:
    """Wall time of `runQuantum`."""
    start, end = (datetime.datetime.fromisoformat(quantum[key]) for key in ("startUtc", "endUtc"))
    return (end - start).total_seconds()


def measure(repository: pathlib.Path, pipeline: pathlib.Path, inputs: str, jobs: int, repeat: int) -> Run:
    """Run the pipeline, and take it apart."""
    time_import(1)
    imports = {task: import_time(task, repeat) for task in TASKS}
    _, empty = time_import(repeat)
    before, options = children_time(), ["--log-level", "lsst.pipe.base.mp_graph_executor=DEBUG"]
    wall, log = run_pipeline(repository, pipeline, inputs, "quanta", jobs, options)
    cpu, ours = children_time() - before, 0.0
    walls = collections.defaultdict(list)
    for task, seconds in _TOOK.findall(log):
        walls[task].append(float(seconds))
    parts = []
    for task, own in imports.items():
        quanta = _metadata(repository, "quanta", task)
        gets, puts = ([q["butler_metrics"][key] for q in quanta] for key in ("time_in_get", "time_in_put"))
        runs = [_seconds(q) - get - put for q, get, put in zip(quanta, gets, puts, strict=True)]
        start = statistics.median(q["prepCpuTime"] for q in quanta) - own
        middle = [statistics.median(times) for times in (gets, runs, puts)]
        parts.append(Parts(task, len(quanta), statistics.median(walls[task]), start, own, *middle))
        ours += sum(own + q["endCpuTime"] - q["startCpuTime"] for q in quanta)
    return Run(parts, wall, cpu, empty, ours)


def print_run(run: Run) -> None:
    """Print what was found as a table in Markdown."""
    print("| task | quanta | wall | start-up | our imports | reading | run | writing | ours / wall |")
    print("|---|---|---|---|---|---|---|---|---|")
    for part in run.parts:
        times = " | ".join(f"{seconds:.3f} s" for seconds in part[2:])
        print(f"| {part.task} | {part.quanta} | {times} | {part.ours / part.wall:.0%} |")
    quanta = sum(part.quanta for part in run.parts)
    print(
        f"\nAll of it: {run.wall:.1f} s, {run.cpu:.1f} s of processor time, of which {run.ours:.1f} s "
        f"({run.ours / run.cpu:.0%}) are ours; {quanta} processes that import the middleware's executor "
        f"and end take {quanta * run.empty:.1f} s."
    )


def main(argv: list[str] | None = None) -> Run:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "repository", nargs="?", type=pathlib.Path, help="butler repository; copied, not changed"
    )
    parser.add_argument("--collections", default="GoldCam/raw,GoldCam/calib", help="its input collections")
    parser.add_argument("--exposures", type=int, default=5, help="exposures of the simulated night")
    parser.add_argument("--detectors", type=int, default=9, help="its detectors")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--repeat", type=int, default=3, help="processes that imports are timed in")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if options.repository is None:
            repository, pipeline = simulate(folder / "demo", options.exposures, options.detectors)
            inputs = "SkySim/raw/all,SkySim/calib"
        else:
            repository, pipeline, inputs = folder / "repo", folder / "pipeline.yaml", options.collections
            shutil.copytree(options.repository, repository)
            write_pipeline(pipeline)
        run = measure(repository, pipeline, inputs, options.jobs, options.repeat)
    print_run(run)
    return run


if __name__ == "__main__":
    main()
