"""Every component of the exposures of the stack through a real butler."""

import pickle

import planes
import pytest

import lsst.afw.detection
import lsst.afw.geom
from lsst.afw.fits import FitsError
from lsst.afw.image import ExposureF, ExposureFitsReader
from lsst.daf.butler import Config, StorageClassFactory
from lsst.daf.butler.tests import addDatasetType, makeTestCollection, makeTestRepo

DATASTORE = {"datastore": {"cls": "lsst.daf.butler.datastores.fileDatastore.FileDatastore"}}
DATA_ID = {"instrument": "Cam", "detector": 4}
STORAGE_CLASSES = ("Exposure", "ExposureF")


def component_names():
    factory = StorageClassFactory()  # one for the whole process
    factory.addFromConfig("resource://lsst.daf.butler/configs/storageClasses.yaml")
    return sorted(factory.getStorageClass("ExposureF").allComponents())


@pytest.fixture(scope="module")
def butler(tmp_path_factory, real_dir):
    root = tmp_path_factory.mktemp("butler") / "repo"
    repo = makeTestRepo(str(root), {"instrument": ["Cam"], "detector": [4]}, config=Config(DATASTORE))
    for name in STORAGE_CLASSES:
        addDatasetType(repo, "one" + name, {"instrument", "detector"}, name)
    butler = makeTestCollection(repo)
    with planes.restored():
        for name in STORAGE_CLASSES:
            butler.put(ExposureF.readFits(str(real_dir / "exposures/calexp.fits")), "one" + name, DATA_ID)
    yield butler
    repo.close()


@pytest.mark.parametrize("component", component_names())
@pytest.mark.parametrize("name", STORAGE_CLASSES)
def test_component(butler, name, component):
    expected = butler.get_dataset_type(f"one{name}").storageClass.allComponents()[component].pytype
    assert isinstance(butler.get(f"one{name}.{component}", DATA_ID), expected)


@pytest.mark.parametrize(
    ("component", "cls", "name"),
    [
        ("wcs", lsst.afw.geom.SkyWcs, "SkyWcs"),
        ("psf", lsst.afw.detection.Psf, "GaussianPsf"),
    ],
)
def test_kept_components(butler, tmp_path, component, cls, name):
    kept = butler.get(f"oneExposureF.{component}", DATA_ID)
    whole = butler.get("oneExposureF", DATA_ID)
    assert kept.name == name
    assert kept == butler.get(f"oneExposure.{component}", DATA_ID)
    assert kept == getattr(whole.info, "get" + component[0].upper() + component[1:])()
    assert hash(kept) == hash(butler.get(f"oneExposure.{component}", DATA_ID))
    assert kept != 3
    copy = pickle.loads(pickle.dumps(kept))
    assert type(copy) is cls
    assert copy == kept
    kept.writeFits(str(tmp_path / "kept.fits"))
    assert cls.readFits(str(tmp_path / "kept.fits")) == kept
    assert "kept as read" in repr(kept)
    with pytest.raises(NotImplementedError, match=f"lsst.afw.*{cls.__name__} is not part of the portable"):
        cls()


def test_kept_as_something_else(real_dir, tmp_path):
    with ExposureFitsReader(str(real_dir / "exposures/calexp.fits")) as reader:
        wcs = reader.readWcs()
    wcs.writeFits(str(tmp_path / "wcs.fits"))
    with pytest.raises(FitsError, match="holds SkyWcs, not a Polygon"):
        lsst.afw.geom.Polygon.readFits(str(tmp_path / "wcs.fits"))


def test_import_paths():
    from lsst.afw.geom.polygon import Polygon
    from lsst.afw.geom.skyWcs import SkyWcs

    assert (Polygon, SkyWcs) == (lsst.afw.geom.Polygon, lsst.afw.geom.SkyWcs)
