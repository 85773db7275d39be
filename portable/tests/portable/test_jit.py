"""Machine code of compiled loops on disk: found by every process, never in the way."""

import importlib
import logging
import os
import pathlib
import subprocess
import sys

import numba
import pytest

import lsst.portable
from lsst.portable import jit
from lsst.portable.arrays import lanes
from lsst.portable.arrays.compiled import boxes

_PYTHON = pathlib.Path(lsst.portable.__file__).parents[2]

MODULE = """
from lsst.portable.jit import njit

@njit(nogil=True)
def add(x):
    return x + 1.0

@njit("float64(float64)", cache=True, nogil=True)
def work(x):
    return add(x * 2.0)
"""

USE = "import jit_loops; print(jit_loops.work(3.0), sum(jit_loops.work.stats.cache_misses.values()))"


class Installation:
    """A module with a compiled loop, in a folder of its own."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.cache = folder / "package", folder / "cache"
        self.folder.mkdir()
        (self.folder / "jit_loops.py").write_text(MODULE)
        self._patch = monkeypatch
        monkeypatch.syspath_prepend(str(self.folder))
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        self.choose(str(self.cache))

    def choose(self, folder):
        """Set NUMBA_CACHE_DIR."""
        self._patch.setattr(numba.config, "CACHE_DIR", folder)

    def use(self):
        """Import the module as a new process does; returns a result, and whether it was compiled."""
        sys.modules.pop("jit_loops", None)
        importlib.invalidate_caches()
        work = importlib.import_module("jit_loops").work
        return work(3.0), not work.stats.cache_hits

    def start(self):
        """Use the module in a process of its own."""
        path = os.pathsep.join([str(self.folder), str(_PYTHON), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": str(self.cache)}
        return subprocess.Popen(
            [sys.executable, "-c", USE], env=environment, text=True, stdout=subprocess.PIPE
        )


@pytest.fixture
def installation(tmp_path, monkeypatch):
    monkeypatch.setattr(jit, "_warned", False)
    yield Installation(tmp_path, monkeypatch)
    sys.modules.pop("jit_loops", None)


def test_first_process_compiles_and_others_load(installation, caplog):
    assert installation.use() == (7.0, True)
    assert installation.use() == (7.0, False)
    assert not caplog.records


def test_processes_that_start_at_once_do_not_disturb_each_other(installation):
    processes = [installation.start() for _ in range(4)]
    assert [process.communicate(timeout=120)[0].split()[0] for process in processes] == ["7.0"] * 4
    assert installation.start().communicate(timeout=120)[0].split() == ["7.0", "0"]


def test_no_place_that_can_be_written_is_told_once_and_does_no_harm(installation, caplog, monkeypatch):
    """Files where folders should be stop even those whom permissions do not."""
    installation.choose("")
    (installation.folder / "__pycache__").write_text("")
    installation.cache.write_text("")
    monkeypatch.setattr("numba.misc.appdirs.AppDirs.user_cache_dir", str(installation.cache / "numba"))
    with caplog.at_level(logging.WARNING):
        assert installation.use() == (7.0, True)
        assert installation.use() == (7.0, True)
    (message,) = caplog.messages
    assert "NUMBA_CACHE_DIR" in message


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize("size", [0, 100])
def test_a_damaged_file_is_told_and_does_no_harm(installation, caplog, suffix, size):
    installation.use()
    for path in installation.cache.rglob(f"*.{suffix}"):
        os.truncate(path, size)
    assert installation.use() == (7.0, True)
    (message,) = caplog.messages
    assert str(installation.folder / "jit_loops.py") in message


def test_a_function_that_cannot_be_compiled_is_an_error():
    with pytest.raises(numba.TypingError):
        jit.njit("float64(float64)", cache=True)(_wrong)


def _wrong(x):
    return x.nothing


def test_only_one_module_takes_njit_from_numba():
    users = [
        path
        for path in (_PYTHON / "lsst").rglob("*.py")
        if {"import numba", "from numba import njit"} & set(path.read_text().splitlines())
    ]
    assert users == [pathlib.Path(jit.__file__)]


@pytest.mark.parametrize(
    "path", sorted((_PYTHON / "lsst/portable/arrays/compiled").glob("[!_]*.py")), ids=lambda path: path.stem
)
def test_loops_take_nothing_from_other_files(path):
    """numba looks at the file of a loop alone to see whether its machine code is out of date."""
    imports = [line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))]
    assert set(imports) <= {"import math", "import numpy as np", "from lsst.portable.jit import njit"}


def test_loops_and_their_twins_sum_in_the_same_order():
    assert (boxes.CHUNK, boxes.LANES) == (lanes.CHUNK, lanes.LANES)
