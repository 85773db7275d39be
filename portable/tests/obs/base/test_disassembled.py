"""Exposures that a butler stores in parts, by storage classes that name a type or only a template."""

import numpy as np
import pytest

from lsst.afw.image import ExposureF, FilterLabel
from lsst.daf.butler import Config
from lsst.daf.butler.tests import addDatasetType, makeTestCollection, makeTestRepo

DATA_ID = {"instrument": "Cam", "detector": 4}


@pytest.fixture
def repo(tmp_path):
    config = Config({"datastore": {"cls": "lsst.daf.butler.datastores.fileDatastore.FileDatastore"}})
    config["datastore", "composites"] = {"default": True}
    repo = makeTestRepo(str(tmp_path / "repo"), {"instrument": ["Cam"], "detector": [4]}, config=config)
    yield repo
    repo.close()


@pytest.mark.parametrize("name", ["Exposure", "ExposureF"])
def test_comes_back_whole(repo, name):
    addDatasetType(repo, "one", {"instrument", "detector"}, name)
    butler = makeTestCollection(repo)
    exposure = ExposureF(4, 3)
    exposure.image.array[:] = np.arange(12).reshape(3, 4)
    exposure.mask.array[1, 2] = exposure.mask.getPlaneBitMask("SAT")
    exposure.setFilter(FilterLabel(band="r", physical="r_03"))
    exposure.metadata["SHUTTER"] = "slow"
    butler.put(exposure, "one", DATA_ID)
    assert type(butler.get("one.image", DATA_ID)).__name__ == "ImageF"
    back = butler.get("one", DATA_ID)
    assert type(back) is ExposureF
    np.testing.assert_array_equal(back.image.array, exposure.image.array)
    np.testing.assert_array_equal(back.mask.array, exposure.mask.array)
    assert back.getFilter() == exposure.getFilter()
    assert back.metadata["SHUTTER"] == "slow"
