"""Fixtures shared by the tests of the plugin."""

import pathlib
import sys

import pytest

# The reference numbers are read by the tests of both trees; one module knows where they are.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "portable" / "tests" / "_support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "_support"))

import golden
import skydata

from lsst.afw.image import MaskX


@pytest.fixture(scope="session")
def golden_dir() -> golden.GoldenFolder:
    """Folder of files that the compiled stack wrote."""
    return golden.GoldenFolder()


@pytest.fixture(scope="session")
def real_dir() -> pathlib.Path:
    """Folder of real files, which may not be copied into this repository."""
    path = golden.shared_dir() / "real"
    if not path.is_dir():
        pytest.skip("real files are not beside this checkout (../shared/real)")
    return path


@pytest.fixture(scope="session")
def camera(tmp_path_factory):
    """Mosaic of 2 x 2 detectors, two of each physical type."""
    return skydata.make_camera(tmp_path_factory.mktemp("camera"))


@pytest.fixture(autouse=True)
def default_mask_planes():
    """Take away the mask planes that a test has added."""
    before = set(MaskX().getMaskPlaneDict())
    yield
    for name in set(MaskX().getMaskPlaneDict()) - before:
        MaskX.removeMaskPlane(name)
