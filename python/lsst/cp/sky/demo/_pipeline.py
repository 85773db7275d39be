# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the pipeline as a person would: a pipeline file and ``pipetask run`` in a process of its own."""

from __future__ import annotations

import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

__all__ = (
    "CHAINS",
    "PipelineError",
    "find_pipetask",
    "output_collection",
    "run_pipeline",
    "write_pipeline",
)

CHAINS = ("joint", "stock")
"""Chains that make sky frames."""

_JOINT = """\
description: Sky frames of a simulated night, by the joint chain.
imports:
  - location: resource://lsst.cp.sky/pipelines/_ingredients/cpSkyJointPostIsr.yaml
"""

_STOCK = """\
description: Sky frames of a simulated night, by the stock chain.
imports:
  - location: resource://lsst.cp.sky/pipelines/_ingredients/cpSkyPostIsr.yaml
tasks:
  cpSkyImage:
    class: lsst.cp.sky.CpSkyImageTask
    config:
      # A superpixel of the focal-plane model covers about one detector, as for LSSTCam.
"""

_DONE = re.compile(r"Executed (\d+) quanta .*?out of total (\d+)")


class PipelineError(RuntimeError):
    """The pipeline did not finish; the message holds the end of its log."""


def output_collection(chain: str) -> str:
    """Chained collection that the pipeline of a chain writes to."""
    return f"SkySim/{chain}"


def write_pipeline(path: pathlib.Path, large_scale: Mapping[str, float], chain: str = "stock") -> None:
    """Write the pipeline file of a chain; superpixels, in mm, are for the stock chain."""
    text = _JOINT
    if chain == "stock":
        text = _STOCK + "".join(
            f"      largeScaleBackground.{field}: {value!r}  # mm\n" for field, value in large_scale.items()
        )
    path.write_text(text, encoding="utf-8")


def run_pipeline(
    repository: pathlib.Path,
    pipeline: pathlib.Path,
    log: pathlib.Path,
    *,
    inputs: Sequence[str],
    output: str,
    jobs: int,
    progress: Callable[[int, int], None],
) -> list[str]:
    """Run ``pipetask run`` in a process of its own.

    Parameters
    ----------
    repository, pipeline : `pathlib.Path`
        Repository to work in and pipeline to run.
    log : `pathlib.Path`
        File that takes all that the process prints.
    inputs : `~collections.abc.Sequence` [`str`]
        Collections to read from.
    output : `str`
        Collection to write to.
    jobs : `int`
        Processes to use.
    progress : `~collections.abc.Callable`
        Called as ``progress(done, total)`` when a quantum has ended.

    Returns
    -------
    command : `list` [`str`]
        The command that was run.

    Raises
    ------
    PipelineError
        Raised if there is no ``pipetask``, or if it fails.
    """
    command = ["pipetask", "run", "-b", str(repository), "-p", str(pipeline), "-i", ",".join(inputs)]
    command += [
        "-o",
        output,
        "-j",
        str(jobs),
        "-d",
        "instrument='SkySim'",
        "--register-dataset-types",
    ]
    with _start(command) as process, log.open("w", encoding="utf-8") as file:
        assert process.stdout is not None
        last_lines: collections.deque[str] = collections.deque(maxlen=15)
        for line in process.stdout:
            file.write(line)
            last_lines.append(line)
            if match := _DONE.search(line):
                progress(int(match[1]), int(match[2]))
    if process.returncode != 0:
        raise PipelineError(
            f"pipetask ended with status {process.returncode}; its log is {log}, and ends with\n"
            + "".join(last_lines)
        )
    return command


def find_pipetask() -> str:
    """Find the ``pipetask`` command: beside this Python, or else wherever the shell would.

    Raises
    ------
    PipelineError
        Raised if it is in neither place.
    """
    places = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    found = shutil.which("pipetask", path=places)
    if found is None:
        raise PipelineError(
            f"There is no pipetask command beside {sys.executable} or on the PATH; install lsst-ctrl-mpexec, "
            "or set up the stack."
        )
    return found


def _start(command: list[str]) -> subprocess.Popen[str]:
    """Start ``pipetask``, one thread per process as its processes share cores."""
    return subprocess.Popen(
        [find_pipetask(), *command[1:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"},
    )
