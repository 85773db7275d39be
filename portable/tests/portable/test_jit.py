"""Machine code of compiled loops on disk: found by every process, right or not used, never in the way."""

import importlib
import linecache
import logging
import os
import pathlib
import subprocess
import sys
from typing import NamedTuple

import numba
import pytest
from numba.core.registry import cpu_target

import lsst.portable
from lsst.portable import compile as ahead
from lsst.portable import jit

_SOURCE = pathlib.Path(lsst.portable.__file__).parents[2]

#: A module of one loop that depends on a constant of another module and on a loop of a third.
MODULES = {
    "jit_kernels.py": """
from jit_constants import FACTOR
from jit_helpers import add
from lsst.portable.jit import njit

@njit("float64(float64)", cache=True, nogil=True)
def work(x):
    return add(x * FACTOR)
""",
    "jit_constants.py": "FACTOR = 2.0\n",
    "jit_helpers.py": """
from lsst.portable.jit import njit

@njit(nogil=True)
def add(x):
    return x + 1.0
""",
}

USE = "import sys, jit_kernels; print(jit_kernels.work(3.0), 'scipy.linalg' in sys.modules)"


class Used(NamedTuple):
    """What came of importing the modules anew."""

    result: float
    compiled: bool
    place: str | None


class Installation:
    """A copy of `MODULES`, in a folder of its own."""

    def __init__(self, folder, monkeypatch):
        self.modules, self.home, self.chosen = folder / "modules", folder / "home", folder / "chosen"
        self.modules.mkdir()
        for name, text in MODULES.items():
            (self.modules / name).write_text(text)
        self._patch = monkeypatch
        monkeypatch.syspath_prepend(str(self.modules))
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        monkeypatch.setenv("XDG_CACHE_HOME", str(self.home))
        self.choose(str(self.chosen))

    def choose(self, folder):
        """Set NUMBA_CACHE_DIR."""
        self._patch.setattr(numba.config, "CACHE_DIR", folder)

    def use(self):
        """Import the modules as a new process does."""
        self.forget()
        work = importlib.import_module("jit_kernels").work
        compiled = bool(getattr(work, "stats", None) and work.stats.cache_misses)
        return Used(work(3.0), compiled, jit.PLACES.get("jit_kernels.work"))

    @staticmethod
    def forget():
        """Remove all traces of the modules from this process."""
        for name in MODULES:
            sys.modules.pop(name.removesuffix(".py"), None)
        jit.PLACES.pop("jit_kernels.work", None)
        linecache.clearcache()
        importlib.invalidate_caches()

    def start(self):
        """Use the modules in a process of their own."""
        path = [str(self.modules), str(_SOURCE), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "NUMBA_CACHE_DIR": str(self.chosen)}
        return subprocess.Popen(
            [sys.executable, "-c", USE], env=environment, text=True, stdout=subprocess.PIPE
        )

    def change(self, name, old, new):
        """Change a module and leave its size and time stamp as they were."""
        path = self.modules / name
        before = path.stat()
        text = path.read_text()
        assert old in text
        assert len(old) == len(new)
        path.write_text(text.replace(old, new))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def kept(self):
        return list(self.modules.parent.rglob("*.nbc"))


def forbid(folder):
    """Put a file where a folder should be, which stops even those whom permissions do not."""
    folder.write_text("")


@pytest.fixture
def installation(tmp_path, monkeypatch):
    installation = Installation(tmp_path, monkeypatch)
    yield installation
    installation.forget()


def test_first_process_compiles_and_others_load(installation):
    place = str(installation.chosen)
    assert installation.use() == (7.0, True, place)
    assert installation.use() == (7.0, False, place)
    assert len(installation.kept()) == 1


def test_kept_beside_the_module_unless_told_otherwise(installation):
    installation.choose("")
    place = str(installation.modules / "__pycache__")
    assert installation.use() == (7.0, True, place)
    assert installation.use() == (7.0, False, place)


def test_kept_in_the_cache_of_the_user_where_the_module_cannot_be_written(installation, caplog):
    installation.choose("")
    forbid(installation.modules / "__pycache__")
    assert installation.use()[:2] == (7.0, True)
    again = installation.use()
    assert not again.compiled
    assert pathlib.Path(again.place).is_relative_to(installation.home)
    assert not caplog.records


def test_no_place_that_can_be_written_is_told_once_and_does_no_harm(installation, caplog, monkeypatch):
    monkeypatch.setattr(jit.MachineCode, "_warned", False)
    installation.choose("")
    forbid(installation.modules / "__pycache__")
    forbid(installation.home)
    with caplog.at_level(logging.WARNING):
        assert installation.use() == (7.0, True, None)
        assert installation.use() == (7.0, True, None)
    (message,) = caplog.messages
    assert "NUMBA_CACHE_DIR" in message
    assert str(installation.home) in message


def test_machine_code_where_nobody_can_write_is_found(installation):
    """As in a container image: what is compiled when it is made serves everyone."""
    installation.choose("")
    place = installation.modules / "__pycache__"
    assert installation.use().compiled
    forbid(installation.home)
    place.chmod(0o555)
    try:
        assert installation.use() == (7.0, False, str(place))
    finally:
        place.chmod(0o755)


@pytest.mark.parametrize("damage", ["empty", "short", "wrong byte"])
def test_a_damaged_file_is_replaced(installation, damage):
    installation.use()
    (path,) = installation.kept()
    data = bytearray(path.read_bytes())
    if damage == "wrong byte":
        data[len(data) // 2] ^= 1
    path.write_bytes(data[: {"empty": 0, "short": 1000}.get(damage, len(data))])
    assert installation.use()[:2] == (7.0, True)
    assert installation.use()[:2] == (7.0, False)


@pytest.mark.parametrize(
    ("module", "old", "new", "result"),
    [
        ("jit_kernels.py", "add(x * FACTOR)", "add(x / FACTOR)", 2.5),
        ("jit_constants.py", "2.0", "4.0", 13.0),
        ("jit_helpers.py", "x + 1.0", "x - 1.0", 5.0),
    ],
)
def test_a_change_is_seen_and_the_older_version_keeps_its_own(installation, module, old, new, result):
    assert installation.use()[:2] == (7.0, True)
    installation.change(module, old, new)
    assert installation.use()[:2] == (result, True)
    assert installation.use()[:2] == (result, False)
    installation.change(module, new, old)
    assert installation.use()[:2] == (7.0, False)


def test_a_symbol_that_is_missing_makes_numba_import_all_it_has(installation, monkeypatch):
    """Where the machine code would end the process if it were run."""
    installation.use()
    refreshed = []
    monkeypatch.setattr(jit.llvmlite.binding, "address_of_symbol", lambda name: None)
    monkeypatch.setattr(cpu_target.target_context, "refresh", lambda: refreshed.append(True))
    assert installation.use()[:2] == (7.0, False)
    assert refreshed


def test_processes_that_start_at_once_do_not_disturb_each_other(installation):
    processes = [installation.start() for _ in range(4)]
    assert [process.communicate(timeout=120)[0].split()[0] for process in processes] == ["7.0"] * 4
    assert len(list(installation.chosen.iterdir())) == 1
    assert installation.use()[:2] == (7.0, False)


def test_who_only_loads_imports_nothing_for_compiling(installation):
    installation.use()
    assert installation.start().communicate(timeout=120)[0].split() == ["7.0", "False"]


def test_nothing_is_compiled_without_the_jit(installation, monkeypatch):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    assert installation.use() == (7.0, False, None)
    assert installation.kept() == []


def test_compiling_ahead_knows_all_loops():
    folder = pathlib.Path(lsst.portable.__file__).parents[1]
    found = {
        "lsst." + ".".join(path.relative_to(folder).with_suffix("").parts)
        for path in folder.rglob("*.py")
        if "\nfrom lsst.portable.jit import njit\n" in path.read_text() and "cache=True" in path.read_text()
    }
    assert found == set(ahead.KERNELS)


def test_only_one_module_takes_njit_from_numba():
    folder = pathlib.Path(lsst.portable.__file__).parents[1]
    users = [path for path in folder.rglob("*.py") if "import numba" in path.read_text()]
    users += [path for path in folder.rglob("*.py") if "from numba import" in path.read_text()]
    assert users == [pathlib.Path(jit.__file__)]


def test_compiling_ahead_tells_where_the_machine_code_is(capsys, monkeypatch):
    monkeypatch.setattr(ahead, "KERNELS", ("lsst.afw.detection._kernels",))
    name = "lsst.afw.detection._kernels.grow_rows"
    monkeypatch.setattr(ahead, "PLACES", {name: "/somewhere"})
    assert ahead.main() == 0
    assert capsys.readouterr().out == f"{name}: /somewhere\n"
    monkeypatch.setattr(ahead, "PLACES", {name: None})
    assert ahead.main() == 1
    assert capsys.readouterr().out == f"{name}: cannot be kept\n"


def test_a_result_that_cannot_be_packed_is_used_all_the_same(monkeypatch, caplog):
    def fail(result):
        raise ValueError("no")

    monkeypatch.setattr(jit, "_pack", fail)
    monkeypatch.setattr(jit.MachineCode, "_warned", False)
    with caplog.at_level(logging.WARNING):
        double = jit.njit("float64(float64)", cache=True)(_double)
    assert double(4.0) == 8.0
    assert len(caplog.records) == 1


def _double(x):
    return 2.0 * x
