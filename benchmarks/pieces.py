# SPDX-License-Identifier: GPL-3.0-or-later
"""From plain FITS files of real cameras to sky frames and pictures, by the commands of doc/cameras.md, timed.

Each camera begins in an empty folder. The files are pieces of exposures of DECam and Mosaic-3, with flags and
weights; they are not part of this repository.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

from _pages import commands

_PIECES = pathlib.Path(__file__).resolve().parents[2] / "shared/real/pixels"
#: Files of each camera, and the filters that they are of.
CAMERAS = {"DECam": ("c4d*.fits", ("z", "r")), "Mosaic-3": ("k4m*.fits", ("zd",))}


class Timed(NamedTuple):
    """A command and its times (s)."""

    command: str
    wall: float
    cpu: float


def run(command: str, folder: pathlib.Path) -> tuple[Timed, str]:
    """Run a command of the shell in a folder; returns its times and what it wrote."""
    path = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": path, "MPLBACKEND": "Agg"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout[-4000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Timed(command, time.perf_counter() - start, cpu), done.stdout


def run_camera(files: list[pathlib.Path], filters: tuple[str, ...], folder: pathlib.Path) -> list[Timed]:
    """Run the commands of the page on the files of a camera, in an empty folder."""
    (folder / "night").mkdir()
    for file in files:
        (folder / "night" / file.name).symlink_to(file)
    make_camera, make_frame, ingest, *_ = commands("cameras.md")
    frames = [make_frame]
    if len(filters) > 1:  # a sky frame is of one filter
        frames = [make_frame.replace("sky.", f"sky_{one}.") + f" --filter {one}" for one in filters]
    timed = [run(command, folder)[0] for command in (make_camera, *frames)]
    last, text = run(ingest, folder)
    (pipetask,) = re.findall(r"^ +(pipetask run .*)", text, re.MULTILINE)
    return [*timed, last, run(pipetask, folder)[0]]


def main(argv: list[str] | None = None) -> dict[str, list[Timed]]:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pieces", type=pathlib.Path, default=_PIECES, help="folder with the files")
    options = parser.parse_args(argv)
    found = {}
    for camera, (pattern, filters) in CAMERAS.items():
        with tempfile.TemporaryDirectory() as name:
            found[camera] = run_camera(sorted(options.pieces.glob(pattern)), filters, pathlib.Path(name))
    print("| camera | command | wall | processor |\n|---|---|---|---|")
    for camera, timed in found.items():
        for one in timed:
            print(f"| {camera} | `{one.command}` | {one.wall:.1f} s | {one.cpu:.1f} s |")
    return found


if __name__ == "__main__":
    main()
