# SPDX-License-Identifier: GPL-3.0-or-later
"""Run both chains over a real focal plane, and say per task what quanta cost: time, memory, files.

Three nights are simulated with the geometry of LSSTCam: ``plane`` has all its science detectors, with coarser
pixels; ``night`` has many exposures of one detector, smaller still; ``full`` has few exposures of two
detectors as they are. Every task runs on all of a night; the tasks that bring detectors or exposures together
run on parts of it as well, for the curves. With ``--keep`` results are kept, and a second call goes on where
the first one ended.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable

from _forks import Quantum, run_graph

from lsst.afw.cameraGeom import Camera, DetectorType
from lsst.cp.sky.simulate import (
    CALIB_COLLECTION,
    RAW_COLLECTION,
    Night,
    NightConfig,
    bin_camera,
    make_repository,
    pixel_size,
)

_CAMERA = (
    pathlib.Path(__file__).resolve().parents[2]
    / "shared/real/cameras/camera_LSSTCam_LSSTCam_calib_unbounded.fits"
)
_CHAINS = {"stock": "cpSkyPostIsr", "joint": "cpSkyJointPostIsr"}
#: Tasks that bring detectors together, and those that bring exposures together.
_GATHER = {
    "detectors": {
        "stock": ("cpSkyScaleMeasure",),
        "joint": tuple(f"cpSkyJoint{name}" for name in ("Start", "Pool1", "Solve1", "Pool2", "Solve2")),
    },
    "exposures": {
        "stock": ("cpSkyCombine",),
        "joint": tuple(
            f"cpSkyJoint{name}" for name in ("Start", "Pool1", "Solve1", "Stack1", "Pool2", "Solve2", "Frame")
        ),
    },
}


@dataclasses.dataclass(frozen=True)
class Scene:
    """A simulated night, and what varies in its curve."""

    name: str
    binning: int
    detectors: int
    exposures: int
    vary: str = ""
    """``detectors``, ``exposures`` or nothing."""
    counts: tuple[int, ...] = ()
    """Numbers of them."""


SCENES = (
    Scene("full", 1, 2, 2),
    Scene("plane", 8, 189, 5, "detectors", (9, 45, 99, 189)),
    Scene("night", 16, 1, 200, "exposures", (5, 20, 50, 100, 200)),
)


@dataclasses.dataclass(frozen=True)
class Run:
    """A graph that has been run."""

    graph_time: float
    """Processor time to make the graph, s."""
    graph_size: float
    """Size of its file, MB."""
    quanta: list[Quantum]

    def of(self, task: str) -> list[Quantum]:
        """Quanta of a task."""
        return [one for one in self.quanta if one.task == task]

    @property
    def tasks(self) -> list[str]:
        """Labels of the tasks, in the order in which they ran."""
        return list(dict.fromkeys(one.task for one in self.quanta))


def simulate(folder: pathlib.Path, scene: Scene, camera_file: pathlib.Path, superpixel: float) -> list[int]:
    """Make the repository and the pipelines of a night, unless they are there; returns the detectors."""
    camera = bin_camera(Camera.readFits(str(camera_file)), scene.binning)
    science = [d.getId() for d in camera if d.getType() == DetectorType.SCIENCE][: scene.detectors]
    write_pipelines(folder, scene, superpixel, pixel_size(camera))
    if not (folder / "simulated").exists():
        shutil.rmtree(folder / "repo", ignore_errors=True)
        night = Night(camera, NightConfig(exposures=scene.exposures))
        make_repository(str(folder / "repo"), night, detectors=science)
        (folder / "simulated").touch()
    return science


def write_pipelines(folder: pathlib.Path, scene: Scene, superpixel: float, pixel: float) -> None:
    """Write the pipeline of each chain, and one with the tasks that run on parts of the night."""
    for chain, name in _CHAINS.items():
        text = f"description: {chain}\nimports:\n"
        text += f"  - location: resource://lsst.cp.sky/pipelines/LSSTCam/{name}.yaml\n"
        part = text
        if chain == "stock":
            text += "tasks:\n  cpSkyImage:\n    class: lsst.cp.sky.CpSkyImageTask\n    config:\n"
            sizes = {"xSize": superpixel, "ySize": superpixel, "pixelSize": pixel}
            text += "".join(f"      largeScaleBackground.{key}: {value!r}\n" for key, value in sizes.items())
        (folder / f"{chain}.yaml").write_text(text)
        if scene.vary:
            tasks = ", ".join(_GATHER[scene.vary][chain])
            part += f"    include: [{tasks}]\n    labeledSubsetModifyMode: EDIT\n"
            (folder / f"{chain}-part.yaml").write_text(part)


def call(folder: pathlib.Path, *command: str) -> float:
    """Run a command of the middleware; returns its processor time (s)."""
    script = str(pathlib.Path(sys.executable).with_name(command[0]))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [script, *command[1:]],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(
    folder: pathlib.Path,
    name: str,
    chain: str,
    jobs: int,
    where: str = "",
    *,
    part: bool = False,
) -> Run:
    """Make a graph of a chain and run it, or read what it has cost.

    Parameters
    ----------
    folder : `pathlib.Path`
        Folder of the night.
    name : `str`
        Output run, and name of the file with the result.
    chain : `str`
        The chain.
    jobs : `int`
        Number of processes.
    where : `str`, optional
        Which data to take; all by default.
    part : `bool`, optional
        Whether to run only what brings detectors or exposures together, on the products of the whole chain.
    """
    graph, log, summary = (folder / f"{name}{end}" for end in (".qg", ".jsonl", ".json"))
    if not summary.exists():
        inputs = [RAW_COLLECTION, CALIB_COLLECTION, *([chain] if part else [])]
        pipeline = f"{chain}-part.yaml" if part else f"{chain}.yaml"
        command = ["pipetask", "qgraph", "-b", "repo", "-i", ",".join(inputs), "--output-run", name]
        command += ["-p", pipeline, "-q", graph.name, "-d", f"instrument = 'SkySim'{where}"]
        seconds = call(folder, *command)
        call(folder, "pipetask", "pre-exec-init-qbb", "repo", graph.name)
        log.unlink(missing_ok=True)
        summary.write_text(json.dumps([seconds, graph.stat().st_size / 1e6]))
    quanta = run_graph(graph, folder / "repo", log, jobs)
    done = folder / f"{name}.done"
    if not (part or done.exists()):
        call(folder, "butler", "transfer-from-graph", graph.name, "repo", "--register-dataset-types")
        done.touch()
    return Run(*json.loads(summary.read_text()), quanta)


def run_scene(folder: pathlib.Path, scene: Scene, options: argparse.Namespace) -> dict[str, dict[int, Run]]:
    """Run all of a night; returns by chain the runs by number of what varies, 0 for the whole chain."""
    folder.mkdir(parents=True, exist_ok=True)
    science = simulate(folder, scene, options.camera, options.superpixel)
    first = 2024032800001
    found: dict[str, dict[int, Run]] = {}
    for chain in _CHAINS:
        found[chain] = {0: run(folder, chain, chain, options.jobs)}
        for count in scene.counts:
            if scene.vary == "detectors":
                where = f" AND detector <= {science[count - 1]} AND exposure < {first + 3}"
            else:
                where = f" AND exposure < {first + count}"
            found[chain][count] = run(folder, f"{chain}-{count}", chain, options.jobs, where, part=True)
    return found


def print_costs(scene: Scene, found: dict[str, dict[int, Run]]) -> None:
    """Print what the quanta of each task have cost: medians, and the largest peak."""
    print(
        f"\n{scene.name}: detectors {scene.detectors}, exposures {scene.exposures}, "
        f"binned {scene.binning} x {scene.binning}"
    )
    print("| task | quanta | around | get and put | work | peak memory | read | written |")
    print("|---|---|---|---|---|---|---|---|")
    for runs in found.values():
        for task in runs[0].tasks:
            quanta = runs[0].of(task)
            middle = [
                statistics.median(getattr(one, field) for one in quanta)
                for field in ("around", "io", "work", "read", "written")
            ]
            peak = max(one.memory for one in quanta)
            print(
                f"| {task} | {len(quanta)} | {middle[0]:.3f} s | {middle[1]:.3f} s | {middle[2]:.3f} s "
                f"| {peak:.0f} MB | {middle[3]:.1f} MB | {middle[4]:.1f} MB |"
            )
    for chain, runs in found.items():
        whole = runs[0]
        total = sum(one.around + one.io + one.work for one in whole.quanta)
        own = sum(one.work for one in whole.quanta)
        print(
            f"{chain}: {len(whole.quanta)} quanta, {total:.0f} s of processor time, {own:.0f} s of it in the "
            f"tasks; graph {whole.graph_time:.1f} s, {whole.graph_size:.2f} MB"
        )


CURVES: dict[str, Callable[[Quantum], float]] = {
    "peak memory, MB": lambda one: one.memory,
    "processor time, s": lambda one: one.io + one.work,
}


def print_curves(scene: Scene, found: dict[str, dict[int, Run]]) -> None:
    """Print how peak memory and processor time of a quantum grow."""
    for title, value in CURVES.items():
        print(f"\n{title}\n| {scene.vary} | " + " | ".join(map(str, scene.counts)) + " |")
        print("|---" * (1 + len(scene.counts)) + "|")
        for chain, runs in found.items():
            for task in _GATHER[scene.vary][chain]:
                most = [max(map(value, runs[count].of(task))) for count in scene.counts]
                print(f"| {task} | " + " | ".join(f"{one:.3g}" for one in most) + " |")


def draw_curves(found: dict[str, dict[str, dict[int, Run]]], path: pathlib.Path) -> None:
    """Draw the same for all nights that have a curve."""
    from matplotlib.figure import Figure

    scenes = [scene for scene in SCENES if scene.vary and scene.name in found]
    figure = Figure(figsize=(4.5 * len(scenes), 6), dpi=80, layout="constrained")
    axes = figure.subplots(2, len(scenes), squeeze=False)
    for column, scene in enumerate(scenes):
        for row, (title, value) in enumerate(CURVES.items()):
            ax = axes[row, column]
            for chain, runs in found[scene.name].items():
                for task in _GATHER[scene.vary][chain]:
                    counts = [count for count in runs if count]
                    most = [max(map(value, runs[count].of(task))) for count in counts]
                    label = task.removeprefix("cpSky")
                    ax.plot(counts, most, "o-" if chain == "stock" else "x--", label=label, ms=4, lw=1)
            ax.set(xlabel=scene.vary, ylabel=title, ylim=(0, None))
        axes[0, column].legend(fontsize=7, ncols=2)
    figure.savefig(path)


def main(argv: list[str] | None = None) -> dict[str, dict[str, dict[int, Run]]]:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = [scene.name for scene in SCENES]
    parser.add_argument("--nights", nargs="+", choices=names, default=names, help="all by default")
    parser.add_argument("--camera", type=pathlib.Path, default=_CAMERA, help="FITS file of the camera")
    parser.add_argument("--superpixel", type=float, default=40.96, help="side of a superpixel, mm")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument(
        "--keep", type=pathlib.Path, help="folder for nights and results; a temporary one by default"
    )
    parser.add_argument("--plot", type=pathlib.Path, help="picture to write")
    options = parser.parse_args(argv)
    os.environ["OMP_NUM_THREADS"] = "1"
    found = {}
    with tempfile.TemporaryDirectory() as name:
        for scene in SCENES:
            if scene.name in options.nights:
                found[scene.name] = run_scene(
                    (options.keep or pathlib.Path(name)) / scene.name, scene, options
                )
                print_costs(scene, found[scene.name])
                if scene.counts:
                    print_curves(scene, found[scene.name])
    if options.plot:
        draw_curves(found, options.plot)
    return found


if __name__ == "__main__":
    main()
