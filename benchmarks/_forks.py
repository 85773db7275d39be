# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a quantum graph in forked processes, and say what each quantum costs.

A process runs some quanta of a task, one after the other, as jobs of bps do, with the same quantum-backed
butler. It does not have to import anything: what is measured is what a quantum costs beyond the start of a
process.
"""

from __future__ import annotations

import gc
import importlib
import json
import logging
import multiprocessing
import pathlib
import time
import unittest.mock
import uuid
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple

from lsst.daf.butler import QuantumBackedButler
from lsst.pipe.base.pipeline_graph import TaskImportMode
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


_IMPORTS = (
    "lsst.cp.sky.files",
    "lsst.daf.butler.formatters.json",
    "lsst.daf.butler.formatters.logs",
    "lsst.daf.butler.formatters.parquet",
    "lsst.daf.butler.formatters.yaml",
    "lsst.obs.base.formatters.fitsExposure",
    "lsst.obs.base.formatters.fitsGeneric",
    "lsst.pipe.tasks.background",
    "scipy.ndimage",
)
"""What processes would import otherwise, each for itself."""


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


def _measure(graph: PredictedQuantumGraph, repository: pathlib.Path, id: uuid.UUID) -> Quantum:
    """Run a quantum in this process."""
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

    executor = SingleQuantumExecutor(limited_butler_factory=make_butler, clobber_outputs=True)
    gc.collect()
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak so far is another quantum's
    with unittest.mock.patch.object(node.task_class, "runQuantum", meter.task(node.task_class.runQuantum)):
        before = [_number("/proc/self/io", key) for key in ("rchar", "wchar")]
        start = time.process_time()
        executor.execute(node, quantum, id)
        total = time.process_time() - start
    peak = _number("/proc/self/status", "VmHWM") * 1024 / 1e6
    moved = [_number("/proc/self/io", key) - old for key, old in zip(("rchar", "wchar"), before, strict=True)]
    refs = [ref for some in quantum.inputs.values() for ref in some]
    exposures, detectors = (
        len({ref.dataId[dimension] for ref in refs if dimension in ref.dataId})
        for dimension in ("exposure", "detector")
    )
    times = total - meter.inside, meter.io, meter.inside - meter.io
    return Quantum(node.label, exposures, detectors, *times, peak, *(number / 1e6 for number in moved))


def _run_batch(path: pathlib.Path, repository: pathlib.Path, ids: list[uuid.UUID], end: Connection) -> None:
    """Run some quanta in this process, and send what each has cost."""
    logging.disable(logging.WARNING)
    graph = PredictedQuantumGraph.read_execution_quanta(path, quantum_ids=ids)
    end.send([(str(id), _measure(graph, repository, id)) for id in ids])
    end.close()


def run_graph(
    path: pathlib.Path, repository: pathlib.Path, log: pathlib.Path, jobs: int, batch: int = 20
) -> list[Quantum]:
    """Run a graph, task by task.

    Parameters
    ----------
    path : `pathlib.Path`
        File of the graph, whose output run has been initialized.
    repository : `pathlib.Path`
        The repository.
    log : `pathlib.Path`
        File that results are added to; quanta that it has are not run again.
    jobs : `int`
        Number of processes at a time.
    batch : `int`, optional
        Most quanta that a process runs.

    Returns
    -------
    quanta : `list` [`Quantum`]
        What each has cost.

    Raises
    ------
    RuntimeError
        Raised if a quantum fails.
    """
    for name in _IMPORTS:
        importlib.import_module(name)
    with PredictedQuantumGraph.open(path, import_mode=TaskImportMode.ASSUME_CONSISTENT_EDGES) as reader:
        reader.read_thin_graph()
    graph = reader.finish()
    lines = log.read_text().splitlines() if log.exists() else []
    found = {id: Quantum(*values) for id, values in map(json.loads, lines)}
    for label in graph.pipeline_graph.tasks:
        ids = [id for id in sorted(graph.quanta_by_task[label].values()) if str(id) not in found]
        size = max(1, min(batch, len(ids) // jobs))
        batches = [ids[start : start + size] for start in range(0, len(ids), size)]
        for results in _in_forks(path, repository, batches, jobs):
            with log.open("a") as file:
                file.writelines(f"{json.dumps(result)}\n" for result in results)
            found.update(results)
    return list(found.values())


def _in_forks(
    path: pathlib.Path, repository: pathlib.Path, batches: list[list[uuid.UUID]], jobs: int
) -> Iterator[list[tuple[str, Quantum]]]:
    """Run batches, so many at a time, each in a process of its own."""
    fork, waiting = multiprocessing.get_context("fork"), batches[::-1]
    running: dict[Any, Any] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            here, there = fork.Pipe(duplex=False)
            process = fork.Process(target=_run_batch, args=(path, repository, waiting.pop(), there))
            process.start()
            there.close()
            running[here] = process
        for end in wait(list(running)):
            process = running.pop(end)
            try:
                yield end.recv()
            except EOFError:
                raise RuntimeError(f"A quantum of {path.name} has failed; see above.") from None
            process.join()
