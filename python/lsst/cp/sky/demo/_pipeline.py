# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the pipeline as a user would: with a pipeline file and ``pipetask run`` in a separate process."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

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
      # A superpixel of the focal-plane model covers about one detector, as for LSSTCam. Sizes are in mm.
"""

_APPLY = """\
description: Sky frames taken out of a simulated science exposure.
imports:
  - location: resource://lsst.cp.sky/pipelines/_ingredients/cpSkyApply.yaml
tasks:
  cpSkyApply:
    class: lsst.cp.sky.apply.CpSkyApplyTask
    config:
      # A superpixel of the focal-plane model covers about one detector. Sizes are in mm.
"""

_DONE = re.compile(r"Executed (\d+) quanta .*?out of total (\d+)")

_FAILURE = re.compile(r"[\w.]*(Error|Exception)\b.*: ")
"""The line of a trace that says what went wrong."""


class PipelineError(RuntimeError):
    """The pipeline did not finish; the message has the first error of its log."""


def output_collection(chain: str) -> str:
    """Chained collection that the pipeline of a chain writes to."""
    return f"SkySim/{chain}"


def write_pipeline(
    path: pathlib.Path,
    large_scale: Mapping[str, float],
    chain: str = "stock",
    masker: Mapping[str, float | bool] = MappingProxyType({}),
) -> None:
    """Write the pipeline file of a chain, or of taking its sky frames out of exposures.

    Parameters
    ----------
    path : `pathlib.Path`
        File to write.
    large_scale : `~collections.abc.Mapping` [`str`, `float`]
        Fields of the focal-plane model, for all but the joint chain.
    chain : `str`, optional
        Chain, of `CHAINS`, or ``"apply"``.
    masker : `~collections.abc.Mapping`, optional
        Further fields of ``CpSkyImageConfig`` or ``CpSkyApplyConfig``, for all but the joint chain.
    """
    text = _JOINT
    if chain != "joint":
        model = {f"largeScaleBackground.{field}": value for field, value in large_scale.items()}
        fields = {**model, **masker}
        text = (_STOCK if chain == "stock" else _APPLY) + "".join(
            f"      {field}: {value!r}\n" for field, value in fields.items()
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
    """Run ``pipetask run`` in a separate process.

    Parameters
    ----------
    repository, pipeline : `pathlib.Path`
        Repository and pipeline.
    log : `pathlib.Path`
        File for the output of the process.
    inputs : `~collections.abc.Sequence` [`str`]
        Collections to read from.
    output : `str`
        Collection to write to.
    jobs : `int`
        Number of processes.
    progress : `~collections.abc.Callable`
        Called as ``progress(done, total)`` whenever a quantum has finished.

    Returns
    -------
    command : `list` [`str`]
        The command that was run.

    Raises
    ------
    PipelineError
        Raised if ``pipetask`` is not found, or if it fails.
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
        failure, last_line = "", ""
        for line in process.stdout:
            file.write(line)
            last_line = line.strip() or last_line
            if not failure and _FAILURE.match(line):
                failure = line.strip()
            if match := _DONE.search(line):
                progress(int(match[1]), int(match[2]))
    if process.returncode != 0:
        raise PipelineError(
            f"pipetask ended with status {process.returncode}: {failure or last_line.strip()} "
            f"(log: {log}; nothing of it is undone, so choose another folder for the next try)"
        )
    return command


def find_pipetask() -> str:
    """Find the ``pipetask`` command next to this Python, or on the PATH.

    Raises
    ------
    PipelineError
        Raised if it is in neither place.
    """
    places = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    found = shutil.which("pipetask", path=places)
    if found is None:
        raise PipelineError(
            f"There is no pipetask command beside {sys.executable} or on the PATH; install "
            "lsst-ctrl-mpexec, or set up the stack."
        )
    return found


def _start(command: list[str]) -> subprocess.Popen[str]:
    """Start ``pipetask`` with one thread per process, because its processes share the cores."""
    return subprocess.Popen(
        [find_pipetask(), *command[1:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"},
    )
