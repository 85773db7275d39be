# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a quantum graph in forked processes, and say what each quantum costs.

A quantum has a process to itself, as with ``pipetask run``, that does not have to import anything: what is
measured is what it costs beyond the start of a process. It uses the quantum-backed butler, as jobs of bps do.
"""

from __future__ import annotations

import logging
import multiprocessing
import pathlib
import time
import uuid
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple

from lsst.daf.butler import QuantumBackedButler
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph
from lsst.pipe.base.single_quantum_executor import SingleQuantumExecutor

__all__ = ("Quantum", "run_graph")


class Quantum(NamedTuple):
    """What a quantum has cost; times are processor times in seconds."""

    task: str
    exposures: int
    """Exposures among its inputs."""
    detectors: int
    """Detectors among its inputs."""
    around: float
    """Making butler and task, and recording metadata and log."""
    io: float
    """In get and put."""
    work: float
    """In the task, without get and put."""
    memory: float
    """Peak of the resident memory, MB."""
    read: float
    """MB that were read from files."""
    written: float
    """MB that were written to files."""


class _Meter:
    """Processor time in a task, and in get and put on behalf of it (s)."""

    def __init__(self) -> None:
        self.inside = 0.0
        self.io = 0.0
        self._depth = 0
        self._running = False

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a get or a put that is timed; calls among themselves count once."""

        def call(*args: Any, **kwargs: Any) -> Any:
            start, self._depth = time.process_time(), self._depth + 1
            try:
                return function(*args, **kwargs)
            finally:
                self._depth -= 1
                if self._running and not self._depth:
                    self.io += time.process_time() - start

        return call

    def task(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a `runQuantum` that is timed."""

        def call(*args: Any, **kwargs: Any) -> Any:
            start, self._running = time.process_time(), True
            try:
                return function(*args, **kwargs)
            finally:
                self._running = False
                self.inside += time.process_time() - start

        return call


def _number(path: str, key: str) -> int:
    """Return a number of a file of /proc."""
    lines = pathlib.Path(path).read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key))


def _measure(path: pathlib.Path, repository: pathlib.Path, id: uuid.UUID) -> Quantum:
    """Run a quantum in this process."""
    graph = PredictedQuantumGraph.read_execution_quanta(path, quantum_ids={id})
    quantum = graph.build_execution_quanta([id])[id]
    node = graph.quantum_only_xgraph.nodes[id]["pipeline_node"]
    types = {one.name: one.dataset_type for one in graph.pipeline_graph.dataset_types.values()}
    meter = _Meter()

    def make_butler(_: object) -> QuantumBackedButler:
        butler = QuantumBackedButler.initialize(
            str(repository), quantum, graph.pipeline_graph.universe, dataset_types=types
        )
        for name in ("get", "put"):
            setattr(butler, name, meter.timed(getattr(butler, name)))
        return butler

    node.task_class.runQuantum = meter.task(node.task_class.runQuantum)
    executor = SingleQuantumExecutor(limited_butler_factory=make_butler, assume_no_existing_outputs=True)
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak so far is another process's
    bytes_before = [_number("/proc/self/io", key) for key in ("rchar", "wchar")]
    start = time.process_time()
    executor.execute(node, quantum, id)
    total = time.process_time() - start
    peak = _number("/proc/self/status", "VmHWM") * 1024 / 1e6
    moved = [_number("/proc/self/io", key) for key in ("rchar", "wchar")]
    read, written = ((new - old) / 1e6 for new, old in zip(moved, bytes_before, strict=True))
    refs = [ref for some in quantum.inputs.values() for ref in some]
    return Quantum(
        node.label,
        len({ref.dataId["exposure"] for ref in refs if "exposure" in ref.dataId}),
        len({ref.dataId["detector"] for ref in refs if "detector" in ref.dataId}),
        total - meter.inside,
        meter.io,
        meter.inside - meter.io,
        peak,
        read,
        written,
    )


def _child(path: pathlib.Path, repository: pathlib.Path, id: uuid.UUID, end: Connection) -> None:
    logging.disable(logging.WARNING)
    end.send(_measure(path, repository, id))
    end.close()


def run_graph(path: pathlib.Path, repository: pathlib.Path, jobs: int) -> list[Quantum]:
    """Run a graph, task by task, so many quanta at a time.

    Parameters
    ----------
    path : `pathlib.Path`
        File of the graph, whose output run has been initialized.
    repository : `pathlib.Path`
        The repository.
    jobs : `int`
        Number of processes.

    Returns
    -------
    quanta : `list` [`Quantum`]
        What each has cost.

    Raises
    ------
    RuntimeError
        Raised if a quantum fails.
    """
    with PredictedQuantumGraph.open(path) as reader:
        reader.read_thin_graph()
    graph = reader.finish()
    fork, found = multiprocessing.get_context("fork"), []
    for label in graph.pipeline_graph.tasks:
        waiting = sorted(graph.quanta_by_task[label].values())
        running: dict[Connection, Any] = {}
        while waiting or running:
            while waiting and len(running) < jobs:
                here, there = fork.Pipe(duplex=False)
                process = fork.Process(target=_child, args=(path, repository, waiting.pop(), there))
                process.start()
                there.close()
                running[here] = process
            for end in wait(list(running)):
                process = running.pop(end)
                try:
                    found.append(end.recv())
                except EOFError:
                    raise RuntimeError(f"A quantum of {label} has failed; see above.") from None
                process.join()
    return found
