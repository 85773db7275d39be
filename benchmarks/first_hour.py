# SPDX-License-Identifier: GPL-3.0-or-later
"""The first hour of a new user: every command of the pages, and those that they print, pasted into a shell.

    python first_hour.py              # a fresh clone of this repository in a fresh virtualenv
    python first_hour.py --existing   # the environment of this Python, installing nothing
    python first_hour.py --existing --small --pages README.md

It needs nothing but Python's own library, git and bash, and ends with status 1 if a command fails. A command
that names something to be filled in (REPO), and those that run the tests, are listed and not run.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence

__all__ = ("Step", "main")

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGES = ("README.md", "doc/tutorial.md")
PROGRAMS = ("butler", "cpsky", "pip", "pipetask", "python")
#: What makes the night small.
SMALL = "--exposures 2 --size 64 --detectors R00_S0 --seed 7"
#: Names that a reader fills in, and what is not for the first hour.
SKIPPED = re.compile(r"\b(REPO|FILE|MyCam)\b|\[test\]|^pytest\b|sky-mine")
#: Commands of a reader who looks around first, and who has plain files.
HELP = (
    "cpsky --version",
    "cpsky --help",
    *(
        f"cpsky {name} --help"
        for name in ("apply", "camera", "convert-background", "convert-repository", "demo", "frame", "ingest")
    ),
    "cpsky report --help",
)
MORE = (
    "cpsky camera DECam --plot 'the camera.png'",
    "cpsky frame night/*.fits --camera toy.yaml -o sky.fits --plot sky.png",
    "cpsky ingest 'my repo' night/*.fits --camera toy.yaml",
)
#: Writes a night of plain files.
NIGHT = """
import pathlib
import numpy as np
from astropy.io import fits

pathlib.Path("night").mkdir()
pathlib.Path("toy.yaml").write_text(
    "{name: Toy, plate_scale: 20, pixel_size: 0.01, size: [160, 128], pitch: [1.7, 1.4], rows: [A B]}"
)
rng = np.random.default_rng(5)
for number in range(1, 5):
    for name in "AB":
        cards = {
            "CCDNAME": name, "EXPNUM": number, "FILTER": "r", "EXPTIME": 30.0, "OBJECT": "blank",
            "DATE-OBS": f"2024-03-01T05:{number:02d}:00", "RA": "10:00:00", "DEC": "-30:00:00", "GAIN": 1.0,
        }
        pixels = rng.normal(4000, 63, (128, 160)).astype("f4")
        fits.PrimaryHDU(pixels, fits.Header(cards)).writeto(f"night/e{number}_{name}.fits")
"""


@dataclasses.dataclass(frozen=True)
class Step:
    """A command and how it ended."""

    command: str
    seconds: float
    status: int | None
    """`None` if it was not run."""
    output: str


def commands_of_page(path: pathlib.Path) -> Iterator[str]:
    """Commands in the blocks of a page that are for a shell."""
    for block in re.findall(r"^```(?:sh|bash)\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            yield from (part.strip() for part in line.split("&&") if part.strip())


def printed_commands(output: str) -> list[str]:
    """Commands that a program prints for its reader: indented lines that begin with the name of a program."""
    lines = [line for line in output.splitlines() if line.startswith("    ")]
    return [line.strip() for line in lines if line.split() and line.split()[0] in PROGRAMS]


class Hour:
    """A shell in a folder, and what was done in it."""

    def __init__(self, folder: pathlib.Path, programs: pathlib.Path, small: bool) -> None:
        self.folder, self.small = folder, small
        self.steps: list[Step] = []
        self._environment = {
            **{
                name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")
            },
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "MPLBACKEND": "Agg",
        }

    def paste(self, command: str, *, run: bool = True) -> None:
        """Run a command and, unless it only tells of others (help), each command that it prints."""
        if not run or SKIPPED.search(command):
            self.steps.append(Step(command, 0.0, None, ""))
            return
        if self.small and command.startswith("cpsky demo"):
            command = f"{command} {SMALL}"
        begin = time.monotonic()
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self._environment, capture_output=True, text=True
        )
        self.steps.append(Step(command, time.monotonic() - begin, done.returncode, done.stdout + done.stderr))
        print(
            f"{self.steps[-1].seconds:7.1f} s  {'ok' if not done.returncode else 'FAILED'}  {command}",
            flush=True,
        )
        if command.split()[0] == "cpsky" and not command.endswith("--help"):
            for printed in printed_commands(done.stdout):
                self.paste(printed)


def fresh_environment(folder: pathlib.Path) -> pathlib.Path:
    """Clone this repository and make a virtualenv; returns the folder of its programs."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True)
    return folder / "env" / "bin"


def main(arguments: Sequence[str] | None = None) -> list[Step]:
    """Live through the hour and return its steps."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--existing", action="store_true", help="use the environment of this Python")
    parser.add_argument("--small", action="store_true", help="make the demo's night small")
    parser.add_argument("--pages", nargs="+", default=PAGES, help="pages of the repository to follow")
    parser.add_argument("--folder", type=pathlib.Path, help="where to work; a temporary folder by default")
    options = parser.parse_args(arguments)
    folder = options.folder or pathlib.Path(tempfile.mkdtemp(prefix="first-hour-"))
    folder.mkdir(parents=True, exist_ok=True)
    programs = pathlib.Path(sys.executable).parent if options.existing else fresh_environment(folder)
    place = folder if options.existing else folder / "clone"
    hour = Hour(place, programs, options.small)
    done = set()
    for page in options.pages:
        for command in commands_of_page(ROOT / page):
            if command not in done:
                done.add(command)
                hour.paste(command, run=not (options.existing and command.startswith("pip ")))
    subprocess.run([str(programs / "python"), "-c", NIGHT], cwd=place, check=True)
    for command in (*(() if options.small else HELP), *MORE):
        hour.paste(command)
    if options.folder is None:
        shutil.rmtree(folder)
    return hour.steps


def report(steps: Sequence[Step]) -> int:
    """Print what was not run and what failed; returns the status to end with."""
    for step in steps:
        if step.status is None:
            print(f"not run: {step.command}")
    failed = [step for step in steps if step.status]
    for step in failed:
        print(f"\nFAILED ({step.status}): {step.command}\n{step.output[-3000:]}")
    ran = [step for step in steps if step.status is not None]
    print(f"{len(ran)} commands in {sum(step.seconds for step in ran):.0f} s, {len(failed)} failed.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(report(main()))
