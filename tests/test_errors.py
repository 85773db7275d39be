import json
import pickle

import pytest

import lsst.cp.sky
from lsst.cp.sky import CpSkyError, MissingScaleError
from lsst.pipe.base import AlgorithmError

CLASSES = [getattr(lsst.cp.sky, name) for name in lsst.cp.sky.__all__ if name.endswith("Error")]


def test_all_classes_are_handed_on():
    assert {cls.__name__ for cls in CLASSES} == set(lsst.cp.sky.errors.__all__)


@pytest.mark.parametrize("cls", CLASSES)
def test_is_an_algorithm_error_that_says_when_it_is_raised(cls):
    assert issubclass(cls, CpSkyError)
    assert issubclass(cls, AlgorithmError)
    assert cls.__doc__.startswith(("Raised when", "Base of"))


def test_metadata_is_fit_for_json_and_a_copy():
    error = MissingScaleError("no scale", exposure=5, detectorName="D0", dims={"x": 1.5})
    assert json.loads(json.dumps(error.metadata)) == {"exposure": 5, "detectorName": "D0", "dims": {"x": 1.5}}
    error.metadata.clear()
    assert error.metadata


def test_crosses_process_boundaries_whole():
    error = pickle.loads(pickle.dumps(MissingScaleError("no scale", exposure=5)))
    assert type(error) is MissingScaleError
    assert str(error) == "no scale"
    assert error.metadata == {"exposure": 5}
