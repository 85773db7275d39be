"""The portable stack never hides a compiled one."""

import ast
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

import lsst.portable

PORTABLE = pathlib.Path(lsst.portable.__file__).parents[2]
SOURCE = pathlib.Path(__file__).resolve().parents[2] / "python"
NAMESPACE = "import pkgutil\n__path__ = pkgutil.extend_path(__path__, __name__)\n"


def fake_stack(root: pathlib.Path, *packages: str) -> pathlib.Path:
    """Make packages that look like those of a compiled stack."""
    for package in packages:
        parts = package.split(".")
        for i in range(1, len(parts)):
            directory = root.joinpath(*parts[:i])
            directory.mkdir(parents=True, exist_ok=True)
            (directory / "__init__.py").write_text(NAMESPACE)
        directory = root.joinpath(*parts)
        directory.mkdir()
        (directory / "__init__.py").write_text("compiled = True\n")
    return root


def run(code: str, *path: pathlib.Path) -> subprocess.CompletedProcess:
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(map(str, path)))
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("package", ["lsst.geom", "lsst.pex.exceptions", "lsst.daf.base", "lsst.afw.table"])
def test_compiled_stack_second(tmp_path, package):
    fake = fake_stack(tmp_path / "stack", package)
    result = run(f"import {package}", PORTABLE, fake)
    assert result.returncode != 0
    message = result.stderr.splitlines()[-1]
    assert message.startswith(f"ImportError: {package} is offered twice")
    assert str(fake.joinpath(*package.split("."))) in message
    assert str(PORTABLE.joinpath(*package.split("."))) in message
    assert "PYTHONPATH" in message


@pytest.mark.parametrize("package", ["lsst.geom", "lsst.pex.exceptions", "lsst.daf.base", "lsst.afw.table"])
def test_compiled_stack_first(tmp_path, package):
    fake = fake_stack(tmp_path / "stack", package)
    result = run(f"import {package}; print({package}.compiled)", fake, PORTABLE)
    assert (result.returncode, result.stdout) == (0, "True\n"), result.stderr


def test_other_packages_beside_it(tmp_path):
    fake = fake_stack(tmp_path / "stack", "lsst.afw.detection.other", "lsst.display")
    result = run("import lsst.geom, lsst.afw.table, lsst.display", PORTABLE, fake)
    assert result.returncode == 0, result.stderr


def test_two_copies_of_the_portable_stack(tmp_path):
    copy = tmp_path / "copy"
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("portable", "pex", "geom"):
        shutil.copytree(PORTABLE / "lsst" / name, copy / "lsst" / name, ignore=ignore)
    shutil.copy(PORTABLE / "lsst" / "__init__.py", copy / "lsst")
    for path in ((PORTABLE, copy), (copy, PORTABLE)):
        result = run("import lsst.geom; print(lsst.geom.__file__)", *path)
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith(str(path[0]))


def test_version():
    assert lsst.portable.__version__ == (pathlib.Path(__file__).parents[2] / "VERSION").read_text().strip()


def leaf_packages() -> list[str]:
    """Packages that are not shared with other distributions, outermost only."""
    found = []
    for init in sorted((SOURCE / "lsst").rglob("__init__.py")):
        parents = list(init.parent.parents)[: len(init.parent.relative_to(SOURCE).parts) - 1]
        shared = [(folder / "__init__.py").read_text() for folder in (init.parent, *parents)]
        if "extend_path" not in shared[0] and all("extend_path" in text for text in shared[1:]):
            found.append(".".join(init.parent.relative_to(SOURCE).parts))
    found.remove("lsst.portable")  # the guard itself: other stacks have no such package
    return found


def test_leaf_packages_are_found():
    assert {"lsst.geom", "lsst.daf.base", "lsst.afw.image", "lsst.cp.pipe"} <= set(leaf_packages())


@pytest.mark.parametrize("package", leaf_packages())
def test_every_package_is_guarded_before_it_imports_anything(package):
    tree = ast.parse(SOURCE.joinpath(*package.split("."), "__init__.py").read_text())
    lines = [ast.unparse(node) for node in tree.body]
    guard = lines.index("require_alone(__name__)")
    before = [line for line in lines[1:guard] if not line.startswith("from typing import ")]
    assert before in (
        ["from lsst.portable import require_alone"],
        ["from lsst.portable import lazy_names, require_alone"],
    )
