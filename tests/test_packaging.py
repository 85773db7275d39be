"""What the two distributions say of themselves is true."""

import importlib.metadata
import importlib.resources
import os
import pathlib
import re
import subprocess
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = {"lsst-cp-sky": REPOSITORY, "lsst-portable": REPOSITORY / "portable"}


def project(name):
    return tomllib.loads((FOLDERS[name] / "pyproject.toml").read_text())


def requirements(name):
    return {one.name: one for one in map(Requirement, project(name)["project"]["dependencies"])}


def packages(name):
    """Packages of a distribution that it shares with no other, the outermost of each."""
    source = FOLDERS[name] / "python"
    own = [init.parent for init in source.rglob("__init__.py") if "extend_path" not in init.read_text()]
    return sorted(
        ".".join(folder.relative_to(source).parts) for folder in own if not set(folder.parents) & set(own)
    )


@pytest.mark.parametrize("name", FOLDERS)
def test_one_version(name):
    assert importlib.metadata.version(name) == (REPOSITORY / "portable/VERSION").read_text().strip()


@pytest.mark.parametrize("name", FOLDERS)
def test_type_checkers_are_told_of_the_hints(name):
    found = packages(name)
    assert found
    assert not [
        package for package in found if not (importlib.resources.files(package) / "py.typed").is_file()
    ]


@pytest.mark.parametrize("name", FOLDERS)
def test_globs_of_data_match(name):
    source = FOLDERS[name] / "python"
    globs = project(name)["tool"]["setuptools"]["package-data"]
    unmatched = [
        (package, pattern)
        for package, patterns in globs.items()
        for pattern in patterns
        if not list(
            source.glob(f"**/{pattern}" if package == "*" else f"{package.replace('.', '/')}/{pattern}")
        )
    ]
    assert unmatched == []


@pytest.mark.parametrize("name", FOLDERS)
def test_extras_have_code(name):
    # An extra whose libraries nothing imports promises what is not there.
    folder = FOLDERS[name] / "python"
    source = "\n".join(path.read_text() for path in folder.rglob("*.py"))
    named = "\n".join(path.read_text() for path in folder.rglob("bps/*.yaml"))  # by those that read the file
    if (FOLDERS[name] / "doc/conf.py").exists():
        named += (FOLDERS[name] / "doc/conf.py").read_text().replace("_", ".")
    extras = project(name)["project"]["optional-dependencies"]
    wanted = [Requirement(one) for extra, those in extras.items() if extra != "test" for one in those]
    unused = [
        one.name
        for one in wanted
        if not re.search(rf"^\s*(from|import) {one.name.replace('-', '.')}\b", source, re.MULTILINE)
        and not re.search(rf"\b{re.escape(one.name.replace('-', '.'))}\b", named)
    ]
    assert unused == []


def lowest(requirement):
    """The oldest version that a requirement allows."""
    (version,) = [bound.version for bound in requirement.specifier if bound.operator == ">="]
    return Version(version)


def test_the_oldest_versions_are_those_that_are_allowed():
    lines = (REPOSITORY / ".ci/oldest.txt").read_text().splitlines()
    pins = {one.name: one for one in map(Requirement, (line for line in lines if not line.startswith("#")))}
    assert pins.keys() == requirements("lsst-cp-sky").keys() | requirements("lsst-portable").keys()
    for name in FOLDERS:
        for wanted in requirements(name).values():
            (pin,) = pins[wanted.name].specifier
            assert Version(pin.version) == lowest(wanted), f"{name}: {wanted}, but {pins[wanted.name]}"


@pytest.mark.slow
def test_suite_with_the_oldest_versions():
    environment = {**os.environ, "PIP_CONSTRAINT": str(REPOSITORY / ".ci/oldest.txt")}
    done = subprocess.run(
        ["bash", str(REPOSITORY / ".ci/run"), "tests"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
