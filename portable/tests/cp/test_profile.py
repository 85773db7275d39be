"""The profile of the tasks still finds the functions that it adds up, wherever they are."""

import importlib
import logging
import pathlib
import sys

import pytest

FOLDER = pathlib.Path(__file__).parents[3] / "benchmarks"


@pytest.fixture
def profile_mask(monkeypatch):
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield importlib.import_module("profile_mask")
    logging.disable(logging.NOTSET)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(FOLDER)):
            del sys.modules[name]


def test_functions_are_found(profile_mask):
    found = profile_mask.main(["--width", "300", "--height", "260", "--stars", "20", "--repeat", "1"])
    # Functions that are renamed would be missed; of models only those of large images are summed by chunks.
    missed = {what for what, share in found["CpSkyImageTask.run"].items() if share <= 0}
    assert missed == {"statistics of models"}
