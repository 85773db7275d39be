"""Fixtures shared by the tests of the portable stack."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "_support"))

import golden
import planes


@pytest.fixture(scope="session")
def golden_dir() -> golden.GoldenFolder:
    """Folder of files that the compiled stack wrote."""
    return golden.GoldenFolder()


@pytest.fixture(scope="session")
def real_dir() -> pathlib.Path:
    """Folder of real files of observatories and the compiled stack, which may not be copied here."""
    path = golden.shared_dir() / "real"
    if not path.is_dir():
        pytest.skip("real files are not beside this checkout (../shared/real)")
    return path


@pytest.fixture(autouse=True)
def default_mask_planes():
    """Take away the mask planes that a test has added."""
    with planes.restored():
        yield
