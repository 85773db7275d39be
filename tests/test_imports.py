"""What a process imports that runs one quantum: its own task and no other."""

import os
import pathlib
import subprocess
import sys

import pytest

import lsst.cp.sky

TASKS = {
    "combine": "CpSkyCombineTask",
    "image": "CpSkyImageTask",
    "scale": "CpSkyScaleMeasureTask",
    "subtract": "CpSkySubtractBackgroundTask",
}


def modules_after(*statements):
    """Names of the modules that a new process has after it has run some statements."""
    source = pathlib.Path(lsst.cp.sky.__file__).parents[3]
    path = os.pathsep.join([str(source), os.environ.get("PYTHONPATH", "")])
    code = "; ".join([*statements, "import sys", "print(' '.join(sys.modules))"])
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


def tasks_among(modules):
    return {name.rpartition(".")[2] for name in modules if name.startswith("lsst.cp.sky.")} & set(TASKS)


def test_importing_the_package_imports_no_task():
    assert not tasks_among(modules_after("import lsst.cp.sky"))


@pytest.mark.parametrize("module", TASKS)
def test_a_task_imports_no_other(module):
    task = f"lsst.cp.sky.{TASKS[module]}"
    assert tasks_among(modules_after("from lsst.utils import doImport", f"doImport('{task}')")) == {module}


def test_every_name_is_there():
    for name in lsst.cp.sky.__all__:
        assert getattr(lsst.cp.sky, name).__name__ == name
        assert name in dir(lsst.cp.sky)
    for module in (*TASKS, "errors"):
        assert getattr(lsst.cp.sky, module).__name__ == f"lsst.cp.sky.{module}"
    with pytest.raises(AttributeError, match="CpSkyNothing"):
        _ = lsst.cp.sky.CpSkyNothing
