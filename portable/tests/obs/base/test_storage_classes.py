"""The other storage classes of the sky pipeline through a butler with its default configuration."""

import numpy as np
import pytest

from lsst.daf.base import PropertyList
from lsst.daf.butler import Butler, Config
from lsst.daf.butler.tests import addDatasetType, makeTestCollection, makeTestRepo

DATASTORE = {"datastore": {"cls": "lsst.daf.butler.datastores.fileDatastore.FileDatastore"}}
DATA_ID = {"instrument": "Cam", "detector": 4}


@pytest.fixture
def butler(tmp_path):
    repo = makeTestRepo(
        str(tmp_path / "repo"), {"instrument": ["Cam"], "detector": [4]}, config=Config(DATASTORE)
    )
    for name in ("Background", "FocalPlaneBackground", "PropertyList", "Camera"):
        addDatasetType(repo, "one" + name, {"instrument", "detector"}, name)
    yield makeTestCollection(repo)
    repo.close()


@pytest.mark.parametrize("name", ["background_one", "background_two"])
def test_background(butler, golden_dir, name):
    from lsst.afw.math import BackgroundList

    background = BackgroundList.readFits(str(golden_dir / f"files/{name}.fits"))
    butler.put(background, "oneBackground", DATA_ID)
    back = butler.get("oneBackground", DATA_ID)
    assert len(back) == len(background)
    np.testing.assert_array_equal(back.getImage().array, background.getImage().array)


def test_property_list(butler):
    scale = PropertyList()
    scale.set("scale", 812.25, "median level")
    scale.set("detectorType", "E2V")
    butler.put(scale, "onePropertyList", DATA_ID)
    back = butler.get("onePropertyList", DATA_ID)
    assert back == scale
    assert back.getComment("scale") == "median level"


def test_repository_of_the_stack(golden_dir, tmp_path):
    """Every dataset that the compiled stack put into its repository can be read."""
    import shutil

    shutil.copytree(golden_dir / "repo", tmp_path / "repo")
    collections = ["stack/cpSky", "GoldCam/raw", "GoldCam/calib"]
    butler = Butler.from_config(str(tmp_path / "repo"), collections=collections)
    for name, kind in {
        "cpSkyDetectorBackground": "FocalPlaneBackground",
        "cpSkyExpBackground": "FocalPlaneBackground",
        "cpSkyExpScale": "PropertyList",
        "cpSkyExpResidualBackground": "BackgroundList",
        "sky": "ExposureF",
    }.items():
        refs = butler.query_datasets(name, find_first=False)
        assert refs
        assert type(butler.get(sorted(refs)[0])).__name__ == kind
    (ref, *_) = butler.query_datasets("camera", collections="GoldCam/*", find_first=False)
    assert butler.get(ref).getName()
    butler.close()
